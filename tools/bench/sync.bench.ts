import {
  MarketRecord,
  openConnection,
  prepareDatabases,
  SyncState,
  SyncStateRepository,
  databaseConnection,
} from '@app/persistence';
import { backgroundShareOf, RATE_WINDOW_MS, VENUE_RATE_BUDGETS, venueEnv } from '@app/polymarket';
import { mongo } from 'mongoose';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { type BenchChild, startChild } from './child';
import { conditions, print, wholeOptions } from './measuring';

const USAGE = `npm run bench -- sync [--markets 100000] [--batch 500]

A full sync of a simulated venue by the sync worker's own process into an embedded store, each in a process of its own: once with the
venue's request limits, once without, the latter beside a bare driver that bulk-upserts the same documents under the same indexes; then
an incremental sync of the unchanged venue. MONGO_URI is not used.
`;

const ROOT = join(__dirname, '../..');
const EPOCH = '2026-11-01T12:00:00Z';

/** What a worker process did. */
interface WorkerRun {
  state: SyncState;
  seconds: number;
  peakRssMb: number | null;
}

interface Store {
  child: BenchChild;
  uri: string;
  stop(): Promise<void>;
}

export async function run(args: readonly string[]): Promise<void> {
  const options = wholeOptions(args, USAGE, { markets: 100_000, batch: 500 });
  if (options === null) return;
  const { markets, batch } = options;
  execFileSync(process.execPath, [join(ROOT, 'node_modules/@nestjs/cli/bin/nest.js'), 'build', 'sync-worker'], {
    cwd: ROOT,
    stdio: 'ignore',
  });
  const limited = await measureLimited(markets, batch);
  const { unlimited, unchanged, bareSeconds } = await measureUnlimited(markets, batch);
  report(markets, batch, { limited, unlimited, unchanged, bareSeconds });
}

// Measuring

interface Limited extends WorkerRun {
  requests: number;
  /** The shortest time in which the request budget lets that many requests pass. */
  imposedSeconds: number;
}

async function measureLimited(markets: number, batch: number): Promise<Limited> {
  return withStore((store) =>
    withSimulator(markets, true, async (venueUrl) => {
      print('full sync, venue limits on ...\n');
      const result = await runWorker('full', store.uri, venueUrl, batch, true);
      const answer = await fetch(`${venueUrl}/control/requests`);
      const { total } = (await answer.json()) as { total: number };
      return { ...result, requests: total, imposedSeconds: imposedSeconds(total) };
    }),
  );
}

/** A window lets its share pass at once, so the last window counts for nothing. */
function imposedSeconds(requests: number): number {
  const { VENUE_RATE_SHARE } = venueEnv.parse({});
  const perWindow = Math.floor((VENUE_RATE_BUDGETS['gamma:markets'] * VENUE_RATE_SHARE * RATE_WINDOW_MS) / 10_000);
  return (Math.ceil(requests / backgroundShareOf(perWindow)) - 1) * (RATE_WINDOW_MS / 1_000);
}

async function measureUnlimited(
  markets: number,
  batch: number,
): Promise<{ unlimited: WorkerRun; unchanged: WorkerRun & { documentsTouched: number }; bareSeconds: number }> {
  return withStore(async (store) => {
    const runs = await withSimulator(markets, false, async (venueUrl) => {
      print('full sync, venue limits off ...\n');
      const unlimited = await runWorker('full', store.uri, venueUrl, batch, false);
      print('incremental sync, nothing changed ...\n');
      const before = new Date();
      const unchanged = await runWorker('incremental', store.uri, venueUrl, batch, false);
      const documentsTouched = await withMarkets(store.uri, (collection) =>
        collection.countDocuments({ updated_at: { $gte: before } }),
      );
      return { unlimited, unchanged: { ...unchanged, documentsTouched } };
    });
    print('bare driver, bulk upserts of the same documents ...\n');
    const documents = await withMarkets(store.uri, (collection) => collection.find().toArray());
    const bareSeconds = await withStore((empty) => upsertBare(empty.uri, documents, batch));
    return { ...runs, bareSeconds };
  });
}

async function upsertBare(uri: string, documents: MarketRecord[], batch: number): Promise<number> {
  const connection = await openConnection({ uri });
  try {
    await prepareDatabases({ db: (name) => connection.getClient().db(name) }, new Date());
    const collection = connection.getClient().db('markets_db').collection<MarketRecord>('markets');
    const startedAt = performance.now();
    for (let from = 0; from < documents.length; from += batch) {
      await collection.bulkWrite(
        documents.slice(from, from + batch).map((document) => ({
          replaceOne: { filter: { _id: document._id }, replacement: document, upsert: true },
        })),
        { ordered: false },
      );
    }
    return (performance.now() - startedAt) / 1000;
  } finally {
    await connection.close();
  }
}

async function runWorker(
  kind: 'full' | 'incremental',
  mongoUri: string,
  venueUrl: string,
  batch: number,
  limited: boolean,
): Promise<WorkerRun> {
  const worker = spawn(process.execPath, [join(ROOT, 'dist/apps/sync-worker/main.js'), `--${kind}`], {
    env: {
      PATH: process.env.PATH,
      NODE_ENV: 'production',
      LOG_LEVEL: 'warn',
      MONGO_URI: mongoUri,
      GAMMA_URL: `${venueUrl}/gamma`,
      CLOB_URL: `${venueUrl}/clob`,
      DATA_URL: `${venueUrl}/data`,
      SYNC_BATCH_SIZE: String(batch),
      VENUE_RATE_LIMIT: String(limited),
    },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const ended = once(worker, 'exit');
  let peakRssMb: number | null = null;
  while (worker.exitCode === null && worker.signalCode === null) {
    peakRssMb = (await peakRssOf(worker.pid ?? 0)) ?? peakRssMb;
    await Promise.race([ended, wait(50)]);
  }
  if (worker.exitCode !== 0) throw new Error(`the sync worker ended with code ${worker.exitCode}`);
  const connection = await openConnection({ uri: mongoUri });
  try {
    const state = await new SyncStateRepository(databaseConnection(connection, 'markets_db')).find(kind);
    if (state?.finishedAt == null) throw new Error(`the ${kind} sync left no finished state`);
    return { state, seconds: (state.finishedAt.getTime() - state.startedAt.getTime()) / 1000, peakRssMb };
  } finally {
    await connection.close();
  }
}

/** The kernel's high-water mark of a process in MB; null where there is none to read. */
async function peakRssOf(pid: number): Promise<number | null> {
  try {
    const kilobytes = /VmHWM:\s+(\d+) kB/.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1];
    return kilobytes === undefined ? null : Math.round(Number(kilobytes) / 1024);
  } catch {
    return null;
  }
}

async function withMarkets<T>(uri: string, use: (markets: mongo.Collection<MarketRecord>) => Promise<T>): Promise<T> {
  const connection = await openConnection({ uri });
  try {
    return await use(connection.getClient().db('markets_db').collection<MarketRecord>('markets'));
  } finally {
    await connection.close();
  }
}

async function withStore<T>(use: (store: Store) => Promise<T>): Promise<T> {
  const dataDir = await mkdtemp(join(tmpdir(), 'bench-sync-'));
  const child = await startChild('apps/store/src/main.ts', ['--data-dir', dataDir]);
  const store: Store = { child, uri: String(child.ready['uri']), stop: () => child.stop() };
  try {
    return await use(store);
  } finally {
    await store.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
}

async function withSimulator<T>(markets: number, limited: boolean, use: (venueUrl: string) => Promise<T>): Promise<T> {
  const child = await startChild('apps/simulator/src/main.ts', [], {
    env: {
      SIMULATOR_MARKETS: String(markets),
      SIMULATOR_RATE_LIMIT: limited ? 'on' : 'off',
      SIMULATOR_CLOCK: 'frozen',
      SIMULATOR_EPOCH: EPOCH,
    },
  });
  try {
    return await use(String(child.ready['url']));
  } finally {
    await child.stop();
  }
}

// Reporting

function report(
  markets: number,
  batch: number,
  { limited, unlimited, unchanged, bareSeconds }: Awaited<ReturnType<typeof measureUnlimited>> & { limited: Limited },
): void {
  const count = unlimited.state.written;
  const syncRate = count / unlimited.seconds;
  const bareRate = count / bareSeconds;
  const peak = (rss: number | null): string => (rss === null ? 'not measured here' : `${rss} MB`);
  const worst = [limited, unlimited, unchanged].reduce<number | null>(
    (most, { peakRssMb }) => (peakRssMb === null ? most : Math.max(most ?? 0, peakRssMb)),
    null,
  );
  const rows: [string, string, string][] = [
    ['full sync, venue limits on', `${limited.seconds.toFixed(1)} s for ${limited.requests} requests`, ''],
    [
      '... beside the time the limits alone impose',
      `${(limited.seconds / limited.imposedSeconds).toFixed(2)}x of ${limited.imposedSeconds} s`,
      'at most 1.2x',
    ],
    ['full sync, limits off', `${Math.round(syncRate)} markets/s (${unlimited.seconds.toFixed(1)} s)`, ''],
    ['bare driver, bulk upserts', `${Math.round(bareRate)} markets/s (${bareSeconds.toFixed(1)} s)`, ''],
    ['... the sync beside the bare driver', `${(syncRate / bareRate).toFixed(2)}x`, 'at least 0.6x'],
    [
      "worker's peak RSS",
      `${peak(limited.peakRssMb)} with limits, ${peak(unlimited.peakRssMb)} without`,
      'below 250 MB',
    ],
    [
      'incremental sync, nothing changed',
      `${unchanged.seconds.toFixed(1)} s, ${unchanged.state.fetched} read, ${unchanged.state.written} written, ${unchanged.documentsTouched} documents touched`,
      'none written',
    ],
  ];
  const isMet =
    limited.seconds <= 1.2 * limited.imposedSeconds &&
    syncRate >= 0.6 * bareRate &&
    (worst === null || worst < 250) &&
    unchanged.state.written + unchanged.documentsTouched === 0;
  print(
    [
      '',
      `${markets} simulated markets (${count} listed), batches of ${batch}, embedded store; ${conditions()}`,
      '',
      '| what | measured | target |',
      '|---|---|---|',
      ...rows.map((row) => `| ${row.join(' | ')} |`),
      '',
      isMet ? 'Every target is met.' : 'NOT every target is met.',
      '',
    ].join('\n'),
  );
}
