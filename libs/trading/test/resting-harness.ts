import type { MarketOutcomeRef, MicroPrice, Order, OrderSide, Trade } from '@app/domain';
import type { BookSide, RestingEvent } from '@app/exchange';
import type { ManualClock } from '@app/testing';
import { type OrderRequest, type Owner, type RestingMarket, RestingOrders } from '@app/trading';
import {
  anOrder,
  anOwner,
  openPortfolio,
  price,
  shares,
  type TestLevels,
  type TestTrading,
  type TradingInstance,
} from './trading-harness';

type Untimed<T> = T extends unknown ? Omit<T, 'atMs'> : never;
type MarketEvent = Untimed<Parameters<RestingMarket['apply']>[0]>;

/** A portfolio and its owner. */
export interface TestAccount {
  owner: Owner;
  id: string;
}

/** What a test tells of the market, to one keeper of its resting orders or to several. Everything happens ten milliseconds after what was before it, unless said otherwise. */
export class TestMarket {
  private sequence = 0;

  constructor(
    private readonly clock: ManualClock,
    private readonly markets: readonly RestingMarket[],
  ) {}

  apply(event: MarketEvent, afterMs = 10): void {
    this.clock.advance(afterMs);
    const atMs = this.clock.now().getTime();
    for (const market of this.markets) market.apply({ ...event, atMs });
  }

  /** The whole book, in prices of the first outcome. */
  snapshot(bids: TestLevels, asks: TestLevels): void {
    const levels = (side: TestLevels): { price: MicroPrice; size: ReturnType<typeof shares> }[] =>
      side.map(([at, size]) => ({ price: price(at), size: shares(size) }));
    this.sequence += 1;
    const venueTimeMs = this.clock.now().getTime() + 10;
    this.apply({
      kind: 'snapshot',
      venueTimeMs,
      bids: levels(bids),
      asks: levels(asks),
      sequence: this.sequence,
      hash: null,
    });
  }

  change(side: BookSide, at: string, size: string): void {
    this.sequence += 1;
    const changes = [{ side, price: price(at), size: shares(size) }];
    const venueTimeMs = this.clock.now().getTime() + 10;
    this.apply({ kind: 'changes', venueTimeMs, changes, sequence: this.sequence });
  }

  print(aggressor: OrderSide, at: string, size: string, hash: string | null = null): void {
    const venueTimeMs = this.clock.now().getTime() + 10;
    this.apply({ kind: 'print', venueTimeMs, aggressor, price: price(at), size: shares(size), transactionHash: hash });
  }

  gap(): void {
    this.apply({ kind: 'gap', state: 'stale', reason: 'its stream fell silent' });
  }

  pass(ms: number): void {
    this.apply({ kind: 'clock' }, ms);
  }

  async settled(): Promise<void> {
    await Promise.all(this.markets.map((market) => market.settled()));
  }
}

/** Opens a portfolio whose fills are realistic and whose orders arrive at once. */
export async function openAccount(
  instance: TradingInstance,
  wanted: Parameters<typeof openPortfolio>[2] = {},
): Promise<TestAccount> {
  const owner = anOwner('premium_user');
  const { id } = await openPortfolio(instance, owner, { profile: 'realistic', latency: 'ideal', ...wanted });
  return { owner, id };
}

/** Places an order that comes to rest; by default one to buy. */
export async function rest(
  instance: TradingInstance,
  account: TestAccount,
  ref: MarketOutcomeRef,
  at: string,
  quantity: string,
  other: Partial<OrderRequest> = {},
): Promise<string> {
  const request = anOrder(ref, { price: price(at), quantity: shares(quantity), ...other });
  const { order } = await instance.orders.place(account.owner, account.id, request, null);
  if (order.phase !== 'resting') throw new Error(`the order is ${order.status}: ${order.rejectReason ?? ''}`);
  return order.id;
}

export function keep(instance: TradingInstance, { conditionId }: MarketOutcomeRef): Promise<RestingMarket> {
  return instance.get(RestingOrders).open({ conditionId });
}

export async function orderOf(
  { orders }: TradingInstance,
  { owner, id }: TestAccount,
  orderId: string,
): Promise<{ order: Order; trades: Trade[] }> {
  return orders.get(owner, id, orderId);
}

/** Markets of two outcomes without delay, each given once. */
export class FreeMarkets {
  private readonly given = new Set<string>();

  constructor(private readonly trading: TestTrading) {}

  async next(): Promise<[MarketOutcomeRef, MarketOutcomeRef]> {
    const refs = await this.trading.findMarket(
      (row) => row.secondsDelay == null && !this.given.has(String(row.conditionId)),
    );
    const [yes, no] = refs;
    if (yes === undefined || no === undefined) throw new Error('a market has two outcomes');
    this.given.add(yes.conditionId);
    return [yes, no];
  }
}

/** Sets the books of both outcomes, which orders meet as they arrive, to one canonical book. */
export function say(
  instances: readonly TradingInstance[],
  [yes, no]: readonly [MarketOutcomeRef, MarketOutcomeRef],
  book: { bids: TestLevels; asks: TestLevels },
): void {
  const turned = (side: TestLevels): TestLevels =>
    side.map(([at, size]) => [(Math.round(1e6 - Number(at) * 1e6) / 1e6).toString(), size] as const);
  for (const { books } of instances) {
    books.say(yes.tokenId, book);
    books.say(no.tokenId, { bids: turned(book.asks), asks: turned(book.bids) });
  }
}

export type { RestingEvent };
