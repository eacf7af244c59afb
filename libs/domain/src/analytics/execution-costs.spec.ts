import { microPrice, type MicroPrice, microShares, microUsdc } from '../money';
import {
  arrivalSlippage,
  closingLineValue,
  type CostedFill,
  effectiveSpread,
  executionCosts,
  feeBps,
  implementationShortfall,
  markout,
  meanMarkout,
} from './execution-costs';

const micro = (value: number): bigint => BigInt(Math.round(value * 1e6));
const price = (value: number): MicroPrice => microPrice(micro(value));
const fill = (
  side: 'buy' | 'sell',
  quantity: number,
  at: number,
  fee: number,
  mids: { arrival: number | null; fill: number | null },
): CostedFill => ({
  side,
  quantity: microShares(micro(quantity)),
  price: price(at),
  value: microUsdc(micro(quantity * at)),
  fee: microUsdc(micro(fee)),
  arrivalMidpoint: mids.arrival === null ? null : price(mids.arrival),
  midpointAtFill: mids.fill === null ? null : price(mids.fill),
});

const bought = fill('buy', 100, 0.46, 0.99, { arrival: 0.45, fill: 0.455 });
const sold = fill('sell', 50, 0.44, 0.49, { arrival: 0.45, fill: 0.445 });
const withoutMidpoint = fill('buy', 10, 0.98, 0, { arrival: null, fill: null });

describe('costs of one fill', () => {
  it('slippage: bought 100 at 0.46 over 0.45 costs 1.00, sold 50 at 0.44 under 0.45 costs 0.50', () => {
    expect(arrivalSlippage(bought).value).toBe(micro(1));
    expect(arrivalSlippage(sold).value).toBe(micro(0.5));
    expect(arrivalSlippage({ ...sold, price: price(0.47) }).value).toBe(micro(-1));
    expect(arrivalSlippage(withoutMidpoint)).toMatchObject({ undefinedBecause: { code: 'no_midpoint' } });
  });

  it('effective spread: 2 x (0.46 - 0.455), and 2 x (0.445 - 0.44)', () => {
    expect(effectiveSpread(bought).value).toBeCloseTo(0.01, 12);
    expect(effectiveSpread(sold).value).toBeCloseTo(0.01, 12);
    expect(effectiveSpread(withoutMidpoint)).toMatchObject({ undefinedBecause: { code: 'no_midpoint' } });
  });

  it('fee: 0.99 of 46 is 215.2 basis points', () => {
    expect(feeBps(bought).value).toBeCloseTo(215.217391, 6);
    expect(feeBps({ fee: 0n, value: 0n })).toMatchObject({ undefinedBecause: { code: 'nothing_traded' } });
  });
});

describe('costs of many fills', () => {
  it('sum up: fees 1.48 of 77.80, slippage 1.50 over two of three fills', () => {
    const costs = executionCosts([bought, sold, withoutMidpoint]);
    expect(costs).toMatchObject({
      feesPaid: micro(1.48),
      slippagePaid: { value: micro(1.5) },
      fillsWithArrivalMidpoint: 2,
    });
    expect(costs.feeBps.value).toBeCloseTo((1.48 / 77.8) * 10_000, 9);
    expect(costs.effectiveSpread.value).toBeCloseTo(0.01, 12);
  });

  it('are undefined before anything was traded, and without a midpoint', () => {
    expect(executionCosts([])).toMatchObject({
      feesPaid: 0n,
      slippagePaid: { value: null, undefinedBecause: { code: 'nothing_traded' } },
      effectiveSpread: { undefinedBecause: { code: 'nothing_traded' } },
      feeBps: { undefinedBecause: { code: 'nothing_traded' } },
    });
    expect(executionCosts([withoutMidpoint])).toMatchObject({
      slippagePaid: { undefinedBecause: { code: 'no_midpoint' } },
      effectiveSpread: { undefinedBecause: { code: 'no_midpoint' } },
      feeBps: { value: 0 },
    });
  });
});

describe('implementation shortfall', () => {
  const order = {
    side: 'buy',
    quantity: microShares(micro(150)),
    decisionMidpoint: price(0.45),
    fills: [bought],
    laterMidpoint: price(0.49),
  } as const;

  it('is 100 x 0.01 + a fee of 0.99 + 50 x 0.04 for what was missed = 3.99', () => {
    expect(implementationShortfall(order).value).toBe(micro(3.99));
  });

  it('needs no later price when all filled: 1.00 + 0.99', () => {
    const filled = { ...order, quantity: microShares(micro(100)), laterMidpoint: null };
    expect(implementationShortfall(filled).value).toBe(micro(1.99));
  });

  it('is undefined without the midpoints it is made of', () => {
    expect(implementationShortfall({ ...order, laterMidpoint: null })).toMatchObject({
      undefinedBecause: { code: 'no_later_price' },
    });
    expect(implementationShortfall({ ...order, decisionMidpoint: null })).toMatchObject({
      undefinedBecause: { code: 'no_midpoint' },
    });
  });
});

describe('what came after a fill', () => {
  it('markout: bought at 0.46, 0.43 later: -0.03; sold at 0.44, 0.43 later: 0.01', () => {
    expect(markout(bought, price(0.43)).value).toBeCloseTo(-0.03, 12);
    expect(markout(sold, price(0.43)).value).toBeCloseTo(0.01, 12);
    expect(markout(sold, null)).toMatchObject({ undefinedBecause: { code: 'no_later_price' } });
  });

  it('mean markout by shares: (100 x -0.03 + 50 x 0.01) / 150', () => {
    const later = price(0.43);
    const marked = [
      { ...bought, laterMidpoint: later },
      { ...sold, laterMidpoint: later },
      { ...withoutMidpoint, laterMidpoint: null },
    ];
    expect(meanMarkout(marked).value).toBeCloseTo(-2.5 / 150, 12);
    expect(meanMarkout([])).toMatchObject({ undefinedBecause: { code: 'no_later_price' } });
  });

  it('closing-line value: bought at 0.46, 0.52 before the close: 0.06', () => {
    expect(closingLineValue(bought, price(0.52)).value).toBeCloseTo(0.06, 12);
    expect(closingLineValue(bought, null)).toMatchObject({ undefinedBecause: { code: 'no_later_price' } });
  });
});
