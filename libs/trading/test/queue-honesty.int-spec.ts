import {
  type ExecutionProfile,
  formatMicro,
  type MarketOutcomeRef,
  type MicroPrice,
  type MicroShares,
} from '@app/domain';
import { mirrorLevels, type RestingEvent, type RestingOrder } from '@app/exchange';
import type { RestingMarket } from '@app/trading';
import { replay } from '../../exchange/test/replay';
import { simulateMarket } from '../../exchange/test/simulated-market';
import type { Tape } from '../../exchange/test/tape';
import { FreeMarkets, keep, openAccount, type TestAccount } from './resting-harness';
import { anOrder, openTestTrading, shares, type TestTrading, type TradingInstance, usdc } from './trading-harness';

/** `ideal` fills at a touch, as naive paper traders do: the shadow of the same orders. */
const PROFILES = ['conservative', 'realistic', 'ideal'] as const satisfies readonly ExecutionProfile[];

let trading: TestTrading;
let instance: TradingInstance;
let refs: [MarketOutcomeRef, MarketOutcomeRef];

beforeAll(async () => {
  trading = await openTestTrading();
  instance = await trading.start();
  refs = await new FreeMarkets(trading).next();
});

afterAll(() => trading.stop());

/** The displayed book of a tape, for orders to come to rest in. */
class Displayed {
  private readonly sides = { bid: new Map<MicroPrice, MicroShares>(), ask: new Map<MicroPrice, MicroShares>() };

  apply(event: RestingEvent): void {
    if (event.kind === 'snapshot') {
      this.sides.bid = new Map(event.bids.map(({ price, size }) => [price, size]));
      this.sides.ask = new Map(event.asks.map(({ price, size }) => [price, size]));
    }
    if (event.kind !== 'changes') return;
    for (const { side, price, size } of event.changes) {
      if (size === 0n) this.sides[side].delete(price);
      else this.sides[side].set(price, size);
    }
  }

  /** Says it to the books that orders meet. */
  say(): void {
    const levels = (side: 'bid' | 'ask', best: number) =>
      [...this.sides[side]].sort(([a], [b]) => Number(a - b) * best).map(([price, size]) => ({ price, size }));
    const book = { bids: levels('bid', -1), asks: levels('ask', 1) };
    instance.books.sayLevels(refs[0].tokenId, book);
    instance.books.sayLevels(refs[1].tokenId, mirrorLevels(book));
  }
}

/** Rests an order of the tape under each profile. */
async function restAs(
  accounts: ReadonlyMap<ExecutionProfile, TestAccount>,
  { outcomeIndex, side, price, quantity }: RestingOrder,
): Promise<Map<ExecutionProfile, string>> {
  const ids = new Map<ExecutionProfile, string>();
  for (const [profile, { owner, id }] of accounts) {
    const ref = refs[outcomeIndex] ?? refs[0];
    const { order } = await instance.orders.place(owner, id, anOrder(ref, { side, price, quantity }), null);
    expect(order).toMatchObject({ phase: 'resting', filledQuantity: 0n });
    ids.set(profile, order.id);
  }
  return ids;
}

function sumOf(values: readonly bigint[]): bigint {
  return values.reduce((sum, value) => sum + value, 0n);
}

/** What the rules alone fill of each order under a profile. */
function replayed({ conditionId, events }: Tape, orders: readonly RestingOrder[], profile: ExecutionProfile): bigint[] {
  const placed = new Set(orders.map(({ orderId }) => orderId));
  const kept = events.filter((event) => event.kind !== 'place' || placed.has(event.order.orderId));
  const { fills } = replay({ conditionId, events: kept }, { profile });
  return orders.map(({ orderId }) =>
    sumOf(fills.filter((fill) => fill.orderId === orderId).map((fill) => fill.quantity)),
  );
}

it('F2 fills in the store what the rules fill: no more than orders in the true queue would have got, while fills at a touch claim more', async () => {
  const accounts = new Map<ExecutionProfile, TestAccount>();
  for (const profile of PROFILES) {
    const account = await openAccount(instance, { profile, initialBalance: usdc('100000') });
    accounts.set(profile, account);
    const sets = { market: { slug: refs[0].marketId }, quantity: shares('20000') };
    await instance.portfolios.split(account.owner, account.id, sets, null);
  }
  const tape = simulateMarket('queue 3', { steps: 150, ordersPerHundred: 30, gapsPerHundred: 0, portfolios: 1 });
  const shift = trading.clock.now().getTime() + 1_000 - (tape.events[0]?.atMs ?? 0);
  const book = new Displayed();
  const placed: { order: RestingOrder; ids: Map<ExecutionProfile, string> }[] = [];
  const kept: RestingMarket = await keep(instance, refs[0]);
  for (const told of tape.events) {
    const event = { ...told, atMs: told.atMs + shift };
    trading.clock.advance(event.atMs - trading.clock.now().getTime());
    book.apply(event);
    if (event.kind === 'snapshot' || event.kind === 'changes' || event.kind === 'print') {
      kept.apply({ ...event, venueTimeMs: event.venueTimeMs + shift });
    }
    if (event.kind === 'clock') kept.apply(event);
    // The market's smallest order is of five shares.
    if (event.kind !== 'place' || event.order.quantity < shares('5')) continue;
    book.say();
    placed.push({ order: event.order, ids: await restAs(accounts, event.order) });
    await kept.refresh();
  }
  await kept.stop();
  expect(placed).toHaveLength(41);

  const filled = new Map<ExecutionProfile, bigint[]>();
  for (const profile of PROFILES) {
    const byPrint = new Map<string, bigint>();
    const sums: bigint[] = [];
    for (const { ids } of placed) {
      const trades = await instance.repository.tradesOfOrder(ids.get(profile) ?? '');
      sums.push(sumOf(trades.map(({ quantity }) => quantity)));
      for (const { quantity, receipt } of trades) {
        if (receipt.printKey === null || profile === 'ideal') continue;
        const used = (byPrint.get(receipt.printKey) ?? 0n) + quantity;
        byPrint.set(receipt.printKey, used);
        expect(used).toBeLessThanOrEqual(receipt.printSize ?? 0n);
      }
    }
    filled.set(profile, sums);
    expect(sums).toEqual(
      replayed(
        tape,
        placed.map(({ order }) => order),
        profile,
      ),
    );
  }
  expect({
    truth: formatMicro(sumOf(placed.map(({ order }) => tape.truth.get(order.orderId) ?? 0n))),
    ...Object.fromEntries([...filled].map(([profile, sums]) => [profile, formatMicro(sumOf(sums))])),
  }).toEqual({ truth: '1137.39', conservative: '918.955977', realistic: '1034.13', ideal: '1331.21' });
  for (const { id } of accounts.values()) expect(await trading.audit(instance, id)).toEqual([]);
});
