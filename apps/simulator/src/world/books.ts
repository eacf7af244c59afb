import { createHash } from 'node:crypto';
import { hash2, hash3, unit } from './random';
import { acceptsOrders, type MarketState } from './market-state';
import { quoteAt, stepStart } from './prices';

const MICRO = 1_000_000;

export interface BookLevel {
  price: string;
  size: string;
}

/** The CLOB's `/book` answer, keys in the venue's order. */
export interface BookAnswer {
  market: string;
  asset_id: string;
  timestamp: string;
  hash: string;
  bids: BookLevel[];
  asks: BookLevel[];
  min_order_size: string;
  tick_size: string;
  neg_risk: boolean;
  last_trade_price: string;
}

/** Returns the SHA-1, in hex, of the compact JSON of a book with `hash` empty: what the venue puts into `hash`. */
export function bookHash(book: BookAnswer): string {
  return createHash('sha1')
    .update(JSON.stringify({ ...book, hash: '' }))
    .digest('hex');
}

/** One level of a book: its price and its total size, both in micro-units. */
export interface Level {
  price: number;
  size: number;
}

/** What a market's book shows: the first outcome's levels, best first. */
export interface BookContent {
  bids: readonly Level[];
  asks: readonly Level[];
  /** Unix milliseconds. */
  changedAtMs: number;
  /** Price of the last trade in the first outcome's terms, micro-units. */
  lastTradeMicro: number;
}

/** Writes micro-units as the venue writes decimals, without padding. */
export function decimal(micro: number): string {
  return (micro / MICRO).toString();
}

/** Levels from the best price outwards. */
function side(market: MarketState, best: number | null, step: number, salt: number, moment: number): Level[] {
  if (best === null) return [];
  const levels: Level[] = [];
  const depth = 3 + (hash2(market.seed, salt) % 22);
  let price = best;
  for (let level = 0; level < depth && price >= market.tickMicro && price <= MICRO - market.tickMicro; level += 1) {
    const bits = hash3(market.seed ^ salt, moment, level);
    const size = Math.max(5, 8 * Math.exp(unit(bits) * 5) * (1 + level / 3));
    levels.push({ price, size: Math.round(size * 100) * 10_000 });
    price += step * market.tickMicro * (1 + (level > 2 ? bits % 3 : 0));
  }
  return levels;
}

/** The moment the world last moved a market's book, Unix seconds. */
export function worldMoment(market: MarketState, at: number): number {
  return Math.max(stepStart(market, at), market.touchedAt);
}

/** Whether the venue shows a book of the market: it takes orders and has two outcomes. */
export function showsBook(market: MarketState, at: number): boolean {
  return acceptsOrders(market, at) && market.outcomes.length === 2;
}

/** Returns the book the world itself has at a moment; null where the venue keeps none. */
export function worldBook(market: MarketState, at: number): BookContent | null {
  if (!showsBook(market, at)) return null;
  const quote = quoteAt(market, at);
  const moment = worldMoment(market, at);
  return {
    bids: side(market, quote.bid, -1, 3, moment),
    asks: side(market, quote.ask, 1, 5, moment),
    // Within the second before: a book that is dated later than it is shown would date the trades after it wrongly, too.
    changedAtMs: moment * 1000 - (hash2(market.seed, moment) % 1000),
    lastTradeMicro: quote.last,
  };
}

/** The book as the second outcome sees it. */
function mirrored(levels: readonly Level[]): Level[] {
  return levels.map(({ price, size }) => ({ price: MICRO - price, size }));
}

/** Best price last, as the venue has it. */
function written(levels: readonly Level[]): BookLevel[] {
  return levels.map(({ price, size }) => ({ price: decimal(price), size: decimal(size) })).reverse();
}

/** Writes one outcome's `/book` answer: bids ascending and asks descending, the second outcome the exact mirror of the first. */
export function writeBook(
  market: MarketState,
  outcome: number,
  ids: { conditionId: string; tokenId: string },
  content: BookContent,
): BookAnswer {
  const { bids, asks } = content;
  const book: BookAnswer = {
    market: ids.conditionId,
    asset_id: ids.tokenId,
    timestamp: content.changedAtMs.toString(),
    hash: '',
    bids: written(outcome === 0 ? bids : mirrored(asks)),
    asks: written(outcome === 0 ? asks : mirrored(bids)),
    min_order_size: '5',
    tick_size: decimal(market.tickMicro),
    neg_risk: market.event.negRisk,
    last_trade_price: decimal(content.lastTradeMicro),
  };
  book.hash = bookHash(book);
  return book;
}

/** Returns the world's own book of one outcome; null where the venue keeps none. */
export function bookAt(
  market: MarketState,
  outcome: number,
  ids: { conditionId: string; tokenId: string },
  at: number,
): BookAnswer | null {
  const content = worldBook(market, at);
  return content === null ? null : writeBook(market, outcome, ids, content);
}
