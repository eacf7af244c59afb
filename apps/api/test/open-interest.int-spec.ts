import type { OpenInterestBody } from '@app/contracts';
import type { Market } from '@app/domain';
import { asksOf, startTestApi, type TestApi } from './api-harness';

describe('open interest', () => {
  let api: TestApi;
  let open: Market[];

  beforeAll(async () => {
    api = await startTestApi({ markets: 150 });
    open = (await api.storeListedMarkets()).filter(({ closed }) => !closed);
  });
  afterAll(() => api?.stop());
  beforeEach(() => api.venue.reset());

  const ask = (body: unknown): ReturnType<typeof api.post<OpenInterestBody[]>> =>
    api.post<OpenInterestBody[]>('/markets/open-interest', body);

  it('answers in the order asked, reports what is unknown and still answers the rest', async () => {
    const [first, second] = open;
    const unknown = `0x${'1'.repeat(64)}`;
    const bySlug = await ask({ slugs: [second?.slug, 'no-such-market', first?.slug] });
    expect(bySlug.status).toBe(200);
    expect(bySlug.body.map(({ slug }) => slug)).toEqual([second?.slug, 'no-such-market', first?.slug]);
    expect(bySlug.body[0]).toMatchObject({ condition_id: second?.conditionId, value: expect.any(Number), error: null });
    expect(bySlug.body[1]).toMatchObject({
      condition_id: null,
      value: null,
      fetched_at: null,
      error: expect.any(String),
    });
    const byCondition = await ask({ condition_ids: [first?.conditionId, unknown] });
    expect(byCondition.body[0]).toEqual(bySlug.body[2]);
    expect(byCondition.body[1]).toMatchObject({ slug: null, condition_id: unknown, value: null });
  });

  it('asks the venue in batches, and not again within a minute', async () => {
    const slugs = open.slice(2, 40).map(({ slug }) => slug);
    await ask({ slugs });
    const calls = asksOf(api.venue, '/data/oi');
    expect(calls).toBeLessThanOrEqual(Math.ceil(slugs.length / 20));
    await ask({ slugs });
    expect(asksOf(api.venue, '/data/oi')).toBe(calls);
    api.clock.advance(61_000);
    await ask({ slugs });
    expect(asksOf(api.venue, '/data/oi')).toBe(calls * 2);
  });

  it('loads markets it does not have yet', async () => {
    const [slug] = await api.venue.addMarkets(1);
    expect((await ask({ slugs: [slug] })).body[0]).toMatchObject({ slug, condition_id: expect.any(String) });
  });

  it('gives the last known value while the venue is away, and 503 when there is none', async () => {
    const known = open[0]?.slug;
    const before = await ask({ slugs: [known] });
    api.clock.advance(120_000);
    await api.venue.fault({ kind: 'status', path: '/data/', status: 500, times: 20 });
    expect((await ask({ slugs: [known] })).body).toEqual(before.body);
    const mixed = await ask({ slugs: [known, open[50]?.slug ?? open.at(-1)?.slug] });
    expect(mixed.body[0]).toEqual(before.body[0]);
    expect(mixed.body[1]).toMatchObject({ value: null, error: expect.stringContaining('try again') });
    const none = await api.post('/markets/open-interest', { slugs: [open.at(-1)?.slug] });
    expect(none).toMatchObject({ status: 503, body: { code: 'VENUE.UNAVAILABLE' } });
  });

  it('does not let one broken market take the others with it', async () => {
    api.clock.advance(120_000);
    await api.venue.fault({ kind: 'hang', path: '/gamma/', times: 10 });
    const { status, body } = await ask({ slugs: [open[0]?.slug, 'another-unknown', 'third-unknown'] });
    expect(status).toBe(200);
    expect(body[0]).toMatchObject({ value: expect.any(Number) });
    expect(body.slice(1).map(({ error }) => error)).toEqual([
      expect.stringContaining('try again'),
      expect.stringContaining('try again'),
    ]);
  });
});
