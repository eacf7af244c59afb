import type {
  EvidenceGrade,
  ExecutionProfile,
  FillRule,
  MicroPrice,
  MicroShares,
  OrderSide,
  OrderStatus,
} from '@app/domain';
import type { BookState } from '../book-evidence';
import type { BookLevel, BookSide } from '../order-book';
import type { ConsumedLevel } from '../taking/consumed-liquidity';

/** An order that rests, as the resting book needs it. Prices are of its own token. */
export interface RestingOrder {
  orderId: string;
  portfolioId: string;
  /** 0 or 1. */
  outcomeIndex: number;
  side: OrderSide;
  /** Its limit. */
  price: MicroPrice;
  /** What was ordered, and how much of it filled before it came here. */
  quantity: MicroShares;
  filledQuantity: MicroShares;
  profile: ExecutionProfile;
  /** When it came to rest; prints dated until then are no evidence for it. */
  restingSinceMs: number;
  /** When a gtd order expires, as its owner gave it; null for gtc. */
  expiresAtMs: number | null;
  /** Shares ahead of it now and when it came to rest; null where the book shall say, at once or as soon as it is live. */
  queueAhead: MicroShares | null;
  queueAheadAtEntry: MicroShares | null;
  /** Midpoint of its token's book when it came to rest; null when unknown or a side was empty. */
  arrivalMidpoint: MicroPrice | null;
}

/** A new total size at one price of the canonical book; 0 removes the level. */
export interface LevelChange {
  side: BookSide;
  price: MicroPrice;
  size: MicroShares;
}

/** Size taken from one level of the canonical book. */
export interface TakenLevel {
  side: BookSide;
  price: MicroPrice;
  quantity: MicroShares;
}

/** Size that crossed a resting order and filled it (F7): `quantity` of the `displayed` there. */
export interface CrossedLevel extends TakenLevel {
  displayed: MicroShares;
}

/** A public trade, in canonical prices (B2). */
export interface Print {
  price: MicroPrice;
  size: MicroShares;
  /** Whose order took, seen from the first outcome. */
  aggressor: OrderSide;
  venueTimeMs: number;
  transactionHash: string | null;
}

/**
 * What happens to a resting book. `atMs` is when it reached us and never runs backwards (an earlier one counts as the last);
 * `venueTimeMs` is when the venue dated it. Books, changes and prints are canonical (B1).
 */
export type RestingEvent = { atMs: number } & (
  | {
      /** A whole book. After a gap it makes the book live again and queues are capped (A5); in a live book it is a set of changes. */
      kind: 'snapshot';
      venueTimeMs: number;
      bids: readonly BookLevel[];
      asks: readonly BookLevel[];
      sequence: number | null;
      hash: string | null;
    }
  | {
      /** Changes that belong together: the book is judged after the last of them. */
      kind: 'changes';
      venueTimeMs: number;
      changes: readonly LevelChange[];
      sequence: number | null;
    }
  | ({ kind: 'print' } & Print)
  /** The tick size changed: what is known of the book ends here, until a snapshot comes (A2). */
  | { kind: 'tick'; tickSize: MicroPrice }
  /** The book cannot be believed from here on, until a snapshot comes (A3). */
  | { kind: 'gap'; state: Exclude<BookState, 'live'>; reason: string }
  | { kind: 'place'; order: RestingOrder }
  /** F9: the order ends and another takes its place, at the end of the queue. */
  | { kind: 'replace'; orderId: string; order: RestingOrder }
  | { kind: 'cancel'; orderId: string; reason: string }
  /** A portfolio took displayed size itself: that size cannot fill its resting orders as well (B3). */
  | { kind: 'taken'; portfolioId: string; levels: readonly TakenLevel[] }
  /**
   * What a portfolio is known to have taken altogether, by whoever kept it: at least as much counts as taken from here on, less what has left a level since it displayed
   * `displayed` (E2). Told again, it changes nothing.
   */
  | { kind: 'consumed'; portfolioId: string; levels: readonly Omit<ConsumedLevel, 'at'>[] }
  /** F10: the market closed, resolved or was halted for good: every order ends. */
  | { kind: 'close'; reason: string }
  | { kind: 'clock' }
  /** Nobody listened for a while until now: what crossed may have gone since, so that its wait begins anew (F7). */
  | { kind: 'pause' }
);

/** A resting order filled, as maker: at its limit, free of fee (F8). The rest of it says why. */
export interface MakerFill {
  kind: 'fill';
  orderId: string;
  portfolioId: string;
  outcomeIndex: number;
  side: OrderSide;
  /** The order's limit, in prices of its own token. */
  price: MicroPrice;
  quantity: MicroShares;
  /** What is left of the order after it. */
  remaining: MicroShares;
  rule: Exclude<FillRule, 'E1'>;
  grade: EvidenceGrade;
  profile: ExecutionProfile;
  /** The print that filled it; null for crossed quotes. */
  printKey: string | null;
  printSize: MicroShares | null;
  queueAheadAtEntry: MicroShares;
  /** Just before what filled it. */
  queueAheadAtFill: MicroShares;
  /** Displayed size that crossed it and counts as used by its portfolio from now on (F7); empty for prints. */
  crossed: readonly CrossedLevel[];
  /** Midpoints of its token's book as it came to rest and as it filled; null when a side was empty. */
  arrivalMidpoint: MicroPrice | null;
  midpointAtFill: MicroPrice | null;
  /** The book it filled against: our number of its last change, the venue's hash when it gave one, and its times. */
  bookSequence: number | null;
  bookHash: string | null;
  bookVenueTimeMs: number;
  bookReceivedAtMs: number;
  /** When it filled by the market's clock, and when it was decided. */
  tradedAtMs: number;
  decidedAtMs: number;
}

/** An order's place in the queue is known from now on: it came to rest in a live book, or the book became live. */
export interface OrderQueued {
  kind: 'queued';
  orderId: string;
  portfolioId: string;
  queueAhead: MicroShares;
  arrivalMidpoint: MicroPrice | null;
  atMs: number;
}

/** An order left the book with a rest unfilled. */
export interface OrderEnded {
  kind: 'ended';
  orderId: string;
  portfolioId: string;
  status: Extract<OrderStatus, 'cancelled' | 'expired'>;
  /** A sentence. */
  reason: string;
  remaining: MicroShares;
  atMs: number;
}

export type RestingOutcome = MakerFill | OrderQueued | OrderEnded;

/** How one order stands. */
export interface RestingView {
  order: RestingOrder;
  remaining: MicroShares;
  queueAhead: MicroShares | null;
  queueAheadAtEntry: MicroShares | null;
  /** Since when a quote crosses it (F7); null when none does, or when all that crosses it is used up. */
  crossedSinceMs: number | null;
  /** When a gtd order stops resting; null for gtc. */
  stopsAtMs: number | null;
}
