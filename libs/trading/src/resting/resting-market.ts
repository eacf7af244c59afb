import type { OrderNotice } from '@app/contracts';
import { DomainError, type Order, subtract } from '@app/domain';
import {
  type BookEvent,
  type ConsumedLevel,
  decayed,
  DEFAULT_RESTING_SETTINGS,
  RestingBook,
  type RestingEvent,
  restingOrderOf,
  type RestingOutcome,
} from '@app/exchange';
import { forEachLimited } from '@app/markets';
import type { QueueNote, TradingRepository } from '@app/persistence';
import { type Clock, newId } from '@app/platform';
import { Logger } from '@nestjs/common';
import type { AccountDecisions } from '../account/account-decisions';
import type { TradingOptions } from '../trading.options';
import type { Waiting } from '../waiting';
import { decideOutcomes, type OutcomeVerdict, type PendingOutcome } from './outcome-decision';
import type { RestingMetrics } from './resting-metrics';
import { RestedOrder } from './rested-order';

/** A market whose resting orders are kept. */
export interface RestingMarketRef {
  conditionId: string;
}

/** What happens to the resting orders of a market: its book while it is live, when it is not, its public trades, time, and that nobody listened. */
export type RestingMarketEvent = BookEvent | Extract<RestingEvent, { kind: 'print' | 'clock' | 'pause' }>;

/** What a resting market stands on. */
export interface RestingServices {
  decisions: AccountDecisions;
  repository: TradingRepository;
  waiting: Waiting;
  clock: Clock;
  options: TradingOptions;
  metrics: RestingMetrics;
}

/** Places in queues are stored this often, milliseconds. */
export const QUEUES_NOTED_EVERY_MS = 3_000;
const NOTES_AT_ONCE = 500;
const OUTCOMES_AT_ONCE = 100;
const PORTFOLIOS_AT_ONCE = 4;
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 2_000;

/** Wants the resting orders read anew, and learns when they were. */
interface Refresh {
  resolve: () => void;
  reject: (error: Error) => void;
}

/**
 * The resting orders of one market, kept in memory and moved by its book and its prints (F1 to F10). What becomes of them is stored behind it, in order for each portfolio.
 *
 * Invariants: whatever happens is applied at once and in order; what is stored decides, so that a fill the stored order does not bear out is dropped and the order read anew;
 * reading and writing take turns, so that nothing is compared with what is about to be written.
 *
 * Known limitations. A cancel counts as soon as it is stored: a fill seen before it and stored after it is dropped (D4). An order is dropped from a print's budget only when its
 * end was heard of, so that in between another one of the portfolio may get less than the print allowed, never more.
 */
export class RestingMarket {
  readonly conditionId: string;
  private readonly logger = new Logger('RestingMarket');
  private readonly book: RestingBook;
  /** Orders in the book. */
  private readonly rested = new Map<string, RestedOrder>();
  /** How many of them each portfolio has. */
  private readonly portfolios = new Map<string, number>();
  /** When the last event was. Looking at orders lets no time pass. */
  private lastMs = 0;
  private nextNotesMs = 0;
  private isStopped = false;
  /** The order that is taken out of the book because it is stored otherwise: its end is no news. */
  private leaving: string | null = null;

  /** What is to be stored, by portfolio. */
  private readonly writes = new Map<string, PendingOutcome[]>();
  /** How many outcomes of each order are among them. */
  private readonly unwritten = new Map<string, number>();
  /** Orders to be read anew. */
  private readonly doubtful = new Set<string>();
  private readonly notes = new Set<string>();
  private readonly refreshes: Refresh[] = [];
  /** What portfolios have taken of the book, until there is a book it could be counted in. */
  private readonly consumed = new Map<string, readonly ConsumedLevel[]>();
  private work: Promise<void> | null = null;
  private failures = 0;

  constructor(
    { conditionId }: RestingMarketRef,
    private readonly services: RestingServices,
  ) {
    this.conditionId = conditionId;
    this.book = new RestingBook(conditionId, { ...DEFAULT_RESTING_SETTINGS, ...services.options.exchange });
  }

  /** How many orders rest in it. */
  get orderCount(): number {
    return this.book.orderCount;
  }

  /** Lets one thing happen, at once; what it fills is stored behind it. */
  apply(event: RestingMarketEvent): void {
    if (this.isStopped) return;
    this.lastMs = Math.max(this.lastMs, event.atMs);
    this.tell(event);
    if (event.kind === 'snapshot') this.countConsumed();
    if (event.kind === 'clock') this.noteProgress();
  }

  /** Hears of a stored decision: what it took is counted at once, its orders are read. */
  notice({ conditionId, portfolioId, orderIds, taken }: OrderNotice): void {
    if (this.isStopped || conditionId !== this.conditionId) return;
    // Of a portfolio that has no order here, all that it took is read with its first one.
    if (taken.length > 0 && this.portfolios.has(portfolioId)) {
      this.tell({ kind: 'taken', atMs: this.lastMs, portfolioId, levels: taken });
    }
    for (const orderId of orderIds) this.doubtful.add(orderId);
    if (orderIds.length > 0) this.proceed();
  }

  /**
   * Compares the orders with those stored: places new ones, takes out those that ended.
   * @throws DomainError `STORE.UNAVAILABLE`; Error when it is stopped meanwhile
   */
  refresh(): Promise<void> {
    if (this.isStopped) return Promise.reject(new Error('the market is not kept any more'));
    return new Promise((resolve, reject) => {
      this.refreshes.push({ resolve, reject });
      this.proceed();
    });
  }

  /** F10: the market has ended, and every order with it. @param reason a sentence */
  close(reason: string): void {
    if (this.isStopped) return;
    this.tell({ kind: 'close', atMs: this.lastMs, reason });
  }

  /** Resolves when everything that happened until then is stored. */
  async settled(): Promise<void> {
    while (this.work !== null) await this.work;
  }

  /** Takes in nothing more, and stores what has happened; what cannot be stored now is dropped, and the orders rest as they are stored. */
  async stop(): Promise<void> {
    if (!this.isStopped) this.noteAll();
    this.isStopped = true;
    this.proceed();
    await this.settled();
  }

  private tell(event: RestingEvent): void {
    for (const outcome of this.book.apply(event)) this.take(outcome);
  }

  private take(outcome: RestingOutcome): void {
    const { orderId, portfolioId } = outcome;
    const rested = this.rested.get(orderId);
    if (rested === undefined) throw new Error(`order ${orderId} does not rest in market ${this.conditionId}`);
    if (outcome.kind === 'queued') {
      rested.arrivalMidpoint ??= outcome.arrivalMidpoint;
      this.notes.add(orderId);
      return this.proceed();
    }
    if (outcome.kind === 'ended' || outcome.remaining === 0n) this.forget(rested);
    if (outcome.kind === 'ended' && orderId === this.leaving) return;
    this.unwritten.set(orderId, (this.unwritten.get(orderId) ?? 0) + 1);
    const pending = this.writes.get(portfolioId);
    if (pending === undefined) this.writes.set(portfolioId, [{ rested, outcome }]);
    else pending.push({ rested, outcome });
    this.proceed();
  }

  private forget({ orderId, portfolioId }: RestedOrder): void {
    this.rested.delete(orderId);
    const left = (this.portfolios.get(portfolioId) ?? 0) - 1;
    if (left > 0) this.portfolios.set(portfolioId, left);
    else this.portfolios.delete(portfolioId);
  }

  /** Takes an order out of the book that does not rest as the book has it. */
  private drop(orderId: string): void {
    const rested = this.rested.get(orderId);
    if (rested === undefined) return;
    rested.isDoubted = true;
    this.leaving = orderId;
    this.tell({ kind: 'cancel', atMs: this.lastMs, orderId, reason: '' });
    this.leaving = null;
  }

  /** One order that cannot rest must not keep the others out. */
  private tryPlace(order: Order, printsBefore: ReadonlySet<string>): void {
    try {
      this.place(order, printsBefore);
    } catch (err) {
      const rested = this.rested.get(order.id);
      if (rested !== undefined && this.book.find(order.id) === null) this.forget(rested);
      this.logger.error({ msg: 'An order cannot rest', market: this.conditionId, order: order.id, err });
    }
  }

  private place(order: Order, printsBefore: ReadonlySet<string>): void {
    const { orderId, restingSinceMs } = restingOrderOf(order);
    const rested = new RestedOrder(order, printsBefore);
    this.rested.set(orderId, rested);
    this.portfolios.set(order.portfolioId, (this.portfolios.get(order.portfolioId) ?? 0) + 1);
    // Its time begins when it came to rest: a quote must cross it for as long as any other.
    this.lastMs = Math.max(this.lastMs, Math.min(restingSinceMs, this.services.clock.now().getTime()));
    this.tell({ kind: 'place', atMs: this.lastMs, order: restingOrderOf(order) });
  }

  private noteProgress(): void {
    if (this.lastMs < this.nextNotesMs) return;
    this.nextNotesMs = this.lastMs + QUEUES_NOTED_EVERY_MS;
    this.noteAll();
  }

  /** Marks the orders whose place in the queue is another one than is stored. */
  private noteAll(): void {
    for (const { orderId, noted } of this.rested.values()) {
      const queueAhead = this.book.find(orderId)?.queueAhead ?? null;
      if (queueAhead !== null && queueAhead !== noted) this.notes.add(orderId);
    }
    if (this.notes.size > 0) this.proceed();
  }

  /** Counts what portfolios took of the book before they had orders here. */
  private countConsumed(): void {
    if (this.book.bookState.state !== 'live') return;
    for (const [portfolioId, levels] of this.consumed) {
      this.tell({ kind: 'consumed', atMs: this.lastMs, portfolioId, levels });
    }
    this.consumed.clear();
  }

  /** Goes on storing and reading while there is something to store or to read. */
  private proceed(): void {
    if (this.work !== null) return;
    this.work = this.workOff()
      .catch((err: unknown) => {
        this.logger.error({ msg: 'The resting orders of a market cannot be kept', market: this.conditionId, err });
        this.giveUp();
      })
      .finally(() => {
        this.work = null;
        if (this.hasWork) this.proceed();
      });
  }

  private get hasWork(): boolean {
    const hasReads = !this.isStopped && (this.doubtful.size > 0 || this.refreshes.length > 0);
    return this.writes.size > 0 || this.notes.size > 0 || hasReads;
  }

  private async workOff(): Promise<void> {
    // What one message brings is stored together.
    await Promise.resolve();
    while (this.hasWork) {
      const isDone = await this.turn();
      this.failures = isDone ? 0 : this.failures + 1;
      if (isDone) continue;
      if (this.isStopped) return this.giveUp();
      await this.services.waiting.for(Math.min(FIRST_PAUSE_MS * 2 ** (this.failures - 1), LONGEST_PAUSE_MS));
    }
    if (this.isStopped) this.giveUp();
  }

  /** Does the first of what is to be done. Returns whether it could be. */
  private async turn(): Promise<boolean> {
    if (this.writes.size > 0) {
      let isDone = true;
      await forEachLimited([...this.writes.keys()], PORTFOLIOS_AT_ONCE, async (portfolioId) => {
        if (!(await this.writeOutcomes(portfolioId))) isDone = false;
      });
      return isDone;
    }
    if (!this.isStopped && (this.doubtful.size > 0 || this.refreshes.length > 0)) return this.read();
    return this.writeNotes();
  }

  private giveUp(): void {
    const dropped = [...this.writes.values()].flat().length;
    if (dropped > 0) {
      this.logger.warn({
        msg: 'Fills could not be stored in time and do not count',
        market: this.conditionId,
        dropped,
      });
    }
    this.writes.clear();
    this.unwritten.clear();
    this.notes.clear();
    this.doubtful.clear();
    for (const { reject } of this.refreshes.splice(0)) reject(new Error('the market is not kept any more'));
  }

  /** Told once, until something succeeds again. */
  private tellFailure(msg: string, err: unknown): void {
    if (this.failures === 0) this.logger.warn({ msg, market: this.conditionId, err });
  }

  /** Stores what became of a portfolio's orders. */
  private async writeOutcomes(portfolioId: string): Promise<boolean> {
    const batch = this.writes.get(portfolioId)?.splice(0, OUTCOMES_AT_ONCE) ?? [];
    let verdicts: OutcomeVerdict[];
    try {
      verdicts = await this.decide(portfolioId, batch);
    } catch (err) {
      if (isPassing(err)) {
        this.writes.get(portfolioId)?.unshift(...batch);
        this.tellFailure('Fills wait to be stored', err);
        return false;
      }
      this.logger.error({ msg: 'Fills could not be stored', market: this.conditionId, portfolio: portfolioId, err });
      // They are placed again when the market's orders are read, which is soon enough for what cannot be stored.
      for (const { rested } of batch) this.discard(rested);
      verdicts = [];
    }
    for (const [index, { rested, outcome }] of batch.entries()) {
      this.countWritten(rested.orderId);
      const verdict = verdicts[index];
      if (verdict === undefined) continue;
      if (outcome.kind === 'fill') this.services.metrics.count(outcome.rule, verdict);
      if (verdict === 'over') this.discard(rested);
      if (verdict !== 'doubtful') continue;
      rested.isDoubted = true;
      this.doubtful.add(rested.orderId);
    }
    if (this.writes.get(portfolioId)?.length === 0) this.writes.delete(portfolioId);
    return true;
  }

  private countWritten(orderId: string): void {
    const left = (this.unwritten.get(orderId) ?? 0) - 1;
    if (left > 0) this.unwritten.set(orderId, left);
    else this.unwritten.delete(orderId);
  }

  private decide(portfolioId: string, batch: readonly PendingOutcome[]): Promise<OutcomeVerdict[]> {
    const { decisions, repository, clock, options } = this.services;
    return decisions.run(portfolioId, null, (view) => {
      const now = clock.now();
      return decideOutcomes(view, batch, {
        conditionId: this.conditionId,
        options,
        now,
        newTradeId: () => newId(now.getTime()),
        tradesOf: (orderId) => repository.tradesOfOrder(orderId),
      });
    });
  }

  /** Takes an order out of the book, unless it left it and came anew. */
  private discard(rested: RestedOrder): void {
    rested.isDoubted = true;
    if (this.rested.get(rested.orderId) === rested) this.drop(rested.orderId);
  }

  /** Reads orders, and makes the book have them as they are stored. */
  private async read(): Promise<boolean> {
    const refreshes = this.refreshes.splice(0);
    const isWhole = refreshes.length > 0;
    const orderIds = [...this.doubtful];
    this.doubtful.clear();
    try {
      await (isWhole ? this.readAll(orderIds) : this.readSome(orderIds));
    } catch (err) {
      for (const orderId of orderIds) this.doubtful.add(orderId);
      const error = err instanceof Error ? err : new Error(String(err));
      for (const { reject } of refreshes) reject(error);
      this.tellFailure('The resting orders of a market cannot be read', err);
      return false;
    }
    for (const { resolve } of refreshes) resolve();
    return true;
  }

  private async readAll(named: readonly string[]): Promise<void> {
    const { repository } = this.services;
    const known = [...this.rested.keys()];
    const stored = (await repository.listWorkingOrders({ conditionId: this.conditionId })).filter(isResting);
    await this.adopt(stored, stored);
    const there = new Set(stored.map(({ id }) => id));
    for (const orderId of [...known, ...named]) if (!there.has(orderId)) this.drop(orderId);
  }

  private async readSome(orderIds: readonly string[]): Promise<void> {
    const stored = (await this.services.repository.findOrders(orderIds)).filter(
      (order) => isResting(order) && order.conditionId === this.conditionId,
    );
    await this.adopt(
      stored,
      stored.filter(({ portfolioId }) => !this.portfolios.has(portfolioId)),
    );
    const there = new Set(stored.map(({ id }) => id));
    for (const orderId of orderIds) if (!there.has(orderId)) this.drop(orderId);
  }

  /** @param takers orders of the portfolios of which it must be learnt what they have taken */
  private async adopt(stored: readonly Order[], takers: readonly Order[]): Promise<void> {
    const { repository, clock, options } = this.services;
    const changed = stored.filter((order) => !this.isAsStored(order));
    const filled = changed.filter(({ filledQuantity }) => filledQuantity > 0n).map(({ id }) => id);
    const trades = await repository.tradesOfOrders(filled);
    const now = clock.now().getTime();
    for (const { portfolioId, levels } of await repository.listConsumed(takers, this.conditionId)) {
      const left = levels.map((level) => ({
        ...level,
        taken: decayed(level.taken, now - level.at.getTime(), options.exchange.overlayHalfLifeMs),
      }));
      this.consumed.set(portfolioId, left);
    }
    for (const order of changed) {
      // It may have filled while this was read.
      if (this.isAsStored(order)) continue;
      this.drop(order.id);
      const prints = (trades.get(order.id) ?? []).flatMap(({ receipt }) => receipt.printKey ?? []);
      this.tryPlace(order, new Set(prints));
    }
    this.countConsumed();
  }

  /** Whether an order is in the book as it is stored; one with outcomes that are not stored yet counts as that, until they are. */
  private isAsStored({ id, filledQuantity, quantity }: Order): boolean {
    if (this.unwritten.has(id)) return true;
    const view = this.book.find(id);
    if (view === null || this.rested.get(id)?.isDoubted !== false) return false;
    return view.remaining === (quantity ?? 0n) - filledQuantity;
  }

  /** Stores places in queues. Those of orders with fills to be stored are stored with them. */
  private async writeNotes(): Promise<boolean> {
    const notes: QueueNote[] = [];
    const noted: RestedOrder[] = [];
    for (const orderId of [...this.notes].slice(0, NOTES_AT_ONCE)) {
      this.notes.delete(orderId);
      const rested = this.rested.get(orderId);
      const view = this.book.find(orderId);
      if (rested === undefined || this.unwritten.has(orderId) || view?.queueAhead == null) continue;
      const { order, remaining, queueAhead, queueAheadAtEntry } = view;
      notes.push({
        orderId,
        filledQuantity: subtract(order.quantity, remaining),
        queueAhead,
        queueAheadAtEntry: queueAheadAtEntry ?? queueAhead,
        arrivalMidpoint: rested.arrivalMidpoint,
      });
      noted.push(rested);
    }
    try {
      await this.services.repository.noteQueues(notes, this.services.clock.now());
    } catch (err) {
      for (const { orderId } of noted) this.notes.add(orderId);
      this.tellFailure('Places in queues wait to be stored', err);
      return false;
    }
    for (const [index, rested] of noted.entries()) rested.noted = notes[index]?.queueAhead ?? null;
    return true;
  }
}

function isResting({ phase }: Order): boolean {
  return phase === 'resting';
}

/** Whether the same may succeed in a moment. */
function isPassing(error: unknown): boolean {
  return error instanceof DomainError && (error.code === 'STORE.UNAVAILABLE' || error.code === 'PORTFOLIO.BUSY');
}
