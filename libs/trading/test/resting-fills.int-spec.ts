import type { MarketOutcomeRef } from '@app/domain';
import { PerformanceService, type RestingMarket } from '@app/trading';
import { FreeMarkets, keep, openAccount, orderOf, rest, say, type TestAccount, TestMarket } from './resting-harness';
import {
  anOrder,
  openTestTrading,
  price,
  shares,
  type TestLevels,
  type TestTrading,
  type TradingInstance,
  usdc,
} from './trading-harness';

let trading: TestTrading;
let instance: TradingInstance;
let free: FreeMarkets;
let refs: [MarketOutcomeRef, MarketOutcomeRef];
let yes: MarketOutcomeRef;
let no: MarketOutcomeRef;
let kept: RestingMarket;
let market: TestMarket;
let account: TestAccount;
const opened: string[] = [];

beforeAll(async () => {
  trading = await openTestTrading();
  instance = await trading.start();
  free = new FreeMarkets(trading);
});

afterAll(() => trading.stop());

beforeEach(async () => {
  refs = await free.next();
  [yes, no] = refs;
});

afterEach(async () => {
  await kept.stop();
  for (const id of opened.splice(0)) expect(await trading.audit(instance, id)).toEqual([]);
});

/** A market with this book, followed, and a portfolio. */
async function begin(
  bids: TestLevels,
  asks: TestLevels,
  wanted: Parameters<typeof openAccount>[1] = {},
): Promise<void> {
  say([instance], refs, { bids, asks });
  account = await openAccount(instance, wanted);
  opened.push(account.id);
  kept = await keep(instance, yes);
  market = new TestMarket(trading.clock, [kept]);
  market.snapshot(bids, asks);
}

/** Places an order and lets the market know of it. */
async function place(
  ref: MarketOutcomeRef,
  at: string,
  quantity: string,
  side: 'buy' | 'sell' = 'buy',
): Promise<string> {
  const id = await rest(instance, account, ref, at, quantity, { side });
  await kept.refresh();
  return id;
}

const stand = (id: string) => orderOf(instance, account, id);

it('F2 a print at the limit first serves the queue, then the order, at its limit and free of fee', async () => {
  await begin([['0.4', '100']], [['0.6', '100']]);
  const id = await place(yes, '0.4', '50');
  market.print('sell', '0.4', '90');
  market.print('sell', '0.4', '30', '0xabc');
  await market.settled();
  const { order, trades } = await stand(id);
  expect(order).toMatchObject({
    status: 'partially_filled',
    phase: 'resting',
    filledQuantity: shares('20'),
    filledValue: usdc('8'),
    fees: 0n,
    reservedCash: usdc('12'),
    queueAhead: 0n,
    queueAheadAtEntry: shares('100'),
    arrivalMidpoint: price('0.5'),
  });
  expect(trades).toMatchObject([
    {
      liquidity: 'maker',
      price: price('0.4'),
      quantity: shares('20'),
      value: usdc('8'),
      fee: 0n,
      midpointAtFill: price('0.5'),
      // A fifth below the midpoint it arrived at.
      slippageBps: -2_000_000_000n,
      receipt: {
        rule: 'F2',
        grade: 'C',
        bookSource: 'stream',
        printSize: shares('30'),
        queueAheadAtEntry: shares('100'),
        queueAheadAtFill: shares('10'),
        arrivalMidpoint: price('0.5'),
      },
    },
  ]);
  expect(trades[0]?.receipt.printKey).toContain('0xabc');
});

it('F1 a print beyond the limit fills it whole, and frees nothing that is still needed', async () => {
  await begin([['0.4', '100']], [['0.6', '100']]);
  const id = await place(yes, '0.4', '50');
  market.print('sell', '0.39', '80');
  await market.settled();
  const { order, trades } = await stand(id);
  expect(order).toMatchObject({ status: 'filled', phase: 'done', filledQuantity: shares('50'), reservedCash: 0n });
  expect(trades).toMatchObject([{ receipt: { rule: 'F1', grade: 'B' }, price: price('0.4') }]);
  expect(kept.orderCount).toBe(0);
  expect(await instance.portfolios.get(account.owner, account.id)).toMatchObject({
    cash: usdc('980'),
    reserved: 0n,
    openOrders: 0,
  });
  const report = await instance.get(PerformanceService).metrics(account.owner, account.id, { asOf: null });
  expect(report).toMatchObject({ trades: 1, valuation: { totalValue: usdc('1005') } });
});

it('F4 one print serves all orders of a portfolio together, through both outcomes', async () => {
  await begin([['0.4', '10']], [['0.6', '100']]);
  await instance.portfolios.split(
    account.owner,
    account.id,
    { market: { slug: yes.marketId }, quantity: shares('100') },
    null,
  );
  const buy = await place(yes, '0.41', '30');
  // A sale of the second outcome at 0.59 is a bid for the first at 0.41.
  const sale = await place(no, '0.59', '30', 'sell');
  market.print('sell', '0.4', '45');
  await market.settled();
  const filled = [(await stand(buy)).order, (await stand(sale)).order].map(({ filledQuantity }) => filledQuantity);
  expect(filled).toEqual([shares('30'), shares('15')]);
});

it('F3 F6 prints above it, buys, and size that joins at its price do nothing to it', async () => {
  await begin([['0.4', '100']], [['0.6', '100']]);
  const id = await place(yes, '0.4', '50');
  market.print('sell', '0.41', '500');
  market.print('buy', '0.4', '500');
  market.change('bid', '0.4', '900');
  market.pass(3_000);
  await market.settled();
  const { order, trades } = await stand(id);
  expect([order.filledQuantity, order.queueAhead, trades]).toEqual([0n, shares('100'), []]);
  market.print('sell', '0.4', '101');
  await market.settled();
  expect((await stand(id)).order.filledQuantity).toBe(shares('1'));
});

it('A3 an order that came to rest while the book was not live gets its place in the queue with it', async () => {
  await begin([['0.4', '100']], [['0.6', '100']]);
  market.gap();
  instance.books.say(yes.tokenId, { bids: [['0.4', '100']], asks: [['0.6', '100']], state: 'stale' });
  const id = await place(yes, '0.4', '50');
  expect((await stand(id)).order).toMatchObject({ queueAhead: null, queueAheadAtEntry: null });
  market.snapshot([['0.4', '70']], [['0.5', '10']]);
  await market.settled();
  expect((await stand(id)).order).toMatchObject({
    queueAhead: shares('70'),
    queueAheadAtEntry: shares('70'),
    arrivalMidpoint: price('0.45'),
    filledQuantity: 0n,
  });
  // Its end keeps what was learnt of it.
  await instance.orders.cancel(account.owner, account.id, id);
  expect((await stand(id)).order).toMatchObject({
    status: 'cancelled',
    queueAhead: null,
    queueAheadAtEntry: shares('70'),
    arrivalMidpoint: price('0.45'),
  });
});

it('F5 what is cancelled at its price fills nothing; its place in the queue is stored with time', async () => {
  await begin([['0.4', '100']], [['0.6', '100']]);
  const id = await place(yes, '0.4', '50');
  market.change('bid', '0.4', '30');
  await market.settled();
  const before = await instance.portfolios.get(account.owner, account.id);
  market.pass(3_000);
  await market.settled();
  const { order, trades } = await stand(id);
  expect(order).toMatchObject({ filledQuantity: 0n, queueAhead: shares('30'), queueAheadAtEntry: shares('100') });
  expect(trades).toEqual([]);
  expect((await instance.portfolios.get(account.owner, account.id)).version).toBe(before.version);
});

it('F7 a quote that crosses it for half a second fills it, and what filled it cannot be taken as well', async () => {
  await begin([['0.4', '100']], [['0.6', '100']]);
  const id = await place(yes, '0.4', '50');
  market.change('bid', '0.4', '0');
  market.change('ask', '0.4', '20');
  market.pass(499);
  await market.settled();
  expect((await stand(id)).trades).toEqual([]);
  market.pass(1);
  await market.settled();
  const { order, trades } = await stand(id);
  expect(order).toMatchObject({ status: 'partially_filled', filledQuantity: shares('20') });
  expect(trades).toMatchObject([{ receipt: { rule: 'F7', grade: 'C', printKey: null, printSize: null } }]);
  // The 20 are still displayed, and this portfolio can take no more of them than has decayed since (E2).
  say([instance], refs, { bids: [['0.3', '100']], asks: [['0.4', '20']] });
  const again = anOrder(yes, { price: price('0.4'), quantity: shares('5'), timeInForce: 'fak' });
  const { order: taker } = await instance.orders.place(account.owner, account.id, again, null);
  expect(taker.filledQuantity).toBeLessThan(shares('0.1'));
});

it('B3 what a portfolio took itself does not fill its rest', async () => {
  await begin(
    [['0.4', '100']],
    [
      ['0.5', '30'],
      ['0.6', '100'],
    ],
  );
  // Takes the 30 displayed, and rests the other 20 before them.
  const id = await place(yes, '0.5', '50');
  expect((await stand(id)).order.filledQuantity).toBe(shares('30'));
  market.pass(5_000);
  await market.settled();
  expect((await stand(id)).order.filledQuantity).toBe(shares('30'));
  // 15 join them.
  market.change('ask', '0.5', '45');
  market.pass(500);
  await market.settled();
  expect((await stand(id)).order.filledQuantity).toBe(shares('45'));
});

it('B3 what a portfolio takes while its order rests does not fill the order as well', async () => {
  await begin([['0.4', '100']], [['0.6', '100']]);
  const id = await place(yes, '0.4', '50');
  market.change('bid', '0.4', '0');
  market.change('ask', '0.4', '20');
  say([instance], refs, { bids: [['0.3', '100']], asks: [['0.4', '20']] });
  const taking = anOrder(yes, { price: price('0.4'), quantity: shares('12'), timeInForce: 'fak' });
  const { order: taker } = await instance.orders.place(account.owner, account.id, taking, null);
  expect(taker.filledQuantity).toBe(shares('12'));
  const taken = [{ side: 'ask' as const, price: price('0.4'), quantity: shares('12') }];
  kept.notice({ conditionId: yes.conditionId, portfolioId: account.id, orderIds: [], taken });
  market.pass(500);
  await market.settled();
  expect((await stand(id)).order.filledQuantity).toBe(shares('8'));
});

it('A3 nothing fills while the book is not live, and what happened meanwhile is no evidence', async () => {
  await begin([['0.4', '100']], [['0.6', '100']]);
  const id = await place(yes, '0.4', '50');
  market.gap();
  market.print('sell', '0.3', '500');
  market.snapshot([['0.4', '40']], [['0.6', '100']]);
  await market.settled();
  market.pass(3_000);
  await market.settled();
  expect((await stand(id)).order).toMatchObject({ filledQuantity: 0n, queueAhead: shares('40') });
  market.print('sell', '0.4', '45');
  await market.settled();
  expect((await stand(id)).order.filledQuantity).toBe(shares('5'));
});

it('F10 the end of the market cancels it and frees what it held', async () => {
  await begin([['0.4', '100']], [['0.6', '100']]);
  const id = await place(yes, '0.4', '50');
  kept.close('The market was resolved.');
  await market.settled();
  expect((await stand(id)).order).toMatchObject({ status: 'cancelled', rejectReason: 'The market was resolved.' });
  expect(await instance.portfolios.get(account.owner, account.id)).toMatchObject({ cash: usdc('1000'), reserved: 0n });
});

it('C3 a gtd order expires a minute before its time, as it does by upkeep', async () => {
  await begin([['0.4', '100']], [['0.6', '100']]);
  const expiresAt = new Date(trading.clock.now().getTime() + 120_000);
  const gtd = { timeInForce: 'gtd' as const, expiresAt };
  const [first, second] = [
    await rest(instance, account, yes, '0.4', '50', gtd),
    await rest(instance, account, yes, '0.39', '50', gtd),
  ];
  await kept.refresh();
  market.pass(expiresAt.getTime() - 60_000 - trading.clock.now().getTime());
  await market.settled();
  const { order } = await stand(first);
  expect(order).toMatchObject({ status: 'expired', phase: 'done', reservedCash: 0n });
  expect(await instance.upkeep.expireDue(trading.clock.now())).toBe(0);
  expect((await stand(second)).order.rejectReason).toBe(order.rejectReason);
});

it('pays for many small fills no more than was held, to the last micro-unit', async () => {
  await begin([['0.37', '1']], [['0.6', '100']], { initialBalance: usdc('3.7') });
  const id = await place(yes, '0.37', '10');
  expect(await instance.portfolios.get(account.owner, account.id)).toMatchObject({ cash: 0n, reserved: usdc('3.7') });
  for (const size of ['1.333333', '0.333333', '0.777777', '0.000001', '2.222222', '3.141593', '9']) {
    market.print('sell', '0.36', size);
  }
  await market.settled();
  const { order, trades } = await stand(id);
  expect(order).toMatchObject({ status: 'filled', filledQuantity: shares('10'), filledValue: usdc('3.7') });
  expect(trades).toHaveLength(7);
});
