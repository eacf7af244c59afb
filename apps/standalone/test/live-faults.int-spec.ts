import type { OrderBody } from '@app/contracts';
import { waitFor } from '@app/testing';
import { DEADLINE, LiveStack, LiveTrader } from './live-stack';

let stack: LiveStack;
let trader: LiveTrader;
let order: OrderBody;
/** A price at which a trade goes through the order. */
let below: string;

beforeAll(async () => {
  stack = await LiveStack.start({ markets: 11 });
});
afterAll(() => stack?.stop());

beforeEach(async () => {
  trader = await LiveTrader.arrive(stack, stack.takeMarket());
  ({ order, below } = await trader.bid(20));
});
afterEach(async () => {
  await trader.live.close();
  await stack.venue.reset();
});

/** Somebody at the venue sells through the order's price. */
const sellThrough = (size: string): Promise<void> =>
  stack.venue.print(trader.market.slug, { side: 'SELL', size, price: below });

/** Expects that the order fills, now that the book is live, and that what happened before is no part of it. */
async function expectFillsAnew(): Promise<void> {
  await sellThrough('5');
  await waitFor(() => trader.live.all('fill').length > 0, { ...DEADLINE, what: 'a fill' });
  expect(
    trader.live.all('fill').map(({ fill }) => [fill.quantity, fill.price, fill.liquidity, fill.receipt.rule]),
  ).toEqual([[5, order.price, 'maker', 'F1']]);
  expect(await trader.order(order.id)).toMatchObject({ filled_quantity: 5, fills: [{ quantity: 5, fee: 0 }] });
}

/** Expects that the client's books go on with the venue's, under numbers without holes, and that the money is right. */
async function expectGoesOn(): Promise<void> {
  await trader.cancelAll();
  await stack.venue.step(20, { slug: trader.market.slug });
  await trader.untilRight();
  // The stream's beginning apart, nobody had to be told anew.
  expect(trader.live.all('resync').filter(({ reason }) => reason !== 'restart')).toEqual([]);
  expect(await stack.audit(trader.path)).toEqual([]);
}

/**
 * Lets a fault come and go. While the book is not live nothing fills, whatever the venue tells, and client, health and metrics say so; afterwards the books are the venue's again,
 * without a restart of anything.
 * @param isLasting whether the fault lasts until it is healed
 */
async function survive(strike: () => Promise<unknown>, reason: RegExp, isLasting = false): Promise<void> {
  const recoveriesBefore = await countRecoveries();
  await Promise.all([untilShownInHealth(), strikeAndSell(strike, reason)]);
  if (isLasting) await expectTakersRefused();
  expect(trader.live.all('fill')).toEqual([]);
  expect(await trader.order(order.id)).toMatchObject({ filled_quantity: 0, status: 'open' });

  if (isLasting) await stack.venue.healStream();
  await trader.untilRight();
  await waitFor(async () => (await countRecoveries()) > recoveriesBefore, { ...DEADLINE, what: 'the metrics of it' });
  await expectFillsAnew();
  await expectGoesOn();
}

/** As soon as the client knows that the book is not live, there is a trade that would fill the order. */
async function strikeAndSell(strike: () => Promise<unknown>, reason: RegExp): Promise<void> {
  await strike();
  const told = await waitFor(() => trader.states[0], { ...DEADLINE, what: 'a state that is not live' });
  await sellThrough('100');
  expect(told).toMatch(reason);
}

/** A health that is asked again and again finds even a short doubt; of many doubtful books it names five. */
async function untilShownInHealth(): Promise<void> {
  const isShown = (health: string): boolean => {
    const named = [...health.matchAll(/; (\S+) is (?:stale|recovering): \w/g)].map(([, slug]) => slug);
    return named.includes(trader.market.slug) || named.length === 5;
  };
  await waitFor(async () => isShown(await stack.bookHealth()), { ...DEADLINE, what: 'the state in the health' });
}

/** How often whole books were asked for again, over the connection there was or a new one. */
async function countRecoveries(): Promise<number> {
  const reconnects = await stack.metric('live_stream_counts{kind="reconnects"}');
  return reconnects + (await stack.metric('live_resubscriptions_total'));
}

async function expectTakersRefused(): Promise<void> {
  const notLive = async (): Promise<number> =>
    (await stack.metric('live_books{state="stale"}')) + (await stack.metric('live_books{state="recovering"}'));
  await waitFor(async () => (await notLive()) > 0, { ...DEADLINE, what: 'the state in the metrics' });
  const { slug: market_id } = trader.market;
  const taker = { market_id, outcome_index: 0, side: 'buy', type: 'limit', price: 0.99, quantity: 5 };
  expect(await trader.account.post(`${trader.path}/orders`, taker)).toMatchObject({
    status: 409,
    body: { code: 'BOOK.NOT_LIVE', detail: expect.stringMatching(/stale|recovering/) },
  });
}

/** Changes the book far from the order. */
const changeFarAway = (size: string): Promise<void> =>
  stack.venue.setLevels(trader.market.slug, [{ side: 'BUY', price: '0.01', size }]);

describe('faults of the stream, as a client of /ws/live with a resting order lives through them', () => {
  it('silent freeze that still answers pings', () =>
    survive(
      async () => {
        await stack.venue.streamFault({ kind: 'freeze', pings: true });
        await changeFarAway('77');
      },
      /^recovering: it differs from Polymarket's own book at the bid 0.01/,
      true,
    ));

  it('silent freeze that answers no pings', () =>
    survive(() => stack.venue.streamFault({ kind: 'freeze', pings: false }), /^stale: /));

  it('dropped asset', () =>
    survive(async () => {
      await stack.venue.streamFault({ kind: 'drop_asset', token_ids: trader.market.clobTokenIds });
      await changeFarAway('78');
    }, /^recovering: it differs from Polymarket's own book/));

  it('disconnect', () =>
    survive(() => stack.venue.streamFault({ kind: 'refuse', times: 1_000 }, { kind: 'disconnect' }), /^stale: /, true));

  it('out-of-order frame', () =>
    survive(async () => {
      await stack.venue.streamFault({ kind: 'out_of_order', slug: trader.market.slug });
      await changeFarAway('50');
      await changeFarAway('60');
    }, /^recovering: /));

  it('tick change', () =>
    survive(
      () => stack.venue.change(trader.market.slug, { tick_size: 0.001 }),
      /^recovering: its tick size changed, and no snapshot of it has arrived since$/,
    ));

  it('crossed book: quotes that touch the order and are not so', () =>
    survive(
      () =>
        stack.venue.setLevels(trader.market.slug, [{ side: 'SELL', price: below, size: '500' }], {
          told: 'stream_only',
        }),
      /^recovering: its best bid is not below its best ask$/,
    ));

  it('garbage bytes', () =>
    survive(
      () => stack.venue.streamFault({ kind: 'garbage', content: 'binary' }),
      /^recovering: its stream sent what could not be read$/,
    ));

  it('slow drip', () =>
    survive(async () => {
      await stack.venue.streamFault({ kind: 'slow_drip', bytes: 4, every_ms: 50 });
      await changeFarAway('79');
    }, /^(recovering|stale): /));

  it('duplicate print: counts once, for the order and for the client', async () => {
    await stack.venue.streamFault({ kind: 'duplicate_print', slug: trader.market.slug });
    await sellThrough('8');
    await waitFor(() => trader.live.all('fill').length > 0, { ...DEADLINE, what: 'a fill' });
    await sellThrough('3');
    await waitFor(() => trader.live.all('fill').length > 1, { ...DEADLINE, what: 'another fill' });
    expect(trader.live.all('fill').map(({ fill }) => fill.quantity)).toEqual([8, 3]);
    const [tokenId] = trader.market.clobTokenIds;
    const trades = trader.live.all('trade').filter(({ token_id: id }) => id === tokenId);
    expect(trades.map(({ size }) => size)).toEqual([8, 3]);
    expect(trader.states).toEqual([]);
    await expectGoesOn();
  });

  it('market resolved: halted with the announcement, and the order ended with the result', async () => {
    await stack.venue.change(trader.market.slug, { resolve: 1 });
    await sellThrough('100').catch(() => undefined);
    await waitFor(() => trader.states.some((state) => /^halted: its result was announced/.test(state)), {
      ...DEADLINE,
      what: 'a halted book',
    });
    const ended = await waitFor(
      async () => {
        const now = await trader.order(order.id);
        return now.status === 'open' ? null : now;
      },
      { ...DEADLINE, what: 'the end of the order' },
    );
    expect(ended).toMatchObject({ status: 'cancelled', filled_quantity: 0, reserved_cash: 0, fills: [] });
    expect(trader.live.all('fill')).toEqual([]);
    expect(await trader.account.detail(trader.path)).toMatchObject({ cash_balance: 10_000, reserved_cash: 0 });
    expect(await stack.audit(trader.path)).toEqual([]);
  });
});
