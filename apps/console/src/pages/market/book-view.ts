import type { Schemas } from '../../api/client';
import type { BookState, Level, LiveBook } from '../../live/live-book';

/** A book as it is shown, wherever it came from. */
export interface ShownBook {
  bids: readonly Level[];
  asks: readonly Level[];
  /** `polled`: asked for again and again, because nobody tells of it. */
  state: BookState | 'polled';
  /** Why it is not live; null when it is. */
  reason: string | null;
  /** When the venue last changed it, Unix milliseconds. */
  venueTimeMs: number;
  /** Null where the venue did not say. */
  tickSize: number | null;
  minOrderSize: number | null;
}

export function shownLive(book: LiveBook): ShownBook {
  const { bids, asks, state, reason, venueTimeMs, tickSize, minOrderSize } = book;
  return { bids, asks, state, reason, venueTimeMs, tickSize, minOrderSize };
}

export function shownPolled(book: Schemas['OrderBook']): ShownBook {
  return {
    bids: book.bids,
    asks: book.asks,
    state: 'polled',
    reason: null,
    venueTimeMs: Date.parse(book.timestamp),
    tickSize: book.tick_size,
    minOrderSize: book.min_order_size,
  };
}

export interface Row extends Level {
  /** Shares at this price and every better one. */
  total: number;
  /** `total` as a share of the largest one shown, from 0 to 1. */
  fill: number;
}

/** The best levels of both sides, with sums; the bars of both sides are drawn to one scale. */
export function bookRows({ bids, asks }: Pick<ShownBook, 'bids' | 'asks'>, most: number): { bids: Row[]; asks: Row[] } {
  const sides = [bids, asks].map((levels) => summed(levels.slice(0, most)));
  const largest = Math.max(...sides.map((rows) => rows.at(-1)?.total ?? 0));
  const [bidRows = [], askRows = []] = sides.map((rows) =>
    rows.map((row): Row => ({ ...row, fill: largest === 0 ? 0 : row.total / largest })),
  );
  return { bids: bidRows, asks: askRows };
}

function summed(levels: readonly Level[]): (Level & { total: number })[] {
  let total = 0;
  return levels.map((level) => ({ ...level, total: (total += level.size) }));
}

/** Best ask less best bid, and half-way between; null where a side is empty. Prices have at most six places. */
export function topOf({ bids, asks }: Pick<ShownBook, 'bids' | 'asks'>): {
  spread: number | null;
  midpoint: number | null;
} {
  const [bid, ask] = [bids[0]?.price, asks[0]?.price];
  if (bid === undefined || ask === undefined) return { spread: null, midpoint: null };
  return { spread: rounded(ask - bid), midpoint: rounded((ask + bid) / 2) };
}

const PLACES = 1e6;

function rounded(price: number): number {
  return Math.round(price * PLACES) / PLACES;
}
