import type { OrderBookBody } from '@app/contracts';
import type { Market } from '@app/domain';
import { asksOf, startTestApi, type TestApi } from './api-harness';

describe('order books over REST', () => {
  let api: TestApi;
  let open: Market[];
  let closed: Market[];

  beforeAll(async () => {
    api = await startTestApi({ markets: 80 });
    const stored = await api.storeListedMarkets();
    open = stored.filter((market) => !market.closed && market.acceptingOrders && market.enableOrderBook);
    closed = stored.filter((market) => market.closed);
  });
  afterAll(() => api?.stop());
  beforeEach(() => api.venue.reset());

  const path = (market: Market | undefined, outcome = 0): string =>
    `/markets/by-slug/${market?.slug}/book?outcome_index=${outcome}`;

  it('show the best price first on both sides', async () => {
    const { status, body } = await api.get<OrderBookBody>(path(open[0]));
    expect(status).toBe(200);
    expect(body).toMatchObject({ token_id: open[0]?.clobTokenIds[0], source: 'rest' });
    const bids = body.bids.map(({ price }) => price);
    const asks = body.asks.map(({ price }) => price);
    expect(bids).toEqual([...bids].sort((a, b) => b - a));
    expect(asks).toEqual([...asks].sort((a, b) => a - b));
    expect([body.best_bid, body.best_ask]).toEqual([bids[0] ?? null, asks[0] ?? null]);
    expect(body.age_ms).toBeGreaterThanOrEqual(0);
    expect(new Date(body.timestamp).toISOString()).toBe(body.timestamp);
  });

  it('of the two outcomes mirror each other', async () => {
    const yes = await api.get<OrderBookBody>(path(open[1], 0));
    const no = await api.get<OrderBookBody>(path(open[1], 1));
    const micro = (price: number): number => Math.round(price * 1e6);
    expect(no.body.asks.map(({ price, size }) => [1_000_000 - micro(price), size])).toEqual(
      yes.body.bids.map(({ price, size }) => [micro(price), size]),
    );
  });

  it('are asked for once a second, however many want them', async () => {
    await Promise.all(Array.from({ length: 20 }, () => api.get(path(open[2]))));
    expect(asksOf(api.venue, '/clob/book')).toBe(1);
    api.clock.advance(1_100);
    await api.get(path(open[2]));
    expect(asksOf(api.venue, '/clob/book')).toBe(2);
  });

  it('do not exist for a closed market', async () => {
    const answer = await api.get(path(closed[0]));
    expect(answer).toMatchObject({ status: 404, body: { code: 'MARKET.NO_ORDER_BOOK' } });
    expect(answer.body.detail).toContain('it is closed');
  });

  it.each([
    ['an error', { kind: 'status', status: 500 }, 503],
    ['silence', { kind: 'hang' }, 503],
    ['broken JSON', { kind: 'malformed_json' }, 502],
  ] as const)('are never made up: %s of the venue is a %s', async (_name, fault, status) => {
    api.clock.advance(10_000);
    await api.venue.fault({ ...fault, path: '/clob/book', times: 5 });
    expect(await api.get(path(open[3]))).toMatchObject({
      status,
      contentType: expect.stringContaining('problem+json'),
    });
  });
});
