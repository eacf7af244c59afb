import { complement, type ExecutionProfile, MICRO, type MicroPrice, type MicroUsdc, microUsdc } from '@app/domain';
import {
  DEFAULT_RESTING_SETTINGS,
  type MakerFill,
  mirrorLevels,
  oppositeSide,
  RestingBook,
  type RestingBookState,
  type RestingEvent,
  type RestingOrder,
  type RestingOutcome,
  type RestingSettings,
} from '@app/exchange';
import type { Tape } from './tape';

export interface Replay {
  book: RestingBook;
  outcomes: RestingOutcome[];
  fills: MakerFill[];
}

export interface ReplayOptions {
  settings?: Partial<RestingSettings>;
  /** Rests every order under this profile instead of its own. */
  profile?: ExecutionProfile;
  /** Before these events the book is written down, thrown away and built anew from the text. */
  restoreBefore?: ReadonlySet<number>;
  /** Told of every event after it happened. */
  onEvent?: (event: RestingEvent, outcomes: readonly RestingOutcome[], book: RestingBook) => void;
}

/** Plays a tape to a new resting book. */
export function replay({ conditionId, events }: Tape, options: ReplayOptions = {}): Replay {
  const settings = { ...DEFAULT_RESTING_SETTINGS, ...options.settings };
  let book = new RestingBook(conditionId, settings);
  const outcomes: RestingOutcome[] = [];
  for (const [index, event] of events.entries()) {
    if (options.restoreBefore?.has(index) === true) {
      book = RestingBook.restore(JSON.parse(JSON.stringify(book.state())) as RestingBookState, settings);
    }
    const happened = underProfile(event, options.profile);
    const told = book.apply(happened);
    outcomes.push(...told);
    options.onEvent?.(happened, told, book);
  }
  return { book, outcomes, fills: fillsOf(outcomes) };
}

export function fillsOf(outcomes: readonly RestingOutcome[]): MakerFill[] {
  return outcomes.filter((outcome) => outcome.kind === 'fill');
}

/** Outcomes as text, for comparing them to the last digit. */
export function asText(outcomes: readonly RestingOutcome[]): string {
  return JSON.stringify(outcomes, (_, value: unknown) => (typeof value === 'bigint' ? value.toString() : value));
}

/** What fills earned, were every share of the first outcome worth `price` in the end; rounded down fill by fill. */
export function profit(fills: readonly MakerFill[], price: MicroPrice): MicroUsdc {
  let sum = 0n;
  for (const fill of fills) {
    const worth = fill.outcomeIndex === 0 ? price : complement(price);
    const gain = (fill.side === 'buy' ? worth - fill.price : fill.price - worth) * fill.quantity;
    sum += gain >= 0n ? gain / MICRO : -((-gain + MICRO - 1n) / MICRO);
  }
  return microUsdc(sum);
}

/** The same events in the market whose outcomes have changed places. */
export function mirrorEvent(event: RestingEvent): RestingEvent {
  switch (event.kind) {
    case 'snapshot':
      return { ...event, ...mirrorLevels(event) };
    case 'changes':
      return { ...event, changes: event.changes.map((change) => ({ ...change, ...mirrored(change) })) };
    case 'taken':
      return { ...event, levels: event.levels.map((level) => ({ ...level, ...mirrored(level) })) };
    case 'consumed':
      return { ...event, levels: event.levels.map((level) => ({ ...level, ...mirrored(level) })) };
    case 'print':
      return { ...event, price: complement(event.price), aggressor: oppositeSide(event.aggressor) };
    case 'place':
    case 'replace':
      return { ...event, order: { ...event.order, outcomeIndex: 1 - event.order.outcomeIndex } };
    case 'tick':
    case 'gap':
    case 'cancel':
    case 'close':
    case 'clock':
    case 'pause':
      return event;
  }
}

/** The same order told of the other outcome: buying one at p is selling the other at 1 - p. */
export function throughOtherOutcome(order: RestingOrder): RestingOrder {
  return {
    ...order,
    outcomeIndex: 1 - order.outcomeIndex,
    side: oppositeSide(order.side),
    price: complement(order.price),
  };
}

function mirrored({ side, price }: { side: 'bid' | 'ask'; price: MicroPrice }): {
  side: 'bid' | 'ask';
  price: MicroPrice;
} {
  return { side: side === 'bid' ? 'ask' : 'bid', price: complement(price) };
}

function underProfile(event: RestingEvent, profile: ExecutionProfile | undefined): RestingEvent {
  if (profile === undefined || (event.kind !== 'place' && event.kind !== 'replace')) return event;
  return { ...event, order: { ...event.order, profile } };
}
