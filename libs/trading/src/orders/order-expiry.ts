import type { AccountState, Order } from '@app/domain';
import type { TradingOptions } from '../trading.options';
import { endOrder, type OrderChange } from './order-changes';

const EXPIRED = 'The order expired: a gtd order stops resting a minute before its expiry.';

/** When a gtd order stops working, Unix milliseconds; never for any other. */
export function stopsRestingAt({ expiresAt }: Pick<Order, 'expiresAt'>, { exchange }: TradingOptions): number {
  return expiresAt === null ? Infinity : expiresAt.getTime() - exchange.gtdStopsBeforeMs;
}

/** Ends a resting order whose time has run out; null while it has not, and for an order that does not rest. */
export function expireOrder(state: AccountState, order: Order, options: TradingOptions, now: Date): OrderChange | null {
  const isDue = order.phase === 'resting' && stopsRestingAt(order, options) <= now.getTime();
  return isDue ? endOrder(state, order, 'expired', EXPIRED, now) : null;
}
