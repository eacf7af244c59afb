import {
  DomainError,
  type MarketOutcomeRef,
  type MicroPrice,
  type MicroShares,
  type Order,
  type Trade,
} from '@app/domain';
import {
  type BookLevel,
  DEFAULT_RESTING_SETTINGS,
  type MakerFill,
  RestingBook,
  type RestingEvent,
  restingOrderOf,
  seededRandom,
} from '@app/exchange';
import { DEFAULT_TRADING_OPTIONS, RestingOrders } from '@app/trading';
import { setTimeout as delay } from 'node:timers/promises';
import { simulateMarket } from '../../exchange/test/simulated-market';
import { AccountDecisions } from '../src/account/account-decisions';
import { AccountAnnouncer } from '../src/announcing/account-announcer';
import { RestingMarket } from '../src/resting/resting-market';
import { RestingMetrics } from '../src/resting/resting-metrics';
import { FreeMarkets, keep, openAccount, rest, say, type TestAccount, TestMarket } from './resting-harness';
import {
  anOrder,
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
let free: FreeMarkets;
let refs: [MarketOutcomeRef, MarketOutcomeRef];
let accounts: TestAccount[];
let keepers: RestingMarket[];

beforeAll(async () => {
  trading = await openTestTrading();
  [first, second] = await Promise.all([trading.start(), trading.start()]);
  free = new FreeMarkets(trading);
});

afterAll(() => trading.stop());

beforeEach(async () => {
  refs = await free.next();
  accounts = [];
  keepers = [];
});

afterEach(async () => {
  await Promise.all(keepers.map((keeper) => keeper.stop()));
  for (const { id } of accounts) expect(await trading.audit(first, id)).toEqual([]);
});

type MarketEvent = Extract<RestingEvent, { kind: 'snapshot' | 'changes' | 'print' | 'gap' | 'clock' }>;

/** What happened in a market made up from a seed, from now on. */
function tapeOf(seed: string, steps: number): MarketEvent[] {
  const { events } = simulateMarket(seed, { steps, ordersPerHundred: 0, gapsPerHundred: 0.3 });
  const shift = trading.clock.now().getTime() + 1_000 - (events[0]?.atMs ?? 0);
  return events.flatMap((event) => {
    switch (event.kind) {
      case 'snapshot':
      case 'changes':
      case 'print':
        return { ...event, atMs: event.atMs + shift, venueTimeMs: event.venueTimeMs + shift };
      case 'gap':
      case 'clock':
        return { ...event, atMs: event.atMs + shift };
      default:
        return [];
    }
  });
}

async function open(count: number): Promise<void> {
  say([first, second], refs, { bids: [['0.01', '50']], asks: [['0.99', '50']] });
  for (let made = 0; made < count; made += 1) {
    const account = await openAccount(first, { initialBalance: usdc('100000') });
    accounts.push(account);
    const sets = { market: { slug: refs[0].marketId }, quantity: shares('20000') };
    await first.portfolios.split(account.owner, account.id, sets, null);
  }
}

/** Rests orders around the middle, through both outcomes. */
async function restSome(
  instance: TradingInstance,
  account: TestAccount,
  random: () => number,
  count: number,
): Promise<string[]> {
  const ids: string[] = [];
  for (let made = 0; made < count; made += 1) {
    const ref = refs[random() < 0.5 ? 0 : 1];
    const side = random() < 0.5 ? 'buy' : 'sell';
    const cents = side === 'buy' ? 20 + Math.floor(random() * 35) : 45 + Math.floor(random() * 35);
    const quantity = (5 + Math.floor(random() * 60)).toString();
    ids.push(await rest(instance, account, ref, (cents / 100).toString(), quantity, { side }));
  }
  return ids;
}

async function tradesOf(orders: readonly string[]): Promise<Trade[]> {
  return [...(await first.repository.tradesOfOrders(orders)).values()].flat();
}

/** No order twice by one print; together no more of a print than its size for one portfolio. */
function checkPrints(trades: readonly Trade[]): void {
  const seen = new Set<string>();
  const used = new Map<string, bigint>();
  for (const { orderId, portfolioId, quantity, receipt } of trades) {
    if (receipt.printKey === null) continue;
    expect(seen.has(`${orderId} ${receipt.printKey}`)).toBe(false);
    seen.add(`${orderId} ${receipt.printKey}`);
    const key = `${portfolioId} ${receipt.printKey}`;
    used.set(key, (used.get(key) ?? 0n) + quantity);
    expect(used.get(key)).toBeLessThanOrEqual(receipt.printSize ?? 0n);
  }
}

/** What the rules alone make of a tape. */
function replayed(orders: readonly Order[], tape: readonly MarketEvent[]): Map<string, bigint> {
  const book = new RestingBook(refs[0].conditionId, DEFAULT_RESTING_SETTINGS);
  const filled = new Map<string, bigint>();
  const [{ atMs = 0 } = {}] = tape;
  for (const order of orders) book.apply({ kind: 'place', atMs: atMs - 1, order: restingOrderOf(order) });
  for (const event of tape) {
    for (const fill of book.apply(event).filter((outcome): outcome is MakerFill => outcome.kind === 'fill')) {
      filled.set(fill.orderId, (filled.get(fill.orderId) ?? 0n) + fill.quantity);
    }
  }
  return filled;
}

const stored = (trades: readonly Trade[]): Map<string, bigint> => {
  const filled = new Map<string, bigint>();
  for (const { orderId, quantity } of trades) filled.set(orderId, (filled.get(orderId) ?? 0n) + quantity);
  return filled;
};

const resting = async (ids: readonly string[]): Promise<Order[]> => first.repository.findOrders(ids);

it.each([
  ['one process', 1],
  ['two processes that both keep the market', 2],
])('fills in the store what the rules fill of a tape, with %s', async (_what, processes) => {
  await open(4);
  const random = seededRandom(`tape ${processes}`);
  const ids: string[] = [];
  for (const account of accounts) ids.push(...(await restSome(first, account, random, 12)));
  const orders = await resting(ids);
  for (const instance of [first, second].slice(0, processes)) keepers.push(await keep(instance, refs[0]));
  const tape = tapeOf('two keepers', 250);
  for (const [index, event] of tape.entries()) {
    trading.clock.advance(event.atMs - trading.clock.now().getTime());
    for (const keeper of keepers) keeper.apply(event);
    // Now and then one of them is ahead of the other in the store.
    if (index % 7 === 0) await keepers[index % processes]?.settled();
  }
  await Promise.all(keepers.map((keeper) => keeper.settled()));
  const trades = await tradesOf(ids);
  checkPrints(trades);
  expect(stored(trades).size).toBeGreaterThan(10);
  expect(stored(trades)).toEqual(replayed(orders, tape));
});

it('D4 lets cancels, expiries, new orders, takers and resets race with fills', async () => {
  await open(4);
  const random = seededRandom('races');
  const ids: string[] = [];
  for (const account of accounts) ids.push(...(await restSome(first, account, random, 8)));
  keepers.push(await keep(first, refs[0]));
  const tape = tapeOf('races', 200);
  const deeds: Promise<unknown>[] = [];
  const expiresAt = (): Date => new Date(trading.clock.now().getTime() + 60_500 + Math.floor(random() * 5_000));
  const refused = (error: unknown): void => {
    if (!(error instanceof DomainError)) throw error;
  };
  for (const [index, event] of tape.entries()) {
    trading.clock.advance(event.atMs - trading.clock.now().getTime());
    keepers[0]?.apply(event);
    if (index % 5 !== 0) continue;
    const account = accounts[index % accounts.length];
    const instance = index % 2 === 0 ? first : second;
    if (account === undefined) continue;
    const { owner, id } = account;
    const orderId = ids[Math.floor(random() * ids.length)] ?? '';
    const taker = anOrder(refs[0], { price: price('0.99'), quantity: shares('7'), timeInForce: 'fak' });
    const gtd = { timeInForce: 'gtd' as const, expiresAt: expiresAt() };
    const deed = [
      () => instance.orders.cancel(owner, id, orderId),
      () => rest(instance, account, refs[0], '0.45', '20', gtd).then((placed) => ids.push(placed)),
      () => instance.upkeep.expireDue(trading.clock.now()),
      () => instance.orders.place(owner, id, taker, null),
      () => restSome(instance, account, random, 2).then((placed) => ids.push(...placed)),
      () => instance.orders.cancelAll(owner, id, {}),
      () => (random() < 0.3 ? instance.portfolios.reset(owner, id, null) : Promise.resolve()),
    ][Math.floor(random() * 7)];
    if (deed !== undefined) deeds.push(deed().catch(refused));
    if (index % 20 === 0) deeds.push(keepers[0]?.refresh() ?? Promise.resolve());
    if (index % 15 === 0) await Promise.all(deeds.splice(0));
  }
  await Promise.all(deeds);
  await keepers[0]?.settled();
  const trades = await tradesOf(ids);
  checkPrints(trades.filter(({ liquidity }) => liquidity === 'maker'));
  expect(trades.filter(({ liquidity }) => liquidity === 'maker').length).toBeGreaterThan(10);
});

it('loses no order and fills none twice when its keeper dies, however its last commits ended', async () => {
  await open(3);
  const random = seededRandom('a death');
  const ids: string[] = [];
  for (const account of accounts) ids.push(...(await restSome(first, account, random, 12)));
  const before = await resting(ids);
  const dying = await keepUntil(first, 6);
  const tape = tapeOf('a death', 400);
  const death = Math.floor(tape.length / 5);
  let heir: RestingMarket | null = null;
  for (const [index, event] of tape.entries()) {
    trading.clock.advance(event.atMs - trading.clock.now().getTime());
    if (index < death) dying.apply(event);
    // It stores what it can as it goes.
    if (index < death && index % 3 === 0) await Promise.race([dying.settled(), delay(30)]);
    if (index % 9 === 0) await heir?.settled();
    if (index === death) {
      // Nothing of the first is heard again, but what it had under way.
      heir = await keep(second, refs[0]);
      keepers.push(heir);
      const book = bookAt(tape.slice(0, index + 1));
      if (book !== null) heir.apply(book);
    }
    if (index > death) heir?.apply(event);
  }
  await heir?.settled();
  await dying.stop();
  const trades = await tradesOf(ids);
  checkPrints(trades);
  const after = await resting(ids);
  expect(after).toHaveLength(before.length);
  expect(after.every(({ phase, status }) => phase === 'resting' || status === 'filled')).toBe(true);
  const deathMs = tape[death]?.atMs ?? 0;
  const wereBefore = trades.map(({ tradedAt }) => tradedAt.getTime() < deathMs);
  expect(wereBefore).toEqual(expect.arrayContaining([true, false]));
});

it.each([
  ['before it writes', false, 3],
  ['after it has written', true, 1],
])('stores each fill once with a store that is away for a while, %s', async (_when, isWritten, times) => {
  await open(1);
  const [account] = accounts;
  if (account === undefined) throw new Error('there is one');
  const id = await rest(first, account, refs[0], '0.4', '50');
  let failures = times;
  const keeper = await keepWith(first, async (commit) => {
    if (failures === 0 || isWritten) await commit();
    if (failures === 0) return;
    failures -= 1;
    throw AWAY;
  });
  keepers.push(keeper);
  const market = new TestMarket(trading.clock, [keeper]);
  market.snapshot([['0.4', '10']], [['0.6', '10']]);
  for (const size of ['20', '5', '5']) market.print('sell', '0.4', size);
  await market.settled();
  expect(failures).toBe(0);
  const trades = await tradesOf([id]);
  expect(trades.map(({ quantity }) => quantity)).toEqual([shares('20'), shares('5'), shares('5')]);
  // What the book knows is what is stored: the next print goes on from there.
  market.print('sell', '0.39', '100');
  await market.settled();
  expect(stored(await tradesOf([id])).get(id)).toBe(shares('50'));
});

it('B2 fills no order twice by one print, though its keepers know of different ones', async () => {
  await open(1);
  const [account] = accounts;
  if (account === undefined) throw new Error('there is one');
  const id = await rest(first, account, refs[0], '0.4', '50');
  keepers.push(await keep(first, refs[0]), await keep(second, refs[0]));
  const [one, other] = keepers.map((keeper) => new TestMarket(trading.clock, [keeper]));
  const at = trading.clock.now().getTime() + 5_000;
  for (const market of [one, other]) market?.snapshot([['0.4', '10']], [['0.6', '10']]);
  const late = { kind: 'print', aggressor: 'sell', price: price('0.4'), size: shares('7'), venueTimeMs: at } as const;
  // The second keeper hears of the later print only, and stores it first.
  other?.apply({ ...late, transactionHash: '0xlate' });
  await other?.settled();
  // The first one takes the order for unfilled still, reads it anew, and hears of the later print after that.
  one?.print('sell', '0.4', '4', '0xearly');
  await one?.settled();
  one?.apply({ ...late, transactionHash: '0xlate' });
  await one?.settled();
  expect((await tradesOf([id])).map(({ quantity, receipt }) => [quantity, receipt.printKey?.slice(-6)])).toEqual([
    [shares('7'), '0xlate'],
  ]);
  // What is new to both fills it once, whoever is first.
  for (const market of [one, other]) market?.apply({ ...late, venueTimeMs: at + 1, transactionHash: '0xnext' });
  await Promise.all([one?.settled(), other?.settled()]);
  expect(stored(await tradesOf([id])).get(id)).toBe(shares('14'));
});

it('lets go of what cannot be stored when it is stopped: the orders rest as they are stored', async () => {
  await open(1);
  const [account] = accounts;
  if (account === undefined) throw new Error('there is one');
  const id = await rest(first, account, refs[0], '0.4', '50');
  const keeper = await keepWith(first, () => Promise.reject(AWAY));
  const market = new TestMarket(trading.clock, [keeper]);
  market.snapshot([['0.4', '10']], [['0.6', '10']]);
  market.print('sell', '0.4', '30');
  await keeper.stop();
  market.print('sell', '0.4', '30');
  expect(await resting([id])).toMatchObject([{ phase: 'resting', filledQuantity: 0n }]);
  await expect(keeper.refresh()).rejects.toThrow('not kept any more');
});

const AWAY = new DomainError('STORE.UNAVAILABLE', 'The database cannot be reached; try again in a moment.');

/** Keeps the market with a store that after some commits does not answer: one commit happens all the same, those after it do not. */
async function keepUntil(instance: TradingInstance, commits: number): Promise<RestingMarket> {
  let left = commits;
  return keepWith(instance, async (commit) => {
    left -= 1;
    if (left >= 0) await commit();
    if (left <= 0) throw AWAY;
  });
}

/** Keeps the market with a store whose commits go through something. */
async function keepWith(
  instance: TradingInstance,
  through: (commit: () => Promise<void>) => Promise<void>,
): Promise<RestingMarket> {
  const repository = Object.create(instance.repository) as TradingInstance['repository'];
  repository.commit = (writes) => through(() => instance.repository.commit(writes));
  const { clock } = trading;
  const { waiting } = instance;
  const decisions = new AccountDecisions(repository, waiting, clock, instance.get(AccountAnnouncer));
  // Its tries are not to move the clock of everybody.
  const still = Object.assign(Object.create(waiting) as typeof waiting, { for: () => delay(5) });
  const options = DEFAULT_TRADING_OPTIONS;
  const metrics = instance.get(RestingMetrics);
  const services = { decisions, repository, waiting: still, clock, options, metrics };
  const market = new RestingMarket({ conditionId: refs[0].conditionId }, services);
  await market.refresh();
  return market;
}

/** The whole book as it is after some events; null while it is not live. */
function bookAt(events: readonly MarketEvent[]): Extract<MarketEvent, { kind: 'snapshot' }> | null {
  const bid = new Map<MicroPrice, MicroShares>();
  const ask = new Map<MicroPrice, MicroShares>();
  let last: Extract<MarketEvent, { kind: 'snapshot' }> | null = null;
  for (const event of events) {
    if (event.kind === 'gap') last = null;
    if (event.kind === 'snapshot') {
      last = event;
      bid.clear();
      ask.clear();
      for (const { price: at, size } of event.bids) bid.set(at, size);
      for (const { price: at, size } of event.asks) ask.set(at, size);
    }
    if (event.kind !== 'changes' || last === null) continue;
    last = { ...last, atMs: event.atMs, venueTimeMs: event.venueTimeMs };
    for (const { side, price: at, size } of event.changes) (side === 'bid' ? bid : ask).set(at, size);
  }
  const levels = (side: ReadonlyMap<MicroPrice, MicroShares>, best: number): BookLevel[] =>
    [...side]
      .filter(([, size]) => size > 0n)
      .sort(([a], [b]) => Number(a - b) * best)
      .map(([at, size]) => ({ price: at, size }));
  return last === null ? null : { ...last, bids: levels(bid, -1), asks: levels(ask, 1) };
}

it('opens on what is stored', async () => {
  await open(1);
  const [account] = accounts;
  if (account === undefined) throw new Error('there is one');
  await restSome(first, account, seededRandom('opens'), 5);
  const kept = await second.get(RestingOrders).open({ conditionId: refs[0].conditionId });
  keepers.push(kept);
  expect(kept.orderCount).toBe(5);
});
