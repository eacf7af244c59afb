import { type CancelAllQuery, marketOf, type OrderListQuery, type TradeListQuery } from '@app/contracts';
import type { MarketKey, OrderQuery, PageRequest, TradeQuery } from '@app/trading';

/** The orders a query asks for. */
export function toOrderQuery(query: OrderListQuery): OrderQuery {
  return {
    ...(query.status === undefined ? {} : { status: query.status }),
    ...toCancelAllQuery(query),
    ...(query.run === undefined ? {} : { run: query.run }),
    page: query.page,
    pageSize: query.page_size,
  };
}

/** Which market's orders are meant, if only one's. */
export function toCancelAllQuery(query: CancelAllQuery): { market?: MarketKey } {
  return query.market_id === undefined ? {} : { market: marketOf(query.market_id) };
}

/** The trades a query asks for. */
export function toTradeQuery(query: TradeListQuery): TradeQuery & PageRequest {
  return {
    ...(query.start_date === undefined ? {} : { from: query.start_date }),
    ...(query.end_date === undefined ? {} : { to: query.end_date }),
    ...(query.run === undefined ? {} : { run: query.run }),
    page: query.page,
    pageSize: query.page_size,
  };
}
