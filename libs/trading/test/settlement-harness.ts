import {
  type AcceptedResolution,
  auditLedger,
  auditOrders,
  bookFill,
  closeRun,
  type LedgerEntry,
  type MarketOutcomeRef,
  type Market,
  microPrice,
  type MicroPrice,
  microShares,
  type MicroShares,
  microUsdc,
  type MicroUsdc,
  openAccount,
  type Order,
  type OrderSide,
  parseMicro,
  type Portfolio,
  type Position,
  reserveFor,
} from '@app/domain';
import { MarketCatalogue, VenueResults } from '@app/markets';
import { PersistenceModule, ResolutionRepository, TradingRepository } from '@app/persistence';
import { Clock, newId, PlatformModule } from '@app/platform';
import { PolymarketModule } from '@app/polymarket';
import { startTestSimulator, startTestStore, type TestSimulator, type TestStore } from '@app/testing';
import {
  DEFAULT_TRADING_OPTIONS,
  type SettlementReport,
  SettlementService,
  TradingModule,
  Waiting,
} from '@app/trading';
import { Test, type TestingModule } from '@nestjs/testing';
import { AccountDecisions } from '../src/account/account-decisions';
import { AccountAnnouncer } from '../src/announcing/account-announcer';

const ONE_TRY = { attempts: 1, baseMs: 1, capMs: 1, deadlineMs: 20_000 };
const START = new Date('2026-11-22T10:00:00Z');

function exact(text: string): bigint {
  const parsed = parseMicro(text);
  if (!parsed.ok) throw new Error(`${text} is no exact amount`);
  return parsed.value;
}

export const usdc = (text: string): MicroUsdc => microUsdc(exact(text));
export const shares = (text: string): MicroShares => microShares(exact(text));
export const price = (text: string): MicroPrice => microPrice(exact(text));

/** A worker that settles, with a memory of its own. */
export interface TestSettler {
  /** Settles what is due, `afterMs` later than the start of the test. */
  settle(afterMs?: number, signal?: AbortSignal): Promise<SettlementReport>;
  /** Looks at once at a market whose result the stream announced. */
  settleAnnounced(market: Market, winner: MarketOutcomeRef): Promise<'open' | 'closed' | 'resolved'>;
  /** Stops the worker at its n-th decision from now on, before or after that is written. */
  stopAt(decision: number, when: 'before' | 'after'): AbortSignal;
}

/** Portfolios, a store and a simulated venue. */
export interface SettlementHarness {
  readonly venue: TestSimulator;
  start(): TestSettler;
  /** What was accepted of a market. */
  resolution(market: Market): Promise<AcceptedResolution | null>;
  /** Changes a market at the venue, and makes it known here as the sync does. */
  change(market: Market, changes: Record<string, unknown>): Promise<void>;
  /** A market that can be traded in and that nobody was given before, as stored in the catalogue. */
  aMarket(isWanted?: (market: Market) => boolean): Promise<Market>;
  open(balance: string): Promise<string>;
  buy(portfolioId: string, outcome: MarketOutcomeRef, quantity: string, cost: string): Promise<void>;
  sell(portfolioId: string, outcome: MarketOutcomeRef, quantity: string, proceeds: string): Promise<void>;
  /** Lets an order rest that holds the cash or the shares it needs. */
  rest(
    portfolioId: string,
    side: OrderSide,
    outcome: MarketOutcomeRef,
    quantity: string,
    limit: string,
  ): Promise<Order>;
  /** Ends the run and begins the next. */
  reset(portfolioId: string): Promise<void>;
  portfolio(portfolioId: string): Promise<Portfolio>;
  position(portfolioId: string, outcome: MarketOutcomeRef): Promise<Position | undefined>;
  order(order: Order): Promise<Order | null>;
  ledger(portfolioId: string): Promise<LedgerEntry[]>;
  /** Everything that does not hold of a portfolio's books, as sentences. */
  audit(portfolioId: string): Promise<string[]>;
  stop(): Promise<void>;
}

export function outcomeOf(market: Market, outcomeIndex: number): MarketOutcomeRef {
  return {
    marketId: market.slug,
    conditionId: market.conditionId ?? '',
    tokenId: market.clobTokenIds[outcomeIndex] ?? '',
    outcome: market.outcomes[outcomeIndex] ?? '',
    outcomeIndex,
  };
}

export async function startSettlementHarness(): Promise<SettlementHarness> {
  const [store, venue] = await Promise.all([startTestStore(), startTestSimulator({ markets: 600 })]);
  const module = await startModule(store, venue);
  const repository = module.get(TradingRepository, { strict: false });
  const decisions = decisionsOn(module, repository);
  const candidates = (await venue.markets({ listed: true })).filter(
    (row) => row['acceptingOrders'] === true && row['closed'] === false && row['umaResolutionStatus'] === undefined,
  );

  async function trade(
    side: OrderSide,
    portfolioId: string,
    outcome: MarketOutcomeRef,
    [quantity, value]: [string, string],
  ): Promise<void> {
    await decisions.run(portfolioId, null, ({ account }) => {
      const order = { ...outcome, id: newId(), side, marketQuestion: 'A question' };
      const fill = {
        tradeId: newId(),
        price: price('0.5'),
        quantity: shares(quantity),
        value: usdc(value),
        fee: usdc('0'),
        liquidity: 'taker' as const,
      };
      const none = { cash: usdc('0'), shares: shares('0') };
      return Promise.resolve({ write: { account: bookFill(account, order, fill, none, START) }, answer: () => null });
    });
  }

  return {
    venue,
    start: () => startSettler(module),
    async aMarket(isWanted = () => true) {
      const catalogue = module.get(MarketCatalogue, { strict: false });
      for (const [position, row] of candidates.entries()) {
        const { market } = await catalogue.getBySlug(String(row['slug']));
        if (market.clobTokenIds.length !== 2 || !isWanted(market)) continue;
        candidates.splice(position, 1);
        return market;
      }
      throw new Error('the world has no such market left');
    },
    resolution: ({ conditionId }) => module.get(ResolutionRepository, { strict: false }).find(conditionId ?? ''),
    async change(market, changes) {
      await venue.change(market.slug, changes);
      await module.get(VenueResults, { strict: false }).ask([market.conditionId ?? ''], new AbortController().signal);
    },
    async open(balance) {
      const { state, entries } = openAccount(aPortfolio(usdc(balance)), START);
      const { portfolio } = state;
      await repository.create({ portfolio, ledger: entries, atMost: null });
      return portfolio.id;
    },
    buy: (portfolioId, outcome, quantity, cost) => trade('buy', portfolioId, outcome, [quantity, cost]),
    sell: (portfolioId, outcome, quantity, proceeds) => trade('sell', portfolioId, outcome, [quantity, proceeds]),
    async rest(portfolioId, side, outcome, quantity, limit) {
      return decisions.run(portfolioId, null, ({ account }) => {
        const order = aRestingOrder(account.portfolio, side, outcome, shares(quantity), price(limit));
        const hold = { cash: order.reservedCash, shares: order.reservedShares };
        const held = reserveFor(account, order, hold, START);
        const change = { before: null, order, account: held, trades: [], consumed: null };
        return Promise.resolve({ write: { account: held, orders: [change] }, answer: () => order });
      });
    },
    async reset(portfolioId) {
      await decisions.run(portfolioId, null, ({ account }) => {
        const { closedPositions, ...opened } = closeRun(account, START);
        return Promise.resolve({ write: { account: opened, closedPositions }, answer: () => null });
      });
    },
    async portfolio(portfolioId) {
      const portfolio = await repository.findPortfolio(portfolioId, null);
      if (portfolio === null) throw new Error(`there is no portfolio ${portfolioId}`);
      return portfolio;
    },
    async position(portfolioId, { tokenId }) {
      return (await repository.loadAccount(portfolioId, null))?.positions.get(tokenId);
    },
    order: (order) => repository.findOrder(order.portfolioId, order.id),
    ledger: (portfolioId) => collect(repository.streamLedger(portfolioId)),
    async audit(portfolioId) {
      const account = await repository.loadAccount(portfolioId, null);
      if (account === null) throw new Error(`there is no portfolio ${portfolioId}`);
      const positions = await repository.listPositions({ portfolioId });
      return [
        ...auditLedger(await collect(repository.streamLedger(portfolioId)), account.portfolio, positions),
        ...auditOrders(
          await collect(repository.streamOrders(portfolioId)),
          [],
          account.portfolio,
          account.positions.values(),
        ),
      ];
    },
    async stop() {
      await module.close();
      await venue.stop();
      await store.stop();
    },
  };
}

async function startModule(store: TestStore, venue: TestSimulator): Promise<TestingModule> {
  const module = await Test.createTestingModule({
    imports: [
      PlatformModule.forRoot({ logging: { level: 'silent' }, redis: {} }),
      PersistenceModule.forRoot({ uri: store.uri, databasePrefix: store.databasePrefix }),
      {
        ...PolymarketModule.forRoot({
          baseUrls: { gamma: venue.gammaUrl, clob: venue.clobUrl, data: venue.dataUrl },
          rateShare: 1,
          rateLimited: false,
          retryPolicies: { interactive: ONE_TRY, background: ONE_TRY },
        }),
        global: true,
      },
      TradingModule.forRoot(DEFAULT_TRADING_OPTIONS),
    ],
  }).compile();
  module.useLogger(false);
  return module;
}

function decisionsOn(module: TestingModule, repository: TradingRepository): AccountDecisions {
  const find = { strict: false };
  return new AccountDecisions(
    repository,
    module.get(Waiting, find),
    module.get(Clock, find),
    module.get(AccountAnnouncer, find),
  );
}

function startSettler(module: TestingModule): TestSettler {
  const repository = Object.create(module.get(TradingRepository, { strict: false })) as TradingRepository;
  const resolutions = Object.create(module.get(ResolutionRepository, { strict: false })) as ResolutionRepository;
  const service = new SettlementService(
    repository,
    resolutions,
    module.get(VenueResults, { strict: false }),
    decisionsOn(module, repository),
  );
  return {
    settle: (afterMs = 0, signal = new AbortController().signal) =>
      service.settleDue(new Date(START.getTime() + afterMs), signal),
    settleAnnounced: ({ conditionId }, { tokenId }) =>
      service.settleAnnounced(
        { conditionId: conditionId ?? '', winningTokenId: tokenId },
        START,
        new AbortController().signal,
      ),
    stopAt(decision, when) {
      const stopping = new AbortController();
      const reason = new Error('the worker was stopped');
      let made = 0;
      const stopAround = async <T>(write: () => Promise<T>): Promise<T> => {
        made += 1;
        const isLast = made === decision;
        if (stopping.signal.aborted || (isLast && when === 'before')) {
          stopping.abort(reason);
          throw reason;
        }
        const result = await write();
        if (!isLast) return result;
        stopping.abort(reason);
        throw reason;
      };
      const commit = repository.commit.bind(repository);
      const record = resolutions.record.bind(resolutions);
      repository.commit = (writes) => stopAround(() => commit(writes));
      resolutions.record = (resolution) => stopAround(() => record(resolution));
      return stopping.signal;
    },
  };
}

function aPortfolio(initialBalance: MicroUsdc): Portfolio {
  return {
    id: newId(),
    userId: newId(),
    name: 'Paper',
    description: null,
    initialBalance,
    cash: usdc('0'),
    reserved: usdc('0'),
    owed: usdc('0'),
    realised: usdc('0'),
    fees: usdc('0'),
    run: 1,
    runStartedAt: START,
    profile: 'realistic',
    latency: 'colocated',
    isActive: true,
    archivedAt: null,
    version: 1,
    ledgerSeq: 0,
    openOrders: 0,
    createdAt: START,
    updatedAt: START,
  };
}

function aRestingOrder(
  portfolio: Portfolio,
  side: OrderSide,
  outcome: MarketOutcomeRef,
  quantity: MicroShares,
  limit: MicroPrice,
): Order {
  const isBuy = side === 'buy';
  return {
    ...outcome,
    id: newId(),
    portfolioId: portfolio.id,
    userId: portfolio.userId,
    run: portfolio.run,
    clientOrderId: null,
    notes: null,
    marketQuestion: 'A question',
    side,
    type: 'limit',
    quantity,
    amount: null,
    price: limit,
    timeInForce: 'gtc',
    expiresAt: null,
    postOnly: false,
    status: 'open',
    phase: 'resting',
    filledQuantity: shares('0'),
    filledValue: usdc('0'),
    fees: usdc('0'),
    reservedCash: microUsdc(isBuy ? (quantity * limit) / 1_000_000n : 0n),
    reservedShares: isBuy ? shares('0') : quantity,
    queueAhead: shares('0'),
    queueAheadAtEntry: shares('0'),
    rejectReason: null,
    profile: portfolio.profile,
    feeSchedule: null,
    decisionMidpoint: null,
    arrivalMidpoint: null,
    arrivesAt: START,
    matchesAt: START,
    restingSince: START,
    createdAt: START,
    updatedAt: START,
  };
}

async function collect<T>(values: AsyncIterable<T>): Promise<T[]> {
  const collected: T[] = [];
  for await (const value of values) collected.push(value);
  return collected;
}
