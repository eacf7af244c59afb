import { createHash } from 'node:crypto';
import { MICRO } from '@app/domain';
import { BookLevel, OrderBookSnapshot } from '@app/exchange';
import { Parsed } from '../wire/refusal';
import { parseRow, WireObject } from '../wire/wire-object';

/**
 * Reads one order book. The venue sends the best price last on both sides; here it comes first. Levels of size 0 are no levels.
 * Source: GET /book and POST /books, recorded 2024 to 2026; the older shape has no tick size, minimum or neg-risk flag.
 */
export function readOrderBook(row: WireObject): OrderBookSnapshot {
  return {
    tokenId: row.tokenId('asset_id'),
    conditionId: row.optionalHash('market'),
    bids: readLevels(row, 'bids', (a, b) => (a.price > b.price ? -1 : 1)),
    asks: readLevels(row, 'asks', (a, b) => (a.price < b.price ? -1 : 1)),
    tickSize: row.tickSize('tick_size'),
    minOrderSize: row.shares('min_order_size'),
    negRisk: row.optionalFlag('neg_risk'),
    lastTradePrice: row.price('last_trade_price'),
    hash: row.optionalText('hash'),
    venueTime: row.milliseconds('timestamp'),
  };
}

/**
 * Whether a book is exactly what the venue sent: its `hash` is the SHA-1 of its own compact JSON with `hash` set to "".
 * Null when it carries no hash to compare. The keys must be in the order they were sent in, as `JSON.parse` leaves them.
 * Source: the venue's own client, and every recorded book of 2026.
 */
export function verifyBookHash(book: Readonly<Record<string, unknown>>): boolean | null {
  const { hash } = book;
  if (typeof hash !== 'string' || hash === '') return null;
  return (
    createHash('sha1')
      .update(JSON.stringify({ ...book, hash: '' }))
      .digest('hex') === hash
  );
}

/**
 * Reads one order book and refuses one that was changed on its way: a hash of the venue's present form must be that of the book itself.
 * Books of the older shape, whose hash covers other fields, and those without a hash are taken as they are.
 */
export function parseVerifiedBook(value: unknown, path: string): Parsed<OrderBookSnapshot> {
  const book = parseRow(value, path, readOrderBook);
  if (!book.ok) return book;
  const sent = value as Readonly<Record<string, unknown>>;
  const { hash } = sent;
  const isSelfContained = 'tick_size' in sent && typeof hash === 'string' && hash.length === 40;
  if (!isSelfContained || verifyBookHash(sent) === true) return book;
  const reason = `found ${hash}, expected the SHA-1 of the book itself: it was changed on its way`;
  return { ok: false, refusal: { path: path === '' ? 'hash' : `${path}.hash`, reason, id: book.value.tokenId } };
}

function readLevels(
  row: WireObject,
  side: 'bids' | 'asks',
  order: (a: BookLevel, b: BookLevel) => number,
): BookLevel[] {
  const levels = row.requiredList(side, readLevel).filter((level) => level.size > 0n);
  levels.sort(order);
  const repeated = levels.find((level, index) => level.price === levels[index + 1]?.price);
  return repeated === undefined
    ? levels
    : row.refuse(side, `each price once, not ${Number(repeated.price) / 1e6} twice`);
}

function readLevel(level: WireObject): BookLevel {
  const price = level.price('price');
  if (price === null || price === 0n || price === MICRO) return level.refuse('price', 'a price between 0 and 1');
  return { price, size: level.shares('size') ?? level.refuse('size', 'a quantity') };
}
