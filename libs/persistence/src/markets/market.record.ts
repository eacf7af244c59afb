import { ResolutionStatus } from '@app/domain';
import { Schema } from 'mongoose';
import { StoredInt64 } from '../int64';
import { STAMP_FIELDS, StoredStamps, STRICT_SCHEMA } from '../schema-options';

/** Version of the stored shape of a market; part of the content hash, so raising it rewrites every market at the next sync. */
export const MARKET_SCHEMA_VERSION = 1;
export const MARKETS_COLLECTION = 'markets';

export interface MarketTagRecord {
  id: string;
  label: string;
  slug: string;
}

export interface MarketEventRecord {
  id: string;
  slug: string;
  title: string;
  neg_risk: boolean;
  neg_risk_augmented: boolean;
  series_slug: string | null;
}

export interface FeeScheduleRecord {
  type: string | null;
  rate: StoredInt64;
  exponent: number;
  taker_only: boolean;
  rebate_rate: StoredInt64;
}

export interface MarketRewardsRecord {
  min_size: StoredInt64 | null;
  max_spread: StoredInt64 | null;
  daily_rate: StoredInt64 | null;
}

export interface MarketResolutionRecord {
  status: ResolutionStatus;
  winning_outcome_index: number | null;
  payouts: StoredInt64[];
  resolved_at: Date | null;
}

/** A market as stored; `_id` is its slug. Amounts, prices and sizes are int64 micro-units. */
export interface MarketRecord extends StoredStamps {
  _id: string;
  gamma_id: string;
  /** Absent, not null, where the venue left it empty: the unique index covers only markets that have one. */
  condition_id?: string;
  question_id: string | null;
  question: string;
  description: string | null;
  category: string | null;
  resolution_source: string | null;
  image: string | null;
  icon: string | null;
  group_item_title: string | null;
  group_item_threshold: string | null;
  outcomes: string[];
  outcome_prices: string[];
  clob_token_ids: string[];
  active: boolean;
  closed: boolean;
  archived: boolean;
  restricted: boolean;
  accepting_orders: boolean;
  enable_order_book: boolean;
  tick_size: StoredInt64 | null;
  min_order_size: StoredInt64 | null;
  fees: FeeScheduleRecord | null;
  seconds_delay: number | null;
  clear_book_on_start: boolean;
  neg_risk: boolean;
  neg_risk_market_id: string | null;
  neg_risk_request_id: string | null;
  neg_risk_other: boolean;
  best_bid: StoredInt64 | null;
  best_ask: StoredInt64 | null;
  spread: StoredInt64 | null;
  last_trade_price: StoredInt64 | null;
  one_day_price_change: StoredInt64 | null;
  volume_num: StoredInt64;
  volume_24hr: StoredInt64;
  volume_1wk: StoredInt64;
  volume_1mo: StoredInt64;
  liquidity_num: StoredInt64;
  start_date: Date | null;
  end_date: Date | null;
  venue_created_at: Date | null;
  venue_updated_at: Date | null;
  closed_time: Date | null;
  game_start_time: Date | null;
  accepting_orders_since: Date | null;
  uma_resolution_status: string | null;
  sports_market_type: string | null;
  event: MarketEventRecord | null;
  /** The event's slug again, at the top level, for its index; absent without an event. */
  event_slug?: string;
  tags: MarketTagRecord[];
  /** The tags' slugs in lower case, for their index. */
  tag_slugs: string[];
  rewards: MarketRewardsRecord;
  resolution: MarketResolutionRecord;
  content_hash: string;
  first_synced_at: Date;
  last_synced_at: Date;
}

const int64 = { type: Schema.Types.BigInt, default: null };
const text = { type: String, default: null };
const date = { type: Date, default: null };
const flag = { type: Boolean, required: true };
const part = { _id: false, strict: 'throw' } as const;

export const marketSchema = new Schema<MarketRecord>(
  {
    _id: { type: String, required: true },
    gamma_id: { type: String, required: true },
    condition_id: { type: String },
    question_id: text,
    question: { type: String, required: true },
    description: text,
    category: text,
    resolution_source: text,
    image: text,
    icon: text,
    group_item_title: text,
    group_item_threshold: text,
    outcomes: { type: [String], required: true },
    outcome_prices: { type: [String], required: true },
    clob_token_ids: { type: [String], required: true },
    active: flag,
    closed: flag,
    archived: flag,
    restricted: flag,
    accepting_orders: flag,
    enable_order_book: flag,
    tick_size: int64,
    min_order_size: int64,
    fees: {
      type: new Schema(
        {
          type: { type: String, default: null },
          rate: Schema.Types.BigInt,
          exponent: Number,
          taker_only: Boolean,
          rebate_rate: Schema.Types.BigInt,
        },
        part,
      ),
      default: null,
    },
    seconds_delay: { type: Number, default: null },
    clear_book_on_start: flag,
    neg_risk: flag,
    neg_risk_market_id: text,
    neg_risk_request_id: text,
    neg_risk_other: flag,
    best_bid: int64,
    best_ask: int64,
    spread: int64,
    last_trade_price: int64,
    one_day_price_change: int64,
    volume_num: { type: Schema.Types.BigInt, required: true },
    volume_24hr: { type: Schema.Types.BigInt, required: true },
    volume_1wk: { type: Schema.Types.BigInt, required: true },
    volume_1mo: { type: Schema.Types.BigInt, required: true },
    liquidity_num: { type: Schema.Types.BigInt, required: true },
    start_date: date,
    end_date: date,
    venue_created_at: date,
    venue_updated_at: date,
    closed_time: date,
    game_start_time: date,
    accepting_orders_since: date,
    uma_resolution_status: text,
    sports_market_type: text,
    event: {
      type: new Schema(
        {
          id: String,
          slug: String,
          title: String,
          neg_risk: Boolean,
          neg_risk_augmented: Boolean,
          series_slug: { type: String, default: null },
        },
        { ...part, id: false },
      ),
      default: null,
    },
    event_slug: { type: String },
    tags: { type: [new Schema({ id: String, label: String, slug: String }, { ...part, id: false })], required: true },
    tag_slugs: { type: [String], required: true },
    rewards: {
      type: new Schema({ min_size: int64, max_spread: int64, daily_rate: int64 }, part),
      required: true,
    },
    resolution: {
      type: new Schema(
        {
          status: { type: String, required: true },
          winning_outcome_index: { type: Number, default: null },
          payouts: { type: [Schema.Types.BigInt], required: true },
          resolved_at: date,
        },
        part,
      ),
      required: true,
    },
    content_hash: { type: String, required: true },
    first_synced_at: { type: Date, required: true },
    last_synced_at: { type: Date, required: true },
    ...STAMP_FIELDS,
  },
  { ...STRICT_SCHEMA, collection: MARKETS_COLLECTION },
);
