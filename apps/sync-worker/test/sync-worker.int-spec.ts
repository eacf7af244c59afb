import {
  JobRun,
  JobRunRepository,
  MarketRepository,
  PersistenceModule,
  SyncState,
  SyncStateRepository,
} from '@app/persistence';
import { HeartbeatStore, PlatformModule } from '@app/platform';
import { PolymarketModule } from '@app/polymarket';
import { startTestSimulator, startTestStore, TestSimulator, TestStore, waitFor } from '@app/testing';
import { DEFAULT_TRADING_OPTIONS, TradingModule } from '@app/trading';
import { INestApplicationContext } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { SyncWorkerModule } from '../src/sync-worker.module';

const HOUR = 3_600_000;
const DEADLINE = { deadlineMs: 30_000 };

let store: TestStore;
let venue: TestSimulator;
let worker: INestApplicationContext | null = null;

beforeEach(async () => {
  [store, venue] = await Promise.all([startTestStore(), startTestSimulator({ markets: 400 })]);
});

afterEach(async () => {
  await worker?.close();
  worker = null;
  await venue.stop();
  await store.stop();
});

/** Starts a worker; its schedule is so slow that only what is due at the start, and jobs, happen. */
async function startWorker(): Promise<INestApplicationContext> {
  const module = await Test.createTestingModule({
    imports: [
      PlatformModule.forRoot({ logging: { level: 'silent' }, redis: {} }),
      PersistenceModule.forRoot({ uri: store.uri, databasePrefix: store.databasePrefix }),
      {
        ...PolymarketModule.forRoot({
          baseUrls: { gamma: venue.gammaUrl, clob: venue.clobUrl, data: venue.dataUrl },
          rateShare: 1,
          rateLimited: false,
        }),
        global: true,
      },
      TradingModule.forRoot(DEFAULT_TRADING_OPTIONS),
      SyncWorkerModule.forRoot({
        batchSize: 100,
        schedule: { incrementalEveryMs: HOUR, fullEveryMs: 24 * HOUR },
      }),
    ],
  }).compile();
  module.useLogger(false);
  worker = await module.init();
  return worker;
}

const stateOf = (kind: 'full' | 'incremental'): Promise<SyncState | null> =>
  worker!.get(SyncStateRepository).find(kind);

async function untilCompleted(kind: 'full' | 'incremental'): Promise<SyncState> {
  return waitFor(async () => {
    const state = await stateOf(kind);
    return state?.state === 'completed' ? state : null;
  }, DEADLINE);
}

async function untilEnded(jobId: string): Promise<JobRun> {
  return waitFor(async () => {
    const job = await worker!.get(JobRunRepository).find(jobId);
    return job?.state === 'completed' || job?.state === 'failed' ? job : null;
  }, DEADLINE);
}

it('fills an empty catalogue at once, then reads the open markets, then has nothing to do', async () => {
  const app = await startWorker();
  const full = await untilCompleted('full');
  const incremental = await untilCompleted('incremental');
  expect(full.written).toBe((await venue.markets({ listed: true })).length);
  expect(incremental).toMatchObject({ written: 0, failed: 0 });
  expect(incremental.startedAt.getTime()).toBeGreaterThanOrEqual(full.finishedAt!.getTime());
  const [beat] = await app.get(HeartbeatStore).list();
  expect(beat?.process).toMatch(/^sync-worker:/);
});

it('is stopped in the middle of a full sync and goes on when it is started again', async () => {
  await startWorker();
  await waitFor(async () => ((await stateOf('full'))?.fetched ?? 0) > 0, DEADLINE);
  const heartbeats = worker!.get(HeartbeatStore);
  await worker!.close();
  worker = null;
  // It is not missed, for it went in order.
  expect(await heartbeats.list()).toEqual([]);
  await startWorker();
  const state = await untilCompleted('full');
  expect(await worker!.get(MarketRepository).count({})).toBe(state.fetched);
  const pages = venue.requests().keyset_pages.filter(({ filters }) => filters.includes('closed=true'));
  expect(new Set(pages.map(({ after_cursor }) => after_cursor)).size).toBeGreaterThan(1);
});

it('does the jobs that are queued, with their limits, and reports on them', async () => {
  const app = await startWorker();
  await untilCompleted('incremental');
  const jobs = app.get(JobRunRepository);
  const request = {
    id: 'job-1',
    kind: 'full' as const,
    parameters: { limit: 50, activeOnly: true },
    requestedBy: 'ann',
  };
  await jobs.enqueue(request, new Date());
  const job = await untilEnded('job-1');
  expect(job).toMatchObject({
    state: 'completed',
    progress: { fetched: 50, written: 0, unchanged: 50, failed: 0, percent: 100 },
    lastError: null,
  });
  expect(await jobs.findOpen('full')).toBeNull();
  // A narrow run does not count as the full one of the day.
  expect((await stateOf('full'))?.coveredSince).not.toBeNull();
});

it('ends a job as failed when the venue gives nonsense, with the reason', async () => {
  const app = await startWorker();
  await untilCompleted('incremental');
  await venue.fault({ kind: 'empty_page', path: '/gamma/markets/keyset', times: 10 });
  await app
    .get(JobRunRepository)
    .enqueue(
      { id: 'job-2', kind: 'incremental', parameters: { limit: null, activeOnly: true }, requestedBy: 'ann' },
      new Date(),
    );
  expect(await untilEnded('job-2')).toMatchObject({
    state: 'failed',
    lastError: expect.stringContaining('announces more'),
  });
});

it('lets another worker run while a run of its own is refused', async () => {
  await startWorker();
  await untilCompleted('incremental');
  const states = worker!.get(SyncStateRepository);
  const until = new Date(Date.now() + HOUR);
  // A run that is completed may hold its lease for a moment yet.
  const lease = await waitFor(
    () => states.acquireLease({ holder: 'elsewhere:1:x', kind: 'full', until }, new Date()),
    DEADLINE,
  );
  const jobs = worker!.get(JobRunRepository);
  await jobs.enqueue(
    { id: 'job-3', kind: 'incremental', parameters: { limit: null, activeOnly: true }, requestedBy: 'ann' },
    new Date(),
  );
  const asked = venue.requests().total;
  // The job is claimed and put back, time and again, without a word to the venue.
  await waitFor(async () => (await jobs.find('job-3'))?.startedAt != null, DEADLINE);
  expect(venue.requests().total).toBe(asked);
  await states.releaseLease({ holder: 'elsewhere:1:x', token: lease.token }, new Date());
  expect((await untilEnded('job-3')).state).toBe('completed');
});
