import { DomainError, type MarketOutcomeRef } from '@app/domain';
import { toProblem } from '@app/platform';
import { waitFor } from '@app/testing';
import type { OrderRequest } from '@app/trading';
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

it('previews on what is stored, also where another process has changed it since', async () => {
  const { owner, id } = await open();
  const buy = anOrder(yes, { quantity: shares('1000') });
  expect((await first.orders.preview(owner, id, buy)).executed?.account.portfolio.cash).toBe(usdc('500'));
  await second.portfolios.split(owner, id, { market: { slug: yes.marketId }, quantity: shares('600') }, null);
  expect(await first.orders.preview(owner, id, buy)).toMatchObject({
    executed: null,
    refusal: { code: 'ORDER.INSUFFICIENT_CASH' },
  });
});

it('dates a ledger in its order, also where another process was quicker than an order received before', async () => {
  const { owner, id } = await open();
  const { repository } = first;
  const findConsumed = repository.findConsumed.bind(repository);
  repository.findConsumed = async (...asked) => {
    repository.findConsumed = findConsumed;
    trading.clock.advance(1_000);
    await second.portfolios.split(owner, id, { market: { slug: yes.marketId }, quantity: shares('1') }, null);
    return findConsumed(...asked);
  };
  const { order, trades } = await first.orders.place(owner, id, anOrder(yes), null);
  const { entries } = await first.portfolios.ledger(owner, id, { page: 1, pageSize: 10 });
  expect(entries.map(({ kind }) => kind)).toEqual(['deposit', 'split', 'buy']);
  const dates = entries.map(({ at }) => at.getTime());
  expect(dates).toEqual([...dates].sort());
  expect([order.createdAt, trades[0]?.tradedAt]).toEqual([entries[2]?.at, entries[2]?.at]);
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

  describe('of an order whose process ended while it travelled', () => {
    const resting = (): OrderRequest => anOrder(yes, { price: price('0.4') });

    /** Sends a keyed order by a process that never decides about it, unless it is told to go on. */
    async function orphan(
      key: string,
    ): Promise<Awaited<ReturnType<typeof open>> & { sender: TradingInstance; answer: Promise<unknown> }> {
      const opening = await open({ profile: 'realistic' });
      const sender = await trading.start();
      sender.books.say(yes.tokenId, { bids: [['0.49', '100000']], asks: [['0.5', '100000']] });
      sender.waiting.hold();
      const answer = sender.orders.place(opening.owner, opening.id, resting(), keyed(key));
      await waitFor(() => sender.waiting.waitingCount === 1);
      return { ...opening, sender, answer };
    }

    const reap = async (): Promise<void> => {
      trading.clock.advance(6_000);
      expect(await second.upkeep.reapDue(trading.clock.now())).toBe(1);
    };

    it('is told to come again, and then answered what the reaper decided, whatever became of it since', async () => {
      const { owner, id, sender } = await orphan('orphan');
      sender.waiting.abandon();
      await sender.stop();
      const tooEarly = await first.orders.place(owner, id, resting(), keyed('orphan')).catch((error: unknown) => error);
      expect(toProblem(tooEarly, { method: 'POST', path: '/' })).toMatchObject({
        body: { status: 409, code: 'IDEMPOTENCY.IN_PROGRESS' },
        headers: { 'retry-after': expect.stringMatching(/^[1-9]\d*$/) },
      });
      await reap();
      const decided = await first.orders.place(owner, id, resting(), keyed('orphan'));
      expect(decided).toMatchObject({ replayed: true, order: { phase: 'resting' } });
      await second.orders.cancel(owner, id, decided.order.id);
      for (const { orders } of [first, second]) {
        expect(await orders.place(owner, id, resting(), keyed('orphan'))).toEqual(decided);
      }
    });

    it('that has ended when it is first repeated is answered as it ended', async () => {
      const { owner, id, sender } = await orphan('ended');
      sender.waiting.abandon();
      await sender.stop();
      await reap();
      await second.orders.cancelAll(owner, id, {});
      const decided = await first.orders.place(owner, id, resting(), keyed('ended'));
      expect(decided).toMatchObject({ replayed: true, order: { status: 'cancelled' } });
      expect(await second.orders.place(owner, id, resting(), keyed('ended'))).toEqual(decided);
    });

    it('has one answer for everybody, also while the order changes', async () => {
      const { owner, id, sender } = await orphan('race');
      sender.waiting.abandon();
      await sender.stop();
      await reap();
      const repeat = (): Promise<unknown>[] =>
        [first, second].map(({ orders }) => orders.place(owner, id, resting(), keyed('race')));
      const [, ...answers] = await Promise.all([
        first.orders.cancelAll(owner, id, {}),
        ...Array.from({ length: 8 }, repeat).flat(),
      ]);
      for (const answer of answers) expect(answer).toEqual(answers[0]);
      expect(await first.orders.place(owner, id, resting(), keyed('race'))).toEqual(answers[0]);
    });

    it('has the same answer for the process itself, when it was only late', async () => {
      const { owner, id, sender, answer } = await orphan('late');
      await reap();
      const { replayed, ...decided } = await first.orders.place(owner, id, resting(), keyed('late'));
      expect([replayed, decided.order.phase]).toEqual([true, 'resting']);
      await first.orders.cancel(owner, id, decided.order.id);
      sender.waiting.release();
      expect(await answer).toEqual({ ...decided, replayed: false });
      await sender.stop();
    });
  });

  it('of a key and a client_order_id is answered by its key', async () => {
    const { owner, id } = await open({ initialBalance: usdc('5') });
    const both = anOrder(yes, { price: price('0.4'), quantity: shares('12.5'), clientOrderId: 'mine-2' });
    const placed = await first.orders.place(owner, id, both, keyed('both'));
    await first.orders.cancel(owner, id, placed.order.id);
    await first.orders.place(owner, id, anOrder(yes), null);
    expect(await second.orders.place(owner, id, both, keyed('both'))).toEqual({ ...placed, replayed: true });
    const reused = second.orders.place(owner, id, both, keyed('both', 'another body'));
    await expect(reused).rejects.toMatchObject({ code: 'IDEMPOTENCY.KEY_REUSED' });
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
