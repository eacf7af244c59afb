import type {
  AccountState,
  DomainError,
  MicroPrice,
  MicroShares,
  Order,
  OrderIntent,
  OrderSide,
  OrderStatus,
  Trade,
} from '@app/domain';
import type { BookEvidence, OrderExplanation } from '@app/exchange';
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

/** What an order would do if it met the book as it is now. Either `refusal` or `executed` is null. */
export interface OrderPreview {
  /** When it was looked at. */
  at: Date;
  side: OrderSide;
  /** The book it would meet; null when it is refused before one is read. */
  evidence: BookEvidence | null;
  /** Why it would not be accepted, as placing it says. */
  refusal: DomainError | null;
  /** The order after it met the book, what of it filled, and the account then. */
  executed: (OrderWithTrades & { account: AccountState }) | null;
}

/** An order and why it filled, what it waits for, or why it ended. */
export type ExplainedOrder = OrderWithTrades & OrderExplanation;

export interface OrderQuery extends PageRequest {
  /** From 1; the current run when left out. */
  run?: number;
  status?: OrderStatus;
  market?: MarketKey;
}

export interface TradeQuery {
  /** From 1; the current run when left out. */
  run?: number;
  /** First and last moment, both included. */
  from?: Date;
  to?: Date;
}
