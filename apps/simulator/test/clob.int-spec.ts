import { bookHash, type BookAnswer } from '../src';
import { startTestSimulator, type TestSimulator } from '@app/testing';
import { ask, type Json, post } from './ask';

describe('the simulated CLOB API', () => {
  let simulator: TestSimulator;
  let clob: string;
  let all: Json[];

  beforeAll(async () => {
    simulator = await startTestSimulator({ markets: 1_500 });
    clob = simulator.clobUrl;
    all = await simulator.markets();
  });
  afterAll(() => simulator.stop());

  function one(found: (market: Json) => boolean): Json & { yes: string; no: string } {
    const market = all.find(found);
    if (market === undefined) throw new Error('the world has no such market');
    const [yes = '', no = ''] = JSON.parse(String(market.clobTokenIds)) as string[];
    return { ...market, yes, no };
  }
  const tradeable = (market: Json): boolean =>
    market.acceptingOrders === true &&
    market.active === true &&
    market.bestBid !== undefined &&
    Number(market.bestAsk) < 1;
  const error = async (path: string): Promise<[number, unknown]> => {
    const answer = await ask(clob + path);
    return [answer.status, answer.body.error];
  };

  it('answers its liveness and its clock', async () => {
    expect((await ask<string>(`${clob}/ok`)).text).toBe('OK');
    expect((await ask<number>(`${clob}/time`)).body).toBe(Date.parse('2026-11-01T12:00:00Z') / 1000);
  });

  it('gives books that agree with Gamma, whose hash verifies and whose second outcome mirrors the first', async () => {
    const market = one(tradeable);
    const yes = (await ask<BookAnswer>(`${clob}/book?token_id=${market.yes}`)).body;
    const no = (await ask<BookAnswer>(`${clob}/book?token_id=${market.no}`)).body;
    expect(Number(yes.bids.at(-1)?.price)).toBe(market.bestBid);
    expect(Number(yes.asks.at(-1)?.price)).toBe(market.bestAsk);
    expect(Number(no.bids.at(-1)?.price)).toBeCloseTo(1 - Number(market.bestAsk), 9);
    expect([yes.market, yes.asset_id, yes.min_order_size]).toEqual([market.conditionId, market.yes, '5']);
    expect(yes.hash).toBe(bookHash(yes));
    expect(yes.last_trade_price).toBe(no.last_trade_price);
  });

  it('gives many books at once by GET and by POST, unknown tokens left out', async () => {
    const market = one(tradeable);
    const asked = [market.yes, '123', market.no];
    const byGet = await ask<BookAnswer[]>(`${clob}/books?token_ids=${asked.join(',')}`);
    const byPost = await post<BookAnswer[]>(
      `${clob}/books`,
      asked.map((token_id) => ({ token_id })),
    );
    expect(byPost.body).toEqual(byGet.body);
    expect(byGet.body.map((book) => book.asset_id)).toEqual([market.yes, market.no]);
    const tooMany = await post(
      `${clob}/books`,
      Array.from({ length: 501 }, () => ({ token_id: '1' })),
    );
    expect([tooMany.status, tooMany.body]).toEqual([400, { error: 'Payload exceeds the limit' }]);
    expect((await post(`${clob}/books`, { token_id: '1' })).body).toEqual({ error: 'Invalid payload' });
  });

  it('prices a token: side, midpoint, spread, last trade, tick and fee', async () => {
    const market = one((row) => tradeable(row) && row.feesEnabled === true);
    const get = async (path: string): Promise<Json> => (await ask(`${clob}${path}token_id=${market.yes}`)).body;
    const [bid, askPrice] = [Number(market.bestBid), Number(market.bestAsk)];
    expect(await get('/price?side=BUY&')).toEqual({ price: bid.toString() });
    expect(await get('/price?side=sell&')).toEqual({ price: askPrice.toString() });
    expect(Number((await get('/midpoint?')).mid)).toBeCloseTo((bid + askPrice) / 2, 9);
    expect(Number((await get('/spread?')).spread)).toBeCloseTo(askPrice - bid, 9);
    expect(Number((await get('/last-trade-price?')).price)).toBe(market.lastTradePrice);
    expect(await get('/tick-size?')).toEqual({ minimum_tick_size: market.orderPriceMinTickSize });
    expect(await get('/neg-risk?')).toEqual({ neg_risk: market.negRisk });
    expect(await get('/fee-rate?')).toEqual({ base_fee: 1000 });
  });

  it('refuses with the venue’s texts', async () => {
    const market = one(tradeable);
    const closed = one((row) => row.umaResolutionStatus === 'resolved' && row.clobTokenIds !== undefined);
    const unopened = one((row) => row.enableOrderBook === false && row.closed === false);
    const noBook = 'No orderbook exists for the requested token id';
    expect(await error('/book?token_id=abc')).toEqual([400, 'Invalid token id']);
    expect(await error('/book')).toEqual([400, 'Invalid token id']);
    expect(await error('/book?token_id=123')).toEqual([404, noBook]);
    expect(await error(`/book?token_id=${closed.yes}`)).toEqual([404, noBook]);
    expect(await error(`/book?token_id=${unopened.yes}`)).toEqual([404, noBook]);
    expect(await error(`/price?token_id=${market.yes}`)).toEqual([400, 'Invalid side']);
    expect(await error('/fee-rate?token_id=123')).toEqual([404, 'fee rate not found for market']);
    expect(await error('/markets/0xabc')).toEqual([404, 'market not found']);
  });

  it('names a never traded token’s last trade 0.5 with no side', async () => {
    const placeholder = one((row) => row.active === false && row.closed === false);
    const { body } = await ask(`${clob}/last-trade-price?token_id=${placeholder.yes}`);
    expect(body).toEqual({ price: '0.5', side: '' });
  });

  it('describes a market by short keys, false and zero fields left out', async () => {
    const market = one((row) => tradeable(row) && row.negRisk === true && row.feesEnabled === true);
    const { body } = await ask(`${clob}/clob-markets/${String(market.conditionId)}`);
    const schedule = market.feeSchedule as Json;
    expect(body).toMatchObject({
      c: market.conditionId,
      t: [{ t: market.yes }, { t: market.no }],
      mos: 5,
      mts: market.orderPriceMinTickSize,
      nr: true,
      ao: true,
      fd: { r: schedule.rate, e: 1, to: true },
    });
    const free = one((row) => tradeable(row) && row.feesEnabled === false);
    expect((await ask(`${clob}/clob-markets/${String(free.conditionId)}`)).body).not.toHaveProperty('fd');
  });

  it('pages its long lists by a base64 offset up to LTE=, with rows that come twice', async () => {
    const first = await ask(`${clob}/simplified-markets`);
    expect(first.body).toMatchObject({ next_cursor: 'MTAwMA==', limit: 1_000, count: 1_000 });
    const last = await ask(`${clob}/simplified-markets?next_cursor=MTAwMA==`);
    expect(last.body.next_cursor).toBe('LTE=');
    const rows = [...(first.body.data as Json[]), ...(last.body.data as Json[])];
    const conditions = rows.map((row) => row.condition_id);
    expect(new Set(conditions).size).toBeLessThan(conditions.length);
    expect(new Set(conditions)).toEqual(new Set(all.map((row) => row.conditionId)));
    expect(await error('/markets?next_cursor=LTE=')).toEqual([400, 'Invalid next_cursor']);
  });

  it('names the winner of a resolved market', async () => {
    const market = one((row) => row.outcomePrices === '["0", "1"]' && row.umaResolutionStatus === 'resolved');
    const { body } = await ask(`${clob}/markets/${String(market.conditionId)}`);
    expect((body.tokens as Json[]).map((token) => [token.price, token.winner])).toEqual([
      [0, false],
      [1, true],
    ]);
  });

  describe('price histories', () => {
    const history = async (query: string): Promise<Json[]> =>
      (await ask(`${clob}/prices-history?${query}`)).body.history as Json[];

    it('rise in time, end at the moment of the request and agree with the midpoint', async () => {
      const market = one(tradeable);
      const points = await history(`market=${market.yes}&interval=1d&fidelity=10`);
      expect(points.length).toBeGreaterThan(3);
      expect(points.every((point, index) => index === 0 || Number(point.t) > Number(points[index - 1]?.t))).toBe(true);
      const { mid } = (await ask(`${clob}/midpoint?token_id=${market.yes}`)).body;
      expect(points.at(-1)?.p).toBe(Number(mid));
    });

    it('are empty for a condition id, and for a resolved market asked below 12 hours', async () => {
      const open = one(tradeable);
      const resolved = one(
        (row) =>
          row.umaResolutionStatus === 'resolved' &&
          row.outcomePrices === '["1", "0"]' &&
          row.clobTokenIds !== undefined &&
          String(row.closedTime) < '2026-10',
      );
      expect(await history(`market=${String(open.conditionId)}&interval=max`)).toEqual([]);
      expect(await history(`market=${resolved.yes}&interval=max&fidelity=60`)).toEqual([]);
      const coarse = await history(`market=${resolved.yes}&interval=max&fidelity=720`);
      expect(coarse.at(-1)?.p).toBe(1);
    });

    it('refuse a span that is too long, a fidelity that is too fine and a missing token', async () => {
      const market = one(tradeable);
      expect(await error(`/prices-history?market=${market.yes}&startTs=1700000000&endTs=1793534400`)).toEqual([
        400,
        "invalid filters: 'startTs' and 'endTs' interval is too long",
      ]);
      expect(await error(`/prices-history?market=${market.yes}&interval=1w&fidelity=1`)).toEqual([
        400,
        "invalid filters: minimum 'fidelity' for '1w' range is 5",
      ]);
      expect((await error('/prices-history?interval=1d'))[0]).toBe(400);
      expect((await error(`/prices-history?market=${market.yes}`))[0]).toBe(400);
    });

    it('come in batches keyed by token', async () => {
      const market = one(tradeable);
      const body = { markets: [market.yes, market.no], interval: '1d', fidelity: 60 };
      const answer = await post(`${clob}/batch-prices-history`, body);
      const series = answer.body.history as Record<string, Json[]>;
      expect(series[market.yes]).toEqual(await history(`market=${market.yes}&interval=1d&fidelity=60`));
      const lasts = [market.yes, market.no].map((token) => Number(series[token]?.at(-1)?.p));
      expect((lasts[0] ?? 0) + (lasts[1] ?? 0)).toBeCloseTo(1, 9);
      expect(
        (await post(`${clob}/batch-prices-history`, { markets: Array(21).fill('1'), interval: '1d' })).status,
      ).toBe(400);
    });
  });
});
