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
      rows: lastOfEach(parseRows(markets, 'markets', readVenueMarket)),
      nextCursor: readCursor(answer),
      body,
    };
  });
}

function readCursor(answer: WireObject): string | null {
  return answer.optionalText('next_cursor', MAX_CURSOR_LENGTH);
}

function lastOfEach(rows: Parsed<VenueMarket>[]): Parsed<VenueMarket>[] {
  const lastIndex = new Map<string, number>();
  rows.forEach((row, index) => {
    if (row.ok) lastIndex.set(row.value.gammaId, index);
  });
  return rows.filter((row, index) => !row.ok || lastIndex.get(row.value.gammaId) === index);
}
