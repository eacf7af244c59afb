import { DomainError, type MarketOutcomeRef, type OrderIntent, ROLES, type Role } from '@app/domain';
import { seededRandom } from '@app/exchange';
import {
  type KeyedRequest,
  type OrderRequest,
  type OrderWithTrades,
  type Owner,
  SettlementService,
} from '@app/trading';
import { isDeepStrictEqual } from 'node:util';
import {
  anOwner,
  openPortfolio,
  openTestTrading,
  price,
  shares,
  type TestLevels,
  type TestTrading,
  type TradingInstance,
  usdc,
} from '../trading-harness';

export interface SoakOptions {
  operations: number;
  /** Decides what is done; not in which order things that run at once meet. */
  seed: number;
  /** Operations under way at the same time. */
  atOnce: number;
  /** Operations between two restarts of every service. */
  restartEvery: number;
  log: (line: string) => void;
}

export interface SoakReport {
  operations: number;
  /** How often each operation was carried out, and refused by which code. */
  outcomes: Record<string, number>;
  restarts: number;
  /** Markets that ended while they were traded, and whose result changed afterwards. */
  resolved: number;
  entries: number;
  /** Everything that does not balance to the micro-unit. */
  problems: string[];
}

interface Trader {
  owner: Owner;
  portfolioId: string;
  /** Answered requests that may be asked again, with what they were answered. */
  answered: { request: OrderRequest; keyed: KeyedRequest; answer: OrderWithTrades }[];
  /** Orders that may still work. */
  resting: string[];
}

const USERS = 12;
const PORTFOLIOS_EACH = 2;
const MARKETS = 10;
/** A market ends about once in so many operations. */
const RESOLVE_EVERY = 2_500;
const KEPT = 20;
const INITIAL = usdc('5000');

type Random = () => number;

const whole = (from: number, to: number, random: Random): number => from + Math.floor(random() * (to - from + 1));
const oneOf = <T>(from: readonly T[], random: Random): T => {
  const one = from[Math.floor(random() * from.length)];
  if (one === undefined) throw new Error('there is nothing to choose from');
  return one;
};

/**
 * Does random things, sensible and not, as many users at once, on the real services over a real store, through restarts and endings of markets; then
 * audits every portfolio: each balance must be the sum of its ledger, each fill that of an order, to the micro-unit.
 */
export async function runSoak(options: SoakOptions): Promise<SoakReport> {
  const trading = await openTestTrading();
  try {
    return await new Soak(trading, options).run();
  } finally {
    await trading.stop();
  }
}

class Soak {
  private readonly random: Random;
  private readonly report: SoakReport;
  private readonly traders: Trader[] = [];
  private readonly markets: MarketOutcomeRef[][] = [];
  private readonly ended: MarketOutcomeRef[][] = [];
  private readonly seen = new Set<string>();
  private started = 0;
  private instance!: TradingInstance;

  constructor(
    private readonly trading: TestTrading,
    private readonly options: SoakOptions,
  ) {
    this.random = seededRandom(String(options.seed));
    this.report = { operations: 0, outcomes: {}, restarts: 0, resolved: 0, entries: 0, problems: [] };
  }

  async run(): Promise<SoakReport> {
    this.instance = await this.trading.start();
    while (this.markets.length < MARKETS) this.markets.push(await this.newMarket());
    await this.openPortfolios();
    const { operations, restartEvery, atOnce, log } = this.options;
    while (this.started < operations) {
      const until = Math.min(operations, this.started + restartEvery);
      this.moveBooks();
      await Promise.all(Array.from({ length: atOnce }, () => this.work(until)));
      await this.upkeep();
      if (this.started < operations) await this.restart();
      this.report.operations = this.started;
      log(`${this.started} of ${operations} operations, ${this.report.restarts} restarts`);
    }
    await this.audit();
    return this.report;
  }

  private async work(until: number): Promise<void> {
    while (this.started < until) {
      this.started += 1;
      if (this.started % RESOLVE_EVERY === 0) await this.endMarket();
      if (this.started % 50 === 0) this.moveBooks();
      await this.doSomething(oneOf(this.traders, this.random));
    }
  }

  private async doSomething(trader: Trader): Promise<void> {
    const operations: readonly (readonly [number, string, () => Promise<unknown>])[] = [
      [48, 'place', () => this.place(trader)],
      [6, 'repeat', () => this.repeat(trader)],
      [10, 'cancel', () => this.cancel(trader)],
      [2, 'cancel all', () => this.instance.orders.cancelAll(trader.owner, trader.portfolioId, {})],
      [8, 'split', () => this.complete('split', trader)],
      [8, 'merge', () => this.complete('merge', trader)],
      [9, 'look', () => this.look(trader)],
      [1, 'expire', () => this.expire()],
      [0.3, 'reset', () => this.instance.portfolios.reset(trader.owner, trader.portfolioId, null)],
      [1, 'intrude', () => this.intrude(trader)],
    ];
    let left = this.random() * operations.reduce((sum, [weight]) => sum + weight, 0);
    const [, name, act] = operations.find(([weight]) => (left -= weight) < 0) ?? oneOf(operations, this.random);
    try {
      await act();
      this.count(name);
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      this.count(`${name}: ${error.code}`);
    }
  }

  private count(outcome: string): void {
    this.report.outcomes[outcome] = (this.report.outcomes[outcome] ?? 0) + 1;
  }

  // What traders do

  private async place(trader: Trader): Promise<void> {
    const request = this.anyOrder();
    const key = `${this.options.seed}-${this.started}-${this.random()}`;
    const keyed = { key, route: 'POST /portfolios/{id}/orders', bodyHash: key };
    const { order, trades } = await this.instance.orders.place(trader.owner, trader.portfolioId, request, keyed);
    keep(trader.answered, { request, keyed, answer: { order, trades } });
    if (order.phase !== 'done') keep(trader.resting, order.id);
  }

  /** A request that comes twice must do nothing the second time, say so, and be answered as the first time. */
  private async repeat(trader: Trader): Promise<void> {
    if (trader.answered.length === 0) return;
    const { request, keyed, answer: first } = oneOf(trader.answered, this.random);
    const { replayed, ...again } = await this.instance.orders.place(trader.owner, trader.portfolioId, request, keyed);
    const differing = differences({ ...first.order, trades: first.trades }, { ...again.order, trades: again.trades });
    if (!replayed || differing.length > 0) {
      this.report.problems.push(
        `Request ${keyed.key} was answered order ${first.order.id}, and then ${again.order.id}: ${differing.join(', ')} differ.`,
      );
    }
  }

  private async cancel(trader: Trader): Promise<void> {
    const orderId = trader.resting.pop();
    if (orderId !== undefined) await this.instance.orders.cancel(trader.owner, trader.portfolioId, orderId);
  }

  private async complete(what: 'split' | 'merge', trader: Trader): Promise<void> {
    const [outcome] = oneOf(this.markets, this.random);
    const market = { slug: outcome?.marketId ?? '' };
    const quantity = shares(String(whole(1, 4_000, this.random) / 100));
    await this.instance.portfolios[what](trader.owner, trader.portfolioId, { market, quantity }, null);
  }

  /** What is read must balance at any moment. */
  private async look({ owner, portfolioId }: Trader): Promise<void> {
    const { cash, reserved } = await this.instance.portfolios.get(owner, portfolioId);
    if (cash < 0n || reserved < 0n) {
      this.report.problems.push(`Portfolio ${portfolioId} had ${cash} micro-USDC free and ${reserved} reserved.`);
    }
  }

  private async expire(): Promise<void> {
    this.trading.clock.advance(30_000);
    await this.instance.upkeep.expireDue(this.trading.clock.now());
  }

  /** Somebody else's portfolio does not exist. */
  private async intrude({ portfolioId }: Trader): Promise<void> {
    await this.instance.orders.place(anOwner(), portfolioId, this.anyOrder(), null);
    this.report.problems.push(`A stranger traded in portfolio ${portfolioId}.`);
  }

  private anyOrder(): OrderRequest {
    const { random } = this;
    // Now and then in a market that has ended.
    const market = this.ended.length > 0 && random() < 0.02 ? oneOf(this.ended, random) : oneOf(this.markets, random);
    const outcome = oneOf(market, random);
    return {
      ...this.anyIntent(),
      market: { slug: outcome.marketId },
      outcome: outcome.outcome,
      outcomeIndex: null,
      clientOrderId: null,
      notes: null,
    };
  }

  private anyIntent(): OrderIntent {
    const { random } = this;
    const side = random() < 0.6 ? 'buy' : 'sell';
    const quantity = shares(String(random() < 0.9 ? whole(5, 80, random) : whole(1, 9_999, random) / 100));
    const base = { side, amount: null, quantity, expiresAt: null, postOnly: false } as const;
    const anyPrice = price(String(whole(1, 99, random) / 100));
    if (random() < 0.35) {
      const timeInForce = random() < 0.5 ? 'fak' : 'fok';
      if (side === 'buy' && random() < 0.6) {
        const amount = usdc(String(whole(100, 9_999, random) / 100));
        return { ...base, type: 'market', quantity: null, amount, price: null, timeInForce };
      }
      return { ...base, type: 'market', price: random() < 0.5 ? null : anyPrice, timeInForce };
    }
    if (random() < 0.15) {
      const expiresAt = new Date(this.trading.clock.now().getTime() + whole(30, 600, random) * 1_000);
      return { ...base, type: 'limit', price: anyPrice, timeInForce: 'gtd', expiresAt };
    }
    return { ...base, type: 'limit', price: anyPrice, timeInForce: 'gtc', postOnly: random() < 0.1 };
  }

  // What happens around them

  private moveBooks(): void {
    for (const market of this.markets) {
      const middle = whole(5, 95, this.random);
      const bids = this.someLevels((at) => middle - at);
      const asks = this.someLevels((at) => middle + at);
      const state = this.random() < 0.03 ? 'stale' : 'live';
      const [yes, no] = market;
      this.instance.books.say(yes?.tokenId ?? '', { bids, asks, state });
      this.instance.books.say(no?.tokenId ?? '', { bids: mirrored(asks), asks: mirrored(bids), state });
    }
  }

  private someLevels(priceAt: (distance: number) => number): TestLevels {
    const distances = Array.from({ length: whole(0, 6, this.random) }, (_, index) => index + 1);
    return distances
      .map((distance) => priceAt(distance))
      .filter((cents) => cents >= 1 && cents <= 99)
      .map((cents) => [String(cents / 100), String(whole(1, 30_000, this.random) / 100)] as const);
  }

  /** Ends a market, sometimes in equal parts; sometimes another result comes later. */
  private async endMarket(): Promise<void> {
    const index = Math.floor(this.random() * this.markets.length);
    const next = await this.newMarket().catch(() => null);
    // The world has no other market to trade in its place.
    if (next === null) return;
    const [market] = this.markets.splice(index, 1, next);
    if (market === undefined) return;
    const again = this.ended.length > 0 && this.random() < 0.3 ? oneOf(this.ended, this.random) : market;
    this.ended.push(market);
    for (const { marketId } of new Set([market, again].flatMap(([yes]) => yes ?? []))) {
      await this.trading.venue.change(marketId, { resolve: this.random() < 0.2 ? 'split' : whole(0, 1, this.random) });
      this.report.resolved += 1;
    }
    await this.settle();
  }

  private async settle(): Promise<void> {
    this.trading.clock.advance(700_000);
    await this.instance.get(SettlementService).settleDue(this.trading.clock.now(), new AbortController().signal);
  }

  private async upkeep(): Promise<void> {
    const now = this.trading.clock.now();
    await this.instance.upkeep.expireDue(now);
    await this.instance.upkeep.reapDue(now);
    await this.settle();
  }

  private async restart(): Promise<void> {
    await this.instance.stop();
    this.instance = await this.trading.start();
    this.report.restarts += 1;
  }

  private async openPortfolios(): Promise<void> {
    for (let user = 0; user < USERS; user += 1) {
      const owner = anOwner(oneOf<Role>(ROLES, this.random));
      for (let index = 0; index < PORTFOLIOS_EACH; index += 1) {
        const profile = oneOf(['ideal', 'realistic', 'conservative'] as const, this.random);
        const { id } = await openPortfolio(this.instance, owner, { initialBalance: INITIAL, profile });
        this.traders.push({ owner, portfolioId: id, answered: [], resting: [] });
      }
    }
  }

  private async newMarket(): Promise<MarketOutcomeRef[]> {
    const market = await this.trading.findMarket(
      (row) => !this.seen.has(String(row.slug)) && row.orderPriceMinTickSize === 0.01 && row.secondsDelay === undefined,
    );
    this.seen.add(market[0]?.marketId ?? '');
    return market;
  }

  private async audit(): Promise<void> {
    for (const { portfolioId, owner } of this.traders) {
      const findings = await this.trading.audit(this.instance, portfolioId);
      this.report.problems.push(...findings.map((finding) => `${portfolioId}: ${finding}`));
      this.report.entries += (await this.instance.portfolios.get(owner, portfolioId)).ledgerSeq;
    }
  }
}

/** Names of the fields that two answers do not have alike. */
function differences(one: object, other: object): string[] {
  const [first, second] = [one, other].map((answer) => new Map(Object.entries(answer)));
  return [...new Set([...Object.keys(one), ...Object.keys(other)])].filter(
    (field) => !isDeepStrictEqual(first?.get(field), second?.get(field)),
  );
}

function mirrored(levels: TestLevels): TestLevels {
  return levels.map(([at, size]) => [String((100 - Math.round(Number(at) * 100)) / 100), size] as const);
}

function keep<T>(list: T[], one: T): void {
  list.push(one);
  if (list.length > KEPT) list.shift();
}
