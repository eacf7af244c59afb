import { MICRO, type MicroPrice } from '@app/domain';
import { type FeedEvent, type Print, toCanonical, type TokenLevelChange } from '@app/exchange';
import type { MarketChannelMessage } from '@app/polymarket';

/** What a message of the venue's stream tells a market's book. */
export type BookFeed = Extract<FeedEvent, { kind: 'book' | 'levels' | 'tick' }>;

/**
 * Reads a message of the stream as what it says of one market's book; null when it says nothing of it.
 * @param tokenIds of the market's first and second outcome; changes of other tokens are passed over, and so are prices of 0 and 1, where no level can be
 */
export function bookFeedOf(
  message: MarketChannelMessage,
  tokenIds: readonly [string, string],
  atMs: number,
): BookFeed | null {
  switch (message.type) {
    case 'book': {
      const outcomeIndex = tokenIds.indexOf(message.book.tokenId);
      return outcomeIndex < 0 ? null : { kind: 'book', atMs, outcomeIndex, book: message.book };
    }
    case 'price_change': {
      const changes: TokenLevelChange[] = [];
      for (const { tokenId, side, price, size, bestBid, bestAsk } of message.changes) {
        const outcomeIndex = tokenIds.indexOf(tokenId);
        if (outcomeIndex < 0 || !isLevelPrice(price)) continue;
        changes.push({ outcomeIndex, side: side === 'BUY' ? 'bid' : 'ask', price, size, bestBid, bestAsk });
      }
      return changes.length === 0 ? null : { kind: 'levels', atMs, changes, venueTimeMs: message.venueTime.getTime() };
    }
    case 'tick_size_change':
      return tokenIds.includes(message.tokenId) ? { kind: 'tick', atMs, tickSize: message.newTickSize } : null;
    case 'last_trade_price':
    case 'best_bid_ask':
    case 'new_market':
    case 'market_resolved':
      return null;
  }
}

/** How far the venue's clock may be ahead, ms. A trade dated later is misdated: believed, it would make all that follow look like repetitions of old ones. */
const MOST_AHEAD_MS = 60_000;

/**
 * Reads a trade as a canonical print (B2); null when it carries no size, no price at which shares can trade, or a date that is yet to come.
 * @param atMs when it was received
 */
export function printOf(
  message: Extract<MarketChannelMessage, { type: 'last_trade_price' }>,
  tokenIds: readonly [string, string],
  atMs: number,
): Print | null {
  const outcomeIndex = tokenIds.indexOf(message.tokenId);
  const { size, transactionHash } = message;
  const venueTimeMs = message.venueTime.getTime();
  if (outcomeIndex < 0 || size === null || size === 0n || !isLevelPrice(message.price)) return null;
  if (venueTimeMs > atMs + MOST_AHEAD_MS) return null;
  const { side, price } = toCanonical(message.side === 'BUY' ? 'buy' : 'sell', outcomeIndex, message.price);
  return { price, size, aggressor: side, venueTimeMs, transactionHash };
}

/** The tokens a message is about. */
export function tokensOf(message: MarketChannelMessage): readonly string[] {
  switch (message.type) {
    case 'book':
      return [message.book.tokenId];
    case 'price_change':
      return message.changes.map(({ tokenId }) => tokenId);
    case 'market_resolved':
    case 'new_market':
      return message.tokenIds;
    case 'last_trade_price':
    case 'tick_size_change':
    case 'best_bid_ask':
      return [message.tokenId];
  }
}

/** When the venue dated a message, Unix ms. */
export function venueTimeOf(message: MarketChannelMessage): number {
  return (message.type === 'book' ? message.book.venueTime : message.venueTime).getTime();
}

function isLevelPrice(price: MicroPrice): boolean {
  return price > 0n && price < MICRO;
}
