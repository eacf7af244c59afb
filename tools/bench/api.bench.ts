import 'reflect-metadata';
import {
  MARKET_SUMMARY_FIELDS,
  marketContentHash,
  MarketRepository,
  PersistenceModule,
  toStoreFilter,
  toStoreSort,
} from '@app/persistence';
import { microUsdc } from '@app/domain';
import { Clock, PlatformModule, RateWindow } from '@app/platform';
import { PolymarketClient } from '@app/polymarket';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import autocannon from 'autocannon';
import { mongo } from 'mongoose';
import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createSimulator } from '../../apps/simulator/src';
import { type BenchChild, startChild } from './child';

const USAGE = `npm run bench -- api [--markets 100000] [--seconds 8] [--connections 20] [--data-dir DIR]

Requests a second and latencies of the api's market routes, beside a bare Fastify route that answers the same bytes and beside the
query alone through the driver, all in one run. Without MONGO_URI it starts the embedded store in a process of its own.
  --data-dir   keep the embedded store's data here: a second run finds the markets it needs
`;

const BATCH = 500;
const PREFIX = 'bench_api_';

interface Options {
  markets: number;
  seconds: number;
  connections: number;
  dataDir: string | null;
}

/** A kind of request, and the query it makes of the store. Variants differ so that nothing kept of one helps another; 0 is the plain one. */
interface Case {
  name: string;
  path(variant: number): string;
  query(markets: mongo.Collection, variant: number): Promise<unknown>;
}

interface Measured {
  perSecond: number;
  p50: number;
  p99: number;
}

export async function run(args: readonly string[]): Promise<void> {
  const options = readOptions(args);
  if (options === null) return;
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'papertrading-bench-')));
  const children: BenchChild[] = [];
  const client: { current: mongo.MongoClient | null } = { current: null };
  try {
    const store = process.env['MONGO_URI'] ? null : await startChild('apps/store/src/main.ts', ['--data-dir', dataDir]);
    if (store !== null) children.push(store);
    const uri = process.env['MONGO_URI'] ?? String(store?.ready['uri']);
    await seed(uri, options.markets);
    client.current = await mongo.MongoClient.connect(uri, { maxPoolSize: options.connections });
    const markets = client.current.db(`${PREFIX}markets_db`).collection('markets');
    const api = await startChild('tools/bench/api-server.ts', [uri, PREFIX]);
    children.push(api);
    await measureAll(
      String(api.ready['url']),
      markets,
      options,
      store === null ? 'MONGO_URI' : 'embedded store',
      children,
    );
  } finally {
    await client.current?.close();
    for (const child of children.reverse()) await child.stop();
    if (options.dataDir === null) await rm(dataDir, { recursive: true, force: true });
  }
}

function readOptions(args: readonly string[]): Options | null {
  const { values } = parseArgs({
    args: [...args],
    options: {
      markets: { type: 'string', default: '100000' },
      seconds: { type: 'string', default: '8' },
      connections: { type: 'string', default: '20' },
      'data-dir': { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    print(USAGE);
    return null;
  }
  const whole = (name: string, text: string): number => {
    const value = Number(text);
    if (!Number.isInteger(value) || value < 1)
      throw new Error(`--${name} must be a whole number from 1, found ${text}`);
    return value;
  };
  return {
    markets: whole('markets', values.markets),
    seconds: whole('seconds', values.seconds),
    connections: whole('connections', values.connections),
    dataDir: values['data-dir'] ?? null,
  };
}

@Module({ imports: [] })
class Seeder {}

/** Stores the markets of a simulated world, unless an earlier run did. */
async function seed(uri: string, count: number): Promise<void> {
  const app = await NestFactory.createApplicationContext(
    {
      module: Seeder,
      imports: [
        PlatformModule.forRoot({ logging: { level: 'silent' }, redis: {} }),
        PersistenceModule.forRoot({ uri, databasePrefix: PREFIX }),
      ],
    },
    { logger: false, abortOnError: false },
  );
  const repository = app.get(MarketRepository);
  const stored = await repository.count({});
  if (stored === 0) await storeWorld(repository, app.get(Clock), app.get(RateWindow), count);
  await app.close();
}

async function storeWorld(
  repository: MarketRepository,
  clock: Clock,
  rateWindow: RateWindow,
  count: number,
): Promise<void> {
  const started = performance.now();
  const simulator = await createSimulator({ markets: count });
  const venue = new PolymarketClient(
    {
      baseUrls: { gamma: simulator.gammaUrl, clob: simulator.clobUrl, data: simulator.dataUrl },
      rateShare: 1,
      rateLimited: false,
    },
    { clock, rateWindow },
  );
  let stored = 0;
  for (const closed of [false, true]) {
    let cursor: string | null = null;
    let waiting: Parameters<MarketRepository['writeBatch']>[0][number][] = [];
    do {
      const page = await venue.gamma.fetchMarketsPage(
        { closed, afterCursor: cursor, limit: 100 },
        { priority: 'background' },
      );
      const fetchedAt = clock.now();
      for (const row of page.rows) {
        if (row.ok)
          waiting.push({ market: row.value, contentHash: marketContentHash(row.value), previous: null, fetchedAt });
      }
      cursor = page.nextCursor;
      if (waiting.length >= BATCH || cursor === null) {
        stored += (await repository.writeBatch(waiting, fetchedAt)).written;
        waiting = [];
        print(`\rstored ${stored} markets`);
      }
    } while (cursor !== null);
  }
  await venue.close();
  await simulator.stop();
  print(` in ${Math.round((performance.now() - started) / 1000)} s\n`);
}

/** The very query a list makes, through the driver alone. */
function listQuery(
  markets: mongo.Collection,
  filter: Parameters<typeof toStoreFilter>[0],
  sort: Parameters<typeof toStoreSort>[0],
  skip = 0,
): Promise<unknown> {
  const query = (toStoreFilter(filter) ?? {}) as mongo.Filter<mongo.Document>;
  const order = toStoreSort(sort, filter.search !== undefined) as mongo.Sort;
  return markets
    .find(query, { projection: MARKET_SUMMARY_FIELDS, batchSize: 20 })
    .sort(order)
    .skip(skip)
    .limit(20)
    .toArray();
}

/** A filter nobody has asked for before is counted too. */
function listAndCount(
  markets: mongo.Collection,
  filter: Parameters<typeof toStoreFilter>[0],
  sort: Parameters<typeof toStoreSort>[0],
): Promise<unknown> {
  const query = (toStoreFilter(filter) ?? {}) as mongo.Filter<mongo.Document>;
  return Promise.all([listQuery(markets, filter, sort), markets.countDocuments(query)]);
}

const WORDS = [
  'bitcoin',
  'ethereum',
  'election',
  'final',
  'rates',
  'close',
  'championship',
  'album',
  'president',
  'points',
];

function casesOf(count: number, slugs: readonly string[]): Case[] {
  const byVolume = { key: 'volume', descending: true } as const;
  const byLiquidity = { key: 'liquidity', descending: true } as const;
  const byRelevance = { key: 'relevance', descending: true } as const;
  const pages = Math.max(1, Math.floor(count / 20));
  // Steps that meet every page once before any comes again.
  const anyPage = (variant: number): number => 1 + ((variant * 7_919) % pages);
  const deepPages = Math.ceil(pages / 5);
  const deepPage = (variant: number): number => pages - ((variant * 7_919) % deepPages);
  const minimum = (variant: number): bigint => 1_000_000_000n + BigInt(variant);
  const word = (variant: number): string => WORDS[variant % WORDS.length] ?? '';
  const slug = (variant: number): string => slugs[variant % slugs.length] ?? '';
  return [
    {
      name: 'a page',
      path: (variant) => (variant === 0 ? '/markets' : `/markets?page=${anyPage(variant)}`),
      query: (markets, variant) => listQuery(markets, {}, byVolume, (anyPage(variant) - 1) * 20),
    },
    {
      name: 'filtered',
      path: (variant) =>
        `/markets?active=true&closed=false&volume_min=${Number(minimum(variant)) / 1e6}&sort_by=liquidity`,
      query: (markets, variant) =>
        listAndCount(markets, { active: true, closed: false, volumeMin: microUsdc(minimum(variant)) }, byLiquidity),
    },
    {
      name: 'searched',
      path: (variant) =>
        `/markets?search=${word(variant)}&volume_min=${Number(minimum(variant)) / 1e6}&sort_by=relevance`,
      query: (markets, variant) =>
        listAndCount(markets, { search: word(variant), volumeMin: microUsdc(minimum(variant)) }, byRelevance),
    },
    {
      name: 'deep page',
      path: (variant) => `/markets?page=${deepPage(variant)}`,
      query: (markets, variant) => listQuery(markets, {}, byVolume, (deepPage(variant) - 1) * 20),
    },
    {
      name: 'one market',
      path: (variant) => `/markets/by-slug/${slug(variant)}`,
      query: (markets, variant) => markets.findOne({ _id: slug(variant) as unknown as mongo.ObjectId }),
    },
  ];
}

async function measureAll(
  url: string,
  markets: mongo.Collection,
  options: Options,
  storeName: string,
  children: BenchChild[],
): Promise<void> {
  const count = await markets.estimatedDocumentCount();
  const some = markets.find({ closed: false, active: true }, { projection: { _id: 1 } }).limit(2_000);
  const cases = casesOf(
    count,
    (await some.toArray()).map(({ _id }) => String(_id)),
  );
  const bodies = await Promise.all(cases.map((one) => bodyOf(`${url}${one.path(0)}`)));
  const bare = await startChild('tools/bench/bare-server.ts', [], { firstMessage: bodies });
  children.push(bare);
  const rows: string[] = [];
  for (const [index, one] of cases.entries()) {
    const same = await measureHttp(url, () => one.path(0), options);
    const varied = await measureHttp(url, (variant) => one.path(variant), options);
    const query = await measureQuery((variant) => one.query(markets, variant), options);
    const bytes = await measureHttp(String(bare.ready['url']), () => `/${index}`, options);
    const cells = [one.name, bodies[index]?.length ?? 0, ...[same, varied, query, bytes].map(cell)];
    rows.push(`| ${cells.join(' | ')} |`);
    print(
      `${one.name}: ${Math.round(same.perSecond)} requests/s, ${Math.round(varied.perSecond)} when every one differs\n`,
    );
  }
  const machine = `${cpus().length} cores (${cpus()[0]?.model.trim()}), Node ${process.version}`;
  print(
    [
      '',
      `${count} markets, ${storeName}, ${options.connections} connections, ${options.seconds} s a cell, ${machine}, ${new Date().toISOString().slice(0, 10)}. Cells: per second · p50 ms · p99 ms.`,
      '',
      '| request | bytes | api, the same again | api, every one different | the same queries by the driver alone | bare Fastify route, same bytes |',
      '|---|--:|--:|--:|--:|--:|',
      ...rows,
      '',
      ...cases.map((one) => `- ${one.name}: \`${one.path(0)}\``),
      '',
    ].join('\n'),
  );
}

function cell({ perSecond, p50, p99 }: Measured): string {
  return `${Math.round(perSecond)} · ${p50.toFixed(1)} · ${p99.toFixed(1)}`;
}

async function bodyOf(url: string): Promise<string> {
  const answer = await fetch(url);
  const body = await answer.text();
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}: ${body}`);
  return body;
}

/** Variants are never repeated within a run of the benchmark. */
let variants = 0;

async function measureHttp(
  url: string,
  path: (variant: number) => string,
  { seconds, connections }: Options,
): Promise<Measured> {
  const requests: autocannon.Request[] = [{ setupRequest: (request) => ({ ...request, path: path((variants += 1)) }) }];
  await autocannon({ url, connections, duration: 1, requests });
  const result = await autocannon({ url, connections, duration: seconds, requests });
  if (result.non2xx > 0 || result.errors > 0) {
    throw new Error(`${path(0)}: ${result.non2xx} answers were not 2xx, ${result.errors} requests failed`);
  }
  return { perSecond: result.requests.average, p50: result.latency.p50, p99: result.latency.p99 };
}

/** As many lanes as there are connections over HTTP, each asking again as soon as it is answered. */
async function measureQuery(
  query: (variant: number) => Promise<unknown>,
  { seconds, connections }: Options,
): Promise<Measured> {
  const latencies: number[] = [];
  const endAt = performance.now() + seconds * 1000;
  const lane = async (): Promise<void> => {
    while (performance.now() < endAt) {
      const startedAt = performance.now();
      await query((variants += 1));
      latencies.push(performance.now() - startedAt);
    }
  };
  await Promise.all(Array.from({ length: connections }, lane));
  latencies.sort((a, b) => a - b);
  const at = (share: number): number =>
    latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))] ?? 0;
  return { perSecond: latencies.length / seconds, p50: at(0.5), p99: at(0.99) };
}

function print(text: string): void {
  process.stdout.write(text);
}
