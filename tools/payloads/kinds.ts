import {
  marketChannelTypeOf,
  parseMarketChannelMessage,
  parseRow,
  parseRtdsPriceMessage,
  parseServerTime,
  parseUserChannelMessage,
  parseVerifiedBook,
  readBatchPriceHistory,
  readClobBalanceAllowance,
  readClobCancelAnswer,
  readClobError,
  readClobMarket,
  readClobMarketInfo,
  readClobOpenOrder,
  readClobOrderAnswer,
  readClobPage,
  readClobSignedOrder,
  readClobSimplifiedMarket,
  readClobTrade,
  readDataTrade,
  readGammaEvent,
  readGammaSearchAnswer,
  readGammaTag,
  readMidpoint,
  readOpenInterest,
  readPriceHistory,
  readQuotedPrice,
  readSpread,
  readTickSize,
  readTokenHolders,
  readVenueMarket,
  WireObject,
  type Parsed,
  type PayloadRefusal,
} from '@app/polymarket';
import { readRecordedMarket, readTopOfBookSample } from './recorders';

/** What reading one payload came to. */
export interface Reading {
  kind: string;
  /** Rows, points or messages the payload holds. */
  records: number;
  parsed: number;
  refusals: PayloadRefusal[];
}

/** A shape of payload: how to know it, even with a field missing, and how to read it. */
interface Kind {
  name: string;
  /** What rows of it are called in a refusal's path: `markets[17].outcomes`. */
  rows?: string;
  matches: (fields: WireObject) => boolean;
  read: (value: unknown, path: string) => Parsed<unknown>;
  /** Records the payload counts for when it is not one. */
  count?: (fields: WireObject) => number;
}

const USER_EVENTS: ReadonlySet<unknown> = new Set(['order', 'trade']);
const USER_CHANGES: ReadonlySet<unknown> = new Set(['PLACEMENT', 'UPDATE', 'CANCELLATION', 'TRADE']);

/** Messages of the sockets, with or without their `event_type`. */
const SOCKET_KINDS: readonly Kind[] = [
  {
    name: 'user-socket',
    matches: (fields) => USER_EVENTS.has(fields.raw('event_type')) || USER_CHANGES.has(fields.raw('type')),
    read: parseUserChannelMessage,
  },
  { name: 'market-socket', matches: (fields) => marketChannelTypeOf(fields) !== null, read: parseMarketChannelMessage },
];

/** Objects that stand for one record each, alone or as elements of an array. */
const RECORD_KINDS: readonly Kind[] = [
  { name: 'recorder-market', matches: hasAll('raw', 'slug'), read: reader(readRecordedMarket) },
  { name: 'derived-top-of-book', matches: hasAll('up_best_bid', 'down_best_bid'), read: reader(readTopOfBookSample) },
  {
    name: 'gamma-event',
    rows: 'events',
    matches: hasSome(3, 'id', 'slug', 'title', 'ticker', 'markets', 'creationDate'),
    read: reader(readGammaEvent),
  },
  {
    name: 'gamma-market',
    rows: 'markets',
    matches: hasSome(2, 'slug', 'question', 'outcomes', 'outcomePrices', 'clobTokenIds', 'questionID'),
    read: reader(readVenueMarket),
  },
  {
    name: 'gamma-tag',
    rows: 'tags',
    matches: hasSome(2, 'label', 'slug', 'forceShow', 'requiresTranslation'),
    read: reader(readGammaTag),
  },
  {
    name: 'clob-market',
    rows: 'markets',
    matches: hasSome(3, 'condition_id', 'tokens', 'market_slug', 'minimum_tick_size'),
    read: reader(readClobMarket),
  },
  {
    name: 'clob-simplified-market',
    rows: 'markets',
    matches: hasSome(2, 'condition_id', 'tokens', 'accepting_orders'),
    read: reader(readClobSimplifiedMarket),
  },
  {
    name: 'clob-market-info',
    rows: 'markets',
    matches: hasSome(3, 'c', 't', 'mos', 'mts'),
    read: reader(readClobMarketInfo),
  },
  {
    name: 'data-trade',
    rows: 'trades',
    matches: hasSome(3, 'proxyWallet', 'asset', 'side', 'size', 'transactionHash'),
    read: reader(readDataTrade),
  },
  { name: 'data-holders', rows: 'tokens', matches: hasAll('token', 'holders'), read: reader(readTokenHolders) },
  { name: 'data-open-interest', rows: 'oi', matches: hasAll('market', 'value'), read: reader(readOpenInterest) },
  { name: 'rtds-prices', matches: hasAll('topic', 'payload'), read: parseRtdsPriceMessage },
  {
    name: 'clob-signed-order',
    matches: hasAll('tokenId', 'makerAmount', 'signature'),
    read: reader(readClobSignedOrder),
  },
  { name: 'clob-order-answer', matches: hasAll('success', 'orderID'), read: reader(readClobOrderAnswer) },
  { name: 'clob-cancel-answer', matches: hasAll('canceled', 'not_canceled'), read: reader(readClobCancelAnswer) },
  { name: 'clob-balance', matches: hasAll('balance'), read: reader(readClobBalanceAllowance) },
  {
    name: 'clob-book',
    rows: 'books',
    matches: (fields) => (fields.has('bids') || fields.has('asks')) && !fields.has('event_type'),
    read: parseVerifiedBook,
  },
  ...SOCKET_KINDS,
  { name: 'clob-trade', matches: hasAll('taker_order_id', 'maker_orders'), read: reader(readClobTrade) },
  { name: 'clob-open-order', matches: hasAll('original_size', 'size_matched'), read: reader(readClobOpenOrder) },
  { name: 'clob-midpoint', matches: hasAll('mid'), read: reader(readMidpoint) },
  { name: 'clob-tick-size', matches: hasAll('minimum_tick_size'), read: reader(readTickSize) },
  { name: 'clob-spread', matches: hasAll('spread'), read: reader(readSpread) },
  { name: 'clob-price', matches: hasAll('price'), read: reader(readQuotedPrice) },
  { name: 'clob-error', matches: hasAll('error'), read: reader(readClobError) },
];

/** Objects that hold many records and are kept or refused as one. */
const ANSWER_KINDS: readonly Kind[] = [
  {
    name: 'clob-price-history',
    matches: (fields) => Array.isArray(fields.raw('history')),
    read: reader(readPriceHistory),
    count: (fields) => lengthOf(fields.raw('history')),
  },
  {
    name: 'clob-batch-price-history',
    matches: (fields) => isObject(fields.raw('history')),
    read: reader(readBatchPriceHistory),
    count: (fields) => fields.object('history').keys().length,
  },
  {
    name: 'gamma-search',
    matches: (fields) => Array.isArray(fields.raw('events')) && fields.has('pagination'),
    read: reader(readGammaSearchAnswer),
    count: (fields) => lengthOf(fields.raw('events')),
  },
];

/** Reads one payload as whatever it shows itself to be; null when it is nothing known. */
export function readPayload(value: unknown): Reading | null {
  if (Array.isArray(value)) return readArray(value);
  if (typeof value === 'number') return whole('clob-time', parseServerTime(value), 1);
  if (!isObject(value)) return null;
  const fields = WireObject.from(value, '');
  if (fields.has('url') && fields.has('status')) return readRecordedAnswer(fields);
  for (const container of ['markets', 'events']) {
    const rows = fields.raw(container);
    const isPage = fields.keys().every((key) => key === container || key === 'next_cursor');
    if (Array.isArray(rows) && isPage) return renamed(readArray(rows), `gamma-${container}-page`);
  }
  if (Array.isArray(fields.raw('data')) && fields.has('next_cursor')) return readPage(fields);
  const answer = ANSWER_KINDS.find((kind) => kind.matches(fields));
  if (answer !== undefined) return whole(answer.name, answer.read(value, ''), answer.count?.(fields) ?? 1);
  const record = recordKindOf(fields);
  return record === undefined ? null : whole(record.name, record.read(value, ''), 1);
}

/** An array of records of one kind, told by the first that is known. An empty array is a list of anything. */
function readArray(values: readonly unknown[]): Reading | null {
  if (values.length === 0) return { kind: 'empty-list', records: 0, parsed: 0, refusals: [] };
  for (const value of values) {
    const kind = isObject(value) ? recordKindOf(WireObject.from(value, '')) : undefined;
    if (kind === undefined) continue;
    return rowsOf(
      `${kind.name}-list`,
      values.map((element, index) => kind.read(element, `${kind.rows ?? ''}[${index}]`)),
    );
  }
  return null;
}

function recordKindOf(fields: WireObject): Kind | undefined {
  const candidates = fields.has('event_type') ? SOCKET_KINDS : RECORD_KINDS;
  return candidates.find((kind) => kind.matches(fields));
}

function readPage(fields: WireObject): Reading {
  const data = fields.raw('data');
  const first: unknown = Array.isArray(data) ? data[0] : undefined;
  const isFull = isObject(first) && 'market_slug' in first;
  const readRow: (row: WireObject) => unknown = isFull ? readClobMarket : readClobSimplifiedMarket;
  return rowsOf(isFull ? 'clob-markets-page' : 'clob-simplified-markets-page', readClobPage(fields, readRow).rows);
}

/** One line of a recorder that kept request and answer together. */
function readRecordedAnswer(fields: WireObject): Reading | null {
  const body = fields.raw('body');
  const status = fields.integer('status') ?? 0;
  if (status >= 400) {
    const said = typeof body === 'string' && body !== '' ? { error: body } : body;
    return whole('recorded-answer', parseRow(said, 'body', readClobError), 1);
  }
  const reading = readPayload(body);
  return reading === null
    ? null
    : {
        kind: 'recorded-answer',
        records: 1,
        parsed: reading.refusals.length === 0 ? 1 : 0,
        refusals: reading.refusals,
      };
}

function rowsOf(kind: string, rows: readonly Parsed<unknown>[]): Reading {
  const refusals = rows.flatMap((row) => (row.ok ? [] : [row.refusal]));
  return { kind, records: rows.length, parsed: rows.length - refusals.length, refusals };
}

function whole(kind: string, reading: Parsed<unknown>, records: number): Reading {
  return reading.ok
    ? { kind, records, parsed: records, refusals: [] }
    : { kind, records, parsed: 0, refusals: [reading.refusal] };
}

function renamed(reading: Reading | null, kind: string): Reading | null {
  return reading === null ? null : { ...reading, kind };
}

function reader<T>(read: (row: WireObject) => T): (value: unknown, path: string) => Parsed<T> {
  return (value, path) => parseRow(value, path, read);
}

function hasAll(...keys: string[]): (fields: WireObject) => boolean {
  return (fields) => keys.every((key) => fields.has(key));
}

function hasSome(count: number, ...keys: string[]): (fields: WireObject) => boolean {
  return (fields) => keys.filter((key) => fields.has(key)).length >= count;
}

/** Whether a value is a JSON object. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function lengthOf(value: unknown): number {
  return Array.isArray(value) ? value.length : 0;
}
