import type { MicroPrice, MicroShares } from '@app/domain';
import type { BookLevel, BookState, LevelChange, Print } from '@app/exchange';

/**
 * A followed market's canonical book (prices of its first outcome) as the live-worker keeps it for others. `sequence` numbers what was published without holes within one
 * `epoch`; another epoch means another follower, or the same one begun anew: who followed the old one starts from this book.
 */
export interface LiveBook {
  conditionId: string;
  /** The market's slug. */
  marketId: string;
  tokenIds: readonly [string, string];
  outcomes: readonly [string, string];
  /** Instance of the live-worker that follows it; its lease tells whether it still does. */
  owner: string;
  epoch: string;
  sequence: number;
  state: BookState;
  /** Why it is not live, as the end of the sentence "The order book is stale: ..."; null when it is. */
  reason: string | null;
  /** Since when it is in this state. */
  stateSinceMs: number;
  /** Best first. */
  bids: readonly BookLevel[];
  asks: readonly BookLevel[];
  tickSize: MicroPrice | null;
  minOrderSize: MicroShares | null;
  negRisk: boolean | null;
  lastTradePrice: MicroPrice | null;
  /** The venue's hash; null after a change. */
  hash: string | null;
  venueTimeMs: number;
  receivedAtMs: number;
}

/** What is published on a market's channel, in order. Prices are canonical. */
export type MarketMessage =
  /** The whole book: begins an epoch, or follows a gap. */
  | { kind: 'book'; book: LiveBook }
  /** The next number of the epoch. */
  | {
      kind: 'changes';
      epoch: string;
      sequence: number;
      venueTimeMs: number;
      atMs: number;
      changes: readonly LevelChange[];
    }
  /** The book is not live from here on; it takes no number. */
  | { kind: 'state'; epoch: string; state: BookState; reason: string | null; atMs: number }
  /** A public trade, each once; takes no number. */
  | { kind: 'print'; epoch: string; atMs: number; print: Print };
