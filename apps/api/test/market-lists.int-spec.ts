import type { MarketListBody, MarketStatsBody, MarketSummaryBody } from '@app/contracts';
import { type Market, microUsdc } from '@app/domain';
import { startTestApi, type TestApi } from './api-harness';

describe('lists of markets', () => {
  let api: TestApi;
  let stored: Market[];

  beforeAll(async () => {
    api = await startTestApi({ markets: 150 });
    stored = await api.storeListedMarkets();
  });
  afterAll(() => api?.stop());

  const list = async (query: string): Promise<MarketListBody> => {
    const answer = await api.get<MarketListBody>(`/markets?${query}`);
    expect(answer.status).toBe(200);
    return answer.body;
  };
  const slugsBy = (rows: readonly Market[], compare: (a: Market, b: Market) => number): string[] =>
    [...rows].sort((a, b) => compare(a, b) || (a.slug < b.slug ? -1 : 1)).map(({ slug }) => slug);
  const byVolume = (a: Market, b: Market): number => Number(b.volumeTotal - a.volumeTotal);

  it('pages through every market once, largest volume first', async () => {
    const seen: string[] = [];
    for (let page = 1, more = true; more; page += 1) {
      const body = await list(`page=${page}&page_size=40`);
      expect(body).toMatchObject({ total: stored.length, page, page_size: 40, has_prev: page > 1 });
      seen.push(...body.markets.map(({ slug }) => slug));
      more = body.has_next;
    }
    expect(seen).toEqual(slugsBy(stored, byVolume));
  });

  it('answers an empty page beyond the last', async () => {
    expect(await list('page=9999&page_size=100')).toMatchObject({ markets: [], total: stored.length, has_next: false });
  });

  it.each([
    ['active=true&closed=false', (market: Market) => market.active && !market.closed],
    ['closed=true', (market: Market) => market.closed],
    ['closed=False', (market: Market) => !market.closed],
    ['volume_min=100000', (market: Market) => market.volumeTotal >= microUsdc(100_000_000_000n)],
    [
      'volume_min=1000.5&volume_max=20000&closed=false',
      (market: Market) =>
        !market.closed && market.volumeTotal >= 1_000_500_000n && market.volumeTotal <= 20_000_000_000n,
    ],
    ['liquidity_min=0.000001', (market: Market) => market.liquidity > 0n],
    ['tag=crypto', (market: Market) => market.tags.some(({ slug }) => slug === 'crypto')],
    [
      'end_date_min=2026-11-01&end_date_max=2026-12-31T00:00:00Z',
      ({ endDate }: Market) =>
        endDate !== null && endDate >= new Date('2026-11-01') && endDate <= new Date('2026-12-31'),
    ],
  ])('filters by %s', async (query, matches) => {
    const expected = stored.filter(matches);
    expect(expected.length).toBeGreaterThan(0);
    const body = await list(`${query}&page_size=100&sort_by=volume`);
    expect(body.total).toBe(expected.length);
    expect(body.markets.map(({ slug }) => slug)).toEqual(slugsBy(expected, byVolume).slice(0, 100));
  });

  it('filters by event', async () => {
    const slug = stored.find(({ event }) => event !== null)?.event?.slug ?? '';
    const expected = stored.filter(({ event }) => event?.slug === slug);
    expect((await list(`event_slug=${slug}`)).total).toBe(expected.length);
  });

  it.each([
    ['volume_24h', ({ volume24h }: Market) => Number(volume24h)],
    ['liquidity', ({ liquidity }: Market) => Number(liquidity)],
    ['end_date', ({ endDate }: Market) => endDate?.getTime() ?? -Infinity],
    ['created_at', ({ venueCreatedAt }: Market) => venueCreatedAt?.getTime() ?? -Infinity],
  ])('sorts by %s, either way', async (sortBy, value) => {
    const rising = slugsBy(stored, (a, b) => value(b) - value(a)).reverse();
    const up = await list(`sort_by=${sortBy}&sort_desc=false&page_size=100`);
    const down = await list(`sort_by=${sortBy}&page_size=100`);
    expect(up.markets.map(({ slug }) => slug)).toEqual(rising.slice(0, 100));
    expect(down.markets.map(({ slug }) => slug)).toEqual(rising.reverse().slice(0, 100));
  });

  it('finds words of the question, most relevant first, whatever is put around them', async () => {
    const word = 'bitcoin';
    const expected = stored.filter(({ question, description }) =>
      `${question} ${description}`.toLowerCase().includes(word),
    );
    expect(expected.length).toBeGreaterThan(0);
    for (const search of [word, `.*(${word})[$^`, `"-${word}"`]) {
      const body = await list(`search=${encodeURIComponent(search)}&sort_by=relevance&page_size=100`);
      expect(body.total).toBe(expected.length);
      expect(new Set(body.markets.map(({ slug }) => slug))).toEqual(new Set(expected.map(({ slug }) => slug)));
    }
    expect((await list('search=xyzzyplugh')).markets).toEqual([]);
  });

  it('gives the largest open markets', async () => {
    const answer = await api.get<MarketSummaryBody[]>('/markets/top?limit=5&sort_by=volume');
    const open = stored.filter(({ active, closed }) => active && !closed);
    expect(answer.body.map(({ slug }) => slug)).toEqual(slugsBy(open, byVolume).slice(0, 5));
    const all = await api.get<MarketSummaryBody[]>('/markets/top?limit=5&sort_by=volume&active_only=false');
    expect(all.body.map(({ slug }) => slug)).toEqual(slugsBy(stored, byVolume).slice(0, 5));
  });

  it('counts what is stored', async () => {
    const { body } = await api.get<MarketStatsBody>('/markets/stats');
    const closed = stored.filter((market) => market.closed).length;
    expect(body).toMatchObject({
      total_markets: stored.length,
      closed_markets: closed,
      active_markets: stored.filter((market) => market.active && !market.closed).length,
      oldest_sync: null,
      newest_sync: null,
      sync: { full: { state: 'idle', mode: 'full' }, incremental: { state: 'idle', mode: 'incremental' } },
    });
  });

  it('says that the data is simulated, on answers and refusals alike', async () => {
    expect((await api.get('/markets')).headers).toHaveProperty('x-market-data', 'simulated');
    expect((await api.get('/markets?page=0')).headers).toHaveProperty('x-market-data', 'simulated');
    expect((await api.get('/health/live')).headers).not.toHaveProperty('x-market-data');
  });

  it('lets the configured origin in, and no other', async () => {
    const allowed = await api.get('/markets', { origin: 'https://front.example.com' });
    expect(allowed.headers).toHaveProperty('access-control-allow-origin', 'https://front.example.com');
    const other = await api.get('/markets', { origin: 'https://evil.example.com' });
    expect(other.headers).not.toHaveProperty('access-control-allow-origin', 'https://evil.example.com');
  });
});
