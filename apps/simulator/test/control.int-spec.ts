import { startTestSimulator, type TestSimulator } from '@app/testing';
import { ask, type Json, type KeysetAnswer, post, walk } from './ask';

describe('the control port', () => {
  let simulator: TestSimulator;
  let gamma: string;

  beforeAll(async () => {
    simulator = await startTestSimulator({ markets: 600 });
    gamma = simulator.gammaUrl;
  });
  beforeEach(() => simulator.reset());
  afterAll(() => simulator.stop());

  async function anyOpen(): Promise<Json> {
    const rows = (await ask<Json[]>(`${gamma}/markets?limit=100&order=volumeNum&ascending=false`)).body;
    const market = rows.find((row) => row.acceptingOrders === true && row.active === true);
    if (market === undefined) throw new Error('the world has no open market');
    return market;
  }
  const bySlug = async (slug: unknown): Promise<Json> =>
    (await ask(`${gamma}/markets/slug/${String(slug)}?include_tag=true`)).body;

  describe('request log', () => {
    it('counts requests by path and lists the cursor pages in order', async () => {
      await ask(`${gamma}/markets?limit=1`);
      await ask(`${gamma}/markets?limit=2`);
      const pages = await walk(`${gamma}/markets/keyset?limit=100&closed=false`);
      const report = simulator.requests();
      expect(report.total).toBe(2 + pages.length);
      expect(report.paths).toContainEqual({ method: 'GET', path: '/gamma/markets', count: 2 });
      expect(report.keyset_pages.map((page) => page.next_cursor)).toEqual(
        pages.map((page) => page.next_cursor ?? null),
      );
      expect(report.keyset_pages.map((page) => page.after_cursor)).toEqual([
        null,
        ...pages.slice(0, -1).map((page) => page.next_cursor),
      ]);
      expect(report.keyset_pages.every((page) => page.completed && page.filters === 'closed=false')).toBe(true);
      expect(report.keyset_pages[0]).toMatchObject({
        seq: 1,
        status: 200,
        rows: 100,
        first_id: pages[0]?.markets[0]?.id,
      });
      expect((await ask(`${simulator.controlUrl}/requests`)).body).toEqual(report);
    });

    it('forgets on reset and does not count itself', async () => {
      await ask(`${gamma}/status`);
      await simulator.reset();
      await ask(`${simulator.controlUrl}/world`);
      expect(simulator.requests()).toMatchObject({ total: 0, paths: [], keyset_pages: [] });
    });
  });

  describe('faults', () => {
    const keyset = (query = ''): ReturnType<typeof ask<KeysetAnswer>> =>
      ask<KeysetAnswer>(`${gamma}/markets/keyset?limit=10${query}`);

    it('hit the next matching requests and then stop, after those they skip', async () => {
      await simulator.fault({ kind: 'status', status: 503, retry_after: 2, path: '/gamma/markets', times: 2, skip: 1 });
      expect((await ask(`${gamma}/status`)).status).toBe(200);
      expect((await keyset()).status).toBe(200);
      const hit = await keyset();
      expect([hit.status, hit.headers.get('retry-after')]).toEqual([503, '2']);
      expect((await keyset()).status).toBe(503);
      expect((await keyset()).status).toBe(200);
    });

    it('cut the JSON, and break the connection in the middle of the body', async () => {
      await simulator.fault({ kind: 'malformed_json', path: '/gamma/markets' });
      await expect(keyset()).rejects.toThrow(SyntaxError);
      await simulator.fault({ kind: 'drop', path: '/gamma/markets' });
      await expect(keyset()).rejects.toThrow('terminated');
      expect(simulator.requests().keyset_pages.map((page) => page.completed)).toEqual([true, false]);
    });

    it('never answer until the client gives up', async () => {
      await simulator.fault({ kind: 'hang', path: '/gamma/status' });
      await expect(fetch(`${gamma}/status`, { signal: AbortSignal.timeout(50) })).rejects.toThrow('timeout');
      expect((await ask(`${gamma}/status`)).status).toBe(200);
    });

    it('put a wrong type into one row', async () => {
      await simulator.fault({ kind: 'wrong_type', path: '/gamma/markets', row: 3, field: 'outcomes', value: 17 });
      const { body } = await keyset();
      expect(body.markets.map((row) => typeof row.outcomes)).toEqual(
        Array.from({ length: 10 }, (_, row) => (row === 3 ? 'number' : 'string')),
      );
    });

    it('hold a cursor still, repeat rows, and empty a page that goes on', async () => {
      const cursor = (await keyset()).body.next_cursor ?? '';
      await simulator.fault({ kind: 'stuck_cursor', path: '/gamma/markets' });
      expect((await keyset(`&after_cursor=${cursor}`)).body.next_cursor).toBe(cursor);
      await simulator.fault({ kind: 'duplicate_rows', path: '/gamma/markets', rows: 2 });
      const { markets } = (await keyset()).body;
      expect(markets).toHaveLength(12);
      expect(markets.slice(10)).toEqual(markets.slice(0, 2));
      await simulator.fault({ kind: 'empty_page', path: '/gamma/markets' });
      expect((await keyset()).body).toEqual({ markets: [], next_cursor: cursor });
    });

    it('are refused when they make no sense', async () => {
      const answer = await post(`${simulator.controlUrl}/faults`, { kind: 'explode', path: '/gamma' });
      expect(answer.status).toBe(422);
      expect(String(answer.body.error)).toContain('kind');
    });
  });

  describe('changes', () => {
    it('set a price: Gamma, the book and the history follow', async () => {
      const market = await anyOpen();
      const [yes = ''] = JSON.parse(String(market.clobTokenIds)) as string[];
      const changed = await simulator.change(String(market.slug), { price: 0.42, tick_size: 0.01 });
      const prices = JSON.parse(String(changed.outcomePrices)) as string[];
      expect(Number(prices[0])).toBeCloseTo(0.42, 1);
      expect(Number(prices[0]) + Number(prices[1])).toBeCloseTo(1, 9);
      expect(changed.orderPriceMinTickSize).toBe(0.01);
      expect((await ask(`${simulator.clobUrl}/midpoint?token_id=${yes}`)).body).toEqual({ mid: prices[0] });
      expect(changed).toEqual(await bySlug(market.slug));
    });

    it('close without a result, resolve, and open again', async () => {
      const { slug } = await anyOpen();
      expect(await simulator.change(String(slug), { closed: true })).toMatchObject({
        closed: true,
        acceptingOrders: false,
      });
      expect(await simulator.change(String(slug), { resolve: 1 })).toMatchObject({
        closed: true,
        outcomePrices: '["0", "1"]',
        umaResolutionStatus: 'resolved',
      });
      expect(await simulator.change(String(slug), { closed: false })).toMatchObject({
        closed: false,
        acceptingOrders: true,
      });
      expect(await simulator.change(String(slug), { uma_resolution_status: 'disputed' })).toMatchObject({
        closed: false,
        umaResolutionStatus: 'disputed',
      });
    });

    it('resolve: the CLOB names the winner Gamma pays, and another one when the result changes', async () => {
      const { slug, conditionId } = await anyOpen();
      const atClob = async (): Promise<Json> => (await ask(`${simulator.clobUrl}/markets/${String(conditionId)}`)).body;
      const winners = async (): Promise<unknown[]> => ((await atClob()).tokens as Json[]).map(({ winner }) => winner);
      await simulator.change(String(slug), { uma_resolution_status: 'proposed' });
      expect(await atClob()).toMatchObject({ closed: false, enable_order_book: true });
      expect(await winners()).toEqual([false, false]);
      expect(await simulator.change(String(slug), { resolve: 0 })).toMatchObject({
        closed: true,
        outcomePrices: '["1", "0"]',
        umaResolutionStatus: 'resolved',
        umaResolutionStatuses: '["proposed"]',
      });
      expect(await atClob()).toMatchObject({ closed: true, accepting_orders: false, enable_order_book: false });
      expect(await winners()).toEqual([true, false]);
      await simulator.change(String(slug), { resolve: 1 });
      expect(await winners()).toEqual([false, true]);
      expect(await simulator.change(String(slug), { resolve: 'split' })).toMatchObject({
        outcomePrices: '["0.5", "0.5"]',
      });
      expect(await winners()).toEqual([false, false]);
      expect(await atClob()).toMatchObject({ is_50_50_outcome: true, tokens: [{ price: 0.5 }, { price: 0.5 }] });
    });

    it('let the sources differ, and halt a market that stays open', async () => {
      const { slug, conditionId } = await anyOpen();
      const winners = async (): Promise<unknown[]> =>
        ((await ask(`${simulator.clobUrl}/markets/${String(conditionId)}`)).body.tokens as Json[]).map(
          ({ winner }) => winner,
        );
      expect(await simulator.change(String(slug), { halted: true })).toMatchObject({
        closed: false,
        acceptingOrders: false,
      });
      expect(
        await simulator.change(String(slug), { resolve: 0, clob_winner: 1, shown_uma_status: 'settled' }),
      ).toMatchObject({ closed: true, outcomePrices: '["1", "0"]', umaResolutionStatus: 'settled' });
      expect(await winners()).toEqual([false, true]);
      await simulator.change(String(slug), { clob_winner: 'none' });
      expect(await winners()).toEqual([false, false]);
      await simulator.change(String(slug), { clob_winner: null, shown_uma_status: null });
      expect(await winners()).toEqual([true, false]);
      expect((await bySlug(slug)).umaResolutionStatus).toBe('resolved');
    });

    it('rename, reword and archive', async () => {
      const market = await anyOpen();
      const renamed = await simulator.change(String(market.slug), { slug: 'renamed-market', question: 'Is this new?' });
      expect(renamed).toMatchObject({ id: market.id, conditionId: market.conditionId, question: 'Is this new?' });
      expect((await ask(`${gamma}/markets/slug/${String(market.slug)}`)).status).toBe(404);
      await simulator.change('renamed-market', { archived: true });
      const pages = await walk(`${gamma}/markets/keyset?limit=100&closed=false`);
      expect(pages.flatMap((page) => page.markets).map((row) => row.id)).not.toContain(market.id);
      expect(await bySlug('renamed-market')).toMatchObject({ id: market.id, archived: true });
    });

    it('are refused for unknown markets, taken slugs, outcomes that are none and unknown keys', async () => {
      const market = await anyOpen();
      const other = (await ask<Json[]>(`${gamma}/markets?limit=1`)).body[0] ?? {};
      const change = async (slug: unknown, body: Json): Promise<number> =>
        (await post(`${simulator.controlUrl}/markets/${String(slug)}`, body)).status;
      expect(await change('unknown', { price: 0.5 })).toBe(404);
      expect(await change(market.slug, { slug: other.slug })).toBe(409);
      expect(await change(market.slug, { resolve: 2 })).toBe(422);
      expect(await change(market.slug, { clob_winner: 2 })).toBe(422);
      expect(await change(market.slug, { price: 1 })).toBe(422);
      expect(await change(market.slug, { prize: 0.5 })).toBe(422);
    });

    it('add markets that the cursor list ends with', async () => {
      const added = await simulator.addMarkets(3);
      const pages = await walk(`${gamma}/markets/keyset?limit=100&closed=false`);
      const slugs = pages.flatMap((page) => page.markets).map((row) => String(row.slug));
      const shown = added.filter((slug) => slugs.includes(slug));
      expect(added).toHaveLength(3);
      expect(slugs.slice(-shown.length)).toEqual(shown);
    });

    it('move the clock', async () => {
      const before = Number((await ask<number>(`${simulator.clobUrl}/time`)).body);
      await simulator.advance(3_600);
      expect((await ask<number>(`${simulator.clobUrl}/time`)).body).toBe(before + 3_600);
    });
  });

  it('describes the world and, when asked, names every market', async () => {
    const { body } = await ask(`${simulator.controlUrl}/world?ids=true`);
    const markets = body.markets as Json[];
    expect(markets).toHaveLength(Number((body.counts as Json).markets));
    expect(markets.filter((market) => market.listed === true)).toHaveLength(Number(body.listed));
    expect((await ask(`${simulator.controlUrl}/world`)).body).not.toHaveProperty('markets');
  });

  it('is 404 where there is nothing', async () => {
    expect((await ask(`${simulator.controlUrl}/nothing`)).status).toBe(404);
    expect((await ask(`${simulator.url}/nothing`)).status).toBe(404);
  });
});

describe('rate limits', () => {
  it('refuse with 429 and Retry-After once a family’s window is full', async () => {
    const simulator = await startTestSimulator({ markets: 50, rateLimit: true });
    try {
      const asked = Array.from({ length: 101 }, () => ask<string>(`${simulator.clobUrl}/ok`));
      const answers = await Promise.all(asked);
      const refused = answers.filter((answer) => answer.status === 429);
      expect(refused).toHaveLength(1);
      expect(Number(refused[0]?.headers.get('retry-after'))).toBeGreaterThan(0);
      expect((await ask(`${simulator.gammaUrl}/markets?limit=1`)).status).toBe(200);
      expect(simulator.requests().statuses).toMatchObject({ 200: 101, 429: 1 });
    } finally {
      await simulator.stop();
    }
  });
});
