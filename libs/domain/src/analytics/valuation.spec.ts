import fc from 'fast-check';
import { price, shares, usdc, YES } from '../../test/paper-account';
import { microPrice, microShares, microUsdc } from '../money';
import type { Position } from '../trading/portfolio';
import { percentOf, type TokenQuote, valuePortfolio } from './valuation';

const AT = new Date('2026-11-22T10:00:00Z');
const held = (overrides: Partial<Position> = {}): Position => ({
  ...YES,
  portfolioId: 'p',
  userId: 'u',
  run: 1,
  marketQuestion: 'Will it rain?',
  quantity: shares('100'),
  reserved: shares('0'),
  cost: usdc('40'),
  realised: usdc('0'),
  fees: usdc('0'),
  status: 'open',
  settledVersion: null,
  openedAt: AT,
  updatedAt: AT,
  ...overrides,
});
const quote = (at: string | null, liquidation: string | null = null): TokenQuote => ({
  mark: at === null ? null : { price: price(at), source: 'book', at: AT },
  unpricedBecause: at === null ? 'Nobody quotes it.' : null,
  liquidation:
    liquidation === null
      ? null
      : { value: usdc(liquidation), fee: usdc('0'), sold: shares('100'), unsold: shares('0') },
});
const money = {
  cash: usdc('900'),
  reserved: usdc('60'),
  owed: usdc('0'),
  realised: usdc('3'),
  fees: usdc('1'),
  run: 1,
};

describe('the value of a portfolio', () => {
  it('is cash, reserved cash and shares at their marks, rounded down', () => {
    // 33.333333 shares at 0.333333 are 11.1110998..., what cost 10.
    const third = held({ tokenId: 'B', quantity: shares('33.333333'), cost: usdc('10') });
    const closed = held({ tokenId: 'C', quantity: shares('0'), cost: usdc('0'), status: 'closed' });
    const valuation = valuePortfolio(
      money,
      [held(), third, closed],
      ({ tokenId }) => (tokenId === 'B' ? quote('0.333333', '10.9') : quote('0.45', '44')),
      AT,
    );
    expect(valuation).toMatchObject({
      positionsValue: usdc('45') + usdc('11.111099'),
      unrealised: usdc('5') + usdc('1.111099'),
      cost: usdc('50'),
      totalValue: usdc('960') + usdc('56.111099'),
      // 900 + 60 + 50 - 3 + 1
      netDeposits: usdc('1008'),
      // 3 - 1 + 6.111099
      totalPnl: usdc('8.111099'),
      equity: { value: usdc('1016.111099') },
      liquidationValue: usdc('54.9'),
      liquidationEquity: { value: usdc('1014.9') },
      unpriced: 0,
    });
    expect(valuation.positions[2]).toMatchObject({ value: 0n, unrealised: 0n, mark: null, unpricedBecause: null });
  });

  it('is less by what is owed', () => {
    const valuation = valuePortfolio({ ...money, owed: usdc('26.26') }, [], () => quote(null), AT);
    expect(valuation).toMatchObject({ totalValue: usdc('933.74'), equity: { value: usdc('933.74') } });
  });

  it('leaves out what has no price, at neither 0 nor its cost, and what no book would buy', () => {
    const valuation = valuePortfolio(money, [held()], () => quote(null), AT);
    expect(valuation).toMatchObject({
      unpriced: 1,
      unpricedCost: usdc('40'),
      totalValue: usdc('960'),
      totalPnl: usdc('2'),
      equity: {
        value: null,
        undefinedBecause: { code: 'unpriced', message: '1 open position has no price now.' },
      },
      liquidationEquity: { value: null, undefinedBecause: { code: 'no_book' } },
    });
    expect(valuation.positions[0]).toMatchObject({ value: null, unrealised: null });
  });

  it('adds up: total value = net deposits + P&L - cost of what has no price', () => {
    const amount = fc.bigInt({ min: 0n, max: 10n ** 12n });
    const position = fc.record({
      quantity: amount,
      cost: amount,
      mark: fc.option(fc.bigInt({ min: 0n, max: 1_000_000n })),
    });
    fc.assert(
      fc.property(
        fc.array(position, { maxLength: 8 }),
        fc.tuple(amount, amount, amount, amount, amount),
        (list, [cash, reserved, owed, realised, fees]) => {
          const positions = list.map(({ quantity, cost }, index) =>
            held({
              tokenId: String(index),
              quantity: microShares(quantity),
              cost: microUsdc(quantity === 0n ? 0n : cost),
            }),
          );
          const valuation = valuePortfolio(
            {
              cash: microUsdc(cash),
              reserved: microUsdc(reserved),
              owed: microUsdc(owed),
              realised: microUsdc(realised),
              fees: microUsdc(fees),
              run: 1,
            },
            positions,
            ({ tokenId }) => {
              const mark = list[Number(tokenId)]?.mark ?? null;
              return {
                mark: mark === null ? null : { price: microPrice(mark), source: 'book', at: AT },
                unpricedBecause: null,
                liquidation: null,
              };
            },
            AT,
          );
          const { totalValue, netDeposits, totalPnl, unpricedCost } = valuation;
          expect(totalValue).toBe(netDeposits + totalPnl - unpricedCost);
        },
      ),
    );
  });
});

describe('a part in percent', () => {
  it('is rounded to six decimals, halves away from zero', () => {
    expect(percentOf(usdc('60.2425'), usdc('10000'))).toBe(602_425n);
    expect(percentOf(usdc('1'), usdc('3'))).toBe(33_333_333n);
    expect(percentOf(usdc('2'), usdc('3'))).toBe(66_666_667n);
    expect(percentOf(usdc('-2'), usdc('3'))).toBe(-66_666_667n);
  });
});
