import { AccountsModule, accountsEnv, type AccountsOptions, accountsOptions } from '@app/accounts';
import type { ProblemBody } from '@app/contracts';
import type { Market, Role } from '@app/domain';
import { marketContentHash, MarketRepository, PersistenceModule, UserRepository } from '@app/persistence';
import { Clock, createHttpAdapter, PlatformModule, type RedisConfig } from '@app/platform';
import { PolymarketClient, PolymarketModule, type VenueOptions } from '@app/polymarket';
import { startTestSimulator, startTestStore, type TestSimulator, type TestStore } from '@app/testing';
import { DEFAULT_TRADING_OPTIONS, TradingModule, type TradingOptions } from '@app/trading';
import type { DynamicModule } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { AccessTokenService, ApiModule, type ApiOptions, configureApi } from '../src';

jest.setTimeout(60_000);

export const TEST_SECRET = 'a secret that is only ever used in tests';

/** The machine's clock, set to another time; it runs on from there and can be moved. */
export class ShiftedClock extends Clock {
  private shiftMs: number;

  constructor(start: Date) {
    super();
    this.shiftMs = start.getTime() - Date.now();
  }

  override now(): Date {
    return new Date(Date.now() + this.shiftMs);
  }

  advance(ms: number): void {
    this.shiftMs += ms;
  }
}

export interface TestAnswer<T> {
  status: number;
  contentType: string;
  headers: Record<string, string>;
  /** Parsed when it is JSON, the text otherwise. */
  body: T;
}

/** The api over a real store and a simulated venue, in this process. */
export interface TestApi {
  readonly app: NestFastifyApplication;
  readonly venue: TestSimulator;
  readonly clock: ShiftedClock;
  readonly url: string;
  /** `T` is what the caller expects; an answer of 400 or above is a problem. */
  get<T = ProblemBody>(path: string, headers?: Record<string, string>): Promise<TestAnswer<T>>;
  post<T = ProblemBody>(path: string, body?: unknown, headers?: Record<string, string>): Promise<TestAnswer<T>>;
  send<T = ProblemBody>(
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<TestAnswer<T>>;
  /** A token of the account with this id, which is made with this role when there is none. */
  tokenFor(bearer: { id: string; role: Role }, lifeSeconds?: number): Promise<string>;
  /** Stores every market the venue lists, as a sync pass would. */
  storeListedMarkets(): Promise<Market[]>;
  /** Takes the store away for good; one that other tests use too stays. */
  loseStore(): Promise<void>;
  stop(): Promise<void>;
}

/** The moment the simulated world is generated around. */
export const WORLD_EPOCH = new Date('2026-11-01T12:00:00Z');

/** Impatient, so that faults of the venue show quickly; not so much that a busy machine is one. */
const IMPATIENT: Partial<VenueOptions> = {
  rateLimited: false,
  headersTimeoutMs: 2_000,
  bodyTimeoutMs: 2_000,
  connectTimeoutMs: 2_000,
  retryPolicies: {
    interactive: { attempts: 2, baseMs: 1, capMs: 5, deadlineMs: 8_000 },
    background: { attempts: 2, baseMs: 1, capMs: 5, deadlineMs: 8_000 },
  },
};

/** For suites that disturb nothing: a busy machine is no fault of the venue. */
export const PATIENT: Partial<VenueOptions> = {
  headersTimeoutMs: 10_000,
  bodyTimeoutMs: 10_000,
  connectTimeoutMs: 10_000,
  retryPolicies: {
    interactive: { attempts: 2, baseMs: 1, capMs: 5, deadlineMs: 20_000 },
    background: { attempts: 2, baseMs: 1, capMs: 5, deadlineMs: 20_000 },
  },
};

/** Hashes that cost little, and limits that only a test of limits reaches. */
const LENIENT: AccountsOptions = {
  ...accountsOptions(accountsEnv.parse({ PASSWORD_HASH_MEMORY_KIB: '1024', PASSWORD_HASH_ITERATIONS: '1' })),
  rateLimits: { loginAttempts: 100_000, loginWindowSeconds: 60, requestsPerMinute: 100_000 },
};

export interface TestApiOptions {
  markets?: number;
  venue?: TestSimulator;
  venueOptions?: Partial<VenueOptions>;
  accounts?: Partial<AccountsOptions>;
  redis?: RedisConfig;
  trustedProxies?: string[];
  /** How connections of /ws/live are kept, where it is not as usual. */
  live?: ApiOptions['live'];
  /** How long a request waits for a store that is away, milliseconds. */
  storeTimeoutMs?: number;
  /** A store that others use too, which stays. */
  store?: TestStore;
  /** When it starts, by its clock; the epoch of the world unless told otherwise. */
  now?: Date;
  trading?: Partial<TradingOptions>;
  /** Where the built console is; there is none unless told. */
  consoleFolder?: string;
  /** What runs in the same process. */
  beside?: readonly DynamicModule[];
}

export async function startTestApi(options: TestApiOptions = {}): Promise<TestApi> {
  const [store, venue] = await Promise.all([
    options.store ?? startTestStore(),
    options.venue ?? startTestSimulator({ markets: options.markets ?? 60, epoch: WORLD_EPOCH }),
  ]);
  let isStoreToStop = options.store === undefined;
  const clock = new ShiftedClock(options.now ?? WORLD_EPOCH);
  const venueOptions: VenueOptions = {
    baseUrls: { gamma: venue.gammaUrl, clob: venue.clobUrl, data: venue.dataUrl },
    rateShare: 1,
    rateLimited: false,
    ...IMPATIENT,
    ...options.venueOptions,
  };
  const module = await Test.createTestingModule({
    imports: [
      PlatformModule.forRoot({ logging: { level: 'silent' }, redis: options.redis ?? {} }),
      PersistenceModule.forRoot({
        uri: store.uri,
        databasePrefix: store.databasePrefix,
        ...(options.storeTimeoutMs === undefined ? {} : { serverSelectionTimeoutMs: options.storeTimeoutMs }),
      }),
      AccountsModule.forRoot({ ...LENIENT, ...options.accounts }),
      { ...PolymarketModule.forRoot(venueOptions), global: true },
      TradingModule.forRoot({ ...DEFAULT_TRADING_OPTIONS, ...options.trading }),
      ApiModule.forRoot({
        auth: { jwtSecret: TEST_SECRET, accessTokenMinutes: 30 },
        version: '0.0.0-test',
        ...(options.live === undefined ? {} : { live: options.live }),
      }),
      ...(options.beside ?? []),
    ],
  })
    .overrideProvider(Clock)
    .useValue(clock)
    .compile();
  const app = module.createNestApplication<NestFastifyApplication>(
    createHttpAdapter({ TRUSTED_PROXIES: options.trustedProxies ?? [] }),
  );
  const { consoleFolder } = options;
  const files = consoleFolder === undefined ? undefined : { consoleFolder };
  configureApi(app, { CORS_ORIGINS: ['https://front.example.com'] }, files);
  app.useLogger(false);
  await app.listen(0, '127.0.0.1');
  const url = await app.getUrl();

  async function ask<T>(path: string, init: RequestInit): Promise<TestAnswer<T>> {
    const answer = await fetch(url + path, init);
    const contentType = answer.headers.get('content-type') ?? '';
    const text = await answer.text();
    return {
      status: answer.status,
      contentType,
      headers: Object.fromEntries(answer.headers),
      body: (contentType.includes('json') ? JSON.parse(text) : text) as T,
    };
  }

  const send = <T>(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<TestAnswer<T>> =>
    ask(path, {
      method,
      headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });

  return {
    app,
    venue,
    clock,
    url,
    get: (path, headers = {}) => ask(path, { headers }),
    post: (path, body, headers) => send('POST', path, body, headers),
    send,
    tokenFor: (bearer, lifeSeconds) => tokenFor(app, clock, bearer, lifeSeconds),
    storeListedMarkets: () => storeListedMarkets(app, clock),
    async loseStore() {
      isStoreToStop = false;
      await store.stop();
    },
    async stop() {
      await app.close();
      await Promise.all([
        isStoreToStop ? store.stop() : undefined,
        options.venue === undefined ? venue.stop() : undefined,
      ]);
    },
  };
}

/** How many requests the venue got whose path begins so. */
export function asksOf(venue: TestSimulator, pathStart: string): number {
  return venue
    .requests()
    .paths.filter(({ path }) => path.startsWith(pathStart))
    .reduce((sum, { count }) => sum + count, 0);
}

async function tokenFor(
  app: NestFastifyApplication,
  clock: Clock,
  { id, role }: { id: string; role: Role },
  lifeSeconds?: number,
): Promise<string> {
  const users = app.get(UserRepository, { strict: false });
  const email = `${id}@example.com`;
  const now = clock.now();
  await users.insert({
    id,
    email,
    emailKey: email,
    passwordHash: 'nobody logs in with a password',
    role,
    status: 'active',
    failedAttempts: 0,
    lockedUntil: null,
    tokenVersion: 1,
    createdAt: now,
    updatedAt: now,
  });
  return app.get(AccessTokenService, { strict: false }).issue({ id, role, tokenVersion: 1 }, lifeSeconds);
}

async function storeListedMarkets(app: NestFastifyApplication, clock: Clock): Promise<Market[]> {
  const { gamma } = app.get(PolymarketClient, { strict: false });
  const repository = app.get(MarketRepository, { strict: false });
  const stored: Market[] = [];
  for (const closed of [false, true]) {
    let cursor: string | null = null;
    do {
      const page = await gamma.fetchMarketsPage(
        { closed, afterCursor: cursor, limit: 100 },
        { priority: 'background' },
      );
      const now = clock.now();
      const markets = page.rows.flatMap((row) => (row.ok ? [row.value] : []));
      const { failures } = await repository.writeBatch(
        markets.map((market) => ({
          market,
          contentHash: marketContentHash(market),
          previous: null,
          fetchedAt: now,
        })),
        now,
      );
      if (failures.length > 0) throw new Error(`markets could not be stored: ${JSON.stringify(failures)}`);
      stored.push(...markets.map((market) => ({ ...market, firstSyncedAt: now, lastSyncedAt: now })));
      cursor = page.nextCursor;
    } while (cursor !== null);
  }
  return stored;
}
