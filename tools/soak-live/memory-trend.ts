/** What a process held at a moment, in bytes. */
export interface MemorySample {
  atMs: number;
  bytes: number;
}

export interface MemoryTrend {
  /** Median of the samples after warming up, and of the last ones. */
  before: number;
  after: number;
  isFlat: boolean;
}

/** The first samples are of a process that warms up: caches fill, code is compiled. */
const WARM_UP_SHARE = 0.4;
/** Samples at either end of the rest that are compared. */
const COMPARED_SHARE = 0.2;
/** What may come and go between two collections. */
const MOST_GROWTH_SHARE = 0.1;
const MOST_GROWTH_BYTES = 4 * 2 ** 20;

/** Whether memory stays as it is once a process is warm; samples are in order of time, at equal distances. Null for too few of them. */
export function memoryTrend(samples: readonly MemorySample[]): MemoryTrend | null {
  const warm = samples.slice(Math.floor(samples.length * WARM_UP_SHARE));
  const count = Math.max(1, Math.floor(samples.length * COMPARED_SHARE));
  if (warm.length < 2 * count) return null;
  const before = median(warm.slice(0, count));
  const after = median(warm.slice(-count));
  return { before, after, isFlat: after - before <= before * MOST_GROWTH_SHARE + MOST_GROWTH_BYTES };
}

function median(samples: readonly MemorySample[]): number {
  const sorted = samples.map(({ bytes }) => bytes).sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? 0;
}
