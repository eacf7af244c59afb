import { SettingsService } from '@app/accounts';
import {
  type AccountChange,
  type AccountState,
  combineChanges,
  closeRun,
  DomainError,
  type LedgerEntry,
  mergeSet,
  microUsdc,
  noChange,
  openAccount,
  type Portfolio,
  type Position,
  type SetDecision,
  type SetMarket,
  splitSet,
} from '@app/domain';
import type { MarketTerms } from '@app/exchange';
import { type IdempotencyRecord, TradingRepository } from '@app/persistence';
import { Clock, newId } from '@app/platform';
import { Injectable } from '@nestjs/common';
import { AccountDecisions, type WritesBeside } from '../account/account-decisions';
import { readAccount } from '../account/read-account';
import { endOrders } from '../orders/order-changes';
import { inactive } from '../orders/order-execution';
import type { KeyedRequest, Owner, PageRequest, Replayable } from '../owner';
import { EquitySnapshotService } from '../performance/equity-snapshot.service';
import { KeyedRequests } from '../requests/keyed-requests';
import { notTradable } from '../terms/market-terms';
import { outcomeRefs } from '../terms/named-outcome';
import { TermsReader } from '../terms/terms-reader';
import { getOwnPortfolio } from './own-portfolio';
import { type CompleteSets, LATENCY_OF_PROFILE, type NewPortfolio, type PortfolioChange } from './portfolio-request';

interface PortfolioAnswer {
  portfolio: Portfolio;
}

interface SetsAnswer extends PortfolioAnswer {
  /** Those of the market, in the order of its outcomes. */
  positions: Position[];
}

type DecideSets = typeof splitSet;

const RESET = 'The portfolio was reset.';
const DELETED = 'The portfolio was deleted.';

/** Portfolios and everything done to one as a whole. An id of somebody else's portfolio is refused like one there is none of. */
@Injectable()
export class PortfoliosService {
  constructor(
    private readonly repository: TradingRepository,
    private readonly decisions: AccountDecisions,
    private readonly requests: KeyedRequests,
    private readonly termsReader: TermsReader,
    private readonly settings: SettingsService,
    private readonly snapshots: EquitySnapshotService,
    private readonly clock: Clock,
  ) {}

  /** @throws DomainError `PORTFOLIO.LIMIT` for the owner's role, `IDEMPOTENCY.*` */
  create(
    owner: Owner,
    wanted: NewPortfolio,
    keyed: KeyedRequest | null,
  ): Promise<Replayable<{ portfolio: Portfolio }>> {
    return this.once(owner, keyed, async () => {
      const now = this.clock.now();
      const atMost = this.settings.limitsOf(owner.role).portfolios;
      const { state, entries } = openAccount(newPortfolio(owner, wanted, now), now);
      const { portfolio } = state;
      const isStored = await this.repository.create({
        portfolio,
        ledger: entries,
        equity: [await this.snapshots.atFlow(state, 'after_flow', now)],
        atMost,
        ...(keyed === null ? {} : { idempotency: this.recordOf(owner, keyed, { portfolio }) }),
      });
      if (!isStored) {
        const message = `Your role may have ${atMost} portfolios, and you have as many; delete one first.`;
        throw new DomainError('PORTFOLIO.LIMIT', message);
      }
      return { portfolio };
    });
  }

  /** Returns the owner's portfolios that are not deleted, the oldest first. */
  list(owner: Owner): Promise<Portfolio[]> {
    return this.repository.listPortfolios(owner.userId);
  }

  /** @throws DomainError `PORTFOLIO.NOT_FOUND` */
  get(owner: Owner, portfolioId: string): Promise<Portfolio> {
    return getOwnPortfolio(this.repository, owner, portfolioId);
  }

  /** Changes name, description or whether it takes orders. @throws DomainError `PORTFOLIO.NOT_FOUND`, `PORTFOLIO.BUSY` */
  update(owner: Owner, portfolioId: string, change: PortfolioChange): Promise<Portfolio> {
    return this.decisions.run(portfolioId, owner.userId, ({ account }) =>
      Promise.resolve({
        write: { account: noChange(withPortfolio(account, change)) },
        answer: ({ portfolio }) => portfolio,
      }),
    );
  }

  /** Cancels what works and hides the portfolio; its ledger stays. @throws DomainError `PORTFOLIO.NOT_FOUND`, `PORTFOLIO.BUSY` */
  async archive(owner: Owner, portfolioId: string): Promise<void> {
    await this.decisions.run(portfolioId, owner.userId, async (view) => {
      const now = this.clock.now();
      const working = await view.listWorkingOrders();
      const { account, orders } = endOrders(view.account, working, 'cancelled', DELETED, now);
      const state = withPortfolio(account.state, { isActive: false, archivedAt: now });
      return { write: { account: { ...account, state }, orders }, answer: () => undefined };
    });
  }

  /**
   * Cancels what works, ends the run and begins the next with the initial balance; the history stays.
   * @throws DomainError `PORTFOLIO.NOT_FOUND`, `PORTFOLIO.BUSY`, `IDEMPOTENCY.*`
   */
  reset(owner: Owner, portfolioId: string, keyed: KeyedRequest | null): Promise<Replayable<{ portfolio: Portfolio }>> {
    return this.once(owner, keyed, () =>
      this.decisions.run(portfolioId, owner.userId, async (view) => {
        const now = this.clock.now();
        const working = await view.listWorkingOrders();
        const ended = endOrders(view.account, working, 'cancelled', RESET, now);
        const closed = closeRun(ended.account.state, now);
        const equity = [
          await this.snapshots.atFlow(ended.account.state, 'before_flow', now),
          await this.snapshots.atFlow(closed.state, 'after_flow', now),
        ];
        return {
          write: {
            account: combineChanges([ended.account, closed]),
            orders: ended.orders,
            closedPositions: closed.closedPositions,
            beside: ({ portfolio }) => ({ ...this.keyOf(owner, keyed, { portfolio }), equity }),
          },
          answer: ({ portfolio }) => ({ portfolio }),
        };
      }),
    );
  }

  /** Returns one page of the ledger over all runs, oldest first, and how many entries it has. */
  async ledger(
    owner: Owner,
    portfolioId: string,
    page: PageRequest,
  ): Promise<{ entries: LedgerEntry[]; total: number }> {
    const { ledgerSeq } = await getOwnPortfolio(this.repository, owner, portfolioId);
    return { entries: await this.repository.listLedger({ portfolioId, ...page }), total: ledgerSeq };
  }

  /**
   * Returns a portfolio with the positions of its run, open, closed and settled, as they were together.
   * @throws DomainError `PORTFOLIO.NOT_FOUND`, `PORTFOLIO.BUSY`
   */
  account(owner: Owner, portfolioId: string): Promise<AccountState> {
    return readAccount(this.repository, owner, portfolioId);
  }

  /**
   * Makes complete sets of shares out of cash, 1 USDC each.
   * @throws DomainError `PORTFOLIO.*`, `MARKET.*`, `ORDER.BAD_SIZE`, `ORDER.INSUFFICIENT_CASH`, `IDEMPOTENCY.*`
   */
  split(
    owner: Owner,
    portfolioId: string,
    sets: CompleteSets,
    keyed: KeyedRequest | null,
  ): Promise<Replayable<SetsAnswer>> {
    return this.changeSets(owner, portfolioId, sets, keyed, splitSet, (terms) => {
      if (terms.tradable !== true) throw notTradable(terms.marketId, terms.tradable.reason);
    });
  }

  /**
   * Makes cash out of complete sets of free shares; also in a market that takes no orders any more.
   * @throws DomainError `PORTFOLIO.*`, `MARKET.*`, `ORDER.BAD_SIZE`, `ORDER.INSUFFICIENT_SHARES`, `IDEMPOTENCY.*`
   */
  merge(
    owner: Owner,
    portfolioId: string,
    sets: CompleteSets,
    keyed: KeyedRequest | null,
  ): Promise<Replayable<SetsAnswer>> {
    return this.changeSets(owner, portfolioId, sets, keyed, mergeSet, ({ marketId, outcomes, tradable }) => {
      // Without two outcomes there are no sets to have.
      if (outcomes.length !== 2 && tradable !== true) throw notTradable(marketId, tradable.reason);
    });
  }

  private changeSets(
    owner: Owner,
    portfolioId: string,
    { market, quantity }: CompleteSets,
    keyed: KeyedRequest | null,
    decide: DecideSets,
    check: (terms: MarketTerms) => void,
  ): Promise<Replayable<SetsAnswer>> {
    return this.once(owner, keyed, async () => {
      await this.decisions.look(portfolioId, owner.userId);
      const terms = await this.termsReader.getTerms(market);
      check(terms);
      if (quantity <= 0n) throw badQuantity();
      const setMarket: SetMarket = { outcomes: outcomeRefs(terms), marketQuestion: terms.question };
      return this.decisions.run(portfolioId, owner.userId, ({ account }) => {
        if (!account.portfolio.isActive) throw inactive();
        const change = changeOf(decide(account, setMarket, quantity, this.clock.now()));
        const answer = (state: AccountState): SetsAnswer => ({
          portfolio: state.portfolio,
          positions: setMarket.outcomes.flatMap(({ tokenId }) => state.positions.get(tokenId) ?? []),
        });
        return Promise.resolve({
          write: { account: change, beside: (written) => this.keyOf(owner, keyed, answer(written)) },
          answer,
        });
      });
    });
  }

  private once<T extends PortfolioAnswer>(
    owner: Owner,
    keyed: KeyedRequest | null,
    work: () => Promise<T>,
  ): Promise<Replayable<T>> {
    return this.requests.once(owner, keyed, work, (record) => {
      const answer = this.requests.answerOf<T>(record);
      if (answer === null) throw new Error(`the answer to the request of key ${record.key} was not kept`);
      return Promise.resolve(answer);
    });
  }

  private keyOf(owner: Owner, keyed: KeyedRequest | null, answer: PortfolioAnswer): WritesBeside {
    return keyed === null ? {} : { insertIdempotency: this.recordOf(owner, keyed, answer) };
  }

  private recordOf(owner: Owner, keyed: KeyedRequest, answer: PortfolioAnswer): IdempotencyRecord {
    return this.requests.record(owner, keyed, { portfolioId: answer.portfolio.id, orderId: null }, answer);
  }
}

function newPortfolio(owner: Owner, wanted: NewPortfolio, now: Date): Portfolio {
  const { name, description, initialBalance, profile = 'realistic', latency = LATENCY_OF_PROFILE[profile] } = wanted;
  const nothing = microUsdc(0n);
  return {
    id: newId(now.getTime()),
    userId: owner.userId,
    name,
    description,
    initialBalance,
    cash: nothing,
    reserved: nothing,
    owed: nothing,
    realised: nothing,
    fees: nothing,
    run: 1,
    runStartedAt: now,
    profile,
    latency,
    isActive: true,
    archivedAt: null,
    version: 1,
    ledgerSeq: 0,
    openOrders: 0,
    createdAt: now,
    updatedAt: now,
  };
}

function withPortfolio(state: AccountState, change: Partial<Portfolio>): AccountState {
  return { ...state, portfolio: { ...state.portfolio, ...change } };
}

function changeOf(decision: SetDecision): AccountChange {
  if (decision.ok) return decision.change;
  const { code, message } = decision.refusal;
  throw new DomainError(code, message, { fields: [{ field: 'quantity', message }] });
}

function badQuantity(): DomainError {
  return new DomainError('ORDER.BAD_SIZE', 'quantity must be more than 0.', {
    fields: [{ field: 'quantity', message: 'must be more than 0' }],
  });
}
