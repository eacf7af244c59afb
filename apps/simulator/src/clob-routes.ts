import { type Answer, type Call, json, listOf, parseBody, Refusal, text } from './http/answer';
import type { BookAnswer } from './world/books';
import type { HistoryPoint } from './world/prices';

/** A market as the CLOB knows it. */
export interface ClobMarket {
  conditionId: string;
  tokens: readonly { tokenId: string; outcome: string; price: number; winner: boolean }[];
  tickSize: number;
  negRisk: boolean;
  /** 0 when free of fees, else the ceiling in basis points. */
  baseFee: number;
  lastTrade: { price: string; side: 'BUY' | 'SELL' | '' };
}

/** Window of a price series; Unix seconds. `grain` is the spacing of points. */
export interface HistoryWindow {
  from: number;
  to: number;
  grain: number;
}

/** What stands behind the CLOB routes. Known-token checks come first, so that null always means "no book". */
export interface ClobSource {
  now(): number;
  book(tokenId: string): BookAnswer | null;
  marketOfToken(tokenId: string): ClobMarket | null;
  /** Empty for unknown tokens. `resolved` series have no fine grains. */
  history(tokenId: string, window: HistoryWindow): { points: HistoryPoint[]; resolved: boolean };
  /** Short-key object of `/clob-markets/{id}`. */
  info(conditionId: string): unknown;
  fullMarket(conditionId: string): unknown;
  /** Rows of the long lists; some rows come twice, as at the venue. */
  listLength(): number;
  listRow(position: number, simplified: boolean): unknown;
}

const LIST_PAGE = 1_000;
const END_CURSOR = 'LTE=';
const BOOKS_MAX = 500;
const BATCH_HISTORY_MAX = 20;
const DAY = 86_400;
/** Longest span of `startTs`..`endTs`. */
const SPAN_MAX = 15 * DAY;
/** Below this many minutes a resolved market's series is empty. */
const RESOLVED_FIDELITY = 720;

const INTERVALS: Record<string, { seconds: number; floor: number }> = {
  '1h': { seconds: 3_600, floor: 1 },
  '6h': { seconds: 6 * 3_600, floor: 1 },
  '1d': { seconds: DAY, floor: 1 },
  '1w': { seconds: 7 * DAY, floor: 5 },
  '1m': { seconds: 30 * DAY, floor: 10 },
  max: { seconds: Infinity, floor: 10 },
  all: { seconds: Infinity, floor: 10 },
};

function failure(error: string, status: number): Refusal {
  return new Refusal(json({ error }, status));
}

const NO_BOOK = 'No orderbook exists for the requested token id';

/** Polymarket's public CLOB routes. Source of the rules: its OpenAPI of May 2026 and recorded answers. */
export class ClobRoutes {
  constructor(private readonly source: ClobSource) {}

  answer(call: Call): Answer {
    try {
      return this.route(call);
    } catch (error) {
      if (error instanceof Refusal) return error.answer;
      throw error;
    }
  }

  private route(call: Call): Answer {
    const { path, query } = call;
    switch (`${call.method} ${path}`) {
      case 'GET /':
      case 'GET /ok':
        return text('OK');
      case 'GET /time':
        return json(this.source.now());
      case 'GET /book':
        return json(this.bookOf(query.get('token_id')));
      case 'GET /books':
        return this.books(listOf(query, 'token_ids'));
      case 'POST /books':
        return this.books(tokenList(call.body));
      case 'GET /price':
        return this.price(query);
      case 'GET /midpoint':
        return json({ mid: midpoint(this.bookOf(query.get('token_id'))) });
      case 'GET /spread':
        return json({ spread: spread(this.bookOf(query.get('token_id'))) });
      case 'GET /last-trade-price':
        return json(this.market(query.get('token_id')).lastTrade);
      case 'GET /prices-history':
        return this.pricesHistory(query);
      case 'POST /batch-prices-history':
        return this.batchHistory(call.body);
      case 'GET /markets':
        return this.list(query, false);
      case 'GET /simplified-markets':
        return this.list(query, true);
    }
    if (call.method !== 'GET') return json({ error: 'not found' }, 404);
    return this.routeByPath(path, query);
  }

  private routeByPath(path: string, query: URLSearchParams): Answer {
    const [, name, id, more] = path.split('/');
    if (more !== undefined) return json({ error: 'not found' }, 404);
    switch (name) {
      case 'tick-size':
        return json({ minimum_tick_size: this.market(id ?? query.get('token_id')).tickSize });
      case 'neg-risk':
        return json({ neg_risk: this.market(id ?? query.get('token_id')).negRisk });
      case 'fee-rate':
        return json({ base_fee: this.market(id ?? query.get('token_id'), 'fee rate not found for market').baseFee });
      case 'clob-markets':
        return found(this.source.info(id ?? ''));
      case 'markets':
        return found(this.source.fullMarket(id ?? ''));
      case 'markets-by-token': {
        const market = this.market(id ?? null);
        const [primary, secondary] = market.tokens;
        return json({
          condition_id: market.conditionId,
          primary_token_id: primary?.tokenId,
          secondary_token_id: secondary?.tokenId,
        });
      }
      default:
        return json({ error: 'not found' }, 404);
    }
  }

  private bookOf(tokenId: string | null): BookAnswer {
    const book = this.source.book(checkedToken(tokenId));
    if (book === null) throw failure(NO_BOOK, 404);
    return book;
  }

  private market(tokenId: string | null, missing = 'market not found'): ClobMarket {
    const market = this.source.marketOfToken(checkedToken(tokenId));
    if (market === null) throw failure(missing, 404);
    return market;
  }

  /** Unknown tokens and tokens without a book are left out. */
  private books(tokenIds: string[]): Answer {
    if (tokenIds.length > BOOKS_MAX) throw failure('Payload exceeds the limit', 400);
    return json(tokenIds.map((tokenId) => this.source.book(tokenId)).filter((book) => book !== null));
  }

  /** BUY is the best bid and SELL the best ask, as the OpenAPI says. */
  private price(query: URLSearchParams): Answer {
    const side = query.get('side')?.toUpperCase();
    if (side !== 'BUY' && side !== 'SELL') throw failure('Invalid side', 400);
    const book = this.bookOf(query.get('token_id'));
    const best = (side === 'BUY' ? book.bids : book.asks).at(-1);
    if (best === undefined) throw failure('No orders found for the requested side', 404);
    return json({ price: best.price });
  }

  private pricesHistory(query: URLSearchParams): Answer {
    const tokenId = query.get('market');
    if (tokenId === null || tokenId === '') throw failure("invalid filters: 'market' is required", 400);
    return json({
      history: this.series(
        tokenId,
        readRange(this.source.now(), (name) => query.get(name)),
      ),
    });
  }

  private batchHistory(body: string): Answer {
    const asked = parseBody(body);
    if (typeof asked !== 'object' || asked === null) throw failure('Invalid payload', 400);
    const request = asked as Record<string, unknown>;
    const { markets } = request;
    if (!Array.isArray(markets) || !markets.every((market) => typeof market === 'string')) {
      throw failure('Invalid payload', 400);
    }
    if (markets.length > BATCH_HISTORY_MAX) throw failure('Payload exceeds the limit', 400);
    const names: Record<string, string> = { startTs: 'start_ts', endTs: 'end_ts' };
    const range = readRange(this.source.now(), (name) => {
      const value = request[names[name] ?? name];
      return typeof value === 'string' || typeof value === 'number' ? value.toString() : null;
    });
    return json({ history: Object.fromEntries(markets.map((market) => [market, this.series(market, range)])) });
  }

  private series(tokenId: string, { window, fidelity }: { window: HistoryWindow; fidelity: number }): HistoryPoint[] {
    const { points, resolved } = this.source.history(tokenId, window);
    return resolved && fidelity < RESOLVED_FIDELITY ? [] : points;
  }

  private list(query: URLSearchParams, simplified: boolean): Answer {
    const offset = listOffset(query.get('next_cursor') ?? '');
    const total = this.source.listLength();
    const data: unknown[] = [];
    for (let position = offset; position < Math.min(total, offset + LIST_PAGE); position += 1) {
      data.push(this.source.listRow(position, simplified));
    }
    const next =
      offset + LIST_PAGE < total ? Buffer.from((offset + LIST_PAGE).toString()).toString('base64') : END_CURSOR;
    return json({ data, next_cursor: next, limit: LIST_PAGE, count: data.length });
  }
}

function found(value: unknown): Answer {
  return value === null ? json({ error: 'market not found' }, 404) : json(value);
}

function isToken(text: string): boolean {
  return /^[0-9]{1,78}$/.test(text);
}

function checkedToken(tokenId: string | null): string {
  if (tokenId === null || !isToken(tokenId)) throw failure('Invalid token id', 400);
  return tokenId;
}

function tokenList(body: string): string[] {
  const asked = parseBody(body);
  if (!Array.isArray(asked)) throw failure('Invalid payload', 400);
  return asked.map((entry: unknown) => {
    const tokenId = typeof entry === 'object' && entry !== null ? (entry as Record<string, unknown>).token_id : null;
    if (typeof tokenId !== 'string') throw failure('Invalid payload', 400);
    return tokenId;
  });
}

function rounded(value: number): string {
  return (Math.round(value * 1e7) / 1e7).toString();
}

function midpoint(book: BookAnswer): string {
  const { bid, ask } = best(book);
  if (bid === null || ask === null) throw failure('error getting the mid price', 500);
  return rounded((bid + ask) / 2);
}

function spread(book: BookAnswer): string {
  const { bid, ask } = best(book);
  if (bid === null || ask === null) throw failure('error getting the spread', 500);
  return rounded(ask - bid);
}

function best(book: BookAnswer): { bid: number | null; ask: number | null } {
  const bid = book.bids.at(-1);
  const ask = book.asks.at(-1);
  return { bid: bid === undefined ? null : Number(bid.price), ask: ask === undefined ? null : Number(ask.price) };
}

function listOffset(cursor: string): number {
  if (cursor === '') return 0;
  const decoded = Buffer.from(cursor, 'base64').toString();
  if (!/^\d{1,9}$/.test(decoded)) throw failure('Invalid next_cursor', 400);
  return Number(decoded);
}

function wholeSeconds(text: string | null, name: string): number | null {
  if (text === null || text === '') return null;
  if (!/^\d{1,12}$/.test(text)) throw failure(`invalid filters: '${name}' must be a unix timestamp`, 400);
  return Number(text);
}

/** Refusals carry the venue's texts as far as they are known. */
function readRange(
  now: number,
  parameter: (name: string) => string | null,
): { window: HistoryWindow; fidelity: number } {
  const start = wholeSeconds(parameter('startTs'), 'startTs');
  const end = wholeSeconds(parameter('endTs'), 'endTs');
  const name = parameter('interval');
  const asked = parameter('fidelity');
  if (asked !== null && !/^\d{1,6}$/.test(asked)) throw failure("invalid filters: 'fidelity' must be an integer", 400);
  if (name !== null && name !== '') {
    const interval = Object.hasOwn(INTERVALS, name) ? INTERVALS[name] : undefined;
    if (interval === undefined) throw failure(`invalid filters: 'interval' ${name} is not supported`, 400);
    if (start !== null) throw failure("invalid filters: 'interval' and 'startTs' are mutually exclusive", 400);
    const fidelity = asked === null ? interval.floor : Number(asked);
    if (fidelity < interval.floor) {
      throw failure(`invalid filters: minimum 'fidelity' for '${name}' range is ${interval.floor}`, 400);
    }
    const from = interval.seconds === Infinity ? 0 : now - interval.seconds;
    return { window: { from, to: now, grain: fidelity * 60 }, fidelity };
  }
  if (start === null) throw failure("invalid filters: 'interval' or 'startTs' is required", 400);
  const to = end ?? now;
  if (to < start) throw failure("invalid filters: 'startTs' must be before 'endTs'", 400);
  if (to - start > SPAN_MAX) throw failure("invalid filters: 'startTs' and 'endTs' interval is too long", 400);
  const fidelity = Math.max(1, Number(asked ?? '1'));
  return { window: { from: start, to, grain: fidelity * 60 }, fidelity };
}
