import type { Order } from '@app/domain';
import type { OrderRequest } from './order-request';

/** Whether a request asks for the order that is there already. */
export function isSameOrder(order: Order, request: OrderRequest): boolean {
  return (
    isSameMarket(order, request.market) &&
    (request.outcome === null || request.outcome.trim().toLowerCase() === order.outcome.toLowerCase()) &&
    (request.outcomeIndex === null || request.outcomeIndex === order.outcomeIndex) &&
    request.side === order.side &&
    request.type === order.type &&
    request.quantity === order.quantity &&
    request.amount === order.amount &&
    request.price === order.price &&
    request.timeInForce === order.timeInForce &&
    request.expiresAt?.getTime() === order.expiresAt?.getTime() &&
    request.postOnly === order.postOnly &&
    request.notes === order.notes
  );
}

/** Whether an order is in the market a client names. */
export function isSameMarket(
  order: Pick<Order, 'conditionId' | 'marketId' | 'tokenId'>,
  market: OrderRequest['market'],
): boolean {
  if ('slug' in market) return market.slug.toLowerCase() === order.marketId;
  if ('conditionId' in market) return market.conditionId.toLowerCase() === order.conditionId;
  return market.tokenId === order.tokenId;
}
