import type { MicroPrice, MicroShares, Order, OrderIntent, OrderSide, OrderStatus, Trade } from '@app/domain';
import type { KeyedRequest, Owner, PageRequest, Replayable } from '../owner';
import type { MarketKey } from '@app/markets';

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

/** Orders of portfolios. An id of somebody else's portfolio is refused like one there is none of. */
export abstract class OrdersService {
  /**
   * Places an order and answers when it has met the book: filled, resting, or ended with the reason on it.
   * @throws DomainError `PORTFOLIO.*`, `MARKET.*`, `BOOK.NOT_LIVE`, `ORDER.*`, `IDEMPOTENCY.*`, `VENUE.*`; nothing is held after one
   */
  abstract place(
    owner: Owner,
    portfolioId: string,
    request: OrderRequest,
    keyed: KeyedRequest | null,
  ): Promise<Replayable<OrderWithTrades>>;

  /**
   * Trades a quantity at once, at the price asked for or better.
   * @throws DomainError `ORDER.NOT_FILLED` that says what the book offered, and those of {@link place}
   */
  abstract trade(
    owner: Owner,
    portfolioId: string,
    request: TradeRequest,
    keyed: KeyedRequest | null,
  ): Promise<Replayable<OrderWithTrades>>;

  /** Returns one page of the orders of the current run, newest first, and how many there are. */
  abstract list(
    owner: Owner,
    portfolioId: string,
    query: OrderQuery,
  ): Promise<{ orders: OrderWithTrades[]; total: number }>;

  /** @throws DomainError `PORTFOLIO.NOT_FOUND`, `ORDER.NOT_FOUND` */
  abstract get(owner: Owner, portfolioId: string, orderId: string): Promise<OrderWithTrades>;

  /** @throws DomainError `PORTFOLIO.NOT_FOUND`, `ORDER.NOT_FOUND` */
  abstract explain(owner: Owner, portfolioId: string, orderId: string): Promise<ExplainedOrder>;

  /**
   * Cancels an order once the cancel has travelled to the venue; what filled until then stands.
   * @throws DomainError `PORTFOLIO.NOT_FOUND`, `ORDER.NOT_FOUND`, `ORDER.NOT_CANCELLABLE` when it is done or held by a taker delay
   */
  abstract cancel(owner: Owner, portfolioId: string, orderId: string): Promise<OrderWithTrades>;

  /** Cancels every working order, or those of one market. Returns what was cancelled, and what a taker delay holds. */
  abstract cancelAll(
    owner: Owner,
    portfolioId: string,
    query: { market?: MarketKey },
  ): Promise<{ cancelled: Order[]; notCancelled: { order: Order; reason: string }[] }>;

  /** Returns one page of the trades of the current run, newest first, and how many there are. */
  abstract trades(
    owner: Owner,
    portfolioId: string,
    query: TradeQuery & PageRequest,
  ): Promise<{ trades: Trade[]; total: number }>;

  /** Returns the trades one after the other, oldest first. @throws DomainError `PORTFOLIO.NOT_FOUND`, `EXPORT.NOT_ALLOWED` */
  abstract exportTrades(owner: Owner, portfolioId: string, query: TradeQuery): Promise<AsyncIterable<Trade>>;
}
