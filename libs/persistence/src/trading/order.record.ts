import {
  type ExecutionProfile,
  isWorking,
  type Order,
  type OrderPhase,
  type OrderSide,
  type OrderStatus,
  type OrderType,
  type TimeInForce,
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
  FLAG,
  INT64,
  OPTIONAL_DATE,
  OPTIONAL_INT64,
  OPTIONAL_TEXT,
  OUTCOME_REF_FIELDS,
  StoredFeeSchedule,
  StoredOutcomeRef,
  TEXT,
  toFeeSchedule,
  toOutcomeRef,
  toStoredFeeSchedule,
  toStoredOutcomeRef,
} from './stored-fields';

const ORDERS_COLLECTION = 'orders';
const ORDER_VERSION = 1;

export interface StoredOrder extends StoredOutcomeRef, StoredStamps {
  /** A UUID of version 7, so that the order of the ids is the order in time. */
  _id: string;
  portfolio_id: string;
  user_id: string;
  run: number;
  /** Absent where the client gave none: the unique index covers only orders that have one. */
  client_order_id?: string;
  notes: string | null;
  market_question: string;
  side: OrderSide;
  type: OrderType;
  quantity: StoredInt64 | null;
  amount: StoredInt64 | null;
  price: StoredInt64 | null;
  time_in_force: TimeInForce;
  expires_at: Date | null;
  post_only: boolean;
  status: OrderStatus;
  phase: OrderPhase;
  filled_quantity: StoredInt64;
  filled_value: StoredInt64;
  fees: StoredInt64;
  reserved_cash: StoredInt64;
  reserved_shares: StoredInt64;
  queue_ahead: StoredInt64 | null;
  queue_ahead_at_entry: StoredInt64 | null;
  reject_reason: string | null;
  profile: ExecutionProfile;
  fee_schedule: StoredFeeSchedule | null;
  decision_midpoint: StoredInt64 | null;
  /** Missing from orders of before it was kept. */
  arrival_midpoint: StoredInt64 | null;
  arrives_at: Date;
  matches_at: Date;
  resting_since: Date | null;
  /** Present only while it works, so that the indexes of working orders hold no others. */
  working?: true;
  /** When it meets the book; present only while that lies ahead. */
  due_at?: Date;
  /** When a gtd order ends; present only while it works. */
  ends_at?: Date;
}

export const orderSchema = new Schema<StoredOrder>(
  {
    _id: TEXT,
    portfolio_id: TEXT,
    user_id: TEXT,
    run: COUNT,
    client_order_id: { type: String },
    notes: OPTIONAL_TEXT,
    ...OUTCOME_REF_FIELDS,
    market_question: TEXT,
    side: TEXT,
    type: TEXT,
    quantity: OPTIONAL_INT64,
    amount: OPTIONAL_INT64,
    price: OPTIONAL_INT64,
    time_in_force: TEXT,
    expires_at: OPTIONAL_DATE,
    post_only: FLAG,
    status: TEXT,
    phase: TEXT,
    filled_quantity: INT64,
    filled_value: INT64,
    fees: INT64,
    reserved_cash: INT64,
    reserved_shares: INT64,
    queue_ahead: OPTIONAL_INT64,
    queue_ahead_at_entry: OPTIONAL_INT64,
    reject_reason: OPTIONAL_TEXT,
    profile: TEXT,
    fee_schedule: FEE_SCHEDULE_FIELD,
    decision_midpoint: OPTIONAL_INT64,
    arrival_midpoint: OPTIONAL_INT64,
    arrives_at: DATE,
    matches_at: DATE,
    resting_since: OPTIONAL_DATE,
    working: { type: Boolean },
    due_at: { type: Date },
    ends_at: { type: Date },
    ...STAMP_FIELDS,
  },
  { ...STRICT_SCHEMA, collection: ORDERS_COLLECTION },
);

/** Name of the index that refuses a client order id a second time; the store's refusal names it. */
export const CLIENT_ORDER_ID_INDEX = 'client_order_id_of_portfolio';

const WHILE_WORKING = { working: { $exists: true } } as const;

export const ORDERS: CollectionDefinition = {
  name: ORDERS_COLLECTION,
  indexes: [
    { name: 'of_run', key: { portfolio_id: 1, run: 1, _id: -1 }, serves: 'the orders of a run, newest first' },
    {
      name: CLIENT_ORDER_ID_INDEX,
      key: { portfolio_id: 1, client_order_id: 1 },
      unique: true,
      partialFilterExpression: { client_order_id: { $exists: true } },
      serves: 'the order of a client order id, and the refusal of a second one',
    },
    {
      name: 'working_of_portfolio',
      key: { working: 1, portfolio_id: 1, _id: 1 },
      partialFilterExpression: WHILE_WORKING,
      serves: 'the working orders of a portfolio, oldest first',
    },
    {
      name: 'working_of_condition',
      key: { working: 1, condition_id: 1, _id: 1 },
      partialFilterExpression: WHILE_WORKING,
      serves: 'the working orders of a market, oldest first, and the markets that have some',
    },
    {
      name: 'due',
      key: { due_at: 1, _id: 1 },
      partialFilterExpression: { due_at: { $exists: true } },
      serves: 'orders that should have met the book by now',
    },
    {
      name: 'ending',
      key: { ends_at: 1, _id: 1 },
      partialFilterExpression: { ends_at: { $exists: true } },
      serves: 'gtd orders whose time runs out',
    },
  ],
};

export function toStoredOrder(order: Order): StoredOrder {
  const works = isWorking(order);
  const isDue = order.phase === 'arriving' || order.phase === 'delayed';
  return {
    _id: order.id,
    portfolio_id: order.portfolioId,
    user_id: order.userId,
    run: order.run,
    ...(order.clientOrderId === null ? {} : { client_order_id: order.clientOrderId }),
    notes: order.notes,
    ...toStoredOutcomeRef(order),
    market_question: order.marketQuestion,
    side: order.side,
    type: order.type,
    quantity: order.quantity,
    amount: order.amount,
    price: order.price,
    time_in_force: order.timeInForce,
    expires_at: order.expiresAt,
    post_only: order.postOnly,
    status: order.status,
    phase: order.phase,
    filled_quantity: order.filledQuantity,
    filled_value: order.filledValue,
    fees: order.fees,
    reserved_cash: order.reservedCash,
    reserved_shares: order.reservedShares,
    queue_ahead: order.queueAhead,
    queue_ahead_at_entry: order.queueAheadAtEntry,
    reject_reason: order.rejectReason,
    profile: order.profile,
    fee_schedule: toStoredFeeSchedule(order.feeSchedule),
    decision_midpoint: order.decisionMidpoint,
    arrival_midpoint: order.arrivalMidpoint,
    arrives_at: order.arrivesAt,
    matches_at: order.matchesAt,
    resting_since: order.restingSince,
    ...(works ? { working: true } : {}),
    ...(isDue ? { due_at: order.matchesAt } : {}),
    ...(works && order.expiresAt !== null ? { ends_at: order.expiresAt } : {}),
    created_at: order.createdAt,
    updated_at: order.updatedAt,
    schema_version: ORDER_VERSION,
  };
}

/** Returns the order a document holds. @throws RangeError naming the field when an amount in it is no int64 */
export function toOrder(stored: StoredOrder): Order {
  const money = readMoney(stored);
  return {
    ...toOutcomeRef(stored),
    id: stored._id,
    portfolioId: stored.portfolio_id,
    userId: stored.user_id,
    run: stored.run,
    clientOrderId: stored.client_order_id ?? null,
    notes: stored.notes,
    marketQuestion: stored.market_question,
    side: stored.side,
    type: stored.type,
    quantity: money.nullableShares('quantity'),
    amount: money.nullableUsdc('amount'),
    price: money.nullablePrice('price'),
    timeInForce: stored.time_in_force,
    expiresAt: stored.expires_at,
    postOnly: stored.post_only,
    status: stored.status,
    phase: stored.phase,
    filledQuantity: money.shares('filled_quantity'),
    filledValue: money.usdc('filled_value'),
    fees: money.usdc('fees'),
    reservedCash: money.usdc('reserved_cash'),
    reservedShares: money.shares('reserved_shares'),
    queueAhead: money.nullableShares('queue_ahead'),
    queueAheadAtEntry: money.nullableShares('queue_ahead_at_entry'),
    rejectReason: stored.reject_reason,
    profile: stored.profile,
    feeSchedule: toFeeSchedule(stored.fee_schedule, 'fee_schedule'),
    decisionMidpoint: money.nullablePrice('decision_midpoint'),
    arrivalMidpoint: stored.arrival_midpoint == null ? null : money.nullablePrice('arrival_midpoint'),
    arrivesAt: stored.arrives_at,
    matchesAt: stored.matches_at,
    restingSince: stored.resting_since,
    createdAt: stored.created_at,
    updatedAt: stored.updated_at,
  };
}
