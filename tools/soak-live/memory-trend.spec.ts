import { memoryTrend } from './memory-trend';

const MEGABYTE = 2 ** 20;
const samples = (...megabytes: number[]) => megabytes.map((count, index) => ({ atMs: index, bytes: count * MEGABYTE }));

describe('the trend of memory', () => {
  it('is flat where it only rises while the process warms up', () => {
    const warming = samples(50, 80, 100, 110, 120, 118, 121, 119, 120, 120);
    expect(memoryTrend(warming)).toEqual({ before: 118 * MEGABYTE, after: 120 * MEGABYTE, isFlat: true });
  });

  it('is not flat where it goes on rising', () => {
    expect(memoryTrend(samples(50, 60, 70, 80, 90, 100, 110, 120, 130, 140))).toMatchObject({ isFlat: false });
  });

  it('is flat where a single sample stands out', () => {
    const peaks = samples(100, 100, 100, 100, 100, 100, 100, 100, 100, 100, 300, 100, 100, 300, 100);
    expect(memoryTrend(peaks)).toMatchObject({ isFlat: true });
  });

  it('cannot be told of too few samples', () => {
    expect(memoryTrend([])).toBeNull();
    expect(memoryTrend(samples(1))).toBeNull();
    expect(memoryTrend(samples(1, 1, 1, 1))).toMatchObject({ isFlat: true });
  });
});
