import type { HealthBody, OrderBody } from '@app/contracts';
import type { Market } from '@app/domain';
import { TradingRepository } from '@app/persistence';
import { startTestSimulator, type TestSimulator, type TestStore, waitFor } from '@app/testing';
import { auditPortfolio } from '@app/trading';
import { PATIENT, startTestApi, type TestApi, WORLD_EPOCH } from '../../api/test/api-harness';
import { ClientBook, LiveClient } from '../../api/test/live-client';
import { findTradedMarkets, PortfolioClient } from '../../api/test/portfolio-client';
import { LiveWorkerModule } from '../../live-worker/src';
import { LiveBooks } from '../../live-worker/src/following/live-books';
import { LiveRunner } from '../../live-worker/src/live-runner';
import { IMPATIENT_EXCHANGE, IMPATIENT_TIMING } from '../../live-worker/test/impatient';

export const DEADLINE = { deadlineMs: 30_000 };

const CENTS = 100;
/** The clocks of venue and processes run together, from the moment the world is made for. */
const SHIFT_MS = WORLD_EPOCH.getTime() - Date.now();
export const nowMs = (): number => Date.now() + SHIFT_MS;

export interface LiveStackOptions {
  /** What several stacks share; each has its own of what is left out. */
  redisUrl?: string;
  store?: TestStore;
  venue?: TestSimulator;
  /** How many markets to find that can be traded in. */
  markets: number;
}

/** Api, gateway and live-worker in one process, as they are composed for one machine, on a simulated venue that moves by its control port only. */
export class LiveStack {
  private readonly markets: Market[] = [];

  private constructor(
    readonly api: TestApi,
    private readonly stopVenue: () => Promise<void>,
  ) {}

  static async start({ redisUrl, store, venue, markets: count }: LiveStackOptions): Promise<LiveStack> {
    const simulator = venue ?? (await startLiveVenue());
    const api = await startTestApi({
      venue: simulator,
      venueOptions: PATIENT,
      now: new Date(nowMs()),
      trading: { exchange: IMPATIENT_EXCHANGE },
      beside: [
        LiveWorkerModule.forRoot({
          streamUrl: simulator.marketStreamUrl,
          recordingFolder: null,
          timing: IMPATIENT_TIMING,
        }),
      ],
      ...(store === undefined ? {} : { store }),
      ...(redisUrl === undefined ? {} : { redis: { REDIS_URL: redisUrl } }),
    });
    const stack = new LiveStack(api, venue === undefined ? () => simulator.stop() : () => Promise.resolve());
    try {
      if (count > 0) await stack.findMarkets(count);
    } catch (err) {
      await stack.stop();
      throw err;
    }
    return stack;
  }

  get venue(): TestSimulator {
    return this.api.venue;
  }

  async stop(): Promise<void> {
    await this.api.stop();
    await this.stopVenue();
  }

  /** A market with deep books and a tick of a cent; each is given once. */
  takeMarket(): Market {
    const market = this.markets.shift();
    if (market === undefined) throw new Error('no market is left to trade in');
    return market;
  }

  private async findMarkets(count: number): Promise<void> {
    const found = await findTradedMarkets(this.api, await this.api.storeListedMarkets(), count);
    this.markets.push(...found.map(({ market }) => market));
  }

  /** Name of this stack's worker among those that share the markets. */
  get instance(): string {
    return this.api.app.get(LiveRunner, { strict: false }).instance;
  }

  /** Whether this stack's worker is the one that follows a market. */
  follows({ conditionId }: Market): boolean {
    return this.followed.find(conditionId ?? '') !== null;
  }

  /** How many orders meet a market's book here. */
  restingOrders({ conditionId }: Market): number {
    return this.followed.find(conditionId ?? '')?.resting?.orderCount ?? 0;
  }

  /** Resolves when what a market's orders did so far is stored. */
  async settled({ conditionId }: Market): Promise<void> {
    await this.followed.find(conditionId ?? '')?.resting?.settled();
  }

  private get followed(): LiveBooks {
    return this.api.app.get(LiveBooks, { strict: false });
  }

  /** What `GET /health` says of the followed books. */
  async bookHealth(): Promise<string> {
    const { body } = await this.api.get<HealthBody>('/health');
    return body.components['live_books']?.detail ?? '';
  }

  /** One number of `GET /metrics`. */
  async metric(series: string): Promise<number> {
    const { body } = await this.api.get<string>('/metrics');
    const line = body.split('\n').find((text) => text.startsWith(`${series} `));
    if (line === undefined) throw new Error(`there is no metric ${series}`);
    return Number(line.slice(series.length));
  }

  /** Everything that does not hold of a portfolio, as sentences. */
  async audit(path: string): Promise<string[]> {
    const repository = this.api.app.get(TradingRepository, { strict: false });
    return (await auditPortfolio(repository, path.slice('/portfolios/'.length))).findings;
  }
}

/** A simulated venue whose clock runs. */
export function startLiveVenue(): Promise<TestSimulator> {
  return startTestSimulator({ markets: 400, epoch: WORLD_EPOCH, clock: nowMs });
}

/** Levels of one side, best first. */
type Side = [price: number, size: number][];

/** A trader over HTTP who watches a market over `/ws/live` and has a portfolio to trade with. */
export class LiveTrader {
  private statesBefore = 0;

  private constructor(
    readonly stack: LiveStack,
    readonly market: Market,
    readonly account: PortfolioClient,
    /** Of the portfolio. */
    readonly path: string,
    readonly live: LiveClient,
  ) {}

  /** Comes, and waits until both outcomes' books are live. */
  static async arrive(stack: LiveStack, market: Market, portfolio: Record<string, unknown> = {}): Promise<LiveTrader> {
    const account = await PortfolioClient.of(stack.api, 'premium_user');
    const path = await account.open(portfolio);
    const live = await LiveClient.connect(
      stack.api.url,
      account.headers['authorization']?.slice('Bearer '.length) ?? '',
    );
    const trader = new LiveTrader(stack, market, account, path, live);
    await live.subscribe({ market_ids: [market.slug], portfolio_ids: [path.slice('/portfolios/'.length)] });
    await trader.untilRight();
    trader.statesBefore = live.all('book_state').length;
    return trader;
  }

  /** The book of an outcome as it was told; fails at the first number that does not follow. */
  book(outcome: 0 | 1): ClientBook {
    return ClientBook.of(this.live, this.market.clobTokenIds[outcome] ?? '');
  }

  /** States of the first outcome's book that were told since it was live first, with their reasons, in order. */
  get states(): string[] {
    const [tokenId] = this.market.clobTokenIds;
    return this.live
      .all('book_state')
      .slice(this.statesBefore)
      .filter(({ token_id: id }) => id === tokenId)
      .map(({ state, reason }) => `${state}: ${reason ?? ''}`);
  }

  /** Waits until both books as they were told are live, and the very books the venue has. */
  async untilRight(): Promise<void> {
    await waitFor(
      async () => {
        for (const [outcome, truth] of (await this.truth()).entries()) {
          const book = this.book(outcome === 0 ? 0 : 1);
          expect({ state: book.state, bids: book.side('bid'), asks: book.side('ask') }).toEqual({
            state: 'live',
            ...truth,
          });
        }
        return true;
      },
      { ...DEADLINE, what: "the venue's own books, live" },
    );
    // Messages that are not of the published shape come out here.
    await this.live.settle();
  }

  /** Rests a bid for the first outcome at the best price there is, and waits until it meets the book at one of the stacks. */
  async bid(
    quantity: number,
    stacks: readonly LiveStack[] = [this.stack],
  ): Promise<{ order: OrderBody; below: string }> {
    const [best] = this.book(0).side('bid');
    const price = best?.[0] ?? 0;
    const order = await this.account.place(this.path, {
      market_id: this.market.slug,
      outcome_index: 0,
      side: 'buy',
      type: 'limit',
      price,
      quantity,
      post_only: true,
    });
    const isResting = (): boolean => stacks.some((stack) => stack.restingOrders(this.market) > 0);
    await waitFor(isResting, { ...DEADLINE, what: 'the order in the book' });
    return { order, below: ((Math.round(price * CENTS) - 2) / CENTS).toString() };
  }

  /** An order as REST answers it. */
  async order(id: string): Promise<OrderBody> {
    return (await this.account.get<OrderBody>(`${this.path}/orders/${id}`)).body;
  }

  async cancelAll(): Promise<void> {
    const { status } = await this.account.ask('DELETE', `${this.path}/orders`);
    expect(status).toBe(200);
  }

  private async truth(): Promise<{ bids: Side; asks: Side }[]> {
    const books = await this.stack.venue.books(this.market.slug);
    return books.map((book) => {
      const side = (levels: { price: string; size: string }[]): Side =>
        levels.map(({ price, size }): Side[number] => [Number(price), Number(size)]).reverse();
      return { bids: side(book?.bids ?? []), asks: side(book?.asks ?? []) };
    });
  }
}
