import { EVIDENCE_GRADES, FILL_RULES, ORDER_STATUSES } from '@app/domain';
import { BOOK_STATES, ORDER_WAITS, type OrderExplanation } from '@app/exchange';
import { z } from 'zod';
import { exactNumberField, textField, timestampField, wireNumberOrNull, wireTimeOrNull } from '../scalars';
import { ORDER_EXAMPLE, orderSchema, type OrderSource, toOrder } from './orders';
import { ORDER_ID, TRADE_ID } from './request-fields';

const FILL_SENTENCE = '100 at 0.46 taken from the 350 displayed there (rule E1, grade A)';

const EXAMPLE = {
  order_id: ORDER_ID,
  status: ORDER_EXAMPLE.status,
  sentence: `Bought 100 of 200 shares of Yes at an average of 0.46: ${FILL_SENTENCE}. It rests with 100 shares at 0.46, and 900 shares are ahead of it: it fills when a sale at its price reaches past them, or by one at a lower price.`,
  data: {
    waiting_for: 'queue',
    arrives_at: '2026-02-07T09:41:10.006Z',
    matches_at: '2026-02-07T09:41:10.006Z',
    resting_since: '2026-02-07T09:41:10.031Z',
    stops_at: null,
    queue_ahead: 900,
    queue_ahead_at_entry: 900,
    best_bid: 0.46,
    best_ask: 0.47,
    displayed_at_limit: 900,
    book_state: 'live',
    book_reason: null,
    book_received_at: '2026-02-07T10:02:11.400Z',
    fills: [{ trade_id: TRADE_ID, sentence: FILL_SENTENCE, rule: 'E1', grade: 'A' }],
  },
  order: ORDER_EXAMPLE,
} as const;

const { data: DATA_EXAMPLE } = EXAMPLE;

const explainedFillSchema = z
  .strictObject({
    trade_id: textField('The trade; its receipt is among the fills of the order.', TRADE_ID),
    sentence: textField('Why it happened.', FILL_SENTENCE),
    rule: z.enum(FILL_RULES).meta({ description: 'Letter of the fill rule.', example: 'E1' }),
    grade: z.enum(EVIDENCE_GRADES).meta({ description: 'What it rests on.', example: 'A' }),
  })
  .meta({ id: 'ExplainedFill', description: 'Why one fill happened.' });

const dataSchema = z
  .strictObject({
    waiting_for: z.enum(ORDER_WAITS).nullable().meta({
      description:
        'What it waits for: its `arrival`, the `taker_delay` of the market, the `market` to take orders again, a `book` that can be believed, the `price` to come to its limit, the `queue` before it, or a `quote` that crosses it to stay. Null once nothing more will happen.',
      example: DATA_EXAMPLE.waiting_for,
    }),
    arrives_at: timestampField('When it reaches the venue.', DATA_EXAMPLE.arrives_at),
    matches_at: timestampField('When it meets the book.', DATA_EXAMPLE.matches_at),
    resting_since: timestampField('When it came to rest; null when it never did.').nullable(),
    stops_at: timestampField('When a gtd order stops resting; null for others.').nullable(),
    queue_ahead: exactNumberField('Shares ahead of it now; null while it does not rest.', 900).nullable(),
    queue_ahead_at_entry: exactNumberField('Shares ahead of it when it came to rest.', 900).nullable(),
    best_bid: exactNumberField("Best bid of its token's book now.", DATA_EXAMPLE.best_bid).nullable(),
    best_ask: exactNumberField("Best ask of its token's book now.", DATA_EXAMPLE.best_ask).nullable(),
    displayed_at_limit: exactNumberField('Shares displayed on its own side at its limit now.', 900).nullable(),
    book_state: z
      .enum(BOOK_STATES)
      .nullable()
      .meta({ description: 'How far the book can be believed; null when it was not read.', example: 'live' }),
    book_reason: textField('Why the book is not live.', 'its stream does not answer').nullable(),
    book_received_at: timestampField('When the book was received.').nullable(),
    fills: z.array(explainedFillSchema).meta({ description: 'Its fills, oldest first.' }),
  })
  .meta({ id: 'OrderExplanationData', description: 'The explanation as data.' });

/** Schema of the answer of `GET /portfolios/{id}/orders/{order_id}/explain`. */
export const orderExplanationSchema = z
  .strictObject({
    order_id: textField('The order.', EXAMPLE.order_id),
    status: z.enum(ORDER_STATUSES).meta({ description: 'How it stands.', example: EXAMPLE.status }),
    sentence: textField('Why it filled, what it waits for, or why it ended.', EXAMPLE.sentence),
    data: dataSchema,
    order: orderSchema,
  })
  .meta({ id: 'OrderExplanation', description: 'Why an order stands as it does.', example: EXAMPLE });

export type OrderExplanationBody = z.infer<typeof orderExplanationSchema>;

/** An order with its fills, and why it stands so. */
export type OrderExplanationSource = OrderSource & OrderExplanation;

export function toOrderExplanation(explained: OrderExplanationSource): OrderExplanationBody {
  const { order, sentence, data } = explained;
  return {
    order_id: order.id,
    status: order.status,
    sentence,
    data: {
      waiting_for: data.waitingFor,
      arrives_at: data.arrivesAt.toISOString(),
      matches_at: data.matchesAt.toISOString(),
      resting_since: wireTimeOrNull(data.restingSince),
      stops_at: wireTimeOrNull(data.stopsAt),
      queue_ahead: wireNumberOrNull(data.queueAhead),
      queue_ahead_at_entry: wireNumberOrNull(data.queueAheadAtEntry),
      best_bid: wireNumberOrNull(data.bestBid),
      best_ask: wireNumberOrNull(data.bestAsk),
      displayed_at_limit: wireNumberOrNull(data.displayedAtLimit),
      book_state: data.bookState,
      book_reason: data.bookReason,
      book_received_at: wireTimeOrNull(data.bookReceivedAt),
      fills: data.fills.map(({ tradeId, sentence: why, rule, grade }) => ({
        trade_id: tradeId,
        sentence: why,
        rule,
        grade,
      })),
    },
    order: toOrder(explained),
  };
}
