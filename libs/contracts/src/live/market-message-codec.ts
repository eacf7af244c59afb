import { ORDER_SIDES } from '@app/domain';
import { BOOK_SIDES, BOOK_STATES, type LevelChange, type Print } from '@app/exchange';
import { encodeLiveBook, liveBookOf } from './live-book-codec';
import type { MarketMessage } from './market-message';
import {
  countOf,
  decodeText,
  type Fields,
  fieldsOf,
  levelPriceOf,
  nameOf,
  oneOf,
  orNull,
  priceOf,
  sharesOf,
  sizeOf,
  textOf,
  triplesOf,
} from './text-reader';

const KINDS = ['book', 'changes', 'state', 'print'] as const satisfies readonly MarketMessage['kind'][];

/** A message of a market's channel as the text it travels as. */
export function encodeMarketMessage(message: MarketMessage): string {
  switch (message.kind) {
    case 'book':
      return `{"kind":"book","book":${encodeLiveBook(message.book)}}`;
    case 'changes':
      return JSON.stringify({
        kind: message.kind,
        epoch: message.epoch,
        sequence: message.sequence,
        venue_time_ms: message.venueTimeMs,
        at_ms: message.atMs,
        changes: changeTexts(message.changes),
      });
    case 'state':
      return JSON.stringify({
        kind: message.kind,
        epoch: message.epoch,
        state: message.state,
        reason: message.reason,
        at_ms: message.atMs,
      });
    case 'print':
      return JSON.stringify({
        kind: message.kind,
        epoch: message.epoch,
        at_ms: message.atMs,
        print: printFields(message.print),
      });
  }
}

/** The message of such a text; null for any other. */
export function decodeMarketMessage(text: string): MarketMessage | null {
  return decodeText(text, messageOf);
}

function messageOf(fields: Fields): MarketMessage {
  const kind = oneOf(KINDS, fields['kind']);
  if (kind === 'book') return { kind, book: liveBookOf(fieldsOf(fields['book'])) };
  const epoch = nameOf(fields['epoch']);
  const atMs = countOf(fields['at_ms']);
  switch (kind) {
    case 'changes':
      return {
        kind,
        epoch,
        sequence: countOf(fields['sequence']),
        venueTimeMs: countOf(fields['venue_time_ms']),
        atMs,
        changes: triplesOf(fields['changes'], changeOf),
      };
    case 'state':
      return {
        kind,
        epoch,
        state: oneOf(BOOK_STATES, fields['state']),
        reason: orNull(fields['reason'], textOf),
        atMs,
      };
    case 'print':
      return { kind, epoch, atMs, print: printOf(fieldsOf(fields['print'])) };
  }
}

function changeTexts(changes: readonly LevelChange[]): string[] {
  const texts: string[] = [];
  for (const { side, price, size } of changes) texts.push(side, price.toString(), size.toString());
  return texts;
}

function changeOf(side: unknown, price: unknown, size: unknown): LevelChange {
  return { side: oneOf(BOOK_SIDES, side), price: levelPriceOf(price), size: sharesOf(size) };
}

function printFields({ price, size, aggressor, venueTimeMs, transactionHash }: Print): object {
  return {
    price: price.toString(),
    size: size.toString(),
    aggressor,
    venue_time_ms: venueTimeMs,
    transaction_hash: transactionHash,
  };
}

function printOf(fields: Fields): Print {
  return {
    price: priceOf(fields['price']),
    size: sizeOf(fields['size']),
    aggressor: oneOf(ORDER_SIDES, fields['aggressor']),
    venueTimeMs: countOf(fields['venue_time_ms']),
    transactionHash: orNull(fields['transaction_hash'], textOf),
  };
}
