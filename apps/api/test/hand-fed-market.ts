import { encodeLiveBook, encodeMarketMessage, type LiveBook, marketChannel, type MarketMessage } from '@app/contracts';
import { type Market, microPrice, microShares, type OrderSide } from '@app/domain';
import { type BookSide, type BookState, LevelBook } from '@app/exchange';
import { LIVE_WORKER_ROLE } from '@app/live-data';
import { BookStore, Leases, MessageBus } from '@app/platform';
import type { INestApplicationContext } from '@nestjs/common';

const KEPT_MS = 600_000;

/** Tells clients of one market what a live-worker would, from the test's hand. Prices and sizes are decimals of the first outcome. */
export class HandFedMarket {
  private readonly levels = new LevelBook();
  private readonly bus: MessageBus;
  private readonly store: BookStore;
  private readonly leases: Leases;
  private state: BookState = 'live';
  private reason: string | null = null;
  private stateSinceMs = 1;
  private readonly times = { atMs: 1 };
  owner = 'hand:1';
  epoch = 'epoch-1';
  sequence = 0;

  constructor(
    app: INestApplicationContext,
    readonly market: Market,
  ) {
    this.bus = app.get(MessageBus, { strict: false });
    this.store = app.get(BookStore, { strict: false });
    this.leases = app.get(Leases, { strict: false });
  }

  get firstToken(): string {
    return this.market.clobTokenIds[0] ?? '';
  }

  get secondToken(): string {
    return this.market.clobTokenIds[1] ?? '';
  }

  /** Begins to follow it, with a book of its own. */
  async begin(bids: [number, number][], asks: [number, number][]): Promise<void> {
    await this.leases.hold(LIVE_WORKER_ROLE, this.owner, KEPT_MS);
    this.levels.replace(bids.map(levelOf), asks.map(levelOf));
    this.sequence += 1;
    await this.keep();
    this.say({ kind: 'book', book: this.book() });
  }

  /** Changes levels, and tells of it. */
  async change(...changes: [BookSide, number, number][]): Promise<void> {
    this.tell(...changes);
    await this.keep();
  }

  /** As {@link change}, before it is stored. */
  tell(...changes: [BookSide, number, number][]): void {
    this.say(this.makeChange(...changes));
  }

  /** As {@link change}, but the message is lost; only the store knows. */
  async changeUnheard(...changes: [BookSide, number, number][]): Promise<void> {
    this.makeChange(...changes);
    await this.keep();
  }

  /** Says again, as one book, what is known. */
  async snapshot(): Promise<void> {
    this.sequence += 1;
    this.say({ kind: 'book', book: this.book() });
    await this.keep();
  }

  async turn(state: BookState, reason: string | null): Promise<void> {
    this.times.atMs += 1;
    this.state = state;
    this.reason = reason;
    this.stateSinceMs = this.times.atMs;
    this.say({ kind: 'state', epoch: this.epoch, state, reason, atMs: this.times.atMs });
    await this.keep();
  }

  print(price: number, size: number, aggressor: OrderSide): void {
    this.times.atMs += 1;
    this.say({
      kind: 'print',
      epoch: this.epoch,
      atMs: this.times.atMs,
      print: { ...levelOf([price, size]), aggressor, venueTimeMs: this.times.atMs, transactionHash: null },
    });
  }

  /** Goes on as another process that took it over. */
  async handOver(owner: string, epoch: string): Promise<void> {
    await this.leases.release(LIVE_WORKER_ROLE, this.owner);
    this.owner = owner;
    this.epoch = epoch;
    await this.leases.hold(LIVE_WORKER_ROLE, owner, KEPT_MS);
    await this.snapshot();
  }

  /** Dies without a word. */
  async die(): Promise<void> {
    await this.leases.release(LIVE_WORKER_ROLE, this.owner);
  }

  say(message: MarketMessage): void {
    this.bus.publish(marketChannel(this.market.conditionId ?? ''), encodeMarketMessage(message));
  }

  private makeChange(...changes: [BookSide, number, number][]): MarketMessage {
    this.sequence += 1;
    this.times.atMs += 1;
    const made = changes.map(([side, price, size]) => ({ side, ...levelOf([price, size]) }));
    for (const { side, price, size } of made) this.levels.set(side, price, size);
    const { atMs } = this.times;
    return { kind: 'changes', epoch: this.epoch, sequence: this.sequence, venueTimeMs: atMs, atMs, changes: made };
  }

  private keep(): Promise<void> {
    const conditionId = this.market.conditionId ?? '';
    return this.store.put([{ conditionId, text: encodeLiveBook(this.book()) }], KEPT_MS);
  }

  private book(): LiveBook {
    const [firstOutcome = '', secondOutcome = ''] = this.market.outcomes;
    return {
      conditionId: this.market.conditionId ?? '',
      marketId: this.market.slug,
      tokenIds: [this.firstToken, this.secondToken],
      outcomes: [firstOutcome, secondOutcome],
      owner: this.owner,
      epoch: this.epoch,
      sequence: this.sequence,
      state: this.state,
      reason: this.reason,
      stateSinceMs: this.stateSinceMs,
      bids: this.levels.bids,
      asks: this.levels.asks,
      tickSize: microPrice(10_000n),
      minOrderSize: microShares(5_000_000n),
      negRisk: false,
      lastTradePrice: null,
      hash: null,
      venueTimeMs: this.times.atMs,
      receivedAtMs: this.times.atMs,
    };
  }
}

function levelOf([price, size]: [number, number]): {
  price: ReturnType<typeof microPrice>;
  size: ReturnType<typeof microShares>;
} {
  return {
    price: microPrice(BigInt(Math.round(price * 1e6))),
    size: microShares(BigInt(Math.round(size * 1e6))),
  };
}
