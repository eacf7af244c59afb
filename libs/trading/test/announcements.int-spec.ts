import {
  accountChannel,
  type AccountMessage,
  decodeAccountMessage,
  decodeOrderNotice,
  encodeLiveBook,
  type LiveBook,
  type OrderNotice,
  ordersChannel,
} from '@app/contracts';
import { DomainError, type MarketOutcomeRef } from '@app/domain';
import { InterestRegistry, LIVE_WORKER_ROLE, portfolioHolder } from '@app/live-data';
import { BookStore, Leases, MessageBus } from '@app/platform';
import { FreeMarkets, keep, openAccount, orderOf, rest, say, TestMarket, type TestAccount } from './resting-harness';
import { anOrder, openTestTrading, price, shares, type TestTrading, type TradingInstance } from './trading-harness';

let trading: TestTrading;
let instance: TradingInstance;
let free: FreeMarkets;
let refs: [MarketOutcomeRef, MarketOutcomeRef];
let yes: MarketOutcomeRef;

beforeAll(async () => {
  trading = await openTestTrading();
  instance = await trading.start();
  free = new FreeMarkets(trading);
});

afterAll(() => trading.stop());

beforeEach(async () => {
  refs = await free.next();
  [yes] = refs;
});

/** Everything told of a portfolio and of a market from now on. */
async function listen({ id }: TestAccount): Promise<{ messages: AccountMessage[]; notices: OrderNotice[] }> {
  const heard = { messages: [] as AccountMessage[], notices: [] as OrderNotice[] };
  const bus = instance.get(MessageBus);
  await bus.subscribe(accountChannel(id), (text) => {
    const message = decodeAccountMessage(text);
    if (message === null) throw new Error(`not a message: ${text}`);
    heard.messages.push(message);
  });
  await bus.subscribe(ordersChannel(yes.conditionId), (text) => {
    const notice = decodeOrderNotice(text);
    if (notice === null) throw new Error(`not a notice: ${text}`);
    heard.notices.push(notice);
  });
  return heard;
}

describe('a stored decision', () => {
  it('is told to the watchers of its portfolio, each version once and in order', async () => {
    say([instance], refs, { bids: [['0.4', '100']], asks: [['0.6', '10']] });
    const account = await openAccount(instance);
    const { messages } = await listen(account);
    const order = await rest(instance, account, yes, '0.6', '30');
    const kept = await keep(instance, yes);
    const market = new TestMarket(trading.clock, [kept]);
    market.snapshot([['0.4', '100']], [['0.65', '10']]);
    market.print('sell', '0.59', '8');
    await market.settled();
    await instance.orders.cancel(account.owner, account.id, order);
    await kept.stop();

    const { version } = await instance.portfolios.get(account.owner, account.id);
    expect(messages.at(-1)?.version).toBe(version);
    const versions = messages.map((message) => message.version);
    expect(versions).toEqual([...new Set(versions)].sort((a, b) => a - b));
    const fills = messages.flatMap((message) => message.fills);
    expect(fills.map(({ liquidity, quantity }) => [liquidity, quantity])).toEqual([
      ['taker', 10],
      ['maker', 8],
    ]);
    const updates = messages.flatMap((message) => message.orders).filter(({ phase }) => phase !== 'delayed');
    expect(updates.map(({ status, filled_quantity: filled }) => [status, filled])).toEqual([
      ['partially_filled', 10],
      ['partially_filled', 18],
      ['cancelled', 18],
    ]);
    expect(messages.at(-2)?.positions).toMatchObject([{ token_id: yes.tokenId, quantity: 18 }]);
    expect(messages.at(-1)).toMatchObject({ reserved_cash: 0, positions: [] });
  });

  it('tells the keeper of its market which orders to read, and what was taken; fills of the keeper itself are no news to it', async () => {
    say([instance], refs, { bids: [['0.4', '100']], asks: [['0.6', '10']] });
    const account = await openAccount(instance);
    const { notices } = await listen(account);
    const order = await rest(instance, account, yes, '0.6', '30');
    const taken = [{ side: 'ask', price: price('0.6'), quantity: shares('10') }];
    expect(notices).toEqual([{ conditionId: yes.conditionId, portfolioId: account.id, orderIds: [order], taken }]);

    const kept = await keep(instance, yes);
    const market = new TestMarket(trading.clock, [kept]);
    market.snapshot([['0.4', '100']], [['0.65', '10']]);
    market.print('sell', '0.59', '8');
    await market.settled();
    expect((await orderOf(instance, account, order)).order.filledQuantity).toBe(shares('18'));
    expect(notices).toHaveLength(1);

    // Heard, a notice brings a new order into the book and takes an ended one out of it.
    const next = await rest(instance, account, yes, '0.3', '5');
    await instance.orders.cancel(account.owner, account.id, order);
    for (const notice of notices.splice(0)) kept.notice(notice);
    await market.settled();
    expect(kept.orderCount).toBe(1);
    market.print('sell', '0.29', '50');
    await market.settled();
    expect((await orderOf(instance, account, order)).order).toMatchObject({
      status: 'cancelled',
      filledQuantity: shares('18'),
    });
    expect((await orderOf(instance, account, next)).order.status).toBe('filled');
    await kept.stop();
  });

  it('wants the market of an order that was just placed followed, for a minute', async () => {
    say([instance], refs, { bids: [['0.4', '100']], asks: [['0.6', '10']] });
    const account = await openAccount(instance);
    await rest(instance, account, yes, '0.3', '30');
    const registry = instance.get(InterestRegistry);
    expect(await registry.listOf(portfolioHolder(account.id))).toEqual([
      { conditionId: yes.conditionId, tokenId: yes.tokenId },
    ]);
    trading.clock.advance(60_001);
    expect(await registry.listOf(portfolioHolder(account.id))).toEqual([]);
  });
});

describe('the book an order meets', () => {
  async function follow(change: Partial<LiveBook> = {}): Promise<void> {
    const now = trading.clock.now().getTime();
    const book: LiveBook = {
      conditionId: yes.conditionId,
      marketId: yes.marketId,
      tokenIds: [refs[0].tokenId, refs[1].tokenId],
      outcomes: [refs[0].outcome, refs[1].outcome],
      owner: 'worker',
      epoch: 'e1',
      sequence: 41,
      state: 'live',
      reason: null,
      stateSinceMs: now,
      bids: [{ price: price('0.31'), size: shares('70') }],
      asks: [{ price: price('0.33'), size: shares('50') }],
      tickSize: price('0.01'),
      minOrderSize: shares('5'),
      negRisk: false,
      lastTradePrice: null,
      hash: 'aa',
      venueTimeMs: now - 90_000,
      receivedAtMs: now - 90_000,
      ...change,
    };
    await instance.get(Leases).hold(LIVE_WORKER_ROLE, 'worker', 10_000);
    const store = instance.get(BookStore);
    await store.put([{ conditionId: yes.conditionId, text: encodeLiveBook(book) }], 60_000);
  }

  const take = async (ref: MarketOutcomeRef, at: string) => {
    const account = await openAccount(instance);
    const request = anOrder(ref, { price: price(at), timeInForce: 'fak' });
    return instance.orders.place(account.owner, account.id, request, null);
  };

  it('A2 is the followed one, however long ago it changed', async () => {
    await follow();
    expect((await take(yes, '0.33')).trades).toMatchObject([
      {
        price: price('0.33'),
        quantity: shares('10'),
        midpointAtFill: price('0.32'),
        receipt: { bookSource: 'stream', bookSequence: 41, bookHash: 'aa', displayedSize: shares('50') },
      },
    ]);
  });

  it('B1 is the same one for the second outcome, seen from the other side', async () => {
    await follow();
    expect((await take(refs[1], '0.69')).trades).toMatchObject([
      { price: price('0.69'), receipt: { bookSource: 'stream', bookHash: null, displayedSize: shares('70') } },
    ]);
  });

  it.each([
    [
      'not live',
      { state: 'recovering', reason: 'no snapshot of it has arrived yet' },
      /no snapshot of it has arrived yet/,
    ],
    [
      'followed by nobody that answers',
      { owner: 'somebody who is gone' },
      /the process that follows it does not answer/,
    ],
  ] as const)('A3 is not asked for over REST while the followed one is %s', async (_what, change, reason) => {
    await follow(change);
    const refusal = take(yes, '0.33').catch((error: unknown) => error);
    expect(await refusal).toBeInstanceOf(DomainError);
    expect(await refusal).toMatchObject({ code: 'BOOK.NOT_LIVE', message: expect.stringMatching(reason) });
  });

  it('is asked for over REST where nobody follows the market', async () => {
    const { trades, order } = await take(yes, '0.99');
    expect(order.status).toBe('filled');
    expect(trades[0]?.receipt).toMatchObject({ bookSource: 'rest', bookSequence: null });
  });
});
