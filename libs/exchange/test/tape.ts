import {
  EXECUTION_PROFILES,
  formatMicro,
  microPrice,
  type MicroPrice,
  microShares,
  type MicroShares,
  ORDER_SIDES,
  parseMicro,
} from '@app/domain';
import {
  BOOK_STATES,
  type BookLevel,
  type LevelChange,
  mirrorLevels,
  type RestingEvent,
  type RestingOrder,
  type TakenLevel,
  toCanonical,
} from '@app/exchange';

/**
 * A tape: what happened in one market, one JSON object a line. The first line is `{"tape":1,"condition_id":...}`, every other one an event
 * with `at` (when it reached us) and, where the venue dated it, `venue_time`, both in ms; numbers that count are decimal texts.
 *
 * A snapshot or a print may be told of either outcome (`outcome`, 0 when absent); events are canonical once read, and written so.
 */
export interface Tape {
  conditionId: string;
  events: readonly RestingEvent[];
}

export function writeTape({ conditionId, events }: Tape): string {
  return [{ tape: 1, condition_id: conditionId }, ...events.map(writeEvent)]
    .map((line) => `${JSON.stringify(line)}\n`)
    .join('');
}

const BOOK_SIDES = ['bid', 'ask'] as const;

/** @throws Error that names the line and the field, and says what would be right. */
export function readTape(text: string): Tape {
  const lines = text.split('\n').filter((line) => line !== '');
  const rows = lines.map((line, index) => new Row(parseLine(line, index + 1), `line ${index + 1}`));
  const [head, ...rest] = rows;
  if (head?.number('tape') !== 1) throw new Error('line 1: not the head of a tape of version 1');
  return { conditionId: head.text('condition_id'), events: rest.map(readEvent) };
}

function parseLine(line: string, number: number): unknown {
  try {
    return JSON.parse(line);
  } catch (cause) {
    throw new Error(`line ${number}: not JSON`, { cause });
  }
}

const levelPairs = (levels: readonly BookLevel[]): [string, string][] =>
  levels.map(({ price, size }) => [formatMicro(price), formatMicro(size)]);

function writeEvent(event: RestingEvent): Record<string, unknown> {
  const { kind, atMs: at } = event;
  switch (kind) {
    case 'snapshot':
      return {
        at,
        kind,
        venue_time: event.venueTimeMs,
        bids: levelPairs(event.bids),
        asks: levelPairs(event.asks),
        sequence: event.sequence,
        hash: event.hash,
      };
    case 'changes':
      return {
        at,
        kind,
        venue_time: event.venueTimeMs,
        changes: event.changes.map(({ side, price, size }) => [side, formatMicro(price), formatMicro(size)]),
        sequence: event.sequence,
      };
    case 'print':
      return {
        at,
        kind,
        venue_time: event.venueTimeMs,
        aggressor: event.aggressor,
        price: formatMicro(event.price),
        size: formatMicro(event.size),
        transaction_hash: event.transactionHash,
      };
    case 'tick':
      return { at, kind, tick_size: formatMicro(event.tickSize) };
    case 'gap':
      return { at, kind, state: event.state, reason: event.reason };
    case 'place':
      return { at, kind, order: writeOrder(event.order) };
    case 'replace':
      return { at, kind, order_id: event.orderId, order: writeOrder(event.order) };
    case 'cancel':
      return { at, kind, order_id: event.orderId, reason: event.reason };
    case 'taken':
      return {
        at,
        kind,
        portfolio_id: event.portfolioId,
        levels: event.levels.map(({ side, price, quantity }) => [side, formatMicro(price), formatMicro(quantity)]),
      };
    case 'consumed':
      return {
        at,
        kind,
        portfolio_id: event.portfolioId,
        levels: event.levels.map(({ side, price, taken, displayed }) => [
          side,
          formatMicro(price),
          formatMicro(taken),
          formatMicro(displayed),
        ]),
      };
    case 'close':
      return { at, kind, reason: event.reason };
    case 'clock':
    case 'pause':
      return { at, kind };
  }
}

function writeOrder(order: RestingOrder): Record<string, unknown> {
  const orNull = (value: bigint | null): string | null => (value === null ? null : formatMicro(value));
  return {
    order_id: order.orderId,
    portfolio_id: order.portfolioId,
    outcome: order.outcomeIndex,
    side: order.side,
    price: formatMicro(order.price),
    quantity: formatMicro(order.quantity),
    filled_quantity: formatMicro(order.filledQuantity),
    profile: order.profile,
    resting_since: order.restingSinceMs,
    expires_at: order.expiresAtMs,
    queue_ahead: orNull(order.queueAhead),
    queue_ahead_at_entry: orNull(order.queueAheadAtEntry),
    arrival_midpoint: orNull(order.arrivalMidpoint),
  };
}

function readEvent(row: Row): RestingEvent {
  const atMs = row.number('at');
  const kind = row.text('kind');
  switch (kind) {
    case 'snapshot': {
      const book = { bids: readLevels(row, 'bids'), asks: readLevels(row, 'asks') };
      return {
        atMs,
        kind,
        venueTimeMs: row.number('venue_time'),
        ...(readOutcome(row) === 0 ? book : mirrorLevels(book)),
        sequence: row.numberOrNull('sequence'),
        hash: row.textOrNull('hash'),
      };
    }
    case 'changes':
      return {
        atMs,
        kind,
        venueTimeMs: row.number('venue_time'),
        changes: readTriples(row, 'changes').map(({ quantity, ...at }): LevelChange => ({ ...at, size: quantity })),
        sequence: row.numberOrNull('sequence'),
      };
    case 'print': {
      const { side, price } = toCanonical(row.oneOf('aggressor', ORDER_SIDES), readOutcome(row), row.price('price'));
      return {
        atMs,
        kind,
        venueTimeMs: row.number('venue_time'),
        aggressor: side,
        price,
        size: row.shares('size'),
        transactionHash: row.textOrNull('transaction_hash'),
      };
    }
    case 'tick':
      return { atMs, kind, tickSize: row.price('tick_size') };
    case 'gap': {
      const state = row.oneOf('state', BOOK_STATES);
      if (state === 'live') throw row.refuse('state', 'a state other than live');
      return { atMs, kind, state, reason: row.text('reason') };
    }
    case 'place':
      return { atMs, kind, order: readOrder(row.row('order')) };
    case 'replace':
      return { atMs, kind, orderId: row.text('order_id'), order: readOrder(row.row('order')) };
    case 'cancel':
      return { atMs, kind, orderId: row.text('order_id'), reason: row.text('reason') };
    case 'taken':
      return { atMs, kind, portfolioId: row.text('portfolio_id'), levels: readTriples(row, 'levels') };
    case 'consumed': {
      const levels = row.list('levels').map((level) => ({
        side: level.oneOf(0, BOOK_SIDES),
        price: level.price(1),
        taken: level.shares(2),
        displayed: level.shares(3),
      }));
      return { atMs, kind, portfolioId: row.text('portfolio_id'), levels };
    }
    case 'close':
      return { atMs, kind, reason: row.text('reason') };
    case 'clock':
    case 'pause':
      return { atMs, kind };
    default:
      throw row.refuse('kind', 'a kind of event');
  }
}

function readOutcome(row: Row): 0 | 1 {
  const outcome = row.numberOrNull('outcome') ?? 0;
  if (outcome !== 0 && outcome !== 1) throw row.refuse('outcome', '0 or 1');
  return outcome;
}

function readOrder(row: Row): RestingOrder {
  return {
    orderId: row.text('order_id'),
    portfolioId: row.text('portfolio_id'),
    outcomeIndex: readOutcome(row),
    side: row.oneOf('side', ORDER_SIDES),
    price: row.price('price'),
    quantity: row.shares('quantity'),
    filledQuantity: row.shares('filled_quantity'),
    profile: row.oneOf('profile', EXECUTION_PROFILES),
    restingSinceMs: row.number('resting_since'),
    expiresAtMs: row.numberOrNull('expires_at'),
    queueAhead: row.has('queue_ahead') ? row.shares('queue_ahead') : null,
    queueAheadAtEntry: row.has('queue_ahead_at_entry') ? row.shares('queue_ahead_at_entry') : null,
    arrivalMidpoint: row.has('arrival_midpoint') ? row.price('arrival_midpoint') : null,
  };
}

function readLevels(row: Row, field: string): BookLevel[] {
  return row.list(field).map((pair) => ({ price: pair.price(0), size: pair.shares(1) }));
}

function readTriples(row: Row, field: string): TakenLevel[] {
  return row
    .list(field)
    .map((triple) => ({ side: triple.oneOf(0, BOOK_SIDES), price: triple.price(1), quantity: triple.shares(2) }));
}

/** One object or list of a tape, read field by field. */
class Row {
  constructor(
    private readonly value: unknown,
    private readonly place: string,
  ) {}

  refuse(field: string | number, expected: string): Error {
    return new Error(`${this.place}: ${field} is ${JSON.stringify(this.get(field))}, not ${expected}`);
  }

  has(field: string): boolean {
    return this.get(field) != null;
  }

  text(field: string | number): string {
    const value = this.get(field);
    if (typeof value !== 'string') throw this.refuse(field, 'a text');
    return value;
  }

  textOrNull(field: string): string | null {
    return this.has(field) ? this.text(field) : null;
  }

  number(field: string): number {
    const value = this.get(field);
    if (typeof value !== 'number' || !Number.isInteger(value)) throw this.refuse(field, 'a whole number');
    return value;
  }

  numberOrNull(field: string): number | null {
    return this.has(field) ? this.number(field) : null;
  }

  price(field: string | number): MicroPrice {
    return microPrice(this.micro(field));
  }

  shares(field: string | number): MicroShares {
    return microShares(this.micro(field));
  }

  oneOf<T extends string>(field: string | number, values: readonly T[]): T {
    const found = values.find((value) => value === this.get(field));
    if (found === undefined) throw this.refuse(field, `one of ${values.join(', ')}`);
    return found;
  }

  row(field: string): Row {
    return new Row(this.get(field), `${this.place}, ${field}`);
  }

  list(field: string): Row[] {
    const value = this.get(field);
    if (!Array.isArray(value)) throw this.refuse(field, 'a list');
    return value.map((item: unknown, index) => new Row(item, `${this.place}, ${field}[${index}]`));
  }

  private get(field: string | number): unknown {
    return typeof this.value === 'object' && this.value !== null
      ? (this.value as Record<string | number, unknown>)[field]
      : undefined;
  }

  private micro(field: string | number): bigint {
    const parsed = parseMicro(this.text(field));
    if (!parsed.ok || parsed.value < 0n) throw this.refuse(field, 'a decimal text of at most six decimals');
    return parsed.value;
  }
}
