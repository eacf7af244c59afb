import { seededRandom } from '@app/exchange';
import { databaseConnection, openConnection, TradingRepository } from '@app/persistence';
import { startTestSimulator, type TestSimulator } from '@app/testing';
import { auditPortfolios } from '@app/trading';
import { setTimeout as wait } from 'node:timers/promises';
import { type BenchChild, startChild } from '../bench/child';
import type { ServerPace, ServerQuestion } from '../bench/live/live-server';
import { DISTURBANCES, heal, type SoakMarket } from './disturbances';
import { type MemorySample, type MemoryTrend, memoryTrend } from './memory-trend';
import { WatchingClient } from './watching-client';

export interface SoakOptions {
  minutes: number;
  seed: number;
  /** Of the store; the databases of the soak begin with {@link PREFIX}. */
  mongoUri: string;
  log: (line: string) => void;
}

export interface SoakReport {
  cycles: number;
  disturbances: number;
  messages: number;
  resyncs: number;
  orders: number;
  fills: number;
  /** Longest a book took to be live and right again after everything was healed, ms. */
  slowestRecoveryMs: number;
  memory: MemoryTrend | null;
  /** Everything that was not as it must be. */
  problems: string[];
}

export const PREFIX = 'soak_live_';
const MARKETS = 8;
const CLIENTS = 24;
const TOKENS_OF_A_CLIENT = 4;
const PORTFOLIOS = 3;
const FLOW_PER_SECOND = 20;
const CYCLE_MS = 8_000;
const MOST_PER_CYCLE = 7;
const ORDERS_PER_CYCLE = 6;
/** Books of the venue that were not believed are asked for with pauses of up to half a minute between. */
const RECOVERY_WITHIN_MS = 90_000;
const SAMPLES = 60;
const LEAST_SAMPLE_MS = 2_000;
const ANSWER_WITHIN_MS = 60_000;
/** Faults are found out soon, so that there is time for many. */
const PACE: ServerPace = { pingIntervalMs: 1_500, silenceMs: 2_000 };

/** Runs a live-worker and a gateway under constant faults, with clients that hold them to what they promise, and looks at what they hold in memory. */
export async function runSoakLive(options: SoakOptions): Promise<SoakReport> {
  const simulator = await startTestSimulator({ seed: options.seed, clock: Date.now });
  let server: BenchChild | null = null;
  try {
    const args = [options.mongoUri, PREFIX, simulator.url, simulator.marketStreamUrl, JSON.stringify(PACE)];
    server = await startChild('tools/bench/live/live-server.ts', args);
    return await new Soak(options, simulator, server).run();
  } finally {
    await server?.stop();
    await simulator.stop();
  }
}

class Soak {
  private readonly random: () => number;
  private readonly url: string;
  private readonly report: SoakReport = {
    cycles: 0,
    disturbances: 0,
    messages: 0,
    resyncs: 0,
    orders: 0,
    fills: 0,
    slowestRecoveryMs: 0,
    memory: null,
    problems: [],
  };
  private readonly samples: MemorySample[] = [];
  private tokens: string[] = [];
  private readonly portfolios: { id: string; token: string }[] = [];
  private readonly openOrders: { portfolio: { id: string; token: string }; id: string }[] = [];
  private markets: SoakMarket[] = [];
  private clients: WatchingClient[] = [];

  constructor(
    private readonly options: SoakOptions,
    private readonly simulator: TestSimulator,
    private readonly server: BenchChild,
  ) {
    this.random = seededRandom(`soak ${options.seed}`);
    this.url = String(server.ready['url']);
  }

  async run(): Promise<SoakReport> {
    await this.prepare();
    const endsAt = performance.now() + this.options.minutes * 60_000;
    const sampling = this.sampleUntil(endsAt);
    while (performance.now() < endsAt && this.report.problems.length === 0) await this.cycle();
    await sampling;
    for (const client of this.clients) this.dismiss(client);
    await this.audit();
    this.report.memory = memoryTrend(this.samples);
    if (this.report.memory?.isFlat === false) this.report.problems.push('memory went on rising after warming up');
    return this.report;
  }

  private async prepare(): Promise<void> {
    this.markets = await this.liveMarkets();
    const question: ServerQuestion = { kind: 'accounts', count: CLIENTS };
    this.tokens = (await this.server.ask(question)) as string[];
    for (let index = 0; index < PORTFOLIOS; index += 1) {
      const token = this.tokens[index] ?? '';
      const body = { name: `soak ${index}`, initial_balance: 1_000_000, profile: 'realistic' };
      const { id } = (await this.post('/portfolios', body, token)) as { id: string };
      this.portfolios.push({ id, token });
    }
    this.clients = this.tokens.map((_, index) => this.newClient(index));
    await this.untilRight('at the start');
  }

  /** Disturbs, heals, and sees that everything comes to be as it is at the venue. */
  private async cycle(): Promise<void> {
    await this.setFlow(FLOW_PER_SECOND);
    await this.trade();
    const count = 1 + Math.floor(this.random() * MOST_PER_CYCLE);
    const done: string[] = [];
    const stalled = this.pick(this.clients);
    if (this.random() < 0.3) stalled?.pause();
    for (let index = 0; index < count; index += 1) {
      done.push(await this.disturb());
      await wait((CYCLE_MS / count) * this.random());
    }
    if (this.random() < 0.5) this.replaceOne();
    stalled?.resume();
    await this.setFlow(0);
    await heal(this.simulator, this.markets);
    await this.untilRight(`after ${done.join(', ')}`);
    this.report.cycles += 1;
    this.report.disturbances += count;
    this.report.problems.push(...this.clients.flatMap((client) => client.complaints()));
    if (this.report.cycles % 10 === 0) this.tellProgress();
  }

  private async disturb(): Promise<string> {
    const name = this.pick(Object.keys(DISTURBANCES)) ?? '';
    const market = this.pick(this.markets);
    const disturb = DISTURBANCES[name];
    if (market !== undefined) await disturb?.({ simulator: this.simulator, market, random: this.random });
    return name;
  }

  /** Rests orders at the best prices, and cancels some. A book that is not live takes none. */
  private async trade(): Promise<void> {
    for (let index = 0; index < ORDERS_PER_CYCLE; index += 1) {
      const market = this.pick(this.markets);
      const portfolio = this.pick(this.portfolios);
      if (market === undefined || portfolio === undefined) return;
      const outcome = this.random() < 0.5 ? 0 : 1;
      const book = (await this.simulator.books(market.slug))[outcome];
      const bid = book?.bids.at(-1);
      if (bid === undefined) continue;
      const order = {
        market_id: market.slug,
        outcome_index: outcome,
        side: 'buy',
        type: 'limit',
        price: bid.price,
        quantity: 10 + Math.floor(this.random() * 90),
        time_in_force: 'gtc',
      };
      const answer = await this.ask('POST', `/portfolios/${portfolio.id}/orders`, portfolio.token, order);
      if (answer.status >= 500)
        this.report.problems.push(`an order was answered ${answer.status}: ${await answer.text()}`);
      if (answer.status !== 201) continue;
      this.report.orders += 1;
      this.openOrders.push({ portfolio, id: ((await answer.json()) as { id: string }).id });
    }
    while (this.openOrders.length > 4 * ORDERS_PER_CYCLE) {
      const [oldest] = this.openOrders.splice(0, 1);
      if (oldest === undefined) return;
      const { portfolio, id } = oldest;
      await this.ask('DELETE', `/portfolios/${portfolio.id}/orders/${id}`, portfolio.token);
    }
  }

  private async untilRight(when: string): Promise<void> {
    const startedAt = performance.now();
    let wrong: string | null = 'nothing was looked at';
    while (performance.now() - startedAt < RECOVERY_WITHIN_MS) {
      wrong = await this.whatIsWrong();
      if (wrong === null) {
        this.report.slowestRecoveryMs = Math.max(this.report.slowestRecoveryMs, performance.now() - startedAt);
        return;
      }
      await wait(50);
    }
    this.report.problems.push(`${when}: ${wrong ?? ''}, ${RECOVERY_WITHIN_MS / 1_000} s after everything was healed`);
  }

  private async whatIsWrong(): Promise<string | null> {
    for (const { slug, tokenIds } of this.markets) {
      const truth = await this.simulator.books(slug);
      for (const [outcome, tokenId] of tokenIds.entries()) {
        const book = truth[outcome === 0 ? 0 : 1];
        if (book === null) return `${slug} has no book`;
        for (const [number, client] of this.clients.entries()) {
          const difference = client.mirrors.get(tokenId)?.differenceFrom(book) ?? null;
          if (client.closed !== null) return `client ${number} was closed with ${client.closed}`;
          if (difference !== null) return `${slug} of client ${number} ${difference}`;
        }
      }
    }
    return null;
  }

  private newClient(index: number): WatchingClient {
    const markets = [0, 1].map((step) => this.markets[(index + step) % this.markets.length]);
    const tokenIds = markets.flatMap((market) => market?.tokenIds ?? []).slice(0, TOKENS_OF_A_CLIENT);
    const portfolio = this.portfolios[index];
    return new WatchingClient(
      this.url,
      this.tokens[index] ?? '',
      tokenIds,
      portfolio === undefined ? [] : [portfolio.id],
    );
  }

  /** A client goes, and comes back as a new one. */
  private replaceOne(): void {
    const index = Math.floor(this.random() * this.clients.length);
    const old = this.clients[index];
    if (old === undefined) return;
    this.dismiss(old);
    this.clients[index] = this.newClient(index);
  }

  private dismiss(client: WatchingClient): void {
    this.report.messages += client.messages;
    this.report.resyncs += client.resyncs;
    this.report.fills += client.fills;
    this.report.problems.push(...client.complaints());
    client.leave();
  }

  private async sampleUntil(endsAt: number): Promise<void> {
    const everyMs = Math.max(LEAST_SAMPLE_MS, (this.options.minutes * 60_000) / SAMPLES);
    while (performance.now() < endsAt && this.report.problems.length === 0) {
      const question: ServerQuestion = { kind: 'memory' };
      const answer = await Promise.race([this.server.ask(question), wait(ANSWER_WITHIN_MS, null, { ref: false })]);
      if (answer === null) {
        this.report.problems.push(`the server did not answer within ${ANSWER_WITHIN_MS / 1_000} s`);
        return;
      }
      this.samples.push({ atMs: performance.now(), bytes: (answer as { held: number }).held });
      await wait(everyMs);
    }
  }

  private async audit(): Promise<void> {
    const root = await openConnection({ uri: this.options.mongoUri });
    try {
      const trading = new TradingRepository(databaseConnection(root, 'trading_db', PREFIX));
      await auditPortfolios(trading, ({ portfolioId, findings }) => {
        this.report.problems.push(...findings.map((finding) => `portfolio ${portfolioId}: ${finding}`));
      });
    } finally {
      await root.close();
    }
  }

  /** Markets with quotes on both sides, the same for the same seed. */
  private async liveMarkets(): Promise<SoakMarket[]> {
    const found: SoakMarket[] = [];
    for (const row of await this.simulator.markets({ listed: true })) {
      const { acceptingOrders, clobTokenIds } = row;
      if (acceptingOrders !== true || typeof clobTokenIds !== 'string') continue;
      const [first, second] = JSON.parse(clobTokenIds) as string[];
      if (first === undefined || second === undefined) continue;
      const slug = String(row['slug']);
      const [book] = await this.simulator.books(slug).catch(() => [null, null]);
      if (book === null || book.bids.length < 3 || book.asks.length < 3) continue;
      if (Date.parse(String(row['endDate'])) < Date.now() + 2 * this.options.minutes * 60_000) continue;
      found.push({ slug, tokenIds: [first, second] });
      if (found.length === MARKETS) return found;
    }
    throw new Error(`the simulated venue has fewer than ${MARKETS} markets that last`);
  }

  private async setFlow(perSecond: number): Promise<void> {
    const answer = await fetch(`${this.simulator.controlUrl}/stream/flow`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ per_second: perSecond }),
    });
    if (!answer.ok) throw new Error(`the flow could not be set: ${await answer.text()}`);
  }

  private async post(path: string, body: unknown, token?: string): Promise<unknown> {
    const answer = await this.ask('POST', path, token, body);
    if (!answer.ok) throw new Error(`POST ${path} answered ${answer.status}: ${await answer.text()}`);
    return answer.json();
  }

  private ask(method: 'POST' | 'DELETE', path: string, token?: string, body?: unknown): Promise<Response> {
    return fetch(this.url + path, {
      method,
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  }

  private pick<T>(values: readonly T[]): T | undefined {
    return values[Math.floor(this.random() * values.length)];
  }

  private tellProgress(): void {
    const { cycles, disturbances, orders, slowestRecoveryMs } = this.report;
    const megabytes = Math.round((this.samples.at(-1)?.bytes ?? 0) / 2 ** 20);
    this.options.log(
      `${cycles} cycles, ${disturbances} disturbances, ${orders} orders, slowest recovery ${(slowestRecoveryMs / 1_000).toFixed(1)} s, ${megabytes} MB held`,
    );
  }
}
