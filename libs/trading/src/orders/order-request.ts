import type { MicroPrice, MicroShares, Order, OrderIntent, OrderSide, OrderStatus, Trade } from '@app/domain';
import type { MarketKey } from '@app/markets';
import type { PageRequest } from '../owner';

/** An order as a client asks for it. A market named by token needs no outcome; otherwise one of `outcome` and `outcomeIndex` is given. */
export interface OrderRequest extends OrderIntent {
  market: MarketKey;
  /** Name of the outcome as the market spells it, in any case. */
  outcome: string | null;
  outcomeIndex: number | null;
  clientOrderId: string | null;
  notes: string | null;
}

/** All of a quantity at once, or nothing. */
export interface TradeRequest {
  market: MarketKey;
  outcome: string;
  side: OrderSide;
  quantity: MicroShares;
  /** Worst price accepted; null for any. */
  price: MicroPrice | null;
  notes: string | null;
}

/** An order with what filled of it, oldest first. */
export interface OrderWithTrades {
  order: Order;
  trades: Trade[];
}

/** What is known about how an order stands. */
export interface ExplainedOrder extends OrderWithTrades {
  /** Why it filled, what it waits for, or why it ended. */
  sentence: string;
  /** The same as data, by name. */
  data: Readonly<Record<string, unknown>>;
}

export interface OrderQuery extends PageRequest {
  status?: OrderStatus;
  market?: MarketKey;
}

export interface TradeQuery {
  /** First and last moment, both included. */
  from?: Date;
  to?: Date;
}
