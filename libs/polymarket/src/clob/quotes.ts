import { MicroPrice } from '@app/domain';
import { Parsed } from '../wire/refusal';
import { parseRow, WireObject } from '../wire/wire-object';

/** Reads `{"mid":"0.51"}`. Source: GET /midpoint, recorded June 2026. */
export function readMidpoint(answer: WireObject): MicroPrice {
  return answer.price('mid') ?? answer.refuse('mid', 'a price from 0 to 1');
}

/** Reads `{"spread":"0.02"}`. Source: GET /spread. */
export function readSpread(answer: WireObject): MicroPrice {
  return answer.priceChange('spread') ?? answer.refuse('spread', 'a difference of prices');
}

/** A price with the side it stands for; the side is null where the venue names none, as on a token that never traded. */
export interface QuotedPrice {
  price: MicroPrice;
  side: 'BUY' | 'SELL' | null;
}

/** Reads `{"price":"0.49"}` or `{"price":"0.5","side":"SELL"}`. Source: GET /price, GET /last-trade-price. */
export function readQuotedPrice(answer: WireObject): QuotedPrice {
  return {
    price: answer.price('price') ?? answer.refuse('price', 'a price from 0 to 1'),
    side: answer.optionalOneOf('side', ['BUY', 'SELL']),
  };
}

/** Reads `{"minimum_tick_size":0.01}`. Source: GET /tick-size. */
export function readTickSize(answer: WireObject): MicroPrice {
  return answer.tickSize('minimum_tick_size') ?? answer.refuse('minimum_tick_size', 'a tick size between 0 and 1');
}

/** Reads the venue's clock: a bare number of Unix seconds. Source: GET /time, recorded June 2026. */
export function parseServerTime(value: unknown): Parsed<Date> {
  return parseRow({ time: value }, '', (row) => row.moment('time') ?? row.refuse('time', 'a Unix time in seconds'));
}

/** Reads `{"error":"..."}`, the CLOB's form of every refusal. */
export function readClobError(answer: WireObject): string {
  return answer.text('error');
}
