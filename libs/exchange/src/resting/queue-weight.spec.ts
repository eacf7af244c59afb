import fc from 'fast-check';
import { MICRO } from '@app/domain';
import { cancelledAhead, fixedLog2 } from './queue-weight';

const ONE = 2 ** 24;
const SHARE = MICRO;
const size = fc.bigInt({ min: 0n, max: 10n ** 15n });

describe('fixedLog2', () => {
  it('is exact at powers of two', () => {
    for (let exponent = 0; exponent <= 53; exponent += 1) expect(fixedLog2(2 ** exponent)).toBe(exponent * ONE);
  });

  it('is within 3e-6 of the logarithm and never above it', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 53 - 1 }), (value) => {
        const error = Math.log2(value) - fixedLog2(value) / ONE;
        expect(error).toBeLessThan(3e-6);
        expect(error).toBeGreaterThan(-1e-12);
      }),
    );
  });

  it('rises with its argument', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 40 }), fc.integer({ min: 0, max: 2 ** 20 }), (value, more) => {
        expect(fixedLog2(value + more)).toBeGreaterThanOrEqual(fixedLog2(value));
      }),
    );
  });

  // Any change of these numbers changes every replay.
  it.each([
    [3, 26591258],
    [10, 55732705],
    [1_000_000, 334396220],
    [101_000_000, 446102466],
    [9_007_199_254_740_991, 889192447],
  ])('gives %d the same digits for ever', (value, log) => {
    expect(fixedLog2(value)).toBe(log);
  });
});

describe('cancelledAhead', () => {
  it('is a half where as much stands ahead as behind', () => {
    fc.assert(
      fc.property(size, size, (cancelled, ahead) => {
        const half = cancelled / 2n;
        const expected = ahead === 0n ? 0n : half < ahead ? half : ahead;
        expect(cancelledAhead(cancelled, ahead, ahead)).toBe(expected);
      }),
    );
  });

  it('is all where nobody stands behind, up to what is ahead', () => {
    expect(cancelledAhead(9n * SHARE, 63n * SHARE, 0n)).toBe(9n * SHARE);
    expect(cancelledAhead(90n * SHARE, 63n * SHARE, 0n)).toBe(63n * SHARE);
  });

  it('weighs by ln(1 + x): 3 and 1 shares weigh 2 to 1, 63 and 7 weigh 2 to 1 too', () => {
    expect(cancelledAhead(3n * SHARE, 3n * SHARE, 1n * SHARE)).toBe(2n * SHARE);
    expect(cancelledAhead(9n * SHARE, 63n * SHARE, 7n * SHARE)).toBe(6n * SHARE);
    // ln(101) / (ln(101) + ln(51)) = 4.615121 / 8.546946 = 0.539973 of 30 shares.
    expect(Number(cancelledAhead(30n * SHARE, 100n * SHARE, 50n * SHARE)) / 1e6).toBeCloseTo(16.1992, 4);
  });

  it('is between 0 and both what was cancelled and what is ahead, and falls as more stands behind', () => {
    fc.assert(
      fc.property(size, size, size, size, (cancelled, ahead, behind, more) => {
        const share = cancelledAhead(cancelled, ahead, behind);
        expect(share >= 0n && share <= cancelled && share <= ahead).toBe(true);
        expect(cancelledAhead(cancelled, ahead, behind + more) <= share).toBe(true);
      }),
    );
  });
});
