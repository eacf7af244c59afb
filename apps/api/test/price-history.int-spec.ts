import type { MarketDetailBody, PriceHistoryBody } from '@app/contracts';
import type { Market } from '@app/domain';
import { asksOf, startTestApi, type TestAnswer, type TestApi, WORLD_EPOCH } from './api-harness';

const NOW = WORLD_EPOCH.getTime() / 1000;
const DAY = 86_400;
const HISTORY = '/clob/prices-history';

describe('price history', () => {
  let api: TestApi;
  let open: Market[];
  let closed: Market[];
  let ancient: Market | undefined;

  beforeAll(async () => {
    api = await startTestApi({ markets: 120 });
    const stored = await api.storeListedMarkets();
    const old = new Date(WORLD_EPOCH.getTime() - 60 * DAY * 1000);
    open = stored.filter((market) => !market.closed && market.venueCreatedAt !== null && market.venueCreatedAt < old);
    closed = stored.filter(({ resolution }) => resolution.status === 'resolved');
    ancient = open.find(({ venueCreatedAt }) => (venueCreatedAt?.getTime() ?? NOW) / 1000 < NOW - 130 * DAY);
    if (open.length < 6 || closed.length < 4 || ancient === undefined)
      throw new Error('the world has too few markets of a kind for this test');
  });
  afterAll(() => api?.stop());
  beforeEach(() => api.venue.reset());

  const pricesOf = async (market: Market | undefined, query: string): Promise<PriceHistoryBody> => {
    const answer = await api.get<PriceHistoryBody>(`/markets/by-slug/${market?.slug}/prices?${query}`);
    expect(answer.status).toBe(200);
    return answer.body;
  };
  const ascending = (history: PriceHistoryBody['history']): boolean =>
    history.every(({ t }, index) => index === 0 || t > (history[index - 1]?.t ?? 0));

  it('asks by token, once for all who ask, and keeps the answer for half its grain', async () => {
    const [market] = open;
    const query = 'interval=1d&fidelity=10&outcome_index=1';
    const answers = await Promise.all(Array.from({ length: 10 }, () => pricesOf(market, query)));
    expect(answers[0]).toMatchObject({
      slug: market?.slug,
      outcome: market?.outcomes[1],
      outcome_index: 1,
      token_id: market?.clobTokenIds[1],
    });
    expect(answers[0]?.total_points).toBe(answers[0]?.history.length);
    expect(answers[0]?.total_points).toBeGreaterThan(100);
    expect(ascending(answers[0]?.history ?? [])).toBe(true);
    expect(asksOf(api.venue, HISTORY)).toBe(1);
    const [asked] = api.venue.requests().queries.filter(({ path }) => path === HISTORY);
    expect(new URLSearchParams(asked?.query).get('market')).toBe(market?.clobTokenIds[1]);

    await pricesOf(market, query);
    expect(asksOf(api.venue, HISTORY)).toBe(1);
    api.clock.advance(301_000);
    await pricesOf(market, query);
    expect(asksOf(api.venue, HISTORY)).toBe(2);
  });

  it('does not pile up the extra point at the moment of asking', async () => {
    const query = 'interval=1d&fidelity=10';
    const first = await pricesOf(open[1], query);
    for (let round = 0; round < 3; round += 1) {
      await api.venue.advance(307);
      api.clock.advance(307_000);
      const later = await pricesOf(open[1], query);
      expect(later.total_points).toBeLessThanOrEqual(first.total_points + 1);
      const gaps = later.history.slice(1, -1).map(({ t }, index) => t - (later.history[index]?.t ?? 0));
      expect(Math.min(...gaps)).toBeGreaterThan(500);
    }
  });

  it('splits a range the venue would refuse, and asks only once for what has passed', async () => {
    const query = `start_ts=${NOW - 40 * DAY}&end_ts=${NOW - 2 * DAY}&fidelity=60`;
    const body = await pricesOf(open[2], query);
    expect(ascending(body.history)).toBe(true);
    expect(body.history[0]?.t).toBeGreaterThanOrEqual(NOW - 40 * DAY);
    expect(body.history.at(-1)?.t).toBeLessThanOrEqual(NOW - 2 * DAY);
    expect(body.total_points).toBeGreaterThan(37 * 24 * 0.9);
    for (const { path, query: asked } of api.venue.requests().queries) {
      if (path !== HISTORY) continue;
      const range = new URLSearchParams(asked);
      expect(Number(range.get('endTs')) - Number(range.get('startTs'))).toBeLessThanOrEqual(15 * DAY);
    }
    const calls = asksOf(api.venue, HISTORY);
    expect(calls).toBeGreaterThan(1);
    api.clock.advance(3_600_000);
    const again = await pricesOf(open[2], query);
    expect(again.history).toEqual(body.history);
    // Only the part whose end had not passed when it was first asked for.
    expect(asksOf(api.venue, HISTORY) - calls).toBeLessThanOrEqual(1);
  });

  it('asks a resolved market the one way that is answered', async () => {
    const [market] = closed;
    const whole = await pricesOf(market, 'interval=max');
    expect(whole.total_points).toBeGreaterThan(0);
    const week = await pricesOf(market, 'interval=1w&fidelity=5');
    expect(week.total_points).toBeGreaterThan(0);
    const last = whole.history.at(-1)?.t ?? 0;
    expect(week.history).toEqual(whole.history.filter(({ t }) => t >= last - 7 * DAY));
    expect(asksOf(api.venue, HISTORY)).toBe(1);
    const [asked] = api.venue.requests().queries.filter(({ path }) => path === HISTORY);
    const asking = new URLSearchParams(asked?.query);
    expect([asking.get('interval'), asking.get('fidelity')]).toEqual(['max', '720']);
  });

  it('finds the history of a market that has been resolved since it was stored', async () => {
    const market = open[3];
    await api.venue.change(market?.slug ?? '', { resolve: 0 });
    // Its scheduled end lies behind now.
    api.clock.advance(Math.max(0, (market?.endDate?.getTime() ?? 0) - api.clock.now().getTime()) + 1_000);
    expect((await pricesOf(market, 'interval=max&fidelity=60')).total_points).toBeGreaterThan(0);
  });

  it('does not take an empty answer for the last word', async () => {
    const [slug = ''] = await api.venue.addMarkets(1);
    const path = `/markets/by-slug/${slug}/prices?interval=1h`;
    const empty = await api.get<PriceHistoryBody>(path);
    expect(empty.status).toBe(200);
    const calls = asksOf(api.venue, HISTORY);
    api.clock.advance(61_000);
    await api.get(path);
    expect(asksOf(api.venue, HISTORY)).toBeGreaterThan(calls);
  });

  it('answers what it has, with its age, while the venue is away', async () => {
    const query = 'interval=1d&fidelity=10';
    const before = await pricesOf(open[4], query);
    api.clock.advance(3_600_000);
    await api.venue.fault({ kind: 'status', path: HISTORY, status: 503, times: 10 });
    const stale = await api.get<PriceHistoryBody>(`/markets/by-slug/${open[4]?.slug}/prices?${query}`);
    expect(stale).toMatchObject({ status: 200, body: before });
    expect(stale.headers).toHaveProperty('x-served-stale', 'VENUE.UNAVAILABLE');
    const unknown = await api.get(`/markets/by-slug/${open[5]?.slug}/prices?${query}`);
    expect(unknown).toMatchObject({ status: 503, body: { code: 'VENUE.UNAVAILABLE' } });
    expect(Number(unknown.headers['retry-after'])).toBeGreaterThan(0);
  });

  it('goes back as far as the role may look, and says where it was cut', async () => {
    const headers = { authorization: `Bearer ${await api.tokenFor({ id: 'premium', role: 'premium_user' })}` };
    const prices = (query: string, bearer = {}): Promise<TestAnswer<PriceHistoryBody>> =>
      api.get(`/markets/by-slug/${ancient?.slug}/prices?${query}`, bearer);
    const now = Math.floor(api.clock.now().getTime() / 1000);

    const whole = await prices('interval=max', headers);
    expect(whole.body.history[0]?.t).toBeLessThan(now - 90 * DAY);
    expect(whole.headers).not.toHaveProperty('x-history-limit-days');
    const cut = await prices('interval=max');
    expect(cut.body.history).toEqual(whole.body.history.filter(({ t }) => t >= now - 90 * DAY));
    expect(cut.body.total_points).toBeGreaterThan(0);
    expect(cut.headers).toHaveProperty('x-history-limit-days', '90');

    const range = `start_ts=${now - 100 * DAY}&end_ts=${now - 80 * DAY}&fidelity=720`;
    const ranged = await prices(range);
    expect(ranged.body.history[0]?.t).toBeGreaterThanOrEqual(now - 90 * DAY);
    expect(ranged.body.total_points).toBeGreaterThan(0);
    expect(ranged.headers).toHaveProperty('x-history-limit-days', '90');
    expect((await prices(range, headers)).body.total_points).toBeGreaterThan(ranged.body.total_points);

    const calls = asksOf(api.venue, HISTORY);
    const before = await prices(`start_ts=${now - 120 * DAY}&end_ts=${now - 91 * DAY}&fidelity=720`);
    expect(before).toMatchObject({ status: 200, body: { total_points: 0, cached_at: null } });
    expect(before.headers).toHaveProperty('x-history-limit-days', '90');
    expect(asksOf(api.venue, HISTORY)).toBe(calls);
    expect((await prices('interval=1w')).headers).not.toHaveProperty('x-history-limit-days');
  });

  it('asks again when told to', async () => {
    const query = 'interval=1w';
    await pricesOf(open[0], query);
    api.clock.advance(5_000);
    const calls = asksOf(api.venue, HISTORY);
    await pricesOf(open[0], `${query}&force_refresh=true`);
    expect(asksOf(api.venue, HISTORY)).toBe(calls + 1);
  });

  it('loads a market it does not have yet', async () => {
    const [slug = ''] = await api.venue.addMarkets(1);
    expect((await api.get<PriceHistoryBody>(`/markets/by-slug/${slug}/prices`)).body.slug).toBe(slug);
    expect((await api.get<MarketDetailBody>(`/markets/by-slug/${slug}`)).status).toBe(200);
  });
});
