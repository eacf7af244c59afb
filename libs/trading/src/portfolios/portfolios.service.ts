import type {
  ExecutionProfile,
  LatencyProfile,
  LedgerEntry,
  MicroShares,
  MicroUsdc,
  Portfolio,
  Position,
} from '@app/domain';
import type { KeyedRequest, Owner, PageRequest, Replayable } from '../owner';
import type { MarketKey } from '@app/markets';

/** A portfolio to open. */
export interface NewPortfolio {
  name: string;
  description: string | null;
  initialBalance: MicroUsdc;
  /** `realistic` when left out. */
  profile?: ExecutionProfile;
  /** What goes with the profile when left out. */
  latency?: LatencyProfile;
}

/** What of a portfolio its owner may change; what is left out stays. */
export interface PortfolioChange {
  name?: string;
  description?: string | null;
  isActive?: boolean;
}

/** A number of complete sets of one market. */
export interface CompleteSets {
  market: MarketKey;
  quantity: MicroShares;
}

/** Portfolios and everything done to one as a whole. An id of somebody else's portfolio is refused like one there is none of. */
export abstract class PortfoliosService {
  /** @throws DomainError `PORTFOLIO.LIMIT` for the owner's role, `IDEMPOTENCY.*` */
  abstract create(
    owner: Owner,
    portfolio: NewPortfolio,
    keyed: KeyedRequest | null,
  ): Promise<Replayable<{ portfolio: Portfolio }>>;

  /** Returns the owner's portfolios that are not deleted, the oldest first. */
  abstract list(owner: Owner): Promise<Portfolio[]>;

  /** @throws DomainError `PORTFOLIO.NOT_FOUND` */
  abstract get(owner: Owner, portfolioId: string): Promise<Portfolio>;

  /** Changes name, description or whether it takes orders. @throws DomainError `PORTFOLIO.NOT_FOUND`, `PORTFOLIO.BUSY` */
  abstract update(owner: Owner, portfolioId: string, change: PortfolioChange): Promise<Portfolio>;

  /** Cancels what works and hides the portfolio; its ledger stays. @throws DomainError `PORTFOLIO.NOT_FOUND`, `PORTFOLIO.BUSY` */
  abstract archive(owner: Owner, portfolioId: string): Promise<void>;

  /**
   * Cancels what works, ends the run and begins the next with the initial balance; the history stays.
   * @throws DomainError `PORTFOLIO.NOT_FOUND`, `PORTFOLIO.BUSY`, `ORDER.NOT_CANCELLABLE` while a taker delay holds an order, `IDEMPOTENCY.*`
   */
  abstract reset(
    owner: Owner,
    portfolioId: string,
    keyed: KeyedRequest | null,
  ): Promise<Replayable<{ portfolio: Portfolio }>>;

  /** Returns one page of the ledger over all runs, oldest first, and how many entries it has. */
  abstract ledger(
    owner: Owner,
    portfolioId: string,
    page: PageRequest,
  ): Promise<{ entries: LedgerEntry[]; total: number }>;

  /** Returns the positions of the current run, open and settled. */
  abstract positions(owner: Owner, portfolioId: string): Promise<Position[]>;

  /**
   * Makes complete sets of shares out of cash, 1 USDC each.
   * @throws DomainError `PORTFOLIO.*`, `MARKET.*`, `ORDER.BAD_SIZE`, `ORDER.INSUFFICIENT_CASH`, `IDEMPOTENCY.*`
   */
  abstract split(
    owner: Owner,
    portfolioId: string,
    sets: CompleteSets,
    keyed: KeyedRequest | null,
  ): Promise<Replayable<{ portfolio: Portfolio; positions: Position[] }>>;

  /**
   * Makes cash out of complete sets of free shares.
   * @throws DomainError `PORTFOLIO.*`, `MARKET.*`, `ORDER.BAD_SIZE`, `ORDER.INSUFFICIENT_SHARES`, `IDEMPOTENCY.*`
   */
  abstract merge(
    owner: Owner,
    portfolioId: string,
    sets: CompleteSets,
    keyed: KeyedRequest | null,
  ): Promise<Replayable<{ portfolio: Portfolio; positions: Position[] }>>;
}
