import type { OrderNotice } from '@app/contracts';
import type { Portfolio } from '@app/domain';
import { canonicalPrice, canonicalSide, type TakenLevel, takenSide } from '@app/exchange';
import type { OrderChange } from '../orders/order-changes';

/**
 * Returns what whoever keeps the resting orders of a market is to be told of a stored decision, market by market: orders that came to rest, changed or ended, and what was
 * taken of the displayed book, while the portfolio has orders that it could fill as well (B3).
 * @param portfolio as it is after the decision
 */
export function orderNotices({ id, openOrders }: Portfolio, changes: readonly OrderChange[]): OrderNotice[] {
  const byCondition = new Map<string, { orderIds: Set<string>; taken: TakenLevel[] }>();
  for (const { before, order, trades } of changes) {
    const isAboutResting = before?.phase === 'resting' || order.phase === 'resting';
    const taken = openOrders === 0 || order.profile === 'ideal' ? [] : takenBy(order.outcomeIndex, trades);
    if (!isAboutResting && taken.length === 0) continue;
    let notice = byCondition.get(order.conditionId);
    if (notice === undefined) byCondition.set(order.conditionId, (notice = { orderIds: new Set(), taken: [] }));
    if (isAboutResting) notice.orderIds.add(order.id);
    notice.taken.push(...taken);
  }
  return [...byCondition].map(([conditionId, { orderIds, taken }]) => ({
    conditionId,
    portfolioId: id,
    orderIds: [...orderIds],
    taken,
  }));
}

function takenBy(outcomeIndex: number, trades: OrderChange['trades']): TakenLevel[] {
  return trades
    .filter(({ liquidity }) => liquidity === 'taker')
    .map(({ side, price, quantity }) => ({
      side: canonicalSide(takenSide(side), outcomeIndex),
      price: canonicalPrice(price, outcomeIndex),
      quantity,
    }));
}
