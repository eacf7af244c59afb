import type { Market } from '@app/domain';
import { Leases, Locks } from '@app/platform';
import { waitFor } from '@app/testing';
import { formatMicro } from '@app/domain';
import { conditionOf, DEADLINE, type Listener, LiveWorld, micro } from './live-worker-harness';
import { LiveBooks } from '../src/following/live-books';
import { LiveRunner } from '../src/live-runner';

let world: LiveWorld;
let market: Market;
let told: Listener;

beforeAll(async () => {
  world = await LiveWorld.start();
});
afterAll(() => world.stop());

let number = 0;
beforeEach(async () => {
  await world.venue.reset();
  market = await world.aMarket((number += 1));
  told = await world.listen(market);
  await world.want(market);
  await world.live(market);
  await world.equal(market);
  told.forget();
});
afterEach(async () => {
  await world.wantNoMore(market);
  await waitFor(() => world.get(LiveBooks).find(conditionOf(market)) === null, DEADLINE);
});

/** Waits until the book was not live, and says why it was not at first: it may be on its way back already. */
function untilNotLive(): Promise<string> {
  return waitFor(() => told.states.at(0), { ...DEADLINE, what: 'a state that is not live' });
}

/** Expects that the book is the venue's again, and that whoever listened missed nothing. */
async function expectRecovered(): Promise<void> {
  await world.venue.step(20, { slug: market.slug });
  await world.equal(market);
  const truth = await world.truth(market);
  await waitFor(() => JSON.stringify(told.levels) === JSON.stringify(truth), { ...DEADLINE, what: 'the book as told' });
  expect(told.problems).toEqual([]);
}

const tokens = (): string[] => market.clobTokenIds;

it("is the venue's own after many moves, told without holes, each trade once", async () => {
  await world.venue.step(200, { slug: market.slug });
  await expectRecovered();
  const before = told.prints.length;
  const prints = await world.venue.trade(market.slug, { side: 'BUY', size: '10' });
  await expectRecovered();
  for (const { size, price } of prints) expect(told.prints.slice(before)).toContain(`buy ${size}@${price}`);
});

describe('faults of the stream: nothing counts as live, the reason is told, and the book comes back', () => {
  it('silent freeze that still answers pings', async () => {
    await world.venue.streamFault({ kind: 'freeze', pings: true });
    await world.venue.setLevels(market.slug, [{ side: 'BUY', price: '0.01', size: '77' }]);
    expect(await untilNotLive()).toMatch(/^recovering: it differs from Polymarket's own book at the bid 0.01/);
    await world.venue.healStream();
    await expectRecovered();
  });

  it('silent freeze that answers no pings', async () => {
    await world.venue.streamFault({ kind: 'freeze', pings: false });
    expect(await untilNotLive()).toMatch(/^stale: /);
    await world.venue.healStream();
    await expectRecovered();
  });

  it('dropped asset', async () => {
    await world.venue.streamFault({ kind: 'drop_asset', token_ids: tokens() });
    await world.venue.setLevels(market.slug, [{ side: 'BUY', price: '0.01', size: '78' }]);
    expect(await untilNotLive()).toMatch(/^recovering: it differs from Polymarket's own book/);
    await expectRecovered();
  });

  it('disconnect', async () => {
    await world.venue.streamFault({ kind: 'disconnect' });
    expect(await untilNotLive()).toMatch(/^stale: /);
    await expectRecovered();
  });

  it('duplicate print', async () => {
    await world.venue.streamFault({ kind: 'duplicate_print', slug: market.slug });
    const before = told.prints.length;
    const prints = await world.venue.trade(market.slug, { side: 'SELL', size: '3' });
    await expectRecovered();
    const mine = told.prints.slice(before).filter((print) => print.endsWith(`@${prints[0]!.price}`));
    expect(mine.filter((print) => print.startsWith(`sell ${prints[0]!.size}@`))).toHaveLength(1);
  });

  it('out-of-order frame', async () => {
    await world.venue.streamFault({ kind: 'out_of_order', slug: market.slug });
    await world.venue.setLevels(market.slug, [{ side: 'BUY', price: '0.01', size: '50' }]);
    await world.venue.setLevels(market.slug, [{ side: 'BUY', price: '0.01', size: '60' }]);
    expect(await untilNotLive()).toMatch(/^recovering: /);
    await expectRecovered();
  });

  it('a lost message', async () => {
    await world.venue.streamFault({ kind: 'lose', event: 'price_change', slug: market.slug });
    await world.venue.setLevels(market.slug, [{ side: 'BUY', price: '0.01', size: '51' }]);
    expect(await untilNotLive()).toMatch(/^recovering: it differs from Polymarket's own book/);
    await expectRecovered();
  });

  it('tick change', async () => {
    await world.venue.change(market.slug, { tick_size: 0.001 });
    expect(await untilNotLive()).toBe('recovering: its tick size changed, and no snapshot of it has arrived since');
    await expectRecovered();
    expect(await world.live(market)).toMatchObject({ tickSize: 1_000n });
  });

  it('crossed book', async () => {
    const book = await world.live(market);
    const { price } = book.asks[0]!;
    const phantom = { side: 'BUY', price: formatMicro(price), size: '9.87' } as const;
    await world.venue.setLevels(market.slug, [phantom], { told: 'stream_only' });
    expect(await untilNotLive()).toBe('recovering: its best bid is not below its best ask');
    await expectRecovered();
    expect((await world.live(market)).bids).not.toContainEqual({ price, size: micro(phantom.size) });
  });

  it.each(['text', 'binary', 'cut_json', 'wrong_types', 'unknown_event', 'huge'] as const)(
    'garbage bytes: %s',
    async (content) => {
      await world.venue.streamFault({ kind: 'garbage', content });
      await expectRecovered();
    },
  );

  it('slow drip', async () => {
    await world.venue.streamFault({ kind: 'slow_drip', bytes: 16, every_ms: 5 });
    await world.venue.step(3, { slug: market.slug });
    await world.venue.healStream();
    await expectRecovered();
  });

  it('its lock lost in a round that fails: followed anew', async () => {
    const { epoch } = await world.live(market);
    await world.get(Locks).release([`book:${conditionOf(market)}`], world.get(LiveRunner).instance);
    const leases = world.get(Leases);
    const list = jest.spyOn(leases, 'list').mockRejectedValueOnce(new Error('away'));
    await waitFor(() => list.mock.calls.length > 1, DEADLINE);
    list.mockRestore();
    await world.until(market, (book) => book.state === 'live' && book.epoch !== epoch, 'a live book of another epoch');
  });

  it('market resolved: halted at once, and gone when the venue confirms it', async () => {
    await world.venue.change(market.slug, { resolve: 0 });
    expect(await untilNotLive()).toMatch(/^(halted: |recovering: Polymarket's own book)/);
    await waitFor(() => told.states.some((state) => state.startsWith('halted: ')), DEADLINE);
    await waitFor(() => world.get(LiveBooks).find(conditionOf(market)) === null, DEADLINE);
  });
});
