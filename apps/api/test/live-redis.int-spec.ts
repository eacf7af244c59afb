import type { PortfolioBody } from '@app/contracts';
import { isTradeable, type Market } from '@app/domain';
import { InterestStore } from '@app/platform';
import { startTestSimulator, type TestSimulator, waitFor } from '@app/testing';
import { hasRedisServer, startTestRedis, type TestRedis } from '../../../libs/platform/test/redis-server';
import { PATIENT, startTestApi, type TestApi, WORLD_EPOCH } from './api-harness';
import { HandFedMarket } from './hand-fed-market';
import { ClientBook, LiveClient } from './live-client';

const lane = hasRedisServer() ? describe : describe.skip;

lane('two api instances on one Redis', () => {
  let redis: TestRedis;
  let venue: TestSimulator;
  let apis: TestApi[];
  let fed: HandFedMarket;
  let other: Market;
  let clients: LiveClient[];

  beforeAll(async () => {
    [redis, venue] = await Promise.all([startTestRedis(), startTestSimulator({ markets: 40, epoch: WORLD_EPOCH })]);
    const start = (): Promise<TestApi> =>
      startTestApi({ venue, venueOptions: PATIENT, redis: { REDIS_URL: redis.url } });
    apis = await Promise.all([start(), start()]);
    const [first] = await Promise.all(apis.map((api) => api.storeListedMarkets()));
    const [market, another] = first?.filter((one) => isTradeable(one) && one.clobTokenIds.length === 2) ?? [];
    if (market === undefined || another === undefined || apis[0] === undefined) throw new Error('too few markets');
    fed = new HandFedMarket(apis[0].app, market);
    other = another;
    clients = await Promise.all(
      apis.map(async (api) => LiveClient.connect(api.url, await api.tokenFor({ id: 'watcher', role: 'user' }))),
    );
  });

  afterAll(async () => {
    await Promise.all(clients?.map((client) => client.close()) ?? []);
    await Promise.all(apis?.map((api) => api.stop()) ?? []);
    await venue?.stop();
    await redis?.stop();
  });

  const upToDate = (): Promise<true> =>
    waitFor(() => clients.every((client) => client.lastSequence === fed.sequence) || null);

  it('tell clients of either the same, under the same numbers', async () => {
    await fed.begin([[0.45, 100]], [[0.5, 100]]);
    for (const client of clients)
      await client.subscribe({ market_ids: [fed.firstToken], channels: ['book', 'trades'] });
    for (let size = 1; size <= 50; size += 1) await fed.change(['bid', 0.44, size]);
    fed.print(0.45, 5, 'sell');
    await upToDate();
    await Promise.all(clients.map((client) => client.next('trade')));
    const [one, other] = clients.map((client) => client.messages.filter(({ type }) => type !== 'connected'));
    expect(one).toEqual(other);
    for (const client of clients) expect(ClientBook.of(client, fed.firstToken).resyncs).toBe(0);
  });

  it('want a market each for itself', async () => {
    const interests = apis[0]?.app.get(InterestStore, { strict: false });
    const holders = (await interests?.list())?.map(({ holder }) => holder) ?? [];
    expect(new Set(holders).size).toBe(2);
    for (const holder of holders) expect(holder).toMatch(/^gateway:/);
  });

  it('tell their clients anew what they missed while Redis was away', async () => {
    const headers = { authorization: `Bearer ${await apis[0]?.tokenFor({ id: 'watcher', role: 'user' })}` };
    const opened = await apis[0]?.send<PortfolioBody>('POST', '/portfolios', { name: 'watched' }, headers);
    await redis.kill();
    clients[0]?.send({ action: 'subscribe', portfolio_ids: [opened?.body.id] });
    expect(await clients[0]?.next('error')).toMatchObject({
      code: 'STORE.UNAVAILABLE',
      portfolio_id: opened?.body.id,
    });
    fed.tell(['bid', 0.43, 7]);
    clients[0]?.send({ action: 'subscribe', market_ids: [other.slug] });
    expect(await clients[0]?.next('error')).toMatchObject({ code: 'STORE.UNAVAILABLE', market_id: other.slug });
    apis.forEach(({ clock }) => clock.advance(5_000));
    for (const client of clients) await client.next('book_state', ({ state }) => state === 'stale');
    const back = await startTestRedis(Number(new URL(redis.url).port));
    try {
      await waitFor(() => fed.begin([[0.46, 1]], [[0.5, 3]]).then(() => true));
      await upToDate();
      for (const client of clients) {
        const book = ClientBook.of(client, fed.firstToken);
        expect(book.resyncs).toBeGreaterThan(0);
        expect(book.side('bid')).toEqual([[0.46, 1]]);
      }
    } finally {
      redis = back;
    }
  });
});
