import { arrivalDelayMs } from './latency';
import { seededRandom } from './seeded-random';
import { DEFAULT_EXCHANGE_SETTINGS } from './settings';

const settings = {
  ...DEFAULT_EXCHANGE_SETTINGS,
  latency: { colocatedMs: 5, retailMs: 120, retailJitterMs: 80, recordedMs: 37 },
};

describe('D1 the arrival delay', () => {
  it.each([
    ['ideal', 0],
    ['colocated', 5],
    ['recorded', 37],
  ] as const)('of %s is %d ms', (profile, expected) => {
    expect(arrivalDelayMs(profile, 'order-1', settings)).toBe(expected);
    expect(arrivalDelayMs(profile, 'order-2', settings)).toBe(expected);
  });

  it('of retail is 120 ms and a jitter that the seed alone decides', () => {
    const delays = Array.from({ length: 4_000 }, (_, index) => arrivalDelayMs('retail', `order-${index}`, settings));
    expect(delays.map((_, index) => arrivalDelayMs('retail', `order-${index}`, settings))).toEqual(delays);
    expect(Math.min(...delays)).toBe(120);
    expect(Math.max(...delays)).toBe(200);
    // Evenly spread: each of the 81 delays about 49 times.
    const counts = new Map<number, number>();
    for (const delay of delays) counts.set(delay, (counts.get(delay) ?? 0) + 1);
    expect(counts.size).toBe(81);
    expect(Math.max(...counts.values())).toBeLessThan(100);
  });
});

describe('D1 seededRandom', () => {
  it('repeats itself for a seed, and differs between seeds', () => {
    const draw = (seed: string): number[] => {
      const next = seededRandom(seed);
      return Array.from({ length: 1_000 }, next);
    };
    const drawn = draw('a');
    expect(draw('a')).toEqual(drawn);
    expect(draw('b')).not.toEqual(drawn);
    expect(new Set(drawn).size).toBe(1_000);
    expect(drawn.every((value) => value >= 0 && value < 1)).toBe(true);
    const mean = drawn.reduce((sum, value) => sum + value, 0) / drawn.length;
    expect(Math.abs(mean - 0.5)).toBeLessThan(0.05);
  });
});
