import type { Latencies } from './measure';

/** The ping floor, in pings a second, of the machine the targets were taken on. */
const FLOOR_OF_TARGETS = 2_000;

/** What must be reached. A rate counts documents where a run handles many. */
export interface Target {
  readonly leastPerSecond?: number;
  readonly mostP50Ms?: number;
  readonly mostP99Ms?: number;
}

/** How fast this machine is beside the one of the targets: a slower one lowers the bar, a faster one does not raise it. */
export function machineSpeed(pings: Latencies): number {
  return Math.min(1, pings.perSecond / FLOOR_OF_TARGETS);
}

/** A target on this machine with what became of it, for a cell of the table. */
export interface Verdict {
  readonly text: string;
  readonly isMet: boolean;
}

/** Holds what was measured against a target, each part of it scaled by the machine's speed. */
export function judge(target: Target, measured: Latencies, perRun: number, speed: number): Verdict {
  const parts: { text: string; isMet: boolean }[] = [];
  if (target.leastPerSecond !== undefined) {
    const least = target.leastPerSecond * speed;
    parts.push({ text: `at least ${inWords(least)}/s`, isMet: measured.perSecond * perRun >= least });
  }
  for (const [name, share, most] of [
    ['p50', 0.5, target.mostP50Ms],
    ['p99', 0.99, target.mostP99Ms],
  ] as const) {
    if (most === undefined) continue;
    parts.push({
      text: `${name} at most ${(most / speed).toPrecision(2)} ms`,
      isMet: measured.at(share) <= most / speed,
    });
  }
  return { text: parts.map(({ text }) => text).join(', '), isMet: parts.every(({ isMet }) => isMet) };
}

/** A rate as the tables print it. */
export function inWords(perSecond: number): string {
  return perSecond < 100 ? perSecond.toPrecision(2) : Math.round(perSecond).toLocaleString('en');
}
