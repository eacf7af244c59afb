import { MICRO, microPrice, microShares, microUsdc, notional, partsPerMillion } from '@app/domain';
import fc from 'fast-check';
import { feesAt } from '../test/fixtures';
import { FEE_STEP, takerFee, worstTakerFee, worstTakerFeeOfAmount } from './fees';

const prices = fc.bigInt({ min: 1n, max: MICRO - 1n }).map(microPrice);
const sizes = fc.bigInt({ min: 1n, max: 1_000_000n * MICRO }).map(microShares);
/** Up to the highest rate known, 0.25. */
const schedules = fc
  .record({ rate: fc.bigInt({ min: 1n, max: 250_000n }), exponent: fc.integer({ min: 1, max: 3 }) })
  .map(({ rate, exponent }) => ({ ...feesAt('0.05', exponent), rate: partsPerMillion(rate) }));

/** The fee in steps x 10^k, worked out from the formula with common denominators. */
function exactly(rate: bigint, exponent: number, price: bigint, size: bigint): { steps: bigint; unit: bigint } {
  const curve = (price * (MICRO - price)) ** BigInt(exponent);
  return { steps: size * rate * curve * 100_000n, unit: MICRO * MICRO * MICRO ** (2n * BigInt(exponent)) };
}

describe('E4', () => {
  it('the fee is the formula to within half a step, in whole steps', () => {
    fc.assert(
      fc.property(schedules, prices, sizes, (schedule, price, size) => {
        const fee = takerFee(schedule, price, size);
        const { steps, unit } = exactly(schedule.rate, schedule.exponent, price, size);
        expect(fee % FEE_STEP).toBe(0n);
        const error = 2n * ((fee / FEE_STEP) * unit - steps);
        if (steps < unit) expect(fee).toBe(0n);
        else expect(error > -unit && error <= unit).toBe(true);
      }),
    );
  });

  it('the fee is the same for both outcomes, and rises with the shares', () => {
    fc.assert(
      fc.property(schedules, prices, sizes, sizes, (schedule, price, size, more) => {
        const fee = takerFee(schedule, price, size);
        expect(takerFee(schedule, microPrice(MICRO - price), size)).toBe(fee);
        expect(takerFee(schedule, price, microShares(size + more))).toBeGreaterThanOrEqual(fee);
      }),
    );
  });
});

describe('C4', () => {
  it('cost and reserved fee at the worst price cover cost and fee at every better one on the finest grid', () => {
    const onGrid = fc.bigInt({ min: 1n, max: 9_999n }).map((ticks) => microPrice(ticks * 100n));
    const wholeShares = fc.bigInt({ min: 1n, max: 1_000_000n }).map((count) => microShares(count * MICRO));
    fc.assert(
      fc.property(schedules, onGrid, onGrid, wholeShares, (schedule, one, other, size) => {
        const [better, worst] = one < other ? [one, other] : [other, one];
        const reserved = notional(worst, size, 'up') + worstTakerFee(schedule, worst, size);
        expect(notional(better, size, 'up') + takerFee(schedule, better, size)).toBeLessThanOrEqual(reserved);
      }),
    );
  });

  it('the reserved fee of an amount covers the fee of spending it at any price', () => {
    const amounts = fc.bigInt({ min: 1n, max: 1_000_000n * MICRO }).map(microUsdc);
    fc.assert(
      fc.property(schedules, amounts, prices, (schedule, amount, price) => {
        const bought = microShares((amount * MICRO) / price);
        expect(takerFee(schedule, price, bought)).toBeLessThanOrEqual(worstTakerFeeOfAmount(schedule, amount));
      }),
    );
  });
});
