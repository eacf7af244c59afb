import { SettingsService } from '@app/accounts';
import { DomainError, type Order, type Portfolio, type Trade } from '@app/domain';
import { TradingRepository } from '@app/persistence';
import { Injectable } from '@nestjs/common';
import type { MarketKey } from '@app/markets';
import type { KeyedRequest, Owner, PageRequest, Replayable } from '../owner';
import { getOwnPortfolio } from '../portfolios/own-portfolio';
import { TermsReader } from '../terms/terms-reader';
import { CancelOrderService, orderNotFound } from './cancel-order.service';
import { ExplainOrderService } from './explain-order.service';
import type {
  ExplainedOrder,
  OrderPreview,
  OrderQuery,
  OrderRequest,
  OrderWithTrades,
  TradeQuery,
  TradeRequest,
} from './order-request';
import { filledUntilThen, PlaceOrderService } from './place-order.service';

/** Orders of portfolios. An id of somebody else's portfolio is refused like one there is none of. */
@Injectable()
export class OrdersService {
  constructor(
    private readonly placing: PlaceOrderService,
    private readonly cancelling: CancelOrderService,
    private readonly explaining: ExplainOrderService,
    private readonly repository: TradingRepository,
    private readonly termsReader: TermsReader,
    private readonly settings: SettingsService,
  ) {}

  /**
   * Places an order and answers when it has met the book: filled, resting, or ended with the reason on it.
   * @throws DomainError `PORTFOLIO.*`, `MARKET.*`, `BOOK.NOT_LIVE`, `ORDER.*`, `IDEMPOTENCY.*`, `VENUE.*`; nothing is held after one
   */
  place(
    owner: Owner,
    portfolioId: string,
    request: OrderRequest,
    keyed: KeyedRequest | null,
  ): Promise<Replayable<OrderWithTrades>> {
    return this.placing.place(owner, portfolioId, request, keyed);
  }

  /**
   * Returns what placing an order would do if it met the book as it is now: before its latency and the market's taker delay. Changes nothing.
   * @throws DomainError `PORTFOLIO.NOT_FOUND`, `PORTFOLIO.BUSY`, `MARKET.NOT_FOUND`, `MARKET.OUTCOME_NOT_FOUND`, `MARKET.NO_ORDER_BOOK`, `VENUE.*`; every other refusal is in the answer
   */
  preview(owner: Owner, portfolioId: string, request: OrderRequest): Promise<OrderPreview> {
    return this.placing.preview(owner, portfolioId, request);
  }

  /**
   * Trades a quantity at once, at the price asked for or better.
   * @throws DomainError `ORDER.NOT_FILLED` that says what the book offered, and those of {@link place}
   */
  trade(
    owner: Owner,
    portfolioId: string,
    request: TradeRequest,
    keyed: KeyedRequest | null,
  ): Promise<Replayable<OrderWithTrades>> {
    return this.placing.trade(owner, portfolioId, request, keyed);
  }

  /**
   * Returns one page of the orders of a run, newest first, and how many there are.
   * @throws DomainError `PORTFOLIO.NOT_FOUND`; `REQUEST.UNACCEPTABLE` for a run the portfolio has not begun
   */
  async list(
    owner: Owner,
    portfolioId: string,
    { status, market, run, page, pageSize }: OrderQuery,
  ): Promise<{ orders: OrderWithTrades[]; total: number }> {
    const [portfolio, marketId] = await Promise.all([
      getOwnPortfolio(this.repository, owner, portfolioId),
      market === undefined ? null : this.termsReader.getMarketId(market),
    ]);
    const { orders, total } = await this.repository.listOrders({
      portfolioId,
      run: runOf(portfolio, run),
      page,
      pageSize,
      ...(status === undefined ? {} : { status }),
      ...(marketId === null ? {} : { marketId }),
    });
    const trades = await this.repository.tradesOfOrders(orders.map(({ id }) => id));
    const withTrades = orders.map((order) => ({ order, trades: filledUntilThen(order, trades.get(order.id) ?? []) }));
    return { orders: withTrades, total };
  }

  /** @throws DomainError `PORTFOLIO.NOT_FOUND`, `ORDER.NOT_FOUND` */
  async get(owner: Owner, portfolioId: string, orderId: string): Promise<OrderWithTrades> {
    const [, order] = await Promise.all([
      getOwnPortfolio(this.repository, owner, portfolioId),
      this.repository.findOrder(portfolioId, orderId),
    ]);
    if (order === null) throw orderNotFound(orderId);
    return { order, trades: filledUntilThen(order, await this.repository.tradesOfOrder(orderId)) };
  }

  /** @throws DomainError `PORTFOLIO.NOT_FOUND`, `ORDER.NOT_FOUND` */
  async explain(owner: Owner, portfolioId: string, orderId: string): Promise<ExplainedOrder> {
    return this.explaining.explain(await this.get(owner, portfolioId, orderId));
  }

  /**
   * Cancels an order once the cancel has travelled to the venue; what filled until then stands.
   * @throws DomainError `PORTFOLIO.NOT_FOUND`, `ORDER.NOT_FOUND`, `ORDER.NOT_CANCELLABLE` when it is done or held by a taker delay
   */
  cancel(owner: Owner, portfolioId: string, orderId: string): Promise<OrderWithTrades> {
    return this.cancelling.cancel(owner, portfolioId, orderId);
  }

  /**
   * Cancels every working order, or those of one market. Returns what was cancelled, and what a taker delay holds.
   * @throws DomainError `PORTFOLIO.NOT_FOUND`, `MARKET.NOT_FOUND` when there are no orders in the market, nor such a market
   */
  async cancelAll(
    owner: Owner,
    portfolioId: string,
    query: { market?: MarketKey },
  ): Promise<{ cancelled: Order[]; notCancelled: { order: Order; reason: string }[] }> {
    const done = await this.cancelling.cancelAll(owner, portfolioId, query);
    const isNothing = done.cancelled.length === 0 && done.notCancelled.length === 0;
    if (isNothing && query.market !== undefined) await this.refuseUnknown(query.market);
    return done;
  }

  /**
   * Returns one page of the trades of a run, newest first, and how many there are.
   * @throws DomainError `PORTFOLIO.NOT_FOUND`; `REQUEST.UNACCEPTABLE` for a run the portfolio has not begun
   */
  async trades(
    owner: Owner,
    portfolioId: string,
    query: TradeQuery & PageRequest,
  ): Promise<{ trades: Trade[]; total: number }> {
    const portfolio = await getOwnPortfolio(this.repository, owner, portfolioId);
    return this.repository.listTrades({ ...query, portfolioId, run: runOf(portfolio, query.run) });
  }

  /**
   * Returns the trades of a run one after the other, oldest first.
   * @throws DomainError `PORTFOLIO.NOT_FOUND`, `EXPORT.NOT_ALLOWED`; `REQUEST.UNACCEPTABLE` for a run the portfolio has not begun
   */
  async exportTrades(owner: Owner, portfolioId: string, query: TradeQuery): Promise<AsyncIterable<Trade>> {
    const portfolio = await getOwnPortfolio(this.repository, owner, portfolioId);
    if (!this.settings.limitsOf(owner.role).csvExport) {
      throw new DomainError(
        'EXPORT.NOT_ALLOWED',
        'Your role does not include exports; read the trades page by page as JSON.',
      );
    }
    return this.repository.streamTrades({ ...query, portfolioId, run: runOf(portfolio, query.run) });
  }

  /** A name that is no market's is a mistake to tell of; while the venue is away, nobody knows. */
  private async refuseUnknown(market: MarketKey): Promise<void> {
    try {
      await this.termsReader.getMarketId(market);
    } catch (error) {
      if (!(error instanceof DomainError && error.code.startsWith('VENUE.'))) throw error;
    }
  }
}

/** The run that is meant: the one asked for, or the current one. */
function runOf({ run: current }: Pick<Portfolio, 'run'>, wanted: number | undefined): number {
  if (wanted === undefined || wanted <= current) return wanted ?? current;
  const message = `must be a run of this portfolio, 1 to ${current}; got ${wanted}`;
  throw new DomainError('REQUEST.UNACCEPTABLE', `run ${message}.`, { fields: [{ field: 'run', message }] });
}
