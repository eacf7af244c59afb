import { DomainError, type MarketOutcomeRef } from '@app/domain';
import { marketContentHash, MarketRepository } from '@app/persistence';
import { aVenueMarket } from '@app/testing';
import {
  anOrder,
  anOwner,
  keyed,
  openPortfolio,
  openTestTrading,
  price,
  shares,
  type TestTrading,
  type TradingInstance,
  usdc,
} from './trading-harness';

let trading: TestTrading;
let instance: TradingInstance;
let yes: MarketOutcomeRef;
let no: MarketOutcomeRef;

beforeAll(async () => {
  trading = await openTestTrading();
  instance = await trading.start();
  [yes, no] = (await trading.findMarket((row) => row.feeSchedule == null && row.secondsDelay == null)) as [
    MarketOutcomeRef,
    MarketOutcomeRef,
  ];
  instance.books.say(yes.tokenId, { bids: [['0.44', '100']], asks: [['0.46', '50']] });
});

afterAll(() => trading.stop());

async function codeOf(promise: Promise<unknown>): Promise<string | null> {
  return promise.then(
    () => null,
    (error: unknown) => (error instanceof DomainError ? error.code : String(error)),
  );
}

const market = (): { slug: string } => ({ slug: yes.marketId });

it('opens portfolios up to the limit of the role, also when all are asked for at once', async () => {
  const owner = anOwner();
  const codes = await Promise.all(Array.from({ length: 8 }, () => codeOf(openPortfolio(instance, owner))));
  expect(codes.filter((code) => code === null)).toHaveLength(5);
  expect(codes.filter((code) => code === 'PORTFOLIO.LIMIT')).toHaveLength(3);
  const portfolios = await instance.portfolios.list(owner);
  expect(portfolios).toHaveLength(5);
  expect(portfolios[0]).toMatchObject({ cash: usdc('1000'), reserved: 0n, run: 1, openOrders: 0, isActive: true });
  await instance.portfolios.archive(owner, portfolios[0]!.id);
  await openPortfolio(instance, owner);
  expect(await codeOf(openPortfolio(instance, owner))).toBe('PORTFOLIO.LIMIT');
});

it('takes the latency that goes with the profile', async () => {
  const owner = anOwner();
  const latencies = await Promise.all(
    (['ideal', 'realistic', 'conservative'] as const).map((profile) => openPortfolio(instance, owner, { profile })),
  );
  expect(latencies.map(({ latency }) => latency)).toEqual(['ideal', 'colocated', 'retail']);
  expect((await openPortfolio(instance, owner, { latency: 'recorded' })).latency).toBe('recorded');
});

it('changes what is named, and takes no orders while it is switched off', async () => {
  const owner = anOwner();
  const { id } = await openPortfolio(instance, owner);
  await instance.orders.place(owner, id, anOrder(yes, { price: price('0.4') }), null);
  const changed = await instance.portfolios.update(owner, id, { name: 'new name', isActive: false });
  expect(changed).toMatchObject({ name: 'new name', description: null, isActive: false });
  const asks = [
    instance.orders.place(owner, id, anOrder(yes), null),
    instance.portfolios.split(owner, id, { market: market(), quantity: shares('1') }, null),
    instance.portfolios.merge(owner, id, { market: market(), quantity: shares('1') }, null),
  ];
  const codes = await Promise.all(asks.map((ask) => codeOf(ask)));
  expect(codes).toEqual(asks.map(() => 'PORTFOLIO.INACTIVE'));
  expect((await instance.orders.cancelAll(owner, id, {})).cancelled).toHaveLength(1);
  expect(await trading.audit(instance, id)).toEqual([]);
});

it('is deleted with what works cancelled, and keeps its ledger', async () => {
  const owner = anOwner();
  const { id } = await openPortfolio(instance, owner);
  const { order } = await instance.orders.place(owner, id, anOrder(yes, { price: price('0.4') }), null);
  await instance.portfolios.archive(owner, id);
  expect(await codeOf(instance.portfolios.get(owner, id))).toBe('PORTFOLIO.NOT_FOUND');
  expect(await codeOf(instance.orders.place(owner, id, anOrder(yes), null))).toBe('PORTFOLIO.NOT_FOUND');
  expect(await codeOf(instance.portfolios.archive(owner, id))).toBe('PORTFOLIO.NOT_FOUND');
  expect(await instance.portfolios.list(owner)).toEqual([]);
  expect(await instance.repository.findOrder(id, order.id)).toMatchObject({ status: 'cancelled', reservedCash: 0n });
  expect(await instance.repository.findPortfolio(id, null)).toMatchObject({ ledgerSeq: 3, reserved: 0n });
  expect(await trading.audit(instance, id)).toEqual([]);
});

it('starts again at the initial balance and keeps the history of the run before', async () => {
  const owner = anOwner();
  const { id } = await openPortfolio(instance, owner);
  await instance.orders.place(owner, id, anOrder(yes, { price: price('0.46') }), null);
  await instance.orders.place(owner, id, anOrder(yes, { price: price('0.4') }), null);
  await instance.orders.place(owner, id, anOrder(yes, { side: 'sell', price: price('0.6') }), null);
  const { portfolio } = await instance.portfolios.reset(owner, id, null);
  expect(portfolio).toMatchObject({ cash: usdc('1000'), reserved: 0n, run: 2, openOrders: 0, realised: 0n, fees: 0n });
  expect((await instance.portfolios.account(owner, id)).positions.size).toBe(0);
  expect((await instance.orders.list(owner, id, { page: 1, pageSize: 10 })).total).toBe(0);
  const old = await instance.orders.list(owner, id, { run: 1, page: 1, pageSize: 10 });
  expect(old.orders.map(({ order }) => order.status)).toEqual(['cancelled', 'cancelled', 'filled']);
  const filled = await instance.orders.trades(owner, id, { run: 1, page: 1, pageSize: 10 });
  expect(filled).toMatchObject({ total: 1, trades: [{ run: 1, price: price('0.46') }] });
  await instance.orders.place(owner, id, anOrder(yes, { price: price('0.46') }), null);
  expect(await trading.audit(instance, id)).toEqual([]);
  const { entries, total } = await instance.portfolios.ledger(owner, id, { page: 1, pageSize: 100 });
  expect(entries.map(({ seq }) => seq)).toEqual(Array.from({ length: total }, (_, index) => index + 1));
});

it('B5 splits cash into complete sets and merges them back', async () => {
  const owner = anOwner();
  const { id } = await openPortfolio(instance, owner);
  const split = await instance.portfolios.split(owner, id, { market: market(), quantity: shares('100') }, null);
  expect(split.portfolio.cash).toBe(usdc('900'));
  expect(split.positions.map(({ tokenId, quantity, cost }) => [tokenId, quantity, cost])).toEqual([
    [yes.tokenId, shares('100'), usdc('50')],
    [no.tokenId, shares('100'), usdc('50')],
  ]);
  const sale = anOrder(yes, { side: 'sell', type: 'market', price: null, timeInForce: 'fok', quantity: shares('40') });
  await instance.orders.place(owner, id, sale, null);
  await instance.orders.place(
    owner,
    id,
    anOrder(no, { side: 'sell', price: price('0.7'), quantity: shares('50') }),
    null,
  );
  // 60 of Yes are left, and 50 of No are free.
  expect(await codeOf(instance.portfolios.merge(owner, id, { market: market(), quantity: shares('51') }, null))).toBe(
    'ORDER.INSUFFICIENT_SHARES',
  );
  const merged = await instance.portfolios.merge(owner, id, { market: market(), quantity: shares('50') }, null);
  expect(merged.portfolio.cash).toBe(usdc('900') + usdc('17.6') + usdc('50'));
  expect(merged.positions.map(({ quantity }) => quantity)).toEqual([shares('10'), shares('50')]);
  expect(await trading.audit(instance, id)).toEqual([]);
});

it.each([
  ['no sets', '0', 'ORDER.BAD_SIZE'],
  ['more than there is cash for', '1000.000001', 'ORDER.INSUFFICIENT_CASH'],
])('splits nothing for %s', async (_what, quantity, code) => {
  const owner = anOwner();
  const { id } = await openPortfolio(instance, owner);
  const sets = { market: market(), quantity: shares(quantity) };
  expect(await codeOf(instance.portfolios.split(owner, id, sets, null))).toBe(code);
  expect(await trading.audit(instance, id)).toEqual([]);
});

it('has no sets of a market with one outcome', async () => {
  const owner = anOwner();
  const { id } = await openPortfolio(instance, owner);
  const single = aVenueMarket({ slug: 'single', outcomes: ['Yes'], outcomePrices: ['1'], clobTokenIds: ['7'] });
  const now = trading.clock.now();
  const write = { market: single, contentHash: marketContentHash(single), previous: null, fetchedAt: now };
  await instance.get(MarketRepository).writeBatch([write], now);
  const sets = { market: { slug: 'single' }, quantity: shares('1') };
  expect(await codeOf(instance.portfolios.split(owner, id, sets, null))).toBe('MARKET.NOT_TRADABLE');
  expect(await codeOf(instance.portfolios.merge(owner, id, sets, null))).toBe('MARKET.NOT_TRADABLE');
});

it('answers a repeated request as it answered the first, also in another process', async () => {
  const owner = anOwner();
  const wanted = { name: 'once', description: 'd', initialBalance: usdc('100') };
  const first = await instance.portfolios.create(owner, wanted, keyed('create'));
  const { id } = first.portfolio;
  const sets = { market: market(), quantity: shares('10') };
  const split = await instance.portfolios.split(owner, id, sets, keyed('split'));
  const reset = await instance.portfolios.reset(owner, id, keyed('reset'));
  await instance.portfolios.update(owner, id, { name: 'renamed' });
  const other = await trading.start();
  expect(await other.portfolios.create(owner, wanted, keyed('create'))).toEqual({ ...first, replayed: true });
  expect(await other.portfolios.split(owner, id, sets, keyed('split'))).toEqual({ ...split, replayed: true });
  expect(await other.portfolios.reset(owner, id, keyed('reset'))).toEqual({ ...reset, replayed: true });
  expect(await codeOf(other.portfolios.reset(owner, id, keyed('reset', 'another body')))).toBe(
    'IDEMPOTENCY.KEY_REUSED',
  );
  // Another user's key of the same text is another key.
  expect((await other.portfolios.create(anOwner(), wanted, keyed('create'))).replayed).toBe(false);
  await other.stop();
  expect(await instance.portfolios.list(owner)).toHaveLength(1);
  expect((await instance.portfolios.get(owner, id)).run).toBe(2);
  expect(await trading.audit(instance, id)).toEqual([]);
});
