import type { Schemas } from '../../api/client';
import { formatPrice, formatShares } from '../../ui/format';

type Explanation = Schemas['OrderExplanation'];
type Order = Schemas['Order'];

/** One thing that happened to an order, or will. */
export interface OrderEvent {
  key: string;
  at: string;
  what: string;
  /** More about it. */
  detail: string | null;
  isAhead: boolean;
}

const ENDS: Readonly<Partial<Record<Order['status'], string>>> = {
  cancelled: 'Cancelled',
  expired: 'Expired',
  rejected: 'Rejected',
};

/** What happened to an order and what is fixed to happen, in the order of time. @param now Unix milliseconds */
export function timelineOf({ order, data }: Explanation, now: number): OrderEvent[] {
  const event = (key: string, at: string, what: string, detail: string | null = null): OrderEvent => ({
    key,
    at,
    what,
    detail,
    isAhead: Date.parse(at) > now,
  });
  const travelMs = Date.parse(data.arrives_at) - Date.parse(order.created_at);
  const delayMs = Date.parse(data.matches_at) - Date.parse(data.arrives_at);
  const events = [event('placed', order.created_at, 'Received')];
  if (travelMs > 0) events.push(event('arrives', data.arrives_at, 'At the venue', `after ${travelMs} ms on its way`));
  if (delayMs > 0) {
    const why = `the market holds orders that take for ${delayMs} ms`;
    events.push(event('matches', data.matches_at, 'Meets the book', why));
  }
  if (data.resting_since !== null) {
    const ahead = data.queue_ahead_at_entry;
    const queue = ahead === null ? null : `behind ${formatShares(ahead)} shares at its price`;
    events.push(event('rests', data.resting_since, 'Came to rest', queue));
  }
  for (const { id, trade_timestamp, quantity, price, liquidity, receipt } of order.fills) {
    const proof = `as ${liquidity}, rule ${receipt.rule}, grade ${receipt.grade}`;
    events.push(event(id, trade_timestamp, `Filled ${formatShares(quantity)} at ${formatPrice(price)}`, proof));
  }
  if (data.stops_at !== null && data.waiting_for !== null) {
    events.push(event('stops', data.stops_at, 'Stops resting', 'it is good until shortly after'));
  }
  const end = ENDS[order.status];
  if (end !== undefined) events.push(event('end', order.updated_at, end, order.reject_reason));
  return events.sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
}
