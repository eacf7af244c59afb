import type { MicroPrice, MicroShares } from '@app/domain';
import type { BookSide, OrderBookSnapshot } from '../order-book';
import type { RestingEvent } from '../resting/resting-event';

/** One level of one token's book that changed: `size` is the new total, 0 removes the level. */
export interface TokenLevelChange {
  outcomeIndex: number;
  side: BookSide;
  price: MicroPrice;
  size: MicroShares;
  /** The token's best prices after the message, as the venue tells them; null where it does not. An empty side is told as 0, or 1. */
  bestBid: MicroPrice | null;
  bestAsk: MicroPrice | null;
}

/** What is heard of one market's books. `atMs` is when; books and changes are of the token with that outcome index. */
export type FeedEvent = { atMs: number } &
  /** Connected or subscribed anew: what was known ends, until a snapshot comes (A2). */
  (
    | { kind: 'connected' }
    | { kind: 'disconnected'; reason: string }
    | { kind: 'ponged' }
    /** A whole book from the stream. */
    | { kind: 'book'; outcomeIndex: number; book: OrderBookSnapshot }
    /** The changes of one message. */
    | { kind: 'levels'; changes: readonly TokenLevelChange[]; venueTimeMs: number }
    | { kind: 'tick'; tickSize: MicroPrice }
    /** A book asked for over REST, to compare. */
    | { kind: 'reconciled'; outcomeIndex: number; book: OrderBookSnapshot }
    /** Something was lost. */
    | { kind: 'lost'; reason: string }
    /** The market takes no orders, or takes them again. */
    | { kind: 'halted'; reason: string }
    | { kind: 'resumed' }
    /** Whether orders rest in it, which decides how often it must be compared. */
    | { kind: 'interest'; hasOpenOrders: boolean }
    /** Nothing but time passed. */
    | { kind: 'clock' }
  );

/** What a book tells those who trade against it: whole books and changes in canonical prices while it is live, and when it is not. */
export type BookEvent = Extract<RestingEvent, { kind: 'snapshot' | 'changes' | 'tick' | 'gap' }>;
