import type { HealthBody, MarketDetailBody } from '@app/contracts';
import { builtApp, startTestSimulator, startTestStore, type TestSimulator, type TestStore } from '@app/testing';
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { hasRedisServer, startTestRedis, type TestRedis } from '../../../libs/platform/test/redis-server';

const BUNDLE = builtApp('api');

/** Variables of the machine that must not decide how the process under test starts. */
const NEUTRAL = Object.fromEntries(
  [
    'MONGO_URI',
    'MONGO_DATABASE_PREFIX',
    'REDIS_URL',
    'REDIS_HOST',
    'REDIS_PORT',
    'JWT_SECRET_KEY',
    'NODE_ENV',
    'PORT',
    'HOST',
  ].map((name) => [name, '']),
);

function start(env: NodeJS.ProcessEnv): { child: ChildProcess; output: () => string } {
  const child = fork(BUNDLE, [], {
    cwd: tmpdir(),
    env: { ...process.env, ...NEUTRAL, ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let written = '';
  child.stdout?.on('data', (chunk: Buffer) => (written += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (written += chunk.toString()));
  return { child, output: () => written };
}

async function ended(child: ChildProcess): Promise<unknown> {
  const [code] = (await once(child, 'close')) as [number | null];
  return code;
}

const withRedis = hasRedisServer() ? it : it.skip;

describe('the built api as a process', () => {
  let store: TestStore;
  let venue: TestSimulator;
  let redis: TestRedis | undefined;

  beforeAll(async () => {
    [store, venue] = await Promise.all([startTestStore(), startTestSimulator({ markets: 20 })]);
    if (hasRedisServer()) redis = await startTestRedis();
  });
  afterAll(async () => {
    await Promise.all([store?.stop(), venue?.stop(), redis?.stop()]);
  });

  const environment = (): NodeJS.ProcessEnv => ({
    PORT: '0',
    ...store.environment,
    REDIS_URL: redis?.url,
    JWT_SECRET_KEY: 'a secret that is only ever used in tests',
    GAMMA_URL: venue.gammaUrl,
    CLOB_URL: venue.clobUrl,
    DATA_URL: venue.dataUrl,
  });

  withRedis('loads a market nobody stored, keeps it over a restart, and stops cleanly', async () => {
    const [market] = await venue.markets({ listed: true });
    const path = `/markets/by-slug/${String(market?.['slug'])}`;
    for (const expectedAsks of [1, 0]) {
      await venue.reset();
      const { child, output } = start(environment());
      const [report] = (await once(child, 'message')) as [{ type: string; url: string }];
      expect(report).toEqual({ type: 'ready', url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/) });
      const answer = await fetch(`${report.url}${path}?token=not-for-the-log`);
      expect(answer.status).toBe(200);
      expect(((await answer.json()) as MarketDetailBody).slug).toBe(market?.['slug']);
      expect(venue.requests().paths.filter(({ path: asked }) => asked.startsWith('/gamma/markets')).length).toBe(
        expectedAsks,
      );
      const health = (await (await fetch(`${report.url}/health`)).json()) as HealthBody;
      expect(health).toMatchObject({ redis: { status: 'up' }, databases: { markets_db: { status: 'up' } } });
      expect((await fetch(`${report.url}/docs`)).status).toBe(200);
      const end = ended(child);
      child.kill('SIGTERM');
      expect(await end).toBe(0);
      expect(output()).not.toContain('not-for-the-log');
    }
  });

  it('refuses to start alone, and says what to set', async () => {
    const { child, output } = start({ MONGO_URI: '' });
    expect(await ended(child)).toBe(78);
    for (const name of ['MONGO_URI', 'npm run demo', 'REDIS_URL', 'JWT_SECRET_KEY']) expect(output()).toContain(name);
  });

  it('names every bad variable at once', async () => {
    const { child, output } = start({
      ...environment(),
      PORT: '70000',
      CORS_ORIGINS: 'nonsense',
      JWT_SECRET_KEY: 'short',
    });
    expect(await ended(child)).toBe(78);
    for (const name of ['PORT', 'CORS_ORIGINS', 'JWT_SECRET_KEY']) expect(output()).toContain(name);
    expect(output()).not.toContain('short');
  });

  withRedis('ends with one sentence when the database cannot be reached', async () => {
    const { child, output } = start({ ...environment(), MONGO_URI: 'mongodb://127.0.0.1:1/' });
    expect(await ended(child)).toBe(1);
    expect(output().trim().split('\n')).toEqual([
      expect.stringMatching(/^The database cannot be reached.*ECONNREFUSED/),
    ]);
  });
});
