import { DATABASE_NAMES, openConnection } from '@app/persistence';
import { isAlive, startTestStore, type TestStore, waitFor } from '@app/testing';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installMongodStandIn } from '../../../libs/database-engine/test/mongod-stand-in';
import { createAdmin, makeToken, StandaloneProcess, type StandaloneStore, standaloneStore } from './standalone-process';

interface SyncStats {
  sync: { full: { state: string; fetched: number } | null };
}
interface MarketList {
  markets: { slug: string; question: string }[];
  total: number;
  has_next: boolean;
}
interface Health {
  status: string;
  upstream: { venue: string | null; gamma: { status: string } };
}

const MARKETS = '300';
const NOWHERE = {
  GAMMA_URL: 'http://127.0.0.1:9/gamma',
  CLOB_URL: 'http://127.0.0.1:9/clob',
  DATA_URL: 'http://127.0.0.1:9/data',
  CLOB_WS_URL: 'ws://127.0.0.1:9/ws/market',
};

describe('standalone', () => {
  let dataDir: string;
  let store: StandaloneStore;
  const running: StandaloneProcess[] = [];

  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'papertrading-standalone-'));
    store = standaloneStore();
  });

  afterEach(async () => {
    await Promise.all(running.splice(0).map((one) => one.kill('SIGKILL')));
    await store.stop();
    await rm(dataDir, { recursive: true, force: true });
  });

  /** Starts it on the store of the test. */
  function startOnStore(command: 'demo' | 'start', settings: Record<string, string> = {}): StandaloneProcess {
    return start(command, { ...store.environment, ...settings });
  }

  function start(command: 'demo' | 'start', settings: Record<string, string> = {}): StandaloneProcess {
    const started = StandaloneProcess.start(command, { DATA_DIR: dataDir, SIMULATOR_MARKETS: MARKETS, ...settings });
    running.push(started);
    return started;
  }

  /** Names of the databases under a prefix. */
  async function databaseNames({ uri, databasePrefix }: TestStore): Promise<string[]> {
    const connection = await openConnection({ uri });
    try {
      const { databases } = await connection.getClient().db('admin').admin().listDatabases();
      return databases
        .map(({ name }) => name)
        .filter((name) => name.startsWith(databasePrefix))
        .sort();
    } finally {
      await connection.close();
    }
  }

  async function expectNoOrphans(pids: readonly number[]): Promise<void> {
    await waitFor(() => !pids.some(isAlive), { deadlineMs: 20_000, what: 'the end of the children' });
  }

  async function listSlugs(server: StandaloneProcess): Promise<string[]> {
    const slugs: string[] = [];
    for (let page = 1; ; page += 1) {
      const list = await server.get<MarketList>(`/markets?page_size=100&page=${page}&sort_by=created_at`);
      slugs.push(...list.markets.map((market) => market.slug));
      if (!list.has_next) return slugs.sort();
    }
  }

  async function listVenueSlugs(server: StandaloneProcess): Promise<string[]> {
    const answer = await fetch(`${server.simulatorUrl}/control/markets?listed=true&limit=${MARKETS}`);
    const { markets } = (await answer.json()) as { markets: { slug: string }[] };
    return markets.map((market) => market.slug).sort();
  }

  it('serves, survives kill -9 in the middle of the first sync, goes on from there and stops without orphans', async () => {
    // Every page takes seconds and is written by itself, so that the kill comes in the middle on a busy machine, too.
    const first = startOnStore('demo', { SIMULATOR_LATENCY_MS: '6000', SYNC_BATCH_SIZE: '100' });
    await first.untilReady();
    const early = await waitFor(
      async () => {
        const { sync } = await first.get<SyncStats>('/markets/stats');
        return sync.full?.state === 'running' && sync.full.fetched > 0 ? sync.full : null;
      },
      { deadlineMs: 60_000, what: 'the first page' },
    );
    expect(early.fetched).toBeLessThan(Number(MARKETS));
    const { signal } = await first.kill('SIGKILL');
    expect(signal).toBe('SIGKILL');
    expect(first.childPids).toHaveLength(store.isOwn ? 2 : 1);
    await expectNoOrphans(first.childPids);

    const second = startOnStore('demo');
    await second.untilReady();
    await waitFor(async () => (await second.get<SyncStats>('/markets/stats')).sync.full?.state === 'completed', {
      deadlineMs: 60_000,
      what: 'the full sync',
    });
    const expected = await listVenueSlugs(second);
    expect(expected.length).toBeGreaterThan(250);
    expect(await listSlugs(second)).toEqual(expected);

    const { markets } = await second.get<MarketList>('/markets?page_size=1');
    // The longest word is none of those a search leaves out.
    const [word = ''] = (markets[0]?.question.match(/[A-Za-z]+/g) ?? []).sort((a, b) => b.length - a.length);
    const found = await second.get<MarketList>(`/markets?search=${word}&sort_by=relevance`);
    expect(found.total).toBeGreaterThan(0);
    expect((await second.get<Health>('/health')).upstream.venue).toBe('simulated');

    const ended = await second.kill('SIGINT');
    expect(ended.code).toBe(0);
    expect(ended.output).toContain('SIMULATED');
    await expectNoOrphans(second.childPids);
    await expect(fetch(`${second.url}/health/live`)).rejects.toThrow();
  });

  it('lets strangers open an account, and makes admins from the command line', async () => {
    const server = startOnStore('demo');
    const settings = { DATA_DIR: dataDir, ...store.environment };
    await server.untilReady();
    const ask = async (method: string, path: string, token: string | null, json?: unknown): Promise<Response> =>
      fetch(server.url + path, {
        method,
        headers: {
          ...(token === null ? {} : { authorization: `Bearer ${token}` }),
          ...(json === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(json === undefined ? {} : { body: JSON.stringify(json) }),
      });
    const logIn = async (email: string, password: string): Promise<string> => {
      const answer = await ask('POST', '/auth/login', null, { email, password });
      return ((await answer.json()) as { access_token: string }).access_token;
    };
    const [email, password] = ['ann@example.com', 'correct horse battery'];
    const registered = await ask('POST', '/auth/register', null, { email, password, password_confirm: password });
    expect(registered.status).toBe(201);
    const own = await logIn(email, password);
    expect((await ask('GET', '/auth/me', own)).status).toBe(200);

    const refresh = async (token: string): Promise<number> =>
      (await ask('POST', '/markets/admin/refresh?limit=10', token)).status;
    expect(await refresh(own)).toBe(403);
    expect(await refresh(await makeToken(settings, 'premium_user'))).toBe(403);
    const local = await makeToken(settings, 'admin');
    expect([202, 409]).toContain(await refresh(local));
    expect([202, 409]).toContain(await refresh(await makeToken(settings, 'admin')));

    await expect(createAdmin(settings, email, password)).rejects.toThrow('--promote');
    await createAdmin(settings, email, password, '--promote');
    expect((await ask('GET', '/admin/users', await logIn(email, password))).status).toBe(200);
    expect((await ask('GET', '/admin/users', local)).status).toBe(200);

    expect((await server.kill('SIGTERM')).code).toBe(0);
    await expectNoOrphans(server.childPids);
  });

  it('serves what it has when the real venue cannot be reached, and says so', async () => {
    const server = startOnStore('start', NOWHERE);
    await server.untilReady();
    expect((await server.get<MarketList>('/markets')).total).toBe(0);
    const health = await waitFor(async () => {
      const now = await server.get<Health>('/health');
      return now.upstream.gamma.status === 'down' ? now : null;
    });
    expect(health.status).toBe('degraded');
    expect((await fetch(`${server.url}/markets/by-slug/not-cached-yet`)).status).toBe(503);
    expect((await server.kill('SIGINT')).code).toBe(0);
    await expectNoOrphans(server.childPids);
  });

  it('uses the databases of MONGO_URI under the prefix it is given, and refuses to mix venues in them', async () => {
    const elsewhere = await startTestStore();
    const settings = elsewhere.environment;
    try {
      const demo = start('demo', settings);
      await demo.untilReady();
      expect(demo.childPids).toHaveLength(1);
      expect((await demo.kill('SIGINT')).code).toBe(0);
      const mixed = await start('start', { ...settings, ...NOWHERE }).ended;
      expect(mixed.code).toBe(1);
      expect(mixed.output).toMatch(/set MONGO_URI to another server or MONGO_DATABASE_PREFIX to another prefix/);

      const prefix = `${settings.MONGO_DATABASE_PREFIX}real_`;
      const beside = start('start', { ...settings, ...NOWHERE, MONGO_DATABASE_PREFIX: prefix });
      await beside.untilReady();
      expect(await beside.kill('SIGINT')).toMatchObject({
        code: 0,
        output: expect.stringContaining(`in databases whose names begin with ${prefix}`),
      });
      expect(await databaseNames(elsewhere)).toEqual(
        [settings.MONGO_DATABASE_PREFIX, prefix].flatMap((each) => DATABASE_NAMES.map((name) => each + name)).sort(),
      );
    } finally {
      await elsewhere.stop();
    }
  });

  it('runs a mongod on PATH, leaves none behind, and stays with it when the embedded store could serve too', async () => {
    const PATH = await installMongodStandIn(dataDir);
    const first = start('start', { PATH, ...NOWHERE });
    await first.untilReady();
    expect(first.childPids).toHaveLength(1);
    const { output } = await first.kill('SIGKILL');
    expect(output).toContain(`data in ${join(dataDir, 'polymarket', 'mongod')}`);
    await expectNoOrphans(first.childPids);

    const second = start('start', { PATH, ...NOWHERE });
    await second.untilReady();
    expect((await second.kill('SIGINT')).code).toBe(0);
    await expectNoOrphans(second.childPids);

    const third = await start('start', { ...NOWHERE, PATH: dataDir, MONGOMS_VERSION: '0.0.1' }).ended;
    expect(third.code).toBe(1);
    expect(third.output).toContain('no mongod is here any more');
  });

  it('refuses a MONGO_URI that does not answer, instead of falling back', async () => {
    const ended = await start('demo', { MONGO_URI: 'mongodb://127.0.0.1:9/?serverSelectionTimeoutMS=500' }).ended;
    expect(ended.code).toBe(1);
    expect(ended.output).toContain('mongodb://127.0.0.1:9/');
  });

  it('says so when the port is in use, and starts nothing', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const address = other.address();
    const port = typeof address === 'object' && address !== null ? String(address.port) : '';
    const ended = await start('demo', { PORT: port }).ended;
    other.close();
    expect(ended.code).toBe(1);
    expect(ended.output).toContain(`Port ${port} on 127.0.0.1 is already in use`);
  });

  it('names every bad setting at once', async () => {
    const ended = await start('demo', { PORT: 'eighty', SIMULATOR_MARKETS: '0', SYNC_BATCH_SIZE: 'many' }).ended;
    expect(ended.code).toBe(78);
    for (const name of ['PORT', 'SIMULATOR_MARKETS', 'SYNC_BATCH_SIZE']) expect(ended.output).toContain(name);
  });

  it('needs a secret of its own in production', async () => {
    const ended = await start('start', { NODE_ENV: 'production', HOST: '127.0.0.1' }).ended;
    expect(ended.code).toBe(78);
    expect(ended.output).toContain('JWT_SECRET_KEY');
  });
});
