import type { Schemas } from '../../../api/client';
import { fromLocalInput } from '../../../ui/local-time';

export type OrderRequest = Schemas['OrderRequest'];
export type Side = OrderRequest['side'];
export type OrderType = OrderRequest['type'];
export type TimeInForce = NonNullable<OrderRequest['time_in_force']>;

/** What is in the form; numbers as they were typed. */
export interface OrderDraft {
  side: Side;
  type: OrderType;
  /** What a market purchase is told in: shares, or USDC to spend. */
  sizeIn: 'shares' | 'usdc';
  quantity: string;
  amount: string;
  /** The limit of a limit order. */
  limit: string;
  /** The worst price a market order accepts; empty for any. */
  worst: string;
  /** Of limit orders. */
  limitTime: TimeInForce;
  /** Of market orders, which never rest. */
  marketTime: TimeInForce;
  /** As a field for date and time holds it. */
  expiresAt: string;
  postOnly: boolean;
}

export const EMPTY_DRAFT: OrderDraft = {
  side: 'buy',
  type: 'limit',
  sizeIn: 'shares',
  quantity: '',
  amount: '',
  limit: '',
  worst: '',
  limitTime: 'gtc',
  marketTime: 'fok',
  expiresAt: '',
  postOnly: false,
};

export const TIMES: Readonly<Record<OrderType, readonly TimeInForce[]>> = {
  limit: ['gtc', 'gtd', 'fak', 'fok'],
  market: ['fok', 'fak'],
};

export function timeInForceOf({ type, limitTime, marketTime }: OrderDraft): TimeInForce {
  return type === 'limit' ? limitTime : marketTime;
}

/** Whether the order is told in USDC to spend. */
export function isByAmount({ side, type, sizeIn }: OrderDraft): boolean {
  return type === 'market' && side === 'buy' && sizeIn === 'usdc';
}

/** Whether an order of the form may come to rest, so that it can be post-only. */
export function mayRest(draft: OrderDraft): boolean {
  const time = timeInForceOf(draft);
  return time === 'gtc' || time === 'gtd';
}

/** The order the form asks for; null while something it needs is empty. What is typed goes as it is: the api judges it. */
export function orderOf(draft: OrderDraft, marketId: string, outcomeIndex: number): OrderRequest | null {
  const { side, type } = draft;
  const size = (isByAmount(draft) ? draft.amount : draft.quantity).trim();
  const price = (type === 'limit' ? draft.limit : draft.worst).trim();
  const time = timeInForceOf(draft);
  const expiresAt = time === 'gtd' ? fromLocalInput(draft.expiresAt) : null;
  if (size === '' || (type === 'limit' && price === '') || expiresAt === '') return null;
  return {
    market_id: marketId,
    outcome_index: outcomeIndex,
    side,
    type,
    ...(isByAmount(draft) ? { amount: size } : { quantity: size }),
    price: price === '' ? null : price,
    time_in_force: time,
    expires_at: expiresAt,
    post_only: draft.postOnly && mayRest(draft),
  };
}
