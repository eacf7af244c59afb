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
import type { mongo } from 'mongoose';
import { parseArgs } from 'node:util';
import { createSimulator } from '../../apps/simulator/src';
import {
  type BenchStore,
  callFor,
  cell,
  conditions,
  type Measured,
  onStore,
  print,
  summarise,
  wholeNumber,
} from './measuring';

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

export async function run(args: readonly string[]): Promise<void> {
  const options = readOptions(args);
  if (options === null) return;
  await onStore(async (store) => {
    await seed(store.uri, options.markets);
    const client = await store.connect({ maxPoolSize: options.connections });
    const markets = client.db(`${PREFIX}markets_db`).collection('markets');
    const api = await store.start('tools/bench/api-server.ts', [store.uri, PREFIX]);
    await measureAll(String(api.ready['url']), markets, options, store);
  }, options.dataDir);
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
  return {
    markets: wholeNumber('markets', values.markets),
    seconds: wholeNumber('seconds', values.seconds),
    connections: wholeNumber('connections', values.connections),
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

async function measureAll(url: string, markets: mongo.Collection, options: Options, store: BenchStore): Promise<void> {
  const count = await markets.estimatedDocumentCount();
  const some = markets.find({ closed: false, active: true }, { projection: { _id: 1 } }).limit(2_000);
  const cases = casesOf(
    count,
    (await some.toArray()).map(({ _id }) => String(_id)),
  );
  const bodies = await Promise.all(cases.map((one) => bodyOf(`${url}${one.path(0)}`)));
  const bare = await store.start('tools/bench/bare-server.ts', [], { firstMessage: bodies });
  const rows: string[] = [];
  for (const [index, one] of cases.entries()) {
    const same = await measureHttp(url, () => one.path(0), options);
    const varied = await measureHttp(url, (variant) => one.path(variant), options);
    const query = await measureQuery((variant) => one.query(markets, variant), options);
    const bytes = await measureHttp(String(bare.ready['url']), () => `/${index}`, options);
    const cells = [one.name, bodies[index]?.length ?? 0, ...[same, varied, query, bytes].map((one) => cell(one))];
    rows.push(`| ${cells.join(' | ')} |`);
    print(
      `${one.name}: ${Math.round(same.perSecond)} requests/s, ${Math.round(varied.perSecond)} when every one differs\n`,
    );
  }
  print(
    [
      '',
      `${count} markets, ${store.name}, ${options.connections} connections, ${options.seconds} s a cell, ${conditions()}. Cells: per second · p50 ms · p99 ms.`,
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

/** As many lanes as there are connections over HTTP. */
async function measureQuery(
  query: (variant: number) => Promise<unknown>,
  { seconds, connections }: Options,
): Promise<Measured> {
  return summarise(await callFor(() => query((variants += 1)), connections, seconds), seconds);
}
