import { SettingsService } from '@app/accounts';
import { DomainError, type Order, type OrderIntent, type Trade } from '@app/domain';
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
import {
  type ExecutedOrder,
  isTravelling,
  OrderExecution,
  type OrderToPlace,
  type RequestRecords,
} from './order-execution';
import type { OrderPreview, OrderRequest, OrderWithTrades, TradeRequest } from './order-request';
import { isSameOrder } from './same-order';

/** How long a repeated request waits for the decision about its order after it was due, milliseconds. */
const DECISION_PATIENCE_MS = 2_000;
const LOOK_AGAIN_MS = 20;

/** What an answered request keeps of an order. One that is done never changes, so it is read again; the others are kept as they were. */
type OrderAnswer = Partial<OrderWithTrades>;

/** A request with what it names, found. */
interface PreparedOrder {
  who: { portfolioId: string; userId: string };
  toPlace: OrderToPlace;
  openOrders: number;
}

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

  /** Returns what placing an order would do now, but for the time it travels; whether an order of its client order id exists is not looked up. */
  async preview(owner: Owner, portfolioId: string, request: OrderRequest): Promise<OrderPreview> {
    try {
      const { who, toPlace, openOrders } = await this.prepare(owner, portfolioId, request);
      return await this.execution.preview(who, toPlace, { openOrders, refuseUnfilled: false });
    } catch (error) {
      if (!(error instanceof DomainError) || error.code !== 'MARKET.NOT_TRADABLE') throw error;
      return { at: this.clock.now(), side: request.side, evidence: null, refusal: error, executed: null };
    }
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
    throw new DomainError('ORDER.NOT_FILLED', order.rejectReason ?? `The order was ${order.status}.`);
  }

  /** Places an order, or answers the one of the same key or the same client order id; the key comes first. */
  private async placeOnce(
    owner: Owner,
    portfolioId: string,
    request: OrderRequest,
    keyed: KeyedRequest | null,
    options: { refuseUnfilled: boolean },
  ): Promise<Replayable<OrderWithTrades>> {
    try {
      return await this.requests.once(
        owner,
        keyed,
        () => this.placeNew(owner, portfolioId, request, keyed, options),
        (record) => this.replay(record),
      );
    } catch (error) {
      const { clientOrderId } = request;
      if (clientOrderId === null || !mayBeOfClientId(error)) throw error;
      const earlier = await this.repository.findOrderByClientId(portfolioId, clientOrderId);
      // What went wrong may have come before it was known whose portfolio it is.
      if (earlier === null || earlier.userId !== owner.userId) throw error;
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
    const { who, toPlace, openOrders } = await this.prepare(owner, portfolioId, request);
    return this.execution.place(who, toPlace, { openOrders, refuseUnfilled }, this.recordsOf(owner, keyed));
  }

  /** Finds what a request names. @throws DomainError `PORTFOLIO.NOT_FOUND`, `MARKET.*`, `REQUEST.UNACCEPTABLE`, `VENUE.*` */
  private async prepare(owner: Owner, portfolioId: string, request: OrderRequest): Promise<PreparedOrder> {
    // Whose portfolio it is comes before anything that could be learnt about a market.
    await this.decisions.look(portfolioId, owner.userId);
    const terms = await this.termsReader.getTerms(request.market);
    const ref = namedOutcome(terms, request);
    if (terms.tradable !== true) throw notTradable(terms.marketId, terms.tradable.reason);
    const { clientOrderId, notes } = request;
    return {
      who: { portfolioId, userId: owner.userId },
      toPlace: { intent: intentOf(request), ref, terms, clientOrderId, notes },
      openOrders: this.settings.limitsOf(owner.role).openOrders,
    };
  }

  private recordsOf(owner: Owner, keyed: KeyedRequest | null): RequestRecords | undefined {
    if (keyed === null) return undefined;
    const { userId } = owner;
    const { key } = keyed;
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
        decideIdempotency: { userId, key, result: writeAnswer(answerOf(decided)) },
      }),
      decidedElsewhere: async ({ id, portfolioId }) =>
        this.firstAnswer({ userId, key, orderId: id }, await this.standing(portfolioId, id)),
    };
  }

  /** @throws DomainError `IDEMPOTENCY.IN_PROGRESS` while the order is not decided: there is no first answer yet */
  private async replay(record: IdempotencyRecord): Promise<OrderWithTrades> {
    const { portfolioId, orderId } = record;
    if (orderId === null) throw new Error(`the request of key ${record.key} placed no order`);
    const kept = this.requests.answerOf<OrderAnswer>(record);
    if (kept !== null && isWhole(kept)) return kept;
    const standing = await this.standing(portfolioId, orderId);
    if (isTravelling(standing.order)) throw inProgress();
    return kept === null ? this.firstAnswer({ ...record, orderId }, standing) : standing;
  }

  /**
   * Returns what a request was answered first whose order was decided without it. It is what it finds, unless somebody was answered before: from then
   * on everybody is answered the same.
   */
  private async firstAnswer(
    request: { userId: string; key: string; orderId: string },
    found: OrderWithTrades,
  ): Promise<OrderWithTrades> {
    const first = await this.requests.keepFirst(request, answerOf(found));
    if (isWhole(first)) return first;
    return found.order.phase === 'done' ? found : this.standing(found.order.portfolioId, request.orderId);
  }

  /** Returns an order once it is decided, or as it stands when that takes too long. */
  private async standing(portfolioId: string, orderId: string): Promise<OrderWithTrades> {
    for (;;) {
      const order = await this.repository.findOrder(portfolioId, orderId);
      if (order === null) throw new Error(`order ${orderId} is gone`);
      const deadline = order.matchesAt.getTime() + DECISION_PATIENCE_MS;
      if (!isTravelling(order) || this.clock.now().getTime() >= deadline) {
        return { order, trades: filledUntilThen(order, await this.repository.tradesOfOrder(orderId)) };
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

function isWhole(answer: OrderAnswer): answer is OrderWithTrades {
  return answer.order !== undefined && answer.trades !== undefined;
}

/** The trades that filled an order as far as it was filled when it was read: it may have filled on before they were. */
export function filledUntilThen(order: Order, trades: readonly Trade[]): Trade[] {
  let filled = 0n;
  return trades.filter(({ quantity }) => (filled += quantity) <= order.filledQuantity);
}

/** Whether what a new order ended in may be due to an earlier order of its client order id. */
function mayBeOfClientId(error: unknown): boolean {
  if (!(error instanceof DomainError)) return error instanceof DuplicateClientOrderId;
  return error.code !== 'PORTFOLIO.NOT_FOUND' && !error.code.startsWith('IDEMPOTENCY.');
}

function inProgress(): DomainError {
  const message = 'The order of this request is on its way to the book; ask again in a moment for what became of it.';
  return new DomainError('IDEMPOTENCY.IN_PROGRESS', message);
}

function duplicateClientId(clientOrderId: string, orderId: string): DomainError {
  const message = `is the client_order_id of another order, ${orderId}; use a new one for a new order`;
  return new DomainError('ORDER.DUPLICATE_CLIENT_ID', `client_order_id ${JSON.stringify(clientOrderId)} ${message}.`, {
    fields: [{ field: 'client_order_id', message }],
  });
}
