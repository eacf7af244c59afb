import type { MicroPrice, MicroShares } from '@app/domain';
import type { RestingOrder } from './resting-event';

/**
 * Half of the canonical book, with the portfolios' resting orders on it. Both halves are kept as bids: the first one's for the first
 * outcome, the second one's for the second, since an ask at p is a bid for the other outcome at 1 - p. Higher is better on either, and a
 * pair of levels meets when their prices sum to 1. YES and NO are then the same code, and cannot differ.
 *
 * A `rung` is such a price as a whole number of micro-USDC, 1 to 999,999.
 */
export type LadderIndex = 0 | 1;

export const otherOf = (index: LadderIndex): LadderIndex => (index === 0 ? 1 : 0);

/** Sum of the rungs of two levels that meet. */
export const MEETING_SUM = 1_000_000;
/** Stands for "no rung"; every real one is above it. */
export const NO_RUNG = 0;

/** No quote crosses the order; and: one does, all of which its portfolio has used. */
export const NOT_CROSSED = -1;
export const USED_UP = Number.POSITIVE_INFINITY;

/** The orders of one portfolio, for sharing a print's budget (F4). */
export interface Sharer {
  readonly id: string;
  orders: number;
  /** The print the budget is of, and what is left of it. */
  printNumber: number;
  budget: bigint;
}

/** A resting order at work. */
export interface Entry {
  readonly order: RestingOrder;
  readonly sharer: Sharer;
  readonly ladder: LadderIndex;
  readonly rung: number;
  /** Order of arrival, where time does not decide. */
  readonly number: number;
  readonly stopsAtMs: number;
  remaining: bigint;
  /** Null until the book is live. */
  ahead: bigint | null;
  aheadAtEntry: bigint | null;
  arrivalMidpoint: MicroPrice | null;
  /** How much of `ahead` the last unexplained shrink of the level took: a print of that shrink, arriving late, must not take it again. */
  cut: bigint;
  crossedSinceMs: number;
}

/** One price: what is displayed there, and who rests there. */
export interface Level {
  readonly rung: number;
  size: bigint;
  /** Size of prints not yet seen in `size`, and the venue's time of the last of them. */
  printed: bigint;
  printedAtMs: number;
  /** What the last update took away that no print explained, and the venue's time of it. */
  shrunk: bigint;
  shrunkAtMs: number;
  /** How much of `size` each portfolio has taken (B3); null when none has. */
  used: Map<string, bigint> | null;
  /** Earliest first. */
  readonly entries: Entry[];
  /** Last snapshot it was in. */
  snapshot: number;
}

export class Ladder {
  readonly #levels = new Map<number, Level>();
  /** Rungs displayed, and rungs rested at; both ascending, so that the best is last, where most changes happen. */
  readonly displayed: number[] = [];
  readonly rested: number[] = [];

  /** The best displayed rung; {@link NO_RUNG} when nothing is. */
  get best(): number {
    return this.displayed[this.displayed.length - 1] ?? NO_RUNG;
  }

  find(rung: number): Level | undefined {
    return this.#levels.get(rung);
  }

  at(rung: number): Level {
    let level = this.#levels.get(rung);
    if (level === undefined) {
      level = {
        rung,
        size: 0n,
        printed: 0n,
        printedAtMs: 0,
        shrunk: 0n,
        shrunkAtMs: 0,
        used: null,
        entries: [],
        snapshot: 0,
      };
      this.#levels.set(rung, level);
    }
    return level;
  }

  /** Sets what is displayed at a level; what was used of it shrinks with it (E2). */
  display(level: Level, size: bigint): void {
    const before = level.size;
    level.size = size;
    if (before === 0n) {
      if (size > 0n) insert(this.displayed, level.rung);
    } else if (size === 0n) {
      remove(this.displayed, level.rung);
      level.used = null;
      this.#forgetEmpty(level);
    } else if (size < before && level.used !== null) {
      for (const [portfolioId, used] of level.used) {
        const left = used - (before - size);
        if (left > 0n) level.used.set(portfolioId, left);
        else level.used.delete(portfolioId);
      }
    }
  }

  /** Adds an order behind those that came to rest no later. */
  add(entry: Entry): void {
    const level = this.at(entry.rung);
    if (level.entries.length === 0) insert(this.rested, entry.rung);
    let index = level.entries.length;
    while (index > 0 && isLater(level.entries[index - 1], entry)) index -= 1;
    level.entries.splice(index, 0, entry);
  }

  remove(entry: Entry): void {
    const level = this.#levels.get(entry.rung);
    if (level === undefined) return;
    level.entries.splice(level.entries.indexOf(entry), 1);
    if (level.entries.length > 0) return;
    remove(this.rested, entry.rung);
    this.#forgetEmpty(level);
  }

  /** Every level, by rung. */
  levels(): Level[] {
    return [...this.#levels.values()].sort((a, b) => a.rung - b.rung);
  }

  /** A level nobody displays and nobody rests at. */
  #forgetEmpty(level: Level): void {
    if (level.size === 0n && level.entries.length === 0) this.#levels.delete(level.rung);
  }
}

function isLater(one: Entry | undefined, other: Entry): boolean {
  return one !== undefined && one.order.restingSinceMs > other.order.restingSinceMs;
}

/** Where a number is, or belongs, in ascending numbers. */
function positionOf(sorted: readonly number[], value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] ?? 0) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

function insert(sorted: number[], value: number): void {
  if (value > (sorted[sorted.length - 1] ?? NO_RUNG)) sorted.push(value);
  else sorted.splice(positionOf(sorted, value), 0, value);
}

function remove(sorted: number[], value: number): void {
  if (value === sorted[sorted.length - 1]) sorted.pop();
  else sorted.splice(positionOf(sorted, value), 1);
}

/** What a portfolio has not used yet of what a level displays. */
export function unused(level: Level, portfolioId: string): MicroShares {
  const used = level.used?.get(portfolioId) ?? 0n;
  return (used < level.size ? level.size - used : 0n) as MicroShares;
}

/** Counts size of a level as used by a portfolio, at most all that is displayed. */
export function use(level: Level, portfolioId: string, quantity: bigint): void {
  if (level.size === 0n) return;
  level.used ??= new Map();
  const used = (level.used.get(portfolioId) ?? 0n) + quantity;
  level.used.set(portfolioId, used < level.size ? used : level.size);
}
