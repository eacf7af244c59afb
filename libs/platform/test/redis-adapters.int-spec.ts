import { waitFor } from '@app/testing';
import { Redis } from 'ioredis';
import {
  connectRedis,
  HEARTBEAT_KEPT_MS,
  InProcessRateCounter,
  InProcessRateWindow,
  type RateHit,
  RedisHeartbeatStore,
  RedisRateCounter,
  RedisRateWindow,
  StartError,
  SystemClock,
} from '../src';
import { itKeepsTheHeartbeatContract } from './heartbeat.contract';
import { itKeepsTheRateCounterContract } from './rate-counter.contract';
import { itKeepsTheRateWindowContract } from './rate-window.contract';
import { hasRedisServer, startTestRedis, type TestRedis } from './redis-server';

const lane = hasRedisServer() ? describe : describe.skip;

async function connected(url: string): Promise<Redis> {
  const redis = await connectRedis({ REDIS_URL: url }, () => undefined);
  if (redis === null) throw new Error('no Redis');
  return redis;
}

/** Long enough that what passes between two calls does not matter. */
const WINDOW_MS = 3_000;
const ROUNDING_MS = 20;

/** Lets time really pass, and a little more: Redis counts whole milliseconds, and timers may be one early. */
function pass(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms + ROUNDING_MS));
}

lane('the Redis adapters', () => {
  let server: TestRedis;
  let redis: Redis;

  beforeAll(async () => {
    server = await startTestRedis();
    redis = await connected(server.url);
  });

  afterAll(async () => {
    redis.disconnect();
    await server.stop();
  });

  describe('RedisRateWindow', () => {
    itKeepsTheRateWindowContract(WINDOW_MS, () => ({
      window: new RedisRateWindow(redis, new InProcessRateWindow(new SystemClock())),
      pass,
    }));

    it('counts the callers of two processes together', async () => {
      const other = await connected(server.url);
      const windows = [redis, other].map((one) => new RedisRateWindow(one, new InProcessRateWindow(new SystemClock())));
      const waits = await Promise.all(
        Array.from({ length: 40 }, (_, index) => windows[index % 2]!.take('shared', 15, 60_000)),
      );
      expect(waits.filter((wait) => wait === 0)).toHaveLength(15);
      other.disconnect();
    });

    it('leaves nothing behind once the window has passed', async () => {
      await new RedisRateWindow(redis, new InProcessRateWindow(new SystemClock())).take('gone', 5, 60_000);
      const ttl = await redis.pttl('rate:60000:gone');
      expect(ttl).toBeGreaterThan(0);
      expect(ttl).toBeLessThanOrEqual(60_000);
    });
  });

  describe('RedisRateCounter', () => {
    const counterOn = (client: Redis): RedisRateCounter =>
      new RedisRateCounter(client, new InProcessRateCounter(new SystemClock()));

    itKeepsTheRateCounterContract(WINDOW_MS, () => ({ counter: counterOn(redis), pass }));

    it('counts the hits of two processes together', async () => {
      const other = await connected(server.url);
      const counters = [redis, other].map(counterOn);
      const hits = await Promise.all(
        Array.from({ length: 40 }, (_, index) => counters[index % 2]!.hit('shared', 15, 60_000)),
      );
      expect(hits.filter(({ allowed }) => allowed)).toHaveLength(15);
      other.disconnect();
    });

    it('sends its script once, then its name', async () => {
      const client = await connected(server.url);
      const counter = counterOn(client);
      await redis.config('RESETSTAT');
      for (let hit = 0; hit < 10; hit += 1) await counter.hit('named', 100, 60_000);
      const statistics = await redis.info('commandstats');
      expect(statistics).toMatch(/cmdstat_eval:calls=1,/);
      expect(statistics).toMatch(/cmdstat_evalsha:calls=9,/);
      client.disconnect();
    });

    it('keeps no more than the counted hits, and no longer than the window', async () => {
      for (let hit = 0; hit < 10; hit += 1) await counterOn(redis).hit('kept', 3, 60_000);
      expect(await redis.llen('hits:kept')).toBe(3);
      const ttl = await redis.pttl('hits:kept');
      expect(ttl).toBeGreaterThan(0);
      expect(ttl).toBeLessThanOrEqual(60_000);
    });
  });

  describe('RedisHeartbeatStore', () => {
    itKeepsTheHeartbeatContract(async () => {
      await redis.flushall();
      return new RedisHeartbeatStore(redis);
    });

    it('lets a heartbeat expire, and passes over a value it cannot read', async () => {
      await redis.flushall();
      const store = new RedisHeartbeatStore(redis);
      await store.beat('worker', new Date());
      const ttl = await redis.pttl('heartbeat:worker');
      expect(ttl).toBeGreaterThan(HEARTBEAT_KEPT_MS - 60_000);
      await redis.set('heartbeat:broken', 'not json');
      expect((await store.list()).map((one) => one.process)).toEqual(['worker']);
    });
  });

  it('works at a quarter of the limit while Redis is gone, and together again when it is back', async () => {
    const own = await startTestRedis();
    const client = await connected(own.url);
    const window = new RedisRateWindow(client, new InProcessRateWindow(new SystemClock()));
    const heartbeats = new RedisHeartbeatStore(client);
    expect(await window.take('k', 100, 60_000)).toBe(0);

    await own.kill();
    const waits = [];
    for (let attempt = 0; attempt < 30; attempt += 1) waits.push(await window.take('k', 100, 60_000));
    expect(waits.filter((wait) => wait === 0)).toHaveLength(25);
    await expect(heartbeats.beat('worker', new Date())).resolves.toBeUndefined();
    await expect(heartbeats.end('worker')).resolves.toBeUndefined();
    await expect(heartbeats.list()).rejects.toThrow();

    const back = await startTestRedis(Number(new URL(own.url).port));
    const reconnected = new Promise((resolve) => client.once('ready', resolve));
    if (client.status !== 'ready') await reconnected;
    expect(await window.take('k', 1, 60_000)).toBe(0);
    expect(await window.take('k', 1, 60_000)).toBeGreaterThan(0);
    client.disconnect();
    await back.stop();
    await own.stop();
  });
});

lane('RedisRateCounter without its Redis', () => {
  const allowedOf = (hits: RateHit[]): number => hits.filter(({ allowed }) => allowed).length;

  it('never opens: counts by itself, to a quarter of the limit or to the limit, until Redis is back', async () => {
    const server = await startTestRedis();
    const client = await connected(server.url);
    const counter = new RedisRateCounter(client, new InProcessRateCounter(new SystemClock()));
    const knock = (name: string, limit: number, whenLost?: 'stricter' | 'alone'): Promise<RateHit[]> =>
      Promise.all(Array.from({ length: 30 }, () => counter.hit(name, limit, 60_000, whenLost)));
    expect(allowedOf(await knock('before', 20))).toBe(20);

    await server.kill();
    const strict = await knock('strict', 20, 'stricter');
    expect(allowedOf(strict)).toBe(5);
    for (const hit of strict) expect(hit.limit).toBe(5);
    expect(allowedOf(await knock('least', 3, 'stricter'))).toBe(1);
    expect(allowedOf(await knock('unsaid', 20))).toBe(5);
    expect(allowedOf(await knock('alone', 20, 'alone'))).toBe(20);

    const back = await startTestRedis(Number(new URL(server.url).port));
    await waitFor(async () => (await counter.hit('back', 20, 60_000)).limit === 20);
    expect(await client.llen('hits:back')).toBe(1);
    client.disconnect();
    await back.stop();
    await server.stop();
  });

  it('does not wait at every hit for a Redis that hangs', async () => {
    const server = await startTestRedis();
    const client = await connected(server.url);
    const counter = new RedisRateCounter(client, new InProcessRateCounter(new SystemClock()));
    await counter.hit('k', 1_000, 60_000, 'alone');
    process.kill(server.pid, 'SIGSTOP');
    const sent = jest.spyOn(client, 'sendCommand');
    for (let hit = 0; hit < 50; hit += 1) await counter.hit('k', 1_000, 60_000, 'alone');
    expect(sent.mock.calls.length).toBeLessThanOrEqual(2);
    client.disconnect();
    await server.stop();
  });
});

describe('connectRedis', () => {
  it('is null when no Redis is configured', async () => {
    expect(await connectRedis({}, () => undefined)).toBeNull();
  });

  it('refuses a Redis that does not answer, by its address without the password', async () => {
    const attempt = connectRedis({ REDIS_URL: 'redis://user:hunter2@127.0.0.1:1/0' }, () => undefined);
    await expect(attempt).rejects.toThrow(StartError);
    await expect(attempt).rejects.toThrow(/redis:\/\/127\.0\.0\.1:1\/0 cannot be used/);
    await expect(attempt).rejects.not.toThrow(/hunter2/);
  });
});
