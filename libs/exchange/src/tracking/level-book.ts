import type { MicroPrice, MicroShares } from '@app/domain';
import { type BookLevel, type BookSide, levelIndex } from '../order-book';

/** Both sides of a book as it changes, best level first. Levels given out are never changed afterwards; the arrays are. */
export class LevelBook {
  bids: BookLevel[] = [];
  asks: BookLevel[] = [];

  /** Replaces everything; the levels must be in order, best first, without empty ones. */
  replace(bids: readonly BookLevel[], asks: readonly BookLevel[]): void {
    this.bids = [...bids];
    this.asks = [...asks];
  }

  /** Sets the total size at a price; 0 removes the level. Answers whether that changed anything. */
  set(side: BookSide, price: MicroPrice, size: MicroShares): boolean {
    const levels = side === 'bid' ? this.bids : this.asks;
    const index = levelIndex(levels, side, price);
    const level = levels[index];
    if (level?.price !== price) {
      if (size === 0n) return false;
      levels.splice(index, 0, { price, size });
      return true;
    }
    if (level.size === size) return false;
    if (size === 0n) levels.splice(index, 1);
    else levels[index] = { price, size };
    return true;
  }

  /** Whether the best bid is above (crossed) or at (locked) the best ask. */
  get isCrossed(): boolean {
    const bid = this.bids[0];
    const ask = this.asks[0];
    return bid !== undefined && ask !== undefined && bid.price >= ask.price;
  }
}
