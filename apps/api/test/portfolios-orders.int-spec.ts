import type {
  BatchedOrderBody,
  CancelledOrdersBody,
  FilledTradeBody,
  LedgerBody,
  OrderBody,
  OrderExplanationBody,
  OrderListBody,
  PortfolioBody,
  TradeListBody,
} from '@app/contracts';
import { PATIENT, startTestApi, type TestApi } from './api-harness';
import { findTradedMarkets, PortfolioClient, sumMicro, type TradedMarket } from './portfolio-client';

describe('orders and trades, over HTTP', () => {
  let api: TestApi;
  let client: PortfolioClient;
  let one: TradedMarket;
  let other: TradedMarket;

  beforeAll(async () => {
    api = await startTestApi({ markets: 160, venueOptions: PATIENT });
    [one, other] = (await findTradedMarkets(api, await api.storeListedMarkets(), 2)) as [TradedMarket, TradedMarket];
    client = await PortfolioClient.of(api, 'premium_user');
  });
  afterAll(() => api?.stop());

  const limitBuy = (traded: TradedMarket, change: Record<string, unknown> = {}): Record<string, unknown> => ({
    market_id: traded.market.slug,
    outcome: traded.market.outcomes[0],
    side: 'buy',
    type: 'limit',
    quantity: 100,
    price: 0.01,
    ...change,
  });

  const bestAsk = (traded: TradedMarket): { price: number; size: number } =>
    traded.book.asks[0] ?? { price: 1, size: 0 };

  describe('an order', () => {
    it('takes what is displayed, level by level, at the prices displayed', async () => {
      const path = await client.open();
      const [first, second] = one.book.asks;
      const wanted = Math.round(((first?.size ?? 0) + 5) * 100) / 100;
      const order = await client.place(path, limitBuy(one, { quantity: wanted, price: second?.price }));
      expect(order).toMatchObject({
        market_id: one.market.slug,
        condition_id: one.market.conditionId,
        outcome: one.market.outcomes[0],
        outcome_index: 0,
        token_id: one.book.token_id,
        market_question: one.market.question,
        status: 'filled',
        phase: 'done',
        quantity: wanted,
        filled_quantity: wanted,
        remaining_quantity: 0,
        queue_ahead: null,
        reserved_cash: 0,
        reject_reason: null,
        fills: [
          { price: first?.price, quantity: first?.size, liquidity: 'taker', receipt: { rule: 'E1', grade: 'A' } },
          { price: second?.price, liquidity: 'taker', receipt: { displayed_size: second?.size, taken_before: 0 } },
        ],
      });
      const { fills } = order;
      expect(sumMicro(...fills.map(({ quantity }) => quantity))).toBe(sumMicro(wanted));
      expect(sumMicro(...fills.map(({ fee }) => fee))).toBe(sumMicro(order.fees));
      expect(sumMicro(...fills.map(({ total_value: value }) => value))).toBe(sumMicro(order.filled_value));
      const detail = await client.detail(path);
      expect(sumMicro(detail.cash_balance, order.filled_value, order.fees)).toBe(sumMicro(10000));
      expect(detail.positions).toMatchObject([{ quantity: wanted, cost_basis: order.filled_value }]);
    });

    it('never sees the same depth twice', async () => {
      const path = await client.open();
      const { price, size } = bestAsk(one);
      const take = (quantity: number): Promise<OrderBody> =>
        client.place(path, limitBuy(one, { quantity, price, time_in_force: 'fak', type: 'market' }));
      expect(await take(size)).toMatchObject({ status: 'filled', filled_quantity: size });
      const again = await take(size);
      expect(again.filled_quantity).toBeLessThan(size / 10);
      expect(again).toMatchObject({
        status: 'cancelled',
        reject_reason: expect.stringContaining('this portfolio has taken before'),
      });
    });

    it('rests where nothing is offered, holds its cash, and gives it back when it is cancelled', async () => {
      const path = await client.open({ initial_balance: 50 });
      const placed = await client.place(path, limitBuy(one, { client_order_id: 'rest-1', notes: 'patient' }));
      expect(placed).toMatchObject({
        status: 'open',
        phase: 'resting',
        client_order_id: 'rest-1',
        notes: 'patient',
        reserved_cash: 1,
        remaining_quantity: 100,
        fills: [],
      });
      expect(placed.queue_ahead).toBeGreaterThanOrEqual(0);
      expect(await client.detail(path)).toMatchObject({ cash_balance: 49, reserved_cash: 1, open_orders: 1 });
      const cancelled = await client.ask<OrderBody>('DELETE', `${path}/orders/${placed.id}`);
      expect(cancelled).toMatchObject({
        status: 200,
        body: {
          id: placed.id,
          status: 'cancelled',
          reserved_cash: 0,
          queue_ahead: null,
          reject_reason: expect.any(String),
        },
      });
      expect(await client.detail(path)).toMatchObject({ cash_balance: 50, reserved_cash: 0, open_orders: 0 });
      const again = await client.ask('DELETE', `${path}/orders/${placed.id}`);
      expect(again).toMatchObject({ status: 409, body: { code: 'ORDER.NOT_CANCELLABLE', detail: expect.any(String) } });
    });

    it('is named by slug in any case, condition id or token, and answered by slug and spelling', async () => {
      const path = await client.open();
      const { market, book } = other;
      const names = [
        { market_id: market.slug.toUpperCase(), outcome: market.outcomes[0]?.toUpperCase() },
        { market_id: market.conditionId, outcome: null, outcome_index: 0 },
        { market_id: null, outcome: null, token_id: book.token_id },
      ];
      for (const name of names) {
        expect(await client.place(path, limitBuy(other, name))).toMatchObject({
          market_id: market.slug,
          outcome: market.outcomes[0],
          outcome_index: 0,
          token_id: book.token_id,
        });
      }
    });

    it('by amount spends it, and says what is left', async () => {
      const path = await client.open();
      const order = await client.place(path, {
        token_id: other.book.token_id,
        side: 'buy',
        type: 'market',
        amount: 2.5,
        price: bestAsk(other).price,
      });
      expect(order).toMatchObject({ status: 'filled', time_in_force: 'fok', quantity: null, amount: 2.5 });
      expect(order.remaining_quantity).toBeNull();
      expect(order.remaining_amount).toBeLessThan(0.01);
      expect(order.average_fill_price).toBe(bestAsk(other).price);
    });

    it('that is killed says so in words of the venue, and holds nothing', async () => {
      const path = await client.open();
      const order = await client.place(path, limitBuy(one, { time_in_force: 'fok' }));
      expect(order).toMatchObject({
        status: 'cancelled',
        filled_quantity: 0,
        reject_reason: expect.stringContaining('FOK orders are fully filled or killed'),
      });
      expect(await client.detail(path)).toMatchObject({ cash_balance: 10000, reserved_cash: 0, open_orders: 0 });
    });

    it('sells what was bought', async () => {
      const path = await client.open();
      const bought = await client.place(path, limitBuy(other, { quantity: 5, price: bestAsk(other).price }));
      const sold = await client.place(path, {
        ...limitBuy(other),
        side: 'sell',
        type: 'market',
        quantity: 5,
        price: null,
      });
      expect(sold).toMatchObject({ status: 'filled', fills: [{ side: 'sell', realized_pnl: expect.any(Number) }] });
      const detail = await client.detail(path);
      expect(sumMicro(detail.cash_balance, bought.filled_value, bought.fees, sold.fees)).toBe(
        sumMicro(10000, sold.filled_value),
      );
      expect(detail.positions).toMatchObject([{ quantity: 0, status: 'closed' }]);
    });
  });

  describe('a quantity', () => {
    it.each(['100', '100.00', '1.0e2', '"100"', '100.000000000000000000000000', '"1e2"'])(
      'written as %s is a hundred shares, exactly',
      async (literal) => {
        const path = await client.open();
        const body = JSON.stringify(limitBuy(one, { quantity: '@' })).replace('"@"', literal);
        const placed = await client.post<OrderBody>(`${path}/orders`, body);
        expect(placed).toMatchObject({ status: 201, body: { quantity: 100, reserved_cash: 1 } });
        await client.ask('DELETE', path);
      },
    );
  });

  describe('the explanation of an order', () => {
    it('tells a fill by its rule and evidence, in a sentence and in data', async () => {
      const path = await client.open();
      const order = await client.place(path, limitBuy(other, { quantity: 5, price: bestAsk(other).price }));
      const { status, body } = await client.get<OrderExplanationBody>(`${path}/orders/${order.id}/explain`);
      expect(status).toBe(200);
      expect(body).toMatchObject({ order_id: order.id, order });
      expect(body.sentence).toMatch(/5 /);
      expect(body.sentence).toContain(String(bestAsk(other).price));
    });

    it('tells what a resting order waits for', async () => {
      const path = await client.open();
      const order = await client.place(path, limitBuy(other));
      const { body } = await client.get<OrderExplanationBody>(`${path}/orders/${order.id}/explain`);
      expect(body.sentence).toMatch(/0\.01/);
      expect(body.order.status).toBe('open');
    });
  });

  describe('the list of orders', () => {
    it('is filtered by status and market, and comes in pages, newest first', async () => {
      const path = await client.open();
      const placed: OrderBody[] = [];
      for (const traded of [one, other, one, other, one]) placed.push(await client.place(path, limitBuy(traded)));
      await client.ask('DELETE', `${path}/orders/${placed[0]?.id}`);
      const ids = async (query: string): Promise<string[]> =>
        (await client.get<OrderListBody>(`${path}/orders${query}`)).body.orders.map(({ id }) => id);
      const newestFirst = placed.map(({ id }) => id).reverse();
      expect(await ids('')).toEqual(newestFirst);
      expect(await ids('?status=open')).toEqual(newestFirst.slice(0, 4));
      expect(await ids('?status=cancelled')).toEqual([placed[0]?.id]);
      expect(await ids('?status=filled')).toEqual([]);
      for (const name of [other.market.slug, other.market.conditionId]) {
        expect(await ids(`?market_id=${name}`)).toEqual([placed[3]?.id, placed[1]?.id]);
      }
      const unknown = await client.get(`${path}/orders?market_id=no-such-market`);
      expect(unknown).toMatchObject({ status: 404, body: { code: 'MARKET.NOT_FOUND' } });
      expect(await ids(`?market_id=${one.market.slug}&status=open`)).toEqual([placed[4]?.id, placed[2]?.id]);
      const page = await client.get<OrderListBody>(`${path}/orders?page=2&page_size=2`);
      expect(page.body).toMatchObject({
        total: 5,
        page: 2,
        page_size: 2,
        total_pages: 3,
        has_next: true,
        has_prev: true,
      });
      expect(page.body.orders.map(({ id }) => id)).toEqual(newestFirst.slice(2, 4));
      expect(page.body.orders[0]).toEqual((await client.get<OrderBody>(`${path}/orders/${newestFirst[2]}`)).body);
    });

    it('has the fills of each order', async () => {
      const path = await client.open();
      const filled = await client.place(path, limitBuy(other, { quantity: 5, price: bestAsk(other).price }));
      const { body } = await client.get<OrderListBody>(`${path}/orders`);
      expect(body.orders).toEqual([filled]);
      expect(body.orders[0]?.fills).toHaveLength(1);
    });
  });

  describe('cancelling all', () => {
    it('cancels what works, of one market or of all', async () => {
      const path = await client.open({ initial_balance: 10 });
      const [a, b, c] = [
        await client.place(path, limitBuy(one)),
        await client.place(path, limitBuy(other)),
        await client.place(path, limitBuy(other)),
      ];
      const some = await client.ask<CancelledOrdersBody>('DELETE', `${path}/orders?market_id=${other.market.slug}`);
      expect(some.status).toBe(200);
      expect([...some.body.cancelled].sort()).toEqual([b.id, c.id].sort());
      expect(some.body.not_cancelled).toEqual({});
      expect(await client.detail(path)).toMatchObject({ cash_balance: 9, reserved_cash: 1, open_orders: 1 });
      const rest = await client.ask<CancelledOrdersBody>('DELETE', `${path}/orders`);
      expect(rest.body).toEqual({ cancelled: [a.id], not_cancelled: {} });
      expect((await client.ask<CancelledOrdersBody>('DELETE', `${path}/orders`)).body.cancelled).toEqual([]);
      expect(await client.detail(path)).toMatchObject({ cash_balance: 10, reserved_cash: 0, open_orders: 0 });
    });
  });

  describe('the same request again', () => {
    const keyed = (key: string): Record<string, string> => ({ 'idempotency-key': key });

    it('places an order once, whoever asks for it at the same time', async () => {
      const path = await client.open({ initial_balance: 100 });
      const body = limitBuy(one, { notes: 'once' });
      const answers = await Promise.all(
        Array.from({ length: 8 }, () => client.post<OrderBody>(`${path}/orders`, body, keyed('order-1'))),
      );
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]));
      expect(new Set(answers.map((answer) => answer.body.id)).size).toBe(1);
      expect(answers.filter(({ headers }) => headers['idempotency-replayed'] === 'true')).toHaveLength(7);
      expect((await client.get<OrderListBody>(`${path}/orders`)).body.total).toBe(1);
      expect(await client.detail(path)).toMatchObject({ reserved_cash: 1, open_orders: 1 });
    });

    it('answers the first result, whatever has happened since', async () => {
      const path = await client.open();
      const first = await client.post<OrderBody>(`${path}/orders`, limitBuy(one), keyed('order-2'));
      expect(first.headers['idempotency-replayed']).toBeUndefined();
      await client.ask('DELETE', `${path}/orders/${first.body.id}`);
      const second = await client.post<OrderBody>(`${path}/orders`, limitBuy(one), keyed('order-2'));
      expect(second).toMatchObject({ status: 201, headers: { 'idempotency-replayed': 'true' } });
      expect(second.body).toEqual(first.body);
    });

    it('is a conflict with another body or on another route, and does nothing', async () => {
      const path = await client.open();
      await client.post(`${path}/orders`, limitBuy(one), keyed('order-3'));
      const others = [
        await client.post(`${path}/orders`, limitBuy(one, { quantity: 101 }), keyed('order-3')),
        await client.post(`${path}/split`, { market_id: one.market.slug, quantity: 1 }, keyed('order-3')),
        await client.post(`${await client.open()}/orders`, limitBuy(one), keyed('order-3')),
      ];
      for (const answer of others) {
        expect(answer).toMatchObject({
          status: 409,
          body: { code: 'IDEMPOTENCY.KEY_REUSED', detail: expect.any(String) },
        });
      }
      expect((await client.get<OrderListBody>(`${path}/orders`)).body.total).toBe(1);
    });

    it('belongs to the account', async () => {
      const path = await client.open();
      await client.post(`${path}/orders`, limitBuy(one), keyed('order-4'));
      const stranger = await PortfolioClient.of(api);
      const theirs = await stranger.post<OrderBody>(`${await stranger.open()}/orders`, limitBuy(one), keyed('order-4'));
      expect(theirs).toMatchObject({ status: 201 });
      expect(theirs.headers['idempotency-replayed']).toBeUndefined();
    });

    it('leaves a refused request free to be made again', async () => {
      const path = await client.open({ initial_balance: 1 });
      const refused = await client.post(`${path}/orders`, limitBuy(one, { quantity: 1000 }), keyed('order-5'));
      expect(refused).toMatchObject({ status: 409, body: { code: 'ORDER.INSUFFICIENT_CASH' } });
      const smaller = await client.post<OrderBody>(`${path}/orders`, limitBuy(one), keyed('order-5'));
      expect(smaller).toMatchObject({ status: 201, body: { status: 'open' } });
    });

    it('opens, resets, splits, merges and trades once', async () => {
      const opened = await client.post<PortfolioBody>(
        '/portfolios',
        { name: 'Keyed', latency: 'ideal' },
        keyed('open'),
      );
      const again = await client.post<PortfolioBody>('/portfolios', { name: 'Keyed', latency: 'ideal' }, keyed('open'));
      expect(again).toMatchObject({ status: 201, headers: { 'idempotency-replayed': 'true' }, body: opened.body });
      const path = `/portfolios/${opened.body.id}`;
      const { market } = other;
      const sets = { market_id: market.slug, quantity: 10 };
      const trade = { market_id: market.slug, outcome: market.outcomes[0], side: 'buy', quantity: 5 };
      const requests = [
        ['split', sets],
        ['merge', sets],
        ['trades', trade],
        ['reset', undefined],
      ] as const;
      for (const [route, body] of requests) {
        const first = await client.post(`${path}/${route}`, body, keyed(`once-${route}`));
        const second = await client.post(`${path}/${route}`, body, keyed(`once-${route}`));
        expect([route, second.status, second.headers['idempotency-replayed']]).toEqual([route, first.status, 'true']);
        expect(second.body).toEqual(first.body);
      }
      expect(await client.detail(path)).toMatchObject({ run: 2, cash_balance: 10000 });
      const { body } = await client.get<LedgerBody>(`${path}/ledger?page_size=100`);
      expect(
        body.entries.filter(({ kind }) => ['split', 'merge', 'buy'].includes(kind)).map(({ kind }) => kind),
      ).toEqual(['split', 'merge', 'buy']);
    });

    it.each(['', 'x'.repeat(256)])('refuses the key %j by name', async (key) => {
      const path = await client.open();
      const answer = await client.post(`${path}/orders`, limitBuy(one), keyed(key));
      expect(answer).toMatchObject({
        status: 422,
        body: { errors: [{ field: 'Idempotency-Key', message: expect.stringContaining('1 to 255 printable ASCII') }] },
      });
    });

    it('with a client_order_id answers the order, and another order of that id is a conflict', async () => {
      const path = await client.open();
      const first = await client.place(path, limitBuy(one, { client_order_id: 'mine-1' }));
      const again = await client.post<OrderBody>(`${path}/orders`, limitBuy(one, { client_order_id: 'mine-1' }));
      expect(again).toMatchObject({ status: 201, headers: { 'idempotency-replayed': 'true' }, body: { id: first.id } });
      const another = await client.post(`${path}/orders`, limitBuy(one, { client_order_id: 'mine-1', quantity: 101 }));
      expect(another).toMatchObject({ status: 409, body: { code: 'ORDER.DUPLICATE_CLIENT_ID' } });
      expect(another.body.errors).toEqual([{ field: 'client_order_id', message: expect.any(String) }]);
      const elsewhere = await client.open();
      expect((await client.place(elsewhere, limitBuy(one, { client_order_id: 'mine-1' }))).id).not.toBe(first.id);
      expect((await client.get<OrderListBody>(`${path}/orders`)).body.total).toBe(1);
    });
  });

  it('accepts what the money allows when fifty clients ask at once, and nothing more', async () => {
    const path = await client.open({ initial_balance: 10 });
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        client.post<OrderBody>(`${path}/orders`, limitBuy(index % 2 === 0 ? one : other)),
      ),
    );
    const accepted = answers.filter(({ status }) => status === 201);
    expect(accepted).toHaveLength(10);
    const refused = answers
      .filter(({ status }) => status !== 201)
      .map(({ status, body }) => [status, 'code' in body && body.code]);
    expect(refused).toEqual(Array.from({ length: 40 }, () => [409, 'ORDER.INSUFFICIENT_CASH']));
    expect(await client.detail(path)).toMatchObject({ cash_balance: 0, reserved_cash: 10, open_orders: 10 });
    const { body: ledger } = await client.get<LedgerBody>(`${path}/ledger?page_size=100`);
    expect(ledger.entries.map(({ kind }) => kind)).toEqual(['deposit', ...Array.from({ length: 10 }, () => 'reserve')]);
    expect(ledger.entries.at(-1)).toMatchObject({ seq: 11, cash_after: 0, reserved_after: 10 });
  });

  describe('a batch', () => {
    const refusedOf = (legs: BatchedOrderBody[]): (string | null)[] => legs.map(({ code }) => code);

    it('places what it can, and says of each of the rest why not', async () => {
      const path = await client.open({ initial_balance: 10 });
      const asked = [
        limitBuy(one),
        limitBuy(one, { price: 0.573 }),
        limitBuy(other, { quantity: 5_000 }),
        limitBuy(other, { market_id: 'no-such-market' }),
        limitBuy(other, { client_order_id: 'last' }),
      ];
      const { status, body } = await client.post<BatchedOrderBody[]>(`${path}/orders/batch`, asked);
      expect(status).toBe(200);
      expect(refusedOf(body)).toEqual([null, 'ORDER.BAD_PRICE', 'ORDER.INSUFFICIENT_CASH', 'MARKET.NOT_FOUND', null]);
      for (const { success, order_id: id, error_msg: text, code, order } of body) {
        expect(success).toBe(true);
        expect([id === '', text !== '', order === null]).toEqual(Array(3).fill(code !== null));
      }
      expect(body[1]?.error_msg).toContain('breaks minimum tick size rule: 0.01');
      expect(body[4]?.order).toMatchObject({ id: body[4]?.order_id, status: 'open', client_order_id: 'last' });
      expect(await client.detail(path)).toMatchObject({ cash_balance: 8, reserved_cash: 2, open_orders: 2 });
    });

    it('is done once under a key, its refused orders tried again', async () => {
      const path = await client.open({ initial_balance: 2.5 });
      const asked = [limitBuy(one), limitBuy(one, { quantity: 200 })];
      const send = (): Promise<{ body: BatchedOrderBody[] }> =>
        client.post<BatchedOrderBody[]>(`${path}/orders/batch`, asked, { 'idempotency-key': 'batch-1' });
      const first = await send();
      const [placed] = first.body.filter(({ code }) => code === null);
      expect(first.body.map(({ code }) => code).sort()).toEqual(['ORDER.INSUFFICIENT_CASH', null]);
      const again = await send();
      expect(again.body).toEqual(first.body);
      expect(await client.detail(path)).toMatchObject({ open_orders: 1, reserved_cash: placed?.order?.reserved_cash });
      const changed = [limitBuy(one, { quantity: 101 }), limitBuy(one, { quantity: 101 })];
      const others = await client.post<BatchedOrderBody[]>(`${path}/orders/batch`, changed, {
        'idempotency-key': 'batch-1',
      });
      expect(refusedOf(others.body)).toContain('IDEMPOTENCY.KEY_REUSED');
    });

    it.each<[unknown, RegExp]>([
      [[], /at least one order/],
      [{}, /send a JSON list of 1 to 15 orders/],
      [Array.from({ length: 16 }, () => ({})), /Too many orders in payload: 16, max allowed: 15/],
    ])('of %j is refused', async (asked, says) => {
      const path = await client.open();
      const answer = await client.post(`${path}/orders/batch`, asked);
      expect(answer).toMatchObject({ status: 422, body: { code: 'REQUEST.UNACCEPTABLE' } });
      expect(answer.body.detail).toMatch(says);
    });

    it('with an order that is not well-formed is refused as a whole, and names the field', async () => {
      const path = await client.open();
      const answer = await client.post(`${path}/orders/batch`, [limitBuy(one), limitBuy(one, { quantity: -1 })]);
      expect(answer).toMatchObject({ status: 422, body: { errors: [{ field: '1.quantity' }] } });
      expect((await client.get<OrderListBody>(`${path}/orders`)).body.total).toBe(0);
    });
  });

  describe('trading at once', () => {
    it("takes the client's price for the worst one, and answers what the book gave", async () => {
      const path = await client.open();
      const [first, second] = one.book.asks;
      const quantity = Math.round(((first?.size ?? 0) + 5) * 100) / 100;
      const traded = await client.post<FilledTradeBody>(`${path}/trades`, {
        market_id: one.market.slug,
        outcome: one.market.outcomes[0],
        side: 'buy',
        quantity,
        price: 0.99,
        notes: 'seed',
      });
      expect(traded).toMatchObject({
        status: 201,
        body: { quantity, side: 'buy', liquidity: 'taker', notes: 'seed', outcome: one.market.outcomes[0] },
      });
      const { body } = traded;
      expect(body.fills.map(({ price }) => price)).toEqual([first?.price, second?.price]);
      expect(body.price).toBeGreaterThan(first?.price ?? 1);
      expect(body.price).toBeLessThan(second?.price ?? 0);
      expect(sumMicro(...body.fills.map((fill) => fill.total_value))).toBe(sumMicro(body.total_value));
      expect(body.id).toBe(body.fills[0]?.id);
      const { trades } = (await client.get<TradeListBody>(`${path}/trades`)).body;
      expect([...trades].reverse()).toEqual(body.fills);
    });

    it('that cannot fill is a conflict that says what the book offered, and trades nothing', async () => {
      const path = await client.open();
      const { price } = bestAsk(one);
      const worse = Math.round((price - 0.01) * 100) / 100;
      const answer = await client.post(`${path}/trades`, {
        market_id: one.market.slug,
        outcome: one.market.outcomes[0],
        side: 'buy',
        quantity: 10,
        price: worse,
      });
      expect(answer).toMatchObject({ status: 409, body: { code: 'ORDER.NOT_FILLED' } });
      expect(answer.body.detail).toContain(`The best ask is ${price}.`);
      expect(await client.detail(path)).toMatchObject({ cash_balance: 10000, reserved_cash: 0, positions: [] });
      expect((await client.get<TradeListBody>(`${path}/trades`)).body.total).toBe(0);
    });
  });

  describe('the list of trades', () => {
    let path: string;

    beforeAll(async () => {
      path = await client.open();
      for (let count = 0; count < 5; count += 1) {
        await client.place(
          path,
          limitBuy(other, { quantity: 5, price: bestAsk(other).price, notes: `=note ${count}, "q"` }),
        );
        api.clock.advance(24 * 3_600_000);
      }
    });
    afterAll(() => api.clock.advance(-5 * 24 * 3_600_000));

    it('comes in pages, newest first', async () => {
      const { body } = await client.get<TradeListBody>(`${path}/trades?page_size=2`);
      expect(body).toMatchObject({
        total: 5,
        page: 1,
        page_size: 2,
        total_pages: 3,
        has_more: true,
        has_next: true,
        has_prev: false,
      });
      expect(body.trades.map(({ notes }) => notes)).toEqual(['=note 4, "q"', '=note 3, "q"']);
      const last = await client.get<TradeListBody>(`${path}/trades?page_size=2&page=3`);
      expect(last.body).toMatchObject({ has_more: false, has_next: false, has_prev: true });
      expect(last.body.trades).toHaveLength(1);
      const beyond = await client.get<TradeListBody>(`${path}/trades?page_size=2&page=9`);
      expect(beyond.body).toMatchObject({ trades: [], total: 5, has_more: false });
    });

    it('is cut to a range of dates, both included', async () => {
      const notes = async (query: string): Promise<(string | null)[]> =>
        (await client.get<TradeListBody>(`${path}/trades?${query}`)).body.trades.map((trade) => trade.notes);
      expect(await notes('start_date=2026-11-02&end_date=2026-11-03')).toEqual(['=note 2, "q"', '=note 1, "q"']);
      expect(await notes('end_date=2026-11-01')).toEqual(['=note 0, "q"']);
      expect(await notes('start_date=2026-11-05T00:00:00Z')).toEqual(['=note 4, "q"']);
      expect(await notes('start_date=2027-01-01')).toEqual([]);
    });

    it('is exported as CSV that no spreadsheet takes for a formula', async () => {
      const exported = await client.ask<string>('GET', `${path}/trades?format=csv`);
      expect(exported.status).toBe(200);
      expect(exported.contentType).toMatch(/^text\/csv/);
      expect(exported.headers['content-disposition']).toMatch(/^attachment; filename="trades-[0-9a-f-]+\.csv"$/);
      const lines = exported.body.split('\r\n');
      expect(lines).toHaveLength(7);
      expect(lines.at(-1)).toBe('');
      const columns = lines[0]?.split(',') ?? [];
      expect(columns.slice(0, 4)).toEqual(['id', 'portfolio_id', 'order_id', 'market_id']);
      const { trades } = (await client.get<TradeListBody>(`${path}/trades`)).body;
      const [oldest] = [...trades].reverse();
      expect(lines[1]).toContain(oldest?.id);
      expect(lines[1]?.endsWith(`"'=note 0, ""q"""`)).toBe(true);
      const cells = [...(lines[1] ?? '').matchAll(/(?:"((?:[^"]|"")*)"|([^,]*))(?:,|$)/g)].map(
        ([, quoted, plain]) => quoted ?? plain,
      );
      expect(cells[columns.indexOf('quantity')]).toBe('5');
      expect(cells[columns.indexOf('market_question')]).toBe(other.market.question.replaceAll('"', '""'));
    });

    it('exports the range, whatever the page', async () => {
      const exported = await client.ask<string>(
        'GET',
        `${path}/trades?format=csv&start_date=2026-11-02&page=7&page_size=1`,
      );
      expect(exported.body.split('\r\n')).toHaveLength(6);
      const none = await client.ask<string>('GET', `${path}/trades?format=csv&start_date=2030-01-01`);
      expect(none.body.split('\r\n')).toEqual([expect.stringMatching(/^id,/), '']);
    });

    it('is exported only by accounts that may', async () => {
      const user = await PortfolioClient.of(api);
      const own = await user.open();
      const refused = await user.get(`${own}/trades?format=csv`);
      expect(refused).toMatchObject({
        status: 403,
        contentType: 'application/problem+json; charset=utf-8',
        body: { code: 'EXPORT.NOT_ALLOWED', detail: expect.any(String) },
      });
      expect((await user.get<TradeListBody>(`${own}/trades`)).status).toBe(200);
    });

    it.each([
      ['start_date=2026-02-02&end_date=2026-02-01', 'start_date'],
      ['start_date=monday', 'start_date'],
      ['format=xml', 'format'],
      ['page=0', 'page'],
      ['page_size=101', 'page_size'],
      ['limit=5', 'limit'],
    ])('%s names the field', async (query, field) => {
      expect(await client.get(`${path}/trades?${query}`)).toMatchObject({
        status: 422,
        body: { errors: [{ field, message: expect.any(String) }] },
      });
    });
  });
});
