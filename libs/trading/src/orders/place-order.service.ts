import { SettingsService } from '@app/accounts';
import { DomainError, type OrderIntent } from '@app/domain';
import { DuplicateClientOrderId, type IdempotencyRecord, TradingRepository } from '@app/persistence';
import { Clock } from '@app/platform';
import { Injectable } from '@nestjs/common';
import { AccountDecisions } from '../account/account-decisions';
import type { KeyedRequest, Owner, Replayable } from '../owner';
import { writeAnswer } from '../requests/answer-text';
import { KeyedRequests } from '../requests/keyed-requests';
import { notTradable } from '../terms/market-terms';
import { namedOutcome } from '../terms/named-outcome';
import { TermsReader } from '../terms/terms-reader';
import { Waiting } from '../waiting';
import { type ExecutedOrder, isTravelling, NO_RECORDS, OrderExecution, type RequestRecords } from './order-execution';
import type { OrderRequest, OrderWithTrades, TradeRequest } from './order-request';
import { isSameOrder } from './same-order';

/** How long a repeated request waits for the decision about its order after it was due, milliseconds. */
const DECISION_PATIENCE_MS = 2_000;
const LOOK_AGAIN_MS = 20;

/** What an answered request keeps of an order. One that is done never changes, so it is read again; the others are kept as they were. */
type OrderAnswer = Partial<OrderWithTrades>;

/** Places orders once for each idempotency key and client order id. */
@Injectable()
export class PlaceOrderService {
  constructor(
    private readonly execution: OrderExecution,
    private readonly decisions: AccountDecisions,
    private readonly repository: TradingRepository,
    private readonly termsReader: TermsReader,
    private readonly requests: KeyedRequests,
    private readonly settings: SettingsService,
    private readonly waiting: Waiting,
    private readonly clock: Clock,
  ) {}

  place(
    owner: Owner,
    portfolioId: string,
    request: OrderRequest,
    keyed: KeyedRequest | null,
  ): Promise<Replayable<OrderWithTrades>> {
    return this.placeOnce(owner, portfolioId, request, keyed, { refuseUnfilled: false });
  }

  /** Buys or sells all of a quantity at once. */
  async trade(
    owner: Owner,
    portfolioId: string,
    request: TradeRequest,
    keyed: KeyedRequest | null,
  ): Promise<Replayable<OrderWithTrades>> {
    const immediate: OrderRequest = {
      ...request,
      outcomeIndex: null,
      type: 'market',
      amount: null,
      timeInForce: 'fok',
      expiresAt: null,
      postOnly: false,
      clientOrderId: null,
    };
    const traded = await this.placeOnce(owner, portfolioId, immediate, keyed, { refuseUnfilled: true });
    const { order } = traded;
    if (order.status === 'filled') return traded;
    if (isTravelling(order)) {
      throw new DomainError('IDEMPOTENCY.IN_PROGRESS', 'The same request is being worked on; try again in a moment.');
    }
    throw new DomainError('ORDER.NOT_FILLED', order.rejectReason ?? `The order was ${order.status}.`);
  }

  private placeOnce(
    owner: Owner,
    portfolioId: string,
    request: OrderRequest,
    keyed: KeyedRequest | null,
    options: { refuseUnfilled: boolean },
  ): Promise<Replayable<OrderWithTrades>> {
    return this.requests.once(
      owner,
      keyed,
      () =>
        this.placeUnlessThere(portfolioId, request, () => this.placeNew(owner, portfolioId, request, keyed, options)),
      (record) => this.replay(record),
    );
  }

  /** Places an order, or answers the one of the same client order id. */
  private async placeUnlessThere(
    portfolioId: string,
    request: OrderRequest,
    place: () => Promise<ExecutedOrder>,
  ): Promise<Replayable<OrderWithTrades>> {
    try {
      return { ...(await place()), replayed: false };
    } catch (error) {
      const { clientOrderId } = request;
      const mayBeThere = error instanceof DuplicateClientOrderId || error instanceof DomainError;
      if (clientOrderId === null || !mayBeThere) throw error;
      if (error instanceof DomainError && error.code === 'PORTFOLIO.NOT_FOUND') throw error;
      const earlier = await this.repository.findOrderByClientId(portfolioId, clientOrderId);
      if (earlier === null) throw error;
      if (!isSameOrder(earlier, request)) throw duplicateClientId(clientOrderId, earlier.id);
      return { ...(await this.standing(portfolioId, earlier.id)), replayed: true };
    }
  }

  private async placeNew(
    owner: Owner,
    portfolioId: string,
    request: OrderRequest,
    keyed: KeyedRequest | null,
    { refuseUnfilled }: { refuseUnfilled: boolean },
  ): Promise<ExecutedOrder> {
    // Whose portfolio it is comes before anything that could be learnt about a market.
    await this.decisions.look(portfolioId, owner.userId);
    const terms = await this.termsReader.getTerms(request.market);
    const ref = namedOutcome(terms, request);
    if (terms.tradable !== true) throw notTradable(terms.marketId, terms.tradable.reason);
    const { clientOrderId, notes } = request;
    const { openOrders } = this.settings.limitsOf(owner.role);
    return this.execution.place(
      { portfolioId, userId: owner.userId },
      { intent: intentOf(request), ref, terms, clientOrderId, notes },
      { openOrders, refuseUnfilled },
      this.recordsOf(owner, keyed),
    );
  }

  private recordsOf(owner: Owner, keyed: KeyedRequest | null): RequestRecords {
    if (keyed === null) return NO_RECORDS;
    return {
      withOrder: (placed) => ({
        insertIdempotency: this.requests.record(
          owner,
          keyed,
          { portfolioId: placed.order.portfolioId, orderId: placed.order.id },
          isTravelling(placed.order) ? null : answerOf(placed),
        ),
      }),
      withDecision: (decided) => ({
        decideIdempotency: { userId: owner.userId, key: keyed.key, result: writeAnswer(answerOf(decided)) },
      }),
    };
  }

  private async replay(record: IdempotencyRecord): Promise<OrderWithTrades> {
    const { order, trades } = this.requests.answerOf<OrderAnswer>(record) ?? {};
    if (order !== undefined && trades !== undefined) return { order, trades };
    if (record.orderId === null) throw new Error(`the request of key ${record.key} placed no order`);
    return this.standing(record.portfolioId, record.orderId);
  }

  /** Returns an order once it is decided, or as it stands when that takes too long. */
  private async standing(portfolioId: string, orderId: string): Promise<OrderWithTrades> {
    for (;;) {
      const order = await this.repository.findOrder(portfolioId, orderId);
      if (order === null) throw new Error(`order ${orderId} is gone`);
      const deadline = order.matchesAt.getTime() + DECISION_PATIENCE_MS;
      if (!isTravelling(order) || this.clock.now().getTime() >= deadline) {
        return { order, trades: await this.repository.tradesOfOrder(orderId) };
      }
      await this.waiting.for(LOOK_AGAIN_MS);
    }
  }
}

function intentOf(request: OrderRequest): OrderIntent {
  const { side, type, quantity, amount, price, timeInForce, expiresAt, postOnly } = request;
  return { side, type, quantity, amount, price, timeInForce, expiresAt, postOnly };
}

function answerOf({ order, trades }: ExecutedOrder): OrderAnswer {
  return order.phase === 'done' ? {} : { order, trades };
}

function duplicateClientId(clientOrderId: string, orderId: string): DomainError {
  const message = `is the client_order_id of another order, ${orderId}; use a new one for a new order`;
  return new DomainError('ORDER.DUPLICATE_CLIENT_ID', `client_order_id ${JSON.stringify(clientOrderId)} ${message}.`, {
    fields: [{ field: 'client_order_id', message }],
  });
}
