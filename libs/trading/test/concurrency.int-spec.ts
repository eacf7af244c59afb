import { DomainError, type MarketOutcomeRef } from '@app/domain';
import { waitFor } from '@app/testing';
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

jest.setTimeout(120_000);

let trading: TestTrading;
let first: TradingInstance;
let second: TradingInstance;
let yes: MarketOutcomeRef;
const opened: string[] = [];

beforeAll(async () => {
  trading = await openTestTrading();
  [first, second] = await Promise.all([trading.start(), trading.start()]);
  [yes] = (await trading.findMarket((row) => row.feeSchedule == null && row.secondsDelay == null)) as [
    MarketOutcomeRef,
  ];
  for (const { books } of [first, second]) {
    books.say(yes.tokenId, { bids: [['0.49', '100000']], asks: [['0.5', '100000']] });
  }
});

afterAll(() => trading.stop());

afterEach(async () => {
  for (const portfolioId of opened.splice(0)) expect(await trading.audit(first, portfolioId)).toEqual([]);
});

async function open(
  wanted: Parameters<typeof openPortfolio>[2] = {},
): Promise<{ owner: ReturnType<typeof anOwner>; id: string }> {
  const owner = anOwner('premium_user');
  const { id } = await openPortfolio(first, owner, wanted);
  opened.push(id);
  return { owner, id };
}

/** What each of several requests came to: its status, or the code of its refusal. */
async function outcomes(requests: Promise<{ order: { status: string; phase: string } }>[]): Promise<string[]> {
  return Promise.all(
    requests.map((request) =>
      request.then(
        ({ order }) => (order.phase === 'resting' ? 'resting' : order.status),
        (error: unknown) => {
          if (error instanceof DomainError) return error.code;
          throw error;
        },
      ),
    ),
  );
}

const counted = (all: readonly string[]): Record<string, number> =>
  Object.fromEntries([...new Set(all)].sort().map((one) => [one, all.filter((other) => other === one).length]));

describe.each([
  ['one process', 1],
  ['two processes on one store', 2],
])('50 clients of one portfolio with money for 10 orders, in %s', (_where, processes) => {
  const instanceOf = (client: number): TradingInstance => (processes === 2 && client % 2 === 1 ? second : first);

  it.each([
    ['that take at once', { price: price('0.5') }, { latency: 'ideal' }, 'filled'],
    ['that rest', { price: price('0.4'), quantity: shares('12.5') }, { latency: 'ideal' }, 'resting'],
    ['that travel', { price: price('0.5') }, { latency: 'colocated' }, 'filled'],
  ] as const)('accepts exactly the 10 %s', async (_what, order, { latency }, accepted) => {
    const { owner, id } = await open({ initialBalance: usdc('54'), profile: 'realistic', latency });
    const all = await outcomes(
      Array.from({ length: 50 }, (_, client) => instanceOf(client).orders.place(owner, id, anOrder(yes, order), null)),
    );
    expect(counted(all)).toEqual({ 'ORDER.INSUFFICIENT_CASH': 40, [accepted]: 10 });
    const portfolio = await first.portfolios.get(owner, id);
    expect(portfolio.cash).toBe(usdc('4'));
    expect((await first.orders.list(owner, id, { page: 1, pageSize: 100 })).total).toBe(10);
  });
});

it('sells no share twice', async () => {
  const { owner, id } = await open();
  await first.portfolios.split(owner, id, { market: { slug: yes.marketId }, quantity: shares('55') }, null);
  const sale = anOrder(yes, { side: 'sell', price: price('0.49') });
  const all = await outcomes(
    Array.from({ length: 30 }, (_, client) => (client % 2 === 0 ? first : second).orders.place(owner, id, sale, null)),
  );
  expect(counted(all)).toEqual({ 'ORDER.INSUFFICIENT_SHARES': 25, filled: 5 });
});

it('keeps every order, cancel, split and reset of two processes in one order of versions', async () => {
  const { owner, id } = await open({ profile: 'realistic' });
  const market = { slug: yes.marketId };
  const deeds = Array.from({ length: 60 }, (_, number) => {
    const { orders, portfolios } = number % 2 === 0 ? first : second;
    switch (number % 6) {
      case 0:
      case 1:
        return orders.place(owner, id, anOrder(yes, { price: price('0.4') }), null);
      case 2:
        return orders.place(owner, id, anOrder(yes), null);
      case 3:
        return portfolios.split(owner, id, { market, quantity: shares('3') }, null);
      case 4:
        return orders.cancelAll(owner, id, {});
      default:
        return number === 35
          ? portfolios.reset(owner, id, null)
          : portfolios.merge(owner, id, { market, quantity: shares('1') }, null);
    }
  });
  const ended = await Promise.allSettled(deeds);
  const refusals = ended.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []));
  expect(
    refusals.filter((reason) => !(reason instanceof DomainError && reason.code === 'ORDER.INSUFFICIENT_SHARES')),
  ).toEqual([]);
  expect((await first.portfolios.get(owner, id)).run).toBe(2);
});

describe('a repeated request', () => {
  it('places one order, however often and wherever it is sent at once', async () => {
    const { owner, id } = await open({ profile: 'realistic' });
    const request = anOrder(yes);
    for (const { waiting } of [first, second]) waiting.takesTime = true;
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, client) =>
        (client % 2 === 0 ? first : second).orders.place(owner, id, request, keyed('same')),
      ),
    );
    for (const { waiting } of [first, second]) waiting.takesTime = false;
    expect(new Set(answers.map(({ order }) => order.id)).size).toBe(1);
    expect(answers.filter(({ replayed }) => !replayed)).toHaveLength(1);
    for (const { order, trades } of answers) {
      expect(order).toMatchObject({ status: 'filled', filledQuantity: shares('10') });
      expect(trades).toHaveLength(1);
    }
    expect((await first.orders.list(owner, id, { page: 1, pageSize: 10 })).total).toBe(1);
  });

  it('is answered the first result after a restart, also when the order has changed or would be refused now', async () => {
    const { owner, id } = await open({ initialBalance: usdc('5') });
    const resting = anOrder(yes, { price: price('0.4'), quantity: shares('12.5') });
    const { replayed, ...placed } = await first.orders.place(owner, id, resting, keyed('rest'));
    expect([replayed, placed.order.phase]).toEqual([false, 'resting']);
    await first.orders.cancel(owner, id, placed.order.id);
    const filled = await first.orders.place(owner, id, anOrder(yes), keyed('fill'));
    const restarted = await trading.start();
    restarted.books.say(yes.tokenId, { bids: [], asks: [], state: 'stale' });
    expect(await restarted.orders.place(owner, id, resting, keyed('rest'))).toEqual({ ...placed, replayed: true });
    expect(await restarted.orders.place(owner, id, anOrder(yes), keyed('fill'))).toEqual({ ...filled, replayed: true });
    const reused = restarted.orders.place(owner, id, anOrder(yes), keyed('fill', 'another body'));
    await expect(reused).rejects.toMatchObject({ code: 'IDEMPOTENCY.KEY_REUSED' });
    await restarted.stop();
  });

  it('waits for the decision of an order that travels, and learns what the reaper decided', async () => {
    const { owner, id } = await open({ profile: 'realistic' });
    const dying = await trading.start();
    dying.waiting.hold();
    void dying.orders.place(owner, id, anOrder(yes, { price: price('0.4') }), keyed('orphan'));
    await waitFor(() => dying.waiting.waitingCount === 1);
    dying.waiting.abandon();
    await dying.stop();
    const travelling = await first.orders.place(owner, id, anOrder(yes, { price: price('0.4') }), keyed('orphan'));
    expect(travelling).toMatchObject({ replayed: true, order: { phase: 'arriving' } });
    trading.clock.advance(6_000);
    expect(await second.upkeep.reapDue(trading.clock.now())).toBe(1);
    const decided = await first.orders.place(owner, id, anOrder(yes, { price: price('0.4') }), keyed('orphan'));
    expect(decided).toMatchObject({ replayed: true, order: { id: travelling.order.id, phase: 'resting' } });
  });

  it('of the same client_order_id is answered the order there is, and another one is refused', async () => {
    const { owner, id } = await open({ profile: 'realistic' });
    const request = anOrder(yes, { clientOrderId: 'mine-1' });
    const answers = await Promise.all(
      [first, second, first, second].map(({ orders }) => orders.place(owner, id, request, null)),
    );
    expect(new Set(answers.map(({ order }) => order.id)).size).toBe(1);
    expect(answers.filter(({ replayed }) => replayed)).toHaveLength(3);
    const another = first.orders.place(owner, id, { ...request, quantity: shares('11') }, null);
    await expect(another).rejects.toMatchObject({
      code: 'ORDER.DUPLICATE_CLIENT_ID',
      details: { fields: [{ field: 'client_order_id' }] },
    });
    expect((await first.orders.list(owner, id, { page: 1, pageSize: 10 })).total).toBe(1);
    // In another portfolio it is free.
    const other = await open();
    expect((await first.orders.place(other.owner, other.id, request, null)).replayed).toBe(false);
  });
});
