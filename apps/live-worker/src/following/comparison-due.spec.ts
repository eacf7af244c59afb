import { comparisonDueAt } from './comparison-due';

const PACE = { reconcileWithinMs: 60_000, reconcileIdleWithinMs: 600_000, silenceMs: 10_000 };

describe('A2 when a book is compared with a REST one', () => {
  it('is three times in the time one may be old, more often with open orders', () => {
    const busy = { comparedAtMs: 1_000_000, heardAtMs: 1_200_000 };
    expect(comparisonDueAt(busy, true, PACE)).toBe(1_020_000);
    expect(comparisonDueAt(busy, false, PACE)).toBe(1_200_000);
  });

  it('is early when the stream is silent, and then ever later, but never later than regularly', () => {
    const heardAtMs = 1_000_000;
    const dues: number[] = [];
    let comparedAtMs = heardAtMs - 5_000;
    for (let comparison = 0; comparison < 6; comparison += 1) {
      comparedAtMs = comparisonDueAt({ comparedAtMs, heardAtMs }, false, PACE);
      dues.push(comparedAtMs - heardAtMs);
    }
    expect(dues).toEqual([10_000, 20_000, 40_000, 80_000, 160_000, 320_000]);
    expect(comparisonDueAt({ comparedAtMs: heardAtMs + 320_000, heardAtMs }, false, PACE)).toBe(heardAtMs + 520_000);
  });
});
