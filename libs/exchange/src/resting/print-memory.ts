import type { Print } from './resting-event';

/**
 * Names a print: the venue gives trades no id, and tells of one through both outcomes' feeds (B2).
 * Known limitation: two fills of one transaction with equal price, size and millisecond are taken for one.
 */
export function printKey(conditionId: string, { price, size, aggressor, venueTimeMs, transactionHash }: Print): string {
  return `${conditionId}:${price}:${size}:${aggressor}:${venueTimeMs}:${transactionHash ?? ''}`;
}

/** Prints seen lately, each once. One older than the memory reaches back cannot be told from a repetition, and counts as one. */
export class PrintMemory {
  readonly #seen: Map<string, number>;
  readonly #reachMs: number;
  #latestMs: number;

  /** @param seen keys with the venue's time of their prints, in order of arrival */
  constructor(reachMs: number, seen: Iterable<readonly [string, number]> = []) {
    this.#reachMs = reachMs;
    this.#seen = new Map(seen);
    this.#latestMs = 0;
    for (const venueTimeMs of this.#seen.values()) this.#latestMs = Math.max(this.#latestMs, venueTimeMs);
  }

  /** Whether a print is new; from now on it is not. */
  admit(key: string, venueTimeMs: number): boolean {
    if (venueTimeMs < this.#latestMs - this.#reachMs || this.#seen.has(key)) return false;
    this.#seen.set(key, venueTimeMs);
    if (venueTimeMs > this.#latestMs) {
      this.#latestMs = venueTimeMs;
      this.#forget();
    }
    return true;
  }

  entries(): [string, number][] {
    return [...this.#seen];
  }

  /** Forgets from the front. A print that came late keeps those behind it a little longer. */
  #forget(): void {
    for (const [key, venueTimeMs] of this.#seen) {
      if (venueTimeMs >= this.#latestMs - this.#reachMs) return;
      this.#seen.delete(key);
    }
  }
}
