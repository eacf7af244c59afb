import { BOOK_STATES } from '@app/exchange';
import type { LiveBook } from './market-message';
import {
  countOf,
  decodeText,
  type Fields,
  flagOf,
  levelPriceOf,
  levelsOf,
  levelTexts,
  microText,
  nameOf,
  oneOf,
  orNull,
  pairOf,
  priceOf,
  sharesOf,
  textOf,
} from './text-reader';

/** A followed book as the text other processes read. */
export function encodeLiveBook(book: LiveBook): string {
  return JSON.stringify({
    condition_id: book.conditionId,
    market_id: book.marketId,
    token_ids: book.tokenIds,
    outcomes: book.outcomes,
    owner: book.owner,
    epoch: book.epoch,
    sequence: book.sequence,
    state: book.state,
    reason: book.reason,
    state_since_ms: book.stateSinceMs,
    bids: levelTexts(book.bids),
    asks: levelTexts(book.asks),
    tick_size: microText(book.tickSize),
    min_order_size: microText(book.minOrderSize),
    neg_risk: book.negRisk,
    last_trade_price: microText(book.lastTradePrice),
    hash: book.hash,
    venue_time_ms: book.venueTimeMs,
    received_at_ms: book.receivedAtMs,
  });
}

/** The book of such a text; null for any other. */
export function decodeLiveBook(text: string): LiveBook | null {
  return decodeText(text, liveBookOf);
}

export function liveBookOf(fields: Fields): LiveBook {
  return {
    conditionId: nameOf(fields['condition_id']),
    marketId: nameOf(fields['market_id']),
    tokenIds: pairOf(fields['token_ids']),
    outcomes: pairOf(fields['outcomes']),
    owner: nameOf(fields['owner']),
    epoch: nameOf(fields['epoch']),
    sequence: countOf(fields['sequence']),
    state: oneOf(BOOK_STATES, fields['state']),
    reason: orNull(fields['reason'], textOf),
    stateSinceMs: countOf(fields['state_since_ms']),
    bids: levelsOf(fields['bids'], 'bid'),
    asks: levelsOf(fields['asks'], 'ask'),
    tickSize: orNull(fields['tick_size'], levelPriceOf),
    minOrderSize: orNull(fields['min_order_size'], sharesOf),
    negRisk: orNull(fields['neg_risk'], flagOf),
    lastTradePrice: orNull(fields['last_trade_price'], priceOf),
    hash: orNull(fields['hash'], textOf),
    venueTimeMs: countOf(fields['venue_time_ms']),
    receivedAtMs: countOf(fields['received_at_ms']),
  };
}
