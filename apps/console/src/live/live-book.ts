import type { ServerMessageOf } from './messages';

export type BookState = ServerMessageOf<'book_state'>['state'];

export interface Level {
  /** USDC a share. */
  price: number;
  /** Shares displayed at this price. */
  size: number;
}

/** The book of one outcome, as far as it was told. */
export interface LiveBook {
  marketId: string;
  tokenId: string;
  sequence: number;
  state: BookState;
  /** Why it is not live; null when it is. */
  reason: string | null;
  source: 'stream' | 'rest';
  /** When the venue made it, Unix milliseconds. */
  venueTimeMs: number;
  tickSize: number | null;
  minOrderSize: number | null;
  /** Highest price first. */
  bids: readonly Level[];
  /** Lowest price first. */
  asks: readonly Level[];
}

export function bookOf(message: ServerMessageOf<'orderbook'>): LiveBook {
  return {
    marketId: message.market_id,
    tokenId: message.token_id,
    sequence: message.sequence,
    state: message.state,
    reason: message.reason,
    source: message.source,
    venueTimeMs: Date.parse(message.timestamp),
    tickSize: message.tick_size,
    minOrderSize: message.min_order_size,
    bids: message.data.bids,
    asks: message.data.asks,
  };
}

/** Returns the book after its next change; null when a change is missing between, so that the book must be asked for anew. */
export function changedBook(book: LiveBook, message: ServerMessageOf<'book_delta'>): LiveBook | null {
  if (message.sequence !== book.sequence + 1) return null;
  const sides = { bid: new Map(entriesOf(book.bids)), ask: new Map(entriesOf(book.asks)) };
  for (const { side, price, size } of message.changes) {
    if (size === 0) sides[side].delete(price);
    else sides[side].set(price, size);
  }
  return {
    ...book,
    sequence: message.sequence,
    venueTimeMs: Date.parse(message.timestamp),
    bids: levelsOf(sides.bid, (a, b) => b.price - a.price),
    asks: levelsOf(sides.ask, (a, b) => a.price - b.price),
  };
}

export function bookInState(book: LiveBook, { state, reason }: ServerMessageOf<'book_state'>): LiveBook {
  return { ...book, state, reason };
}

function entriesOf(levels: readonly Level[]): [number, number][] {
  return levels.map(({ price, size }) => [price, size]);
}

function levelsOf(sizes: Map<number, number>, compare: (a: Level, b: Level) => number): Level[] {
  return Array.from(sizes, ([price, size]) => ({ price, size })).sort(compare);
}
