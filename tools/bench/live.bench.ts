import { setTimeout as wait } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { createSimulator, type Simulator } from '../../apps/simulator/src';
import type { BenchChild } from './child';
import { connectSocket, FIRST_NUMBER, numberOf, openSockets, Stopwatch } from './live/audience';
import type { ServerQuestion } from './live/live-server';
import { type BenchMarket, MovingLevel } from './live/moving-level';
import { measureStages, type StageRates } from './live/stages';
import { VenueRelay } from './live/venue-relay';
import { type BenchStore, conditions, onStore, print, wholeOptions } from './measuring';

const USAGE = `npm run bench -- live [--clients 2000] [--rounds 4] [--events 100] [--deltas 20000] [--books 1000]

Order books from the venue's stream to the clients of /ws/live: deltas a second from socket to socket; how long a delta takes from the venue's send to each of so many clients, beside a
bare ws server that broadcasts the same bytes to as many; whether clients that do not read hold the others up; the memory of books and of clients. Api and live-worker are one process with
a bus inside, as in standalone; the simulated venue and all clients are another. Without MONGO_URI it starts the embedded store.
  --clients  listeners of one market, for each of the two servers
  --rounds   how often each of the two takes its turn; one more only warms up
  --events   deltas of a round, each sent when all clients have heard the one before
  --deltas   deltas sent as fast as they are taken
  --books    books whose memory is measured
`;

const PREFIX = 'bench_live_';
const SIMULATED_MARKETS = 5_000;
/** Fewer than a premium account may have over all of its connections. */
const SUBSCRIPTIONS_OF_AN_ACCOUNT = 400;
const EVENT_EVERY_MS = 50;
/** Clients that stop reading, and what they do not read: changes of another market, a second. */
const SLOW_CLIENTS = 20;
const SLOW_PER_TURN = 25;
/** p99 of the others with slow clients, over that with the same clients reading. */
const MOST_SLOW_RATIO = 1.1;
const PATIENCE_MS = 60_000;
/** A turn that was interrupted is taken again, after so long. */
const MOST_ATTEMPTS = 5;
const RECOVERY_MS = 5_000;
const MEGABYTE = 1024 * 1024;
const SETTLED_BYTES = MEGABYTE / 4;
const SAMPLE_EVERY_MS = 1_500;
const MOST_SAMPLES = 20;

interface Options {
  clients: number;
  rounds: number;
  events: number;
  deltas: number;
  books: number;
}

interface Waits {
  p50: number;
  p99: number;
}

interface Memory {
  /** On the heap and in buffers, after collecting. */
  held: number;
  rss: number;
}

/** What one run of the benchmark stands on. */
interface Stage {
  simulator: Simulator;
  relay: VenueRelay;
  server: BenchChild;
  url: string;
  tokens: string[];
  markets: BenchMarket[];
}

export async function run(args: readonly string[]): Promise<void> {
  const defaults: Options = { clients: 2_000, rounds: 4, events: 100, deltas: 20_000, books: 1_000 };
  const options = wholeOptions(args, USAGE, defaults);
  if (options !== null) await onStore((store) => measure(store, options));
}

async function measure(store: BenchStore, options: Options): Promise<void> {
  const ends: (() => Promise<void>)[] = [];
  try {
    const simulator = await createSimulator({ markets: SIMULATED_MARKETS, clock: Date.now });
    ends.push(() => simulator.stop());
    const relay = await VenueRelay.start(simulator.marketStreamUrl);
    ends.push(() => relay.stop());
    const server = await store.start('tools/bench/live/live-server.ts', [store.uri, PREFIX, simulator.url, relay.url]);
    const url = String(server.ready['url']);
    const stage: Stage = {
      simulator,
      relay,
      server,
      url,
      tokens: (await server.ask({
        kind: 'accounts',
        count: Math.ceil((options.clients + SLOW_CLIENTS) / SUBSCRIPTIONS_OF_AN_ACCOUNT) + 1,
      } satisfies ServerQuestion)) as string[],
      markets: await marketsOf(simulator),
    };
    const levels = await levelsOf(stage, 4);
    const stages = measureStages(levels[0], await firstBooks(simulator, levels[0].market), options.deltas);
    const flow = await measureFlow(stage, levels[0], options);
    const fanOut = await measureFanOut(stage, levels, options, store);
    const bookMemory = await measureBooks(stage, options);
    report({ stages, flow, ...fanOut, bookMemory }, options, store.name);
  } finally {
    for (const end of ends.reverse()) await end();
  }
}

// What is needed first

/** Markets with an order book, the busiest first. */
async function marketsOf({ gammaUrl }: Simulator): Promise<BenchMarket[]> {
  const markets: BenchMarket[] = [];
  for (let offset = 0; offset <= 2_000; offset += 100) {
    const query = `closed=false&limit=100&offset=${offset}&order=liquidityNum&ascending=false`;
    const rows = (await (await fetch(`${gammaUrl}/markets?${query}`)).json()) as Record<string, unknown>[];
    for (const row of rows) {
      const { slug, conditionId, enableOrderBook, acceptingOrders, clobTokenIds } = row;
      if (enableOrderBook !== true || acceptingOrders !== true || typeof clobTokenIds !== 'string') continue;
      const [first, second] = JSON.parse(clobTokenIds) as string[];
      if (first === undefined || second === undefined) continue;
      markets.push({ slug: String(slug), conditionId: String(conditionId), tokenIds: [first, second] });
    }
    if (rows.length < 100) break;
  }
  return markets;
}

type FourLevels = [MovingLevel, MovingLevel, MovingLevel, MovingLevel];

async function levelsOf({ simulator, markets }: Stage, count: number): Promise<FourLevels> {
  const levels: MovingLevel[] = [];
  for (const market of markets) {
    const level = await MovingLevel.of(simulator.clobUrl, market);
    if (level !== null) levels.push(level);
    if (levels.length === count) return levels as FourLevels;
  }
  throw new Error(`the simulated venue has fewer than ${count} markets with a book of two sides`);
}

/** The books of both outcomes, as the stream would send them first. */
async function firstBooks({ clobUrl }: Simulator, { tokenIds }: BenchMarket): Promise<string> {
  const books = tokenIds.map(async (tokenId) => {
    const book = (await (await fetch(`${clobUrl}/book?token_id=${tokenId}`)).json()) as object;
    return { ...book, event_type: 'book' };
  });
  return JSON.stringify(await Promise.all(books));
}

/** A client of the gateway that listens to a market's book, once that is live. */
function attend(stage: Stage, index: number, market: BenchMarket, hear: (data: Buffer) => void): Promise<WebSocket> {
  const token = stage.tokens[index % stage.tokens.length] ?? '';
  return connectSocket(
    `${stage.url.replace('http', 'ws')}/ws/live?token=${token}`,
    { action: 'subscribe', market_ids: [market.tokenIds[0]], channels: ['book'] },
    (text) => text.includes('"type":"orderbook"') && text.includes('"state":"live"'),
    hear,
  );
}

/** What the server holds, once that has come to rest: connections that ended and books that began leave work behind. */
async function memoryOf({ server }: Stage): Promise<Memory> {
  const question: ServerQuestion = { kind: 'memory' };
  let last = (await server.ask(question)) as Memory;
  for (let sample = 1; sample < MOST_SAMPLES; sample += 1) {
    await wait(SAMPLE_EVERY_MS);
    const next = (await server.ask(question)) as Memory;
    const isSettled = Math.abs(next.held - last.held) < SETTLED_BYTES;
    last = next;
    if (isSettled) break;
  }
  return last;
}

// What is measured

interface Flow {
  perSecond: number;
  /** Deltas told one by one; the rest came as newer whole books. */
  toldSingly: number;
}

/** Sends deltas as fast as they are taken, to one client. */
async function measureFlow(stage: Stage, level: MovingLevel, { deltas }: Options): Promise<Flow> {
  let told = 0;
  let latest = 0;
  const price = JSON.parse(level.frame(1)) as { price_changes: { price: string }[] };
  const movedPrice = Number(price.price_changes[0]?.price);
  const socket = await attend(stage, 0, level.market, (data) => {
    const message = JSON.parse(data.toString()) as {
      type: string;
      data?: { bids: { price: number; size: number }[] };
    };
    if (message.type === 'book_delta') {
      told += 1;
      latest = numberOf(data);
    }
    if (message.type === 'orderbook') {
      latest = message.data?.bids.find(({ price: at }) => at === movedPrice)?.size ?? latest;
    }
  });
  const [tokenId] = level.market.tokenIds;
  const burst = async (count: number, from: number): Promise<number> => {
    const startedAt = performance.now();
    for (let index = 0; index < count; index += 1) {
      stage.relay.say(tokenId, level.frame(from + index));
      if (index % 64 === 63) await stage.relay.drained();
    }
    await until(() => latest === from + count - 1, 'the last delta');
    return performance.now() - startedAt;
  };
  await burst(Math.ceil(deltas / 10), FIRST_NUMBER);
  told = 0;
  const elapsedMs = await burst(deltas, 2 * FIRST_NUMBER);
  const flow = { perSecond: (deltas * 1_000) / elapsedMs, toldSingly: told };
  stage.relay.say(tokenId, level.restored());
  await leave([socket]);
  return flow;
}

interface FanOut {
  gateway: Waits;
  bare: Waits;
  slow: { reading: Waits; stalled: Waits; ratio: number };
  clientMemory: { held: number; rss: number };
}

/** One delta to every client, again and again: by the gateway and by the bare server in turn, and then by the gateway beside clients that do not read. */
async function measureFanOut(
  stage: Stage,
  [, level, bareLevel, slowLevel]: FourLevels,
  options: Options,
  store: BenchStore,
): Promise<FanOut> {
  const watch = new Stopwatch();
  let example = '';
  const first = await attend(stage, 0, level.market, (data) => (example = data.toString()));
  stage.relay.say(level.market.tokenIds[0], level.frame(FIRST_NUMBER - 1));
  await until(() => example.includes('book_delta'), 'an example of a delta');
  stage.relay.say(level.market.tokenIds[0], level.restored());

  const before = await memoryOf(stage);
  const clients = await openSockets(options.clients, (index) =>
    attend(stage, index, level.market, (data) => watch.hear(data)),
  );
  const after = await memoryOf(stage);
  const perThousand = (field: keyof Memory): number => ((after[field] - before[field]) * 1_000) / options.clients;

  const [bareToken] = bareLevel.market.tokenIds;
  const bare = await store.start('tools/bench/live/bare-broadcast.ts', [stage.relay.url, bareToken, example]);
  await until(() => stage.relay.isHeard(bareToken), 'the bare server');
  const bareClients = await openSockets(options.clients, () =>
    connectSocket(
      String(bare.ready['url']),
      null,
      () => true,
      (data) => watch.hear(data),
    ),
  );

  const waits: { gateway: Waits[]; bare: Waits[] } = { gateway: [], bare: [] };
  for (let round = 0; round <= options.rounds; round += 1) {
    const turns: ['gateway' | 'bare', MovingLevel][] = [
      ['gateway', level],
      ['bare', bareLevel],
    ];
    // Who goes first changes, as does what else the machine does.
    for (const [name, moved] of round % 2 === 0 ? turns : turns.reverse()) {
      const measured = await broadcast(stage, watch, moved, options);
      if (round > 0) waits[name].push(measured);
    }
  }
  await leave(bareClients);
  await bare.stop();
  const slow = await measureSlow(stage, watch, level, slowLevel, options);
  await leave([...clients, first]);
  return {
    gateway: middle(waits.gateway),
    bare: middle(waits.bare),
    slow,
    clientMemory: { held: perThousand('held'), rss: perThousand('rss') },
  };
}

/** The same load in both cases: some clients of another, busy market. In one case they read, in the other they do not. */
async function measureSlow(
  stage: Stage,
  watch: Stopwatch,
  level: MovingLevel,
  busy: MovingLevel,
  options: Options,
): Promise<FanOut['slow']> {
  const waits: { reading: Waits[]; stalled: Waits[] } = { reading: [], stalled: [] };
  for (let round = 0; round <= options.rounds; round += 1) {
    const turns = ['reading', 'stalled'] as const;
    for (const name of round % 2 === 0 ? turns : [...turns].reverse()) {
      const others = await openSockets(SLOW_CLIENTS, (index) => attend(stage, index, busy.market, () => undefined));
      if (name === 'stalled') for (const socket of others) socket.pause();
      let size = FIRST_NUMBER;
      const measured = await broadcast(stage, watch, level, options, () => {
        for (let count = 0; count < SLOW_PER_TURN; count += 1, size += 1) {
          stage.relay.say(busy.market.tokenIds[0], busy.frame(size));
        }
      });
      stage.relay.say(busy.market.tokenIds[0], busy.restored());
      await leave(others);
      if (round > 0) waits[name].push(measured);
    }
  }
  const [reading, stalled] = [middle(waits.reading), middle(waits.stalled)];
  return { reading, stalled, ratio: stalled.p99 / reading.p99 };
}

/**
 * Sends so many deltas of a market, each when every client has heard the one before. Where the machine is so busy that the book was followed anew meanwhile, clients are told a whole book in
 * place of some: then it is done again.
 */
async function broadcast(
  stage: Stage,
  watch: Stopwatch,
  level: MovingLevel,
  options: Options,
  meanwhile: () => void = () => undefined,
): Promise<Waits> {
  for (let attempt = 1; attempt <= MOST_ATTEMPTS; attempt += 1) {
    const isWhole = await broadcastOnce(stage, watch, level, options, meanwhile);
    stage.relay.say(level.market.tokenIds[0], level.restored());
    const waits = watch.take();
    const at = (share: number): number => waits[Math.floor((waits.length - 1) * share)] ?? 0;
    if (isWhole) return { p50: at(0.5), p99: at(0.99) };
    print(`a turn is taken again; clients were told ${watch.lastOther}\n`);
    await wait(RECOVERY_MS);
  }
  throw new Error(`${MOST_ATTEMPTS} turns were interrupted: this machine has too much else to do`);
}

/** Answers whether every client heard each. */
async function broadcastOnce(
  stage: Stage,
  watch: Stopwatch,
  level: MovingLevel,
  { clients, events }: Options,
  meanwhile: () => void,
): Promise<boolean> {
  watch.take();
  for (let sent = 1; sent <= events; sent += 1) {
    meanwhile();
    const number = watch.start();
    stage.relay.say(level.market.tokenIds[0], level.frame(number));
    await wait(EVENT_EVERY_MS);
    const deadline = performance.now() + RECOVERY_MS;
    while (watch.count < clients * sent) {
      if (performance.now() > deadline) return false;
      await wait(1);
    }
  }
  return true;
}

/** Lets the worker follow many more books, and tells what they hold. */
async function measureBooks(stage: Stage, { books }: Options): Promise<Memory & { count: number }> {
  const before = await memoryOf(stage);
  const live = await liveBooks(stage);
  const wanted = stage.markets.slice(0, books);
  const question: ServerQuestion = {
    kind: 'follow',
    tokens: wanted.map(({ conditionId, tokenIds }) => ({ conditionId, tokenId: tokenIds[0] })),
  };
  await stage.server.ask(question);
  await settledBooks(stage, wanted.length);
  const count = (await liveBooks(stage)) - live;
  const after = await memoryOf(stage);
  const perThousand = (field: keyof Memory): number => ((after[field] - before[field]) * 1_000) / count;
  return { count, held: perThousand('held'), rss: perThousand('rss') };
}

/** Waits until so many books are live, or no more come: some markets end while the benchmark runs. */
async function settledBooks(stage: Stage, wanted: number): Promise<void> {
  for (let last = -1, next = 0; next > last && next < wanted;) {
    await wait(2 * RECOVERY_MS);
    last = next;
    next = await liveBooks(stage);
  }
}

async function liveBooks({ url }: Stage): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(/^live_books\{[^}]*state="live"[^}]*\} (\d+)/m.exec(text)?.[1] ?? 0);
}

async function leave(sockets: readonly WebSocket[]): Promise<void> {
  for (const socket of sockets) socket.terminate();
  await wait(EVENT_EVERY_MS);
}

/** @throws Error that says what did not come */
async function until(holds: () => boolean | Promise<boolean>, what: string, patienceMs = PATIENCE_MS): Promise<void> {
  const deadline = performance.now() + patienceMs;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`waited ${patienceMs / 1_000} s in vain for ${what}`);
    await wait(2);
  }
}

/** Of the rounds, the middle one's p50 and the middle one's p99. */
function middle(rounds: readonly Waits[]): Waits {
  const of = (field: keyof Waits): number => {
    const sorted = rounds.map((round) => round[field]).sort((a, b) => a - b);
    return sorted[Math.floor((sorted.length - 1) / 2)] ?? 0;
  };
  return { p50: of('p50'), p99: of('p99') };
}

// What is told

interface Measured extends FanOut {
  stages: StageRates;
  flow: Flow;
  bookMemory: Memory & { count: number };
}

function report(measured: Measured, options: Options, store: string): void {
  const { stages, flow, gateway, bare, slow, clientMemory, bookMemory } = measured;
  const count = (value: number): string => Math.round(value).toLocaleString('en');
  const cell = ({ p50, p99 }: Waits): string => `${p50.toFixed(1)} · ${p99.toFixed(1)}`;
  const verdict = slow.ratio <= MOST_SLOW_RATIO ? 'at most 1.10x' : 'MISSED: at most 1.10x';
  print(
    [
      `${count(options.clients)} clients, the middle of ${options.rounds} rounds of ${options.events} deltas; ${conditions()}, ${store}`,
      '',
      '| what | measured | target |',
      '| --- | ---: | --- |',
      `| deltas a second, venue's socket to one client's socket | ${count(flow.perSecond)} | |`,
      `| ... of ${count(options.deltas)}, told one by one (the rest as newer whole books) | ${count(flow.toldSingly)} | |`,
      `| frames decoded a second, alone | ${count(stages.decode)} | |`,
      `| ... decoded, applied to the book and encoded for the bus | ${count(stages.decodeAndBook)} | |`,
      `| bus messages decoded a second, alone | ${count(stages.encodeAndDecode)} | |`,
      `| a delta to ${count(options.clients)} clients: p50 · p99 ms | ${cell(gateway)} | |`,
      `| ... the same bytes by a bare ws server | ${cell(bare)} | |`,
      `| ... p99 beside the bare server | ${(gateway.p99 / bare.p99).toFixed(2)}x | |`,
      `| beside ${SLOW_CLIENTS} clients of a busy market that read: p50 · p99 ms | ${cell(slow.reading)} | |`,
      `| ... that do not read | ${cell(slow.stalled)} | |`,
      `| ... p99 beside it | ${slow.ratio.toFixed(2)}x | ${verdict} |`,
      `| memory of 1,000 clients: held · RSS MB | ${megabytes(clientMemory.held)} · ${megabytes(clientMemory.rss)} | |`,
      `| memory of 1,000 books (of ${count(bookMemory.count)}): held · RSS MB | ${megabytes(bookMemory.held)} · ${megabytes(bookMemory.rss)} | |`,
      '',
    ].join('\n'),
  );
}

function megabytes(bytes: number): string {
  return (bytes / MEGABYTE).toFixed(1);
}
