import { startTestSimulator, type TestSimulator } from '@app/testing';
import { ask, type Json, type KeysetAnswer, walk } from './ask';

describe('the simulated Gamma API', () => {
  let simulator: TestSimulator;
  let gamma: string;
  let all: Json[];

  beforeAll(async () => {
    simulator = await startTestSimulator({ markets: 1_300 });
    gamma = simulator.gammaUrl;
    all = await simulator.markets();
  });
  afterAll(() => simulator.stop());

  const idsOf = (rows: Json[]): number[] => rows.map((row) => Number(row.id));
  const list = (query: string): ReturnType<typeof ask<Json[]>> => ask<Json[]>(`${gamma}/markets?${query}`);
  function one(found: (market: Json) => boolean): Json {
    const market = all.find(found);
    if (market === undefined) throw new Error('the world has no such market');
    return market;
  }

  it('marks every answer as simulated, without changing its body', async () => {
    const answer = await ask<string>(`${gamma}/status`);
    expect([answer.status, answer.text, answer.headers.get('x-simulated')]).toEqual([200, 'OK', 'true']);
    expect((await ask(`${gamma}/nothing`)).headers.get('x-simulated')).toBe('true');
  });

  describe('lists', () => {
    it('give 20 rows when no limit is asked for, open ones, oldest id first', async () => {
      const { body } = await list('');
      expect(body).toHaveLength(20);
      expect(body.every((row) => row.closed === false)).toBe(true);
      expect(idsOf(body)).toEqual(idsOf(all.filter((row) => row.closed === false)).slice(0, 20));
    });

    it('clamp a larger limit to 100 without an error', async () => {
      const answer = await list('limit=500');
      expect(answer.status).toBe(200);
      expect(answer.body).toHaveLength(100);
    });

    it('refuse an offset beyond 2000, and a limit that is no number', async () => {
      expect((await list('offset=2000&closed=true')).status).toBe(200);
      const refused = await ask(`${gamma}/markets?offset=2001`);
      expect(refused.status).toBe(422);
      expect(refused.body).toEqual({
        type: 'validation error',
        error: 'offset too large, use /markets/keyset for deeper pagination',
      });
      expect((await list('limit=ten')).status).toBe(422);
    });

    it('leave closed markets out unless asked for, but not closed events', async () => {
      expect((await list('limit=100&closed=true')).body.every((row) => row.closed === true)).toBe(true);
      const events = await ask<Json[]>(`${gamma}/events?limit=100&active=true`);
      expect(events.body.some((event) => event.closed === true && event.active === true)).toBe(true);
    });

    it('order by the answer’s own names and ignore any other', async () => {
      const { body } = await list('limit=50&order=volumeNum&ascending=false');
      const volumes = body.map((row) => Number(row.volumeNum));
      expect(volumes).toEqual([...volumes].sort((a, b) => b - a));
      expect(idsOf((await list('limit=50&order=volume_num')).body)).toEqual(idsOf((await list('limit=50')).body));
    });

    it('filter by ids, slugs, condition ids and token ids, repeated', async () => {
      const [first, second] = all.filter((row) => row.closed === false && row.clobTokenIds !== undefined);
      const tokens = JSON.parse(String(second?.clobTokenIds)) as string[];
      const pair = idsOf([first ?? {}, second ?? {}]);
      expect(idsOf((await list(`id=${pair[1]}&id=${pair[0]}`)).body)).toEqual(pair);
      expect(idsOf((await list(`slug=${String(first?.slug)}&slug=${String(second?.slug)}`)).body)).toEqual(pair);
      const conditions = `condition_ids=${String(first?.conditionId)}&condition_ids=${String(second?.conditionId)}`;
      expect(idsOf((await list(conditions)).body)).toEqual(pair);
      expect(idsOf((await list(`clob_token_ids=${tokens[1]}`)).body)).toEqual([pair[1]]);
      expect((await list('slug=unknown')).body).toEqual([]);
    });

    it('apply the default of closed to a slug as well', async () => {
      const closed = one((row) => row.closed === true && row.conditionId !== '');
      expect((await list(`slug=${String(closed.slug)}`)).body).toEqual([]);
      expect(idsOf((await list(`slug=${String(closed.slug)}&closed=true`)).body)).toEqual(idsOf([closed]));
    });

    it('filter by volume, liquidity, end date and tag', async () => {
      const busy = await list('limit=100&volume_num_min=100000&liquidity_num_min=1000');
      expect(busy.body.length).toBeGreaterThan(0);
      expect(busy.body.every((row) => Number(row.volumeNum) >= 100_000 && Number(row.liquidityNum) >= 1_000)).toBe(
        true,
      );
      const soon = await list('limit=100&end_date_min=2026-11-02T00:00:00Z&end_date_max=2026-11-20T00:00:00Z');
      expect(soon.body.length).toBeGreaterThan(0);
      expect(soon.body.every((row) => String(row.endDate) >= '2026-11-02' && String(row.endDate) <= '2026-11-21')).toBe(
        true,
      );
      const sports = await list('limit=100&tag_id=631&include_tag=true');
      expect(sports.body.length).toBeGreaterThan(0);
      expect(sports.body.every((row) => (row.tags as Json[]).some((tag) => tag.slug === 'sports'))).toBe(true);
    });

    it('attach tags only when asked to, and the event always', async () => {
      const plain = (await list('limit=5')).body;
      const tagged = (await list('limit=5&include_tag=true')).body;
      expect(plain.every((row) => row.tags === undefined && (row.events as Json[]).length === 1)).toBe(true);
      expect(tagged.every((row) => Array.isArray(row.tags))).toBe(true);
    });
  });

  describe('cursor lists', () => {
    it('reach every active, not archived market exactly once, as the control port lists it', async () => {
      const pages = [
        ...(await walk(`${gamma}/markets/keyset?limit=100&closed=false&include_tag=true`)),
        ...(await walk(`${gamma}/markets/keyset?limit=100&closed=true&include_tag=true`)),
      ];
      const rows = pages.flatMap((page) => page.markets).sort((a, b) => Number(a.id) - Number(b.id));
      expect(rows).toEqual(await simulator.markets({ listed: true }));
      expect(pages.every((page) => page.next_cursor !== null)).toBe(true);
      expect(all.length).toBeGreaterThan(rows.length);
    });

    it('page a descending order by volume without loss', async () => {
      const pages = await walk(`${gamma}/markets/keyset?limit=70&closed=false&order=volumeNum&ascending=false`);
      const rows = pages.flatMap((page) => page.markets);
      const volumes = rows.map((row) => Number(row.volumeNum));
      expect(volumes).toEqual([...volumes].sort((a, b) => b - a));
      const open = all.filter((row) => row.closed === false && row.active === true && row.archived === false);
      expect(new Set(idsOf(rows))).toEqual(new Set(idsOf(open)));
      expect(rows).toHaveLength(open.length);
    });

    it('ignore cursor and next_cursor as parameters', async () => {
      const first = await ask<KeysetAnswer>(`${gamma}/markets/keyset?limit=5`);
      const cursor = encodeURIComponent(first.body.next_cursor ?? '');
      for (const name of ['cursor', 'next_cursor']) {
        const again = await ask<KeysetAnswer>(`${gamma}/markets/keyset?limit=5&${name}=${cursor}`);
        expect(idsOf(again.body.markets)).toEqual(idsOf(first.body.markets));
      }
      const next = await ask<KeysetAnswer>(`${gamma}/markets/keyset?limit=5&after_cursor=${cursor}`);
      expect(idsOf(next.body.markets)).not.toEqual(idsOf(first.body.markets));
    });

    it.each([
      ['an offset', 'offset=0', 'offset is not allowed on keyset endpoints'],
      ['a cursor that is none', 'after_cursor=abc', 'invalid cursor'],
      ['an unknown order', 'order=volume_num', 'order fields are not valid'],
    ])('refuse %s', async (_, query, error) => {
      const answer = await ask(`${gamma}/markets/keyset?${query}`);
      expect([answer.status, answer.body]).toEqual([422, { type: 'validation error', error }]);
    });

    it('refuse a cursor of other filters', async () => {
      const first = await ask<KeysetAnswer>(`${gamma}/markets/keyset?limit=5&closed=true`);
      const cursor = encodeURIComponent(first.body.next_cursor ?? '');
      expect((await ask(`${gamma}/markets/keyset?limit=5&closed=false&after_cursor=${cursor}`)).status).toBe(422);
      expect((await ask(`${gamma}/markets/keyset?limit=9&closed=true&after_cursor=${cursor}`)).status).toBe(200);
    });

    it('walk the events too', async () => {
      const first = await ask<{ events: Json[]; next_cursor: string }>(`${gamma}/events/keyset?limit=3&closed=false`);
      expect(first.body.events).toHaveLength(3);
      expect((first.body.events[0]?.markets as Json[]).length).toBeGreaterThan(0);
    });
  });

  describe('single answers', () => {
    it('find archived and inactive markets that no cursor list shows', async () => {
      for (const hidden of [one((row) => row.archived === true), one((row) => row.active === false)]) {
        const bySlug = await ask(`${gamma}/markets/slug/${String(hidden.slug)}?include_tag=true`);
        const byId = await ask(`${gamma}/markets/${String(hidden.id)}?include_tag=true`);
        expect(bySlug.body).toEqual(hidden);
        expect(byId.body).toEqual(hidden);
      }
    });

    it('are 404 for unknown names and 422 for an id that is no number', async () => {
      expect((await ask(`${gamma}/markets/slug/unknown`)).status).toBe(404);
      expect((await ask(`${gamma}/markets/1`)).status).toBe(404);
      expect((await ask(`${gamma}/markets/abc`)).status).toBe(422);
      expect((await ask(`${gamma}/events/slug/unknown`)).status).toBe(404);
    });

    it('give an event with its markets and tags', async () => {
      const market = one((row) => row.negRisk === true);
      const event = (market.events as Json[])[0] ?? {};
      const { body } = await ask(`${gamma}/events/slug/${String(event.slug)}`);
      expect(body.id).toBe(event.id);
      expect(idsOf(body.markets as Json[])).toContain(Number(market.id));
      expect((body.markets as Json[]).every((row) => row.events === undefined)).toBe(true);
    });

    it('give tags and search titles', async () => {
      const tags = await ask<Json[]>(`${gamma}/tags?limit=100`);
      expect(tags.body.map((tag) => tag.slug)).toContain('crypto');
      const found = await ask(`${gamma}/public-search?q=election%20winner&limit_per_type=3`);
      const titles = (found.body.events as Json[]).map((event) => String(event.title).toLowerCase());
      expect(titles.length).toBeGreaterThan(0);
      expect(titles.every((title) => title.includes('election') && title.includes('winner'))).toBe(true);
      expect(found.body.tags).toBeUndefined();
      expect((await ask(`${gamma}/public-search`)).status).toBe(422);
    });
  });

  describe('rows', () => {
    it('encode lists as JSON inside strings, and numbers as text where the venue does', () => {
      const market = one((row) => row.acceptingOrders === true);
      expect(JSON.parse(String(market.outcomes))).toHaveLength(2);
      expect(JSON.parse(String(market.clobTokenIds))).toEqual([
        expect.stringMatching(/^\d+$/),
        expect.stringMatching(/^\d+$/),
      ]);
      expect(typeof market.volume).toBe('string');
      expect(typeof market.volumeNum).toBe('number');
      expect(typeof market.id).toBe('string');
      expect(typeof market.orderPriceMinTickSize).toBe('number');
    });

    it('leave prices and order entry out of markets that never opened', () => {
      const market = one((row) => row.enableOrderBook === false && row.closed === false);
      expect(market).not.toHaveProperty('outcomePrices');
      expect(market).not.toHaveProperty('acceptingOrders');
      expect(market.active).toBe(true);
    });

    it('write closed times with a space, and exact payouts', () => {
      const resolved = all.filter((row) => row.umaResolutionStatus === 'resolved');
      expect(resolved.length).toBeGreaterThan(100);
      expect(resolved.every((row) => /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\+00$/.test(String(row.closedTime)))).toBe(true);
      const payouts = new Set(resolved.map((row) => row.outcomePrices));
      expect(payouts).toEqual(new Set(['["1", "0"]', '["0", "1"]', '["0.5", "0.5"]']));
    });

    it('carry rows of the AMM era: closed, few fields, prices that are no payout', () => {
      const legacy = all.filter((row) => row.fpmmLive === true);
      expect(legacy.length).toBeGreaterThan(10);
      expect(legacy.some((row) => row.outcomePrices === '["0", "0"]')).toBe(true);
      expect(legacy.some((row) => String(row.outcomePrices).startsWith('["0.00000'))).toBe(true);
      expect(legacy.some((row) => row.clobTokenIds === undefined)).toBe(true);
      expect(legacy.every((row) => row.closed === true && row.enableOrderBook === undefined)).toBe(true);
    });

    it('carry proposed and disputed results, empty condition ids, missing bids and several ticks', () => {
      expect(new Set(all.map((row) => row.umaResolutionStatus))).toEqual(
        new Set([undefined, 'proposed', 'disputed', 'resolved']),
      );
      expect(all.some((row) => row.conditionId === '')).toBe(true);
      expect(all.some((row) => row.acceptingOrders === true && row.bestBid === undefined)).toBe(true);
      expect(new Set(all.map((row) => row.feeType)).size).toBeGreaterThan(5);
      expect(all.some((row) => /[“°ëł]/.test(String(row.question)))).toBe(true);
    });
  });
});
