import type { MarketDetailBody, MarketListBody } from '@app/contracts';
import { MarketChangeRepository, MarketRepository } from '@app/persistence';
import { waitFor } from '@app/testing';
import { asksOf, startTestApi, type TestApi } from './api-harness';

describe('single markets', () => {
  let api: TestApi;
  let slugs: string[];
  let conditionIds: string[];
  let openSlug: string;

  beforeAll(async () => {
    api = await startTestApi({ markets: 40 });
    const markets = await api.venue.markets({ listed: true });
    slugs = markets.map(({ slug }) => String(slug));
    conditionIds = markets.map(({ conditionId }) => String(conditionId));
    // The first ten are used by number.
    openSlug = String(markets.slice(10).find(({ closed }) => closed === false)?.['slug']);
  });
  afterAll(() => api?.stop());
  beforeEach(() => api.venue.reset());

  const slugOf = (index: number): string => slugs[index] ?? '';

  it('fetches an unknown market once, stores it and answers it from then on', async () => {
    const path = `/markets/by-slug/${slugOf(0)}`;
    const answers = await Promise.all(Array.from({ length: 20 }, () => api.get<MarketDetailBody>(path)));
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 200));
    expect(new Set(answers.map(({ body }) => JSON.stringify(body))).size).toBe(1);
    expect(asksOf(api.venue, '/gamma/')).toBe(1);

    expect((await api.get<MarketDetailBody>(path)).body.slug).toBe(slugOf(0));
    expect(asksOf(api.venue, '/gamma/')).toBe(1);
    const list = await api.get<MarketListBody>('/markets?sort_by=created_at');
    expect(list.body.markets.map(({ slug }) => slug)).toContain(slugOf(0));
  });

  it.each([
    ['for an unknown market', 30, ''],
    ['for a refresh', 31, '?force_refresh=true'],
  ])(
    'asks once %s, also when the store answers one who asks only after another is done',
    async (_what, index, query) => {
      const path = `/markets/by-slug/${slugOf(index)}`;
      if (query !== '') await api.get(path);
      api.clock.advance(5_000);
      await api.venue.reset();
      await api.venue.fault({ kind: 'latency', path: '/gamma/', ms: 500 });
      const first = api.get<MarketDetailBody>(path + query);
      await waitFor(() => asksOf(api.venue, '/gamma/') === 1);

      const markets = api.app.get(MarketRepository, { strict: false });
      const find = markets.findBySlug.bind(markets);
      const slowRead = jest.spyOn(markets, 'findBySlug').mockImplementationOnce(async (slug) => {
        const found = await find(slug);
        await first;
        return found;
      });
      const second = await api.get<MarketDetailBody>(path + query);
      slowRead.mockRestore();
      expect(second).toMatchObject({ status: 200, body: (await first).body });
      expect(asksOf(api.venue, '/gamma/')).toBe(1);
    },
  );

  it('finds a market by its on-chain id, stored or not', async () => {
    const path = `/markets/by-condition/${conditionIds[1]?.toUpperCase().replace('0X', '0x')}`;
    const first = await api.get<MarketDetailBody>(path);
    expect(first.body).toMatchObject({ slug: slugOf(1), condition_id: conditionIds[1] });
    const asked = asksOf(api.venue, '/gamma/');
    expect(asked).toBeGreaterThan(0);
    expect((await api.get<MarketDetailBody>(path)).body).toEqual(first.body);
    expect((await api.get<MarketDetailBody>(`/markets/by-slug/${slugOf(1)}`)).body).toEqual(first.body);
    expect(asksOf(api.venue, '/gamma/')).toBe(asked);
  });

  it('remembers for half a minute that a market is unknown', async () => {
    const path = '/markets/by-slug/no-such-market';
    const missing = await api.get(path);
    expect(missing).toMatchObject({
      status: 404,
      contentType: 'application/problem+json; charset=utf-8',
      body: { code: 'MARKET.NOT_FOUND', errors: [{ field: 'slug' }] },
    });
    await api.get(path);
    expect(asksOf(api.venue, '/gamma/')).toBe(1);
    api.clock.advance(31_000);
    await api.get(path);
    expect(asksOf(api.venue, '/gamma/')).toBe(2);
    const unknown = await api.get(`/markets/by-condition/0x${'0'.repeat(64)}`);
    expect(unknown).toMatchObject({ status: 404, body: { errors: [{ field: 'condition_id' }] } });
  });

  it('asks again when told to, once for all who ask, and stores the answer', async () => {
    const path = `/markets/by-slug/${slugOf(2)}`;
    const before = await api.get<MarketDetailBody>(path);
    await api.venue.change(slugOf(2), { question: 'Has the question changed?' });
    expect((await api.get<MarketDetailBody>(path)).body.question).toBe(before.body.question);
    api.clock.advance(5_000);
    await api.venue.reset();
    const forced = await Promise.all(
      Array.from({ length: 5 }, () => api.get<MarketDetailBody>(`${path}?force_refresh=true`)),
    );
    expect(forced.map(({ body }) => body.question)).toEqual(
      Array.from({ length: 5 }, () => 'Has the question changed?'),
    );
    expect(asksOf(api.venue, '/gamma/')).toBe(1);
    expect((await api.get<MarketDetailBody>(path)).body).toMatchObject({
      question: 'Has the question changed?',
      first_synced_at: before.body.first_synced_at,
    });
  });

  it('follows a market to its new name, and logs what it learns', async () => {
    const changes = api.app.get(MarketChangeRepository, { strict: false });
    const before = await api.get<MarketDetailBody>(`/markets/by-slug/${openSlug}`);
    api.clock.advance(5_000);
    const slug = `${openSlug}-renamed`;
    await api.venue.change(openSlug, { slug });
    const after = await api.get<MarketDetailBody>(`/markets/by-slug/${slug}`);
    expect(after.body).toMatchObject({
      slug,
      condition_id: before.body.condition_id,
      first_synced_at: before.body.first_synced_at,
    });
    const byCondition = await api.get<MarketDetailBody>(`/markets/by-condition/${before.body.condition_id}`);
    expect(byCondition.body.slug).toBe(slug);
    expect(await changes.listNewest({ slug, limit: 9 })).toMatchObject([
      { kind: 'renamed', before: openSlug, after: slug },
    ]);

    await api.venue.change(slug, { resolve: 0 });
    api.clock.advance(5_000);
    const resolved = await api.get<MarketDetailBody>(`/markets/by-slug/${slug}?force_refresh=true`);
    expect(resolved.body).toMatchObject({ closed: true, resolution: { status: 'resolved', winning_outcome_index: 0 } });
    const kinds = (await changes.listNewest({ slug, limit: 9 })).map(({ kind }) => kind);
    expect(new Set(kinds)).toEqual(new Set(['renamed', 'closed', 'resolved']));
  });

  it('answers the stored market with its age when a refresh cannot be had', async () => {
    const path = `/markets/by-slug/${slugOf(3)}`;
    const before = await api.get<MarketDetailBody>(path);
    api.clock.advance(60_000);
    await api.venue.fault({ kind: 'status', path: '/gamma/', status: 500, times: 2 });
    const stale = await api.get<MarketDetailBody>(`${path}?force_refresh=true`);
    expect(stale.status).toBe(200);
    expect(stale.headers).toHaveProperty('x-served-stale', 'VENUE.UNAVAILABLE');
    expect(stale.body).toEqual(before.body);
  });

  it.each([
    ['an error', 4, { kind: 'status', status: 500 }, 503, 'VENUE.UNAVAILABLE'],
    ['too many requests', 5, { kind: 'status', status: 429, retry_after: 7 }, 503, 'VENUE.BUSY'],
    ['silence', 6, { kind: 'hang' }, 503, 'VENUE.UNAVAILABLE'],
    ['a broken connection', 7, { kind: 'drop' }, 503, 'VENUE.UNAVAILABLE'],
    ['broken JSON', 8, { kind: 'malformed_json' }, 502, 'VENUE.BAD_ANSWER'],
  ] as const)('tells %s of the venue from a fault of its own', async (_name, index, fault, status, code) => {
    const path = `/markets/by-slug/${slugOf(index)}`;
    await api.venue.fault({ ...fault, path: '/gamma/', times: 5 });
    const answer = await api.get(path);
    expect(answer).toMatchObject({
      status,
      contentType: 'application/problem+json; charset=utf-8',
      body: { status, code, instance: path },
    });
    if (status === 503) expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
    await api.venue.reset();
    // Past any pause the venue asked for; a failure is not remembered as a miss.
    api.clock.advance(20_000);
    expect((await api.get<MarketDetailBody>(path)).body.slug).toBe(slugOf(index));
  });

  it('refuses a market it cannot understand, and stores nothing of it', async () => {
    await api.venue.fault({ kind: 'wrong_type', path: '/gamma/markets', row: 0, field: 'outcomes', times: 2 });
    const path = `/markets/by-condition/${conditionIds[9]}`;
    expect(await api.get(path)).toMatchObject({ status: 502, body: { code: 'VENUE.BAD_ANSWER' } });
    await api.venue.reset();
    expect((await api.get<MarketDetailBody>(path)).body.slug).toBe(slugOf(9));
    expect(asksOf(api.venue, '/gamma/')).toBeGreaterThan(0);
  });
});
