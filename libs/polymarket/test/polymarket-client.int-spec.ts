import { readFileSync } from 'node:fs';
import path from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { Clock, ConfigError, InProcessRateWindow, RateWindow } from '@app/platform';
import {
  PolymarketClient,
  PolymarketModule,
  VenueBadAnswerError,
  VenueBusyError,
  venueEnv,
  venueOptions,
  VenueRefusedError,
  VenueUnavailableError,
  type VenueOptions,
} from '@app/polymarket';
import { Module } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { ScriptedVenue, type Reply } from './scripted-venue';
import { VirtualTime } from './virtual-time';

const BACKGROUND = { priority: 'background' } as const;
const INTERACTIVE = { priority: 'interactive' } as const;
const POLICY = { attempts: 3, baseMs: 100, capMs: 1_000, deadlineMs: 8_000 };
const POLICIES = { interactive: POLICY, background: { ...POLICY, attempts: 4, deadlineMs: 120_000 } };

const market = JSON.parse(readFileSync(path.join(__dirname, 'fixtures/gamma_market_open.json'), 'utf8')) as Record<
  string,
  unknown
>;
const emptyPage: Reply = { json: { markets: [] } };
const firstPage = { closed: false, afterCursor: null, limit: 100 };

describe('PolymarketClient', () => {
  let venue: ScriptedVenue;
  const clients: PolymarketClient[] = [];

  beforeEach(async () => {
    venue = new ScriptedVenue();
    await venue.start();
  });

  afterEach(async () => {
    await Promise.all(clients.splice(0).map((client) => client.close()));
    await venue.stop();
  });

  /** A client whose waits take no time but move its clock. */
  function connect(
    options: Partial<VenueOptions> = {},
    time = new VirtualTime(true),
    window = new InProcessRateWindow(time.clock),
  ): { client: PolymarketClient; time: VirtualTime } {
    const client = new PolymarketClient(
      {
        baseUrls: { gamma: `${venue.url}/gamma`, clob: `${venue.url}/clob`, data: `${venue.url}/data` },
        rateShare: 0.8,
        rateLimited: true,
        retryPolicies: POLICIES,
        ...options,
      },
      { clock: time.clock, rateWindow: window, random: () => 0.5, sleep: time.sleep },
    );
    clients.push(client);
    return { client, time };
  }

  describe('asking Gamma', () => {
    it('names filters, order, tags and cursor with every page', async () => {
      venue.script({ json: { markets: [market], next_cursor: 'c2' } }, emptyPage);
      const { client } = connect();
      const page = await client.gamma.fetchMarketsPage(firstPage, BACKGROUND);
      expect(page.nextCursor).toBe('c2');
      expect(page.rows).toMatchObject([{ ok: true, value: { gammaId: '700001' } }]);
      expect(client.gamma.parseMarketsPage(page.body).rows).toEqual(page.rows);
      await client.gamma.fetchMarketsPage({ closed: true, afterCursor: 'c2', limit: 50 }, BACKGROUND);
      expect(
        venue.requests.map(({ method, path: asked, query }) => [method, asked, Object.fromEntries(query)]),
      ).toEqual([
        [
          'GET',
          '/gamma/markets/keyset',
          { closed: 'false', include_tag: 'true', limit: '100', ascending: 'true', order: 'id' },
        ],
        [
          'GET',
          '/gamma/markets/keyset',
          { closed: 'true', include_tag: 'true', limit: '50', ascending: 'true', order: 'id', after_cursor: 'c2' },
        ],
      ]);
      expect(venue.requests[0]?.headers['user-agent']).toContain('PaperTradingPM');
    });

    it('goes on without an order the venue refuses', async () => {
      const refusal = { type: 'validation error', error: 'order fields are not valid' };
      venue.script({ status: 422, json: refusal }, emptyPage, emptyPage);
      const { client } = connect();
      await client.gamma.fetchMarketsPage(firstPage, BACKGROUND);
      await client.gamma.fetchMarketsPage(firstPage, BACKGROUND);
      expect(venue.requests.map(({ query }) => query.get('order'))).toEqual(['id', null, null]);
    });

    it('refuses a cursor that does not advance', async () => {
      venue.script({ json: { markets: [], next_cursor: 'same' } });
      const asking = connect().client.gamma.fetchMarketsPage({ ...firstPage, afterCursor: 'same' }, BACKGROUND);
      await expect(asking).rejects.toThrow(VenueBadAnswerError);
    });

    it.each([0, 101, 1.5])('does not ask for a page of %p', async (limit) => {
      await expect(connect().client.gamma.fetchMarketsPage({ ...firstPage, limit }, BACKGROUND)).rejects.toThrow(
        RangeError,
      );
      expect(venue.requests).toEqual([]);
    });

    it('finds a market by slug, none for a 404, and refuses another market than asked', async () => {
      venue.script({ json: market }, { status: 404, json: { error: 'not found' } }, { json: market });
      const { client } = connect();
      const slug = 'will-the-bridge-at-harrow-open-before-2027';
      await expect(client.gamma.findMarketBySlug(slug, INTERACTIVE)).resolves.toMatchObject({ gammaId: '700001' });
      await expect(client.gamma.findMarketBySlug('../a b', INTERACTIVE)).resolves.toBeNull();
      await expect(client.gamma.findMarketBySlug('another', INTERACTIVE)).rejects.toThrow('expected another');
      expect(venue.requests.map(({ path: asked }) => asked)).toEqual([
        `/gamma/markets/slug/${slug}`,
        '/gamma/markets/slug/..%2Fa%20b',
        '/gamma/markets/slug/another',
      ]);
    });

    it('finds a market by condition id among the open, then among the closed', async () => {
      venue.script({ json: [] }, { json: [{ ...market, closed: true }] }, { json: [] }, { json: [] });
      const { client } = connect();
      const id = `0x${'11'.repeat(32)}`;
      await expect(client.gamma.findMarketByConditionId(id, INTERACTIVE)).resolves.toMatchObject({ closed: true });
      await expect(client.gamma.findMarketByConditionId(id, INTERACTIVE)).resolves.toBeNull();
      expect(venue.requests.map(({ query }) => query.get('closed'))).toEqual(['false', 'true', 'false', 'true']);
    });

    it('lists markets by id, open and closed, and leaves strangers out', async () => {
      venue.answerAlways((response, { query }) => {
        const closed = query.get('closed') === 'true';
        const rows = closed
          ? [
              { ...market, id: '2', closed },
              { ...market, id: '3', outcomes: 5 },
            ]
          : [market, { ...market, id: '99' }];
        response.end(JSON.stringify(rows));
      });
      const rows = await connect().client.gamma.listMarketsByGammaIds(['700001', '2', '3', '4'], BACKGROUND);
      expect(rows.map((row) => (row.ok ? row.value.gammaId : row.refusal.path))).toEqual([
        '700001',
        '2',
        'markets[1].outcomes',
      ]);
      expect(venue.requests[0]?.query.getAll('id')).toEqual(['700001', '2', '3', '4']);
    });

    it('knows the newest id of both lists', async () => {
      venue.answerAlways((response, { query }) => {
        response.end(
          JSON.stringify(query.get('closed') === 'true' ? [{ ...market, id: '9' }] : [{ ...market, id: '10' }]),
        );
      });
      await expect(connect().client.gamma.findNewestMarketId(BACKGROUND)).resolves.toBe(10n);
    });

    it.each<[Reply, string]>([
      [{ body: '<html>maintenance</html>' }, 'expected JSON'],
      [{ json: [] }, 'found an array of 0, expected an object'],
      [{ json: { markets: 'none' } }, 'markets: found the text "none", expected an array of markets'],
    ])('refuses a whole answer that is no page, without asking again', async (reply, reason) => {
      venue.answerAlways(reply);
      const asking = connect().client.gamma.fetchMarketsPage(firstPage, BACKGROUND);
      await expect(asking).rejects.toThrow(VenueBadAnswerError);
      await expect(asking).rejects.toThrow(reason);
      expect(venue.requests).toHaveLength(1);
    });
  });

  describe('asking the CLOB and Data APIs', () => {
    const book = { asset_id: '5', market: '', timestamp: '1', bids: [], asks: [{ price: '0.5', size: '1' }] };

    it('answers a book, or null where there is none, and refuses another token’s', async () => {
      venue.script({ json: book }, { status: 404, json: { error: 'No orderbook exists' } }, { json: book });
      const { client } = connect();
      await expect(client.clob.getBook('5', INTERACTIVE)).resolves.toMatchObject({ tokenId: '5', bids: [] });
      await expect(client.clob.getBook('6', INTERACTIVE)).resolves.toBeNull();
      await expect(client.clob.getBook('6', INTERACTIVE)).rejects.toThrow('expected that of 6');
      expect(venue.requests[0]).toMatchObject({ path: '/clob/book', query: new URLSearchParams({ token_id: '5' }) });
    });

    it('answers a market with its winner, or null where there is none, and refuses another market than asked', async () => {
      const conditionId = `0x${'Ab'.repeat(32)}`;
      const row = {
        condition_id: conditionId,
        enable_order_book: false,
        active: true,
        closed: true,
        tokens: [
          { token_id: '5', outcome: 'Yes', price: 0, winner: false },
          { token_id: '6', outcome: 'No', price: 1, winner: true },
        ],
      };
      venue.script({ json: row }, { status: 404, json: { error: 'market not found' } }, { json: row });
      const { client } = connect();
      await expect(client.clob.findMarket(conditionId, BACKGROUND)).resolves.toMatchObject({
        conditionId: conditionId.toLowerCase(),
        closed: true,
        tokens: [
          { tokenId: '5', winner: false },
          { tokenId: '6', winner: true },
        ],
      });
      await expect(client.clob.findMarket(conditionId, BACKGROUND)).resolves.toBeNull();
      const other = `0x${'c'.repeat(64)}`;
      await expect(client.clob.findMarket(other, BACKGROUND)).rejects.toThrow(`expected ${other}`);
      expect(venue.requests[0]?.path).toBe(`/clob/markets/${conditionId.toLowerCase()}`);
    });

    it('refuses a book whose hash is not its own, and takes one without a hash', async () => {
      const full = {
        ...book,
        market: `0x${'a'.repeat(64)}`,
        hash: '0'.repeat(40),
        min_order_size: '5',
        tick_size: '0.01',
        neg_risk: false,
        last_trade_price: '0.5',
      };
      venue.script({ json: full }, { json: { ...full, hash: '' } });
      const { client } = connect();
      await expect(client.clob.getBook('5', INTERACTIVE)).rejects.toThrow('it was changed on its way');
      await expect(client.clob.getBook('5', INTERACTIVE)).resolves.toMatchObject({ tokenId: '5', hash: null });
    });

    it('asks a price history by interval or span', async () => {
      venue.answerAlways({
        json: {
          history: [
            { t: 2, p: 0.5 },
            { t: 1, p: 0.4 },
          ],
        },
      });
      const { client } = connect();
      const points = await client.clob.getPriceHistory(
        { tokenId: '5', interval: 'max', fidelityMinutes: 720 },
        INTERACTIVE,
      );
      expect(points).toEqual([
        { t: 1, p: 400_000n },
        { t: 2, p: 500_000n },
      ]);
      await client.clob.getPriceHistory({ tokenId: '5', startTs: 10, endTs: 20 }, INTERACTIVE);
      expect(venue.requests.map(({ query }) => Object.fromEntries(query))).toEqual([
        { market: '5', interval: 'max', fidelity: '720' },
        { market: '5', startTs: '10', endTs: '20' },
      ]);
    });

    it('asks open interest twenty markets at a time and keeps only those asked for', async () => {
      const ids = Array.from({ length: 45 }, (_, index) => `0x${index.toString(16).padStart(64, '0')}`);
      venue.answerAlways((response, { query }) => {
        const asked = query.get('market')?.split(',') ?? [];
        const rows = asked.slice(1).map((id, index) => ({ market: id, value: index + 0.5 }));
        response.end(
          JSON.stringify([...rows, { market: 'GLOBAL', value: 1 }, { market: `0x${'f'.repeat(64)}`, value: 2 }]),
        );
      });
      const { client } = connect();
      const values = await client.data.getOpenInterest([...ids, ids[1]!], INTERACTIVE);
      expect(values.size).toBe(42);
      expect(values.get(ids[1]!)).toBe(500_000n);
      expect(values.has(ids[0]!)).toBe(false);
      expect(venue.requests).toHaveLength(3);
    });

    it('refuses open interest with a row it does not understand', async () => {
      venue.answerAlways({ json: [{ market: 'x', value: 1 }] });
      await expect(connect().client.data.getOpenInterest(['0x1'], INTERACTIVE)).rejects.toThrow('oi[0].market');
    });
  });

  describe('when the venue fails', () => {
    it('asks again with jitter after 5xx, and gives up with what was said', async () => {
      venue.script({ status: 500 }, { status: 502 }, emptyPage);
      const { client, time } = connect();
      await client.gamma.fetchMarketsPage(firstPage, BACKGROUND);
      expect(time.slept).toEqual([50, 100]);
      venue.answerAlways({ status: 503, json: { error: `Trading is off${' '.repeat(5_000)}\u0007` } });
      const asking = client.gamma.fetchMarketsPage(firstPage, BACKGROUND);
      await expect(asking).rejects.toThrow(VenueUnavailableError);
      await expect(asking).rejects.toThrow(
        /^Polymarket's gamma API did not answer the request to \/markets\/keyset: status 503, "Trading is off/,
      );
      expect(venue.requests).toHaveLength(7);
      expect(client.venue.families.gamma.lastError).toContain('status 503');
    });

    it.each([400, 401, 403, 404, 422])('does not ask again after a %i', async (status) => {
      venue.answerAlways({ status, json: { error: 'Invalid token id' } });
      const asking = connect().client.gamma.fetchMarketsPage(firstPage, BACKGROUND);
      await expect(asking).rejects.toMatchObject({ kind: 'refused', status, family: 'gamma' });
      await expect(asking).rejects.toThrow('Invalid token id');
      expect(venue.requests).toHaveLength(1);
    });

    it('waits as long as Retry-After says, in seconds or as a date', async () => {
      const time = new VirtualTime(true);
      const date = new Date(time.nowMs + 7_000 + 20_000).toUTCString();
      venue.script(
        { status: 503, headers: { 'retry-after': '7' } },
        { status: 425, headers: { 'retry-after': date } },
        emptyPage,
      );
      await connect({}, time).client.gamma.fetchMarketsPage(firstPage, BACKGROUND);
      expect(time.slept).toEqual([7_000, 20_000]);
    });

    it('does not wait longer than the caller can: busy or unavailable, with the time to come back', async () => {
      venue.script(
        { status: 503, headers: { 'retry-after': '60' } },
        { status: 429, headers: { 'retry-after': '60' } },
      );
      const { client } = connect();
      await expect(client.clob.getBook('5', INTERACTIVE)).rejects.toMatchObject({
        kind: 'unavailable',
        retryAfterMs: 60_000,
      });
      const busy = client.clob.getBook('5', INTERACTIVE);
      await expect(busy).rejects.toBeInstanceOf(VenueBusyError);
      await expect(busy).rejects.toMatchObject({ kind: 'busy', retryAfterMs: 60_000 });
    });

    it('pauses the whole family after a 429, and only that family', async () => {
      venue.script({ status: 429, headers: { 'retry-after': '30' } });
      venue.answerAlways((response, { path: asked }) => {
        response.end(asked.startsWith('/data') ? '[]' : JSON.stringify({ history: [] }));
      });
      const { client, time } = connect();
      const start = time.nowMs;
      await expect(client.clob.getBook('5', INTERACTIVE)).rejects.toMatchObject({ retryAfterMs: 30_000 });
      await expect(client.clob.getPriceHistory({ tokenId: '5' }, INTERACTIVE)).rejects.toMatchObject({ kind: 'busy' });
      expect(venue.requests).toHaveLength(1);
      await client.data.getOpenInterest(['0x1'], INTERACTIVE);
      expect(time.nowMs).toBe(start);
      await client.clob.getPriceHistory({ tokenId: '5' }, BACKGROUND);
      expect(time.nowMs - start).toBe(30_000);
    });

    it('asks again when a connection breaks, and says so in the end', async () => {
      venue.script((response) => response.destroy(), emptyPage);
      const { client } = connect();
      await client.gamma.fetchMarketsPage(firstPage, BACKGROUND);
      venue.answerAlways((response) => {
        response.writeHead(200, { 'content-length': '1000' });
        response.write('{"markets":[');
        setImmediate(() => response.destroy());
      });
      await expect(client.gamma.fetchMarketsPage(firstPage, INTERACTIVE)).rejects.toThrow(VenueUnavailableError);
      expect(venue.requests).toHaveLength(5);
    });

    it('cannot be reached: unavailable, with the cause', async () => {
      const { client } = connect({
        baseUrls: { gamma: 'http://127.0.0.1:1', clob: 'http://127.0.0.1:1', data: 'http://127.0.0.1:1' },
      });
      const asking = client.clob.getBook('5', INTERACTIVE);
      await expect(asking).rejects.toThrow('ECONNREFUSED');
      await expect(asking).rejects.toMatchObject({ kind: 'unavailable', cause: { code: 'ECONNREFUSED' } });
    });

    it('is too slow with its headers or stops half-way: unavailable', async () => {
      venue.script(
        () => undefined,
        (response) => {
          response.write('{');
        },
      );
      const { client } = connect({
        headersTimeoutMs: 50,
        bodyTimeoutMs: 50,
        retryPolicies: { ...POLICIES, interactive: { ...POLICY, attempts: 1 } },
      });
      const calls = [client.clob.getBook('5', INTERACTIVE), client.clob.getBook('5', INTERACTIVE)];
      const failures = await Promise.all(calls.map((call) => call.then(String, String)));
      expect(failures.join()).toContain('UND_ERR_HEADERS_TIMEOUT');
      expect(failures.join()).toContain('UND_ERR_BODY_TIMEOUT');
    });

    it('never answers: the call ends at its deadline', async () => {
      venue.answerAlways(() => undefined);
      const { client } = connect({ retryPolicies: { ...POLICIES, interactive: { ...POLICY, deadlineMs: 50 } } });
      await expect(client.clob.getBook('5', INTERACTIVE)).rejects.toThrow('the time for the call was over');
      expect(venue.requests).toHaveLength(1);
    });
  });

  describe('bodies', () => {
    it.each([
      ['gzip', gzipSync],
      ['br', brotliCompressSync],
    ])('in %s are unpacked', async (encoding, pack) => {
      venue.script({ headers: { 'content-encoding': encoding }, body: pack(JSON.stringify({ markets: [market] })) });
      const page = await connect().client.gamma.fetchMarketsPage(firstPage, BACKGROUND);
      expect(JSON.parse(page.body.toString())).toEqual({ markets: [market] });
      expect(venue.requests[0]?.headers['accept-encoding']).toContain('gzip');
    });

    it.each<[string, Reply]>([
      ['a body over the limit', { body: Buffer.alloc(5_000, 32) }],
      [
        'a small body that unpacks to one',
        { headers: { 'content-encoding': 'gzip' }, body: gzipSync(Buffer.alloc(1_000_000)) },
      ],
      ['a body that is not what it says', { headers: { 'content-encoding': 'gzip' }, body: 'plain' }],
      ['an unknown encoding', { headers: { 'content-encoding': 'zip' }, body: 'x' }],
    ])('refuse %s, and are not asked for again', async (_what, reply) => {
      venue.answerAlways(reply);
      const asking = connect({ maxBodyBytes: 4_000 }).client.gamma.fetchMarketsPage(firstPage, BACKGROUND);
      await expect(asking).rejects.toThrow(VenueBadAnswerError);
      expect(venue.requests).toHaveLength(1);
    });
  });

  describe('connections', () => {
    it('are kept and used again', async () => {
      venue.answerAlways(emptyPage);
      const { client } = connect();
      for (let call = 0; call < 20; call += 1) await client.gamma.fetchMarketsPage(firstPage, BACKGROUND);
      // A call made the moment the one before ended may find its connection still closing the exchange.
      expect(venue.connections).toBeLessThanOrEqual(2);
    });

    it('are bounded', async () => {
      venue.answerAlways((response) => setImmediate(() => response.end('{"markets":[]}')));
      const { client } = connect({ connections: 2, rateLimited: false });
      await Promise.all(Array.from({ length: 20 }, () => client.gamma.fetchMarketsPage(firstPage, BACKGROUND)));
      expect(venue.requests).toHaveLength(20);
      expect(venue.mostOpenConnections).toBeLessThanOrEqual(2);
    });
  });

  describe('the request budget', () => {
    it('is shared by clients on one window: 20 background pages a second in all', async () => {
      venue.answerAlways(emptyPage);
      const time = new VirtualTime();
      const window = new InProcessRateWindow(time.clock);
      const pair = [connect({}, time, window).client, connect({}, time, window).client];
      const calls = Array.from({ length: 50 }, (_, index) =>
        pair[index % 2]!.gamma.fetchMarketsPage(firstPage, BACKGROUND),
      );
      await reached(() => venue.requests.length >= 20);
      await time.advance(999);
      expect(venue.requests).toHaveLength(20);
      await time.advance(1);
      await reached(() => venue.requests.length >= 40);
      await time.advance(1_000);
      await Promise.all(calls);
      expect(venue.requests).toHaveLength(50);
    });

    it('lets a lazy load pass before waiting background pages', async () => {
      venue.answerAlways(emptyPage);
      const time = new VirtualTime();
      const { client } = connect({ rateShare: 0.04 }, time);
      const calls = [1, 2, 3].map(() => client.gamma.fetchMarketsPage(firstPage, BACKGROUND));
      await reached(() => venue.requests.length === 1);
      venue.script({ status: 404 });
      const lazy = client.gamma.findMarketBySlug('urgent', INTERACTIVE);
      await time.advance(1_000);
      await lazy;
      expect(venue.requests.map(({ path: asked }) => asked)).toEqual([
        '/gamma/markets/keyset',
        '/gamma/markets/slug/urgent',
      ]);
      await time.advance(2_000);
      await Promise.all(calls);
    });

    it('refuses as busy when too many wait', async () => {
      venue.answerAlways(emptyPage);
      const { client } = connect({ rateShare: 0.04, maxWaiting: 2 }, new VirtualTime());
      const giveUp = new AbortController();
      const options = { ...INTERACTIVE, signal: giveUp.signal };
      await client.gamma.fetchMarketsPage(firstPage, options);
      const waiting = [1, 2].map(() => client.gamma.fetchMarketsPage(firstPage, options));
      await expect(client.gamma.fetchMarketsPage(firstPage, options)).rejects.toMatchObject({
        kind: 'busy',
        retryAfterMs: 3_000,
      });
      giveUp.abort(new Error('enough'));
      for (const call of waiting) await expect(call).rejects.toThrow('enough');
      expect(venue.requests).toHaveLength(1);
    });
  });

  describe('a caller that gives up', () => {
    it('ends an open request with its own reason', async () => {
      const giveUp = new AbortController();
      let closed = false;
      venue.answerAlways((response) => {
        response.on('close', () => (closed = true));
        giveUp.abort(new Error('client went away'));
      });
      const { client } = connect();
      await expect(client.clob.getBook('5', { ...INTERACTIVE, signal: giveUp.signal })).rejects.toThrow(
        'client went away',
      );
      await reached(() => closed);
      expect(client.venue.families.clob.lastFailureAt).toBeNull();
    });

    it('is told at once when the client is closed, waiting or in flight', async () => {
      const time = new VirtualTime();
      const { client } = connect({ rateShare: 0.04 }, time);
      venue.answerAlways(() => undefined);
      const calls = Promise.all(
        [1, 2].map(() => client.gamma.fetchMarketsPage(firstPage, BACKGROUND).then(String, String)),
      );
      await reached(() => venue.requests.length === 1);
      await client.close();
      const end = 'VenueUnavailableError: Polymarket did not answer the request: the client was closed';
      await expect(calls).resolves.toEqual([end, end]);
      await expect(client.clob.getBook('5', INTERACTIVE)).rejects.toThrow(VenueUnavailableError);
      expect(venue.requests).toHaveLength(1);
    });

    it('before asking does not ask', async () => {
      const signal = AbortSignal.abort(new Error('too late'));
      const { client } = connect();
      await expect(client.clob.getBook('5', { ...INTERACTIVE, signal })).rejects.toThrow('too late');
      expect(venue.requests).toEqual([]);
    });
  });

  describe('status', () => {
    it('tells success, failure and a simulated venue', async () => {
      const { client, time } = connect({ retryPolicies: { ...POLICIES, interactive: { ...POLICY, attempts: 1 } } });
      expect(client.venue.simulated).toBeNull();
      venue.script({ headers: { 'x-simulated': 'true' }, json: { history: [] } }, { status: 500 });
      await client.clob.getPriceHistory({ tokenId: '5' }, INTERACTIVE);
      expect(client.venue.simulated).toBe(true);
      expect(client.venue.families.clob).toEqual({
        lastSuccessAt: time.clock.now(),
        lastFailureAt: null,
        lastError: null,
      });
      time.nowMs += 5_000;
      await expect(client.clob.getBook('5', INTERACTIVE)).rejects.toThrow(VenueUnavailableError);
      expect(client.venue.families.clob.lastFailureAt).toEqual(time.clock.now());
      expect(client.venue.families.gamma.lastSuccessAt).toBeNull();
    });

    it('probes each family once and never throws', async () => {
      venue.answerAlways((response, { path: asked }) => {
        response.statusCode = asked.startsWith('/clob') ? 503 : 200;
        response.end('OK');
      });
      const { client } = connect();
      await expect(client.venue.probe()).resolves.toMatchObject({
        gamma: { reachable: true, error: null },
        clob: { reachable: false, error: expect.stringContaining('status 503') as string },
        data: { reachable: true, error: null },
      });
      expect(venue.requests.map(({ path: asked }) => asked).sort()).toEqual(['/clob/ok', '/data/oi', '/gamma/status']);
    });
  });

  it('is provided by its module and closed with the application', async () => {
    const time = new VirtualTime();
    @Module({
      providers: [
        { provide: Clock, useValue: time.clock },
        { provide: RateWindow, useValue: new InProcessRateWindow(time.clock) },
      ],
      exports: [Clock, RateWindow],
    })
    class Ports {}
    const env = venueEnv.parse({ GAMMA_URL: `${venue.url}/gamma/`, CLOB_URL: venue.url, DATA_URL: venue.url });
    const module = await Test.createTestingModule({
      imports: [{ module: Ports, global: true }, PolymarketModule.forRoot(venueOptions(env))],
    }).compile();
    const client = module.get(PolymarketClient);
    venue.answerAlways(emptyPage);
    await client.gamma.fetchMarketsPage(firstPage, BACKGROUND);
    expect(venue.requests[0]?.path).toBe('/gamma/markets/keyset');
    await module.close();
    await expect(client.gamma.fetchMarketsPage(firstPage, BACKGROUND)).rejects.toThrow('the client was closed');
    await reached(() => venue.openConnections === 0);
  });

  it('names a refusal so that a caller can tell it from the rest', () => {
    expect(new VenueRefusedError(422, { family: 'gamma', path: '/markets', said: '"offset too large"' }).message).toBe(
      'Polymarket\'s gamma API refused the request to /markets with status 422: "offset too large"',
    );
  });
});

describe('venueEnv', () => {
  it('has Polymarket’s own addresses and two thirds of its limits as defaults', () => {
    expect(venueOptions(venueEnv.parse({}))).toEqual({
      baseUrls: {
        gamma: 'https://gamma-api.polymarket.com',
        clob: 'https://clob.polymarket.com',
        data: 'https://data-api.polymarket.com',
      },
      rateShare: 0.67,
      rateLimited: true,
    });
  });

  it('does not run without a budget against Polymarket itself', () => {
    const simulated = {
      GAMMA_URL: 'http://127.0.0.1:1/gamma',
      CLOB_URL: 'http://127.0.0.1:1',
      DATA_URL: 'http://127.0.0.1:1',
    };
    const off = { VENUE_RATE_LIMIT: 'false' };
    expect(venueOptions(venueEnv.parse({ ...simulated, ...off }))).toMatchObject({ rateLimited: false });
    expect(() => venueOptions(venueEnv.parse(off))).toThrow('VENUE_RATE_LIMIT may be false only when');
    const partly = { ...simulated, ...off, CLOB_URL: 'https://clob.polymarket.com' };
    expect(() => venueOptions(venueEnv.parse(partly))).toThrow(ConfigError);
  });

  it.each([
    { GAMMA_URL: 'ftp://x' },
    { CLOB_URL: 'polymarket' },
    { VENUE_RATE_SHARE: '0' },
    { VENUE_RATE_SHARE: '1.1' },
    { VENUE_RATE_LIMIT: 'maybe' },
  ])('refuses %j', (env) => expect(venueEnv.safeParse(env).success).toBe(false));
});

/** Resolves when the condition holds; fails after half a minute. */
async function reached(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 30_000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error('the condition was not reached within 30 s');
    await new Promise((resolve) => setImmediate(resolve));
  }
}
