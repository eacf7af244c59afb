import type {
  LedgerBody,
  MarkToMarketBody,
  MetricsBody,
  OrderBody,
  OrderListBody,
  PortfolioBody,
  PositionBody,
  ProblemBody,
  SetsChangedBody,
  TradeListBody,
} from '@app/contracts';
import { microUsdc } from '@app/domain';
import { newId } from '@app/platform';
import { PortfoliosService } from '@app/trading';
import { PATIENT, startTestApi, type TestApi } from './api-harness';
import { findTradedMarkets, PortfolioClient, sumMicro, type TradedMarket } from './portfolio-client';

describe('portfolios, over HTTP', () => {
  let api: TestApi;
  let client: PortfolioClient;
  let traded: TradedMarket;

  beforeAll(async () => {
    api = await startTestApi({ markets: 120, venueOptions: PATIENT });
    [traded] = (await findTradedMarkets(api, await api.storeListedMarkets(), 1)) as [TradedMarket];
    client = await PortfolioClient.of(api, 'premium_user');
  });
  afterAll(() => api?.stop());

  describe('opening, changing and deleting', () => {
    it('opens one with 10000 USDC, lists it and shows it', async () => {
      const ann = await PortfolioClient.of(api);
      const opened = await ann.post<PortfolioBody>('/portfolios', { name: ' Macro bets ' });
      expect(opened).toMatchObject({ status: 201, headers: { 'cache-control': expect.stringContaining('no-store') } });
      expect(opened.body).toEqual({
        id: expect.stringMatching(/^[0-9a-f-]{36}$/),
        user_id: ann.userId,
        name: 'Macro bets',
        description: null,
        initial_balance: 10000,
        cash_balance: 10000,
        reserved_cash: 0,
        owed: 0,
        realized_pnl: 0,
        fees_paid: 0,
        open_orders: 0,
        profile: 'realistic',
        latency: 'colocated',
        run: 1,
        created_at: expect.stringMatching(/Z$/),
        updated_at: expect.stringMatching(/Z$/),
        is_active: true,
      });
      expect((await ann.get<PortfolioBody[]>('/portfolios')).body).toEqual([opened.body]);
      expect(await ann.detail(`/portfolios/${opened.body.id}`)).toEqual({
        ...opened.body,
        positions: [],
        total_value: 10000,
        total_pnl: 0,
        total_pnl_percent: 0,
        liquidation_value: 10000,
        unpriced_positions: 0,
      });
    });

    it('says that what it shows is simulated, and how much may be asked', async () => {
      const { headers } = await client.get('/portfolios');
      expect(headers).toMatchObject({
        'x-market-data': 'simulated',
        'ratelimit-limit': expect.stringMatching(/^\d+$/),
        'ratelimit-remaining': expect.stringMatching(/^\d+$/),
      });
    });

    it('takes the profile, the latency and the balance asked for', async () => {
      const path = await client.open({
        name: 'Careful',
        description: 'd',
        initial_balance: '2500.123456',
        profile: 'conservative',
        latency: 'retail',
      });
      expect(await client.detail(path)).toMatchObject({
        description: 'd',
        initial_balance: 2500.123456,
        cash_balance: 2500.123456,
        profile: 'conservative',
        latency: 'retail',
      });
    });

    it('renames one, describes it, and switches it off and on', async () => {
      const path = await client.open({ description: 'old' });
      const change = async (body: object): Promise<PortfolioBody> =>
        (await client.ask<PortfolioBody>('PATCH', path, body)).body;
      expect(await change({ name: 'New name' })).toMatchObject({
        name: 'New name',
        description: 'old',
        is_active: true,
      });
      expect(await change({ description: null, is_active: false })).toMatchObject({
        description: null,
        is_active: false,
      });
      const refused = await client.post(`${path}/orders`, {
        market_id: traded.market.slug,
        outcome_index: 0,
        side: 'buy',
        type: 'limit',
        quantity: 10,
        price: 0.01,
      });
      expect(refused).toMatchObject({ status: 409, body: { code: 'PORTFOLIO.INACTIVE', detail: expect.any(String) } });
      expect(await change({ is_active: true })).toMatchObject({ is_active: true });
      expect(await client.detail(path)).toMatchObject({ reserved_cash: 0, open_orders: 0 });
    });

    it('deletes one for good, with what works in it, and frees its place', async () => {
      const bob = await PortfolioClient.of(api);
      const path = await bob.open();
      await bob.place(path, restingOrder(traded));
      const deleted = await bob.ask('DELETE', path);
      expect(deleted).toMatchObject({ status: 204, body: '' });
      for (const gone of [await bob.get(path), await bob.ask('DELETE', path), await bob.get(`${path}/ledger`)]) {
        expect(gone).toMatchObject({ status: 404, body: { code: 'PORTFOLIO.NOT_FOUND' } });
      }
      expect((await bob.get<PortfolioBody[]>('/portfolios')).body).toEqual([]);
    });

    it('opens as many as the role may have', async () => {
      const carl = await PortfolioClient.of(api);
      for (let count = 0; count < 5; count += 1) await carl.open();
      const refused = await carl.post('/portfolios', { name: 'One too many' });
      expect(refused).toMatchObject({ status: 409, body: { code: 'PORTFOLIO.LIMIT' } });
      expect(refused.body.detail).toMatch(/5/);
      const premium = await PortfolioClient.of(api, 'premium_user');
      for (let count = 0; count < 6; count += 1) await premium.open();
    });

    it('begins again with the initial balance, and keeps the history', async () => {
      const path = await client.open({ initial_balance: 500 });
      const rested = await client.place(path, restingOrder(traded));
      const bought = await client.place(path, {
        ...restingOrder(traded),
        type: 'market',
        quantity: undefined,
        price: undefined,
        amount: 5,
      });
      const wish = await client.post(`${path}/reset`, { initial_balance: 5 });
      expect(wish).toMatchObject({
        status: 422,
        body: { errors: [{ field: 'initial_balance', message: expect.stringContaining('send no body') }] },
      });
      const begun = await client.post<PortfolioBody>(`${path}/reset`, {});
      expect(begun).toMatchObject({
        status: 200,
        body: { run: 2, cash_balance: 500, reserved_cash: 0, open_orders: 0, fees_paid: 0, realized_pnl: 0 },
      });
      const { body } = await client.get<LedgerBody>(`${path}/ledger?page_size=100`);
      expect(body.entries.map(({ run }) => run)).toEqual([...body.entries.map(({ run }) => run)].sort());
      expect(new Set(body.entries.map(({ run }) => run))).toEqual(new Set([1, 2]));
      expect((await client.get<OrderListBody>(`${path}/orders`)).body.total).toBe(0);
      expect((await client.get<TradeListBody>(`${path}/trades`)).body.total).toBe(0);

      const orders = (await client.get<OrderListBody>(`${path}/orders?run=1`)).body;
      expect(orders.orders.map(({ id, status }) => [id, status])).toEqual([
        [bought.id, 'filled'],
        [rested.id, 'cancelled'],
      ]);
      const trades = (await client.get<TradeListBody>(`${path}/trades?run=1`)).body;
      expect(trades.trades).toHaveLength(bought.fills.length);
      expect(new Set(trades.trades.map(({ order_id: id }) => id))).toEqual(new Set([bought.id]));
      for (const list of ['orders', 'trades', 'trades?format=csv']) {
        const ahead = await client.get<ProblemBody>(`${path}/${list}${list.includes('?') ? '&' : '?'}run=3`);
        const message = 'must be a run of this portfolio, 1 to 2; got 3';
        expect([list, ahead.status, ahead.body.errors]).toEqual([list, 422, [{ field: 'run', message }]]);
      }
    });
  });

  describe('somebody else', () => {
    const routes = (path: string, orderId: string): [method: string, path: string, body?: unknown][] => [
      ['GET', path],
      ['PATCH', path, { name: 'Mine now' }],
      ['DELETE', path],
      ['POST', `${path}/reset`],
      ['POST', `${path}/orders`, restingOrder(traded)],
      ['POST', `${path}/orders/batch`, [restingOrder(traded)]],
      ['POST', `${path}/orders/preview`, restingOrder(traded)],
      ['GET', `${path}/orders`],
      ['DELETE', `${path}/orders`],
      ['GET', `${path}/orders/${orderId}`],
      ['GET', `${path}/orders/${orderId}/explain`],
      ['DELETE', `${path}/orders/${orderId}`],
      ['POST', `${path}/trades`, { market_id: traded.market.slug, outcome: 'x', side: 'buy', quantity: 10 }],
      ['GET', `${path}/trades`],
      ['GET', `${path}/trades?format=csv`],
      ['GET', `${path}/positions`],
      ['POST', `${path}/split`, { market_id: traded.market.slug, quantity: 1 }],
      ['POST', `${path}/merge`, { market_id: traded.market.slug, quantity: 1 }],
      ['GET', `${path}/metrics`],
      ['GET', `${path}/mtm`],
      ['GET', `${path}/ledger`],
    ];

    it('finds none of it, and changes nothing', async () => {
      const path = await client.open();
      const order = await client.place(path, restingOrder(traded));
      const before = await client.detail(path);
      const other = await PortfolioClient.of(api, 'premium_user');
      for (const [method, route, body] of routes(path, order.id)) {
        const answer = await other.ask(method, route, body);
        expect([method, route, answer.status, answer.body.code]).toEqual([method, route, 404, 'PORTFOLIO.NOT_FOUND']);
      }
      const unknown = `/portfolios/${newId()}`;
      for (const [method, route, body] of routes(unknown, order.id)) {
        const answer = await client.ask(method, route, body);
        expect([method, route, answer.status, answer.body.code]).toEqual([method, route, 404, 'PORTFOLIO.NOT_FOUND']);
      }
      expect(await client.detail(path)).toEqual(before);
    });

    it('needs a token for every route', async () => {
      const path = await client.open();
      const all = [['GET', '/portfolios'], ['POST', '/portfolios', { name: 'x' }], ...routes(path, newId())] as const;
      for (const [method, route, body] of all) {
        const answer = await api.send(method, route, body);
        expect([method, route, answer.status, answer.body.code]).toEqual([method, route, 401, 'AUTH.REQUIRED']);
        const expired = await api.send(method, route, body, { authorization: 'Bearer nonsense' });
        expect([method, route, expired.status]).toEqual([method, route, 401]);
      }
    });

    it('may come with the token in the query', async () => {
      const token = client.headers['authorization']?.replace('Bearer ', '') ?? '';
      expect((await api.get<PortfolioBody[]>(`/portfolios?token=${token}`)).status).toBe(200);
    });
  });

  describe('complete sets', () => {
    it('are made of cash and made cash again, free of fee', async () => {
      const path = await client.open({ initial_balance: 100 });
      const { market } = traded;
      const split = await client.post<SetsChangedBody>(`${path}/split`, { market_id: market.slug, quantity: 40.5 });
      expect(split).toMatchObject({ status: 200, body: { portfolio: { cash_balance: 59.5, fees_paid: 0 } } });
      expect(split.body.positions).toMatchObject([
        { market_id: market.slug, outcome: market.outcomes[0], outcome_index: 0, quantity: 40.5, status: 'open' },
        { market_id: market.slug, outcome: market.outcomes[1], outcome_index: 1, quantity: 40.5, status: 'open' },
      ]);
      expect(sumMicro(...split.body.positions.map(({ cost_basis: cost }) => cost))).toBe(40_500_000);
      const tooMany = await client.post(`${path}/merge`, { market_id: market.slug, quantity: 40.500001 });
      expect(tooMany).toMatchObject({ status: 409, body: { code: 'ORDER.INSUFFICIENT_SHARES' } });
      expect(tooMany.body.detail).toContain('40.5');
      const tooMuch = await client.post(`${path}/split`, { market_id: market.slug, quantity: 59.500001 });
      expect(tooMuch).toMatchObject({ status: 409, body: { code: 'ORDER.INSUFFICIENT_CASH' } });
      expect(tooMuch.body.detail).toContain('59.5');
      const byCondition = { market_id: market.conditionId, quantity: '40.5' };
      const merged = await client.post<SetsChangedBody>(`${path}/merge`, byCondition);
      expect(merged).toMatchObject({ status: 200, body: { portfolio: { cash_balance: 100, realized_pnl: 0 } } });
      expect(merged.body.positions.map(({ quantity, status }) => [quantity, status])).toEqual([
        [0, 'closed'],
        [0, 'closed'],
      ]);
    });

    it('are shown as positions at the midpoint, and in the totals', async () => {
      const path = await client.open({ initial_balance: 100 });
      await client.post(`${path}/split`, { market_id: traded.market.slug, quantity: 50 });
      const { body } = await client.get<PositionBody[]>(`${path}/positions`);
      const midpoint = traded.book.midpoint ?? 0;
      expect(body).toMatchObject([
        { outcome_index: 0, quantity: 50, current_price: midpoint, price_source: 'book', unpriced_reason: null },
        { outcome_index: 1, quantity: 50, price_source: 'book' },
      ]);
      expect(sumMicro(body[0]?.current_price ?? 0, body[1]?.current_price ?? 0)).toBe(1_000_000);
      const detail = await client.detail(path);
      expect(detail).toMatchObject({ total_value: 100, total_pnl: 0, cash_balance: 50, positions: body });
      expect(detail.liquidation_value).toBeLessThan(100);
      expect((await client.get<PositionBody[]>(`${path}/positions?status=settled`)).body).toEqual([]);
      expect((await client.get<PositionBody[]>(`${path}/positions?status=open`)).body).toHaveLength(2);
      expect(await client.get(`${path}/positions?status=sold`)).toMatchObject({
        status: 422,
        body: { errors: [{ field: 'status', message: expect.stringContaining('open, closed, settled') }] },
      });
    });
  });

  describe('the ledger', () => {
    it('tells every movement in order, page by page, and adds up', async () => {
      const path = await client.open({ initial_balance: 1000 });
      await client.post(`${path}/split`, { market_id: traded.market.slug, quantity: 10 });
      const order = await client.place(path, restingOrder(traded));
      await client.ask('DELETE', `${path}/orders/${order.id}`);
      const all = await client.get<LedgerBody>(`${path}/ledger?page_size=100`);
      expect(all.body.entries.map(({ seq }) => seq)).toEqual(all.body.entries.map((_, index) => index + 1));
      expect(all.body.entries.map(({ kind }) => kind)).toEqual(['deposit', 'split', 'reserve', 'release']);
      for (const entry of all.body.entries) {
        expect(sumMicro(...entry.postings.map(({ amount }) => amount))).toBe(0);
        expect(sumMicro(entry.balance_after)).toBe(sumMicro(entry.cash_after, entry.reserved_after));
        expect(entry.description).toMatch(/\w{3}/);
      }
      const pages = [
        await client.get<LedgerBody>(`${path}/ledger?page=1&page_size=3`),
        await client.get<LedgerBody>(`${path}/ledger?page=2&page_size=3`),
        await client.get<LedgerBody>(`${path}/ledger?page=3&page_size=3`),
      ];
      expect(pages.flatMap(({ body }) => body.entries)).toEqual(all.body.entries);
      expect(pages.map(({ body }) => [body.total, body.total_pages, body.has_next, body.has_prev])).toEqual([
        [4, 2, true, false],
        [4, 2, false, true],
        [4, 2, false, true],
      ]);
      const last = all.body.entries.at(-1);
      const detail = await client.detail(path);
      expect([last?.cash_after, last?.reserved_after]).toEqual([detail.cash_balance, detail.reserved_cash]);
    });
  });

  describe('figures of more digits than a double shows', () => {
    it('are answered to the last one', async () => {
      const rich = await PortfolioClient.of(api, 'premium_user');
      const { portfolio } = await api.app
        .get(PortfoliosService, { strict: false })
        .create(
          { userId: rich.userId, role: 'premium_user' },
          { name: 'Rich', description: null, initialBalance: microUsdc(9_000_000_000_000_123_457n), profile: 'ideal' },
          null,
        );
      const path = `/portfolios/${portfolio.id}`;
      const sets = { market_id: traded.market.slug, quantity: 999_999_999.999999 };
      for (let times = 0; times < 10; times += 1) {
        expect(await rich.post(`${path}/split`, sets)).toMatchObject({ status: 200 });
      }
      const url = await api.app.getUrl();
      const textOf = async (address: string): Promise<string> => {
        const answer = await fetch(url + address, { headers: rich.headers });
        expect([address, answer.status]).toEqual([address, 200]);
        return answer.text();
      };
      const detail = await textOf(path);
      expect(detail).toContain('"initial_balance":9000000000000.123457,');
      expect(detail).toContain('"cash_balance":8990000000000.123467,');
      expect(detail).toContain('"quantity":9999999999.99999,');
      expect(await textOf('/portfolios')).toContain('"cash_balance":8990000000000.123467,');
      expect(await textOf(`${path}/ledger?page_size=100`)).toContain('"cash_after":8990000000000.123467,');
      expect(await textOf(`${path}/positions`)).toContain('"quantity":9999999999.99999,');
      expect(await textOf(`${path}/metrics`)).toContain('"cash_balance":8990000000000.123467,');
      expect(await textOf(`${path}/mtm`)).toContain('"cash_balance":8990000000000.123467,');
    });
  });

  describe('performance', () => {
    it('is told of a portfolio that has traded', async () => {
      const path = await client.open({ initial_balance: 1000 });
      const { market } = traded;
      const bought = await client.post<OrderBody>(`${path}/orders`, {
        market_id: market.slug,
        outcome_index: 0,
        side: 'buy',
        type: 'market',
        amount: 5,
        time_in_force: 'fak',
      });
      expect(bought.body.status).toMatch(/filled|cancelled/);
      const detail = await client.detail(path);
      const metrics = await client.get<MetricsBody>(`${path}/metrics`);
      expect(metrics.body).toMatchObject({
        total_value: detail.total_value,
        cash_balance: detail.cash_balance,
        initial_balance: 1000,
        total_pnl: detail.total_pnl,
        fees_paid: detail.fees_paid,
        total_trades: bought.body.fills.length,
        sharpe_ratio: null,
        brier_score: null,
        reasons: { sharpe_ratio: { message: expect.any(String) } },
      });
      const mtm = await client.get<MarkToMarketBody>(`${path}/mtm?resolution=5`);
      expect(mtm.body).toMatchObject({ total_value: detail.total_value, resolution: 5 });
      expect(mtm.body.pnl_series.at(-1)).toMatchObject({ portfolio_value: detail.total_value });
      expect(mtm.body.positions).toMatchObject([{ market_id: market.slug, outcome: market.outcomes[0] }]);
    });

    it.each([
      ['metrics?as_of=yesterday', 'as_of'],
      ['metrics?as_of=2100-01-01', 'as_of'],
      ['mtm?resolution=0', 'resolution'],
      ['mtm?resolution=1441', 'resolution'],
      ['mtm?from=2026-01-01', 'from'],
    ])('%s names the field', async (query, field) => {
      const path = await client.open();
      const answer = await client.get(`${path}/${query}`);
      expect(answer).toMatchObject({ status: 422, body: { errors: [{ field, message: expect.any(String) }] } });
      await client.ask('DELETE', path);
    });
  });
});

/** A buy so low that it rests, and holds 1 USDC. */
function restingOrder({ market }: TradedMarket): Record<string, unknown> {
  return { market_id: market.slug, outcome_index: 0, side: 'buy', type: 'limit', quantity: 100, price: 0.01 };
}
