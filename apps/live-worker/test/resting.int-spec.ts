import { formatMicro, type Market } from '@app/domain';
import { InterestRegistry, portfolioHolder } from '@app/live-data';
import { waitFor } from '@app/testing';
import { LiveBooks } from '../src/following/live-books';
import { WantedMarkets } from '../src/wanted/wanted-markets';
import { conditionOf, DEADLINE, LiveWorld, micro } from './live-worker-harness';

const CENT = 10_000n;

let world: LiveWorld;
let number = 0;

beforeAll(async () => {
  world = await LiveWorld.start();
});
afterAll(() => world.stop());
beforeEach(() => world.venue.reset());

/** A followed market whose spread has room for a bid that improves it. */
async function aRoomyMarket(): Promise<{ market: Market; bid: string; below: string }> {
  for (;;) {
    const market = await world.aMarket((number += 1));
    await world.want(market);
    const { bids, asks } = await world.live(market);
    const [bestBid, bestAsk] = [bids[0]?.price, asks[0]?.price];
    if (bestBid !== undefined && bestAsk !== undefined && bestAsk - bestBid > CENT && bestBid > 2n * CENT) {
      const bid = (bestBid / CENT + 1n) * CENT;
      return { market, bid: formatMicro(bid), below: formatMicro(bestBid - (bestBid % CENT) - CENT) };
    }
    await world.wantNoMore(market);
  }
}

const follower = (market: Market): unknown => world.get(LiveBooks).find(conditionOf(market));
const isResting = (market: Market): boolean =>
  (world.get(LiveBooks).find(conditionOf(market))?.resting?.orderCount ?? 0) > 0;

describe('resting orders on the stream', () => {
  it('F1 fill by prints that went through them, as makers, each print once', async () => {
    const { market, bid, below } = await aRoomyMarket();
    const account = await world.open();
    const placed = await world.bid(account, market, '20', bid);
    await waitFor(() => isResting(market), { ...DEADLINE, what: 'the order in the book' });

    await world.venue.streamFault({ kind: 'duplicate_print', slug: market.slug });
    await world.venue.print(market.slug, { side: 'SELL', size: '8', price: below });
    await waitFor(async () => (await world.order(placed)).order.filledQuantity === micro('8'), DEADLINE);
    await world.venue.print(market.slug, { side: 'SELL', size: '100', price: below });
    const { order, trades } = await waitFor(async () => {
      const found = await world.order(placed);
      return found.order.status === 'filled' ? found : null;
    }, DEADLINE);
    expect(order).toMatchObject({ filledQuantity: micro('20'), fees: 0n, reservedCash: 0n });
    expect(
      trades.map(({ quantity, price, fee, liquidity }) => [formatMicro(quantity), formatMicro(price), fee, liquidity]),
    ).toEqual([
      ['8', bid, 0n, 'maker'],
      ['12', bid, 0n, 'maker'],
    ]);
    expect(await world.audit(account.portfolioId)).toEqual([]);
  });

  it('A3 are not filled by what happened while the book was not live', async () => {
    const { market, bid, below } = await aRoomyMarket();
    const account = await world.open();
    const placed = await world.bid(account, market, '20', bid);
    await waitFor(() => isResting(market), { ...DEADLINE, what: 'the order in the book' });
    await world.venue.streamFault({ kind: 'disconnect' });
    await world.until(market, ({ state }) => state !== 'live', 'a book that is not live');
    await world.venue.print(market.slug, { side: 'SELL', size: '100', price: below });
    await world.live(market);
    await world.equal(market);
    expect((await world.order(placed)).order).toMatchObject({ filledQuantity: 0n, phase: 'resting' });
    await world.venue.print(market.slug, { side: 'SELL', size: '5', price: below });
    await waitFor(async () => (await world.order(placed)).order.filledQuantity === micro('5'), DEADLINE);
    expect(await world.audit(account.portfolioId)).toEqual([]);
  });
});

describe('what is followed', () => {
  /** Waits for as long as a market is followed that nobody wants any more. */
  async function untilUnwantedIsLetGo(): Promise<void> {
    const unwanted = await world.aMarket((number += 1));
    await world.want(unwanted);
    await world.live(unwanted);
    await world.wantNoMore(unwanted);
    await waitFor(() => follower(unwanted) === null, DEADLINE);
  }

  it("is what anybody wants: the end of one interest ends nobody else's", async () => {
    const market = await world.aMarket((number += 1));
    await world.want(market, 'first');
    await world.want(market, 'second');
    const { epoch } = await world.live(market);
    await world.wantNoMore(market, 'first');
    await untilUnwantedIsLetGo();
    await world.venue.step(5, { slug: market.slug });
    await world.equal(market);
    expect((await world.live(market)).epoch).toBe(epoch);
    await world.wantNoMore(market, 'second');
    await waitFor(() => follower(market) === null, DEADLINE);
    await waitFor(async () => (await world.read(market)) === null, { ...DEADLINE, what: 'the end of the stored book' });
  });

  it('is what has open orders or is held, whether anybody watches or not', async () => {
    const { market, bid, below } = await aRoomyMarket();
    const account = await world.open();
    const placed = await world.bid(account, market, '6', bid);
    await waitFor(() => isResting(market), DEADLINE);
    await world.wantNoMore(market);
    // Who just placed an order wants its market for a minute, whatever becomes of the order.
    await world.get(InterestRegistry).withdrawAll(portfolioHolder(account.portfolioId));
    await untilUnwantedIsLetGo();
    expect(follower(market)).not.toBeNull();
    await world.venue.print(market.slug, { side: 'SELL', size: '6', price: below });
    await waitFor(async () => (await world.order(placed)).order.status === 'filled', DEADLINE);
    await waitFor(() => !world.get(WantedMarkets).hasOrders(conditionOf(market)), DEADLINE);
    await untilUnwantedIsLetGo();
    expect(follower(market)).not.toBeNull();
    await world.venue.step(5, { slug: market.slug });
    await world.equal(market);
  });

  it('is begun anew in another epoch', async () => {
    const market = await world.aMarket((number += 1));
    await world.want(market);
    const first = await world.live(market);
    await world.wantNoMore(market);
    await waitFor(() => follower(market) === null, DEADLINE);
    await world.want(market);
    // What was stored last may be read for a moment yet.
    const isAnew = async (): Promise<boolean> => (await world.live(market)).epoch !== first.epoch;
    await waitFor(isAnew, { ...DEADLINE, what: 'another epoch' });
  });
});
