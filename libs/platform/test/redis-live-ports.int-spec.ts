import { waitFor } from '@app/testing';
import { type INestApplicationContext, Logger } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Redis } from 'ioredis';
import { Registry } from 'prom-client';
import {
  BookStore,
  connectRedis,
  InProcessBookStore,
  InProcessInterestStore,
  InProcessLeases,
  InProcessLocks,
  InProcessMessageBus,
  InterestStore,
  Leases,
  Locks,
  MessageBus,
  Metrics,
  PlatformModule,
  RedisBookStore,
  type RedisConfig,
  RedisInterestStore,
  RedisLeases,
  RedisLocks,
  RedisMessageBus,
} from '../src';
import { itKeepsTheBookStoreContract } from './book-store.contract';
import { itKeepsTheInterestStoreContract } from './interest-store.contract';
import { itKeepsTheLeasesContract } from './leases.contract';
import { itKeepsTheLocksContract } from './locks.contract';
import { itKeepsTheMessageBusContract } from './message-bus.contract';
import { hasRedisServer, startTestRedis, type TestRedis } from './redis-server';
import type { CreateTimed } from './timed';

// Outages and failing listeners are logged, as they are here on purpose.
beforeAll(() => {
  Logger.overrideLogger(false);
});

const lane = hasRedisServer() ? describe : describe.skip;

const ROUNDING_MS = 20;
/** Long enough that what passes between two calls does not matter. */
const TTL_MS = 3_000;

async function connected(url: string): Promise<Redis> {
  const redis = await connectRedis({ REDIS_URL: url }, () => undefined);
  if (redis === null) throw new Error('no Redis');
  return redis;
}

lane('the ports of live data on Redis', () => {
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

  /** Empties the server. Time really passes, and a little more: Redis counts whole milliseconds, and timers may be one early. */
  function emptied<Subject>(create: () => Subject): CreateTimed<Subject> {
    return async () => {
      await redis.flushall();
      return {
        subject: create(),
        pass: (ms) => new Promise((resolve) => setTimeout(resolve, ms + ROUNDING_MS)),
      };
    };
  }

  describe('RedisBookStore', () => {
    itKeepsTheBookStoreContract(
      TTL_MS,
      emptied(() => new RedisBookStore(redis)),
    );

    it('keeps a book under its condition id', async () => {
      await new RedisBookStore(redis).put([{ conditionId: '0xa', text: 'book' }], 60_000);
      expect(await redis.get('book:0xa')).toBe('book');
      expect(await redis.pttl('book:0xa')).toBeGreaterThan(50_000);
    });
  });

  describe('RedisLeases', () => {
    itKeepsTheLeasesContract(
      TTL_MS,
      emptied(() => new RedisLeases(redis)),
    );

    it('looks at no keys but those of the role', async () => {
      await redis.flushall();
      const leases = new RedisLeases(redis);
      await leases.hold('live-worker', 'a:1', 60_000);
      expect(await redis.pttl('lease:live-worker:a:1')).toBeGreaterThan(50_000);
      await redis.config('RESETSTAT');
      await leases.list('live-worker');
      expect(await redis.info('commandstats')).not.toMatch(/cmdstat_(scan|keys):/);
    });
  });

  describe('RedisLocks', () => {
    itKeepsTheLocksContract(
      TTL_MS,
      emptied(() => new RedisLocks(redis)),
    );

    it('keeps the owner’s name under the lock’s, and gives it to one process of two', async () => {
      await redis.flushall();
      const other = await connected(server.url);
      const held = await Promise.all(
        [redis, other].map((one, index) => new RedisLocks(one).acquire(['book:0xa'], `worker-${index}`, 60_000)),
      );
      expect(held.flat()).toEqual(['book:0xa']);
      expect(await redis.get('lock:book:0xa')).toBe(`worker-${held[0]?.length === 1 ? 0 : 1}`);
      other.disconnect();
    });
  });

  describe('RedisInterestStore', () => {
    itKeepsTheInterestStoreContract(
      TTL_MS,
      emptied(() => new RedisInterestStore(redis)),
    );

    it('keeps nothing for good that expired, although nobody lists it', async () => {
      await redis.flushall();
      const store = new RedisInterestStore(redis);
      const sockets = Array.from({ length: 20 }, (_, index) => ({ subject: '0xa/1', holder: `socket:${index}` }));
      await store.add([...sockets, { subject: '0xa/2', holder: 'user:1' }], 100);
      await waitFor(async () => {
        await store.add([{ subject: '0xa/1', holder: 'user:1' }], 60_000);
        const keys = await redis.keys('interest:*');
        const [all, own] = [await redis.zcard('interest'), await redis.zcard('interest:user:1')];
        return all === 1 && own === 1 && keys.length === 1;
      });
      expect(await redis.keys('interest:*')).toEqual(['interest:user:1']);
      expect(await redis.zrangebyscore('interest', '-inf', '+inf')).toEqual(['0xa/1|user:1']);
    });

    it('leaves no key behind once everything is withdrawn or nobody asks any more', async () => {
      await redis.flushall();
      const store = new RedisInterestStore(redis);
      await store.add([{ subject: '0xa/1', holder: 'user:1' }], 60_000);
      expect((await redis.keys('*')).sort()).toEqual(['interest', 'interest:user:1']);
      expect(await redis.pttl('interest:user:1')).toBeGreaterThan(50_000);
      await store.removeAll('user:1');
      expect(await redis.keys('*')).toEqual([]);
    });
  });

  describe('RedisMessageBus', () => {
    let buses: RedisMessageBus[];

    beforeEach(async () => {
      buses = [await RedisMessageBus.open(redis, new Registry()), await RedisMessageBus.open(redis, new Registry())];
    });

    afterEach(() => Promise.all(buses.map((bus) => bus.onApplicationShutdown())));

    describe('between two processes', () => {
      itKeepsTheMessageBusContract(() => ({ sender: buses[0]!, hearer: buses[1]! }));
    });

    it('subscribes a channel once, however many listen, and leaves it with the last of them', async () => {
      const bus = buses[0]!;
      const ends = await Promise.all(Array.from({ length: 5 }, () => bus.subscribe('shared', () => undefined)));
      expect(await redis.pubsub('NUMSUB', 'shared')).toEqual(['shared', 1]);
      for (const end of ends.slice(1)) await end();
      expect(await redis.pubsub('NUMSUB', 'shared')).toEqual(['shared', 1]);
      await ends[0]!();
      expect(await redis.pubsub('NUMSUB', 'shared')).toEqual(['shared', 0]);
    });

    it('sends what waits before it ends, and nothing afterwards', async () => {
      const [sender, hearer] = [buses[0]!, buses[1]!];
      const heard: string[] = [];
      await hearer.subscribe('last words', (message) => heard.push(message));
      sender.publish('last words', 'good bye');
      await sender.onApplicationShutdown();
      sender.publish('last words', 'too late');
      await waitFor(() => heard.length > 0);
      expect(heard).toEqual(['good bye']);
    });
  });
});

lane('RedisMessageBus without its Redis', () => {
  interface Process {
    bus: RedisMessageBus;
    registry: Registry;
    gaps: () => number;
  }

  let server: TestRedis;
  let processes: Process[];
  let redis: Redis;

  async function open(pingEveryMs?: number): Promise<Process> {
    const registry = new Registry();
    const bus = await RedisMessageBus.open(redis, registry, pingEveryMs);
    let count = 0;
    bus.onGap(() => (count += 1));
    const process = { bus, registry, gaps: () => count };
    processes.push(process);
    return process;
  }

  beforeEach(async () => {
    processes = [];
    server = await startTestRedis();
    redis = await connected(server.url);
  });

  afterEach(async () => {
    redis.disconnect();
    await Promise.all(processes.map(({ bus }) => bus.onApplicationShutdown()));
    await server.stop();
  });

  const valueOf = async (registry: Registry, name: string, reason?: string): Promise<number> => {
    const values = (await registry.getSingleMetric(name)?.get())?.values ?? [];
    return values.find(({ labels }) => reason === undefined || labels['reason'] === reason)?.value ?? 0;
  };

  const listen = async (bus: MessageBus, channel: string): Promise<string[]> => {
    const heard: string[] = [];
    await bus.subscribe(channel, (message) => heard.push(message));
    return heard;
  };

  it('drops and counts what cannot be sent, refuses to subscribe, then hears again and tells both sides of the gap', async () => {
    const [sender, hearer] = [await open(), await open()];
    const heard = await listen(hearer.bus, 'a');
    sender.bus.publish('a', 'before');
    await waitFor(() => heard.length === 1);

    await server.kill();
    await expect(hearer.bus.subscribe('b', () => undefined)).rejects.toThrow();
    for (let index = 0; index < 100; index += 1) sender.bus.publish('a', `lost ${index}`);
    await waitFor(async () => (await valueOf(sender.registry, 'bus_messages_dropped_total', 'disconnected')) === 100);
    expect([sender.gaps(), hearer.gaps()]).toEqual([0, 0]);

    const back = await startTestRedis(Number(new URL(server.url).port));
    await waitFor(() => sender.gaps() > 0 && hearer.gaps() > 0);
    expect(await valueOf(hearer.registry, 'bus_gaps_total')).toBe(hearer.gaps());
    sender.bus.publish('a', 'after');
    await waitFor(() => heard.length === 2);
    expect(heard).toEqual(['before', 'after']);
    expect(await listen(hearer.bus, 'b')).toEqual([]);
    await back.stop();
  });

  it('listens anew when Redis cuts it off, as it does with slow listeners', async () => {
    const [sender, hearer] = [await open(), await open()];
    const heard = await Promise.all(['a', 'b'].map((channel) => listen(hearer.bus, channel)));
    const gapsBefore = hearer.gaps();
    await redis.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
    await waitFor(() => hearer.gaps() > gapsBefore);
    sender.bus.publish('a', 'to a');
    sender.bus.publish('b', 'to b');
    await waitFor(() => heard.every((messages) => messages.length === 1));
    expect(heard).toEqual([['to a'], ['to b']]);
  });

  it('does not keep messages without end for a Redis that hangs', async () => {
    const sender = await open();
    process.kill(server.pid, 'SIGSTOP');
    const message = 'x'.repeat(2 ** 20);
    for (let index = 0; index < 100; index += 1) sender.bus.publish('a', message);
    expect(await valueOf(sender.registry, 'bus_messages_dropped_total', 'overflow')).toBe(36);
    expect(sender.gaps()).toBe(0);
    process.kill(server.pid, 'SIGCONT');
    await waitFor(() => sender.gaps() === 1);
    expect(await valueOf(sender.registry, 'bus_messages_published_total')).toBe(64);
  });

  it('gives up a connection that is silent, and comes back when Redis answers', async () => {
    const hearer = await open(50);
    const sender = await open();
    const heard = await listen(hearer.bus, 'a');
    process.kill(server.pid, 'SIGSTOP');
    await expect(hearer.bus.subscribe('b', () => undefined)).rejects.toThrow();
    process.kill(server.pid, 'SIGCONT');
    await waitFor(() => hearer.gaps() > 0);
    sender.bus.publish('a', 'heard');
    await waitFor(() => heard.length === 1);
    expect(heard).toEqual(['heard']);
  });
});

/** An app on the platform alone. */
function start(redis: RedisConfig): Promise<INestApplicationContext> {
  const module = PlatformModule.forRoot({ logging: { level: 'silent' }, redis });
  return NestFactory.createApplicationContext(module, { logger: false });
}

lane('an app that was given a Redis', () => {
  it('shares its ports with other processes, shows what its bus did, and leaves no connection open', async () => {
    const server = await startTestRedis();
    const redis = await connected(server.url);
    const apps = [await start({ REDIS_URL: server.url }), await start({ REDIS_URL: server.url })];
    const [one, other] = [apps[0]!, apps[1]!];

    await one.get(BookStore).put([{ conditionId: '0xa', text: 'book' }], 60_000);
    expect(await other.get(BookStore).get(['0xa'])).toEqual(['book']);
    await one.get(Leases).hold('live-worker', 'one', 60_000);
    expect(await other.get(Leases).list('live-worker')).toEqual(['one']);
    await one.get(Locks).acquire(['book:0xa'], 'one', 60_000);
    expect(await other.get(Locks).acquire(['book:0xa'], 'other', 60_000)).toEqual([]);
    await one.get(InterestStore).add([{ subject: '0xa/1', holder: 'user:1' }], 60_000);
    expect(await other.get(InterestStore).listOf('user:1')).toEqual(['0xa/1']);
    const heard: string[] = [];
    await other.get(MessageBus).subscribe('live:0xa', (message) => heard.push(message));
    one.get(MessageBus).publish('live:0xa', 'changed');
    await waitFor(() => heard.length === 1);
    await waitFor(async () => /bus_messages_published_total 1\n/.test(await one.get(Metrics).registry.metrics()));

    for (const app of apps) await app.close();
    await waitFor(async () => /connected_clients:1\r/.test(await redis.info('clients')));
    redis.disconnect();
    await server.stop();
  });
});

describe('an app without a Redis', () => {
  it('keeps its ports within the process', async () => {
    const app = await start({});
    const adapters = [MessageBus, BookStore, Leases, Locks, InterestStore].map((port) => app.get<object>(port));
    expect(adapters.map(({ constructor }) => constructor)).toEqual([
      InProcessMessageBus,
      InProcessBookStore,
      InProcessLeases,
      InProcessLocks,
      InProcessInterestStore,
    ]);
    await app.close();
  });
});
