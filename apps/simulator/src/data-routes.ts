import { type Answer, type Call, json, listOf, text } from './http/answer';
import type { HistoryPoint } from './world/prices';

/** One print of the public tape. */
export interface TradePrint {
  proxyWallet: string;
  side: 'BUY' | 'SELL';
  asset: string;
  conditionId: string;
  size: number;
  price: number;
  timestamp: number;
  title: string;
  slug: string;
  icon: string;
  eventSlug: string;
  outcome: string;
  outcomeIndex: number;
  name: string;
  pseudonym: string;
  bio: string;
  profileImage: string;
  profileImageOptimized: string;
  transactionHash: string;
}

export interface HolderRow {
  proxyWallet: string;
  asset: string;
  amount: number;
  outcomeIndex: number;
}

/** What stands behind the Data routes. */
export interface DataSource {
  now(): number;
  /** USD in open positions; null for unknown markets. Without an id: of all markets together. */
  openInterest(conditionId: string | null): number | null;
  /** Newest first, of all markets when none are asked for. */
  trades(filter: { conditionIds: readonly string[]; side: string | null; offset: number; limit: number }): TradePrint[];
  holders(conditionId: string, limit: number): { token: string; holders: HolderRow[] }[];
  history(
    tokenId: string,
    window: { from: number; to: number; grain: number },
  ): { points: HistoryPoint[]; resolved: boolean };
}

const DAY = 86_400;
const TRADES_MAX = 1_000;
const OFFSET_MAX = 10_000;
const OI_V2_MAX = 20;

/** Polymarket's Data API, v1 and v2. Source of the rules: its OpenAPI of May 2026 and the v2 pages of autumn 2026. */
export class DataRoutes {
  constructor(private readonly source: DataSource) {}

  answer(call: Call): Answer {
    if (call.method !== 'GET') return json({ error: 'method not allowed' }, 405);
    const { path, query } = call;
    switch (path) {
      case '/':
        return json({ data: 'OK' });
      case '/oi':
        return this.openInterest(query);
      case '/holders':
        return this.holders(query);
      case '/trades':
        return this.trades(query);
      case '/v2/oi':
        return this.openInterestV2(query);
      case '/v2/prices-history':
        return this.historyV2(query);
      default:
        return text('404 page not found\n', 404);
    }
  }

  private openInterest(query: URLSearchParams): Answer {
    const asked = listOf(query, 'market');
    if (asked.length === 0) return json([{ market: 'GLOBAL', value: this.source.openInterest(null) ?? 0 }]);
    const rows = asked.map((market) => ({ market, value: this.source.openInterest(market) }));
    return json(rows.filter((row) => row.value !== null));
  }

  private holders(query: URLSearchParams): Answer {
    const asked = listOf(query, 'market');
    if (asked.length === 0) return json({ error: "required query param 'market' not provided" }, 400);
    const limit = Math.min(20, whole(query, 'limit') ?? 20);
    return json(
      asked
        .flatMap((market) => this.source.holders(market, limit))
        .map(({ token, holders }) => ({
          token,
          holders: holders.map((holder) => ({
            ...holder,
            name: '',
            pseudonym: '',
            bio: '',
            displayUsernamePublic: false,
            profileImage: '',
            profileImageOptimized: '',
          })),
        })),
    );
  }

  private trades(query: URLSearchParams): Answer {
    const offset = whole(query, 'offset') ?? 0;
    if (offset > OFFSET_MAX) return json({ error: 'offset must be at most 10000' }, 400);
    const limit = Math.min(TRADES_MAX, whole(query, 'limit') ?? 100);
    const side = query.get('side');
    if (side !== null && side !== 'BUY' && side !== 'SELL') return json({ error: 'invalid side' }, 400);
    return json(this.source.trades({ conditionIds: listOf(query, 'market'), side, offset, limit }));
  }

  private openInterestV2(query: URLSearchParams): Answer {
    const asked = listOf(query, 'condition');
    if (asked.length > OI_V2_MAX) return refusalV2('at most 20 conditions', 'condition');
    const rows =
      asked.length === 0
        ? [{ condition_id: 'GLOBAL', value: this.source.openInterest(null) ?? 0 }]
        : asked
            .map((condition) => ({ condition_id: condition, value: this.source.openInterest(condition) }))
            .filter((row) => row.value !== null);
    return json({ data: rows, pagination: { limit: OI_V2_MAX, offset: 0, has_more: false, next_cursor: null } });
  }

  private historyV2(query: URLSearchParams): Answer {
    if (query.has('market')) return refusalV2('market is not supported, use token_id', 'market');
    const tokenId = query.get('token_id');
    if (tokenId === null || !/^\d{1,78}$/.test(tokenId)) return refusalV2('token_id is required', 'token_id');
    const now = this.source.now();
    const start = whole(query, 'start');
    const interval = query.get('interval');
    if ((start === null) === (interval === null))
      return refusalV2('exactly one of start, interval is required', 'interval');
    const range =
      start === null
        ? intervalRange(interval ?? '', now)
        : { from: start, to: whole(query, 'end') ?? now, floor: 60, standard: 60 };
    if (range === null) return refusalV2('unknown interval', 'interval');
    if (start !== null && range.to - range.from > 15 * DAY) return refusalV2('range exceeds 15 days', 'end');
    const grain = whole(query, 'bucket_seconds') ?? range.standard;
    if (grain < range.floor || grain > DAY)
      return refusalV2(`bucket_seconds must be between ${range.floor} and ${DAY}`, 'bucket_seconds');
    const { points } = this.source.history(tokenId, { from: range.from, to: range.to, grain });
    const data = points
      .filter((point) => point.t >= now - retention(grain))
      .map((point) => ({ timestamp: point.t, price: point.p, resolution_seconds: grain }));
    return json({ data, pagination: { limit: data.length, offset: 0, has_more: false, next_cursor: null } });
  }
}

/** How long points of a grain are kept, seconds. */
function retention(grain: number): number {
  if (grain < 300) return 7 * DAY;
  if (grain < 1_800) return 60 * DAY;
  return grain < 10_800 ? 90 * DAY : Infinity;
}

function intervalRange(
  interval: string,
  now: number,
): { from: number; to: number; floor: number; standard: number } | null {
  switch (interval) {
    case '1h':
      return { from: now - 3_600, to: now, floor: 60, standard: 60 };
    case '6h':
      return { from: now - 6 * 3_600, to: now, floor: 60, standard: 60 };
    case '1d':
      return { from: now - DAY, to: now, floor: 60, standard: 60 };
    case '1w':
      return { from: now - 7 * DAY, to: now, floor: 300, standard: 300 };
    case '1m':
      return { from: now - 30 * DAY, to: now, floor: 600, standard: 1_800 };
    case 'max':
    case 'all':
      return { from: 0, to: now, floor: 600, standard: 43_200 };
    default:
      return null;
  }
}

function whole(query: URLSearchParams, name: string): number | null {
  const value = query.get(name);
  return value !== null && /^\d{1,12}$/.test(value) ? Number(value) : null;
}

function refusalV2(error: string, parameter: string): Answer {
  const trace = 'simulated';
  return {
    ...json({ error, code: 'invalid_parameter', retryable: false, trace_id: trace, parameter }, 400),
    headers: { 'x-trace-id': trace },
  };
}
