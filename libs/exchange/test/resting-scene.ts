import type { MicroShares, OrderSide } from '@app/domain';
import {
  type BookSide,
  DEFAULT_RESTING_SETTINGS,
  type MakerFill,
  RestingBook,
  type RestingEvent,
  type RestingOrder,
  type RestingOutcome,
  type RestingSettings,
} from '@app/exchange';
import { CONDITION_ID, levels, price, shares } from './fixtures';
import { fillsOf } from './replay';

type Untimed<T> = T extends unknown ? Omit<T, 'atMs'> : never;

/** A resting book told what happens in texts (levels as `size@price`), ten milliseconds after one another unless said otherwise. */
export class RestingScene {
  book: RestingBook;
  nowMs = 1_000;
  readonly outcomes: RestingOutcome[] = [];
  #orders = 0;

  constructor(readonly settings: Partial<RestingSettings> = {}) {
    this.book = new RestingBook(CONDITION_ID, { ...DEFAULT_RESTING_SETTINGS, ...settings });
  }

  /** A scene whose book is live already. */
  static of(bids: readonly string[], asks: readonly string[]): RestingScene {
    const scene = new RestingScene();
    scene.snapshot(bids, asks);
    return scene;
  }

  apply(event: Untimed<RestingEvent>, afterMs = 10): readonly RestingOutcome[] {
    this.nowMs += afterMs;
    const outcomes = this.book.apply({ atMs: this.nowMs, ...event });
    this.outcomes.push(...outcomes);
    return outcomes;
  }

  snapshot(bids: readonly string[], asks: readonly string[], afterMs = 10): readonly RestingOutcome[] {
    const venueTimeMs = this.nowMs + afterMs;
    return this.apply(
      { kind: 'snapshot', venueTimeMs, bids: levels(...bids), asks: levels(...asks), sequence: null, hash: null },
      afterMs,
    );
  }

  /** Sets one level's size. */
  change(side: BookSide, at: string, size: string, afterMs = 10): readonly RestingOutcome[] {
    const changes = [{ side, price: price(at), size: shares(size) }];
    return this.apply({ kind: 'changes', venueTimeMs: this.nowMs + afterMs, changes, sequence: null }, afterMs);
  }

  /** A print in prices of the first outcome; fills it made. */
  print(
    aggressor: OrderSide,
    at: string,
    size: string,
    options: { venueTimeMs?: number; hash?: string } = {},
  ): MakerFill[] {
    const { venueTimeMs = this.nowMs + 10, hash = null } = options;
    return fillsOf(
      this.apply({
        kind: 'print',
        venueTimeMs,
        aggressor,
        price: price(at),
        size: shares(size),
        transactionHash: hash,
      }),
    );
  }

  /** Rests an order: by default a realistic buy of the first outcome. */
  rest(
    side: OrderSide,
    at: string,
    quantity: string,
    other: Partial<Omit<RestingOrder, 'side' | 'price' | 'quantity'>> = {},
  ): string {
    const order = this.order(side, at, quantity, other);
    this.apply({ kind: 'place', order });
    return order.orderId;
  }

  order(
    side: OrderSide,
    at: string,
    quantity: string,
    other: Partial<Omit<RestingOrder, 'side' | 'price' | 'quantity'>> = {},
  ): RestingOrder {
    this.#orders += 1;
    return {
      orderId: `order-${this.#orders}`,
      portfolioId: 'portfolio',
      outcomeIndex: 0,
      side,
      price: price(at),
      quantity: shares(quantity),
      filledQuantity: shares('0'),
      profile: 'realistic',
      restingSinceMs: this.nowMs + 10,
      expiresAtMs: null,
      queueAhead: null,
      queueAheadAtEntry: null,
      arrivalMidpoint: null,
      ...other,
    };
  }

  clock(afterMs: number): readonly RestingOutcome[] {
    return this.apply({ kind: 'clock' }, afterMs);
  }

  ahead(orderId: string): MicroShares | null {
    return this.book.find(orderId)?.queueAhead ?? null;
  }

  remaining(orderId: string): MicroShares | null {
    return this.book.find(orderId)?.remaining ?? null;
  }
}
