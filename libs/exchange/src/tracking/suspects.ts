import { formatMicro, type MicroPrice } from '@app/domain';
import type { BookSide } from '../order-book';

/** Who says that a level has another size: the other outcome's feed (B1), or a book asked for over REST (A2). */
export type SuspectOrigin = 'complement' | 'rest';

interface Suspect {
  side: BookSide;
  price: MicroPrice;
  origin: SuspectOrigin;
  sinceMs: number;
}

/**
 * Levels that two views of a book show with different sizes. Views do not move at the same moment, so a difference counts only when it lasts;
 * it is gone as soon as the level changes, for then the slower view has caught up.
 */
export class Suspects {
  readonly #byLevel = new Map<number, Suspect>();

  /** Whether a REST book differs still. */
  get hasRest(): boolean {
    for (const { origin } of this.#byLevel.values()) if (origin === 'rest') return true;
    return false;
  }

  /** Another view shows a level with another size. */
  suspect(side: BookSide, price: MicroPrice, origin: SuspectOrigin, atMs: number): void {
    const key = levelKey(side, price);
    if (!this.#byLevel.has(key)) this.#byLevel.set(key, { side, price, origin, sinceMs: atMs });
  }

  /** A level changed, or both views agree on it. */
  settle(side: BookSide, price: MicroPrice): void {
    if (this.#byLevel.size > 0) this.#byLevel.delete(levelKey(side, price));
  }

  clear(): void {
    this.#byLevel.clear();
  }

  /** The difference that has lasted, as the end of the sentence "The order book is recovering: ..."; null while none has. */
  verdict(atMs: number, lastsMs: number): { origin: SuspectOrigin; reason: string } | null {
    for (const { side, price, origin, sinceMs } of this.#byLevel.values()) {
      if (atMs - sinceMs < lastsMs) continue;
      const where = `at the ${side} ${formatMicro(price)}`;
      const reason =
        origin === 'rest'
          ? `it differs from Polymarket's own book ${where}`
          : `the books of its two outcomes differ ${where}`;
      return { origin, reason };
    }
    return null;
  }
}

/** A level as a number: prices are below 2^20. */
export function levelKey(side: BookSide, price: MicroPrice): number {
  return Number(price) * 2 + (side === 'ask' ? 1 : 0);
}
