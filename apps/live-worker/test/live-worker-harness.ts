import { type AccountsOptions, AccountsModule } from '@app/accounts';
import { decodeLiveBook, decodeMarketMessage, type LiveBook, marketChannel, type MarketMessage } from '@app/contracts';
import {
  formatMicro,
  type Market,
  microPrice,
  microShares,
  microUsdc,
  type Order,
  parseMicro,
  type Trade,
} from '@app/domain';
import { type BookSide, LevelBook } from '@app/exchange';
import { InterestRegistry, LiveBookReader, LiveDataModule } from '@app/live-data';
import { MarketCatalogue, MarketsModule } from '@app/markets';
import { PersistenceModule, TradingRepository } from '@app/persistence';
import { BookStore, MessageBus, newId, PlatformModule } from '@app/platform';
import { PolymarketModule } from '@app/polymarket';
import { startTestSimulator, startTestStore, type TestSimulator, type TestStore, waitFor } from '@app/testing';
import {
  auditPortfolio,
  DEFAULT_TRADING_OPTIONS,
  OrdersService,
  type Owner,
  PortfoliosModule,
  PortfoliosService,
  TradingModule,
} from '@app/trading';
import { Test, type TestingModule } from '@nestjs/testing';
import { LiveBooks } from '../src/following/live-books';
import { LiveWorkerModule } from '../src/live-worker.module';
import { IMPATIENT_EXCHANGE, IMPATIENT_TIMING } from './impatient';

export const DEADLINE = { deadlineMs: 20_000 };

const ACCOUNTS: AccountsOptions = {
  passwordHash: { memoryKib: 8, iterations: 1, parallelism: 1 },
  lockout: { threshold: 10, durationMinutes: 1 },
  rateLimits: { loginAttempts: 5, loginWindowSeconds: 60, requestsPerMinute: 100 },
  auditRetentionDays: 365,
};

export interface WorldOptions {
  /** The store and the Redis that other processes follow books by; without them everything is in this process. */
  store?: TestStore;
  redisUrl?: string;
  /** Where the stream is recorded; nowhere without it. */
  recordingFolder?: string;
}

/** A worker on a simulated venue and a real store, everything in this process; or, for workers that are processes of their own, all but the worker. */
export class LiveWorld {
  private slugs: string[] | null = null;

  private constructor(
    readonly venue: TestSimulator,
    private readonly store: TestStore,
    readonly module: TestingModule,
  ) {}

  static async start(options: WorldOptions = {}): Promise<LiveWorld> {
    const { redisUrl, recordingFolder = null } = options;
    const [store, venue] = await Promise.all([
      options.store ?? startTestStore(),
      startTestSimulator({ markets: 400, clock: () => Date.now() }),
    ]);
    const module = await Test.createTestingModule({
      imports: [
        PlatformModule.forRoot({
          logging: { level: 'silent' },
          redis: redisUrl === undefined ? {} : { REDIS_URL: redisUrl },
        }),
        PersistenceModule.forRoot({ uri: store.uri, databasePrefix: store.databasePrefix }),
        {
          ...PolymarketModule.forRoot({
            baseUrls: { gamma: venue.gammaUrl, clob: venue.clobUrl, data: venue.dataUrl },
            rateShare: 1,
            rateLimited: false,
          }),
          global: true,
        },
        TradingModule.forRoot({ ...DEFAULT_TRADING_OPTIONS, exchange: IMPATIENT_EXCHANGE }),
        AccountsModule.forRoot(ACCOUNTS),
        PortfoliosModule,
        MarketsModule,
        LiveDataModule,
        ...(options.store === undefined
          ? [LiveWorkerModule.forRoot({ streamUrl: venue.marketStreamUrl, recordingFolder, timing: IMPATIENT_TIMING })]
          : []),
      ],
    }).compile();
    module.useLogger(false);
    await module.init();
    return new LiveWorld(venue, store, module);
  }

  async stop(): Promise<void> {
    await this.module.close();
    await this.venue.stop();
    await this.store.stop();
  }

  get<Type>(type: abstract new (...args: never[]) => Type): Type {
    return this.module.get<Type>(type, { strict: false });
  }

  /**
   * A market with bids and asks around 0.4, a tick of a cent, and orders taken, whatever today's date makes of the world; another one with every
   * other number.
   */
  async aMarket(number = 0): Promise<Market> {
    this.slugs ??= (await this.venue.markets({ listed: true }))
      .filter((row) => row.acceptingOrders === true && row.closed === false && row.enableOrderBook === true)
      .filter((row) => row.bestBid !== undefined)
      .map((row) => String(row.slug));
    const slug = this.slugs[number];
    if (slug === undefined) throw new Error(`the simulated world has ${this.slugs.length} open markets only`);
    await this.venue.change(slug, { price: 0.4, tick_size: 0.01 });
    return (await this.get(MarketCatalogue).getBySlug(slug)).market;
  }

  /** Says that a user wants a market followed. */
  async want(market: Market, user = 'somebody'): Promise<void> {
    await this.get(InterestRegistry).add(`user:${user}`, tokensOf(market));
  }

  async wantNoMore(market: Market, user = 'somebody'): Promise<void> {
    await this.get(InterestRegistry).withdraw(`user:${user}`, tokensOf(market));
  }

  /** The book as others read it. */
  read(market: Market): Promise<LiveBook | null> {
    return this.get(LiveBookReader).read(conditionOf(market));
  }

  /** Waits until others read a live book. */
  live(market: Market): Promise<LiveBook> {
    return this.until(market, ({ state }) => state === 'live', 'a live book');
  }

  until(market: Market, holds: (book: LiveBook) => boolean, what: string): Promise<LiveBook> {
    return waitFor(
      async () => {
        const book = await this.read(market);
        return book !== null && holds(book) ? book : null;
      },
      { ...DEADLINE, what },
    );
  }

  /** Waits until others read the book the venue truly has. */
  async equal(market: Market): Promise<void> {
    await waitFor(
      async () => {
        const [book, truth] = [await this.live(market), await this.truth(market)];
        expect(levelTexts(book)).toEqual(truth);
        return true;
      },
      { ...DEADLINE, what: "the venue's own book" },
    );
  }

  /** The venue's own book of the first outcome. */
  async truth(market: Market): Promise<string[]> {
    const [book] = await this.venue.books(market.slug);
    if (book === null) throw new Error(`${market.slug} has no book`);
    const texts = (side: BookSide, levels: readonly { price: string; size: string }[]): string[] =>
      levels.map(({ price, size }) => `${side} ${micro(price)} ${micro(size)}`);
    return [...texts('bid', book.bids), ...texts('ask', book.asks)].sort();
  }

  /** Follows what is published of a market, as a client would. */
  async listen(market: Market): Promise<Listener> {
    const listener = new Listener();
    await this.get(MessageBus).subscribe(marketChannel(conditionOf(market)), (text) => listener.hear(text));
    return listener;
  }

  /** A new user's portfolio of 1,000 USDC whose orders arrive at once. */
  async open(): Promise<{ owner: Owner; portfolioId: string }> {
    const owner: Owner = { userId: newId(), role: 'user' };
    const { portfolio } = await this.get(PortfoliosService).create(
      owner,
      {
        name: 'test',
        description: null,
        initialBalance: microUsdc(micro('1000')),
        profile: 'realistic',
        latency: 'ideal',
      },
      null,
    );
    return { owner, portfolioId: portfolio.id };
  }

  /** Lets a portfolio bid for the first outcome. */
  async bid(
    { owner, portfolioId }: { owner: Owner; portfolioId: string },
    market: Market,
    quantity: string,
    price: string,
  ): Promise<Order> {
    const { order } = await this.get(OrdersService).place(
      owner,
      portfolioId,
      {
        market: { slug: market.slug },
        outcome: null,
        outcomeIndex: 0,
        clientOrderId: null,
        notes: null,
        side: 'buy',
        type: 'limit',
        quantity: microShares(micro(quantity)),
        amount: null,
        price: microPrice(micro(price)),
        timeInForce: 'gtc',
        expiresAt: null,
        postOnly: true,
      },
      null,
    );
    return order;
  }

  /** An order as it is stored, and its trades. */
  async order({ portfolioId, id }: Order): Promise<{ order: Order; trades: Trade[] }> {
    const repository = this.get(TradingRepository);
    const order = await repository.findOrder(portfolioId, id);
    if (order === null) throw new Error(`there is no order ${id}`);
    return { order, trades: await repository.tradesOfOrder(id) };
  }

  /** Everything that does not hold of a portfolio, as sentences. */
  async audit(portfolioId: string): Promise<string[]> {
    return (await auditPortfolio(this.get(TradingRepository), portfolioId)).findings;
  }

  /** The stored text, whoever wrote it. */
  async stored(market: Market): Promise<LiveBook | null> {
    const [text] = await this.get(BookStore).get([conditionOf(market)]);
    return text == null ? null : decodeLiveBook(text);
  }

  /** Why the worker says a market's book is not live; null when it is. */
  reason(market: Market): string | null {
    return this.get(LiveBooks).find(conditionOf(market))?.reason ?? null;
  }
}

/** A client of the channel that believes only numbers without holes. */
export class Listener {
  readonly messages: MarketMessage[] = [];
  readonly problems: string[] = [];
  private readonly book = new LevelBook();
  private epoch: string | null = null;
  private sequence = 0;

  hear(text: string): void {
    const message = decodeMarketMessage(text);
    if (message === null) {
      this.problems.push(`cannot be read: ${text}`);
      return;
    }
    this.messages.push(message);
    if (message.kind === 'book') {
      const { epoch, sequence, bids, asks } = message.book;
      if (epoch === this.epoch && sequence > this.sequence + 1) this.problems.push(`${this.sequence} then ${sequence}`);
      this.epoch = epoch;
      this.sequence = sequence;
      this.book.replace(bids, asks);
    }
    if (message.kind !== 'changes' || message.epoch !== this.epoch) return;
    if (message.sequence !== this.sequence + 1) this.problems.push(`${this.sequence} then ${message.sequence}`);
    this.sequence = message.sequence;
    for (const { side, price, size } of message.changes) this.book.set(side, price, size);
  }

  /** Forgets what was said; where it stands, it remembers. */
  forget(): void {
    this.messages.length = 0;
  }

  get levels(): string[] {
    return levelTexts(this.book);
  }

  /** States and their reasons, in order. */
  get states(): string[] {
    return this.messages.flatMap((one) => (one.kind === 'state' ? [`${one.state}: ${one.reason}`] : []));
  }

  get prints(): string[] {
    return this.messages.flatMap((one) =>
      one.kind === 'print'
        ? [`${one.print.aggressor} ${formatMicro(one.print.size)}@${formatMicro(one.print.price)}`]
        : [],
    );
  }
}

export function conditionOf(market: Market): string {
  return market.conditionId ?? '';
}

export function tokensOf(market: Market): { conditionId: string; tokenId: string }[] {
  return market.clobTokenIds.map((tokenId) => ({ conditionId: conditionOf(market), tokenId }));
}

function levelTexts({ bids, asks }: Pick<LiveBook, 'bids' | 'asks'>): string[] {
  const texts = (side: BookSide, levels: LiveBook['bids']): string[] =>
    levels.map(({ price, size }) => `${side} ${price} ${size}`);
  return [...texts('bid', bids), ...texts('ask', asks)].sort();
}

export function micro(text: string): bigint {
  const parsed = parseMicro(text);
  if (!parsed.ok) throw new Error(`${text} is ${parsed.problem}`);
  return parsed.value;
}
