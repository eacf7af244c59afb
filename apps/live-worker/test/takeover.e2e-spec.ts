import type { LiveBook, ServerMessageOf } from '@app/contracts';
import { formatMicro, type Market, type Order } from '@app/domain';
import { HeartbeatStore } from '@app/platform';
import { builtApp, startTestStore, waitFor } from '@app/testing';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { hasRedisServer, startTestRedis, type TestRedis } from '../../../libs/platform/test/redis-server';
import { PATIENT, startTestApi, type TestApi } from '../../api/test/api-harness';
import { ClientBook, LiveClient } from '../../api/test/live-client';
import { type Listener, LiveWorld, micro } from './live-worker-harness';

/** So many that one of two workers practically never gets them all. */
const MARKETS = 16;
/** Far from the best price, so that only what is printed below fills it. */
const BID = '0.2';
const BELOW = '0.19';
/** Until when the books of a worker that was killed are live again. */
const TAKEN_OVER = { deadlineMs: 10_000, what: 'all books live with the worker that is left' };
const DEADLINE = { deadlineMs: 30_000 };

interface Watched {
  market: Market;
  order: Order;
  bestBid: string;
  told: Listener;
}

(hasRedisServer() ? describe : describe.skip)('two live-workers and two instances of the api on one Redis', () => {
  let redis: TestRedis;
  let apis: TestApi[] = [];
  /** One of each api, who watch all the markets. */
  const clients: LiveClient[] = [];
  let world: LiveWorld;
  let account: Awaited<ReturnType<LiveWorld['open']>>;
  let environment: NodeJS.ProcessEnv;
  const workers = new Map<number, ChildProcess>();
  /** Where each worker shows how it is. */
  const shownAt = new Map<number, string>();
  const watched: Watched[] = [];
  let moves = 0;

  beforeAll(async () => {
    const [store, server] = await Promise.all([startTestStore(), startTestRedis()]);
    redis = server;
    world = await LiveWorld.start({ store, redisUrl: redis.url });
    environment = {
      PATH: process.env.PATH,
      ...store.environment,
      REDIS_URL: redis.url,
      GAMMA_URL: world.venue.gammaUrl,
      CLOB_URL: world.venue.clobUrl,
      DATA_URL: world.venue.dataUrl,
      CLOB_WS_URL: world.venue.marketStreamUrl,
      VENUE_RATE_LIMIT: 'false',
      LIVE_METRICS_PORT: '0',
      LOG_LEVEL: 'silent',
    };
    account = await world.open();
    apis = await Promise.all(
      [1, 2].map(() =>
        startTestApi({
          venue: world.venue,
          venueOptions: PATIENT,
          store: { ...store, stop: () => Promise.resolve() },
          redis: { REDIS_URL: redis.url },
          now: new Date(),
        }),
      ),
    );
  });

  afterAll(async () => {
    await Promise.all([...workers.values()].map((worker) => end(worker, 'SIGKILL')));
    await Promise.all(clients.map((client) => client.close()));
    await Promise.all(apis.map((api) => api.stop()));
    await world.stop();
    await redis.stop();
  });

  async function startWorker(): Promise<number> {
    const worker = spawn(process.execPath, [builtApp('live-worker')], {
      env: environment,
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    const pid = worker.pid ?? 0;
    workers.set(pid, worker);
    const [{ metricsUrl }] = (await once(worker, 'message')) as [{ metricsUrl: string }];
    shownAt.set(pid, metricsUrl);
    return pid;
  }

  async function end(worker: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    workers.delete(worker.pid ?? 0);
    if (worker.exitCode !== null || worker.signalCode !== null) return;
    const exited = once(worker, 'exit');
    worker.kill(signal);
    await exited;
  }

  /** Process ids of the workers that keep live books, one for each watched market; of those that are not live, nothing. */
  async function owners(): Promise<number[]> {
    const books = await Promise.all(watched.map(({ market }) => world.read(market)));
    return books.flatMap((book) => (book?.state === 'live' ? [pidOf(book)] : []));
  }

  const pidOf = ({ owner }: LiveBook): number => Number(owner.split(':').at(-2));

  const filledOf = async ({ order }: Watched): Promise<bigint> => (await world.order(order)).order.filledQuantity;

  /** Lets a trade go through an order that brings it to a quantity, and lets its book move. */
  async function tradeThrough(one: Watched, missing: bigint): Promise<void> {
    await world.venue.print(one.market.slug, { side: 'SELL', size: formatMicro(missing), price: BELOW });
    await moveBook(one);
  }

  /** Lets a book move without trades: the flow's own takers may sell through many levels and reach an order far below. */
  async function moveBook({ market, bestBid }: Watched): Promise<void> {
    moves += 1;
    const size = String(100 + (moves % 900));
    await world.venue.setLevels(market.slug, [{ side: 'BUY', price: bestBid, size }]);
  }

  /** Fills every order to a quantity. A trade of a time when its book was not live is no evidence (A3): then, and only then, there is another. */
  async function fillTo(quantity: string): Promise<void> {
    await Promise.all(
      watched.map(async (one) => {
        let gaps = -1;
        await waitFor(
          async () => {
            const missing = micro(quantity) - (await filledOf(one));
            if (missing <= 0n) return true;
            const isDue = gaps !== one.told.states.length && (await world.read(one.market))?.state === 'live';
            if (!isDue) return false;
            gaps = one.told.states.length;
            await tradeThrough(one, missing);
            return false;
          },
          { ...DEADLINE, what: `${quantity} shares of the order in ${one.market.slug}` },
        );
        expect([one.market.slug, formatMicro(await filledOf(one))]).toEqual([one.market.slug, quantity]);
      }),
    );
  }

  /** Waits until a client of an api has a market's live book as the venue has it. */
  async function untilClientHas(client: LiveClient, market: Market): Promise<void> {
    await waitFor(
      async () => {
        const book = ClientBook.of(client, market.clobTokenIds[0] ?? '');
        const levels = (['bid', 'ask'] as const).flatMap((side) =>
          book.side(side).map(([price, size]) => `${side} ${Math.round(price * 1e6)} ${Math.round(size * 1e6)}`),
        );
        expect([book.state, ...levels.sort()]).toEqual(['live', ...(await world.truth(market))]);
        return true;
      },
      { ...DEADLINE, what: `the venue's book of ${market.slug} at a client` },
    );
  }

  /** Waits until two workers share the live books. */
  const shared = (): Promise<number[]> =>
    waitFor(
      async () => {
        const all = await owners();
        return all.length === MARKETS && new Set(all).size === 2 ? all : null;
      },
      { ...DEADLINE, what: 'the books of both workers' },
    );

  it('share the markets, and each fills the orders of its own', async () => {
    await startWorker();
    await startWorker();
    const markets: Market[] = [];
    while (markets.length < MARKETS) markets.push(await world.aMarket(markets.length));
    for (const market of markets) await world.want(market);
    for (const market of markets) {
      const [best] = (await world.live(market)).bids;
      const told = await world.listen(market);
      const order = await world.bid(account, market, '20', BID);
      watched.push({ market, order, bestBid: formatMicro(best!.price), told });
    }
    const pids = await shared();
    expect(new Set(pids)).toEqual(new Set(workers.keys()));
    const beats = await waitFor(async () => {
      const all = await world.get(HeartbeatStore).list();
      return all.length === 2 ? all : null;
    }, DEADLINE);
    for (const { detail } of beats) expect(detail).toMatchObject({ in_contact: true, books: { halted: 0 } });
    for (const url of shownAt.values()) {
      const metrics = await (await fetch(`${url}/metrics`)).text();
      expect(metrics).toMatch(/^live_books\{state="live"\} [1-9]\d*$/m);
      expect(await (await fetch(`${url}/health`)).json()).toMatchObject({
        status: 'healthy',
        checks: { live_books: { status: 'up', detail: expect.stringMatching(/^\d+ live/) } },
      });
      expect((await fetch(`${url}/elsewhere`)).status).toBe(404);
    }
    await fillTo('5');
    for (const [index, api] of apis.entries()) {
      const token = await api.tokenFor({ id: `watcher-${index}`, role: 'premium_user' });
      const client = await LiveClient.connect(api.url, token);
      clients.push(client);
      await client.subscribe({ market_ids: watched.map(({ market }) => market.slug), channels: ['book'] });
      for (const { market } of watched) await untilClientHas(client, market);
    }
  });

  it('resume the books of one killed with -9 under load: no order lost, none filled twice, the same told by each api', async () => {
    const [killed = 0] = workers.keys();
    const before = await Promise.all(watched.map(({ market }) => world.read(market)));
    const moved = watched.filter((_, index) => before[index] != null && pidOf(before[index]) === killed);
    expect(moved).not.toEqual([]);
    const loading = new AbortController();
    const load = (async (): Promise<void> => {
      while (!loading.signal.aborted) await Promise.all(watched.map(moveBook));
    })();
    await end(workers.get(killed)!, 'SIGKILL');
    const [left] = workers.keys();
    await waitFor(async () => {
      const all = await owners();
      return all.length === MARKETS && all.every((pid) => pid === left);
    }, TAKEN_OVER);
    loading.abort();
    await load;
    await waitFor(() => world.venue.stream().then(({ followed }) => followed >= MARKETS), DEADLINE);
    await fillTo('12');
    for (const { order, market, told } of watched) {
      const { trades } = await world.order(order);
      expect(trades.map(({ quantity }) => formatMicro(quantity))).toEqual(['5', '7']);
      expect(told.problems).toEqual([]);
      await world.equal(market);
      for (const client of clients) await untilClientHas(client, market);
    }
    for (const one of moved) {
      const tokenId = one.market.clobTokenIds[0] ?? '';
      for (let move = 0; move < 10; move += 1) await moveBook(one);
      for (const client of clients) {
        await untilClientHas(client, one.market);
        const anew = client.all('resync').filter(({ token_id: id }) => id === tokenId);
        expect(anew.map(({ reason }) => reason)).toContain('restart');
      }
      const [first, second] = clients.map((client) => deltasSinceResync(client, tokenId));
      const common = [...(first?.keys() ?? [])].filter((sequence) => second?.has(sequence));
      expect(common).not.toEqual([]);
      for (const sequence of common) expect(first?.get(sequence)).toEqual(second?.get(sequence));
    }
    expect(await world.audit(account.portfolioId)).toEqual([]);
  });

  it('hand over to one that comes, and take over from one that is paused, which does nothing more when it goes on', async () => {
    const [old = 0] = workers.keys();
    const fresh = await startWorker();
    await shared();
    process.kill(old, 'SIGSTOP');
    try {
      await waitFor(async () => {
        const all = await owners();
        return all.length === MARKETS && all.every((pid) => pid === fresh);
      }, TAKEN_OVER);
      await fillTo('13');
    } finally {
      process.kill(old, 'SIGCONT');
    }
    await shared();
    for (const { market, told } of watched) {
      await world.equal(market);
      expect(told.problems).toEqual([]);
    }
    await fillTo('14');
    expect(await world.audit(account.portfolioId)).toEqual([]);
  });

  it('hand over to the rest when one is asked to stop', async () => {
    const [old = 0, fresh = 0] = workers.keys();
    await end(workers.get(old)!, 'SIGTERM');
    const beating = (await world.get(HeartbeatStore).list()).map(({ process: name }) => name);
    expect(beating.some((name) => name.endsWith(`:${old}`))).toBe(false);
    expect(beating.some((name) => name.endsWith(`:${fresh}`))).toBe(true);
    await waitFor(async () => {
      const all = await owners();
      return all.length === MARKETS && all.every((pid) => pid === fresh);
    }, TAKEN_OVER);
    await fillTo('15');
  });

  it('fill nothing while Redis is lost, and go on when it is back', async () => {
    const { port } = new URL(redis.url);
    await redis.kill();
    // Longer than a lock lasts without being renewed.
    await waitFor(async () => (await world.venue.stream()).followed === 0, DEADLINE);
    for (const one of watched) await tradeThrough(one, micro('3'));
    redis = await startTestRedis(Number(port));
    for (const { market } of watched) await waitFor(() => world.want(market).then(() => true), DEADLINE);
    await waitFor(async () => (await owners()).length === MARKETS, DEADLINE);
    await fillTo('17');
    expect(await world.audit(account.portfolioId)).toEqual([]);
  });
});

/** The changes a client was told of a token's book since it last began anew, by number. */
function deltasSinceResync(client: LiveClient, tokenId: string): Map<number, ServerMessageOf<'book_delta'>> {
  const deltas = new Map<number, ServerMessageOf<'book_delta'>>();
  for (const message of client.messages) {
    if (!('token_id' in message) || message.token_id !== tokenId) continue;
    if (message.type === 'resync') deltas.clear();
    if (message.type === 'book_delta') deltas.set(message.sequence, message);
  }
  return deltas;
}
