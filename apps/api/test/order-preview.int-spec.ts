import type { LedgerBody, OrderBody, OrderListBody, OrderPreviewBody, ProblemBody } from '@app/contracts';
import { isTradeable, type Market } from '@app/domain';
import { PATIENT, type TestAnswer, startTestApi, type TestApi } from './api-harness';
import { HandFedMarket } from './hand-fed-market';
import { PortfolioClient } from './portfolio-client';

const BIDS: [number, number][] = [
  [0.44, 100],
  [0.43, 200],
];
const ASKS: [number, number][] = [
  [0.46, 50],
  [0.47, 30],
  [0.48, 500],
];
const ORDER_ID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;
const TIME = /\d{4}-\d\d-\d\dT[\d:.]+Z/g;

describe('the preview of an order', () => {
  let api: TestApi;
  let client: PortfolioClient;
  let fed: HandFedMarket;
  let closed: Market;

  beforeAll(async () => {
    api = await startTestApi({ markets: 160, venueOptions: PATIENT });
    const stored = await api.storeListedMarkets();
    fed = new HandFedMarket(api.app, chargedMarket(stored));
    closed = stored.find((market) => market.closed && market.clobTokenIds.length === 2) ?? fed.market;
    client = await PortfolioClient.of(api, 'premium_user');
  });
  afterAll(() => api?.stop());
  beforeEach(() => fed.begin(BIDS, ASKS));

  const anOrder = (change: Record<string, unknown> = {}): Record<string, unknown> => ({
    market_id: fed.market.slug,
    outcome_index: 0,
    side: 'buy',
    type: 'limit',
    quantity: 60,
    price: 0.47,
    ...change,
  });

  const ask = <T = OrderPreviewBody>(path: string, order: unknown, by = client): Promise<TestAnswer<T>> =>
    by.post<T>(`${path}/orders/preview`, order);

  async function previewOf(path: string, order: unknown): Promise<OrderPreviewBody> {
    const { status, body } = await ask(path, order);
    if (status !== 200) throw new Error(`previewing an order: ${JSON.stringify(body)}`);
    return body;
  }

  /** Everything a portfolio shows but the prices of the moment. */
  async function everythingOf(path: string): Promise<unknown> {
    const { cash_balance, reserved_cash, open_orders, updated_at, positions } = await client.detail(path);
    const [ledger, orders, trades] = await Promise.all([
      client.get<LedgerBody>(`${path}/ledger`),
      client.get<OrderListBody>(`${path}/orders`),
      client.get(`${path}/trades`),
    ]);
    const held = positions.map(({ token_id, quantity, reserved_quantity }) => [token_id, quantity, reserved_quantity]);
    const books = [ledger.body, orders.body, trades.body];
    return { cash_balance, reserved_cash, open_orders, updated_at, held, books };
  }

  it('tells in full what would be taken, level by level, and what that would leave', async () => {
    const path = await client.open();
    const preview = await previewOf(path, anOrder());
    const [first, second] = preview.fills;
    expect(preview).toMatchObject({
      accepted: true,
      refusal: null,
      status: 'filled',
      reject_reason: null,
      fills: [
        { price: 0.46, quantity: 50, total_value: 23, displayed_size: 50, taken_before: 0 },
        { price: 0.47, quantity: 10, total_value: 4.7, displayed_size: 30, taken_before: 0 },
      ],
      filled_quantity: 60,
      filled_value: 27.7,
      average_fill_price: 0.461667,
      realized_pnl: null,
      resting_quantity: 0,
      queue_ahead: null,
      reserved_cash: 0,
      best_price: 0.46,
      book: {
        state: 'live',
        reason: null,
        source: 'stream',
        sequence: fed.sequence,
        best_bid: 0.44,
        best_ask: 0.46,
        midpoint: 0.45,
      },
    });
    const fees = (first?.fee ?? 0) + (second?.fee ?? 0);
    expect(fees).toBeGreaterThan(0);
    expect(preview.fees).toBeCloseTo(fees, 6);
    expect(preview.cash_change).toBeCloseTo(-27.7 - fees, 6);
    expect(preview.after).toEqual({
      cash_balance: expect.closeTo(10_000 - 27.7 - fees, 6),
      reserved_cash: 0,
      position_quantity: 60,
      position_reserved_quantity: 0,
      position_average_price: 0.461667,
    });
    // Fifty at 0.46 and ten at 0.47: 0.0116667 above the midpoint, 0.0016667 above the best ask.
    expect(preview.slippage_bps).toBeCloseTo(259.259, 2);
    expect(preview.slippage_from_best_bps).toBeCloseTo(36.232, 2);
  });

  describe.each([
    ['that meets the book at once', { profile: 'ideal', latency: 'ideal' }],
    ['that travels, while the book stands still', { profile: 'realistic', latency: 'colocated' }],
  ])('of an order %s', (_how, portfolio) => {
    it.each<[string, Record<string, unknown>]>([
      ['fills', {}],
      ['fills in part and rests', { quantity: 200, price: 0.47 }],
      ['rests', { price: 0.44 }],
      ['rests post-only until a time', { price: 0.4, post_only: true, time_in_force: 'gtd', expires_at: '2030-01-01' }],
      ['buys for an amount', { type: 'market', quantity: null, amount: 25.5, price: null }],
      ['buys at the market', { type: 'market', price: null, quantity: 81 }],
      ['takes what is there', { quantity: 100, time_in_force: 'fak' }],
      ['finds too little', { quantity: 100, time_in_force: 'fok' }],
      ['finds nothing', { price: 0.4, quantity: 50, time_in_force: 'fak' }],
      ['sells', { side: 'sell', type: 'market', quantity: 20, price: null }],
      ['sells in part and rests', { side: 'sell', quantity: 40, price: 0.44 }],
      ['rests to sell', { side: 'sell', price: 0.5, quantity: 5 }],
      ['is of the other outcome', { outcome_index: 1, price: 0.57, quantity: 110 }],
    ])('that %s says what placing it does', async (_what, change) => {
      const path = await client.open(portfolio);
      await client.post(`${path}/split`, { market_id: fed.market.slug, quantity: 40.5 });
      const order = anOrder(change);
      const preview = await previewOf(path, order);
      const placed = await client.place(path, order);
      expect(outcomeOf(placed)).toEqual(outcomeOf(preview));
      expect(placed.fills.map(fillOf)).toEqual(preview.fills);
      const bps = placed.fills.map(({ slippage_bps }) => slippage_bps ?? 0);
      if (bps.length === 1) expect(preview.slippage_bps).toBe(bps[0]);
      const { cash_balance, reserved_cash, positions } = await client.detail(path);
      const position = positions.find(({ token_id }) => token_id === placed.token_id);
      expect(preview.after).toEqual({
        cash_balance,
        reserved_cash,
        position_quantity: position?.quantity ?? 0,
        position_reserved_quantity: position?.reserved_quantity ?? 0,
        position_average_price: position?.average_price ?? null,
      });
    });
  });

  it('changes nothing, however often it is asked for', async () => {
    const path = await client.open({ profile: 'ideal' });
    await client.place(path, anOrder({ quantity: 20 }));
    await client.place(path, anOrder({ price: 0.4 }));
    const before = await everythingOf(path);
    const orders = [anOrder(), anOrder({ price: 0.4 }), anOrder({ quantity: 1_000_000 })];
    const asked = await Promise.all([...orders, ...orders].map((order) => previewOf(path, order)));
    expect(await everythingOf(path)).toEqual(before);
    const told = asked.map(({ fills, after, refusal }) => masked({ fills, after, refusal }));
    expect(told.slice(3)).toEqual(told.slice(0, 3));
  });

  describe('of an order that would be refused', () => {
    it.each<[string, string, Record<string, unknown>]>([
      ['costs too much', 'ORDER.INSUFFICIENT_CASH', { quantity: 900_000 }],
      ['sells what is not there', 'ORDER.INSUFFICIENT_SHARES', { side: 'sell', price: 0.5 }],
      ['is off the tick', 'ORDER.BAD_PRICE', { price: 0.473 }],
      ['is too small', 'ORDER.BAD_SIZE', { quantity: 4, price: 0.4 }],
      ['is worth too little', 'ORDER.BAD_SIZE', { type: 'market', quantity: null, amount: 0.5, price: null }],
      ['ends too soon', 'ORDER.BAD_EXPIRY', { time_in_force: 'gtd', expires_at: '2026-11-01T12:00:01Z' }],
      ['would take and must not', 'ORDER.POST_ONLY_CROSSES', { post_only: true }],
      ['names a closed market', 'MARKET.NOT_TRADABLE', { market_id: 'closed' }],
    ])('because it %s says so as placing it does', async (_why, code, change) => {
      const path = await client.open();
      const order = anOrder({ ...change, ...(change['market_id'] === 'closed' ? { market_id: closed.slug } : {}) });
      const preview = await previewOf(path, order);
      const placed = await client.post<ProblemBody>(`${path}/orders`, order);
      expect(placed.body.code).toBe(code);
      expect(preview).toMatchObject({ accepted: false, status: null, fills: [], cash_change: 0, after: null });
      expect(preview.book === null).toBe(code === 'MARKET.NOT_TRADABLE');
      const { detail, errors = [] } = placed.body;
      expect(masked(preview.refusal)).toEqual(masked({ code, detail, errors }));
    });

    it('says that the portfolio is switched off', async () => {
      const path = await client.open();
      await client.ask('PATCH', path, { is_active: false });
      expect(await previewOf(path, anOrder())).toMatchObject({
        accepted: false,
        refusal: { code: 'PORTFOLIO.INACTIVE', errors: [] },
      });
    });

    it('says why its book is not live, and that it would rest all the same', async () => {
      const path = await client.open();
      await fed.turn('stale', 'nothing came for 20 s');
      const placed = await client.post(`${path}/orders`, anOrder());
      expect(placed.body.code).toBe('BOOK.NOT_LIVE');
      expect(await previewOf(path, anOrder())).toMatchObject({
        accepted: false,
        refusal: { code: 'BOOK.NOT_LIVE', detail: placed.body.detail },
        book: { state: 'stale', reason: 'nothing came for 20 s' },
      });
      expect(await previewOf(path, anOrder({ price: 0.4 }))).toMatchObject({
        accepted: true,
        status: 'open',
        resting_quantity: 60,
        queue_ahead: null,
        reserved_cash: 24,
        book: { state: 'stale' },
      });
      await fed.turn('live', null);
    });
  });

  it('is a problem where there is nothing to look at', async () => {
    const path = await client.open();
    const stranger = await PortfolioClient.of(api);
    const refused: [number, string, TestAnswer<ProblemBody>][] = [
      [404, 'PORTFOLIO.NOT_FOUND', await ask<ProblemBody>(path, anOrder(), stranger)],
      [404, 'PORTFOLIO.NOT_FOUND', await ask<ProblemBody>(path, anOrder({ market_id: 'no-such-market' }), stranger)],
      [401, 'AUTH.REQUIRED', await api.post(`${path}/orders/preview`, anOrder())],
      [404, 'MARKET.NOT_FOUND', await ask<ProblemBody>(path, anOrder({ market_id: 'no-such-market' }))],
      [404, 'MARKET.OUTCOME_NOT_FOUND', await ask<ProblemBody>(path, anOrder({ outcome_index: 7 }))],
      [422, 'REQUEST.UNACCEPTABLE', await ask<ProblemBody>(path, anOrder({ quantity: -1 }))],
      [422, 'REQUEST.UNACCEPTABLE', await ask<ProblemBody>(path, { ...anOrder(), qty: 1 })],
    ];
    expect(refused.map(([, , { status, body }]) => [status, body.code])).toEqual(
      refused.map(([status, code]) => [status, code]),
    );
  });
});

/** A market of two outcomes at a tick of a cent, that charges a fee and holds no taker back. */
function chargedMarket(markets: readonly Market[]): Market {
  const found = markets.find(
    (market) =>
      isTradeable(market) &&
      market.outcomes.length === 2 &&
      market.tickSize === 10_000n &&
      market.fees !== null &&
      (market.secondsDelay ?? 0) === 0 &&
      market.fees.type?.includes('crypto') !== true,
  );
  if (found === undefined) throw new Error('no market charges a fee');
  return found;
}

type Outcome = Pick<
  OrderPreviewBody,
  | 'status'
  | 'reject_reason'
  | 'filled_quantity'
  | 'filled_value'
  | 'average_fill_price'
  | 'fees'
  | 'queue_ahead'
  | 'reserved_cash'
  | 'reserved_quantity'
>;

function outcomeOf(told: Outcome): Outcome {
  const { status, reject_reason, filled_quantity, filled_value, average_fill_price, fees } = told;
  const { queue_ahead, reserved_cash, reserved_quantity } = told;
  return {
    status,
    reject_reason,
    filled_quantity,
    filled_value,
    average_fill_price,
    fees,
    queue_ahead,
    reserved_cash,
    reserved_quantity,
  };
}

function fillOf({ price, quantity, total_value, fee, receipt }: OrderBody['fills'][number]): object {
  const { displayed_size, taken_before } = receipt;
  return { price, quantity, total_value, fee, displayed_size, taken_before };
}

/** With the same word for every order's id, and for every time. */
function masked(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value).replace(ORDER_ID, 'id').replace(TIME, 'then'));
}
