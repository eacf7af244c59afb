import { execFile, execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import { BSON } from 'bson';
import Database from 'libsql';
import { mongo } from 'mongoose';
import { type BenchChild, startChild } from './child';
import { conditions, print, wholeOptions } from './measuring';
import { BareSqlite } from './store/bare-sqlite';
import {
  commonWord,
  marketDocument,
  type MarketDocument,
  rareWord,
  slugOf,
  smallMarketDocument,
  type SmallMarketDocument,
} from './store/market-documents';
import { Latencies, type Subject, takeTurns, timed } from './store/measure';
import { BenchServer } from './store/server';
import { inWords, judge, machineSpeed, type Target, type Verdict } from './store/targets';

const USAGE = `npm run bench -- store [--markets 100000] [--batch 500] [--seconds 3]

The operations the product does, on the embedded store's built process: operations a second with p50 and p99, beside the driver's ping,
beside the same jobs on bare SQLite and, when MONGO_URI is given, beside that server (databases bench_store_*, dropped afterwards), all
taking turns in one run. Then how long another client waits while the store is busy, its memory, its file and its start.
`;

const ROOT = join(__dirname, '../..');
const BUILT_STORE = 'dist/apps/store/main.js';
const PREFIX = 'bench_store_';
const COMMAND_NOT_SUPPORTED = 115;
const MEGABYTE = 1024 * 1024;
const PINGS_A_BATCH = 20;

const MOST_STALL_MS = 50;
const MOST_RSS_MB = 300;
const MOST_START_MS = 600;
/** Bytes of the file for each byte of documents, under five indexes. */
const MOST_FILE_RATIO = 1.35;

interface Options {
  readonly markets: number;
  readonly batch: number;
  readonly seconds: number;
}

/** Where the same work is done side by side. */
interface Sides {
  readonly store: BenchServer;
  readonly bare: BareSqlite;
  readonly other: BenchServer | null;
}

/** A kind of work. `bare` is null where plain SQLite has nothing to set against it. */
interface Case {
  readonly name: string;
  readonly target: Target | null;
  /** Documents each run handles, when they are what is counted. */
  readonly documents?: number;
  onServer(server: BenchServer, variant: number): unknown;
  readonly onBare: ((bare: BareSqlite, variant: number) => unknown) | null;
}

/** A way to write batches of documents, on either side. */
interface Work<Document> {
  onServer(server: BenchServer, documents: readonly Document[]): Promise<unknown>;
  readonly onBare: ((bare: BareSqlite, documents: readonly Document[]) => void) | null;
}

interface Row {
  readonly name: string;
  readonly perRun: number;
  readonly target: Target | null;
  readonly pings: Latencies;
  readonly store: Latencies | null;
  readonly bare: Latencies | null;
  readonly other: Latencies | null;
}

/** A number of another kind than a rate, with its target. */
interface Fact {
  readonly name: string;
  readonly text: string;
  readonly verdict: Verdict | null;
}

export async function run(args: readonly string[]): Promise<void> {
  const options = wholeOptions(args, USAGE, { markets: 100_000, batch: 500, seconds: 3 });
  if (options === null) return;
  execFileSync(process.execPath, [join(ROOT, 'node_modules/@nestjs/cli/bin/nest.js'), 'build', 'store'], {
    cwd: ROOT,
    stdio: 'ignore',
  });
  const folder = await mkdtemp(join(tmpdir(), 'bench-store-'));
  try {
    await new Benchmark(options, folder).run();
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

class Benchmark {
  readonly #rows: Row[] = [];
  readonly #facts: Fact[] = [];

  constructor(
    private readonly options: Options,
    private readonly folder: string,
  ) {}

  async run(): Promise<void> {
    const otherUri = process.env['MONGO_URI'];
    const child = await this.#startStore();
    const bare = new BareSqlite(this.folder);
    const servers: BenchServer[] = [];
    const connect = async (uri: string): Promise<BenchServer> => {
      const server = await BenchServer.prepare(uri, PREFIX);
      servers.push(server);
      return server;
    };
    try {
      const store = await connect(String(child.ready['uri']));
      const other = otherUri ? await connect(otherUri) : null;
      const sides: Sides = { store, bare, other };
      this.#fact('memory when empty', `${await rssOf(child.pid, 'VmRSS')} MB`);
      await this.#load(sides);
      for (const one of this.#cases()) await this.#measure(one, sides);
      await this.#measureStalls(store, String(child.ready['uri']));
      await this.#measureMemory(child);
    } finally {
      bare.close();
      // What is stored in the embedded store is what it starts on next.
      for (const server of servers.toReversed()) await server.close({ dropping: server !== servers[0] });
      await child.stop();
    }
    await this.#measureStart();
    report(this.options, this.#rows, this.#facts, otherUri !== undefined && otherUri !== '');
  }

  #startStore(): Promise<BenchChild> {
    return startChild(BUILT_STORE, ['--data-dir', join(this.folder, 'data')]);
  }

  #fact(name: string, text: string, verdict: Verdict | null = null): void {
    this.#facts.push({ name, text, verdict });
    print(`${name}: ${text}\n`);
  }

  // Loading

  async #load(sides: Sides): Promise<void> {
    const { markets, batch } = this.options;
    const some = Math.max(batch, Math.floor(markets / 5));
    const small = (count: number, revision: number): Generator<SmallMarketDocument[]> =>
      this.#batches(count, (number) => smallMarketDocument(number, revision));
    const whole = (count: number, revision: number): Generator<MarketDocument[]> =>
      this.#batches(count, (number) => marketDocument(number, revision));
    const upsert: Work<SmallMarketDocument> = {
      onServer: (server, documents) => server.upsertSmall(documents),
      onBare: (bare, documents) => bare.upsert(documents),
    };
    await this.#loadRow('upserts of new documents, five indexes', 3_100, small(markets, 0), sides, upsert);
    this.#measureFile();
    await this.#loadRow('upserts of changed documents, five indexes', 3_100, small(some, 1), sides, upsert);
    await this.#loadRow('insertMany, no index but _id', 14_600, small(some, 0), sides, {
      onServer: (server, documents) => server.plain.insertMany([...documents]),
      onBare: (bare, documents) => bare.insertPlain(documents),
    });
    const product: Work<MarketDocument> = {
      onServer: (server, documents) => server.upsertById(documents),
      onBare: null,
    };
    await this.#loadRow(
      "upserts of new markets, the product's eleven indexes",
      null,
      whole(markets, 0),
      sides,
      product,
    );
    await this.#loadRow(
      "upserts of changed markets, the product's eleven indexes",
      null,
      whole(some, 1),
      sides,
      product,
    );
    for (const documents of whole(markets, 0)) sides.bare.indexTexts(documents);
  }

  *#batches<Document>(count: number, make: (number: number) => Document): Generator<Document[]> {
    const { batch } = this.options;
    for (let from = 0; from < count; from += batch)
      yield Array.from({ length: Math.min(batch, count - from) }, (_, at) => make(from + at));
  }

  async #loadRow<Document>(
    name: string,
    leastPerSecond: number | null,
    batches: Iterable<Document[]>,
    { store, bare, other }: Sides,
    work: Work<Document>,
  ): Promise<void> {
    const taken = { pings: new Latencies(), store: new Latencies(), bare: new Latencies(), other: new Latencies() };
    for (const documents of batches) {
      for (let ping = 0; ping < PINGS_A_BATCH; ping += 1) await timed(taken.pings, () => store.ping());
      await timed(taken.store, () => work.onServer(store, documents));
      if (work.onBare !== null) await timed(taken.bare, () => work.onBare?.(bare, documents));
      if (other !== null) await timed(taken.other, () => work.onServer(other, documents));
    }
    this.#add({
      ...taken,
      name,
      perRun: this.options.batch,
      target: leastPerSecond === null ? null : { leastPerSecond },
      bare: work.onBare === null ? null : taken.bare,
      other: other === null ? null : taken.other,
    });
  }

  #add(row: Row): void {
    this.#rows.push(row);
    print(`${row.name}: ${row.store === null ? 'not served' : cell(row.store, row.perRun)}\n`);
  }

  // One request at a time

  #cases(): Case[] {
    const { markets } = this.options;
    const slug = (variant: number): string => slugOf((variant * 7_919) % markets);
    const inSets = { closed: { $in: [false, true] }, active: { $in: [false, true] } };
    const marketPage = (server: BenchServer, filter: mongo.Filter<MarketDocument>, skip: number): unknown =>
      server.markets.find(filter).sort({ volume_num: -1, _id: 1 }).skip(skip).limit(50).toArray();
    const byVolume = (server: BenchServer, skip: number): unknown =>
      server.five.find({ active: true }).sort({ volume_num: -1 }).skip(skip).limit(50).toArray();
    const deep = Math.floor(markets * 0.4);
    const ranked = { score: { $meta: 'textScore' }, _id: 1 } as const;
    return [
      {
        name: 'findOne by unique slug',
        target: { leastPerSecond: 1_700, mostP99Ms: 4.5 },
        onServer: (server, variant) => server.five.findOne({ slug: slug(variant) }),
        onBare: (bare, variant) => bare.bySlug(slug(variant)),
      },
      {
        name: 'page of 50 by index, the first',
        target: { leastPerSecond: 310 },
        onServer: (server) => byVolume(server, 0),
        onBare: (bare) => bare.pageByVolume(0),
      },
      {
        name: `page of 50 by index, behind ${deep.toLocaleString('en')}`,
        target: null,
        onServer: (server, variant) => byVolume(server, deep + (variant % 1_000)),
        onBare: (bare, variant) => bare.pageByVolume(deep + (variant % 1_000)),
      },
      {
        name: 'market list of 50, active and open',
        target: null,
        onServer: (server) => marketPage(server, { closed: false, active: true }, 0),
        onBare: null,
      },
      {
        name: `market list of 50, any state, behind ${deep.toLocaleString('en')}`,
        target: null,
        onServer: (server, variant) => marketPage(server, inSets, deep + (variant % 1_000)),
        onBare: null,
      },
      {
        name: 'text page of 20 by relevance',
        target: { mostP50Ms: 11 },
        onServer: (server, variant) =>
          server.markets
            .find({ $text: { $search: rareWord(variant) } })
            .sort(ranked)
            .limit(20)
            .toArray(),
        onBare: (bare, variant) => bare.search(rareWord(variant)),
      },
      {
        name: 'text page of 20 by relevance, common word, filtered',
        target: null,
        onServer: (server, variant) =>
          server.markets
            .find({ $text: { $search: commonWord(variant) }, volume_num: { $gte: BigInt(1_000 + variant) } })
            .sort(ranked)
            .limit(20)
            .toArray(),
        onBare: null,
      },
      {
        name: '$inc on one document',
        target: { leastPerSecond: 1_600 },
        onServer: (server, variant) => server.five.updateOne({ slug: slug(variant) }, { $inc: { counter: 1n } }),
        onBare: (bare, variant) => bare.increment(slug(variant)),
      },
      {
        name: 'transaction over two collections',
        target: { leastPerSecond: 610 },
        onServer: (server, variant) => server.transfer(slug(variant)),
        onBare: (bare, variant) => bare.transfer(slug(variant)),
      },
      {
        name: 'counts behind /markets/stats',
        target: null,
        onServer: (server) => server.countByState(),
        onBare: (bare) => bare.countByState(),
      },
      {
        name: 'count by collection scan',
        target: { mostP50Ms: (500 * markets) / 100_000 },
        onServer: (server, variant) => server.five.countDocuments({ question_id: `0x${variant}` }),
        onBare: (bare, variant) => bare.scanCount(`0x${variant}`),
      },
      {
        name: '$group over all',
        target: { mostP50Ms: (1_200 * markets) / 100_000 },
        onServer: (server) =>
          server.five
            .aggregate([{ $group: { _id: '$category', n: { $sum: 1 }, volume: { $sum: '$volume_num' } } }])
            .toArray(),
        onBare: (bare) => bare.group(),
      },
    ];
  }

  async #measure(one: Case, { store, bare, other }: Sides): Promise<void> {
    const { onBare } = one;
    const isServed = await this.#isServed(() => one.onServer(store, 0));
    const subjects: Subject[] = [{ name: 'pings', run: () => store.ping() }];
    if (isServed) subjects.push({ name: 'store', run: (variant) => one.onServer(store, variant) });
    if (onBare !== null) subjects.push({ name: 'bare', run: (variant) => onBare(bare, variant) });
    if (other !== null) subjects.push({ name: 'other', run: (variant) => one.onServer(other, variant) });
    const all = await takeTurns(subjects, this.options.seconds);
    const of = (name: string): Latencies | null => all[subjects.findIndex((subject) => subject.name === name)] ?? null;
    const { name, target, documents = 1 } = one;
    this.#add({
      name,
      target,
      perRun: documents,
      pings: of('pings') ?? new Latencies(),
      store: of('store'),
      bare: of('bare'),
      other: of('other'),
    });
  }

  async #isServed(ask: () => unknown): Promise<boolean> {
    try {
      await ask();
      return true;
    } catch (error) {
      if (error instanceof mongo.MongoServerError && error.code === COMMAND_NOT_SUPPORTED) return false;
      throw error;
    }
  }

  // What another client sees meanwhile

  async #measureStalls(store: BenchServer, uri: string): Promise<void> {
    const probe = await startChild('tools/bench/store/probe.ts', [uri]);
    const { markets, seconds } = this.options;
    const { five, markets: listed } = store;
    const atLeast = async (work: () => unknown): Promise<void> => {
      const until = performance.now() + seconds * 1_000;
      do await work();
      while (performance.now() < until);
    };
    const stalls: [string, boolean, () => Promise<unknown>][] = [
      ['nothing else', false, () => wait(seconds * 1_000)],
      ['a count by collection scan', true, () => atLeast(() => five.countDocuments({ question_id: 'none' }))],
      ['$group over all', true, () => atLeast(() => five.aggregate([{ $group: { _id: '$category' } }]).toArray())],
      [
        'a sort of all without an index',
        true,
        () =>
          atLeast(() =>
            five
              .find({}, { projection: { _id: 1 } })
              .sort({ question: 1 })
              .toArray(),
          ),
      ],
      [
        'a text search for common words',
        true,
        () =>
          atLeast(() =>
            listed.countDocuments({ $text: { $search: `${commonWord(0)} ${commonWord(1)}` }, counter: 1n }),
          ),
      ],
      ['bulk upserts', true, () => this.#upsertMeanwhile(store)],
      ['the build of an index', true, () => five.createIndex({ category: 1, question: 1 }, { name: 'bench' })],
      ['dropping an index', true, () => five.dropIndex('bench')],
      ['a backup', true, () => this.#backup()],
    ];
    for (const [name, isJudged, work] of stalls) {
      await probe.ask({});
      await work();
      await wait(20);
      const waits = new Latencies();
      for (const ms of (await probe.ask({})) as number[]) waits.add(ms);
      const longest = waits.at(1);
      this.#fact(
        `another client's pings during ${name} (${markets.toLocaleString('en')} documents)`,
        `p99 ${waits.at(0.99).toFixed(1)} ms, longest ${longest.toFixed(1)} ms`,
        isJudged ? { text: `at most ${MOST_STALL_MS} ms`, isMet: longest <= MOST_STALL_MS } : null,
      );
    }
    await probe.stop();
  }

  async #backup(): Promise<void> {
    const tool = ['tools/ts.cjs', 'apps/store/src/backup.ts'].map((file) => join(ROOT, file));
    const target = ['--data-dir', join(this.folder, 'data'), '--to', join(this.folder, 'backup.db')];
    await promisify(execFile)(process.execPath, [...tool, ...target], { cwd: ROOT });
  }

  async #upsertMeanwhile(store: BenchServer): Promise<void> {
    const until = performance.now() + this.options.seconds * 1_000;
    for (const documents of this.#batches(this.options.markets, (number) => marketDocument(number, 2))) {
      await store.upsertById(documents);
      if (performance.now() > until) return;
    }
  }

  // The process and its file

  #measureFile(): void {
    const { markets } = this.options;
    const sample = Math.min(markets, 2_000);
    let sampled = 0;
    for (let number = 0; number < sample; number += 1) sampled += BSON.calculateObjectSize(smallMarketDocument(number));
    const raw = (sampled / sample) * markets;
    const bytes = fileBytes(join(this.folder, 'data'));
    const ratio = bytes / raw;
    this.#fact(
      'file under five indexes',
      `${(bytes / MEGABYTE).toFixed(0)} MB, ${ratio.toFixed(2)}x of ${(raw / MEGABYTE).toFixed(0)} MB of documents`,
      { text: `at most ${MOST_FILE_RATIO}x`, isMet: ratio <= MOST_FILE_RATIO },
    );
  }

  async #measureMemory(child: BenchChild): Promise<void> {
    const peak = await rssOf(child.pid, 'VmHWM');
    this.#fact('memory after all that', `${await rssOf(child.pid, 'VmRSS')} MB`);
    this.#fact('memory at its peak', `${peak} MB`, {
      text: `below ${MOST_RSS_MB} MB`,
      isMet: peak === null || peak < MOST_RSS_MB,
    });
  }

  async #measureStart(): Promise<void> {
    const startedAt = performance.now();
    const again = await this.#startStore();
    const ms = performance.now() - startedAt;
    await again.stop();
    this.#fact('start on the filled folder', `${Math.round(ms)} ms`, {
      text: `at most ${MOST_START_MS} ms`,
      isMet: ms <= MOST_START_MS,
    });
  }
}

/** A figure of a process's memory in MB; null where there is none to read. */
async function rssOf(pid: number, figure: 'VmRSS' | 'VmHWM'): Promise<number | null> {
  try {
    const kilobytes = new RegExp(`${figure}:\\s+(\\d+) kB`).exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1];
    return kilobytes === undefined ? null : Math.round(Number(kilobytes) / 1024);
  } catch {
    return null;
  }
}

/** The size of the store's file, what still waits in its log included. */
function fileBytes(dataDir: string): number {
  const file = new Database(join(dataDir, 'store.db'), { readonly: true });
  const pragma = (name: string): number => {
    const statement = file.prepare(`PRAGMA ${name}`) as unknown as { raw(): { get(): [number] } };
    return statement.raw().get()[0];
  };
  const bytes = pragma('page_count') * pragma('page_size');
  file.close();
  return bytes;
}

// Reporting

const cell = (latencies: Latencies | null, perRun: number): string =>
  latencies === null
    ? '-'
    : `${inWords(latencies.perSecond * perRun)} · ${ms(latencies.at(0.5))} · ${ms(latencies.at(0.99))}`;

const ms = (value: number): string => (value < 10 ? value.toFixed(2) : value.toFixed(0));

function report(options: Options, rows: readonly Row[], facts: readonly Fact[], hasOther: boolean): void {
  const misses: string[] = [];
  const verdictOf = ({ name, target, store, pings, perRun }: Row): string => {
    if (target === null) return '';
    const verdict =
      store === null ? { text: 'not served', isMet: false } : judge(target, store, perRun, machineSpeed(pings));
    if (!verdict.isMet) misses.push(name);
    return verdict.isMet ? verdict.text : `MISSED: ${verdict.text}`;
  };
  const beside = ({ store, pings, perRun }: Row): string =>
    store === null ? '-' : `${((store.perSecond * perRun) / pings.perSecond).toPrecision(2)}x`;
  const table = rows.map((row) =>
    [
      row.name,
      row.store === null ? 'not served' : cell(row.store, row.perRun),
      beside(row),
      cell(row.bare, row.perRun),
      ...(hasOther ? [cell(row.other, row.perRun)] : []),
      verdictOf(row),
    ].join(' | '),
  );
  const pings = rows.map((row) => row.pings.perSecond).toSorted((a, b) => a - b);
  const floor = `${inWords(pings[0] ?? 0)} to ${inWords(pings.at(-1) ?? 0)} pings a second`;
  const others = facts.map(({ name, text, verdict }) => {
    if (verdict?.isMet === false) misses.push(name);
    const target = verdict === null ? '' : `${verdict.isMet ? '' : 'MISSED: '}${verdict.text}`;
    return `${name} | ${text} | ${target}`;
  });
  print(
    [
      '',
      `${options.markets} markets of 2 KB, batches of ${options.batch}, ${options.seconds} s a cell; ${conditions()}; ping floor ${floor}`,
      '',
      'Cells: a second (documents where batches are written) · p50 ms · p99 ms. Targets are scaled down where the ping of the same row is slower than the 2,000 a second they were taken at.',
      '',
      `| what | store | beside ping | bare SQLite |${hasOther ? ' MONGO_URI |' : ''} target |`,
      `|---|--:|--:|--:|${hasOther ? '--:|' : ''}---|`,
      ...table.map((row) => `| ${row} |`),
      '',
      '| what | measured | target |',
      '|---|---|---|',
      ...others.map((row) => `| ${row} |`),
      '',
      misses.length === 0 ? 'Every target is met.' : `NOT every target is met: ${misses.join('; ')}.`,
      '',
    ].join('\n'),
  );
}
