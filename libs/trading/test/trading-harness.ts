import { type AccountsOptions, AccountsModule } from '@app/accounts';
import {
  auditOrders,
  LedgerAudit,
  type MarketOutcomeRef,
  microPrice,
  microShares,
  microUsdc,
  type Order,
  type OrderIntent,
  parseMicro,
  type Portfolio,
  type Role,
  type Trade,
} from '@app/domain';
import type { BookEvidence, BookLevel, BookState, MarketTerms } from '@app/exchange';
import { LiveBookReader } from '@app/live-data';
import { PersistenceModule, TradingRepository } from '@app/persistence';
import { Clock, newId, PlatformModule } from '@app/platform';
import { PolymarketModule } from '@app/polymarket';
import { ManualClock, startTestSimulator, startTestStore, type TestSimulator } from '@app/testing';
import {
  BookSource,
  DEFAULT_TRADING_OPTIONS,
  type KeyedRequest,
  type OrderRequest,
  OrdersService,
  OrderUpkeep,
  type Owner,
  PortfoliosModule,
  PortfoliosService,
  TradingModule,
  type TradingOptions,
  Waiting,
} from '@app/trading';
import type { Abstract, Type } from '@nestjs/common';
import { Test, type TestingModule } from '@nestjs/testing';
import { setTimeout as delay } from 'node:timers/promises';
import { LiveBookSource } from '../src/books/live-book-source';
import { RestBookSource } from '../src/books/rest-book-source';

/** The moment the simulated world is generated around; ahead of the machine's clock, by which a store removes what has run out. */
export const WORLD_EPOCH = new Date('2096-11-01T12:00:00Z');

const ACCOUNTS: AccountsOptions = {
  passwordHash: { memoryKib: 8, iterations: 1, parallelism: 1 },
  lockout: { threshold: 10, durationMinutes: 1 },
  rateLimits: { loginAttempts: 5, loginWindowSeconds: 60, requestsPerMinute: 100 },
  auditRetentionDays: 365,
};
const ONE_TRY = { attempts: 1, baseMs: 1, capMs: 1, deadlineMs: 20_000 };

/** Decimal text in micro-units. */
export function micro(text: string): bigint {
  const parsed = parseMicro(text);
  if (!parsed.ok) throw new Error(`${text}: ${parsed.problem}`);
  return parsed.value;
}
export const usdc = (text: string): ReturnType<typeof microUsdc> => microUsdc(micro(text));
export const shares = (text: string): ReturnType<typeof microShares> => microShares(micro(text));
export const price = (text: string): ReturnType<typeof microPrice> => microPrice(micro(text));

/** Waits by moving the clock. What has to be kept waiting is: until it is let go, or for ever, as when its process ends. */
export class TestWaiting extends Waiting {
  private held: (() => void)[] = [];
  private isHolding = false;
  /** Whether waiting takes its time and leaves the clock alone. */
  takesTime = false;

  constructor(private readonly clock: ManualClock) {
    super();
  }

  /** How many wait. */
  get waitingCount(): number {
    return this.held.length;
  }

  /** Keeps whoever waits from now on waiting. */
  hold(): void {
    this.isHolding = true;
  }

  /** Lets everybody go, the clock moved by what they waited for. */
  release(): void {
    this.isHolding = false;
    for (const go of this.held.splice(0)) go();
  }

  /** Forgets who waits: they never go on. */
  abandon(): void {
    this.isHolding = false;
    this.held = [];
  }

  override async for(ms: number): Promise<void> {
    if (ms <= 0) return;
    if (this.takesTime) {
      await delay(ms);
      return;
    }
    if (this.isHolding) await new Promise<void>((go) => this.held.push(go));
    else await new Promise<void>((resolve) => setImmediate(resolve));
    this.clock.advance(ms);
  }
}

/** A side of a book, best first: price and size as decimal text. */
export type TestLevels = readonly (readonly [price: string, size: string])[];

/** Books that say what a test wants, and otherwise those orders meet. */
export class TestBooks extends BookSource {
  private readonly said = new Map<string, { bids: BookLevel[]; asks: BookLevel[]; state: BookState }>();
  reads = 0;

  constructor(
    private readonly real: BookSource,
    private readonly clock: Clock,
  ) {
    super();
  }

  /** Sets the book of one outcome; the other one's is as before. */
  say(tokenId: string, book: { bids: TestLevels; asks: TestLevels; state?: BookState }): void {
    const levels = (side: TestLevels): BookLevel[] =>
      side.map(([at, size]) => ({ price: price(at), size: shares(size) }));
    this.sayLevels(tokenId, { bids: levels(book.bids), asks: levels(book.asks) }, book.state);
  }

  sayLevels(tokenId: string, book: { bids: BookLevel[]; asks: BookLevel[] }, state: BookState = 'live'): void {
    this.said.set(tokenId, { ...book, state });
  }

  override async read(terms: MarketTerms, outcomeIndex: number, notBefore: Date | null): Promise<BookEvidence> {
    this.reads += 1;
    const tokenId = terms.tokenIds[outcomeIndex] ?? '';
    const said = this.said.get(tokenId);
    if (said === undefined) return this.real.read(terms, outcomeIndex, notBefore);
    const { bids, asks, state } = said;
    return {
      state,
      reason: state === 'live' ? null : 'the test says so',
      book: {
        tokenId,
        conditionId: terms.conditionId,
        bids,
        asks,
        tickSize: terms.tickSize,
        minOrderSize: terms.minOrderSize,
        negRisk: false,
        lastTradePrice: null,
        hash: null,
        venueTime: this.clock.now(),
      },
      source: 'rest',
      sequence: null,
      hash: null,
      receivedAt: this.clock.now(),
    };
  }
}

/** One process of those that share the store. */
export interface TradingInstance {
  readonly portfolios: PortfoliosService;
  readonly orders: OrdersService;
  readonly upkeep: OrderUpkeep;
  readonly repository: TradingRepository;
  readonly books: TestBooks;
  readonly waiting: TestWaiting;
  get<T>(type: Type<T> | Abstract<T>): T;
  stop(): Promise<void>;
}

export interface TestTrading {
  readonly clock: ManualClock;
  readonly venue: TestSimulator;
  start(options?: Partial<TradingOptions>): Promise<TradingInstance>;
  /** The outcomes of an open market of two that the rows of Gamma say this about. */
  findMarket(wanted: (row: Record<string, unknown>) => boolean): Promise<MarketOutcomeRef[]>;
  /** Everything that does not hold of a portfolio, as sentences. */
  audit(instance: TradingInstance, portfolioId: string): Promise<string[]>;
  stop(): Promise<void>;
}

/** A store, a simulated venue, a clock that stands still, and as many instances on them as a test starts. */
export async function openTestTrading(): Promise<TestTrading> {
  const [store, venue] = await Promise.all([
    startTestStore(),
    startTestSimulator({ markets: 120, epoch: WORLD_EPOCH }),
  ]);
  const clock = new ManualClock(WORLD_EPOCH);
  const instances: TestingModule[] = [];
  return {
    clock,
    venue,
    async start(options = {}) {
      const module = await Test.createTestingModule({
        imports: [
          PlatformModule.forRoot({ logging: { level: 'silent' }, redis: {} }),
          PersistenceModule.forRoot({ uri: store.uri, databasePrefix: store.databasePrefix }),
          AccountsModule.forRoot(ACCOUNTS),
          {
            ...PolymarketModule.forRoot({
              baseUrls: { gamma: venue.gammaUrl, clob: venue.clobUrl, data: venue.dataUrl },
              rateShare: 1,
              rateLimited: false,
              retryPolicies: { interactive: ONE_TRY, background: ONE_TRY },
            }),
            global: true,
          },
          TradingModule.forRoot({ ...DEFAULT_TRADING_OPTIONS, ...options }),
          PortfoliosModule,
        ],
      })
        .overrideProvider(Clock)
        .useValue(clock)
        .overrideProvider(Waiting)
        .useFactory({ factory: () => new TestWaiting(clock) })
        .overrideProvider(BookSource)
        .useFactory({
          factory: (live: LiveBookReader, rest: RestBookSource) => new TestBooks(new LiveBookSource(live, rest), clock),
          inject: [LiveBookReader, RestBookSource],
        })
        .compile();
      module.useLogger(false);
      await module.init();
      instances.push(module);
      const get = <T>(type: Type<T> | Abstract<T>): T => module.get(type, { strict: false });
      return {
        portfolios: get(PortfoliosService),
        orders: get(OrdersService),
        upkeep: get(OrderUpkeep),
        repository: get(TradingRepository),
        books: module.get<TestBooks>(BookSource, { strict: false }),
        waiting: module.get<TestWaiting>(Waiting, { strict: false }),
        get,
        async stop() {
          instances.splice(instances.indexOf(module), 1);
          await module.close();
        },
      };
    },
    async findMarket(wanted) {
      const rows = await venue.markets({ listed: true });
      for (const row of rows) {
        const tokenIds = JSON.parse(typeof row.clobTokenIds === 'string' ? row.clobTokenIds : '[]') as string[];
        const outcomes = JSON.parse(String(row.outcomes)) as string[];
        const isOpen = row.closed === false && row.acceptingOrders === true && row.enableOrderBook === true;
        if (!isOpen || tokenIds.length !== 2 || !wanted(row)) continue;
        return outcomes.map((outcome, outcomeIndex) => ({
          marketId: String(row.slug),
          conditionId: String(row.conditionId),
          tokenId: tokenIds[outcomeIndex] ?? '',
          outcome,
          outcomeIndex,
        }));
      }
      throw new Error('the simulated world has no such market');
    },
    async audit({ repository }, portfolioId) {
      const portfolio = await repository.findPortfolio(portfolioId, null);
      if (portfolio === null) return [`There is no portfolio ${portfolioId}.`];
      const ledger = new LedgerAudit(portfolioId);
      for await (const entry of repository.streamLedger(portfolioId)) ledger.add(entry);
      const orders: Order[] = [];
      for await (const order of repository.streamOrders(portfolioId)) orders.push(order);
      const trades: Trade[] = [];
      for (let run = 1; run <= portfolio.run; run += 1) {
        for await (const trade of repository.streamTrades({ portfolioId, run })) trades.push(trade);
      }
      const positions = await repository.listPositions({ portfolioId });
      const current = positions.filter(({ run }) => run === portfolio.run);
      return [...ledger.finish(portfolio, positions), ...auditOrders(orders, trades, portfolio, current)];
    },
    async stop() {
      await Promise.all(instances.map((instance) => instance.close()));
      await Promise.all([venue.stop(), store.stop()]);
    },
  };
}

/** A user nobody has seen before. */
export function anOwner(role: Role = 'user'): Owner {
  return { userId: newId(), role };
}

/** Opens a portfolio; ideal, so that orders meet the book at once, unless told otherwise. */
export async function openPortfolio(
  { portfolios }: TradingInstance,
  owner: Owner,
  wanted: Partial<Parameters<PortfoliosService['create']>[1]> = {},
): Promise<Portfolio> {
  const { portfolio } = await portfolios.create(
    owner,
    { name: 'test', description: null, initialBalance: usdc('1000'), profile: 'ideal', ...wanted },
    null,
  );
  return portfolio;
}

/** A limit order to buy 10 shares, good till cancelled, but for what a test says. */
export function anOrder(ref: MarketOutcomeRef, overrides: Partial<OrderRequest> = {}): OrderRequest {
  const intent: OrderIntent = {
    side: 'buy',
    type: 'limit',
    quantity: shares('10'),
    amount: null,
    price: price('0.5'),
    timeInForce: 'gtc',
    expiresAt: null,
    postOnly: false,
  };
  return {
    ...intent,
    market: { slug: ref.marketId },
    outcome: ref.outcome,
    outcomeIndex: null,
    clientOrderId: null,
    notes: null,
    ...overrides,
  };
}

/** A keyed request; requests of one body have one hash. */
export function keyed(key: string, body = 'a body'): KeyedRequest {
  return { key, route: 'POST /portfolios/{id}/orders', bodyHash: body };
}
