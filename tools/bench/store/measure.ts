/** One thing whose speed is taken: `run` does it once; the variant differs each time. */
export interface Subject {
  readonly name: string;
  run(variant: number): unknown;
}

/** Latencies of one subject in milliseconds. */
export class Latencies {
  readonly #taken: number[] = [];

  add(ms: number): void {
    this.#taken.push(ms);
  }

  get count(): number {
    return this.#taken.length;
  }

  /** Milliseconds spent in total. */
  get total(): number {
    return this.#taken.reduce((sum, ms) => sum + ms, 0);
  }

  get perSecond(): number {
    return this.total === 0 ? 0 : (this.count * 1_000) / this.total;
  }

  /** The latency that this share of the runs stayed below. */
  at(share: number): number {
    const sorted = this.#taken.toSorted((a, b) => a - b);
    return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  }
}

/** Runs once and adds how long it took. */
export async function timed(latencies: Latencies, run: () => unknown): Promise<void> {
  const startedAt = performance.now();
  await run();
  latencies.add(performance.now() - startedAt);
}

const SLICE_MS = 200;
const LEAST_RUNS = 3;

/**
 * Takes turns between the subjects, a slice of time each, until every one ran for so many seconds: what else the machine does
 * meanwhile then weighs on all of them alike. The first run of each counts for nothing.
 */
export async function takeTurns(subjects: readonly Subject[], seconds: number): Promise<Latencies[]> {
  const all = subjects.map((subject) => ({ subject, latencies: new Latencies() }));
  let variant = 0;
  for (const { subject } of all) await subject.run((variant += 1));
  const isDone = ({ latencies }: (typeof all)[number]): boolean =>
    latencies.total >= seconds * 1_000 && latencies.count >= LEAST_RUNS;
  while (!all.every(isDone)) {
    for (const one of all) {
      if (isDone(one)) continue;
      const sliceEnd = performance.now() + SLICE_MS;
      do await timed(one.latencies, () => one.subject.run((variant += 1)));
      while (performance.now() < sliceEnd);
    }
  }
  return all.map(({ latencies }) => latencies);
}
