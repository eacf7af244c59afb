import { ClobOpenOrder, ClobTrade, readClobOpenOrder, readClobTrade } from '../clob/trading';
import { Parsed } from '../wire/refusal';
import { parseRow, WireObject } from '../wire/wire-object';

/** A message of the user socket. A killed FOK order arrives as a CANCELLATION without matched size. Source: recorded 2024 to 2026. */
export type UserChannelMessage =
  | { type: 'order'; change: 'PLACEMENT' | 'UPDATE' | 'CANCELLATION'; order: ClobOpenOrder; venueTime: Date | null }
  | { type: 'trade'; trade: ClobTrade; venueTime: Date | null };

const ORDER_CHANGES = ['PLACEMENT', 'UPDATE', 'CANCELLATION'] as const;

/** Reads one message of the user socket; those kept without `event_type` are told by their `type`. */
export function parseUserChannelMessage(value: unknown, path: string): Parsed<UserChannelMessage> {
  return parseRow(value, path, readUserChannelMessage);
}

function readUserChannelMessage(row: WireObject): UserChannelMessage {
  const venueTime = row.moment('timestamp');
  if (row.raw('event_type') === 'trade' || row.raw('type') === 'TRADE') {
    return { type: 'trade', trade: readClobTrade(row), venueTime };
  }
  return { type: 'order', change: row.oneOf('type', ORDER_CHANGES), order: readClobOpenOrder(row), venueTime };
}
