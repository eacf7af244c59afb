import 'reflect-metadata';
import {
  databaseConnection,
  MarketRepository,
  openConnection,
  PriceHistoryRepository,
  TradingRepository,
} from '@app/persistence';
import type { mongo } from 'mongoose';
import { type BusyRun, writeBusyRun } from '../../libs/trading/test/busy-run';
import { conditions, cpuMsOf, latencyAt, logIn, onStore, print, register, wholeOptions } from './measuring';

const USAGE = `npm run bench -- mtm [--trades 10000] [--days 90] [--markets 40] [--resolution 60] [--rounds 10]

GET /portfolios/{id}/mtm and /metrics of a run with many trades over HTTP, one at a time, beside the bare driver reading the same documents, all of their fields, in the
same run: the first answer, when nothing of the run is in the memory of the api, and later ones, with the processor time of api and store. Without MONGO_URI it starts the
embedded store in a process of its own.
`;

const PREFIX = 'bench_mtm_';
/** The longest an answer may take, milliseconds. */
const MOST_MS = 2_000;

interface Options {
  trades: number;
  days: number;
  markets: number;
  resolution: number;
  rounds: number;
}

/** Processor time of who asks, this process or the api, and of the store; null where it cannot be told. */
type CpuMs = { asker: number; store: number } | null;

interface Measured {
  name: string;
  firstMs: number;
  firstCpuMs: CpuMs;
  laterMs: number[];
  /** Of one of the later ones, in the mean. */
  laterCpuMs: CpuMs;
  bytes: number;
}

export async function run(args: readonly string[]): Promise<void> {
  const options = wholeOptions(args, USAGE, { trades: 10_000, days: 90, markets: 40, resolution: 60, rounds: 10 });
  if (options === null) return;
  await onStore(async (store) => {
    const simulator = await store.start('apps/simulator/src/main.ts', [], {
      env: { SIMULATOR_PORT: '0', SIMULATOR_MARKETS: '200' },
    });
    const api = await store.start('tools/bench/api-server.ts', [store.uri, PREFIX, String(simulator.ready['url'])]);
    const url = String(api.ready['url']);
    const email = `bench-${Date.now()}@example.com`;
    await register(url, email);
    const { token, userId } = await logIn(url, email);
    const busy = await seed(store.uri, userId, options);
    const ask = (path: string) => async (): Promise<number> => {
      const answer = await fetch(`${url}/portfolios/${busy.portfolioId}/${path}`, {
        headers: { authorization: `Bearer ${token}` },
      });
      const text = await answer.text();
      if (!answer.ok) throw new Error(`GET ${path} answered ${answer.status}: ${text}`);
      return text.length;
    };
    const reads = bareReads(await store.connect(), busy);
    const contestants = [
      { name: 'bare driver, the same documents', pid: process.pid, call: reads },
      {
        name: `GET /mtm?resolution=${options.resolution}`,
        pid: api.pid,
        call: ask(`mtm?resolution=${options.resolution}`),
      },
      { name: 'GET /metrics', pid: api.pid, call: ask('metrics') },
    ];
    report(await takeTurns(contestants, store.own?.pid ?? null, options.rounds), options, store.name);
  });
}

async function seed(uri: string, userId: string, { trades, days, markets }: Options): Promise<BusyRun> {
  const root = await openConnection({ uri });
  try {
    const endsAt = new Date();
    return await writeBusyRun(
      {
        trading: new TradingRepository(databaseConnection(root, 'trading_db', PREFIX)),
        markets: new MarketRepository(databaseConnection(root, 'markets_db', PREFIX)),
        histories: new PriceHistoryRepository(databaseConnection(root, 'markets_db', PREFIX)),
      },
      { userId, trades, days, markets, seed: `bench-${Date.now()}`, endsAt },
    );
  } finally {
    await root.close();
  }
}

/** Reads every document the answers are made of, with the bare driver and one query for each collection. */
function bareReads(client: mongo.MongoClient, { portfolioId, trades }: BusyRun): () => Promise<number> {
  const trading = client.db(`${PREFIX}trading_db`);
  const markets = client.db(`${PREFIX}markets_db`);
  const ofPortfolio = { _id: { $gte: `${portfolioId}:`, $lt: `${portfolioId};` } } as object;
  const slugs = [...new Set(trades.map(({ marketId }) => marketId))];
  const tokenIds = [...new Set(trades.map(({ tokenId }) => tokenId))];
  return async () => {
    const found = await Promise.all([
      trading.collection('ledger').find(ofPortfolio, { batchSize: 5_000 }).toArray(),
      trading.collection('trades').find({ portfolio_id: portfolioId, run: 1 }, { batchSize: 5_000 }).toArray(),
      trading.collection('positions').find(ofPortfolio).toArray(),
      trading.collection('equity_snapshots').find(ofPortfolio).toArray(),
      markets
        .collection('markets')
        .find({ _id: { $in: slugs } } as object)
        .toArray(),
      ...tokenIds.map((tokenId) =>
        markets
          .collection('price_history')
          .find({ _id: { $gte: `${tokenId}:`, $lt: `${tokenId};` } } as object)
          .toArray(),
      ),
    ]);
    return found.reduce((sum, { length }) => sum + length, 0);
  };
}

/** One after the other in every round: what else the machine does weighs on all alike. */
async function takeTurns(
  contestants: readonly { name: string; pid: number; call: () => Promise<number> }[],
  storePid: number | null,
  rounds: number,
): Promise<Measured[]> {
  const measured: Measured[] = [];
  const time = async ({
    pid,
    call,
  }: (typeof contestants)[number]): Promise<{ ms: number; cpu: CpuMs; bytes: number }> => {
    const before = cpuMs(pid, storePid);
    const startedAt = performance.now();
    const bytes = await call();
    return { ms: performance.now() - startedAt, cpu: difference(cpuMs(pid, storePid), before), bytes };
  };
  for (const contestant of contestants) {
    const { ms, cpu, bytes } = await time(contestant);
    const later = { laterMs: [], laterCpuMs: { asker: 0, store: 0 } };
    measured.push({ name: contestant.name, firstMs: ms, firstCpuMs: cpu, ...later, bytes });
  }
  for (let round = 0; round < rounds; round += 1) {
    for (const [index, contestant] of contestants.entries()) {
      const one = measured[index];
      if (one === undefined) continue;
      const { ms, cpu } = await time(contestant);
      one.laterMs.push(ms);
      const sum = one.laterCpuMs;
      one.laterCpuMs =
        cpu === null || sum === null
          ? null
          : { asker: sum.asker + cpu.asker / rounds, store: sum.store + cpu.store / rounds };
    }
  }
  return measured;
}

function cpuMs(askerPid: number, storePid: number | null): CpuMs {
  const asker = cpuMsOf(askerPid);
  const store = storePid === null ? null : cpuMsOf(storePid);
  return asker === null || store === null ? null : { asker, store };
}

function difference(after: CpuMs, before: CpuMs): CpuMs {
  return after === null || before === null
    ? null
    : { asker: after.asker - before.asker, store: after.store - before.store };
}

function report(measured: readonly Measured[], options: Options, storeName: string): void {
  const [bare] = measured;
  const rows = measured.map((one) => {
    const isAnswer = one !== bare;
    const longest = Math.max(one.firstMs, ...one.laterMs);
    const verdict = `${longest < MOST_MS ? '' : 'MISSED: '}below ${MOST_MS / 1_000} s each`;
    const beside = bare === undefined ? 0 : latencyAt(one.laterMs, 0.5) / latencyAt(bare.laterMs, 0.5);
    return [
      one.name,
      `${one.firstMs.toFixed(0)} ms`,
      cpuCell(one.firstCpuMs),
      `${latencyAt(one.laterMs, 0.5).toFixed(0)} · ${Math.max(...one.laterMs).toFixed(0)} ms`,
      cpuCell(one.laterCpuMs),
      isAnswer ? `${(one.bytes / 1e6).toFixed(1)} MB` : `${one.bytes} documents`,
      isAnswer ? `${beside.toFixed(2)}x` : '',
      isAnswer ? verdict : '',
    ].join(' | ');
  });
  print(
    [
      '',
      `${storeName}, ${options.trades} trades in ${options.markets} markets over ${options.days} days, ${options.rounds} rounds, ${conditions()}.`,
      '',
      'Processor time is that of who asks (the api, or this process for the bare driver) and of the store; other work on the machine disturbs it less than the time that passes.',
      '',
      '| what | first | processor time | later: median · longest | processor time | size | beside bare | target |',
      '|---|--:|--:|--:|--:|--:|--:|---|',
      ...rows.map((row) => `| ${row} |`),
      '',
    ].join('\n'),
  );
}

function cpuCell(cpu: CpuMs): string {
  return cpu === null ? '' : `${cpu.asker.toFixed(0)} + ${cpu.store.toFixed(0)} ms`;
}
