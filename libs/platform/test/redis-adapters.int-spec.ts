import { Redis } from 'ioredis';
import {
  connectRedis,
  HEARTBEAT_KEPT_MS,
  InProcessRateWindow,
  RedisHeartbeatStore,
  RedisRateWindow,
  StartError,
  SystemClock,
} from '../src';
import { itKeepsTheHeartbeatContract } from './heartbeat.contract';
import { itKeepsTheRateWindowContract } from './rate-window.contract';
import { hasRedisServer, startTestRedis, type TestRedis } from './redis-server';

const lane = hasRedisServer() ? describe : describe.skip;

async function connected(url: string): Promise<Redis> {
  const redis = await connectRedis({ REDIS_URL: url }, () => undefined);
  if (redis === null) throw new Error('no Redis');
  return redis;
}

function pass(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
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
    itKeepsTheRateWindowContract(1_600, () => ({
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
