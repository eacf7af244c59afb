import type { BookAnswer } from '../world/books';

export type EventType =
  'book' | 'price_change' | 'last_trade_price' | 'tick_size_change' | 'best_bid_ask' | 'new_market' | 'market_resolved';

/** One message of the market channel, and who it is for. */
export interface Frame {
  event: EventType;
  /** Slug of the market it is about. */
  slug: string;
  /** For whoever subscribed to one of these; null: for everybody who asked for custom features. */
  tokenIds: readonly string[] | null;
  /** Sent only where custom features were asked for. */
  isCustom: boolean;
  /** JSON text of one object. */
  text: string;
}

/** A book as the channel sends it: the REST answer and what it is. */
export function bookText(book: BookAnswer): string {
  return JSON.stringify({ ...book, event_type: 'book' });
}

/** What the channel shows, and who listens to it. */
export interface StreamSource {
  /** Begins to follow a token; answers its book, or null where there is none. Every call counts, until as many unfollows. */
  follow(tokenId: string): BookAnswer | null;
  unfollow(tokenId: string): void;
  /** Calls the listener with what happens from now on, in order. */
  listen(listener: (frames: readonly Frame[]) => void): void;
}
