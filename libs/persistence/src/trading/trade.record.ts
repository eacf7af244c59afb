import type {
  EvidenceGrade,
  ExecutionProfile,
  FillReceipt,
  FillRule,
  LiquidityRole,
  OrderSide,
  Trade,
} from '@app/domain';
import { Schema } from 'mongoose';
import { CollectionDefinition } from '../index-definition';
import { StoredInt64 } from '../int64';
import { STAMP_FIELDS, StoredStamps, STRICT_SCHEMA } from '../schema-options';
import { readMoney } from './money-fields';
import {
  COUNT,
  DATE,
  FEE_SCHEDULE_FIELD,
  INT64,
  OPTIONAL_INT64,
  OPTIONAL_TEXT,
  OUTCOME_REF_FIELDS,
  PART,
  StoredFeeSchedule,
  StoredOutcomeRef,
  TEXT,
  toFeeSchedule,
  toOutcomeRef,
  toStoredFeeSchedule,
  toStoredOutcomeRef,
} from './stored-fields';

const TRADES_COLLECTION = 'trades';
const TRADE_VERSION = 1;

interface StoredReceipt {
  rule: FillRule;
  grade: EvidenceGrade;
  profile: ExecutionProfile;
  model_version: number;
  book_source: 'stream' | 'rest';
  book_sequence: number | null;
  book_hash: string | null;
  book_venue_time: Date;
  book_received_at: Date;
  displayed_size: StoredInt64 | null;
  taken_before: StoredInt64 | null;
  print_key: string | null;
  print_size: StoredInt64 | null;
  queue_ahead_at_entry: StoredInt64 | null;
  queue_ahead_at_fill: StoredInt64 | null;
  arrival_midpoint: StoredInt64 | null;
  fee_schedule: StoredFeeSchedule | null;
}

export interface StoredTrade extends StoredOutcomeRef, StoredStamps {
  _id: string;
  portfolio_id: string;
  user_id: string;
  run: number;
  order_id: string;
  side: OrderSide;
  quantity: StoredInt64;
  price: StoredInt64;
  value: StoredInt64;
  fee: StoredInt64;
  realised: StoredInt64 | null;
  liquidity: LiquidityRole;
  midpoint_at_fill: StoredInt64 | null;
  slippage_bps: StoredInt64 | null;
  receipt: StoredReceipt;
  notes: string | null;
  market_question: string;
  traded_at: Date;
}

const receiptSchema = new Schema<StoredReceipt>(
  {
    rule: TEXT,
    grade: TEXT,
    profile: TEXT,
    model_version: COUNT,
    book_source: TEXT,
    book_sequence: { type: Number, default: null },
    book_hash: OPTIONAL_TEXT,
    book_venue_time: DATE,
    book_received_at: DATE,
    displayed_size: OPTIONAL_INT64,
    taken_before: OPTIONAL_INT64,
    print_key: OPTIONAL_TEXT,
    print_size: OPTIONAL_INT64,
    queue_ahead_at_entry: OPTIONAL_INT64,
    queue_ahead_at_fill: OPTIONAL_INT64,
    arrival_midpoint: OPTIONAL_INT64,
    fee_schedule: FEE_SCHEDULE_FIELD,
  },
  PART,
);

export const tradeSchema = new Schema<StoredTrade>(
  {
    _id: TEXT,
    portfolio_id: TEXT,
    user_id: TEXT,
    run: COUNT,
    order_id: TEXT,
    ...OUTCOME_REF_FIELDS,
    side: TEXT,
    quantity: INT64,
    price: INT64,
    value: INT64,
    fee: INT64,
    realised: OPTIONAL_INT64,
    liquidity: TEXT,
    midpoint_at_fill: OPTIONAL_INT64,
    slippage_bps: OPTIONAL_INT64,
    receipt: { type: receiptSchema, required: true },
    notes: OPTIONAL_TEXT,
    market_question: TEXT,
    traded_at: DATE,
    ...STAMP_FIELDS,
  },
  { ...STRICT_SCHEMA, collection: TRADES_COLLECTION },
);

export const TRADES: CollectionDefinition = {
  name: TRADES_COLLECTION,
  indexes: [
    {
      name: 'of_run',
      key: { portfolio_id: 1, run: 1, traded_at: -1, _id: -1 },
      serves: 'the trades of a run in a period, newest first or oldest first',
    },
    { name: 'of_order', key: { order_id: 1, _id: 1 }, serves: 'the fills of orders' },
  ],
};

export function toStoredTrade(trade: Trade): StoredTrade {
  return {
    _id: trade.id,
    portfolio_id: trade.portfolioId,
    user_id: trade.userId,
    run: trade.run,
    order_id: trade.orderId,
    ...toStoredOutcomeRef(trade),
    side: trade.side,
    quantity: trade.quantity,
    price: trade.price,
    value: trade.value,
    fee: trade.fee,
    realised: trade.realised,
    liquidity: trade.liquidity,
    midpoint_at_fill: trade.midpointAtFill,
    slippage_bps: trade.slippageBps,
    receipt: toStoredReceipt(trade.receipt),
    notes: trade.notes,
    market_question: trade.marketQuestion,
    traded_at: trade.tradedAt,
    created_at: trade.createdAt,
    updated_at: trade.createdAt,
    schema_version: TRADE_VERSION,
  };
}

/** Returns the trade a document holds. @throws RangeError naming the field when an amount in it is no int64 */
export function toTrade(stored: StoredTrade): Trade {
  const money = readMoney(stored);
  return {
    ...toOutcomeRef(stored),
    id: stored._id,
    portfolioId: stored.portfolio_id,
    userId: stored.user_id,
    run: stored.run,
    orderId: stored.order_id,
    side: stored.side,
    quantity: money.shares('quantity'),
    price: money.price('price'),
    value: money.usdc('value'),
    fee: money.usdc('fee'),
    realised: money.nullableUsdc('realised'),
    liquidity: stored.liquidity,
    midpointAtFill: money.nullablePrice('midpoint_at_fill'),
    slippageBps: money.nullableInteger('slippage_bps'),
    receipt: toReceipt(stored.receipt),
    notes: stored.notes,
    marketQuestion: stored.market_question,
    tradedAt: stored.traded_at,
    createdAt: stored.created_at,
  };
}

function toStoredReceipt(receipt: FillReceipt): StoredReceipt {
  return {
    rule: receipt.rule,
    grade: receipt.grade,
    profile: receipt.profile,
    model_version: receipt.modelVersion,
    book_source: receipt.bookSource,
    book_sequence: receipt.bookSequence,
    book_hash: receipt.bookHash,
    book_venue_time: receipt.bookVenueTime,
    book_received_at: receipt.bookReceivedAt,
    displayed_size: receipt.displayedSize,
    taken_before: receipt.takenBefore,
    print_key: receipt.printKey,
    print_size: receipt.printSize,
    queue_ahead_at_entry: receipt.queueAheadAtEntry,
    queue_ahead_at_fill: receipt.queueAheadAtFill,
    arrival_midpoint: receipt.arrivalMidpoint,
    fee_schedule: toStoredFeeSchedule(receipt.feeSchedule),
  };
}

function toReceipt(stored: StoredReceipt): FillReceipt {
  const money = readMoney(stored, 'receipt.');
  return {
    rule: stored.rule,
    grade: stored.grade,
    profile: stored.profile,
    modelVersion: stored.model_version,
    bookSource: stored.book_source,
    bookSequence: stored.book_sequence,
    bookHash: stored.book_hash,
    bookVenueTime: stored.book_venue_time,
    bookReceivedAt: stored.book_received_at,
    displayedSize: money.nullableShares('displayed_size'),
    takenBefore: money.nullableShares('taken_before'),
    printKey: stored.print_key,
    printSize: money.nullableShares('print_size'),
    queueAheadAtEntry: money.nullableShares('queue_ahead_at_entry'),
    queueAheadAtFill: money.nullableShares('queue_ahead_at_fill'),
    arrivalMidpoint: money.nullablePrice('arrival_midpoint'),
    feeSchedule: toFeeSchedule(stored.fee_schedule, 'receipt.fee_schedule'),
  };
}
