import { complement, MicroPrice, microPrice, MicroShares, microShares } from '@app/domain';

/** A side of a book. */
export const BOOK_SIDES = ['bid', 'ask'] as const;
export type BookSide = (typeof BOOK_SIDES)[number];

/** A price with the total size displayed there. */
export interface BookLevel {
  price: MicroPrice;
  size: MicroShares;
}

/**
 * One token's order book at one moment.
 * Invariants: bids run from the highest price down, asks from the lowest up, so the best is first on both sides; no empty level; prices
 * strictly between 0 and 1. (The venue sends the best level last: its client turns them round.)
 */
export interface OrderBookSnapshot {
  tokenId: string;
  conditionId: string | null;
  bids: BookLevel[];
  asks: BookLevel[];
  tickSize: MicroPrice | null;
  minOrderSize: MicroShares | null;
  negRisk: boolean | null;
  /** The same text in both tokens' books of a market: not complemented for the second outcome. */
  lastTradePrice: MicroPrice | null;
  /** The venue's hash of the snapshot; null when it carries none. */
  hash: string | null;
  /** When the venue made the snapshot. */
  venueTime: Date;
}

export interface TopOfBook {
  bestBid: MicroPrice | null;
  bestAsk: MicroPrice | null;
  /** Half-way between best bid and best ask, rounded down to a micro-unit; null when a side is empty. */
  midpoint: MicroPrice | null;
  /** Best ask - best bid; null when a side is empty, negative when crossed. */
  spread: MicroPrice | null;
}

export function topOfBook(book: Pick<OrderBookSnapshot, 'bids' | 'asks'>): TopOfBook {
  const bestBid = book.bids[0]?.price ?? null;
  const bestAsk = book.asks[0]?.price ?? null;
  if (bestBid === null || bestAsk === null) return { bestBid, bestAsk, midpoint: null, spread: null };
  return { bestBid, bestAsk, midpoint: microPrice((bestBid + bestAsk) / 2n), spread: microPrice(bestAsk - bestBid) };
}

/**
 * The other outcome's view of a binary market's one shared book: a bid at p is the other's ask at 1 - p with the same size.
 * Source: five recorded pairs of books, equal level by level.
 */
export function mirrorLevels(book: { bids: readonly BookLevel[]; asks: readonly BookLevel[] }): {
  bids: BookLevel[];
  asks: BookLevel[];
} {
  const turn = (levels: readonly BookLevel[]): BookLevel[] =>
    levels.map((level) => ({ price: complement(level.price), size: level.size }));
  return { bids: turn(book.asks), asks: turn(book.bids) };
}

/** The size displayed at a price; 0 where there is no level. */
export function sizeAt(
  book: { bids: readonly BookLevel[]; asks: readonly BookLevel[] },
  side: BookSide,
  price: MicroPrice,
): MicroShares {
  const levels = side === 'bid' ? book.bids : book.asks;
  const level = levels[levelIndex(levels, side, price)];
  return level?.price === price ? level.size : microShares(0n);
}

/** Where a price is, or belongs, on a side that has its best level first. */
export function levelIndex(levels: readonly BookLevel[], side: BookSide, price: MicroPrice): number {
  let low = 0;
  let high = levels.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const at = levels[middle]?.price ?? price;
    if (side === 'bid' ? at > price : at < price) low = middle + 1;
    else high = middle;
  }
  return low;
}
