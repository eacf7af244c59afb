import type { OrderBookSnapshot } from './order-book';

/**
 * Whether a book can be traded against (A2, A3). `live`: it can. `recovering`: known to be incomplete until a snapshot comes. `stale`: not
 * known to be true any more. `halted`: the market takes no orders.
 */
export const BOOK_STATES = ['live', 'recovering', 'stale', 'halted'] as const;
export type BookState = (typeof BOOK_STATES)[number];

/** A token's book as an order meets it, and how far it can be believed. */
export interface BookEvidence {
  state: BookState;
  /** Why it is not live, as the end of the sentence "The order book is stale: ..."; null when it is. */
  reason: string | null;
  /** Of the order's own token, not mirrored. */
  book: OrderBookSnapshot;
  source: 'stream' | 'rest';
  /** Our own number of the change that made it; null for a book asked for over REST. */
  sequence: number | null;
  /** The venue's hash of it; null when it carries none. */
  hash: string | null;
  receivedAt: Date;
}
