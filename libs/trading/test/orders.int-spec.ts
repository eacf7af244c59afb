import { DomainError, type MarketOutcomeRef, type Order, type Trade } from '@app/domain';
import { waitFor } from '@app/testing';
import {
  anOrder,
  anOwner,
  openPortfolio,
  openTestTrading,
  price,
  shares,
  type TestTrading,
  type TradingInstance,
  usdc,
  WORLD_EPOCH,
} from './trading-harness';

const MINUTE = 60_000;

let trading: TestTrading;
let instance: TradingInstance;
/** Outcomes of a market without fees and delays. */
let yes: MarketOutcomeRef;
let no: MarketOutcomeRef;
/** First outcomes of markets with fees, and with the venue's taker delay. */
let charged: MarketOutcomeRef;
let delayed: MarketOutcomeRef;
const opened: string[] = [];

const isCrypto = (row: Record<string, unknown>): boolean => String(row.slug).includes('updown');
const isFree = (row: Record<string, unknown>): boolean => row.feesEnabled !== true && row.feeSchedule == null;

beforeAll(async () => {
  trading = await openTestTrading();
  instance = await trading.start();
  [yes, no] = (await trading.findMarket((row) => isFree(row) && row.secondsDelay == null)) as [
    MarketOutcomeRef,
    MarketOutcomeRef,
  ];
  [charged] = (await trading.findMarket((row) => !isFree(row) && row.secondsDelay == null && !isCrypto(row))) as [
    MarketOutcomeRef,
  ];
  [delayed] = (await trading.findMarket((row) => isCrypto(row))) as [MarketOutcomeRef];
});

afterAll(() => trading.stop());

beforeEach(() => {
  for (const ref of [yes, charged, delayed]) {
    instance.books.say(ref.tokenId, {
      bids: [
        ['0.44', '100'],
        ['0.43', '200'],
      ],
      asks: [
        ['0.46', '50'],
        ['0.47', '30'],
        ['0.48', '500'],
      ],
    });
  }
  instance.books.say(no.tokenId, {
    bids: [
      ['0.54', '50'],
      ['0.53', '30'],
      ['0.52', '500'],
    ],
    asks: [
      ['0.56', '100'],
      ['0.57', '200'],
    ],
  });
});

afterEach(async () => {
  for (const portfolioId of opened.splice(0)) {
    expect(await trading.audit(instance, portfolioId)).toEqual([]);
  }
});

/** Opens a portfolio whose books are audited when the test has ended. */
async function open(
  wanted: Parameters<typeof openPortfolio>[2] = {},
  owner = anOwner(),
): Promise<{ owner: ReturnType<typeof anOwner>; id: string }> {
  const { id } = await openPortfolio(instance, owner, wanted);
  opened.push(id);
  return { owner, id };
}

async function refusalOf(promise: Promise<unknown>): Promise<DomainError> {
  const outcome = await promise.then(
    () => null,
    (error: unknown) => error,
  );
  if (outcome instanceof DomainError) return outcome;
  throw new Error('it was not refused', { cause: outcome });
}

const fills = (trades: readonly Trade[]): [bigint, bigint, bigint, bigint][] =>
  trades.map((trade) => [trade.price, trade.quantity, trade.value, trade.fee]);

describe('orders that meet the book at once', () => {
  it('E1 E4 buys through three levels with fees, each with its receipt', async () => {
    const { owner, id } = await open();
    const { order, trades } = await instance.orders.place(
      owner,
      id,
      anOrder(charged, { quantity: shares('100'), price: price('0.48') }),
      null,
    );
    expect(order).toMatchObject({ status: 'filled', phase: 'done', filledQuantity: shares('100'), reservedCash: 0n });
    const schedule = order.feeSchedule!;
    const fee = (at: bigint, quantity: bigint): bigint => {
      const exact = quantity * schedule.rate * at * (1_000_000n - at);
      return ((2n * exact + 10n ** 19n) / (2n * 10n ** 19n)) * 10n;
    };
    expect(fills(trades)).toEqual([
      [price('0.46'), shares('50'), usdc('23'), fee(460_000n, 50_000_000n)],
      [price('0.47'), shares('30'), usdc('14.1'), fee(470_000n, 30_000_000n)],
      [price('0.48'), shares('20'), usdc('9.6'), fee(480_000n, 20_000_000n)],
    ]);
    const fees = trades.reduce((sum, trade) => sum + trade.fee, 0n);
    expect(order).toMatchObject({ filledValue: usdc('46.7'), fees });
    expect(fees > 0n).toBe(true);
    const portfolio = await instance.portfolios.get(owner, id);
    expect(portfolio).toMatchObject({ cash: usdc('1000') - usdc('46.7') - fees, reserved: 0n, fees, openOrders: 0 });
    expect(trades[1]).toMatchObject({
      liquidity: 'taker',
      midpointAtFill: price('0.45'),
      // (0.47 - 0.45) / 0.45
      slippageBps: 444_444_444n,
      realised: null,
      receipt: {
        rule: 'E1',
        grade: 'A',
        profile: 'ideal',
        modelVersion: 1,
        bookSource: 'rest',
        displayedSize: shares('30'),
        takenBefore: 0n,
        arrivalMidpoint: price('0.45'),
        feeSchedule: schedule,
      },
    });
    const { positions } = await instance.portfolios.account(owner, id);
    expect([...positions.values()]).toMatchObject([
      { tokenId: charged.tokenId, quantity: shares('100'), cost: usdc('46.7'), status: 'open', fees },
    ]);
  });

  it('E5 takes what crosses and lets the rest of a gtc order rest at its limit', async () => {
    const { owner, id } = await open();
    const { order, trades } = await instance.orders.place(
      owner,
      id,
      anOrder(yes, { quantity: shares('100'), price: price('0.46') }),
      null,
    );
    expect(fills(trades)).toEqual([[price('0.46'), shares('50'), usdc('23'), 0n]]);
    expect(order).toMatchObject({
      status: 'partially_filled',
      phase: 'resting',
      filledQuantity: shares('50'),
      reservedCash: usdc('23'),
      queueAhead: 0n,
      restingSince: trading.clock.now(),
    });
    const portfolio = await instance.portfolios.get(owner, id);
    expect(portfolio).toMatchObject({ cash: usdc('954'), reserved: usdc('23'), openOrders: 1 });
    const after = await instance.orders.cancel(owner, id, order.id);
    expect(after).toMatchObject({ order: { status: 'cancelled', reservedCash: 0n }, trades: [{ id: trades[0]!.id }] });
    expect(await instance.portfolios.get(owner, id)).toMatchObject({ cash: usdc('977'), reserved: 0n, openOrders: 0 });
  });

  it('rests what does not cross behind what is displayed', async () => {
    const { owner, id } = await open();
    const { order } = await instance.orders.place(
      owner,
      id,
      anOrder(yes, { price: price('0.44'), postOnly: true }),
      null,
    );
    expect(order).toMatchObject({ status: 'open', phase: 'resting', queueAhead: shares('100') });
    const { orders, total } = await instance.orders.list(owner, id, { status: 'open', page: 1, pageSize: 10 });
    expect([orders.map((one) => one.order.id), total]).toEqual([[order.id], 1]);
    expect((await instance.orders.get(owner, id, order.id)).order).toEqual(order);
  });

  it('fills or kills: all of it, or nothing and the venue’s words', async () => {
    const { owner, id } = await open();
    const fok = anOrder(yes, { type: 'market', price: price('0.47'), timeInForce: 'fok', quantity: shares('81') });
    const killed = await instance.orders.place(owner, id, fok, null);
    expect(killed).toMatchObject({ trades: [], order: { status: 'cancelled', phase: 'done', filledQuantity: 0n } });
    expect(killed.order.rejectReason).toContain(
      "order couldn't be fully filled. FOK orders are fully filled or killed.",
    );
    expect(killed.order.rejectReason).toContain('80 shares');
    const filled = await instance.orders.place(owner, id, { ...fok, quantity: shares('80') }, null);
    expect(filled.order).toMatchObject({ status: 'filled', filledValue: usdc('37.1') });
  });

  it('fills and kills: what there is, and the rest is cancelled', async () => {
    const { owner, id } = await open();
    const fak = anOrder(yes, { type: 'market', price: price('0.46'), timeInForce: 'fak', quantity: shares('60') });
    const { order, trades } = await instance.orders.place(owner, id, fak, null);
    expect(order).toMatchObject({ status: 'cancelled', phase: 'done', filledQuantity: shares('50') });
    expect(trades).toHaveLength(1);
    const nothing = await instance.orders.place(owner, id, { ...fak, price: price('0.45') }, null);
    expect(nothing).toMatchObject({ trades: [], order: { status: 'cancelled' } });
    expect(nothing.order.rejectReason).toContain('no orders found to match with FAK order.');
  });

  it('buys for an amount, and sells at no worse than the price given', async () => {
    const { owner, id } = await open();
    const bought = await instance.orders.place(
      owner,
      id,
      anOrder(yes, { type: 'market', quantity: null, amount: usdc('30'), price: null, timeInForce: 'fok' }),
      null,
    );
    // 50 x 0.46 = 23, and 7 / 0.47 = 14.893617 shares.
    expect(fills(bought.trades).map(([, quantity]) => quantity)).toEqual([shares('50'), shares('14.893617')]);
    const sold = await instance.orders.place(
      owner,
      id,
      anOrder(yes, {
        side: 'sell',
        type: 'market',
        quantity: shares('40'),
        price: price('0.44'),
        timeInForce: 'fok',
      }),
      null,
    );
    expect(sold.order).toMatchObject({ status: 'filled', filledValue: usdc('17.6') });
    // Average cost of 64.893617 shares that cost 30: 40 of them cost 18.491803.
    expect(sold.trades[0]).toMatchObject({ realised: usdc('17.6') - usdc('18.491803') });
  });

  it('B3 E1 does not give the same depth twice, through neither outcome', async () => {
    const { owner, id } = await open({ profile: 'realistic', latency: 'ideal' });
    const buyYes = anOrder(yes, { type: 'market', price: price('0.46'), timeInForce: 'fak', quantity: shares('40') });
    await instance.orders.place(owner, id, buyYes, null);
    await instance.portfolios.split(owner, id, { market: { slug: yes.marketId }, quantity: shares('100') }, null);
    // Selling NO at 0.54 takes the same level as buying YES at 0.46: 10 of its 50 shares are left.
    const sellNo = anOrder(no, {
      side: 'sell',
      type: 'market',
      price: price('0.54'),
      timeInForce: 'fak',
      quantity: shares('40'),
    });
    const { order, trades } = await instance.orders.place(owner, id, sellNo, null);
    expect(order.filledQuantity).toBe(shares('10'));
    expect(trades[0]!.receipt).toMatchObject({ takenBefore: shares('40'), displayedSize: shares('50') });
  });

  it('buys again what another portfolio took: overlays are private', async () => {
    const [first, second] = await Promise.all([
      open({ profile: 'realistic', latency: 'ideal' }),
      open({ profile: 'realistic', latency: 'ideal' }),
    ]);
    const fok = anOrder(yes, { type: 'market', price: price('0.46'), timeInForce: 'fok', quantity: shares('50') });
    for (const { owner, id } of [first, second]) {
      expect((await instance.orders.place(owner, id, fok, null)).order.status).toBe('filled');
    }
  });
});

describe('the immediate trade', () => {
  const ofTen = { side: 'buy', quantity: shares('80'), price: price('0.47'), notes: 'a note' } as const;

  it('trades all of the quantity, or says what the book offered and keeps nothing', async () => {
    const { owner, id } = await open();
    const market = { market: { conditionId: yes.conditionId }, outcome: yes.outcome.toUpperCase() };
    const traded = await instance.orders.trade(owner, id, { ...market, ...ofTen }, null);
    expect(traded.order).toMatchObject({ status: 'filled', outcome: yes.outcome, notes: 'a note' });
    const refusal = await refusalOf(
      instance.orders.trade(owner, id, { ...market, ...ofTen, quantity: shares('500') }, null),
    );
    expect(refusal.code).toBe('ORDER.NOT_FILLED');
    expect(refusal.message).toContain('80 shares');
    expect((await instance.orders.list(owner, id, { page: 1, pageSize: 10 })).total).toBe(1);
  });

  it('says so too when the order had to travel, and frees what it held', async () => {
    const { owner, id } = await open({ profile: 'realistic' });
    const request = { market: { slug: yes.marketId }, outcome: yes.outcome, ...ofTen, quantity: shares('500') };
    expect((await refusalOf(instance.orders.trade(owner, id, request, null))).code).toBe('ORDER.NOT_FILLED');
    expect(await instance.portfolios.get(owner, id)).toMatchObject({ cash: usdc('1000'), reserved: 0n, openOrders: 0 });
  });
});

describe('bad input leaves nothing behind', () => {
  const unknown = { market: { slug: 'no-such-market' } };
  const cases: [string, Parameters<typeof anOrder>[1] & { of?: 'charged' }, string, string | null][] = [
    ['a price off the tick', { price: price('0.4567') }, 'ORDER.BAD_PRICE', 'price'],
    ['a price of 1', { price: price('1') }, 'ORDER.BAD_PRICE', 'price'],
    ['too few shares', { quantity: shares('4.99'), price: price('0.4') }, 'ORDER.BAD_SIZE', 'quantity'],
    ['too many decimals', { quantity: shares('10.001') }, 'ORDER.BAD_SIZE', 'quantity'],
    [
      'a taking buy below a dollar',
      { quantity: shares('2'), price: price('0.46'), timeInForce: 'fak', type: 'market' },
      'ORDER.BAD_SIZE',
      'quantity',
    ],
    ['nothing at all', { quantity: shares('0') }, 'REQUEST.UNACCEPTABLE', 'quantity'],
    ['both quantity and amount', { amount: usdc('5') }, 'REQUEST.UNACCEPTABLE', 'amount'],
    ['more than there is', { quantity: shares('10000') }, 'ORDER.INSUFFICIENT_CASH', 'quantity'],
    ['more than is owned', { side: 'sell' }, 'ORDER.INSUFFICIENT_SHARES', 'quantity'],
    [
      'gtd in the past',
      { timeInForce: 'gtd', expiresAt: new Date(WORLD_EPOCH.getTime() - 86_400_000) },
      'ORDER.BAD_EXPIRY',
      'expires_at',
    ],
    [
      'gtd too soon',
      { timeInForce: 'gtd', expiresAt: new Date(WORLD_EPOCH.getTime() + 30_000) },
      'ORDER.BAD_EXPIRY',
      'expires_at',
    ],
    ['post-only that crosses', { price: price('0.47'), postOnly: true }, 'ORDER.POST_ONLY_CROSSES', 'price'],
    ['an unknown outcome', { outcome: 'Maybe' }, 'MARKET.OUTCOME_NOT_FOUND', 'outcome'],
    [
      'an outcome index there is none of',
      { outcome: null, outcomeIndex: 2 },
      'MARKET.OUTCOME_NOT_FOUND',
      'outcome_index',
    ],
    ['no outcome', { outcome: null }, 'REQUEST.UNACCEPTABLE', 'outcome'],
    ['an unknown market', unknown, 'MARKET.NOT_FOUND', 'market_id'],
  ];

  it.each(cases)('%s', async (_what, overrides, code, field) => {
    const { owner, id } = await open({ profile: 'realistic' });
    const refusal = await refusalOf(instance.orders.place(owner, id, anOrder(yes, overrides), null));
    expect([refusal.code, refusal.details.fields?.[0]?.field ?? null]).toEqual([code, field]);
    expect(await instance.portfolios.get(owner, id)).toMatchObject({ cash: usdc('1000'), reserved: 0n, openOrders: 0 });
    expect((await instance.orders.list(owner, id, { page: 1, pageSize: 10 })).total).toBe(0);
  });

  it('A3 a book that is not live takes no taker, and a resting order all the same', async () => {
    const { owner, id } = await open();
    instance.books.say(yes.tokenId, { bids: [['0.44', '1']], asks: [['0.46', '1']], state: 'recovering' });
    const refusal = await refusalOf(instance.orders.place(owner, id, anOrder(yes), null));
    expect(refusal).toMatchObject({ code: 'BOOK.NOT_LIVE' });
    expect(refusal.message).toContain('The order book is recovering: the test says so.');
    const { order } = await instance.orders.place(owner, id, anOrder(yes, { price: price('0.4') }), null);
    expect(order).toMatchObject({ phase: 'resting', queueAhead: null });
  });

  it('another one’s portfolio is not there, whatever is asked of it', async () => {
    const { id } = await open();
    const stranger = anOwner('admin');
    const asks = [
      instance.orders.place(stranger, id, anOrder(yes), null),
      instance.orders.list(stranger, id, { page: 1, pageSize: 10 }),
      instance.orders.cancelAll(stranger, id, {}),
      instance.orders.trades(stranger, id, { page: 1, pageSize: 10 }),
      instance.orders.exportTrades(stranger, id, {}),
      instance.portfolios.get(stranger, id),
      instance.portfolios.ledger(stranger, id, { page: 1, pageSize: 10 }),
      instance.portfolios.account(stranger, id),
      instance.portfolios.update(stranger, id, { name: 'mine now' }),
      instance.portfolios.reset(stranger, id, null),
      instance.portfolios.archive(stranger, id),
    ];
    const refusals = await Promise.all(asks.map((ask) => refusalOf(ask)));
    expect(new Set(refusals.map(({ code }) => code))).toEqual(new Set(['PORTFOLIO.NOT_FOUND']));
  });

  it('another one’s order is not answered, not even while the store fails', async () => {
    const { owner, id } = await open();
    const order = anOrder(yes, { price: price('0.4'), clientOrderId: 'mine' });
    await instance.orders.place(owner, id, order, null);
    const other = await trading.start();
    const away = new DomainError('STORE.UNAVAILABLE', 'The store is away.');
    other.repository.loadAccount = () => Promise.reject(away);
    await expect(other.orders.place(anOwner(), id, order, null)).rejects.toBe(away);
    expect(await other.orders.place(owner, id, order, null)).toMatchObject({ replayed: true });
    await other.stop();
  });

  it('a closed market and one that lost its book', async () => {
    const { owner, id } = await open();
    const rows = await trading.venue.markets({ listed: true });
    const closed = rows.find(
      (row) => row.closed === true && (JSON.parse(String(row.outcomes)) as string[]).length === 2,
    )!;
    const market = { slug: String(closed.slug) };
    const refused = await refusalOf(
      instance.orders.place(owner, id, anOrder(yes, { market, outcome: null, outcomeIndex: 0 }), null),
    );
    expect([refused.code, refused.details.fields?.[0]?.field]).toEqual(['MARKET.NOT_TRADABLE', 'market_id']);
    const split = instance.portfolios.split(owner, id, { market, quantity: shares('1') }, null);
    expect((await refusalOf(split)).code).toBe('MARKET.NOT_TRADABLE');
    const [ref] = (await trading.findMarket(
      (row) => isFree(row) && ![yes.marketId, charged.marketId, delayed.marketId].includes(String(row.slug)),
    )) as [MarketOutcomeRef];
    // Stored while it is open, and closed at the venue since: its book is gone.
    const { order } = await instance.orders.place(
      owner,
      id,
      anOrder(ref, { price: null, type: 'market', timeInForce: 'fok', quantity: null, amount: usdc('1') }),
      null,
    );
    expect(order.phase).toBe('done');
    await trading.venue.change(ref.marketId, { closed: true });
    trading.clock.advance(3_000);
    const gone = await refusalOf(instance.orders.place(owner, id, anOrder(ref), null));
    expect(gone.code).toBe('MARKET.NO_ORDER_BOOK');
  });
});

describe('orders that travel', () => {
  it('D1 D3 hold what they need, and meet the book of their arrival', async () => {
    const { owner, id } = await open({ profile: 'realistic' });
    instance.waiting.hold();
    const placing = instance.orders.place(owner, id, anOrder(yes, { price: price('0.46') }), null);
    await waitFor(() => instance.waiting.waitingCount === 1);
    expect(await instance.portfolios.get(owner, id)).toMatchObject({ reserved: usdc('4.6'), openOrders: 1 });
    // The ask it saw is gone when it arrives, and a better one is there.
    instance.books.say(yes.tokenId, {
      bids: [['0.44', '100']],
      asks: [
        ['0.45', '4'],
        ['0.47', '9'],
      ],
    });
    instance.waiting.release();
    const { order, trades } = await placing;
    expect(fills(trades)).toEqual([[price('0.45'), shares('4'), usdc('1.8'), 0n]]);
    expect(order).toMatchObject({ phase: 'resting', reservedCash: usdc('2.76'), decisionMidpoint: price('0.45') });
    expect(order.matchesAt.getTime() - order.createdAt.getTime()).toBe(5);
    expect(trades[0]!.receipt.arrivalMidpoint).toBe(price('0.445'));
  });

  it('are shown with the fills they had when they were read', async () => {
    const { owner, id } = await open({ profile: 'realistic' });
    instance.waiting.hold();
    const placing = instance.orders.place(owner, id, anOrder(yes, { price: price('0.46') }), null);
    await waitFor(() => instance.waiting.waitingCount === 1);
    const { orders } = await instance.orders.list(owner, id, { page: 1, pageSize: 1 });
    const other = await trading.start();
    const tradesOfOrder = other.repository.tradesOfOrder.bind(other.repository);
    other.repository.tradesOfOrder = async (orderId) => {
      instance.waiting.release();
      await placing;
      return tradesOfOrder(orderId);
    };
    const orderId = orders[0]?.order.id ?? '';
    expect(await other.orders.get(owner, id, orderId)).toMatchObject({ order: { filledQuantity: 0n }, trades: [] });
    expect(await other.orders.get(owner, id, orderId)).toMatchObject({
      order: { filledQuantity: shares('10') },
      trades: [{ quantity: shares('10') }],
    });
    await other.stop();
  });

  it('rejects a post-only order that crosses as it arrives', async () => {
    const { owner, id } = await open({ profile: 'realistic' });
    instance.waiting.hold();
    const placing = instance.orders.place(owner, id, anOrder(yes, { price: price('0.45'), postOnly: true }), null);
    await waitFor(() => instance.waiting.waitingCount === 1);
    instance.books.say(yes.tokenId, { bids: [['0.44', '100']], asks: [['0.45', '4']] });
    instance.waiting.release();
    const { order } = await placing;
    expect(order).toMatchObject({ status: 'rejected', phase: 'done', reservedCash: 0n });
    expect(order.rejectReason).toContain('invalid post-only order: order crosses book');
  });

  it('D2 are held by the taker delay of the market, cannot be cancelled then, and meet the book after it', async () => {
    const { owner, id } = await open({ profile: 'realistic' });
    const before = trading.clock.now();
    instance.waiting.hold();
    const placing = instance.orders.place(owner, id, anOrder(delayed, { price: price('0.46') }), null);
    await waitFor(() => instance.waiting.waitingCount === 1);
    instance.waiting.release();
    instance.waiting.hold();
    const [held] = await waitFor(async () => {
      const { orders } = await instance.orders.list(owner, id, { page: 1, pageSize: 1 });
      return orders[0]?.order.phase === 'delayed' ? orders : null;
    });
    const refusal = await refusalOf(instance.orders.cancel(owner, id, held!.order.id));
    expect(refusal.code).toBe('ORDER.NOT_CANCELLABLE');
    await waitFor(() => instance.waiting.waitingCount === 1);
    instance.waiting.release();
    const { order } = await placing;
    expect(order).toMatchObject({ status: 'filled', filledQuantity: shares('10') });
    expect(trading.clock.now().getTime() - before.getTime()).toBe(155);
  });

  it('D4 fill although a cancel is on its way', async () => {
    const { owner, id } = await open({ profile: 'realistic' });
    const { order } = await instance.orders.place(owner, id, anOrder(yes, { price: price('0.4') }), null);
    instance.waiting.hold();
    const cancelling = instance.orders.cancel(owner, id, order.id);
    await waitFor(() => instance.waiting.waitingCount === 1);
    expect((await instance.orders.get(owner, id, order.id)).order.phase).toBe('resting');
    instance.waiting.release();
    expect((await cancelling).order).toMatchObject({ status: 'cancelled', rejectReason: 'Cancelled by its owner.' });
    expect((await refusalOf(instance.orders.cancel(owner, id, order.id))).code).toBe('ORDER.NOT_CANCELLABLE');
  });

  it('are ended when the book cannot be read as they arrive', async () => {
    const { owner, id } = await open({ profile: 'realistic' });
    const [ref] = (await trading.findMarket(
      (row) => isFree(row) && ![yes.marketId, charged.marketId, delayed.marketId].includes(String(row.slug)),
    )) as [MarketOutcomeRef];
    instance.waiting.hold();
    const placing = instance.orders.place(
      owner,
      id,
      anOrder(ref, { price: price('0.01'), quantity: shares('200') }),
      null,
    );
    await waitFor(() => instance.waiting.waitingCount === 1);
    await trading.venue.fault({ kind: 'status', status: 500, path: '/clob/book' });
    instance.waiting.release();
    const { order } = await placing;
    expect(order).toMatchObject({ status: 'rejected', reservedCash: 0n });
    expect(order.rejectReason).toContain('The order could not meet the book.');
    await trading.venue.reset();
  });
});

describe('an explanation', () => {
  it('tells what a resting order waits for and why it filled, and why one ended', async () => {
    const { owner, id } = await open();
    const { order, trades } = await instance.orders.place(
      owner,
      id,
      anOrder(yes, { quantity: shares('60'), price: price('0.46') }),
      null,
    );
    const resting = await instance.orders.explain(owner, id, order.id);
    expect(resting).toMatchObject({ order, trades, data: { waitingFor: 'quote', bestAsk: price('0.46') } });
    expect(resting.data.fills).toMatchObject([{ rule: 'E1', grade: 'A', displayedSize: shares('50') }]);
    instance.books.say(yes.tokenId, { bids: [['0.46', '7']], asks: [['0.47', '30']] });
    expect((await instance.orders.explain(owner, id, order.id)).data).toMatchObject({ waitingFor: 'queue' });
    await instance.orders.cancel(owner, id, order.id);
    const ended = await instance.orders.explain(owner, id, order.id);
    expect(ended.data).toMatchObject({ waitingFor: null, reason: 'Cancelled by its owner.', bookState: null });
    expect((await refusalOf(instance.orders.explain(owner, id, id))).code).toBe('ORDER.NOT_FOUND');
  });
});

describe('the reaper', () => {
  /** Places an order whose process ends before it arrives. */
  async function orphan(
    id: string,
    owner: ReturnType<typeof anOwner>,
    overrides: Parameters<typeof anOrder>[1],
  ): Promise<Order> {
    instance.waiting.hold();
    void instance.orders.place(owner, id, anOrder(yes, overrides), null);
    await waitFor(() => instance.waiting.waitingCount === 1);
    instance.waiting.abandon();
    const { orders } = await instance.orders.list(owner, id, { page: 1, pageSize: 1 });
    return orders[0]!.order;
  }

  it('lets an order meet the book late, once, whoever comes first', async () => {
    const { owner, id } = await open({ profile: 'realistic' });
    const order = await orphan(id, owner, { price: price('0.46') });
    expect(await instance.upkeep.reapDue(trading.clock.now())).toBe(0);
    trading.clock.advance(10_000);
    const other = await trading.start();
    other.books.say(yes.tokenId, { bids: [], asks: [['0.46', '50']] });
    await Promise.all([instance.upkeep.reapDue(trading.clock.now()), other.upkeep.reapDue(trading.clock.now())]);
    await other.stop();
    const { order: after, trades } = await instance.orders.get(owner, id, order.id);
    expect(after).toMatchObject({ status: 'filled', filledQuantity: shares('10') });
    expect(trades).toHaveLength(1);
    expect(await instance.upkeep.reapDue(trading.clock.now())).toBe(0);
  });

  it('ends an immediate order that is too late, and lets one that may rest come to rest', async () => {
    const { owner, id } = await open({ profile: 'realistic' });
    const fok = await orphan(id, owner, { type: 'market', timeInForce: 'fok', price: price('0.46') });
    const gtc = await orphan(id, owner, { price: price('0.4') });
    trading.clock.advance(31_000);
    expect(await instance.upkeep.reapDue(trading.clock.now())).toBe(2);
    const { orders } = await instance.orders.list(owner, id, { page: 1, pageSize: 10 });
    expect(orders.map(({ order }) => [order.id, order.status, order.phase])).toEqual([
      [gtc.id, 'open', 'resting'],
      [fok.id, 'cancelled', 'done'],
    ]);
  });

  it('C3 expires a gtd order whose time ran out on its way, whatever the book offers', async () => {
    const { owner, id } = await open({ profile: 'realistic' });
    const expiresAt = new Date(trading.clock.now().getTime() + 2 * MINUTE);
    const gtd = await orphan(id, owner, { price: price('0.46'), timeInForce: 'gtd', expiresAt });
    trading.clock.advance(MINUTE);
    expect(await instance.upkeep.reapDue(trading.clock.now())).toBe(1);
    expect(await instance.orders.get(owner, id, gtd.id)).toMatchObject({
      order: { status: 'expired', rejectReason: 'The order expired before it met the book.' },
      trades: [],
    });
    expect(await instance.portfolios.get(owner, id)).toMatchObject({ cash: usdc('1000'), reserved: 0n, openOrders: 0 });
  });
});

describe('good till a date', () => {
  it('C3 stops resting a minute before its expiry', async () => {
    const { owner, id } = await open();
    const expiresAt = new Date(trading.clock.now().getTime() + 10 * MINUTE);
    const gtd = anOrder(yes, { price: price('0.4'), timeInForce: 'gtd', expiresAt });
    const { order } = await instance.orders.place(owner, id, gtd, null);
    trading.clock.advance(9 * MINUTE - 1);
    expect(await instance.upkeep.expireDue(trading.clock.now())).toBe(0);
    trading.clock.advance(1);
    expect(await instance.upkeep.expireDue(trading.clock.now())).toBe(1);
    expect(await instance.upkeep.expireDue(trading.clock.now())).toBe(0);
    expect((await instance.orders.get(owner, id, order.id)).order).toMatchObject({
      status: 'expired',
      phase: 'done',
      reservedCash: 0n,
      expiresAt,
    });
  });
});

describe('many orders', () => {
  it('may work up to the limit of the role, and one more market order may still take', async () => {
    const { owner, id } = await open();
    const resting = anOrder(yes, { price: price('0.01'), quantity: shares('5') });
    for (let count = 0; count < 50; count += 1) await instance.orders.place(owner, id, resting, null);
    expect((await refusalOf(instance.orders.place(owner, id, resting, null))).code).toBe('ORDER.LIMIT');
    const fok = anOrder(yes, { type: 'market', timeInForce: 'fok', price: price('0.46') });
    expect((await instance.orders.place(owner, id, fok, null)).order.status).toBe('filled');
    const { cancelled, notCancelled } = await instance.orders.cancelAll(owner, id, { market: { slug: yes.marketId } });
    expect([cancelled.length, notCancelled.length]).toEqual([50, 0]);
    expect(await instance.portfolios.get(owner, id)).toMatchObject({ reserved: 0n, openOrders: 0 });
  });

  it('are cancelled by market', async () => {
    const { owner, id } = await open();
    const low = { price: price('0.4') };
    const { order } = await instance.orders.place(owner, id, anOrder(yes, low), null);
    const other = await instance.orders.place(owner, id, anOrder(charged, low), null);
    const { cancelled } = await instance.orders.cancelAll(owner, id, { market: { conditionId: yes.conditionId } });
    expect(cancelled.map((one) => one.id)).toEqual([order.id]);
    const { orders } = await instance.orders.list(owner, id, {
      status: 'open',
      market: { conditionId: charged.conditionId },
      page: 1,
      pageSize: 10,
    });
    expect(orders.map((one) => one.order.id)).toEqual([other.order.id]);
    expect((await instance.orders.cancelAll(owner, id, { market: { slug: yes.marketId } })).cancelled).toEqual([]);
    const mistyped = { market: { slug: `${yes.marketId}-x` } };
    expect((await refusalOf(instance.orders.cancelAll(owner, id, mistyped))).code).toBe('MARKET.NOT_FOUND');
    await trading.venue.fault({ kind: 'status', path: '/', status: 503, times: 20 });
    const unknown = await instance.orders.cancelAll(owner, id, { market: { slug: `${yes.marketId}-y` } });
    await trading.venue.reset();
    expect(unknown.cancelled).toEqual([]);
  });
});

describe('trades', () => {
  it('are listed newest first and exported oldest first, for those whose role includes it', async () => {
    const owner = anOwner('premium_user');
    const { id } = await open({}, owner);
    const times: Date[] = [];
    for (const size of ['5', '6', '7']) {
      const fok = anOrder(yes, { type: 'market', timeInForce: 'fok', price: null, quantity: shares(size) });
      await instance.orders.place(owner, id, fok, null);
      times.push(trading.clock.now());
      trading.clock.advance(1_000);
    }
    const page = await instance.orders.trades(owner, id, { page: 1, pageSize: 2 });
    expect([page.trades.map(({ quantity }) => quantity), page.total]).toEqual([[shares('7'), shares('6')], 3]);
    const exported: bigint[] = [];
    for await (const trade of await instance.orders.exportTrades(owner, id, { from: times[0]!, to: times[1]! })) {
      exported.push(trade.quantity);
    }
    expect(exported).toEqual([shares('5'), shares('6')]);
    const user = { ...owner, role: 'user' } as const;
    expect((await refusalOf(instance.orders.exportTrades(user, id, {}))).code).toBe('EXPORT.NOT_ALLOWED');
  });
});
