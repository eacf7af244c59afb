import { microPrice, type MicroPrice, microShares, type MicroShares, type OrderSide } from '@app/domain';
import { type BookSide, RestingBook, type RestingEvent, type RestingOrder, seededRandom } from '@app/exchange';

/** One thing that happens in a market, as the order book package is told of it. Prices in cents, sizes in shares. */
export type PackageCall =
  | {
      readonly kind: 'add';
      readonly id: string;
      readonly side: OrderSide;
      readonly price: number;
      readonly size: number;
    }
  | {
      readonly kind: 'take';
      readonly id: string;
      readonly side: OrderSide;
      readonly price: number;
      readonly size: number;
    }
  | { readonly kind: 'cancel'; readonly id: string };

/** The same thing for both: one call of the package, and the events a stream of the venue tells of it. */
export interface Operation {
  readonly call: PackageCall;
  readonly events: readonly RestingEvent[];
}

export interface MarketStream {
  /** An empty book, from which on it is live. */
  readonly snapshot: RestingEvent;
  /** Fill the book before anything is measured. */
  readonly opening: readonly Operation[];
  readonly operations: readonly Operation[];
}

export interface StreamOptions {
  readonly seed: string;
  readonly operations: number;
  /** Orders of portfolios that rest in the book at all times. */
  readonly resting: number;
  readonly portfolios: number;
  /** Whether public orders and those of portfolios are cancelled as well. */
  readonly hasCancels: boolean;
}

const MIDDLE = 50;
const DEPTH = 40;
const CENT = 10_000n;
const SHARE = 1_000_000n;
/** Most that an order adds; what is taken makes up for it. */
const MOST_ADDED = 100;
const START_MS = 1_767_225_600_000;

interface Quote {
  readonly id: string;
  readonly side: BookSide;
  readonly price: number;
  size: number;
}

/**
 * A market of public orders, first in first out, with the orders of portfolios beside them: adds, matches and, when wanted, cancels. The
 * package holds every order; the resting book is told sizes per level and prints, as the venue tells them, and the portfolios' orders.
 */
export function marketStream(options: StreamOptions): MarketStream {
  return new StreamedMarket(options).run();
}

class StreamedMarket {
  readonly #random: () => number;
  readonly #options: StreamOptions;
  readonly #queues = { bid: new Map<number, Quote[]>(), ask: new Map<number, Quote[]>() };
  readonly #public: Quote[] = [];
  readonly #own: string[] = [];
  /** Goes along, to keep as many orders at rest as are wanted. */
  readonly #book = new RestingBook('stream');
  #nowMs = START_MS;
  #number = 0;

  constructor(options: StreamOptions) {
    this.#options = options;
    this.#random = seededRandom(options.seed);
  }

  run(): MarketStream {
    const snapshot: RestingEvent = {
      kind: 'snapshot',
      atMs: this.#nowMs,
      venueTimeMs: this.#nowMs,
      bids: [],
      asks: [],
      sequence: null,
      hash: null,
    };
    this.#book.apply(snapshot);
    const opening: Operation[] = [];
    for (let distance = 1; distance <= DEPTH; distance += 1) {
      for (const side of ['bid', 'ask'] as const) {
        for (let orders = 0; orders < 3; orders += 1) opening.push(this.#addPublic(side, distance));
      }
    }
    for (let orders = 0; orders < this.#options.resting; orders += 1) opening.push(this.#addOwn());
    const operations = Array.from({ length: this.#options.operations }, () => this.#next());
    return { snapshot, opening, operations };
  }

  #next(): Operation {
    const { hasCancels, resting } = this.#options;
    const roll = this.#random();
    const cancelled = hasCancels && roll < 0.24 ? (roll < 0.2 ? this.#cancelPublic() : this.#cancelOwn()) : null;
    if (cancelled !== null) return cancelled;
    if (roll < 0.4 && this.#book.orderCount < resting) return this.#addOwn();
    return (roll < 0.75 ? null : this.#take()) ?? this.#addPublic(this.#side(), this.#near());
  }

  #addPublic(side: BookSide, distance: number): Operation {
    const price = side === 'bid' ? MIDDLE - distance : MIDDLE + distance;
    const quote = { id: this.#id('public'), side, price, size: 1 + Math.floor(this.#random() * MOST_ADDED) };
    this.#queue(side, price).push(quote);
    this.#public.push(quote);
    return this.#operation(
      { kind: 'add', id: quote.id, side: side === 'bid' ? 'buy' : 'sell', price, size: quote.size },
      [this.#changes([{ side, price }])],
    );
  }

  #cancelPublic(): Operation | null {
    const index = Math.floor(this.#random() * this.#public.length);
    const quote = this.#public[index];
    const last = this.#public.pop();
    if (quote === undefined || last === undefined) return null;
    if (quote !== last) this.#public[index] = last;
    if (quote.size === 0) return null;
    const queue = this.#queue(quote.side, quote.price);
    queue.splice(queue.indexOf(quote), 1);
    quote.size = 0;
    return this.#operation({ kind: 'cancel', id: quote.id }, [this.#changes([quote])]);
  }

  #addOwn(): Operation {
    const side = this.#side();
    const id = this.#id('own');
    const distance = 1 + Math.floor(this.#random() * DEPTH);
    const price = side === 'bid' ? MIDDLE - distance : MIDDLE + distance;
    const size = 5 + Math.floor(this.#random() * 15);
    const isBuy = side === 'bid';
    // Every other order is told of the second outcome.
    const isYes = this.#number % 2 === 0;
    const order: RestingOrder = {
      orderId: id,
      portfolioId: `portfolio-${this.#number % this.#options.portfolios}`,
      outcomeIndex: isYes ? 0 : 1,
      side: isBuy === isYes ? 'buy' : 'sell',
      price: priceOf(isYes ? price : 100 - price),
      quantity: sizeOf(size),
      filledQuantity: sizeOf(0),
      profile: 'realistic',
      restingSinceMs: this.#nowMs,
      expiresAtMs: null,
      queueAhead: null,
      queueAheadAtEntry: null,
      arrivalMidpoint: null,
    };
    this.#own.push(id);
    return this.#operation({ kind: 'add', id, side: isBuy ? 'buy' : 'sell', price, size }, [
      { kind: 'place', atMs: this.#nowMs, order },
    ]);
  }

  #cancelOwn(): Operation | null {
    const index = Math.floor(this.#random() * this.#own.length);
    const id = this.#own[index];
    const last = this.#own.pop();
    if (id === undefined || last === undefined) return null;
    if (id !== last) this.#own[index] = last;
    return this.#operation({ kind: 'cancel', id }, [
      { kind: 'cancel', atMs: this.#nowMs, orderId: id, reason: 'its owner cancelled it' },
    ]);
  }

  /** Somebody takes from the best level on, from two levels at most. */
  #take(): Operation | null {
    const taken = this.#side();
    const prices = [...this.#queues[taken].keys()].sort((a, b) => (taken === 'bid' ? b - a : a - b)).slice(0, 2);
    const displayed = prices.reduce((sum, price) => sum + this.#displayed(taken, price), 0);
    const wanted = 1 + Math.floor(this.#random() * 120);
    const size = Math.min(wanted, displayed);
    if (size === 0) return null;
    const events: RestingEvent[] = [];
    let left = size;
    let last = 0;
    for (const price of prices) {
      if (left === 0) break;
      const printed = consume(this.#queue(taken, price), left);
      left -= printed;
      last = price;
      events.push({
        kind: 'print',
        atMs: this.#nowMs,
        venueTimeMs: this.#nowMs,
        aggressor: taken === 'bid' ? 'sell' : 'buy',
        price: priceOf(price),
        size: sizeOf(printed),
        transactionHash: null,
      });
    }
    events.push(this.#changes(prices.slice(0, events.length).map((price) => ({ side: taken, price }))));
    const side = taken === 'bid' ? 'sell' : 'buy';
    return this.#operation({ kind: 'take', id: this.#id('taker'), side, price: last, size }, events);
  }

  #operation(call: PackageCall, events: readonly RestingEvent[]): Operation {
    for (const event of events) this.#book.apply(event);
    this.#nowMs += 5;
    return { call, events };
  }

  #changes(levels: readonly { side: BookSide; price: number }[]): RestingEvent {
    const changes = levels.map(({ side, price }) => {
      const displayed = this.#displayed(side, price);
      if (displayed === 0) this.#queues[side].delete(price);
      return { side, price: priceOf(price), size: sizeOf(displayed) };
    });
    return { kind: 'changes', atMs: this.#nowMs, venueTimeMs: this.#nowMs, changes, sequence: null };
  }

  #displayed(side: BookSide, price: number): number {
    return (this.#queues[side].get(price) ?? []).reduce((sum, { size }) => sum + size, 0);
  }

  #queue(side: BookSide, price: number): Quote[] {
    let queue = this.#queues[side].get(price);
    if (queue === undefined) {
      queue = [];
      this.#queues[side].set(price, queue);
    }
    return queue;
  }

  #id(kind: string): string {
    this.#number += 1;
    return `${kind}-${this.#number}`;
  }

  #side(): BookSide {
    return this.#random() < 0.5 ? 'bid' : 'ask';
  }

  /** Ticks from the middle, most of them close to it. */
  #near(): number {
    return 1 + Math.floor(this.#random() * this.#random() * DEPTH);
  }
}

/** Takes from quotes, earliest first, and drops those used up; answers how much there was to take. */
function consume(queue: Quote[], size: number): number {
  let left = size;
  while (left > 0) {
    const quote = queue[0];
    if (quote === undefined) break;
    const quantity = Math.min(quote.size, left);
    quote.size -= quantity;
    left -= quantity;
    if (quote.size === 0) queue.shift();
  }
  return size - left;
}

function priceOf(cents: number): MicroPrice {
  return microPrice(BigInt(cents) * CENT);
}

function sizeOf(shares: number): MicroShares {
  return microShares(BigInt(shares) * SHARE);
}
