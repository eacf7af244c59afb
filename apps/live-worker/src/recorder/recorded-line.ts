import { formatMicro } from '@app/domain';
import type { BookLevel, OrderBookSnapshot } from '@app/exchange';
import { type Parsed, parseRow, readOrderBook, type WireObject } from '@app/polymarket';

/** One line of a recording: what reached the live-worker, and when. */
export type RecordedLine = { atMs: number } &
  /** A frame of the venue's stream, as it was sent. */
  (
    | { kind: 'frame'; connection: number; frame: string }
    | { kind: 'connected'; connection: number; tokenIds: readonly string[] }
    /** Null for all tokens of the connection. */
    | { kind: 'disconnected'; connection: number; tokenIds: readonly string[] | null; reason: string }
    /** A file begins with these tokens on a connection that was there before. */
    | { kind: 'continues'; connection: number; tokenIds: readonly string[] }
    /** A market began to be followed: its tokens in order of its outcomes. */
    | { kind: 'market'; conditionId: string; tokenIds: readonly [string, string] }
    /** A book asked for over REST, to compare. */
    | { kind: 'book'; book: OrderBookSnapshot }
    /** The venue keeps none that could be compared with. */
    | { kind: 'no_book'; tokenId: string }
    /** Lines that could not be kept: what follows begins with a gap. */
    | { kind: 'lost'; lines: number }
  );

/** Writes a line as compact JSON, with its line break. */
export function writeRecordedLine(line: RecordedLine): string {
  return `${JSON.stringify(fieldsOf(line))}\n`;
}

/** Reads a line, or says what of it is not as it should be. */
export function readRecordedLine(text: string): Parsed<RecordedLine> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return {
      ok: false,
      refusal: { path: '', reason: 'found what is not JSON, expected a line of a recording', id: null },
    };
  }
  return parseRow(value, '', readFields);
}

function fieldsOf(line: RecordedLine): Record<string, unknown> {
  const { atMs: at, kind } = line;
  switch (kind) {
    case 'frame':
      return { at, kind, connection: line.connection, frame: line.frame };
    case 'connected':
    case 'continues':
      return { at, kind, connection: line.connection, token_ids: line.tokenIds };
    case 'disconnected':
      return { at, kind, connection: line.connection, token_ids: line.tokenIds, reason: line.reason };
    case 'market':
      return { at, kind, condition_id: line.conditionId, token_ids: line.tokenIds };
    case 'book':
      return { at, kind, book: wireBook(line.book) };
    case 'no_book':
      return { at, kind, token_id: line.tokenId };
    case 'lost':
      return { at, kind, lines: line.lines };
  }
}

/** A book as the venue writes it. */
function wireBook(book: OrderBookSnapshot): Record<string, unknown> {
  const levels = (side: readonly BookLevel[]): object[] =>
    side.map(({ price, size }) => ({ price: formatMicro(price), size: formatMicro(size) })).reverse();
  const orNull = (value: bigint | null): string | null => (value === null ? null : formatMicro(value));
  return {
    market: book.conditionId,
    asset_id: book.tokenId,
    timestamp: String(book.venueTime.getTime()),
    hash: book.hash,
    bids: levels(book.bids),
    asks: levels(book.asks),
    min_order_size: orNull(book.minOrderSize),
    tick_size: orNull(book.tickSize),
    neg_risk: book.negRisk,
    last_trade_price: orNull(book.lastTradePrice),
  };
}

const KINDS = ['frame', 'connected', 'disconnected', 'continues', 'market', 'book', 'no_book', 'lost'] as const;

function readFields(row: WireObject): RecordedLine {
  const atMs = row.milliseconds('at').getTime();
  const kind = row.oneOf('kind', KINDS);
  const connection = (): number => row.integer('connection') ?? row.refuse('connection', 'the number of a connection');
  const tokenIds = (): string[] => row.texts('token_ids') ?? row.refuse('token_ids', 'an array of token ids');
  switch (kind) {
    case 'frame': {
      const frame = row.raw('frame');
      return {
        atMs,
        kind,
        connection: connection(),
        frame: typeof frame === 'string' ? frame : row.refuse('frame', 'text'),
      };
    }
    case 'connected':
    case 'continues':
      return { atMs, kind, connection: connection(), tokenIds: tokenIds() };
    case 'disconnected':
      return { atMs, kind, connection: connection(), tokenIds: row.texts('token_ids'), reason: row.text('reason') };
    case 'market': {
      const [first, second] = tokenIds();
      if (first === undefined || second === undefined) return row.refuse('token_ids', 'two token ids');
      return { atMs, kind, conditionId: row.text('condition_id'), tokenIds: [first, second] };
    }
    case 'book':
      return { atMs, kind, book: readOrderBook(row.object('book')) };
    case 'no_book':
      return { atMs, kind, tokenId: row.tokenId('token_id') };
    case 'lost':
      return { atMs, kind, lines: row.integer('lines') ?? row.refuse('lines', 'how many') };
  }
}
