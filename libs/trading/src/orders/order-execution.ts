import {
  type AccountState,
  add,
  availableCash,
  DomainError,
  freeShares,
  type Hold,
  type MarketOutcomeRef,
  microShares,
  microUsdc,
  type Order,
  type OrderIntent,
  subtract,
  type Trade,
} from '@app/domain';
import {
  type Acceptance,
  arrivalDelayMs,
  type BookEvidence,
  checkOrder,
  crosses,
  isImmediate,
  type MarketTerms,
  type Refusal,
  take,
  type TakeResult,
  type Wanted,
  worstPriceOf,
} from '@app/exchange';
import { TradingRepository } from '@app/persistence';
import { Clock, newId } from '@app/platform';
import { Inject, Injectable } from '@nestjs/common';
import { AccountDecisions, type AccountView, type WritesBeside } from '../account/account-decisions';
import { decidedAt } from '../account/decided-at';
import { BookSource } from '../books/book-source';
import { TermsReader } from '../terms/terms-reader';
import { TRADING_OPTIONS, type TradingOptions } from '../trading.options';
import { Waiting } from '../waiting';
import { acceptOrder, bookTaking, delayOrder, endOrder, newOrder, type OrderChange } from './order-changes';
import { stopsRestingAt } from './order-expiry';
import type { OrderPreview } from './order-request';

/** An order to be placed, and the market it is for. */
export interface OrderToPlace {
  intent: OrderIntent;
  ref: MarketOutcomeRef;
  terms: MarketTerms;
  clientOrderId: string | null;
  notes: string | null;
}

/** What goes with placing an order. */
export interface PlacingRules {
  /** Most orders the portfolio may have working. */
  openOrders: number;
  /** Whether an order that is decided at once is refused, and not kept, when it does not fill. */
  refuseUnfilled: boolean;
}

export interface ExecutedOrder {
  order: Order;
  trades: Trade[];
}

/** What is kept of the request that places an order. */
export interface RequestRecords {
  /** With the order, as it is accepted or, when nothing delays it, decided. */
  withOrder: (placed: ExecutedOrder) => WritesBeside;
  /** With what is decided later. */
  withDecision: (decided: ExecutedOrder) => WritesBeside;
  /** Returns what to answer when somebody else decided; null for the order as it was found. */
  decidedElsewhere: ((order: Order) => Promise<ExecutedOrder>) | null;
}

const NO_RECORDS: RequestRecords = { withOrder: () => ({}), withDecision: () => ({}), decidedElsewhere: null };

/** What became of an order, and whether that was decided just now. */
interface Decided {
  executed: ExecutedOrder;
  isOwn: boolean;
}

/** What an order finds when it reaches the venue. */
type Market = { terms: MarketTerms; evidence: BookEvidence } | { stopped: string };

/**
 * Takes orders from receipt to where they stay: filled, resting or ended.
 *
 * Invariants: an order that meets the book at once is written in one transaction and holds nothing; every other one is written with what it holds
 * before it travels, so that it is decided whatever happens to this process; each is decided once, whoever comes to it first.
 */
@Injectable()
export class OrderExecution {
  constructor(
    private readonly decisions: AccountDecisions,
    private readonly repository: TradingRepository,
    private readonly termsReader: TermsReader,
    private readonly books: BookSource,
    private readonly waiting: Waiting,
    private readonly clock: Clock,
    @Inject(TRADING_OPTIONS) private readonly options: TradingOptions,
  ) {}

  /** @throws DomainError why it is not accepted: nothing is kept of it then */
  async place(
    owner: { portfolioId: string; userId: string },
    toPlace: OrderToPlace,
    rules: PlacingRules,
    records: RequestRecords = NO_RECORDS,
  ): Promise<ExecutedOrder> {
    const { terms, ref } = toPlace;
    const evidence = await this.books.read(terms, ref.outcomeIndex, null);
    const now = this.clock.now();
    const id = newId(now.getTime());
    const placed = await this.decisions.run(owner.portfolioId, owner.userId, async (view) => {
      const change = await this.receive(view, id, toPlace, rules, evidence, decidedAt(view.account, now));
      const { order, trades, account } = change;
      return {
        write: { account, orders: [change], beside: () => records.withOrder({ order, trades }) },
        answer: () => ({ order, trades }),
      };
    });
    return isTravelling(placed.order) ? this.finish(placed.order, records) : placed;
  }

  /** Waits until an order meets the book, and lets it. */
  private async finish(travelling: Order, records: RequestRecords): Promise<ExecutedOrder> {
    let order = travelling;
    for (;;) {
      await this.waiting.for(order.matchesAt.getTime() - this.clock.now().getTime());
      const market = await this.meet(order).catch((error: unknown) => stopped(error));
      const { executed, isOwn } = await this.decide(order, market, { isLate: false }, records);
      if (!isOwn && records.decidedElsewhere !== null) return records.decidedElsewhere(executed.order);
      if (!isTravelling(executed.order)) return executed;
      order = executed.order;
    }
  }

  /**
   * Lets an order meet the book whose moment has passed: the process that had it has ended.
   * @throws DomainError `VENUE.*` when the book cannot be read now
   */
  async finishLate(order: Order): Promise<void> {
    const market = await this.meet(order).catch((error: unknown) => {
      if (isNoBook(error)) return stopped(error);
      throw error;
    });
    await this.decide(order, market, { isLate: true }, NO_RECORDS);
  }

  /** Ends a travelling order that was not decided in time. */
  async giveUp(order: Order, reason: string): Promise<void> {
    await this.decide(order, { stopped: reason }, { isLate: true, endsAs: 'cancelled' }, NO_RECORDS);
  }

  /**
   * Returns what an order would do if it met the book as it is now, without the time it travels and the market's taker delay. Nothing is written.
   * @throws DomainError `PORTFOLIO.NOT_FOUND`, `PORTFOLIO.BUSY`, and why the book cannot be read
   */
  async preview(
    owner: { portfolioId: string; userId: string },
    toPlace: OrderToPlace,
    rules: PlacingRules,
  ): Promise<OrderPreview> {
    const { terms, ref, intent } = toPlace;
    const evidence = await this.books.read(terms, ref.outcomeIndex, null);
    const now = this.clock.now();
    const id = newId(now.getTime());
    const looked = { at: now, side: intent.side, evidence };
    return this.decisions.run<OrderPreview>(owner.portfolioId, owner.userId, async (view) => {
      const accepted = this.accept(view.account, id, toPlace, rules, evidence, now);
      if ('refusal' in accepted) return { write: null, answer: () => ({ ...looked, ...accepted, executed: null }) };
      const order = newOrder(view.account, { ...toPlace, id, evidence, arrivesAt: now, matchesAt: now }, now);
      const { change } = await this.takeNow(view, null, order, { terms, evidence }, now);
      const executed = { order: change.order, trades: change.trades, account: change.account.state };
      return { write: null, answer: () => ({ ...looked, refusal: null, executed }) };
    });
  }

  /** Decides what becomes of an order as it is received. */
  private async receive(
    view: AccountView,
    id: string,
    toPlace: OrderToPlace,
    rules: PlacingRules,
    evidence: BookEvidence,
    now: Date,
  ): Promise<OrderChange> {
    const { account } = view;
    const { terms } = toPlace;
    const accepted = this.accept(account, id, toPlace, rules, evidence, now);
    if ('refusal' in accepted) throw accepted.refusal;
    const travelMs = arrivalDelayMs(account.portfolio.latency, id, this.options.exchange);
    // D2: without a way to travel it is at the venue now, and held there when it is marketable.
    const delayMs = travelMs === 0 && accepted.marketable ? terms.takerDelayMs : 0;
    const arrivesAt = new Date(now.getTime() + travelMs);
    const matchesAt = new Date(arrivesAt.getTime() + delayMs);
    const order = newOrder(account, { ...toPlace, id, evidence, arrivesAt, matchesAt }, now);
    if (matchesAt > now) {
      const hold: Hold = { cash: accepted.reserveCash, shares: accepted.reserveShares };
      return acceptOrder(account, { ...order, phase: delayMs > 0 ? 'delayed' : 'arriving' }, hold, now);
    }
    const { change, taking } = await this.takeNow(view, null, order, { terms, evidence }, now);
    if (rules.refuseUnfilled && taking.fills.length === 0 && taking.ended !== null) {
      throw new DomainError(taking.ended.code, taking.ended.text);
    }
    return change;
  }

  /** Accepts an order as it is received, or says why not. */
  private accept(
    account: AccountState,
    id: string,
    { intent, ref, terms }: OrderToPlace,
    rules: PlacingRules,
    evidence: BookEvidence,
    now: Date,
  ): Acceptance | { refusal: DomainError } {
    const { portfolio } = account;
    if (!portfolio.isActive) return { refusal: inactive() };
    if (!isImmediate(intent) && portfolio.openOrders >= rules.openOrders) {
      return { refusal: tooManyOpen(rules.openOrders) };
    }
    const decision = checkOrder({
      orderId: id,
      intent,
      terms,
      evidence,
      now,
      settings: this.options.exchange,
      freeCash: availableCash(portfolio),
      freeShares: freeShares(account, ref.tokenId),
    });
    return decision.ok ? decision : { refusal: refusalOf(decision.refusal) };
  }

  /** What is at the venue as an order arrives there. */
  private async meet(order: Order): Promise<Market> {
    const terms = await this.termsReader.getTerms({ tokenId: order.tokenId });
    if (terms.tradable !== true)
      return { stopped: `Market ${terms.marketId} takes no orders: ${terms.tradable.reason}.` };
    const now = this.clock.now();
    const notBefore = order.matchesAt < now ? order.matchesAt : now;
    const evidence = await this.books.read(terms, order.outcomeIndex, notBefore);
    return { terms: { ...terms, fees: order.feeSchedule }, evidence };
  }

  private decide(
    order: Order,
    market: Market,
    { isLate, endsAs = 'rejected' }: { isLate: boolean; endsAs?: 'rejected' | 'cancelled' },
    records: RequestRecords,
  ): Promise<Decided> {
    return this.decisions.run<Decided>(order.portfolioId, null, async (view) => {
      const current = await view.findOrder(order.id);
      if (current === null) throw new Error(`order ${order.id} is gone`);
      if (!isTravelling(current)) {
        const trades = await this.repository.tradesOfOrder(order.id);
        return { write: null, answer: () => ({ executed: { order: current, trades }, isOwn: false }) };
      }
      const now = this.clock.now();
      const change =
        'stopped' in market
          ? endOrder(view.account, current, endsAs, market.stopped, now)
          : await this.arrive(view, current, market, isLate, now);
      const { account, trades } = change;
      const decided = { order: change.order, trades };
      return {
        write: {
          account,
          orders: [change],
          beside: () => (isTravelling(decided.order) ? {} : records.withDecision(decided)),
        },
        answer: () => ({ executed: decided, isOwn: true }),
      };
    });
  }

  private async arrive(
    view: AccountView,
    order: Order,
    market: { terms: MarketTerms; evidence: BookEvidence },
    isLate: boolean,
    now: Date,
  ): Promise<OrderChange> {
    const { terms, evidence } = market;
    if (stopsRestingAt(order, this.options) <= now.getTime()) {
      return endOrder(view.account, order, 'expired', 'The order expired before it met the book.', now);
    }
    const isMarketable = crosses(evidence.book, order.side, worstPriceOf(order, terms, evidence.book));
    if (order.phase === 'arriving' && !isLate && isMarketable && !order.postOnly && terms.takerDelayMs > 0) {
      return delayOrder(view.account, order, new Date(now.getTime() + terms.takerDelayMs), now);
    }
    return (await this.takeNow(view, order, order, market, now)).change;
  }

  private async takeNow(
    view: AccountView,
    before: Order | null,
    order: Order,
    { terms, evidence }: { terms: MarketTerms; evidence: BookEvidence },
    now: Date,
  ): Promise<{ change: OrderChange; taking: TakeResult }> {
    const { account } = view;
    const consumedBefore = await view.getConsumed(terms.conditionId);
    const taking = take({
      orderId: order.id,
      intent: order,
      remaining: wanted(order),
      worstPrice: worstPriceOf(order, terms, evidence.book),
      terms,
      outcomeIndex: order.outcomeIndex,
      evidence,
      consumed: consumedBefore,
      maxSpend: order.side === 'buy' ? mostToSpend(account, order) : null,
      profile: order.profile,
      now,
      settings: this.options.exchange,
    });
    const nextTradeId = (): string => newId(now.getTime());
    const context = { terms, evidence, consumedBefore, nextTradeId, now };
    return { change: bookTaking(account, before, order, taking, context), taking };
  }
}

/** Whether an order is on its way to the book. */
export function isTravelling({ phase }: Pick<Order, 'phase'>): boolean {
  return phase === 'arriving' || phase === 'delayed';
}

/** The refusal of a portfolio that takes no orders. */
export function inactive(): DomainError {
  return new DomainError('PORTFOLIO.INACTIVE', 'This portfolio is switched off; set is_active to true to trade in it.');
}

function tooManyOpen(limit: number): DomainError {
  const message = `Your role may have ${limit} open orders in a portfolio, and this one has as many; cancel one first.`;
  return new DomainError('ORDER.LIMIT', message);
}

export function refusalOf({ code, message, field }: Refusal): DomainError {
  return new DomainError(code, message, field === null ? {} : { fields: [{ field, message }] });
}

const NO_SHARES = microShares(0n);

function wanted(order: Order): Wanted {
  return order.amount === null
    ? { quantity: subtract(order.quantity ?? NO_SHARES, order.filledQuantity), amount: null }
    : { quantity: null, amount: subtract(order.amount, order.filledValue) };
}

function mostToSpend({ portfolio }: AccountState, order: Order): ReturnType<typeof microUsdc> {
  return add(order.reservedCash, availableCash(portfolio));
}

function isNoBook(error: unknown): error is DomainError {
  return error instanceof DomainError && error.code.startsWith('MARKET.');
}

/** What is at the venue when it cannot be asked: nothing an order could meet. */
function stopped(error: unknown): { stopped: string } {
  const isTrouble = error instanceof DomainError && (error.code.startsWith('VENUE.') || isNoBook(error));
  if (!isTrouble) throw error;
  return { stopped: `The order could not meet the book. ${error.message}` };
}
