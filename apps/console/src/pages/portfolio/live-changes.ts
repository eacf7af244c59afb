import type { Schemas } from '../../api/client';
import type { PortfolioMessage } from '../../live/live';
import type { ServerMessageOf } from '../../live/messages';

/*
 * What a message about a portfolio changes in what the api told before. Messages may overtake each other and answers of the api: what is
 * older than what is shown changes nothing. Whatever a message does not tell is asked for again.
 */

type Detail = Schemas['PortfolioDetail'];
type Order = Schemas['Order'];
type OrderUpdate = ServerMessageOf<'order_update'>['order'];
type Fill = ServerMessageOf<'fill'>['fill'];
type HeldPosition = ServerMessageOf<'position'>['position'];

/** One page of a list, as far as rows change in it. */
interface Counted {
  total: number;
}

const WORKING: readonly Order['status'][] = ['open', 'partially_filled'];
const NOT_PRICED_YET = 'Its price is being asked for.';

/** Whether an order still may fill. */
export function isWorking({ status }: Pick<Order, 'status'>): boolean {
  return WORKING.includes(status);
}

export function changedDetail(detail: Detail, message: PortfolioMessage): Detail {
  switch (message.type) {
    case 'portfolio':
      // After a reset nothing of before holds.
      if (message.timestamp < detail.updated_at || message.run !== detail.run) return detail;
      return {
        ...detail,
        cash_balance: message.cash_balance,
        reserved_cash: message.reserved_cash,
        updated_at: message.timestamp,
      };
    case 'position':
      return withPosition(detail, message.position);
    default:
      return detail;
  }
}

function withPosition(detail: Detail, held: HeldPosition): Detail {
  const before = detail.positions.find(({ token_id }) => token_id === held.token_id);
  if (before !== undefined && held.updated_at <= before.updated_at) return detail;
  const price = held.quantity > 0 ? (before?.current_price ?? null) : null;
  const value = held.quantity === 0 ? 0 : price === null ? null : price * held.quantity;
  const after: Detail['positions'][number] = {
    ...held,
    current_price: price,
    price_source: price === null ? null : (before?.price_source ?? null),
    price_at: price === null ? null : (before?.price_at ?? null),
    unpriced_reason: held.quantity > 0 && price === null ? NOT_PRICED_YET : null,
    market_value: value,
    liquidation_value: held.quantity === 0 ? 0 : null,
    unrealized_pnl: value === null ? null : value - held.cost_basis,
  };
  return {
    ...detail,
    realized_pnl: detail.realized_pnl + held.realized_pnl - (before?.realized_pnl ?? 0),
    fees_paid: detail.fees_paid + held.fees_paid - (before?.fees_paid ?? 0),
    positions:
      before === undefined
        ? [...detail.positions, after]
        : detail.positions.map((each) => (each === before ? after : each)),
  };
}

/** An order after a message; the same object when it is about another, or older. */
export function changedOrder(order: Order, message: PortfolioMessage): Order {
  if (message.type === 'order_update') {
    const { order: update } = message;
    return update.id === order.id && update.updated_at >= order.updated_at ? { ...order, ...update } : order;
  }
  if (message.type === 'fill' && message.fill.order_id === order.id) return withFill(order, message.fill);
  return order;
}

function withFill(order: Order, fill: Fill): Order {
  return order.fills.some(({ id }) => id === fill.id) ? order : { ...order, fills: [...order.fills, fill] };
}

/** The orders that work, newest first: one that ended leaves, a new one comes. */
export function changedWorkingOrders<List extends Counted & { orders: Order[] }>(
  list: List,
  message: PortfolioMessage,
): List {
  const orders = list.orders.map((order) => changedOrder(order, message)).filter(isWorking);
  if (message.type === 'order_update' && isNew(list.orders, message.order)) {
    orders.unshift({ ...message.order, fills: [] });
  }
  return { ...list, orders, total: list.total + orders.length - list.orders.length };
}

function isNew(known: readonly Order[], update: OrderUpdate): boolean {
  return isWorking(update) && known.every(({ id }) => id !== update.id);
}

/** One page of orders: those on it change, none comes or goes. */
export function changedOrders<List extends { orders: Order[] }>(list: List, message: PortfolioMessage): List {
  const orders = list.orders.map((order) => changedOrder(order, message));
  return orders.every((order, index) => order === list.orders[index]) ? list : { ...list, orders };
}

/** The first page of trades, newest first, with a new fill at its head. */
export function changedTrades<List extends Counted & { trades: Schemas['Trade'][]; page_size: number }>(
  list: List,
  message: PortfolioMessage,
): List {
  if (message.type !== 'fill') return list;
  const { fill } = message;
  const newest = list.trades[0];
  const isOlder = newest !== undefined && fill.created_at < newest.created_at;
  if (isOlder || list.trades.some(({ id }) => id === fill.id)) return list;
  return { ...list, trades: [fill, ...list.trades].slice(0, list.page_size), total: list.total + 1 };
}
