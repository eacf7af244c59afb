import type { BookContent, Level } from '../world/books';

export type Side = 'bid' | 'ask';
/** What a taker does, in the first outcome's terms. */
export type Aggressor = 'BUY' | 'SELL';

/** The total size at a price from now on, micro-units; 0 removes the level. */
export interface LevelSet extends Level {
  side: Side;
}

/** A market's book as it changes, in prices of the first outcome, best level first. */
export class LiveBook implements BookContent {
  bids: Level[];
  asks: Level[];
  changedAtMs: number;
  lastTradeMicro: number;

  constructor(content: BookContent) {
    this.bids = [...content.bids];
    this.asks = [...content.asks];
    this.changedAtMs = content.changedAtMs;
    this.lastTradeMicro = content.lastTradeMicro;
  }

  levels(side: Side): readonly Level[] {
    return side === 'bid' ? this.bids : this.asks;
  }

  sizeAt(side: Side, price: number): number {
    return this.levels(side).find((level) => level.price === price)?.size ?? 0;
  }

  /** Whether the best bid is at or above the best ask. */
  get isCrossed(): boolean {
    const bid = this.bids[0];
    const ask = this.asks[0];
    return bid !== undefined && ask !== undefined && bid.price >= ask.price;
  }

  /** Answers whether that changed anything. */
  set({ side, price, size }: LevelSet): boolean {
    const levels = side === 'bid' ? this.bids : this.asks;
    const found = levels.findIndex((level) => (side === 'bid' ? level.price <= price : level.price >= price));
    const index = found === -1 ? levels.length : found;
    const known = levels[index];
    if (known?.price !== price) {
      if (size === 0) return false;
      levels.splice(index, 0, { price, size });
      return true;
    }
    if (known.size === size) return false;
    if (size === 0) levels.splice(index, 1);
    else levels[index] = { price, size };
    return true;
  }

  /**
   * Takes from the other side, best level first.
   * @param limit worst price, micro-units; null takes at any
   * @returns what was taken, a level each; less than asked for where the book or the limit ends
   */
  take(aggressor: Aggressor, size: number, limit: number | null): Level[] {
    const side: Side = aggressor === 'BUY' ? 'ask' : 'bid';
    const taken: Level[] = [];
    let left = size;
    while (left > 0) {
      const best = this.levels(side)[0];
      if (best === undefined) break;
      if (limit !== null && (aggressor === 'BUY' ? best.price > limit : best.price < limit)) break;
      const quantity = Math.min(best.size, left);
      left -= quantity;
      taken.push({ price: best.price, size: quantity });
      this.set({ side, price: best.price, size: best.size - quantity });
    }
    return taken;
  }
}

/** What has to be set so that one book becomes the other. */
export function difference(from: BookContent, to: Pick<BookContent, 'bids' | 'asks'>): LevelSet[] {
  const sets: LevelSet[] = [];
  for (const side of ['bid', 'ask'] as const) {
    const [before, after] = side === 'bid' ? [from.bids, to.bids] : [from.asks, to.asks];
    const wanted = new Map(after.map(({ price, size }) => [price, size]));
    for (const { price } of before) if (!wanted.has(price)) sets.push({ side, price, size: 0 });
    const had = new Map(before.map(({ price, size }) => [price, size]));
    for (const { price, size } of after) if (had.get(price) !== size) sets.push({ side, price, size });
  }
  return sets;
}
