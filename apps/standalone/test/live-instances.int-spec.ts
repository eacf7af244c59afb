import type { ServerMessageOf } from '@app/contracts';
import type { Market } from '@app/domain';
import { startTestStore, type TestSimulator, type TestStore, waitFor } from '@app/testing';
import { hasRedisServer, startTestRedis, type TestRedis } from '../../../libs/platform/test/redis-server';
import { ownerOf } from '../../live-worker/src/ownership/rendezvous';
import { DEADLINE, LiveStack, LiveTrader, startLiveVenue } from './live-stack';

const lane = hasRedisServer() ? describe : describe.skip;

lane('two instances of api and live-worker on one Redis', () => {
  let redis: TestRedis;
  let store: TestStore;
  let venue: TestSimulator;
  let stacks: LiveStack[];
  const traders: LiveTrader[] = [];

  beforeAll(async () => {
    [redis, store, venue] = await Promise.all([startTestRedis(), startTestStore(), startLiveVenue()]);
    const shared = { redisUrl: redis.url, store, venue };
    stacks = [await LiveStack.start({ ...shared, markets: 16 }), await LiveStack.start({ ...shared, markets: 0 })];
  });
  afterEach(async () => {
    await Promise.all(traders.splice(0).map(({ live }) => live.close()));
  });
  afterAll(async () => {
    await Promise.all((stacks ?? []).map((stack) => stack.stop()));
    await venue?.stop();
    await store?.stop();
    await redis?.stop();
  });

  /** A trader at each instance, who watches the same market. */
  async function arriveAtBoth(market: Market): Promise<[LiveTrader, LiveTrader]> {
    const [first, second] = await Promise.all(stacks.map((stack) => LiveTrader.arrive(stack, market)));
    if (first === undefined || second === undefined) throw new Error('there are two instances');
    traders.push(first, second);
    return [first, second];
  }

  const firstStack = (): LiveStack => {
    const [stack] = stacks;
    if (stack === undefined) throw new Error('there are two instances');
    return stack;
  };

  it('tell a client of each the same sequences, whichever of them follows a market', async () => {
    for (let count = 0; count < 4; count += 1) {
      const market = firstStack().takeMarket();
      const [one, other] = await arriveAtBoth(market);
      expect(stacks.filter((stack) => stack.follows(market))).toHaveLength(1);
      for (let burst = 0; burst < 5; burst += 1) {
        await venue.step(20, { slug: market.slug });
        await venue.trade(market.slug, { side: burst % 2 === 0 ? 'BUY' : 'SELL', size: '7' });
      }
      await Promise.all([one.untilRight(), other.untilRight()]);
      const [told, toldOther] = [one, other].map(({ live }) => deltasOf(live.all('book_delta')));
      expect(told?.size).toBeGreaterThan(100);
      expect(told).toEqual(toldOther);
      const trades = [one, other].map(({ live }) => live.all('trade'));
      expect(trades[0]).not.toEqual([]);
      expect(trades[0]).toEqual(trades[1]);
    }
  });

  it('fill an order placed at either once, and tell its owner at the other', async () => {
    const market = firstStack().takeMarket();
    const [one, other] = await arriveAtBoth(market);
    for (const trader of [one, other]) {
      const { order, below } = await trader.bid(12, stacks);
      await venue.print(market.slug, { side: 'SELL', size: '9', price: below });
      await waitFor(() => trader.live.all('fill').length > 0, { ...DEADLINE, what: 'a fill' });
      expect(await trader.order(order.id)).toMatchObject({ filled_quantity: 9, fills: [{ quantity: 9 }] });
      await trader.cancelAll();
      expect(await trader.stack.audit(trader.path)).toEqual([]);
    }
  });

  it('goes on at the one that is left, with the numbers begun anew, when the one that followed stops', async () => {
    // The first stack leaves: passport keeps one strategy for the whole process, which stands on the stack that was started last.
    const instances = stacks.map(({ instance }) => instance);
    let market = firstStack().takeMarket();
    while (ownerOf(market.conditionId ?? '', instances) !== firstStack().instance) market = firstStack().takeMarket();
    const [leaving, staying] = await arriveAtBoth(market);
    expect(leaving.stack.follows(market)).toBe(true);
    const { order, below } = await staying.bid(12, stacks);
    stacks = stacks.filter((stack) => stack === staying.stack);
    await leaving.stack.stop();
    expect(await leaving.live.ended()).toMatchObject({ code: 1001 });
    await waitFor(() => staying.stack.follows(market), { ...DEADLINE, what: 'the other instance to follow it' });
    await waitFor(() => staying.stack.restingOrders(market) > 0, { ...DEADLINE, what: 'the order in the book' });
    await staying.untilRight();
    expect(staying.live.all('resync').at(-1)).toMatchObject({ reason: 'restart' });
    await venue.print(market.slug, { side: 'SELL', size: '4', price: below });
    await waitFor(() => staying.live.all('fill').length > 0, { ...DEADLINE, what: 'a fill' });
    expect(await staying.order(order.id)).toMatchObject({ filled_quantity: 4, fills: [{ quantity: 4 }] });
    await staying.cancelAll();
    await venue.step(20, { slug: market.slug });
    await staying.untilRight();
    expect(await staying.stack.audit(staying.path)).toEqual([]);
  });
});

/** What was told under each number of each token's book. */
function deltasOf(deltas: readonly ServerMessageOf<'book_delta'>[]): Map<string, ServerMessageOf<'book_delta'>> {
  return new Map(deltas.map((delta) => [`${delta.token_id} ${delta.sequence}`, delta]));
}
