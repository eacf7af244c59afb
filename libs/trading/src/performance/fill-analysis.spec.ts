import {
  type ClosedLot,
  type FeeSchedule,
  microPrice,
  microShares,
  microUsdc,
  parseMicro,
  partsPerMillion,
  type Position,
  type ValuedPosition,
} from '@app/domain';
import type { FillOfRun } from '@app/persistence';
import { contributionsOf, forecastsOf, payoutsOf } from './fill-analysis';

const NOW = new Date('2026-02-07T09:30:00Z');

function micro(text: string): bigint {
  const parsed = parseMicro(text);
  if (!parsed.ok) throw new Error(`${text}: ${parsed.problem}`);
  return parsed.value;
}
const usdc = (text: string) => microUsdc(micro(text));
const price = (text: string) => microPrice(micro(text));
const shares = (text: string) => microShares(micro(text));

/** Names such as `rain yes`: the market, and one of its two outcomes. */
type TokenName = `${string} ${'yes' | 'no'}`;

function aPosition(tokenId: TokenName, quantity = '0'): Position {
  const [market = '', outcome] = tokenId.split(' ');
  return {
    marketId: market,
    conditionId: `condition of ${market}`,
    tokenId,
    outcome: outcome ?? '',
    outcomeIndex: outcome === 'yes' ? 0 : 1,
    portfolioId: 'portfolio',
    userId: 'user',
    run: 1,
    marketQuestion: 'Will it?',
    quantity: shares(quantity),
    reserved: shares('0'),
    cost: usdc('0'),
    realised: usdc('0'),
    fees: usdc('0'),
    status: 'settled',
    settledVersion: 1,
    openedAt: NOW,
    updatedAt: NOW,
  };
}

function aLot(tokenId: TokenName, end: ClosedLot['end'], quantity: string, proceeds: string): ClosedLot {
  return {
    tokenId,
    end,
    quantity: shares(quantity),
    cost: usdc('0'),
    proceeds: usdc(proceeds),
    fees: usdc('0'),
    pnl: usdc(proceeds),
    closedAt: NOW,
    heldMs: 0,
  };
}

function aFill(tokenId: TokenName, side: 'buy' | 'sell', of: string, more: Partial<FillOfRun> = {}): FillOfRun {
  const [quantity = '', at = ''] = of.split('@');
  return {
    marketId: tokenId.split(' ')[0] ?? '',
    tokenId,
    side,
    quantity: shares(quantity),
    price: price(at),
    value: microUsdc((shares(quantity) * price(at)) / 1_000_000n),
    fee: usdc('0'),
    liquidity: 'taker',
    midpointAtFill: null,
    arrivalMidpoint: null,
    grade: 'A',
    feeSchedule: null,
    at: NOW,
    ...more,
  };
}

const valued = (position: Position, mark: string | null): ValuedPosition => ({
  position,
  mark: mark === null ? null : { price: price(mark), source: 'book', at: NOW },
  unpricedBecause: null,
  liquidation: null,
  value: null,
  unrealised: null,
});

describe('what markets paid', () => {
  it('is known of both outcomes once shares of one were paid', () => {
    const positions = [aPosition('rain yes'), aPosition('rain no'), aPosition('snow no')];
    const lots = [
      aLot('rain yes', 'settlement', '10', '10'),
      aLot('rain no', 'sell', '5', '2'),
      aLot('snow no', 'settlement', '4', '0'),
    ];
    expect(payoutsOf(positions, lots)).toEqual(
      new Map([
        ['rain yes', price('1')],
        ['rain no', price('0')],
        ['snow no', price('0')],
      ]),
    );
  });

  it('is a half where an odd micro-unit went to one of the outcomes', () => {
    const positions = [aPosition('rain yes'), aPosition('rain no')];
    const lots = [
      aLot('rain yes', 'settlement', '3.000001', '1.5'),
      aLot('rain no', 'settlement', '3.000001', '1.500001'),
    ];
    expect([...payoutsOf(positions, lots).values()]).toEqual([price('0.5'), price('0.5')]);
  });

  it('is not known of a market in which nothing was held to the end', () => {
    const lots = [aLot('rain yes', 'sell', '10', '10'), aLot('rain yes', 'merge', '1', '0.5')];
    expect(payoutsOf([aPosition('rain yes')], lots).size).toBe(0);
  });
});

describe('forecasts', () => {
  it('are the prices of what was bought in markets that have paid, by shares', () => {
    const payouts = new Map([
      ['rain yes', price('1')],
      ['rain no', price('0')],
    ]);
    const quality = forecastsOf(
      [
        aFill('rain yes', 'buy', '10@0.6', { midpointAtFill: price('0.59') }),
        aFill('rain no', 'buy', '20@0.3'),
        aFill('rain yes', 'sell', '5@0.9'),
        aFill('snow yes', 'buy', '100@0.5'),
      ],
      payouts,
    );
    expect(quality).toMatchObject({ basis: 'prices_paid', count: 2 });
    // (10 x (1 - 0.6)^2 + 20 x (0 - 0.3)^2) / 30
    expect(quality.brier.value).toBeCloseTo((1.6 + 1.8) / 30, 12);
    // Over the one fill that had a midpoint: 1 - (1 - 0.6)^2 / (1 - 0.59)^2.
    expect(quality.skillVsMarket.value).toBeCloseTo(1 - 0.16 / 0.1681, 12);
    expect(quality.calibration.value?.bins.map(({ count, observedRate }) => [count, observedRate])).toEqual([
      [1, 0],
      [1, 1],
    ]);
  });

  it('are none while nothing has paid', () => {
    const quality = forecastsOf([aFill('rain yes', 'buy', '10@0.6')], new Map());
    expect(quality).toMatchObject({ count: 0, brier: { value: null, undefinedBecause: { code: 'nothing_resolved' } } });
  });
});

describe('what fills added', () => {
  const curve: FeeSchedule = {
    type: null,
    rate: partsPerMillion(50_000n),
    exponent: 1,
    takerOnly: true,
    rebateRate: partsPerMillion(250_000n),
  };

  it('is told by evidence grade and category: held at the mark, paid at the payout, gone at the last price', () => {
    const fills = [
      aFill('rain yes', 'buy', '100@0.4', { fee: usdc('1.2'), feeSchedule: curve }),
      aFill('rain yes', 'buy', '50@0.5', { grade: 'B', liquidity: 'maker', feeSchedule: curve }),
      aFill('snow no', 'buy', '10@0.3', { grade: 'C', liquidity: 'maker' }),
      aFill('wind yes', 'buy', '10@0.2'),
      aFill('wind yes', 'sell', '10@0.25'),
    ];
    const positions = [
      valued(aPosition('rain yes', '150'), '0.6'),
      valued(aPosition('snow no'), null),
      valued(aPosition('wind yes'), null),
    ];
    const payouts = new Map([['snow no', price('1')]]);
    const { byEvidenceGrade, byCategory } = contributionsOf(fills, positions, payouts, (market) =>
      market === 'rain' ? 'weather' : 'other',
    );
    expect(byEvidenceGrade).toEqual([
      // 100 x (0.6 - 0.4) + 10 x (0.25 - 0.2)
      group('A', 3, '44.5', '20.5', '1.2', '0'),
      // 50 x (0.6 - 0.5); of the fee a taker pays, 50 x 0.05 x 0.5 x 0.5 = 0.625, a quarter.
      group('B', 1, '25', '5', '0', '0.15625'),
      // 10 x (1 - 0.3)
      group('C', 1, '3', '7', '0', '0'),
    ]);
    expect(byCategory).toEqual([
      group('weather', 2, '65', '25', '1.2', '0.15625'),
      group('other', 3, '7.5', '7.5', '0', '0'),
    ]);
  });

  it('is not known while a share held has no price', () => {
    const { byEvidenceGrade } = contributionsOf(
      [aFill('rain yes', 'buy', '100@0.4')],
      [valued(aPosition('rain yes', '100'), null)],
      new Map(),
      () => 'other',
    );
    expect(byEvidenceGrade).toEqual([{ ...group('A', 1, '40', '0', '0', '0'), pnl: null }]);
  });

  function group(name: string, fills: number, volume: string, pnl: string, fees: string, rebate: string) {
    return {
      group: name,
      fills,
      volume: usdc(volume),
      pnl: usdc(pnl),
      fees: usdc(fees),
      estimatedRebate: usdc(rebate),
    };
  }
});
