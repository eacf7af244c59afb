import { encodeLiveBook, INTEREST_CHANNEL } from '@app/contracts';
import { BookStore, Leases, MessageBus, PlatformModule } from '@app/platform';
import { waitFor } from '@app/testing';
import { type INestApplicationContext, Logger, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { hasRedisServer, startTestRedis, type TestRedis } from '../../platform/test/redis-server';
import { InterestRegistry, LIVE_WORKER_ROLE, LiveBookReader, LiveDataModule, socketHolder, userHolder } from '../src';
import { aLiveBook } from './live-book';

const lane = hasRedisServer() ? describe : describe.skip;

const YES = { conditionId: '0xa', tokenId: '1' };
const OTHER = { conditionId: '0xb', tokenId: '3' };

@Module({})
class ProcessModule {}

/** One of several processes on a Redis. */
function startProcess(redis: TestRedis): Promise<INestApplicationContext> {
  const platform = PlatformModule.forRoot({ logging: { level: 'silent' }, redis: { REDIS_URL: redis.url } });
  const module = { module: ProcessModule, imports: [platform, LiveDataModule] };
  return NestFactory.createApplicationContext(module, { logger: false });
}

lane('live data between two processes on one Redis', () => {
  let server: TestRedis;
  let processes: [INestApplicationContext, INestApplicationContext];

  beforeAll(async () => {
    Logger.overrideLogger(false);
    server = await startTestRedis();
    processes = [await startProcess(server), await startProcess(server)];
  });

  afterAll(async () => {
    await Promise.all(processes.map((process) => process.close()));
    await server.stop();
  });

  it('follows in one what is wanted through the other, until its last holder stops', async () => {
    const [registry, theirs] = processes.map((process) => process.get(InterestRegistry)) as [
      InterestRegistry,
      InterestRegistry,
    ];
    const announced: string[] = [];
    await processes[1].get(MessageBus).subscribe(INTEREST_CHANNEL, (message) => announced.push(message));
    await registry.add(userHolder('1'), [YES, OTHER]);
    await theirs.add(socketHolder('7'), [YES]);
    await waitFor(() => announced.length === 3);
    expect(announced.sort()).toEqual(['0xa', '0xa', '0xb']);
    expect(await theirs.listMarkets()).toEqual(['0xa', '0xb']);

    expect(await theirs.withdrawAll(userHolder('1'))).toEqual([YES, OTHER]);
    expect(await registry.listMarkets()).toEqual(['0xa']);
    await registry.withdraw(socketHolder('7'), [YES]);
    expect(await theirs.listMarkets()).toEqual([]);
  });

  it('A3 reads in one the book the other keeps, live no longer than the other’s lease', async () => {
    const [worker, reader] = [processes[0], processes[1].get(LiveBookReader)];
    const book = aLiveBook({ owner: 'worker:1' });
    await worker.get(Leases).hold(LIVE_WORKER_ROLE, 'worker:1', 60_000);
    await worker.get(BookStore).put([{ conditionId: '0xa', text: encodeLiveBook(book) }], 60_000);
    expect(await reader.readMany(['0xa', '0xb'])).toEqual([book, null]);
    await worker.get(Leases).release(LIVE_WORKER_ROLE, 'worker:1');
    expect(await reader.read('0xa')).toMatchObject({ state: 'stale', bids: book.bids, sequence: book.sequence });
  });

  it('knows of no followed market while Redis is away, and reads on when it is back', async () => {
    const [worker, reader] = [processes[0], processes[1].get(LiveBookReader)];
    const keep = async (): Promise<void> => {
      await worker.get(Leases).hold(LIVE_WORKER_ROLE, 'worker:1', 60_000);
      await worker
        .get(BookStore)
        .put([{ conditionId: '0xa', text: encodeLiveBook(aLiveBook({ owner: 'worker:1' })) }], 60_000);
    };
    await keep();
    const lost = server;
    await lost.kill();
    expect(await reader.read('0xa')).toBeNull();
    await expect(keep()).rejects.toThrow();
    await expect(processes[0].get(InterestRegistry).add(userHolder('1'), [YES])).rejects.toThrow();

    server = await startTestRedis(Number(new URL(lost.url).port));
    await lost.stop();
    await waitFor(() => keep().then(() => true));
    const book = await waitFor(() => reader.read('0xa'));
    expect(book.state).toBe('live');
  });
});
