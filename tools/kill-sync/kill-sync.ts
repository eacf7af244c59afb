import { seededRandom } from '@app/exchange';
import { MarketRecord, openConnection, toMarketRecord } from '@app/persistence';
import { parseRow, readVenueMarket } from '@app/polymarket';
import { startTestSimulator, startTestStore, TestSimulator, TestStore, waitFor } from '@app/testing';
import { mongo } from 'mongoose';
import { ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';

export interface KillSyncOptions {
  kills: number;
  markets: number;
  /** Decides the moments of the kills. */
  seed: number;
  /** The built sync worker. */
  workerScript: string;
  log: (line: string) => void;
}

export interface KillSyncReport {
  kills: number;
  markets: number;
  /** Pages of the venue's lists, and how often pages were asked for in all. */
  pages: number;
  pageRequests: number;
  /** Everything that is not as it should be; empty when the sync lost and repeated nothing. */
  problems: string[];
}

/** Page requests as the venue counted them up to the end of each of the worker's lives. */
type LifeEnds = number[];

const PAGE_SIZE = 100;
const LONGEST_LIFE_MS = 120_000;
/** The last pages are left to the last life, so that every kill meets an unfinished sync. */
const LAST_KILL_AT = 0.92;
const SHOWN_PROBLEMS = 20;

/**
 * Fills a catalogue from a simulated venue by a real worker process that is killed with -9 again and again, then compares the catalogue
 * with the venue, field by field, and counts what was asked of the venue more than once.
 */
export async function runKillSync(options: KillSyncOptions): Promise<KillSyncReport> {
  const [store, venue] = await Promise.all([startTestStore(), startTestSimulator({ markets: options.markets })]);
  try {
    const lifeEnds = await killRepeatedly(options, venue, store);
    const problems = [
      ...(await compareCatalogue(venue, store)),
      ...findRepeatedPages(venue, lifeEnds),
      ...(await findLeftovers(store)),
    ];
    const asked = venue.requests().keyset_pages;
    return {
      kills: lifeEnds.length - 1,
      markets: options.markets,
      pages: new Set(asked.map((page) => `${page.filters} ${page.after_cursor}`)).size,
      pageRequests: asked.length,
      problems,
    };
  } finally {
    await venue.stop();
    await store.stop();
  }
}

// Killing

async function killRepeatedly(options: KillSyncOptions, venue: TestSimulator, store: TestStore): Promise<LifeEnds> {
  const random = seededRandom(String(options.seed));
  const expectedPages = Math.ceil(options.markets / PAGE_SIZE);
  const moments = Array.from({ length: options.kills }, () => ({
    afterPages: Math.floor(random() * expectedPages * LAST_KILL_AT),
    // Half of the kills hit soon after the page, the others anywhere in what follows: staging, writing, saving, starting up.
    thenMs: random() < 0.5 ? random() * 20 : random() * 250,
    startUpMs: random() * 1_500,
  })).sort((a, b) => a.afterPages - b.afterPages);
  const lifeEnds: LifeEnds = [];
  for (const [index, moment] of moments.entries()) {
    const worker = startWorker(options.workerScript, venue, store);
    const isPast = venue.requests().keyset_pages.length >= moment.afterPages;
    if (isPast) await Promise.race([wait(moment.startUpMs), worker.ended]);
    else {
      await waitFor(() => venue.requests().keyset_pages.length >= moment.afterPages || worker.child.exitCode !== null, {
        deadlineMs: LONGEST_LIFE_MS,
        what: `page ${moment.afterPages}`,
      });
      await Promise.race([wait(moment.thenMs), worker.ended]);
    }
    if (worker.child.exitCode !== null) {
      throw new Error(
        `the worker ended by itself (code ${worker.child.exitCode}) before kill ${index + 1}\n${worker.output()}`,
      );
    }
    worker.child.kill('SIGKILL');
    await worker.ended;
    lifeEnds.push(venue.requests().keyset_pages.length);
    options.log(`kill ${index + 1} of ${options.kills} after ${lifeEnds.at(-1)} page requests`);
  }
  const last = startWorker(options.workerScript, venue, store);
  await Promise.race([last.ended, wait(LONGEST_LIFE_MS * 5, undefined, { ref: false })]);
  if (last.child.exitCode !== 0) {
    last.child.kill('SIGKILL');
    throw new Error(`the last run did not complete (exit code ${last.child.exitCode})\n${last.output()}`);
  }
  lifeEnds.push(venue.requests().keyset_pages.length);
  return lifeEnds;
}

function startWorker(
  script: string,
  venue: TestSimulator,
  store: TestStore,
): { child: ChildProcess; ended: Promise<unknown>; output: () => string } {
  const child = spawn(process.execPath, [script, '--full'], {
    env: {
      PATH: process.env.PATH,
      ...store.environment,
      GAMMA_URL: venue.gammaUrl,
      CLOB_URL: venue.clobUrl,
      DATA_URL: venue.dataUrl,
      VENUE_RATE_LIMIT: 'false',
      LOG_LEVEL: 'warn',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout.on('data', (data: Buffer) => (output += data.toString()));
  child.stderr.on('data', (data: Buffer) => (output += data.toString()));
  return { child, ended: once(child, 'exit'), output: () => output };
}

// Looking afterwards

/** Compares what is stored with what the venue's own objects say, parsed and mapped anew, byte-equal in BSON's types. */
async function compareCatalogue(venue: TestSimulator, store: TestStore): Promise<string[]> {
  const problems: string[] = [];
  const missing = new Map<string, MarketRecord>();
  for (const row of await venue.markets({ listed: true })) {
    const parsed = parseRow(row, 'market', readVenueMarket);
    if (!parsed.ok)
      throw new Error(`the simulator's market is not understood: ${parsed.refusal.path} ${parsed.refusal.reason}`);
    missing.set(parsed.value.slug, toMarketRecord(parsed.value, NO_STAMPS));
  }
  await withDatabase(store, async (db) => {
    for await (const stored of db.collection<MarketRecord>('markets').find()) {
      const expected = missing.get(stored._id);
      missing.delete(stored._id);
      if (expected === undefined) problems.push(`${stored._id} is stored but not listed by the venue, or stored twice`);
      else problems.push(...differences(stored, expected));
    }
  });
  for (const slug of missing.keys()) problems.push(`${slug} is listed by the venue but not stored`);
  return problems.slice(0, SHOWN_PROBLEMS);
}

const EPOCH = new Date(0);
const NO_STAMPS = { createdAt: EPOCH, updatedAt: EPOCH, firstSyncedAt: EPOCH, lastSyncedAt: EPOCH };
const STAMPS = new Set(['created_at', 'updated_at', 'first_synced_at', 'last_synced_at']);

function differences(stored: MarketRecord, expected: MarketRecord): string[] {
  const found = stored as unknown as Record<string, unknown>;
  const right = mongo.BSON.deserialize(mongo.BSON.serialize(expected));
  return [...new Set([...Object.keys(found), ...Object.keys(right)])]
    .filter((field) => !STAMPS.has(field) && !isDeepStrictEqual(found[field], right[field]))
    .map(
      (field) =>
        `${stored._id}: ${field} is stored as ${JSON.stringify(found[field])}, not ${JSON.stringify(right[field])}`,
    );
}

/** A page asked for in one life and again in a later one must be the last of its list in the first: the one in flight at the kill. */
export function findRepeatedPages(venue: Pick<TestSimulator, 'requests'>, lifeEnds: LifeEnds): string[] {
  const pages = venue.requests().keyset_pages;
  const problems: string[] = [];
  const askedLastIn = new Map<string, number>();
  const lastOfLife = new Map<string, string>();
  pages.forEach((page, index) => {
    const life = lifeEnds.findIndex((end) => index < end);
    lastOfLife.set(`${life} ${page.filters}`, `${page.filters} ${page.after_cursor}`);
  });
  pages.forEach((page, index) => {
    const life = lifeEnds.findIndex((end) => index < end);
    const key = `${page.filters} ${page.after_cursor}`;
    const before = askedLastIn.get(key);
    if (before === life) problems.push(`life ${life} asked for ${key} twice`);
    else if (before !== undefined && lastOfLife.get(`${before} ${page.filters}`) !== key) {
      problems.push(`life ${life} asked again for ${key}, which life ${before} had not in flight when it was killed`);
    }
    askedLastIn.set(key, life);
  });
  return problems;
}

async function findLeftovers(store: TestStore): Promise<string[]> {
  return withDatabase(store, async (db) => {
    const problems: string[] = [];
    const staged = await db.collection('sync_pages').countDocuments({});
    if (staged > 0) problems.push(`${staged} staged pages were left behind`);
    const full = await db.collection<{ _id: string; state: string }>('sync_state').findOne({ _id: 'full' });
    if (full?.state !== 'completed') problems.push(`the full sync's state is ${full?.state ?? 'unknown'}`);
    const lease = await db.collection<{ _id: string; holder: string | null }>('sync_state').findOne({ _id: 'lease' });
    if (lease?.holder !== null) problems.push('the lease was not given back');
    return problems;
  });
}

async function withDatabase<T>(store: TestStore, use: (db: mongo.Db) => Promise<T>): Promise<T> {
  const connection = await openConnection(store);
  try {
    return await use(connection.getClient().db(`${store.databasePrefix}markets_db`));
  } finally {
    await connection.close();
  }
}
