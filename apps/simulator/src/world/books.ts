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

interface Level {
  micro: number;
  size: string;
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
    levels.push({ micro: price, size: (Math.round(size * 100) / 100).toString() });
    price += step * market.tickMicro * (1 + (level > 2 ? bits % 3 : 0));
  }
  return levels;
}

/**
 * Returns the book of one outcome: bids ascending and asks descending, best price last, the second outcome the exact mirror of the
 * first. Null where the venue keeps none.
 */
export function bookAt(
  market: MarketState,
  outcome: number,
  ids: { conditionId: string; tokenId: string },
  at: number,
): BookAnswer | null {
  if (!acceptsOrders(market, at) || market.outcomes.length !== 2) return null;
  const quote = quoteAt(market, at);
  const moment = Math.max(stepStart(market, at), market.touchedAt);
  const below = side(market, quote.bid, -1, 3, moment);
  const above = side(market, quote.ask, 1, 5, moment);
  const mirrored = (levels: Level[]): Level[] => levels.map(({ micro, size }) => ({ micro: MICRO - micro, size }));
  const [bids, asks] = outcome === 0 ? [below, above] : [mirrored(above), mirrored(below)];
  const written = (levels: Level[]): BookLevel[] =>
    levels.map(({ micro, size }) => ({ price: (micro / MICRO).toString(), size })).reverse();
  const book: BookAnswer = {
    market: ids.conditionId,
    asset_id: ids.tokenId,
    timestamp: (moment * 1000 + (hash2(market.seed, moment) % 1000)).toString(),
    hash: '',
    bids: written(bids),
    asks: written(asks),
    min_order_size: '5',
    tick_size: (market.tickMicro / MICRO).toString(),
    neg_risk: market.event.negRisk,
    last_trade_price: (quote.last / MICRO).toString(),
  };
  book.hash = bookHash(book);
  return book;
}
