import { VenueMarket } from '@app/domain';
import { Parsed } from '../wire/refusal';
import { parseRow, parseRows, WireObject } from '../wire/wire-object';
import { parseJsonBody } from '../wire/json-body';
import { readVenueMarket } from './venue-market.mapper';

/** One page of Gamma's market list. */
export interface MarketPage {
  /** In the order sent; a market sent twice in one page appears once, as its last row says. */
  rows: Parsed<VenueMarket>[];
  /** Cursor of the next page; null on the last one. */
  nextCursor: string | null;
  /** The answer as received, decompressed, for staging. */
  body: Buffer;
}

const MAX_CURSOR_LENGTH = 4_096;

/**
 * Reads `{"markets":[...],"next_cursor":"..."}`. A row that is not understood is refused alone; an answer that is no such page is refused as
 * a whole. The end of the list is an absent cursor. Source: Gamma GET /markets/keyset.
 */
export function parseMarketPage(body: Buffer): Parsed<MarketPage> {
  const json = parseJsonBody(body);
  if (!json.ok) return json;
  return parseRow(json.value, '', (answer) => {
    const markets = answer.raw('markets');
    if (!Array.isArray(markets)) return answer.refuse('markets', 'an array of markets');
    return {
      rows: eachOnce(parseRows(markets, 'markets', readVenueMarket)),
      nextCursor: readCursor(answer),
      body,
    };
  });
}

function readCursor(answer: WireObject): string | null {
  return answer.optionalText('next_cursor', MAX_CURSOR_LENGTH);
}

/** Each market once, at its first place with its last content; refused rows stay as they are. */
export function eachOnce(rows: readonly Parsed<VenueMarket>[]): Parsed<VenueMarket>[] {
  return [...new Map(rows.map((row, index) => [row.ok ? row.value.gammaId : index, row])).values()];
}
