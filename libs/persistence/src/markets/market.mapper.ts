import {
  FeeSchedule,
  Market,
  MarketEvent,
  MarketResolution,
  microPrice,
  MicroPrice,
  microShares,
  MicroShares,
  microUsdc,
  partsPerMillion,
  VenueMarket,
} from '@app/domain';
import { fromInt64, fromNullableInt64, StoredInt64 } from '../int64';
import { marketContentHash } from './content-hash';
import {
  FeeScheduleRecord,
  MARKET_SCHEMA_VERSION,
  MarketEventRecord,
  MarketRecord,
  MarketResolutionRecord,
} from './market.record';
import { slugify } from './slugify';

/** The times of a stored market that the venue does not give. */
export interface MarketStamps {
  createdAt: Date;
  updatedAt: Date;
  firstSyncedAt: Date;
  lastSyncedAt: Date;
}

/** Returns the record to store for a venue market; `contentHash` may be passed when it was computed already. */
export function toMarketRecord(
  market: VenueMarket,
  stamps: MarketStamps,
  contentHash = marketContentHash(market),
): MarketRecord {
  return {
    _id: market.slug,
    gamma_id: market.gammaId,
    ...(market.conditionId === null ? {} : { condition_id: market.conditionId }),
    question_id: market.questionId,
    question: market.question,
    description: market.description,
    category: market.category,
    resolution_source: market.resolutionSource,
    image: market.image,
    icon: market.icon,
    group_item_title: market.groupItemTitle,
    group_item_threshold: market.groupItemThreshold,
    outcomes: market.outcomes,
    outcome_prices: market.outcomePrices,
    clob_token_ids: market.clobTokenIds,
    active: market.active,
    closed: market.closed,
    archived: market.archived,
    restricted: market.restricted,
    accepting_orders: market.acceptingOrders,
    enable_order_book: market.enableOrderBook,
    tick_size: market.tickSize,
    min_order_size: market.minOrderSize,
    fees: market.fees === null ? null : toFeeRecord(market.fees),
    seconds_delay: market.secondsDelay,
    clear_book_on_start: market.clearBookOnStart,
    neg_risk: market.negRisk,
    neg_risk_market_id: market.negRiskMarketId,
    neg_risk_request_id: market.negRiskRequestId,
    neg_risk_other: market.negRiskOther,
    best_bid: market.bestBid,
    best_ask: market.bestAsk,
    spread: market.spread,
    last_trade_price: market.lastTradePrice,
    one_day_price_change: market.oneDayPriceChange,
    volume_num: market.volumeTotal,
    volume_24hr: market.volume24h,
    volume_1wk: market.volume7d,
    volume_1mo: market.volume30d,
    liquidity_num: market.liquidity,
    start_date: market.startDate,
    end_date: market.endDate,
    venue_created_at: market.venueCreatedAt,
    venue_updated_at: market.venueUpdatedAt,
    closed_time: market.closedTime,
    game_start_time: market.gameStartTime,
    accepting_orders_since: market.acceptingOrdersSince,
    uma_resolution_status: market.umaResolutionStatus,
    sports_market_type: market.sportsMarketType,
    event: market.event === null ? null : toEventRecord(market.event),
    ...(market.event === null ? {} : { event_slug: market.event.slug }),
    tags: market.tags.map((tag) => ({ id: tag.id, label: tag.label, slug: tag.slug })),
    tag_slugs: [...new Set(market.tags.map((tag) => slugify(tag.slug)))],
    rewards: {
      min_size: market.rewards.minSize,
      max_spread: market.rewards.maxSpread,
      daily_rate: market.rewards.dailyRate,
    },
    resolution: {
      status: market.resolution.status,
      winning_outcome_index: market.resolution.winningOutcomeIndex,
      payouts: market.resolution.payouts,
      resolved_at: market.resolution.resolvedAt,
    },
    content_hash: contentHash,
    first_synced_at: stamps.firstSyncedAt,
    last_synced_at: stamps.lastSyncedAt,
    created_at: stamps.createdAt,
    updated_at: stamps.updatedAt,
    schema_version: MARKET_SCHEMA_VERSION,
  };
}

/** Returns the market a record holds. @throws RangeError naming the field when an amount in it is no int64. */
export function toMarket(record: MarketRecord): Market {
  return {
    slug: record._id,
    gammaId: record.gamma_id,
    conditionId: record.condition_id ?? null,
    questionId: record.question_id,
    question: record.question,
    description: record.description,
    category: record.category,
    resolutionSource: record.resolution_source,
    image: record.image,
    icon: record.icon,
    groupItemTitle: record.group_item_title,
    groupItemThreshold: record.group_item_threshold,
    outcomes: record.outcomes,
    outcomePrices: record.outcome_prices,
    clobTokenIds: record.clob_token_ids,
    active: record.active,
    closed: record.closed,
    archived: record.archived,
    restricted: record.restricted,
    acceptingOrders: record.accepting_orders,
    enableOrderBook: record.enable_order_book,
    tickSize: toPrice(record.tick_size, 'tick_size'),
    minOrderSize: toShares(record.min_order_size, 'min_order_size'),
    fees: record.fees === null ? null : toFees(record.fees),
    secondsDelay: record.seconds_delay,
    clearBookOnStart: record.clear_book_on_start,
    negRisk: record.neg_risk,
    negRiskMarketId: record.neg_risk_market_id,
    negRiskRequestId: record.neg_risk_request_id,
    negRiskOther: record.neg_risk_other,
    bestBid: toPrice(record.best_bid, 'best_bid'),
    bestAsk: toPrice(record.best_ask, 'best_ask'),
    spread: toPrice(record.spread, 'spread'),
    lastTradePrice: toPrice(record.last_trade_price, 'last_trade_price'),
    oneDayPriceChange: toPrice(record.one_day_price_change, 'one_day_price_change'),
    volumeTotal: microUsdc(fromInt64(record.volume_num, 'volume_num')),
    volume24h: microUsdc(fromInt64(record.volume_24hr, 'volume_24hr')),
    volume7d: microUsdc(fromInt64(record.volume_1wk, 'volume_1wk')),
    volume30d: microUsdc(fromInt64(record.volume_1mo, 'volume_1mo')),
    liquidity: microUsdc(fromInt64(record.liquidity_num, 'liquidity_num')),
    startDate: record.start_date,
    endDate: record.end_date,
    venueCreatedAt: record.venue_created_at,
    venueUpdatedAt: record.venue_updated_at,
    closedTime: record.closed_time,
    gameStartTime: record.game_start_time,
    acceptingOrdersSince: record.accepting_orders_since,
    umaResolutionStatus: record.uma_resolution_status,
    sportsMarketType: record.sports_market_type,
    event: record.event === null ? null : toEvent(record.event),
    tags: record.tags.map((tag) => ({ id: tag.id, label: tag.label, slug: tag.slug })),
    rewards: {
      minSize: toShares(record.rewards.min_size, 'rewards.min_size'),
      maxSpread: fromNullableInt64(record.rewards.max_spread, 'rewards.max_spread'),
      dailyRate: nullable(record.rewards.daily_rate, 'rewards.daily_rate', microUsdc),
    },
    resolution: toResolution(record.resolution),
    firstSyncedAt: record.first_synced_at,
    lastSyncedAt: record.last_synced_at,
  };
}

/** Returns the resolution a stored sub-document holds. */
export function toResolution(record: MarketResolutionRecord): MarketResolution {
  return {
    status: record.status,
    winningOutcomeIndex: record.winning_outcome_index,
    payouts: record.payouts.map((payout) => partsPerMillion(fromInt64(payout, 'resolution.payouts'))),
    resolvedAt: record.resolved_at,
  };
}

/** Returns the price a nullable int64 field holds. */
export function toPrice(value: StoredInt64 | null, field: string): MicroPrice | null {
  return nullable(value, field, microPrice);
}

function toShares(value: StoredInt64 | null, field: string): MicroShares | null {
  return nullable(value, field, microShares);
}

function nullable<T>(value: StoredInt64 | null, field: string, brand: (value: bigint) => T): T | null {
  const exact = fromNullableInt64(value, field);
  return exact === null ? null : brand(exact);
}

function toFeeRecord(fees: FeeSchedule): FeeScheduleRecord {
  return {
    type: fees.type,
    rate: fees.rate,
    exponent: fees.exponent,
    taker_only: fees.takerOnly,
    rebate_rate: fees.rebateRate,
  };
}

function toFees(record: FeeScheduleRecord): FeeSchedule {
  return {
    type: record.type,
    rate: partsPerMillion(fromInt64(record.rate, 'fees.rate')),
    exponent: record.exponent,
    takerOnly: record.taker_only,
    rebateRate: partsPerMillion(fromInt64(record.rebate_rate, 'fees.rebate_rate')),
  };
}

function toEventRecord(event: MarketEvent): MarketEventRecord {
  return {
    id: event.id,
    slug: event.slug,
    title: event.title,
    neg_risk: event.negRisk,
    neg_risk_augmented: event.negRiskAugmented,
    series_slug: event.seriesSlug,
  };
}

function toEvent(record: MarketEventRecord): MarketEvent {
  return {
    id: record.id,
    slug: record.slug,
    title: record.title,
    negRisk: record.neg_risk,
    negRiskAugmented: record.neg_risk_augmented,
    seriesSlug: record.series_slug,
  };
}
