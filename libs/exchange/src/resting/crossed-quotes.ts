import {
  type Entry,
  type Ladder,
  type LadderIndex,
  MEETING_SUM,
  NO_RUNG,
  NOT_CROSSED,
  otherOf,
  USED_UP,
} from './ladder';

const NEVER = Number.POSITIVE_INFINITY;

/** Best price first, then time (F4). */
function byPriority(a: Entry, b: Entry): number {
  return b.rung - a.rung || a.order.restingSinceMs - b.order.restingSinceMs || a.number - b.number;
}

/** Which resting orders the best quote of the other half crosses, since when, and when they have waited long enough (F7). */
export class CrossedQuotes {
  readonly #ladders: readonly [Ladder, Ladder];
  readonly #waitMs: number;
  readonly #entries: readonly [Entry[], Entry[]] = [[], []];
  /** The rung, per half, from which on a quote crosses. */
  readonly #from: [number, number] = [NEVER, NEVER];
  #nextDueMs = NEVER;

  constructor(ladders: readonly [Ladder, Ladder], waitMs: number) {
    this.#ladders = ladders;
    this.#waitMs = waitMs;
  }

  /** When the next order has waited long enough, or earlier; infinite when none waits. */
  get nextDueMs(): number {
    return this.#nextDueMs;
  }

  /** The best quote against a half may have moved. */
  watch(index: LadderIndex, atMs: number): void {
    const best = this.#ladders[otherOf(index)].best;
    const from = best === NO_RUNG ? NEVER : MEETING_SUM - best;
    if (from === this.#from[index]) return;
    this.#from[index] = from;
    this.#release(index, from);
    const ladder = this.#ladders[index];
    for (let position = ladder.rested.length - 1; position >= 0; position -= 1) {
      const rung = ladder.rested[position] ?? NO_RUNG;
      if (rung < from) return;
      for (const entry of ladder.at(rung).entries) this.#begin(entry, atMs);
    }
  }

  /** An order came to rest. */
  add(entry: Entry, atMs: number): void {
    if (entry.rung >= this.#from[entry.ladder]) this.#begin(entry, atMs);
  }

  /** Size joined a quote against a half: orders that had used up all there was wait for it, as long as any other. */
  grow(index: LadderIndex, oppositeRung: number, atMs: number): void {
    for (const entry of this.#entries[index]) {
      if (entry.crossedSinceMs === USED_UP && entry.rung + oppositeRung >= MEETING_SUM) this.resume(entry, atMs);
    }
  }

  /** An order left the book. */
  remove(entry: Entry): void {
    if (entry.crossedSinceMs === NOT_CROSSED) return;
    const entries = this.#entries[entry.ladder];
    entries.splice(entries.indexOf(entry), 1);
  }

  /** No quote is believed any more. */
  clear(): void {
    for (const index of [0, 1] as const) {
      this.#from[index] = NEVER;
      this.#release(index, NEVER);
    }
    this.#nextDueMs = NEVER;
  }

  /** Takes up an order where another book left it. */
  restore(entry: Entry, crossedSinceMs: number): void {
    this.#entries[entry.ladder].push(entry);
    this.resume(entry, crossedSinceMs);
  }

  /** Orders that have waited long enough, by priority; none of them waits any more. */
  takeDue(dueMs: number): Entry[] {
    const due: [Entry[], Entry[]] = [[], []];
    let nextMs = NEVER;
    for (const index of [0, 1] as const) {
      for (const entry of this.#entries[index]) {
        const entryDueMs = this.#dueMs(entry);
        if (entryDueMs <= dueMs) due[index].push(entry);
        else nextMs = Math.min(nextMs, entryDueMs);
      }
      due[index].sort(byPriority);
    }
    this.#nextDueMs = nextMs;
    // Neither half goes before the other as such: the market would not be its own mirror.
    const [yes, no] = due;
    const all = (no[0]?.number ?? NEVER) < (yes[0]?.number ?? NEVER) ? [...no, ...yes] : [...yes, ...no];
    for (const entry of all) entry.crossedSinceMs = USED_UP;
    return all;
  }

  resume(entry: Entry, sinceMs: number): void {
    entry.crossedSinceMs = sinceMs;
    this.#nextDueMs = Math.min(this.#nextDueMs, this.#dueMs(entry));
  }

  #begin(entry: Entry, atMs: number): void {
    if (entry.crossedSinceMs !== NOT_CROSSED || entry.order.profile === 'conservative') return;
    this.#entries[entry.ladder].push(entry);
    this.resume(entry, atMs);
  }

  /** Lets go of the orders below a rung. */
  #release(index: LadderIndex, from: number): void {
    const entries = this.#entries[index];
    let kept = 0;
    for (const entry of entries) {
      if (entry.rung < from) entry.crossedSinceMs = NOT_CROSSED;
      else entries[kept++] = entry;
    }
    entries.length = kept;
  }

  #dueMs({ order, crossedSinceMs }: Entry): number {
    return crossedSinceMs + (order.profile === 'ideal' ? 0 : this.#waitMs);
  }
}
