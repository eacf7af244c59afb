import {
  type AccountChange,
  type AccountState,
  changedPositions,
  DomainError,
  type Order,
  type Position,
} from '@app/domain';
import type { ConsumedLiquidity } from '@app/exchange';
import { PortfolioConflict, TradingRepository, type TradingWrites } from '@app/persistence';
import { Clock } from '@app/platform';
import { Injectable } from '@nestjs/common';
import { AccountAnnouncer } from '../announcing/account-announcer';
import { openOrdersChange, type OrderChange } from '../orders/order-changes';
import { portfolioNotFound } from '../portfolios/own-portfolio';
import { Waiting } from '../waiting';
import { AccountMemory, type RememberedAccount } from './account-memory';
import { PortfolioQueue } from './portfolio-queue';

/** A portfolio while something is decided about it. What is read through it belongs to the same version, or the decision will not be written. */
export interface AccountView {
  readonly account: AccountState;
  /** Returns a working order, or one that is done, of this portfolio; null when there is none. */
  findOrder(orderId: string): Promise<Order | null>;
  /** Returns the working orders, all or those of one market. */
  listWorkingOrders(conditionId?: string): Promise<Order[]>;
  /** Returns what the portfolio has taken of a market's book. */
  getConsumed(conditionId: string): Promise<ConsumedLiquidity>;
}

/** What may be written beside an account. */
export type WritesBeside = Pick<TradingWrites, 'insertIdempotency' | 'decideIdempotency' | 'equity'>;

/** What is to be written of a decision. */
export interface AccountWrite {
  account: AccountChange;
  orders?: readonly OrderChange[];
  /** Positions of an earlier run that change with it. */
  closedPositions?: readonly Position[];
  /** Whether whoever keeps the market's resting orders decides, and needs no notice of it. */
  isOfRestingMarket?: boolean;
  /** Returns what else goes into the transaction, from the account as it will be. */
  beside?: (written: AccountState) => WritesBeside;
}

/** What was decided: the answer, and what has to be written for it to be true. */
export interface AccountDecision<T> {
  write: AccountWrite | null;
  answer: (written: AccountState) => T;
}

const MOST_TRIES = 40;
const LONGEST_PAUSE_MS = 25;

/**
 * Decides about portfolios, one thing at a time for each, and writes every decision in one transaction that only happens if nobody changed the
 * portfolio since it was looked at; otherwise it looks again and decides anew. A refusal counts only if it was decided on what is stored. What is stored
 * is announced.
 */
@Injectable()
export class AccountDecisions {
  private readonly memory = new AccountMemory();
  private readonly queue = new PortfolioQueue();

  constructor(
    private readonly repository: TradingRepository,
    private readonly waiting: Waiting,
    private readonly clock: Clock,
    private readonly announcer: AccountAnnouncer,
  ) {}

  /**
   * Runs a decision, again where somebody else was first. It must not decide about another portfolio, and have no effects of its own.
   * @param userId whose portfolio it must be; null for anybody's
   * @throws DomainError `PORTFOLIO.NOT_FOUND` for one that is not theirs or deleted, `PORTFOLIO.BUSY` after too many tries; what `decide` throws
   */
  run<T>(
    portfolioId: string,
    userId: string | null,
    decide: (view: AccountView) => Promise<AccountDecision<T>>,
  ): Promise<T> {
    return this.queue.run(portfolioId, async () => {
      for (let tries = 1; tries <= MOST_TRIES; tries += 1) {
        const outcome = await this.decideOnce(portfolioId, userId, decide);
        if (outcome !== null) return outcome.answer;
        if (tries > 1) await this.waiting.for(Math.ceil(Math.random() * Math.min(tries, LONGEST_PAUSE_MS)));
      }
      throw new DomainError(
        'PORTFOLIO.BUSY',
        'Too much is happening to this portfolio at once; try again in a moment.',
      );
    });
  }

  /** Returns a portfolio as it was at some moment since this call, or as this process left it. @throws DomainError `PORTFOLIO.NOT_FOUND` */
  async look(portfolioId: string, userId: string): Promise<AccountState> {
    const known = this.memory.get(portfolioId) ?? (await this.load(portfolioId));
    return ownedBy(known, userId, portfolioId).account;
  }

  /** Returns null when somebody else was first. */
  private async decideOnce<T>(
    portfolioId: string,
    userId: string | null,
    decide: (view: AccountView) => Promise<AccountDecision<T>>,
  ): Promise<{ answer: T } | null> {
    const known = this.memory.get(portfolioId);
    const found = ownedBy(known ?? (await this.load(portfolioId)), userId, portfolioId);
    const isRemembered = known !== undefined;
    let decision: AccountDecision<T>;
    try {
      decision = await decide(this.viewOf(found));
    } catch (error) {
      // What is remembered may be old, and what was read one after the other of two versions: then it need not even fit together.
      const isDoubtful = isRemembered || !(error instanceof DomainError);
      if (isDoubtful && (await this.hasChanged(found))) return null;
      throw error;
    }
    if (decision.write === null) {
      // Nothing is written that could tell whether what is remembered is still so.
      return isRemembered && (await this.hasChanged(found)) ? null : { answer: decision.answer(found.account) };
    }
    try {
      return { answer: decision.answer(await this.write(found, decision.write)) };
    } catch (error) {
      this.memory.forget(portfolioId);
      if (error instanceof PortfolioConflict) return null;
      throw error;
    }
  }

  private async load(portfolioId: string): Promise<RememberedAccount | null> {
    const account = await this.repository.loadAccount(portfolioId, null);
    return account === null ? null : this.memory.begin(account);
  }

  /** Whether a portfolio is another one than was decided on; it is forgotten then. */
  private async hasChanged({ account: { portfolio } }: RememberedAccount): Promise<boolean> {
    const stored = await this.repository.findPortfolio(portfolio.id, null);
    if (stored?.version === portfolio.version) return false;
    this.memory.forget(portfolio.id);
    return true;
  }

  private viewOf(found: RememberedAccount): AccountView {
    const { account, orders, consumed } = found;
    const { id } = account.portfolio;
    return {
      account,
      findOrder: async (orderId) => orders.get(orderId) ?? (await this.repository.findOrder(id, orderId)),
      listWorkingOrders: (conditionId) =>
        this.repository.listWorkingOrders({ portfolioId: id, ...(conditionId === undefined ? {} : { conditionId }) }),
      getConsumed: async (conditionId) => {
        const known = consumed.get(conditionId);
        if (known !== undefined) return known;
        const read = (await this.repository.findConsumed(id, account.portfolio.run, conditionId)) ?? {
          conditionId,
          levels: [],
        };
        consumed.set(conditionId, read);
        return read;
      },
    };
  }

  private async write(found: RememberedAccount, write: AccountWrite): Promise<AccountState> {
    const { portfolio: before } = found.account;
    const { account: change, orders = [], closedPositions = [], isOfRestingMarket = false, beside } = write;
    const state: AccountState = {
      portfolio: {
        ...change.state.portfolio,
        version: before.version + 1,
        openOrders: before.openOrders + orders.reduce((sum, order) => sum + openOrdersChange(order), 0),
        updatedAt: this.clock.now(),
      },
      positions: change.state.positions,
    };
    const consumed = orders.flatMap((order) => order.consumed ?? []);
    if (consumed.length > 1) throw new Error('one decision takes from the book of one market');
    const [taken] = consumed;
    const positions = [...closedPositions, ...changedPositions(change)];
    await this.repository.commit({
      before,
      after: state.portfolio,
      insertOrders: orders.flatMap(({ before: old, order }) => (old === null ? order : [])),
      updateOrders: orders.flatMap(({ before: old, order }) => (old === null ? [] : order)),
      trades: orders.flatMap(({ trades }) => trades),
      positions,
      ledger: change.entries,
      ...(taken === undefined ? {} : { consumed: { ...taken, portfolioId: before.id, run: before.run } }),
      ...beside?.(state),
    });
    this.memory.advance(
      found,
      state,
      orders.map(({ order }) => order),
      consumed,
    );
    this.announcer.announce({
      portfolio: state.portfolio,
      orders,
      positions,
      ledger: change.entries,
      isOfRestingMarket,
    });
    return state;
  }
}

function ownedBy(found: RememberedAccount | null, userId: string | null, portfolioId: string): RememberedAccount {
  const { portfolio } = found?.account ?? {};
  const isTheirs = portfolio !== undefined && (userId === null || portfolio.userId === userId);
  if (found === null || !isTheirs || (userId !== null && portfolio.archivedAt !== null))
    throw portfolioNotFound(portfolioId);
  return found;
}
