import {
  type AccountState,
  add,
  averagePrice,
  averageSlippageBps,
  DOMAIN_ERROR_CODES,
  type DomainError,
  negate,
  ORDER_STATUSES,
  type OrderSide,
  remainingQuantity,
  subtract,
  toWireNumber,
  type Trade,
} from '@app/domain';
import { BOOK_STATES, type BookEvidence, topOfBook } from '@app/exchange';
import { z } from 'zod';
import { fieldProblemSchema } from '../problem';
import { countField, exactNumberField, flagField, textField, timestampField, wireNumberOrNull } from '../scalars';
import type { OrderSource } from './orders';

const FILL_EXAMPLE = {
  price: 0.46,
  quantity: 350,
  total_value: 161,
  fee: 3.4776,
  displayed_size: 350,
  taken_before: 0,
} as const;

const BOOK_EXAMPLE = {
  state: 'live',
  reason: null,
  source: 'stream',
  sequence: 48213,
  timestamp: '2026-02-07T09:41:09.871Z',
  age_ms: 140,
  best_bid: 0.45,
  best_ask: 0.46,
  midpoint: 0.455,
} as const;

const AFTER_EXAMPLE = {
  cash_balance: 9766.5224,
  reserved_cash: 69,
  position_quantity: 350,
  position_reserved_quantity: 0,
  position_average_price: 0.46,
} as const;

const REFUSAL_EXAMPLE = {
  code: 'ORDER.INSUFFICIENT_CASH',
  detail: 'not enough balance / allowance. The order needs 40 USDC; 12.5 are free.',
  errors: [{ field: 'quantity', message: 'not enough balance / allowance. The order needs 40 USDC; 12.5 are free.' }],
} as const;

const EXAMPLE = {
  previewed_at: '2026-02-07T09:41:10.011Z',
  accepted: true,
  refusal: null,
  status: 'partially_filled',
  reject_reason: null,
  fills: [FILL_EXAMPLE],
  filled_quantity: 350,
  average_fill_price: 0.46,
  filled_value: 161,
  fees: 3.4776,
  cash_change: -164.4776,
  realized_pnl: null,
  resting_quantity: 150,
  queue_ahead: 0,
  reserved_cash: 69,
  reserved_quantity: 0,
  best_price: 0.46,
  slippage_bps: 109.89011,
  slippage_from_best_bps: 0,
  after: AFTER_EXAMPLE,
  book: BOOK_EXAMPLE,
} as const;

const previewFillSchema = z
  .strictObject({
    price: exactNumberField('USDC a share: the level.', FILL_EXAMPLE.price),
    quantity: exactNumberField('Shares it would take there.', FILL_EXAMPLE.quantity),
    total_value: exactNumberField('Price x quantity, USDC, fee not included.', FILL_EXAMPLE.total_value),
    fee: exactNumberField('USDC; on top of what is bought, off what is sold for.', FILL_EXAMPLE.fee),
    displayed_size: exactNumberField('Shares displayed there.', FILL_EXAMPLE.displayed_size),
    taken_before: exactNumberField(
      'How many of them this portfolio has taken before, and cannot take again.',
      FILL_EXAMPLE.taken_before,
    ),
  })
  .meta({ id: 'PreviewFill', description: 'What an order would take of one level.', example: FILL_EXAMPLE });

const previewRefusalSchema = z
  .strictObject({
    code: z
      .enum(DOMAIN_ERROR_CODES)
      .meta({ description: 'Stable code of the refusal.', example: REFUSAL_EXAMPLE.code }),
    detail: textField('A sentence a person can act on.', REFUSAL_EXAMPLE.detail),
    errors: z.array(fieldProblemSchema).meta({ description: 'The fields at fault; none when no field alone is.' }),
  })
  .meta({
    id: 'OrderRefusal',
    description: 'What placing the order would answer as a problem.',
    example: REFUSAL_EXAMPLE,
  });

const previewBookSchema = z
  .strictObject({
    state: z
      .enum(BOOK_STATES)
      .meta({ description: 'How far it can be believed; only a `live` book fills.', example: BOOK_EXAMPLE.state }),
    reason: textField('Why it is not live; null when it is.', 'its stream does not answer').nullable(),
    source: z
      .enum(['stream', 'rest'])
      .meta({ description: 'Kept up to date by the live stream, or asked for just now.', example: 'stream' }),
    sequence: countField('Its number in the live data; null for one asked for.', BOOK_EXAMPLE.sequence).nullable(),
    timestamp: timestampField('When Polymarket made it.', BOOK_EXAMPLE.timestamp),
    age_ms: countField('Milliseconds since it was received or last changed.', BOOK_EXAMPLE.age_ms),
    best_bid: exactNumberField('Null when nobody bids.', BOOK_EXAMPLE.best_bid).nullable(),
    best_ask: exactNumberField('Null when nobody offers.', BOOK_EXAMPLE.best_ask).nullable(),
    midpoint: exactNumberField(
      'Half-way between the two; null when a side is empty.',
      BOOK_EXAMPLE.midpoint,
    ).nullable(),
  })
  .meta({
    id: 'PreviewBook',
    description: "The book of the order's own outcome, as it was.",
    example: BOOK_EXAMPLE,
  });

const previewAfterSchema = z
  .strictObject({
    cash_balance: exactNumberField('USDC free to use.', AFTER_EXAMPLE.cash_balance),
    reserved_cash: exactNumberField('USDC held for open orders, this one among them.', AFTER_EXAMPLE.reserved_cash),
    position_quantity: exactNumberField('Shares of the outcome.', AFTER_EXAMPLE.position_quantity),
    position_reserved_quantity: exactNumberField(
      'Shares of the outcome held for open sales.',
      AFTER_EXAMPLE.position_reserved_quantity,
    ),
    position_average_price: exactNumberField(
      'What a share of it cost on average, fees not included, rounded to 6 decimals; null without shares.',
      AFTER_EXAMPLE.position_average_price,
    ).nullable(),
  })
  .meta({ id: 'PreviewAfter', description: 'The portfolio after the order.', example: AFTER_EXAMPLE });

/** Schema of the answer of `POST /portfolios/{id}/orders/preview`. */
export const orderPreviewSchema = z
  .strictObject({
    previewed_at: timestampField('When the book was looked at.', EXAMPLE.previewed_at),
    accepted: flagField('Whether placing it would accept it.', EXAMPLE.accepted),
    refusal: previewRefusalSchema.nullable().meta({ description: 'Why it would not be accepted; null when it would.' }),
    status: z.enum(ORDER_STATUSES).nullable().meta({
      description:
        'How it would stand after meeting the book: `filled`, resting as `open` or `partially_filled`, or `cancelled` with `reject_reason`. Null when it is refused.',
      example: EXAMPLE.status,
    }),
    reject_reason: textField(
      'Why it would end with something unfilled; null when it would not.',
      "order couldn't be fully filled. FOK orders are fully filled or killed.",
    ).nullable(),
    fills: z.array(previewFillSchema).meta({ description: 'What it would take, best level first.' }),
    filled_quantity: exactNumberField('Shares it would take.', EXAMPLE.filled_quantity),
    average_fill_price: exactNumberField(
      'USDC a share over its fills, rounded to 6 decimals; null without any.',
      EXAMPLE.average_fill_price,
    ).nullable(),
    filled_value: exactNumberField('Price x quantity over its fills, fees not included.', EXAMPLE.filled_value),
    fees: exactNumberField('USDC of fees over its fills.', EXAMPLE.fees),
    cash_change: exactNumberField(
      'USDC its fills bring, fees off; negative is what they cost. What is held for the rest is apart.',
      EXAMPLE.cash_change,
    ),
    realized_pnl: exactNumberField(
      'What a sale would bring above the average cost, before fees; null for purchases and without fills.',
      12.5,
    ).nullable(),
    resting_quantity: exactNumberField('Shares that would come to rest.', EXAMPLE.resting_quantity),
    queue_ahead: exactNumberField(
      'Shares displayed before it at its price; null when nothing rests, or the book is not live.',
      EXAMPLE.queue_ahead,
    ).nullable(),
    reserved_cash: exactNumberField('USDC that would be held for what rests.', EXAMPLE.reserved_cash),
    reserved_quantity: exactNumberField('Shares that would be held for what rests.', EXAMPLE.reserved_quantity),
    best_price: exactNumberField(
      'Best price displayed for it now: the best ask of a purchase, the best bid of a sale; null when there is none.',
      EXAMPLE.best_price,
    ).nullable(),
    slippage_bps: exactNumberField(
      'Hundredths of a percent its fills would pay above the midpoint, or get below it, averaged by shares; negative when better, null without fills or midpoint.',
      EXAMPLE.slippage_bps,
    ).nullable(),
    slippage_from_best_bps: exactNumberField(
      'As `slippage_bps`, from `best_price`: what going deeper into the book costs.',
      EXAMPLE.slippage_from_best_bps,
    ).nullable(),
    after: previewAfterSchema.nullable().meta({ description: 'Null when it is refused.' }),
    book: previewBookSchema.nullable().meta({ description: 'Null when it is refused before a book is read.' }),
  })
  .meta({
    id: 'OrderPreview',
    description:
      "What an order would do if it met the book as it is now: before latency, that is without the time it travels, the market's taker delay, and what moves meanwhile.",
    example: EXAMPLE,
  });

export type OrderPreviewBody = z.infer<typeof orderPreviewSchema>;

/** An order as it would stand. Either `refusal` or `executed` is null. */
export interface OrderPreviewSource {
  at: Date;
  side: OrderSide;
  evidence: BookEvidence | null;
  refusal: DomainError | null;
  executed: (OrderSource & { account: AccountState }) | null;
}

export function toOrderPreview({ at, side, evidence, refusal, executed }: OrderPreviewSource): OrderPreviewBody {
  const best =
    evidence === null ? null : ((side === 'buy' ? evidence.book.asks : evidence.book.bids)[0]?.price ?? null);
  return {
    previewed_at: at.toISOString(),
    accepted: refusal === null,
    refusal:
      refusal === null
        ? null
        : { code: refusal.code, detail: refusal.message, errors: [...(refusal.details.fields ?? [])] },
    ...(executed === null ? NOTHING_DONE : toOutcome(executed)),
    best_price: wireNumberOrNull(best),
    slippage_bps: wireNumberOrNull(
      averageSlippageBps(side, executed?.trades ?? [], evidence === null ? null : topOfBook(evidence.book).midpoint),
    ),
    slippage_from_best_bps: wireNumberOrNull(averageSlippageBps(side, executed?.trades ?? [], best)),
    after: executed === null ? null : toAfter(executed),
    book: evidence === null ? null : toPreviewBook(evidence, at),
  };
}

type Outcome = Pick<
  OrderPreviewBody,
  | 'status'
  | 'reject_reason'
  | 'fills'
  | 'filled_quantity'
  | 'average_fill_price'
  | 'filled_value'
  | 'fees'
  | 'cash_change'
  | 'realized_pnl'
  | 'resting_quantity'
  | 'queue_ahead'
  | 'reserved_cash'
  | 'reserved_quantity'
>;

const NOTHING_DONE: Outcome = {
  status: null,
  reject_reason: null,
  fills: [],
  filled_quantity: 0,
  average_fill_price: null,
  filled_value: 0,
  fees: 0,
  cash_change: 0,
  realized_pnl: null,
  resting_quantity: 0,
  queue_ahead: null,
  reserved_cash: 0,
  reserved_quantity: 0,
};

function toOutcome({ order, trades }: OrderSource): Outcome {
  const { side, filledQuantity, filledValue, fees } = order;
  const resting = order.phase === 'resting' ? (remainingQuantity(order) ?? 0n) : 0n;
  const realised = trades.flatMap((trade) => trade.realised ?? []);
  return {
    status: order.status,
    reject_reason: order.rejectReason,
    fills: trades.map(toPreviewFill),
    filled_quantity: toWireNumber(filledQuantity),
    average_fill_price: wireNumberOrNull(averagePrice(filledValue, filledQuantity)),
    filled_value: toWireNumber(filledValue),
    fees: toWireNumber(fees),
    cash_change: toWireNumber(subtract(side === 'buy' ? negate(filledValue) : filledValue, fees)),
    realized_pnl: realised.length === 0 ? null : toWireNumber(realised.reduce(add)),
    resting_quantity: toWireNumber(resting),
    queue_ahead: wireNumberOrNull(order.queueAhead),
    reserved_cash: toWireNumber(order.reservedCash),
    reserved_quantity: toWireNumber(order.reservedShares),
  };
}

function toPreviewFill({ price, quantity, value, fee, receipt }: Trade): OrderPreviewBody['fills'][number] {
  return {
    price: toWireNumber(price),
    quantity: toWireNumber(quantity),
    total_value: toWireNumber(value),
    fee: toWireNumber(fee),
    displayed_size: toWireNumber(receipt.displayedSize ?? 0n),
    taken_before: toWireNumber(receipt.takenBefore ?? 0n),
  };
}

function toAfter({
  order,
  account,
}: {
  order: OrderSource['order'];
  account: AccountState;
}): OrderPreviewBody['after'] {
  const { portfolio, positions } = account;
  const position = positions.get(order.tokenId);
  return {
    cash_balance: toWireNumber(portfolio.cash),
    reserved_cash: toWireNumber(portfolio.reserved),
    position_quantity: toWireNumber(position?.quantity ?? 0n),
    position_reserved_quantity: toWireNumber(position?.reserved ?? 0n),
    position_average_price: wireNumberOrNull(
      position === undefined ? null : averagePrice(position.cost, position.quantity),
    ),
  };
}

function toPreviewBook(evidence: BookEvidence, at: Date): OrderPreviewBody['book'] {
  const { state, reason, source, sequence, receivedAt, book } = evidence;
  const { bestBid, bestAsk, midpoint } = topOfBook(book);
  return {
    state,
    reason,
    source,
    sequence,
    timestamp: book.venueTime.toISOString(),
    age_ms: Math.max(0, at.getTime() - receivedAt.getTime()),
    best_bid: wireNumberOrNull(bestBid),
    best_ask: wireNumberOrNull(bestAsk),
    midpoint: wireNumberOrNull(midpoint),
  };
}
