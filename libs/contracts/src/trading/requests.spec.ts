import type { z } from 'zod';
import { UnroundedNumber } from '../json-number';
import { cancelAllQuerySchema, fromOrderRequest, orderListQuerySchema, orderRequestSchema } from './orders';
import {
  fromPortfolioChange,
  fromPortfolioRequest,
  portfolioChangeRequestSchema,
  portfolioRequestSchema,
} from './portfolios';
import { marketOf, orderIdPathSchema, portfolioIdPathSchema } from './request-fields';
import { completeSetsRequestSchema, fromCompleteSets } from './sets';
import { fromTradeRequest, tradeListQuerySchema, tradeRequestSchema } from './trades';

/** The fields a schema refuses, with why. */
function problems(schema: z.ZodType, value: unknown): [field: string, message: string][] {
  const parsed = schema.safeParse(value);
  if (parsed.success) return [];
  return parsed.error.issues.flatMap((issue): [string, string][] =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => [key, 'unknown'])
      : [[issue.path.join('.'), issue.message]],
  );
}

const CONDITION = `0x${'aB'.repeat(32)}`;
const TOKEN = '7132'.repeat(19);

describe('the request of an order', () => {
  const limit = { market_id: 'a-market', outcome: 'Yes', side: 'buy', type: 'limit', quantity: 10, price: 0.4 };
  const market = { market_id: 'a-market', outcome: 'Yes', side: 'buy', type: 'market', amount: 25 };

  it('is read into an intent, exactly', () => {
    expect(fromOrderRequest(orderRequestSchema.parse(limit))).toEqual({
      market: { slug: 'a-market' },
      outcome: 'Yes',
      outcomeIndex: null,
      side: 'buy',
      type: 'limit',
      quantity: 10_000_000n,
      amount: null,
      price: 400_000n,
      timeInForce: 'gtc',
      expiresAt: null,
      postOnly: false,
      clientOrderId: null,
      notes: null,
    });
  });

  it('takes everything there is to say', () => {
    const body = {
      token_id: TOKEN,
      side: 'sell',
      type: 'limit',
      quantity: '10.25',
      price: '0.415',
      time_in_force: 'gtd',
      expires_at: '2026-07-01T12:00:00+02:00',
      post_only: true,
      client_order_id: 'bot ~ 17',
      notes: 'after the report',
    };
    expect(fromOrderRequest(orderRequestSchema.parse(body))).toEqual({
      market: { tokenId: TOKEN },
      outcome: null,
      outcomeIndex: null,
      side: 'sell',
      type: 'limit',
      quantity: 10_250_000n,
      amount: null,
      price: 415_000n,
      timeInForce: 'gtd',
      expiresAt: new Date('2026-07-01T10:00:00Z'),
      postOnly: true,
      clientOrderId: 'bot ~ 17',
      notes: 'after the report',
    });
  });

  it('is fill or kill for a market order that does not say', () => {
    expect(fromOrderRequest(orderRequestSchema.parse(market))).toMatchObject({
      amount: 25_000_000n,
      quantity: null,
      price: null,
      timeInForce: 'fok',
    });
  });

  it('takes null for what is left out', () => {
    const body = {
      ...limit,
      token_id: null,
      outcome_index: null,
      amount: null,
      time_in_force: null,
      expires_at: null,
      post_only: null,
      client_order_id: null,
      notes: null,
    };
    expect(fromOrderRequest(orderRequestSchema.parse(body))).toEqual(fromOrderRequest(orderRequestSchema.parse(limit)));
  });

  it('names a market by slug in any case, by condition id, or an outcome by token', () => {
    const marketFor = (names: object): unknown =>
      fromOrderRequest(orderRequestSchema.parse({ ...limit, market_id: undefined, outcome: undefined, ...names }))
        .market;
    expect(marketFor({ market_id: 'A-Market', outcome_index: 1 })).toEqual({ slug: 'a-market' });
    expect(marketFor({ market_id: CONDITION, outcome_index: 1 })).toEqual({ conditionId: CONDITION.toLowerCase() });
    expect(marketFor({ token_id: TOKEN })).toEqual({ tokenId: TOKEN });
  });

  it.each<[object, string, RegExp]>([
    [{ quantity: 10, amount: 5 }, 'amount', /quantity \(shares\) or amount \(USDC\), not both/],
    [{ type: 'market', price: undefined, amount: 5 }, 'amount', /not both/],
    [{ quantity: undefined }, 'quantity', /give the quantity of shares/],
    [{ quantity: undefined, type: 'market', price: undefined }, 'quantity', /give quantity \(shares\) or amount/],
    [{ quantity: undefined, amount: 5 }, 'amount', /only market buys take an amount; give a limit buy/],
    [{ quantity: undefined, amount: 5, type: 'market', side: 'sell' }, 'amount', /only market buys/],
    [{ price: undefined }, 'price', /give the price of a limit order/],
    [{ type: 'market', time_in_force: 'gtc' }, 'time_in_force', /a market order is fok or fak; got gtc/],
    [{ time_in_force: 'gtd' }, 'expires_at', /say when/],
    [{ expires_at: '2026-07-01T12:00:00Z' }, 'expires_at', /only a gtd order ends at a time/],
    [{ time_in_force: 'fok', post_only: true }, 'post_only', /only gtc and gtd orders can be post-only/],
    [{ type: 'market', post_only: true }, 'post_only', /fok order never rests/],
    [{ token_id: TOKEN }, 'token_id', /not both/],
    [{ market_id: undefined }, 'market_id', /give market_id with outcome, or token_id/],
    [{ market_id: undefined, token_id: TOKEN }, 'outcome', /token_id names the outcome/],
    [{ outcome: undefined }, 'outcome', /give outcome or outcome_index/],
    [{ outcome_index: 0 }, 'outcome_index', /not both/],
    [{ outcome: undefined, outcome_index: -1 }, 'outcome_index', /whole number from 0 to 255/],
    [{ outcome: undefined, outcome_index: 0.5 }, 'outcome_index', /whole number/],
    [{ market_id: 'a/b' }, 'market_id', /slug .* or a condition id/],
    [{ market_id: 7 }, 'market_id', /must be text/],
    [{ market_id: undefined, outcome: undefined, token_id: 71321 }, 'token_id', /must be text/],
    [{ market_id: undefined, outcome: undefined, token_id: '0x1' }, 'token_id', /token id: text of 1 to 78 digits/],
    [{ side: 'short' }, 'side', /one of buy, sell; got "short"/],
    [{ type: 'stop' }, 'type', /one of market, limit; got "stop"/],
    [{ time_in_force: 'GTC' }, 'time_in_force', /one of gtc, gtd, fok, fak/],
    [{ quantity: 0 }, 'quantity', /from 0.000001/],
    [{ quantity: -0 }, 'quantity', /got -0/],
    [{ quantity: 0.1234567 }, 'quantity', /at most 6 decimals/],
    [{ quantity: new UnroundedNumber('1e400') }, 'quantity', /got "1e400"/],
    [{ quantity: '9'.repeat(10_000) }, 'quantity', /at most 6 decimals/],
    [{ price: 1 }, 'price', /from 0.000001 to 0.999999/],
    [{ price: 0 }, 'price', /from 0.000001 to 0.999999/],
    [{ price: 0.30000000000000004 }, 'price', /got 0.30000000000000004/],
    [{ expires_at: 'soon', time_in_force: 'gtd' }, 'expires_at', /got "soon"/],
    [{ post_only: 'yes' }, 'post_only', /true or false/],
    [{ client_order_id: '' }, 'client_order_id', /1 to 128 printable ASCII/],
    [{ client_order_id: 'x'.repeat(129) }, 'client_order_id', /1 to 128/],
    [{ client_order_id: 'é' }, 'client_order_id', /printable ASCII/],
    [{ notes: 'x'.repeat(1_001) }, 'notes', /at most 1000 characters/],
    [{ qty: 10 }, 'qty', /unknown/],
  ])('refuses %j and names %s', (change, field, message) => {
    const found = problems(orderRequestSchema, { ...limit, ...change });
    expect(found.map(([name]) => name)).toContain(field);
    expect(found.find(([name]) => name === field)?.[1]).toMatch(message);
  });

  it.each([[[]], ['order'], [null], [7]])('refuses %j as a body', (body) => {
    expect(problems(orderRequestSchema, body)).toEqual([['', expect.stringContaining('send a JSON object with')]]);
  });
});

describe('the request of a trade', () => {
  const body = { market_id: 'a-market', outcome: ' yes ', side: 'sell', quantity: '3.5' };

  it('is read exactly', () => {
    expect(fromTradeRequest(tradeRequestSchema.parse(body))).toEqual({
      market: { slug: 'a-market' },
      outcome: 'yes',
      side: 'sell',
      quantity: 3_500_000n,
      price: null,
      notes: null,
    });
    expect(fromTradeRequest(tradeRequestSchema.parse({ ...body, price: 0.47, notes: 'n' }))).toMatchObject({
      price: 470_000n,
      notes: 'n',
    });
    expect(fromTradeRequest(tradeRequestSchema.parse({ ...body, price: null, notes: null })).price).toBeNull();
  });

  it('names what is missing or not known', () => {
    expect(problems(tradeRequestSchema, {}).map(([field]) => field)).toEqual([
      'market_id',
      'outcome',
      'side',
      'quantity',
    ]);
    expect(problems(tradeRequestSchema, { ...body, type: 'limit' })).toEqual([['type', 'unknown']]);
  });
});

describe('the request of a portfolio', () => {
  it('begins with 10000 USDC when it does not say', () => {
    expect(fromPortfolioRequest(portfolioRequestSchema.parse({ name: ' Macro ' }))).toEqual({
      name: 'Macro',
      description: null,
      initialBalance: 10_000_000_000n,
    });
    expect(
      fromPortfolioRequest(
        portfolioRequestSchema.parse({ name: 'x', initial_balance: 2500.5, profile: 'ideal', latency: 'retail' }),
      ),
    ).toMatchObject({ initialBalance: 2_500_500_000n, profile: 'ideal', latency: 'retail' });
  });

  it.each<[object, string]>([
    [{}, 'name'],
    [{ name: '' }, 'name'],
    [{ name: '   ' }, 'name'],
    [{ name: 'x'.repeat(101) }, 'name'],
    [{ name: 'x', initial_balance: 0.5 }, 'initial_balance'],
    [{ name: 'x', initial_balance: 100_000_001 }, 'initial_balance'],
    [{ name: 'x', initial_balance: -5 }, 'initial_balance'],
    [{ name: 'x', profile: 'lucky' }, 'profile'],
    [{ name: 'x', latency: 'none' }, 'latency'],
    [{ name: 'x', balance: 5 }, 'balance'],
  ])('refuses %j and names %s', (body, field) => {
    expect(problems(portfolioRequestSchema, body).map(([name]) => name)).toEqual([field]);
  });

  it('changes what it names', () => {
    const change = (body: object): unknown => fromPortfolioChange(portfolioChangeRequestSchema.parse(body));
    expect(change({ name: ' New ' })).toEqual({ name: 'New' });
    expect(change({ description: null })).toEqual({ description: null });
    expect(change({ is_active: false })).toEqual({ isActive: false });
    expect(problems(portfolioChangeRequestSchema, {}).map(([field]) => field)).toEqual([
      'name',
      'description',
      'is_active',
    ]);
    expect(problems(portfolioChangeRequestSchema, { name: null }).map(([field]) => field)).toEqual(['name']);
  });
});

describe('the request of complete sets', () => {
  it('is read exactly', () => {
    expect(fromCompleteSets(completeSetsRequestSchema.parse({ market_id: CONDITION, quantity: '0.000001' }))).toEqual({
      market: { conditionId: CONDITION.toLowerCase() },
      quantity: 1n,
    });
    expect(problems(completeSetsRequestSchema, { market_id: 'm', quantity: 0 }).map(([field]) => field)).toEqual([
      'quantity',
    ]);
  });
});

describe('queries of trading', () => {
  it('take a whole day for a date', () => {
    expect(tradeListQuerySchema.parse({ start_date: '2026-02-01', end_date: '2026-02-01' })).toMatchObject({
      start_date: new Date('2026-02-01T00:00:00.000Z'),
      end_date: new Date('2026-02-01T23:59:59.999Z'),
      format: 'json',
      page: 1,
      page_size: 20,
    });
    const bad = { start_date: '2026-02-02', end_date: '2026-02-01' };
    expect(problems(tradeListQuerySchema, bad)).toEqual([['start_date', 'must not be above end_date']]);
    expect(problems(tradeListQuerySchema, { format: 'xml' }).map(([field]) => field)).toEqual(['format']);
  });

  it('name a market by slug or condition id', () => {
    expect(marketOf(orderListQuerySchema.parse({ market_id: CONDITION }).market_id ?? '')).toEqual({
      conditionId: CONDITION.toLowerCase(),
    });
    expect(problems(cancelAllQuerySchema, { market_id: 'a b' }).map(([field]) => field)).toEqual(['market_id']);
    expect(problems(orderListQuerySchema, { status: 'live' }).map(([field]) => field)).toEqual(['status']);
    for (const schema of [orderListQuerySchema, tradeListQuerySchema]) {
      expect(schema.parse({ run: '2' })).toMatchObject({ run: 2 });
      expect(problems(schema, { run: '0' })).toEqual([['run', 'must be a whole number from 1 to 1000000; got "0"']]);
    }
  });
});

describe('ids of paths', () => {
  it('are UUIDs in any case', () => {
    const id = '0190F5C2-7C1E-7D3B-9C55-2F1D3A6B8E20';
    expect(portfolioIdPathSchema.parse(id)).toBe(id.toLowerCase());
    expect(orderIdPathSchema.parse(id)).toBe(id.toLowerCase());
    for (const bad of ['', '1', 'x'.repeat(36), `${id}0`]) {
      expect(problems(portfolioIdPathSchema, bad)).toEqual([['', expect.stringContaining('id of a portfolio')]]);
      expect(problems(orderIdPathSchema, bad)).toEqual([['', expect.stringContaining('id of an order')]]);
    }
  });
});
