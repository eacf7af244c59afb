import {
  averagePrice,
  DOMAIN_ERROR_CODES,
  type DomainError,
  type DomainErrorCode,
  EVIDENCE_GRADES,
  EXECUTION_PROFILES,
  FILL_RULES,
  type FillReceipt,
  microPrice,
  microShares,
  microUsdc,
  type Order,
  ORDER_PHASES,
  ORDER_SIDES,
  ORDER_STATUSES,
  ORDER_TYPES,
  type OrderIntent,
  remainingQuantity,
  type TimeInForce,
  TIMES_IN_FORCE,
  toWireNumber,
  type Trade,
} from '@app/domain';
import { z } from 'zod';
import {
  bodyOf,
  choiceBodyField,
  flagBodyField,
  ruledTextField,
  timeBodyField,
  wholeNumberBodyField,
} from '../body-fields';
import { marketFeesSchema, type MarketFeesBody, toMarketFees } from '../markets/market-detail';
import { type PageBody, pageFields, pageParameters, toPageBody } from '../pagination';
import { choiceParameter, quote, querySchema } from '../parameters';
import {
  countField,
  exactNumberField,
  flagField,
  textField,
  timestampField,
  wireNumberOrNull,
  wireTimeOrNull,
} from '../scalars';
import { OUTCOME_REF_EXAMPLE, type OutcomeRefBody, outcomeRefFields, toOutcomeRef } from './outcome-ref';
import {
  amountBodyField,
  CONDITION_ID,
  MARKET_ID,
  MARKET_QUESTION,
  marketIdBodyField,
  marketIdParameter,
  marketOf,
  type NamedMarket,
  notesBodyField,
  ORDER_ID,
  outcomeBodyField,
  PORTFOLIO_ID,
  priceBodyField,
  quantityBodyField,
  runParameter,
  tokenIdBodyField,
} from './request-fields';
import { TRADE_EXAMPLE, type TradeBody, toTrade, tradeSchema } from './trades';

const CLIENT_ORDER_ID = /^[\x20-\x7e]{1,128}$/;
const MOST_OUTCOMES = 256;

/** Body of `POST /portfolios/{id}/orders`. */
export const orderRequestSchema = z
  .strictObject(
    {
      market_id: marketIdBodyField.nullish(),
      token_id: tokenIdBodyField.nullish(),
      outcome: outcomeBodyField.nullish(),
      outcome_index: wholeNumberBodyField(
        { min: 0, max: MOST_OUTCOMES - 1 },
        { description: 'Which outcome of the market, from 0; instead of `outcome`.', example: 0 },
      ).nullish(),
      side: choiceBodyField(ORDER_SIDES, { description: 'Buy or sell shares.', example: 'buy' }),
      type: choiceBodyField(ORDER_TYPES, {
        description: '`limit` trades at `price` or better. `market` trades at once; its `price` is the worst accepted.',
        example: 'limit',
      }),
      quantity: quantityBodyField({ description: 'Shares; instead of `amount`.', example: 100 }).nullish(),
      amount: amountBodyField({
        description: 'USDC to spend, fee not included; market buys only, instead of `quantity`.',
        example: 50,
      }).nullish(),
      price: priceBodyField({
        description: "USDC a share, on the market's tick; needed for limit orders.",
        example: 0.4,
      }).nullish(),
      time_in_force: choiceBodyField(TIMES_IN_FORCE, {
        description:
          '`gtc` good till cancelled, `gtd` until `expires_at`, `fok` all at once or nothing, `fak` what can be had at once. Left out: `gtc` for limit, `fok` for market orders, which take no other than `fok` and `fak`.',
        example: 'gtc',
      }).nullish(),
      expires_at: timeBodyField({
        description:
          'When a `gtd` order ends, a time with zone more than a minute ahead; it stops resting a minute before.',
        example: '2026-02-08T09:30:00Z',
      }).nullish(),
      post_only: flagBodyField({
        description: 'Refuse the order rather than let it take; for `gtc` and `gtd` only. False when left out.',
        example: false,
      }).nullish(),
      client_order_id: ruledTextField(
        (text) =>
          CLIENT_ORDER_ID.test(text) ? null : `must have 1 to 128 printable ASCII characters; got ${quote(text)}`,
        {
          description:
            "The client's own id, unique in the portfolio: the same order sent again is answered by the first one.",
          example: 'rates-17',
        },
      ).nullish(),
      notes: notesBodyField.nullish(),
    },
    bodyOf('send a JSON object with market_id or token_id, side, type, and quantity or amount'),
  )
  .superRefine((body, context) => {
    for (const [field, message] of problemsOf(body)) context.addIssue({ code: 'custom', path: [field], message });
  })
  .meta({
    id: 'OrderRequest',
    description:
      'An order. One of `market_id` and `token_id`; with `market_id` one of `outcome` and `outcome_index`; one of `quantity` and `amount`. Null is the same as left out.',
    example: { market_id: MARKET_ID, outcome: 'Yes', side: 'buy', type: 'limit', quantity: 100, price: 0.4 },
  });

interface OrderFields {
  market_id?: string | null | undefined;
  token_id?: string | null | undefined;
  outcome?: string | null | undefined;
  outcome_index?: number | null | undefined;
  side: Order['side'];
  type: Order['type'];
  quantity?: bigint | null | undefined;
  amount?: bigint | null | undefined;
  price?: bigint | null | undefined;
  time_in_force?: TimeInForce | null | undefined;
  expires_at?: Date | null | undefined;
  post_only?: boolean | null | undefined;
}

/** What does not go together in an order whose fields are each acceptable: the field, and what would be right. */
function* problemsOf(body: OrderFields): Generator<[field: string, message: string]> {
  yield* marketProblems(body);
  const isMarketBuy = body.type === 'market' && body.side === 'buy';
  if (body.quantity != null && body.amount != null) {
    yield ['amount', 'give quantity (shares) or amount (USDC), not both'];
  } else if (body.quantity == null && body.amount == null) {
    yield ['quantity', isMarketBuy ? 'give quantity (shares) or amount (USDC)' : 'give the quantity of shares'];
  } else if (body.amount != null && !isMarketBuy) {
    yield ['amount', `only market buys take an amount; give a ${body.type} ${body.side} its quantity of shares`];
  }
  if (body.type === 'limit' && body.price == null) yield ['price', 'give the price of a limit order'];
  const timeInForce = timeInForceOf(body);
  const isImmediate = timeInForce === 'fok' || timeInForce === 'fak';
  if (body.type === 'market' && !isImmediate) {
    yield ['time_in_force', `a market order is fok or fak; got ${timeInForce}`];
  }
  if (timeInForce === 'gtd' && body.expires_at == null) yield ['expires_at', 'say when the gtd order ends'];
  if (timeInForce !== 'gtd' && body.expires_at != null) {
    yield ['expires_at', `only a gtd order ends at a time; leave it out of a ${timeInForce} order`];
  }
  if (body.post_only === true && isImmediate) {
    yield ['post_only', `only gtc and gtd orders can be post-only; a ${timeInForce} order never rests`];
  }
}

function* marketProblems(body: OrderFields): Generator<[field: string, message: string]> {
  if (body.market_id != null && body.token_id != null) {
    yield ['token_id', 'give market_id or token_id, not both'];
    return;
  }
  if (body.token_id != null) {
    for (const field of ['outcome', 'outcome_index'] as const) {
      if (body[field] != null) yield [field, 'leave it out: token_id names the outcome'];
    }
    return;
  }
  if (body.market_id == null) {
    yield ['market_id', 'give market_id with outcome, or token_id'];
    return;
  }
  if (body.outcome != null && body.outcome_index != null) {
    yield ['outcome_index', 'give outcome or outcome_index, not both'];
  } else if (body.outcome == null && body.outcome_index == null) {
    yield ['outcome', 'give outcome or outcome_index'];
  }
}

function timeInForceOf(body: Pick<OrderFields, 'type' | 'time_in_force'>): TimeInForce {
  return body.time_in_force ?? (body.type === 'market' ? 'fok' : 'gtc');
}

export type OrderRequestBody = z.output<typeof orderRequestSchema>;

/** An order as a request asks for it. */
export interface RequestedOrder extends OrderIntent {
  market: NamedMarket | { tokenId: string };
  outcome: string | null;
  outcomeIndex: number | null;
  clientOrderId: string | null;
  notes: string | null;
}

export function fromOrderRequest(body: OrderRequestBody): RequestedOrder {
  return {
    market: body.token_id == null ? marketOf(body.market_id ?? '') : { tokenId: body.token_id },
    outcome: body.outcome?.trim() ?? null,
    outcomeIndex: body.outcome_index ?? null,
    side: body.side,
    type: body.type,
    quantity: body.quantity == null ? null : microShares(body.quantity),
    amount: body.amount == null ? null : microUsdc(body.amount),
    price: body.price == null ? null : microPrice(body.price),
    timeInForce: timeInForceOf(body),
    expiresAt: body.expires_at ?? null,
    postOnly: body.post_only ?? false,
    clientOrderId: body.client_order_id ?? null,
    notes: body.notes ?? null,
  };
}

/** Query of `GET /portfolios/{id}/orders`. */
export const orderListQuerySchema = querySchema({
  status: choiceParameter(ORDER_STATUSES, { description: 'Only orders that stand so.', example: 'open' }).optional(),
  market_id: marketIdParameter.optional(),
  run: runParameter.optional(),
  ...pageParameters,
});

export type OrderListQuery = z.output<typeof orderListQuerySchema>;

/** Query of `DELETE /portfolios/{id}/orders`. */
export const cancelAllQuerySchema = querySchema({ market_id: marketIdParameter.optional() });

export type CancelAllQuery = z.output<typeof cancelAllQuerySchema>;

const RECEIPT_EXAMPLE = {
  rule: 'E1',
  grade: 'A',
  profile: 'realistic',
  model_version: 1,
  book_source: 'rest',
  book_sequence: null,
  book_hash: '3fd4ad4c5a0e6a1b7c5a0e6a1b7c5a0e6a1b7c5a',
  book_venue_time: '2026-02-07T09:41:09.871Z',
  book_received_at: '2026-02-07T09:41:10.004Z',
  displayed_size: 350,
  taken_before: 0,
  print_key: null,
  print_size: null,
  queue_ahead_at_entry: null,
  queue_ahead_at_fill: null,
  arrival_midpoint: 0.455,
  fee_schedule: { type: 'economics_fees', rate: 0.04, exponent: 1, taker_only: true, rebate_rate: 0.25 },
} as const;

/** Schema of why a fill happened. */
const receiptSchema = z
  .strictObject({
    rule: z.enum(FILL_RULES).meta({
      description:
        'Letter of the fill rule. E1: took displayed size. F1: a print through the price. F2: a print at the price, after the queue. F7: a quote that crossed and stayed.',
      example: RECEIPT_EXAMPLE.rule,
    }),
    grade: z.enum(EVIDENCE_GRADES).meta({
      description:
        'What it rests on. A: displayed size taken. B: a print through the price. C: a print at the price after the queue, or a crossed quote.',
      example: RECEIPT_EXAMPLE.grade,
    }),
    profile: z.enum(EXECUTION_PROFILES).meta({ description: 'How strict fills were.', example: 'realistic' }),
    model_version: countField('Version of the fill model that decided.', RECEIPT_EXAMPLE.model_version),
    book_source: z
      .enum(['stream', 'rest'])
      .meta({ description: 'Where the order book came from.', example: RECEIPT_EXAMPLE.book_source }),
    book_sequence: countField('Number of the book in the stream; null for one asked for.', 48213).nullable(),
    book_hash: textField("Polymarket's hash of the book, where it gave one.", RECEIPT_EXAMPLE.book_hash).nullable(),
    book_venue_time: timestampField('When Polymarket made the book.', RECEIPT_EXAMPLE.book_venue_time),
    book_received_at: timestampField('When it was received.', RECEIPT_EXAMPLE.book_received_at),
    displayed_size: exactNumberField(
      'Shares displayed at the price; null for maker fills.',
      RECEIPT_EXAMPLE.displayed_size,
    ).nullable(),
    taken_before: exactNumberField(
      'How many of them this portfolio had taken before, and could not take again.',
      RECEIPT_EXAMPLE.taken_before,
    ).nullable(),
    print_key: textField(
      'The public trade that filled a resting order: condition, canonical price and size in millionths, aggressor, time and transaction. Null for takers and crossed quotes.',
      `${CONDITION_ID}:460000:40000000:sell:1770457270020:0x5f3a9c`,
    ).nullable(),
    print_size: exactNumberField('Shares of that trade.', 40).nullable(),
    queue_ahead_at_entry: exactNumberField('Shares ahead when it came to rest; null for takers.', 900).nullable(),
    queue_ahead_at_fill: exactNumberField('Shares ahead just before this fill; null for takers.', 0).nullable(),
    arrival_midpoint: exactNumberField(
      'Midpoint of the book as the order met it; null when a side was empty.',
      RECEIPT_EXAMPLE.arrival_midpoint,
    ).nullable(),
    fee_schedule: marketFeesSchema.nullable().meta({
      description: 'The fee curve of the market, which takers are charged and makers are not; null when free.',
    }),
  })
  .meta({ id: 'FillReceipt', description: 'Why a fill happened: enough to check it by hand.' });

export type ReceiptBody = z.infer<typeof receiptSchema>;

function toReceipt(receipt: FillReceipt): ReceiptBody {
  return {
    rule: receipt.rule,
    grade: receipt.grade,
    profile: receipt.profile,
    model_version: receipt.modelVersion,
    book_source: receipt.bookSource,
    book_sequence: receipt.bookSequence,
    book_hash: receipt.bookHash,
    book_venue_time: receipt.bookVenueTime.toISOString(),
    book_received_at: receipt.bookReceivedAt.toISOString(),
    displayed_size: wireNumberOrNull(receipt.displayedSize),
    taken_before: wireNumberOrNull(receipt.takenBefore),
    print_key: receipt.printKey,
    print_size: wireNumberOrNull(receipt.printSize),
    queue_ahead_at_entry: wireNumberOrNull(receipt.queueAheadAtEntry),
    queue_ahead_at_fill: wireNumberOrNull(receipt.queueAheadAtFill),
    arrival_midpoint: wireNumberOrNull(receipt.arrivalMidpoint),
    fee_schedule: feesOrNull(receipt.feeSchedule),
  };
}

const feesOrNull = (fees: FillReceipt['feeSchedule']): MarketFeesBody | null =>
  fees === null ? null : toMarketFees(fees);

const FILL_EXAMPLE = { ...TRADE_EXAMPLE, receipt: RECEIPT_EXAMPLE };

/** Schema of a fill of an order: the trade and why it happened. */
export const fillSchema = z
  .strictObject({ ...tradeSchema.shape, receipt: receiptSchema })
  .meta({ id: 'Fill', description: 'A trade with its receipt.', example: FILL_EXAMPLE });

export interface FillBody extends TradeBody {
  receipt: ReceiptBody;
}

export function toFill(trade: Trade): FillBody {
  return { ...toTrade(trade), receipt: toReceipt(trade.receipt) };
}

const ORDER_UPDATE_EXAMPLE = {
  id: ORDER_ID,
  portfolio_id: PORTFOLIO_ID,
  run: 1,
  ...OUTCOME_REF_EXAMPLE,
  market_question: MARKET_QUESTION,
  side: 'buy',
  type: 'limit',
  quantity: 200,
  amount: null,
  price: 0.46,
  time_in_force: 'gtc',
  expires_at: null,
  post_only: false,
  client_order_id: 'rates-17',
  notes: null,
  status: 'partially_filled',
  phase: 'resting',
  filled_quantity: 100,
  filled_value: 46,
  average_fill_price: 0.46,
  remaining_quantity: 100,
  remaining_amount: null,
  queue_ahead: 900,
  queue_ahead_at_entry: 900,
  reserved_cash: 46,
  reserved_quantity: 0,
  fees: 0.9936,
  profile: 'realistic',
  created_at: '2026-02-07T09:41:10.001Z',
  updated_at: '2026-02-07T09:41:10.031Z',
  reject_reason: null,
} as const;

export const ORDER_EXAMPLE = { ...ORDER_UPDATE_EXAMPLE, fills: [FILL_EXAMPLE] } as const;

/** Schema of an order with its fills. */
export const orderSchema = z
  .strictObject({
    id: textField('Id of the order.', ORDER_EXAMPLE.id),
    portfolio_id: textField('The portfolio it belongs to.', ORDER_EXAMPLE.portfolio_id),
    run: countField('The run of the portfolio it belongs to.', ORDER_EXAMPLE.run),
    ...outcomeRefFields,
    market_question: textField('What the market asks.', ORDER_EXAMPLE.market_question),
    side: z.enum(ORDER_SIDES).meta({ description: 'Buy or sell.', example: ORDER_EXAMPLE.side }),
    type: z.enum(ORDER_TYPES).meta({ description: 'Limit or market.', example: ORDER_EXAMPLE.type }),
    quantity: exactNumberField('Shares ordered; null for an order by amount.', ORDER_EXAMPLE.quantity).nullable(),
    amount: exactNumberField('USDC ordered for; null for an order by quantity.', 50).nullable(),
    price: exactNumberField('Limit, or worst price; null for any.', ORDER_EXAMPLE.price).nullable(),
    time_in_force: z
      .enum(TIMES_IN_FORCE)
      .meta({ description: 'How long it works.', example: ORDER_EXAMPLE.time_in_force }),
    expires_at: timestampField('When a gtd order ends, as it was sent.', '2026-02-08T09:30:00.000Z').nullable(),
    post_only: flagField('Whether it never takes.', ORDER_EXAMPLE.post_only),
    client_order_id: textField("The client's own id.", ORDER_EXAMPLE.client_order_id).nullable(),
    notes: textField('What the request noted.', 'after the jobs report').nullable(),
    status: z.enum(ORDER_STATUSES).meta({
      description:
        '`open` and `partially_filled` work. `filled`, `cancelled`, `expired` and `rejected` are the end; `reject_reason` says why.',
      example: ORDER_EXAMPLE.status,
    }),
    phase: z.enum(ORDER_PHASES).meta({
      description:
        'Where it is: `arriving` at the venue, `delayed` by the market (cannot be cancelled), `resting` in the book, or `done`.',
      example: ORDER_EXAMPLE.phase,
    }),
    filled_quantity: exactNumberField('Shares filled.', ORDER_EXAMPLE.filled_quantity),
    filled_value: exactNumberField('Price x quantity over its fills, fees not included.', ORDER_EXAMPLE.filled_value),
    average_fill_price: exactNumberField(
      'USDC a share over its fills, rounded to 6 decimals; null before the first.',
      ORDER_EXAMPLE.average_fill_price,
    ).nullable(),
    remaining_quantity: exactNumberField(
      'Shares not filled; null for an order by amount.',
      ORDER_EXAMPLE.remaining_quantity,
    ).nullable(),
    remaining_amount: exactNumberField('USDC not spent; null for an order by quantity.', 4).nullable(),
    queue_ahead: exactNumberField(
      'Shares still ahead of it in the queue; null while it does not rest.',
      ORDER_EXAMPLE.queue_ahead,
    ).nullable(),
    queue_ahead_at_entry: exactNumberField(
      'Shares ahead of it when it came to rest; null when it never did.',
      ORDER_EXAMPLE.queue_ahead_at_entry,
    ).nullable(),
    reserved_cash: exactNumberField('USDC held for it now.', ORDER_EXAMPLE.reserved_cash),
    reserved_quantity: exactNumberField('Shares held for it now.', ORDER_EXAMPLE.reserved_quantity),
    fees: exactNumberField('USDC of fees over its fills.', ORDER_EXAMPLE.fees),
    profile: z.enum(EXECUTION_PROFILES).meta({ description: 'How strict its fills are.', example: 'realistic' }),
    created_at: timestampField('When it was received.', ORDER_EXAMPLE.created_at),
    updated_at: timestampField('When it last changed.', ORDER_EXAMPLE.updated_at),
    reject_reason: textField(
      "Why it was refused or ended, often in Polymarket's own words; null while it works and when it filled.",
      "order couldn't be fully filled. FOK orders are fully filled or killed.",
    ).nullable(),
    fills: z.array(fillSchema).meta({ description: 'Its fills, oldest first.' }),
  })
  .meta({ id: 'Order', description: 'An order with its fills.', example: ORDER_EXAMPLE });

/** Schema of an order as it stands, without its fills. */
export const orderUpdateSchema = orderSchema.omit({ fills: true }).meta({
  id: 'OrderUpdate',
  description: 'An order as it stands now, without its fills.',
  example: ORDER_UPDATE_EXAMPLE,
});

export interface OrderUpdateBody extends OutcomeRefBody {
  id: string;
  portfolio_id: string;
  run: number;
  market_question: string;
  side: Order['side'];
  type: Order['type'];
  quantity: number | null;
  amount: number | null;
  price: number | null;
  time_in_force: TimeInForce;
  expires_at: string | null;
  post_only: boolean;
  client_order_id: string | null;
  notes: string | null;
  status: Order['status'];
  phase: Order['phase'];
  filled_quantity: number;
  filled_value: number;
  average_fill_price: number | null;
  remaining_quantity: number | null;
  remaining_amount: number | null;
  queue_ahead: number | null;
  queue_ahead_at_entry: number | null;
  reserved_cash: number;
  reserved_quantity: number;
  fees: number;
  profile: Order['profile'];
  created_at: string;
  updated_at: string;
  reject_reason: string | null;
}

export interface OrderBody extends OrderUpdateBody {
  fills: FillBody[];
}

/** An order with what filled of it, oldest first. */
export interface OrderSource {
  order: Order;
  trades: readonly Trade[];
}

export function toOrder({ order, trades }: OrderSource): OrderBody {
  return { ...toOrderUpdate(order), fills: trades.map(toFill) };
}

export function toOrderUpdate(order: Order): OrderUpdateBody {
  return {
    id: order.id,
    portfolio_id: order.portfolioId,
    run: order.run,
    ...toOutcomeRef(order),
    market_question: order.marketQuestion,
    side: order.side,
    type: order.type,
    quantity: wireNumberOrNull(order.quantity),
    amount: wireNumberOrNull(order.amount),
    price: wireNumberOrNull(order.price),
    time_in_force: order.timeInForce,
    expires_at: wireTimeOrNull(order.expiresAt),
    post_only: order.postOnly,
    client_order_id: order.clientOrderId,
    notes: order.notes,
    status: order.status,
    phase: order.phase,
    filled_quantity: toWireNumber(order.filledQuantity),
    filled_value: toWireNumber(order.filledValue),
    average_fill_price: wireNumberOrNull(averagePrice(order.filledValue, order.filledQuantity)),
    remaining_quantity: wireNumberOrNull(remainingQuantity(order)),
    remaining_amount: wireNumberOrNull(order.amount === null ? null : order.amount - order.filledValue),
    queue_ahead: wireNumberOrNull(order.queueAhead),
    queue_ahead_at_entry: wireNumberOrNull(order.queueAheadAtEntry),
    reserved_cash: toWireNumber(order.reservedCash),
    reserved_quantity: toWireNumber(order.reservedShares),
    fees: toWireNumber(order.fees),
    profile: order.profile,
    created_at: order.createdAt.toISOString(),
    updated_at: order.updatedAt.toISOString(),
    reject_reason: order.rejectReason,
  };
}

/** Schema of one page of orders. */
export const orderListSchema = z
  .strictObject({ orders: z.array(orderSchema).meta({ description: 'The page.' }), ...pageFields })
  .meta({
    id: 'OrderList',
    description: 'One page of orders, newest first.',
    example: {
      orders: [ORDER_EXAMPLE],
      total: 1,
      page: 1,
      page_size: 20,
      total_pages: 1,
      has_next: false,
      has_prev: false,
    },
  });

export interface OrderListBody extends PageBody {
  orders: OrderBody[];
}

export function toOrderList(
  orders: readonly OrderSource[],
  total: number,
  page: number,
  pageSize: number,
): OrderListBody {
  return { orders: orders.map(toOrder), ...toPageBody(total, page, pageSize) };
}

/** Schema of the answer to a cancel of many. */
export const cancelledOrdersSchema = z
  .strictObject({
    cancelled: z.array(z.string()).meta({ description: 'Ids of the orders that were cancelled.', example: [ORDER_ID] }),
    not_cancelled: z
      .record(z.string(), z.string())
      .meta({ description: 'Why another was not, by its id.', example: {} }),
  })
  .meta({
    id: 'CancelledOrders',
    description: 'What was cancelled, and what was not and why.',
    example: {
      cancelled: [ORDER_ID],
      not_cancelled: {
        [ORDER_ID.replace(/30$/, '31')]:
          'it is marketable and held by the delay of its market, and is about to be matched',
      },
    },
  });

export type CancelledOrdersBody = z.infer<typeof cancelledOrdersSchema>;

export function toCancelledOrders(outcome: {
  cancelled: readonly Pick<Order, 'id'>[];
  notCancelled: readonly { order: Pick<Order, 'id'>; reason: string }[];
}): CancelledOrdersBody {
  return {
    cancelled: outcome.cancelled.map(({ id }) => id),
    not_cancelled: Object.fromEntries(outcome.notCancelled.map(({ order, reason }) => [order.id, reason])),
  };
}

export const MAX_BATCH_ORDERS = 15;

/** Body of `POST /portfolios/{id}/orders/batch`. */
export const orderBatchRequestSchema = z
  .array(orderRequestSchema, { error: `send a JSON list of 1 to ${MAX_BATCH_ORDERS} orders` })
  .min(1, `must have at least one order`)
  .max(MAX_BATCH_ORDERS, {
    error: ({ input }) =>
      `Too many orders in payload: ${Array.isArray(input) ? input.length : 0}, max allowed: ${MAX_BATCH_ORDERS}`,
  })
  .meta({
    id: 'OrderBatchRequest',
    description: `1 to ${MAX_BATCH_ORDERS} orders.`,
    example: [{ market_id: MARKET_ID, outcome: 'Yes', side: 'buy', type: 'limit', quantity: 100, price: 0.4 }],
  });

export type OrderBatchRequest = z.output<typeof orderBatchRequestSchema>;

const REFUSED_EXAMPLE = {
  success: true,
  order_id: '',
  error_msg: 'not enough balance / allowance. The order needs 40 USDC; 12.5 are free.',
  code: 'ORDER.INSUFFICIENT_CASH',
  order: null,
} as const;

/** Schema of what became of one order of a batch. */
const batchedOrderSchema = z
  .strictObject({
    success: z
      .literal(true)
      .meta({ description: 'Always true, as Polymarket answers it: the order was looked at.', example: true }),
    order_id: textField('Id of the order; empty when it was refused.', ORDER_ID),
    error_msg: textField('Why it was refused, as a sentence; empty when it was not.', ''),
    code: z
      .enum(DOMAIN_ERROR_CODES)
      .nullable()
      .meta({ description: 'Stable code of the refusal; null when it was accepted.', example: null }),
    order: orderSchema.nullable().meta({ description: 'The order as it stands; null when it was refused.' }),
  })
  .meta({ id: 'BatchedOrder', description: 'What became of one order of a batch.', example: REFUSED_EXAMPLE });

/** Schema of the answer to a batch. */
export const batchedOrdersSchema = z
  .array(batchedOrderSchema)
  .meta({ id: 'BatchedOrders', description: 'What became of each order, in the order asked.' });

export interface BatchedOrderBody {
  success: true;
  order_id: string;
  error_msg: string;
  code: DomainErrorCode | null;
  order: OrderBody | null;
}

export function toBatchedOrder(placed: OrderSource): BatchedOrderBody {
  return { success: true, order_id: placed.order.id, error_msg: '', code: null, order: toOrder(placed) };
}

/** An order of a batch that was refused. */
export function toRefusedOrder({ code, message }: Pick<DomainError, 'code' | 'message'>): BatchedOrderBody {
  return { success: true, order_id: '', error_msg: message, code, order: null };
}
