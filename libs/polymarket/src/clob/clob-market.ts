import { MicroPrice, MicroShares, MicroUsdc } from '@app/domain';
import { Parsed } from '../wire/refusal';
import { parseRows, WireObject } from '../wire/wire-object';

/** One outcome of a CLOB market. */
export interface ClobToken {
  /** Null on rows the venue never deployed. */
  tokenId: string | null;
  outcome: string | null;
  price: MicroPrice | null;
  /** No winner does not mean no result: most old closed rows name none. */
  winner: boolean;
}

/** Reward terms as the CLOB lists them. */
export interface ClobRewards {
  rates: { assetAddress: string | null; dailyRate: MicroUsdc | null }[];
  minSize: MicroShares | null;
  /** Cents, in micro-units of the number shown. */
  maxSpread: bigint | null;
}

/** A row of GET /simplified-markets; ids repeat within a page. */
export interface ClobSimplifiedMarket {
  /** Null on some rows. */
  conditionId: string | null;
  tokens: ClobToken[];
  rewards: ClobRewards | null;
  active: boolean;
  closed: boolean;
  archived: boolean;
  acceptingOrders: boolean;
}

/** A row of the CLOB's GET /markets, or GET /markets/{condition_id}. Source: recorded 2024 to 2026. */
export interface ClobMarket extends ClobSimplifiedMarket {
  enableOrderBook: boolean;
  acceptingOrderTimestamp: Date | null;
  minimumOrderSize: MicroShares | null;
  minimumTickSize: MicroPrice | null;
  questionId: string | null;
  question: string | null;
  description: string | null;
  marketSlug: string | null;
  /** Midnight of the scheduled day, not a time. */
  endDateIso: Date | null;
  gameStartTime: Date | null;
  secondsDelay: number | null;
  fpmm: string | null;
  /** Basis points; ceilings, not rates. */
  makerBaseFee: number | null;
  takerBaseFee: number | null;
  notificationsEnabled: boolean | null;
  negRisk: boolean | null;
  negRiskMarketId: string | null;
  negRiskRequestId: string | null;
  icon: string | null;
  image: string | null;
  is5050Outcome: boolean | null;
  /** Tag labels. */
  tags: string[];
}

/** One page of a CLOB list. */
export interface ClobPage<T> {
  rows: Parsed<T>[];
  /** Null at the end, which the venue writes `LTE=`. */
  nextCursor: string | null;
  limit: number | null;
  count: number | null;
}

const END_CURSOR = 'LTE=';

/** Reads a page `{data, next_cursor, limit, count}`; bad rows are refused one by one, a bad envelope as a whole. */
export function readClobPage<T>(answer: WireObject, readRow: (row: WireObject) => T): ClobPage<T> {
  const data = answer.raw('data');
  if (!Array.isArray(data)) return answer.refuse('data', 'an array of markets');
  const cursor = answer.optionalText('next_cursor', 1_024);
  return {
    rows: parseRows(data, answer.pathOf('data'), readRow),
    nextCursor: cursor === END_CURSOR ? null : cursor,
    limit: answer.integer('limit'),
    count: answer.integer('count'),
  };
}

export function readClobSimplifiedMarket(row: WireObject): ClobSimplifiedMarket {
  const rewards = row.optionalObject('rewards');
  return {
    conditionId: row.optionalHash('condition_id'),
    tokens: row.requiredList('tokens', readClobToken),
    rewards: rewards === null ? null : readClobRewards(rewards),
    active: row.flag('active'),
    closed: row.flag('closed'),
    archived: row.optionalFlag('archived') ?? false,
    acceptingOrders: row.optionalFlag('accepting_orders') ?? false,
  };
}

export function readClobMarket(row: WireObject): ClobMarket {
  return {
    ...readClobSimplifiedMarket(row),
    enableOrderBook: row.flag('enable_order_book'),
    acceptingOrderTimestamp: row.date('accepting_order_timestamp'),
    minimumOrderSize: row.shares('minimum_order_size'),
    minimumTickSize: row.tickSize('minimum_tick_size'),
    questionId: row.optionalHash('question_id'),
    question: row.optionalText('question'),
    description: row.optionalText('description'),
    marketSlug: row.optionalText('market_slug', 512),
    endDateIso: row.date('end_date_iso'),
    gameStartTime: row.date('game_start_time'),
    secondsDelay: row.integer('seconds_delay'),
    fpmm: row.optionalText('fpmm'),
    makerBaseFee: row.integer('maker_base_fee'),
    takerBaseFee: row.integer('taker_base_fee'),
    notificationsEnabled: row.optionalFlag('notifications_enabled'),
    negRisk: row.optionalFlag('neg_risk'),
    negRiskMarketId: row.optionalHex('neg_risk_market_id'),
    negRiskRequestId: row.optionalHex('neg_risk_request_id'),
    icon: row.optionalText('icon'),
    image: row.optionalText('image'),
    is5050Outcome: row.optionalFlag('is_50_50_outcome'),
    tags: row.texts('tags') ?? [],
  };
}

function readClobToken(token: WireObject): ClobToken {
  return {
    tokenId: token.optionalTokenId('token_id'),
    outcome: token.optionalText('outcome'),
    price: token.price('price'),
    winner: token.optionalFlag('winner') ?? false,
  };
}

function readClobRewards(rewards: WireObject): ClobRewards {
  return {
    rates: rewards.list('rates', (rate) => ({
      assetAddress: rate.optionalText('asset_address'),
      dailyRate: rate.amount('rewards_daily_rate'),
    })),
    minSize: rewards.shares('min_size'),
    maxSpread: rewards.micro('max_spread'),
  };
}
