import { microPrice, type MicroPrice, microShares, type MicroShares, type OrderSide, parseMicro } from '@app/domain';
import {
  type BookLevel,
  type BookSide,
  DEFAULT_RESTING_SETTINGS,
  type MakerFill,
  RestingBook,
  type RestingEvent,
  type RestingOrder,
  type RestingOutcome,
  type RestingSettings,
} from '../src';
import { fillsOf } from './replay';

export const shares = (text: string): MicroShares => microShares(micro(text));
export const price = (text: string): MicroPrice => microPrice(micro(text));

function micro(text: string): bigint {
  const parsed = parseMicro(text);
  if (!parsed.ok) throw new Error(`${text} is not a decimal`);
  return parsed.value;
}

export type LevelText = readonly [price: string, size: string];

export const CONDITION = `0x${'c0'.repeat(32)}`;

type Untimed<T> = T extends unknown ? Omit<T, 'atMs'> : never;

/** A resting book told what happens in texts, ten milliseconds after one another unless said otherwise. */
export class RestingScene {
  book: RestingBook;
  nowMs = 1_000;
  readonly outcomes: RestingOutcome[] = [];
  #orders = 0;

  constructor(readonly settings: Partial<RestingSettings> = {}) {
    this.book = new RestingBook(CONDITION, { ...DEFAULT_RESTING_SETTINGS, ...settings });
  }

  /** A scene whose book is live already. */
  static of(bids: readonly LevelText[], asks: readonly LevelText[]): RestingScene {
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

  snapshot(bids: readonly LevelText[], asks: readonly LevelText[], afterMs = 10): readonly RestingOutcome[] {
    const venueTimeMs = this.nowMs + afterMs;
    return this.apply(
      { kind: 'snapshot', venueTimeMs, bids: levels(bids), asks: levels(asks), sequence: null, hash: null },
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

function levels(texts: readonly LevelText[]): BookLevel[] {
  return texts.map(([at, size]) => ({ price: price(at), size: shares(size) }));
}
