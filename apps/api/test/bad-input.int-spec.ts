import { connect } from 'node:net';
import { startTestApi, type TestApi } from './api-harness';

describe('bad input', () => {
  let api: TestApi;
  let slug: string;
  const now = Math.floor(Date.parse('2026-11-01T12:00:00Z') / 1000);

  beforeAll(async () => {
    api = await startTestApi({ markets: 20 });
    slug = (await api.storeListedMarkets())[0]?.slug ?? '';
  });
  afterAll(() => api?.stop());

  const expectRefused = async (
    asked: Promise<{ status: number; contentType: string; body: unknown }>,
    field: string,
  ): Promise<void> => {
    const answer = await asked;
    expect(answer).toMatchObject({ status: 422, contentType: 'application/problem+json; charset=utf-8' });
    expect(answer.body).toMatchObject({
      status: 422,
      code: 'REQUEST.UNACCEPTABLE',
      errors: expect.arrayContaining([{ field, message: expect.any(String) }]),
    });
    expect((answer.body as { detail: string }).detail).toContain(field);
  };

  it.each([
    ['page=0', 'page'],
    ['page=-1', 'page'],
    ['page=1e9', 'page'],
    ['page=1&page=2', 'page'],
    ['page_size=101', 'page_size'],
    ['page_size=0', 'page_size'],
    ['sort_by=magic', 'sort_by'],
    ['sort_by=relevance', 'sort_by'],
    ['volume_min=2&volume_max=1', 'volume_min'],
    ['volume_min=NaN', 'volume_min'],
    ['volume_min=1e400', 'volume_min'],
    ['volume_max=0.0000001', 'volume_max'],
    ['liquidity_min=-1', 'liquidity_min'],
    ['liquidity_min=5&liquidity_max=4.999999', 'liquidity_min'],
    ['end_date_min=2026-02-01&end_date_max=2026-01-01', 'end_date_min'],
    ['end_date_min=yesterday', 'end_date_min'],
    [`search=${'x'.repeat(2_000)}`, 'search'],
    ['search=.*', 'search'],
    ['search=%24%5E%5B%5D%28%29', 'search'],
    ['active=maybe', 'active'],
    ['tag=%2F', 'tag'],
    ['event_slug=..%2Fx', 'event_slug'],
    ['pagesize=10', 'pagesize'],
    [`token=${'x'.repeat(9_000)}`, 'token'],
  ])('GET /markets?%s names the field', async (query, field) => {
    await expectRefused(api.get(`/markets?${query}`), field);
  });

  it.each([
    ['a%2Fb', 'slug'],
    ['..%2F..%2Fetc%2Fpasswd', 'slug'],
    ['%2e%2e%2fx', 'slug'],
    ['a/b', 'slug'],
    ['a/b/c/d', 'slug'],
    ['m%C3%A4rkte', 'slug'],
    ['%F0%9F%8E%B2', 'slug'],
    ['a%00b', 'slug'],
    ['a%20b', 'slug'],
    ['x'.repeat(300), 'slug'],
    ['x'.repeat(900), 'slug'],
  ])('GET /markets/by-slug/%s names the slug', async (path, field) => {
    await expectRefused(api.get(`/markets/by-slug/${path}`), field);
  });

  it('names the slug of a path that climbs, as raw bytes on the wire', async () => {
    const { port } = new URL(await api.app.getUrl());
    const answer = await rawGet(Number(port), '/markets/by-slug/../../etc/passwd');
    expect(answer).toMatch(/^HTTP\/1\.1 422 /);
    expect(answer).toContain('"field":"slug"');
  });

  it('refuses a path that cannot be decoded', async () => {
    const answer = await api.get('/markets/by-slug/%E0%A4%A');
    expect(answer).toMatchObject({ status: 400, contentType: 'application/problem+json; charset=utf-8' });
  });

  it.each([
    ['by-condition/0x12', 'condition_id'],
    ['by-condition/abc', 'condition_id'],
    ['top?limit=0', 'limit'],
    ['top?limit=101', 'limit'],
    ['top?sort_by=relevance', 'sort_by'],
    ['stats?x=1', 'x'],
    ['by-slug/some-market?force_refresh=perhaps', 'force_refresh'],
  ])('GET /markets/%s names the field', async (path, field) => {
    await expectRefused(api.get(`/markets/${path}`), field);
  });

  it.each([
    ['outcome_index=-1', 'outcome_index'],
    ['outcome_index=one', 'outcome_index'],
    [`start_ts=${now - 100}&end_ts=${now - 200}`, 'start_ts'],
    [`start_ts=${now + 3_600}&end_ts=${now + 7_200}`, 'start_ts'],
    [`start_ts=${now - 100}&end_ts=${now + 40 * 86_400}`, 'end_ts'],
    [`start_ts=${now * 1000}`, 'start_ts'],
    [`end_ts=${now}`, 'start_ts'],
    [`start_ts=${now - 400 * 86_400}`, 'start_ts'],
    [`start_ts=${now - 100 * 86_400}&fidelity=1`, 'fidelity'],
    ['interval=2d', 'interval'],
    [`interval=1d&start_ts=${now - 100}`, 'interval'],
    ['interval=1w&fidelity=1', 'fidelity'],
    ['interval=max&fidelity=5', 'fidelity'],
    ['fidelity=0', 'fidelity'],
    ['fidelity=abc', 'fidelity'],
  ])('GET …/prices?%s names the field', async (query, field) => {
    await expectRefused(api.get(`/markets/by-slug/${slug}/prices?${query}`), field);
  });

  it.each(['prices', 'book'])(
    'an outcome a market does not have is a 404 on …/%s that says how many it has',
    async (part) => {
      const answer = await api.get(`/markets/by-slug/${slug}/${part}?outcome_index=2`);
      expect(answer).toMatchObject({ status: 404, body: { code: 'MARKET.OUTCOME_NOT_FOUND' } });
      expect(answer.body.errors).toEqual([
        { field: 'outcome_index', message: expect.stringContaining('has 2 outcomes') },
      ]);
    },
  );

  const id = (digit: string): string => `0x${digit.repeat(64)}`;

  it.each([
    [{ slugs: ['a'], condition_ids: [id('a')] }, 'condition_ids'],
    [{}, 'slugs'],
    [{ slugs: [] }, 'slugs'],
    [{ slugs: Array.from({ length: 101 }, (_, index) => `m-${index}`) }, 'slugs'],
    [{ slugs: ['a', 'b', 'a'] }, 'slugs.2'],
    [{ condition_ids: [id('a'), id('A')] }, 'condition_ids.1'],
    [{ condition_ids: ['0x1'] }, 'condition_ids.0'],
    [{ slugs: ['a/b'] }, 'slugs.0'],
    [{ slugs: [null] }, 'slugs.0'],
    [{ slugs: { length: 3 } }, 'slugs'],
    [{ slug: ['a'] }, 'slug'],
  ])('POST /markets/open-interest %j names the field', async (body, field) => {
    await expectRefused(api.post('/markets/open-interest', body), field);
  });

  it.each([
    ['not JSON', '{"slugs": [', 'application/json', 400],
    ['nothing', '', 'application/json', 400],
    ['a form', 'slugs=a', 'application/x-www-form-urlencoded', 422],
    ['markup', '<slugs/>', 'application/xml', 415],
    ['too much', JSON.stringify({ slugs: ['x'.repeat(300_000)] }), 'application/json', 413],
  ])('POST /markets/open-interest with %s is refused as such', async (_name, body, contentType, status) => {
    const answer = await api.post('/markets/open-interest', body, { 'content-type': contentType });
    expect(answer).toMatchObject({ status, contentType: 'application/problem+json; charset=utf-8', body: { status } });
  });

  it.each([['/nothing/here'], ['/markets/nothing'], ['/api/v1/markets']])('%s is a 404 that says so', async (path) => {
    const answer = await api.get(path);
    expect(answer).toMatchObject({ status: 404, contentType: 'application/problem+json; charset=utf-8' });
  });
});

function rawGet(port: number, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () =>
      socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`),
    );
    let text = '';
    socket.setEncoding('utf8');
    socket.on('data', (chunk: string) => (text += chunk));
    socket.on('end', () => resolve(text));
    socket.on('error', reject);
  });
}
