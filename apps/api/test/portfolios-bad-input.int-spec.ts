import type { LedgerBody, OrderListBody, ProblemBody } from '@app/contracts';
import { isTradeable, type Market } from '@app/domain';
import { BookSource } from '@app/trading';
import { PATIENT, startTestApi, type TestAnswer, type TestApi } from './api-harness';
import { findTradedMarkets, PortfolioClient, type TradedMarket } from './portfolio-client';

const DAY_MS = 86_400_000;

describe('orders that are not acceptable', () => {
  let api: TestApi;
  let client: PortfolioClient;
  let path: string;
  let traded: TradedMarket;
  let markets: Market[];

  beforeAll(async () => {
    api = await startTestApi({ markets: 200, venueOptions: PATIENT });
    markets = await api.storeListedMarkets();
    [traded] = (await findTradedMarkets(api, markets, 1)) as [TradedMarket];
    client = await PortfolioClient.of(api, 'premium_user');
    path = await client.open({ initial_balance: 1000 });
    await client.post(`${path}/split`, { market_id: traded.market.slug, quantity: 20 });
  });
  afterAll(() => api?.stop());

  // Whatever was refused has left nothing behind.
  afterEach(async () => {
    expect(await client.detail(path)).toMatchObject({
      cash_balance: 980,
      reserved_cash: 0,
      open_orders: 0,
      fees_paid: 0,
    });
    const { body } = await client.get<LedgerBody>(`${path}/ledger`);
    expect(body.total).toBe(2);
    const { positions } = await client.detail(path);
    expect(positions.map(({ quantity, reserved_quantity: reserved }) => [quantity, reserved])).toEqual([
      [20, 0],
      [20, 0],
    ]);
    expect((await client.get<OrderListBody>(`${path}/orders`)).body.total).toBe(0);
  });

  const limitBuy = (change: Record<string, unknown> = {}): Record<string, unknown> => ({
    market_id: traded.market.slug,
    outcome_index: 0,
    side: 'buy',
    type: 'limit',
    quantity: 100,
    price: 0.01,
    ...change,
  });
  const place = (order: Record<string, unknown>): Promise<TestAnswer<ProblemBody>> =>
    client.post(`${path}/orders`, order);

  function expectRefused(
    answer: TestAnswer<ProblemBody>,
    status: number,
    code: string,
    { field, says }: { field?: string; says: (string | RegExp)[] },
  ): void {
    expect(answer).toMatchObject({
      status,
      contentType: 'application/problem+json; charset=utf-8',
      body: { status, code },
    });
    for (const text of says) {
      if (typeof text === 'string') expect(answer.body.detail).toContain(text);
      else expect(answer.body.detail).toMatch(text);
    }
    if (field !== undefined) {
      expect(answer.body.errors).toEqual(expect.arrayContaining([{ field, message: expect.stringMatching(/\w{3}/) }]));
    }
  }

  describe('the price', () => {
    it.each([
      [0.573, ['0.573', '0.57 and 0.58']],
      [0.005, ['0.01']],
      [0.999, ['0.99']],
    ])('%d is off the tick, and the nearest are named', async (price, says) => {
      expectRefused(await place(limitBuy({ price })), 422, 'ORDER.BAD_PRICE', {
        field: 'price',
        says: ['breaks minimum tick size rule: 0.01', ...says],
      });
    });

    it.each([0, 1, -0.5, 1.5, '1'])('%j is out of every range', async (price) => {
      expectRefused(await place(limitBuy({ price })), 422, 'REQUEST.UNACCEPTABLE', {
        field: 'price',
        says: ['from 0.000001 to 0.999999 with at most 6 decimals'],
      });
    });
  });

  describe('the size', () => {
    it('is too small to rest', async () => {
      expectRefused(await place(limitBuy({ quantity: 1.08 })), 422, 'ORDER.BAD_SIZE', {
        field: 'quantity',
        says: ['Size (1.08) lower than the minimum: 5', '5 shares or more'],
      });
    });

    it('has too many decimals', async () => {
      expectRefused(await place(limitBuy({ quantity: 10.123 })), 422, 'ORDER.BAD_SIZE', {
        field: 'quantity',
        says: ['at most 2 decimals', '10.12 or 10.13'],
      });
    });

    it('is worth too little to take', async () => {
      const amount = { type: 'market', quantity: undefined, price: undefined, amount: 0.99 };
      expectRefused(await place(limitBuy(amount)), 422, 'ORDER.BAD_SIZE', {
        field: 'amount',
        says: ['invalid amount for a marketable BUY order ($0.99), min size: $1', 'at least 1 USDC'],
      });
    });

    it('is an amount of fractions of a cent', async () => {
      const amount = { type: 'market', quantity: undefined, price: undefined, amount: 10.005 };
      expectRefused(await place(limitBuy(amount)), 422, 'ORDER.BAD_SIZE', {
        field: 'amount',
        says: ['10 or 10.01 would do'],
      });
    });

    it('is given twice, or not at all', async () => {
      const both = await place(limitBuy({ type: 'market', amount: 5 }));
      expectRefused(both, 422, 'REQUEST.UNACCEPTABLE', {
        field: 'amount',
        says: ['quantity (shares) or amount (USDC), not both'],
      });
      const neither = await place(limitBuy({ quantity: undefined }));
      expectRefused(neither, 422, 'REQUEST.UNACCEPTABLE', { field: 'quantity', says: ['give the quantity of shares'] });
    });
  });

  describe('what the portfolio has', () => {
    it('is less cash than the order needs', async () => {
      expectRefused(await place(limitBuy({ quantity: 98_001 })), 409, 'ORDER.INSUFFICIENT_CASH', {
        field: 'quantity',
        says: ['not enough balance', '980.01', '980 are free'],
      });
    });

    it('is fewer shares than the order sells', async () => {
      const order = limitBuy({ side: 'sell', quantity: 20.01, price: 0.99 });
      expectRefused(await place(order), 409, 'ORDER.INSUFFICIENT_SHARES', {
        field: 'quantity',
        says: ['not enough balance', '20.01', '20 are free'],
      });
    });

    it('is fewer complete sets than are to be merged, and less cash than sets cost', async () => {
      const sets = (quantity: number): object => ({ market_id: traded.market.slug, quantity });
      expectRefused(await client.post(`${path}/merge`, sets(21)), 409, 'ORDER.INSUFFICIENT_SHARES', { says: ['20'] });
      expectRefused(await client.post(`${path}/split`, sets(981)), 409, 'ORDER.INSUFFICIENT_CASH', { says: ['980'] });
    });
  });

  describe('the market', () => {
    it('is not known, and the field is named as the client spelled it', async () => {
      const unknown: [string, Record<string, unknown>][] = [
        ['market_id', { market_id: 'no-such-market' }],
        ['market_id', { market_id: `0x${'9'.repeat(64)}` }],
        ['token_id', { market_id: undefined, outcome_index: undefined, token_id: '12345' }],
      ];
      for (const [field, name] of unknown) {
        expectRefused(await place(limitBuy(name)), 404, 'MARKET.NOT_FOUND', { field, says: [/\w{3}/] });
      }
      const trade = { market_id: 'no-such-market', outcome: 'Yes', side: 'buy', quantity: 10 };
      const asks = [
        client.post<ProblemBody>(`${path}/trades`, trade),
        client.post<ProblemBody>(`${path}/split`, { market_id: 'no-such-market', quantity: 1 }),
        client.get<ProblemBody>(`${path}/orders?market_id=no-such-market`),
      ];
      for (const ask of asks) {
        expectRefused(await ask, 404, 'MARKET.NOT_FOUND', { field: 'market_id', says: ['no-such-market'] });
      }
    });

    it('has no such outcome', async () => {
      const says = traded.market.outcomes;
      expectRefused(await place(limitBuy({ outcome_index: 2 })), 404, 'MARKET.OUTCOME_NOT_FOUND', {
        field: 'outcome_index',
        says,
      });
      const named = limitBuy({ outcome_index: undefined, outcome: 'Perhaps' });
      expectRefused(await place(named), 404, 'MARKET.OUTCOME_NOT_FOUND', { field: 'outcome', says });
      const trade = { market_id: traded.market.slug, outcome: 'Perhaps', side: 'buy', quantity: 10 };
      expectRefused(await client.post(`${path}/trades`, trade), 404, 'MARKET.OUTCOME_NOT_FOUND', {
        field: 'outcome',
        says,
      });
    });

    it('is closed', async () => {
      const closed = markets.find(
        (market) => market.closed && market.outcomes.length === 2 && market.clobTokenIds.length === 2,
      );
      expectRefused(await place(limitBuy({ market_id: closed?.slug })), 409, 'MARKET.NOT_TRADABLE', {
        says: [closed?.slug ?? '', /closed|resolved/],
      });
      const trade = { market_id: closed?.slug, outcome: closed?.outcomes[0], side: 'buy', quantity: 10 };
      expectRefused(await client.post(`${path}/trades`, trade), 409, 'MARKET.NOT_TRADABLE', {
        says: [/closed|resolved/],
      });
    });

    it('takes no orders for now', async () => {
      const [open] = await findTradedMarkets(api, markets.slice().reverse(), 1);
      const slug = open?.market.slug ?? '';
      await api.venue.change(slug, { halted: true });
      api.clock.advance(DAY_MS / 24);
      await api.get(`/markets/by-slug/${slug}?force_refresh=true`);
      expectRefused(await place(limitBuy({ market_id: slug })), 409, 'MARKET.NOT_TRADABLE', {
        says: [slug, 'not accepting orders'],
      });
      await api.venue.change(slug, { halted: false });
    });

    it('never had an order book', async () => {
      const legacy = markets.find((market) => !isTradeable(market) && !market.closed && market.outcomes.length === 2);
      if (legacy === undefined) throw new Error('the world has no such market');
      const answer = await place(limitBuy({ market_id: legacy.slug }));
      expect(answer.status).toBe(409);
      expectRefused(answer, 409, 'MARKET.NOT_TRADABLE', { says: [legacy.slug] });
    });
  });

  describe('the order book', () => {
    const takingBuy = (): Record<string, unknown> => limitBuy({ quantity: 10, price: 0.99 });

    it('is not live: what would take is refused with the reason', async () => {
      const books = api.app.get(BookSource, { strict: false });
      const read = books.read.bind(books);
      const reason = 'it was not heard of for 61 s';
      const doubted = jest
        .spyOn(books, 'read')
        .mockImplementation(async (...asked) => ({ ...(await read(...asked)), state: 'stale', reason }));
      try {
        const says = ['The order book is stale', reason, 'try again shortly'];
        expectRefused(await place(takingBuy()), 409, 'BOOK.NOT_LIVE', { says });
        const trade = { market_id: traded.market.slug, outcome: traded.market.outcomes[0], side: 'buy', quantity: 10 };
        const refused = await client.post(`${path}/trades`, trade);
        expectRefused(refused, 409, 'BOOK.NOT_LIVE', { says });
        expect(refused.headers['retry-after']).toBe('5');
      } finally {
        doubted.mockRestore();
      }
    });

    it('does not exist', async () => {
      api.clock.advance(5_000);
      await api.venue.fault({ kind: 'status', path: '/clob/book', status: 404 });
      expectRefused(await place(takingBuy()), 404, 'MARKET.NO_ORDER_BOOK', {
        says: [traded.market.slug, 'has no order book'],
      });
    });

    it('cannot be read', async () => {
      api.clock.advance(5_000);
      await api.venue.fault({ kind: 'status', path: '/clob/book', status: 500, times: 10 });
      const refused = await place(takingBuy());
      expectRefused(refused, 503, 'VENUE.UNAVAILABLE', { says: ['Polymarket'] });
      expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
      await api.venue.reset();
    });
  });

  describe('the time', () => {
    it.each([-DAY_MS, 0, 59_000])('of a gtd order %d ms from now is too soon', async (fromNow) => {
      const expiresAt = new Date(api.clock.now().getTime() + fromNow).toISOString();
      expectRefused(await place(limitBuy({ time_in_force: 'gtd', expires_at: expiresAt })), 422, 'ORDER.BAD_EXPIRY', {
        field: 'expires_at',
        says: ['60 s from now', expiresAt],
      });
    });
  });

  it('is refused as post-only when it would take, and the best ask is named', async () => {
    const best = traded.book.best_ask ?? 0;
    expectRefused(
      await place(limitBuy({ price: best, post_only: true, quantity: 10 })),
      409,
      'ORDER.POST_ONLY_CROSSES',
      {
        field: 'price',
        says: ['order crosses book', String(best)],
      },
    );
  });

  it('is refused for a field nobody knows', async () => {
    expectRefused(await place(limitBuy({ qty: 10 })), 422, 'REQUEST.UNACCEPTABLE', {
      field: 'qty',
      says: ['qty: is not a known field'],
    });
    const trade = { market_id: traded.market.slug, outcome: 'Yes', side: 'buy', quantity: 10, type: 'limit' };
    expectRefused(await client.post(`${path}/trades`, trade), 422, 'REQUEST.UNACCEPTABLE', {
      field: 'type',
      says: ['type'],
    });
    const query = await client.post(`${path}/orders?dry_run=true`, limitBuy());
    expectRefused(query, 422, 'REQUEST.UNACCEPTABLE', { field: 'dry_run', says: ['dry_run'] });
  });

  it('is refused when it is nested without end, with a key or without', async () => {
    const keyed: Record<string, string> = { 'idempotency-key': 'deep' };
    for (const headers of [{}, keyed]) {
      for (const leaf of ['1', '1e400']) {
        const deep = `{"name":${'['.repeat(100_000)}${leaf}${']'.repeat(100_000)}}`;
        expectRefused(await client.post('/portfolios', deep, headers), 422, 'REQUEST.UNACCEPTABLE', {
          says: ['nested deeper than 32 levels'],
        });
      }
    }
  });

  it.each([
    ['/portfolios/1', 'id'],
    ['/portfolios/1/orders', 'id'],
    ['/portfolios/not-an-id/trades', 'id'],
  ])('GET %s names the id', async (route, field) => {
    expectRefused(await client.get(route), 422, 'REQUEST.UNACCEPTABLE', { field, says: ['id of a portfolio'] });
  });

  it('names the id of an order that has not the form of one', async () => {
    for (const [method, rest] of [
      ['GET', ''],
      ['GET', '/explain'],
      ['DELETE', ''],
    ] as const) {
      const answer = await client.ask(method, `${path}/orders/17${rest}`);
      expectRefused(answer, 422, 'REQUEST.UNACCEPTABLE', { field: 'order_id', says: ['id of an order'] });
      const unknown = await client.ask(method, `${path}/orders/0190f5c2-7c1e-7d3b-9c55-2f1d3a6b8e30${rest}`);
      expectRefused(unknown, 404, 'ORDER.NOT_FOUND', { says: [/\w{3}/] });
    }
  });

  describe('numbers, as they are written', () => {
    const raw = (field: string, literal: string): string =>
      JSON.stringify(limitBuy({ [field]: '@' })).replace('"@"', literal);

    it.each([
      ['seven decimals', '0.1234567'],
      ['dust of floating point', '0.30000000000000004'],
      ['a tenth as a double has it', '0.1000000000000000055511151231257827'],
      ['a digit no double shows', '100.00000000000000001'],
      ['an exponent out of range', '1e400'],
      ['an exponent below every double', '1e-400'],
      ['negative zero', '-0'],
      ['negative zero with decimals', '-0.0'],
      ['zero', '0'],
      ['a negative number', '-10'],
      ['a billion', '1e9'],
      ['10,000 digits', '9'.repeat(10_000)],
      ['a power of ten of 10,000 digits', `1${'0'.repeat(9_999)}`],
      ['10,000 decimals', `0.${'0'.repeat(9_998)}1`],
      ['text of 10,000 digits', `"${'9'.repeat(10_000)}"`],
      ['text of negative zero', '"-0"'],
      ['text of NaN', '"NaN"'],
      ['text of infinity', '"Infinity"'],
      ['text of seven decimals', '"0.1234567"'],
      ['text with a space', '" 10"'],
      ['a truth', 'true'],
      ['a list', '[10]'],
      ['an object', '{"value":10}'],
    ])('%s is refused by name, never rounded', async (_, literal) => {
      expectRefused(await client.post(`${path}/orders`, raw('quantity', literal)), 422, 'REQUEST.UNACCEPTABLE', {
        field: 'quantity',
        says: ['quantity: must be a number from 0.000001 to 999999999.999999 with at most 6 decimals'],
      });
    });

    it.each(['0.30000000000000004', '1e-400', '0.010000000000000000001', '-0'])(
      'nor is a price of %s',
      async (literal) => {
        expectRefused(await client.post(`${path}/orders`, raw('price', literal)), 422, 'REQUEST.UNACCEPTABLE', {
          field: 'price',
          says: ['price: must be a number from 0.000001 to 0.999999 with at most 6 decimals'],
        });
      },
    );

    it('nor is the balance of a portfolio, the quantity of a trade or of sets', async () => {
      const literal = '100.00000000000000001';
      const bodies = [
        ['/portfolios', `{"name":"x","initial_balance":${literal}}`, 'initial_balance'],
        [`${path}/trades`, `{"market_id":"m","outcome":"Yes","side":"buy","quantity":${literal}}`, 'quantity'],
        [`${path}/split`, `{"market_id":"m","quantity":${literal}}`, 'quantity'],
        [`${path}/merge`, `{"market_id":"m","quantity":${literal}}`, 'quantity'],
      ] as const;
      for (const [route, body, field] of bodies) {
        expectRefused(await client.post(route, body), 422, 'REQUEST.UNACCEPTABLE', {
          field,
          says: [`got "${literal}"`],
        });
      }
    });

    it('is text nowhere else', async () => {
      for (const literal of ['1e400', '123456789012345678901']) {
        const answer = await client.post('/portfolios', `{"name":${literal}}`);
        expectRefused(answer, 422, 'REQUEST.UNACCEPTABLE', { field: 'name', says: ['must be text'] });
      }
      for (const literal of ['1e400', '-0', '-0.0']) {
        const index = await client.post(`${path}/orders`, raw('outcome_index', literal));
        expectRefused(index, 422, 'REQUEST.UNACCEPTABLE', {
          field: 'outcome_index',
          says: ['whole number from 0 to 255'],
        });
      }
    });

    it.each(['NaN', 'Infinity', '+1', '01', '.5', '1.', '0x10', '1_000', '--1'])('%s is no JSON', async (literal) => {
      const answer = await client.post(`${path}/orders`, raw('quantity', literal));
      expect(answer).toMatchObject({ status: 400, contentType: 'application/problem+json; charset=utf-8' });
    });
  });
});
