import {
  type ExecutionProfile,
  type MicroPrice,
  microPrice,
  type MicroShares,
  microShares,
  type OrderSide,
} from '@app/domain';
import {
  type BookLevel,
  type BookSide,
  type LevelChange,
  type RestingEvent,
  type RestingOrder,
  seededRandom,
} from '@app/exchange';
import { throughOtherOutcome } from './replay';
import type { Tape } from './tape';

/**
 * A market made up from a seed, order by order, so that the true queue is known: a tape shows only sizes per level, as the venue does.
 *
 * A value wanders; quotes follow it, those left behind are taken by whoever knows better, and others trade for no reason. Paper orders are
 * ghosts: the market does not see them, and the truth of each is how much of it would have filled had it stood in its place in the queue.
 */
export interface SimulatedTape extends Tape {
  /** What each paper order would have filled in truth, by order. */
  truth: ReadonlyMap<string, bigint>;
  /** What the first outcome is worth in the end. */
  finalPrice: MicroPrice;
}

export interface SimulationOptions {
  steps: number;
  profile: ExecutionProfile;
  /** Paper orders placed, on average, in a hundred steps. */
  ordersPerHundred: number;
  /** Portfolios the paper orders are of, in turn. */
  portfolios: number;
  /** Times the stream is lost, on average, in a hundred steps. */
  gapsPerHundred: number;
  /** Whether the sizes a trade left may be told before the trade. */
  mayTellSizesFirst: boolean;
  /** Whether paper orders are cancelled, replaced and good till a date, or only placed. */
  hasChanges: boolean;
}

const DEFAULTS: SimulationOptions = {
  steps: 300,
  profile: 'realistic',
  ordersPerHundred: 8,
  portfolios: 3,
  gapsPerHundred: 0.5,
  mayTellSizesFirst: true,
  hasChanges: false,
};

const START_MS = 1_767_225_600_000;
const TICK = 10_000n;
const TICKS = 100;
const CONDITION = `0x${'5e'.repeat(32)}`;
/** GTD orders of the simulation live so long, the minute before their expiry not counted. */
const LIFE_MS = 5_000;

/** An order of the market's own. */
interface Quote {
  size: bigint;
}

/** A paper order: a price and a set of quotes before it. Ticks are of the first outcome. */
interface Ghost {
  order: RestingOrder;
  side: BookSide;
  tick: number;
  left: bigint;
  before: Set<Quote>;
}

export function simulateMarket(seed: string, options: Partial<SimulationOptions> = {}): SimulatedTape {
  return new SimulatedMarket(seed, { ...DEFAULTS, ...options }).run();
}

class SimulatedMarket {
  readonly #random: () => number;
  readonly #options: SimulationOptions;
  readonly #events: RestingEvent[] = [];
  /** By tick, earliest first. */
  readonly #quotes = { bid: new Map<number, Quote[]>(), ask: new Map<number, Quote[]>() };
  readonly #ghosts = new Map<string, Ghost>();
  readonly #truth = new Map<string, bigint>();
  readonly #touched = new Map<string, { side: BookSide; tick: number }>();
  #value: number;
  #nowMs = START_MS;
  #sequence = 0;
  #orders = 0;
  #isLost = false;

  constructor(seed: string, options: SimulationOptions) {
    this.#random = seededRandom(seed);
    this.#options = options;
    this.#value = 30 + this.#upTo(40);
  }

  run(): SimulatedTape {
    for (let distance = 1; distance <= 8; distance += 1) {
      this.#join('bid', this.#value - distance);
      this.#join('ask', this.#value + distance);
    }
    this.#tellBook();
    for (let step = 0; step < this.#options.steps; step += 1) {
      this.#nowMs += 1 + this.#upTo(250);
      this.#step();
      this.#nowMs += 1;
      this.#paperOrders();
      this.#expireGhosts();
    }
    return {
      conditionId: CONDITION,
      events: this.#events,
      truth: this.#truth,
      finalPrice: priceOf(this.#value),
    };
  }

  #step(): void {
    const roll = this.#random();
    const { gapsPerHundred } = this.#options;
    if (this.#isLost ? roll < 0.3 : roll < gapsPerHundred / 100) {
      if (!this.#isLost) this.#push({ kind: 'gap', state: 'stale', reason: 'the stream fell silent' });
      this.#isLost = !this.#isLost;
      if (!this.#isLost) this.#tellBook();
      return;
    }
    if (roll < 0.35) this.#joinSomewhere();
    else if (roll < 0.6) this.#cancelSomewhere();
    else if (roll < 0.8) this.#takeFor(this.#coin() ? 'buy' : 'sell', this.#size(60));
    else if (roll < 0.92) this.#moveValue(this.#coin() ? 1 : -1);
    else return this.#push({ kind: 'clock' });
    this.#tellChanges();
  }

  #joinSomewhere(): void {
    const side: BookSide = this.#coin() ? 'bid' : 'ask';
    const distance = 1 + Math.floor(this.#random() * this.#random() * 8);
    this.#join(side, side === 'bid' ? this.#value - distance : this.#value + distance);
  }

  /** Adds a quote; one that meets the other side takes from it first. */
  #join(side: BookSide, tick: number): void {
    if (tick < 1 || tick >= TICKS) return;
    const size = this.#size(200);
    const best = this.#best(side === 'bid' ? 'ask' : 'bid');
    if (best !== null && (side === 'bid' ? tick >= best : tick <= best)) return;
    // Whoever quotes a price that a ghost of the other side would have paid, trades with the ghost.
    for (const ghost of this.#ghostsMet(side === 'bid' ? 'ask' : 'bid', tick)) this.#fillGhost(ghost, size);
    this.#queue(side, tick).push({ size });
    this.#touch(side, tick);
  }

  #cancelSomewhere(): void {
    const side: BookSide = this.#coin() ? 'bid' : 'ask';
    const ticks = [...this.#quotes[side].keys()];
    const tick = ticks[this.#upTo(ticks.length)];
    if (tick === undefined) return;
    const queue = this.#queue(side, tick);
    const index = this.#upTo(queue.length);
    const quote = queue[index];
    if (quote === undefined) return;
    const part = this.#coin() ? quote.size : (quote.size * BigInt(1 + this.#upTo(99))) / 100n;
    quote.size -= part;
    this.#clean(side, tick);
    this.#touch(side, tick);
  }

  /** The value moves; those who know it take what it left behind, and quotes that did not move are withdrawn. */
  #moveValue(by: number): void {
    const value = this.#value + by;
    if (value < 10 || value > 90) return;
    this.#value = value;
    const side: BookSide = by > 0 ? 'ask' : 'bid';
    for (;;) {
      const best = this.#best(side);
      if (best === null || (by > 0 ? best > value : best < value)) break;
      if (this.#random() < 0.7) {
        const displayed = this.#queue(side, best).reduce((sum, quote) => sum + quote.size, 0n);
        this.#takeFor(by > 0 ? 'buy' : 'sell', displayed);
      } else {
        for (const quote of this.#queue(side, best)) quote.size = 0n;
        this.#clean(side, best);
        this.#touch(side, best);
      }
    }
    this.#join(by > 0 ? 'bid' : 'ask', by > 0 ? value - 1 : value + 1);
    this.#join(side, by > 0 ? value + 1 : value - 1);
  }

  /** Somebody takes so much, from the best level on. */
  #takeFor(side: OrderSide, size: bigint): void {
    const taken: BookSide = side === 'buy' ? 'ask' : 'bid';
    const prints: RestingEvent[] = [];
    const met = new Set<Ghost>();
    let left = size;
    for (;;) {
      const best = this.#best(taken);
      if (left > 0n) this.#meetGhosts(taken, best, left, met);
      if (best === null || left === 0n) break;
      const queue = this.#queue(taken, best);
      const printed = consume(queue, left);
      left -= printed;
      this.#clean(taken, best);
      this.#touch(taken, best);
      prints.push({
        atMs: this.#nowMs,
        venueTimeMs: this.#nowMs,
        kind: 'print',
        aggressor: side,
        price: priceOf(best),
        size: microShares(printed),
        transactionHash: null,
      });
    }
    if (this.#isLost) return;
    if (this.#options.mayTellSizesFirst && this.#random() < 0.3) this.#tellChanges();
    this.#events.push(...prints);
  }

  /** What a taker of so much gives the ghosts as it comes to a level: those before it all, those at it what passes the quotes before them. */
  #meetGhosts(side: BookSide, best: number | null, size: bigint, met: Set<Ghost>): void {
    for (const ghost of [...this.#ghosts.values()]) {
      if (ghost.side !== side || met.has(ghost)) continue;
      if (best !== null && (side === 'bid' ? ghost.tick < best : ghost.tick > best)) continue;
      met.add(ghost);
      let before = 0n;
      for (const quote of ghost.tick === best ? this.#queue(side, best) : []) {
        if (ghost.before.has(quote)) before += quote.size;
      }
      if (size > before) this.#fillGhost(ghost, size - before);
    }
  }

  #fillGhost(ghost: Ghost, size: bigint): void {
    const quantity = size < ghost.left ? size : ghost.left;
    ghost.left -= quantity;
    const { orderId } = ghost.order;
    this.#truth.set(orderId, (this.#truth.get(orderId) ?? 0n) + quantity);
    if (ghost.left === 0n) this.#ghosts.delete(orderId);
  }

  /** Ghosts that a new quote of the other side would have met. */
  #ghostsMet(side: BookSide, tick: number): Ghost[] {
    return [...this.#ghosts.values()].filter(
      (ghost) => ghost.side === side && (side === 'bid' ? ghost.tick >= tick : ghost.tick <= tick),
    );
  }

  #paperOrders(): void {
    const { ordersPerHundred, hasChanges } = this.#options;
    if (this.#random() >= ordersPerHundred / 100) return;
    const known = [...this.#ghosts.keys()];
    const orderId = known[this.#upTo(known.length)];
    const roll = hasChanges ? this.#random() : 1;
    if (orderId !== undefined && roll < 0.2) {
      this.#ghosts.delete(orderId);
      return this.#push({ kind: 'cancel', orderId, reason: 'its owner cancelled it' });
    }
    const order = this.#paperOrder();
    if (order === null) return;
    if (orderId !== undefined && roll < 0.35) {
      this.#ghosts.delete(orderId);
      return this.#push({ kind: 'replace', orderId, order });
    }
    this.#push({ kind: 'place', order });
  }

  /** Rests a new paper order at the best price of a side, near it, or a tick before it. */
  #paperOrder(): RestingOrder | null {
    const { portfolios, profile, hasChanges } = this.#options;
    const side: BookSide = this.#coin() ? 'bid' : 'ask';
    const best = this.#best(side);
    const opposite = this.#best(side === 'bid' ? 'ask' : 'bid');
    if (best === null || opposite === null) return null;
    const behind = this.#upTo(4) - 1;
    const tick = side === 'bid' ? best - behind : best + behind;
    if (tick < 1 || tick >= TICKS || (side === 'bid' ? tick >= opposite : tick <= opposite)) return null;
    const number = (this.#orders += 1);
    const order: RestingOrder = {
      orderId: `order-${number}`,
      portfolioId: `portfolio-${number % portfolios}`,
      outcomeIndex: 0,
      side: side === 'bid' ? 'buy' : 'sell',
      price: priceOf(tick),
      quantity: this.#size(80),
      filledQuantity: microShares(0n),
      profile,
      restingSinceMs: this.#nowMs,
      expiresAtMs: hasChanges && this.#random() < 0.3 ? this.#nowMs + 60_000 + LIFE_MS : null,
      queueAhead: null,
      queueAheadAtEntry: null,
      arrivalMidpoint: null,
    };
    const told = this.#coin() ? order : throughOtherOutcome(order);
    this.#ghosts.set(order.orderId, {
      order: told,
      side,
      tick,
      left: order.quantity,
      before: new Set(this.#quotes[side].get(tick) ?? []),
    });
    return told;
  }

  #expireGhosts(): void {
    for (const { order } of [...this.#ghosts.values()]) {
      if (order.expiresAtMs !== null && this.#nowMs >= order.expiresAtMs - 60_000) this.#ghosts.delete(order.orderId);
    }
  }

  #queue(side: BookSide, tick: number): Quote[] {
    let queue = this.#quotes[side].get(tick);
    if (queue === undefined) {
      queue = [];
      this.#quotes[side].set(tick, queue);
    }
    return queue;
  }

  #clean(side: BookSide, tick: number): void {
    const queue = this.#queue(side, tick).filter(({ size }) => size > 0n);
    if (queue.length === 0) this.#quotes[side].delete(tick);
    else this.#quotes[side].set(tick, queue);
  }

  #best(side: BookSide): number | null {
    const ticks = [...this.#quotes[side].keys()];
    if (ticks.length === 0) return null;
    return side === 'bid' ? Math.max(...ticks) : Math.min(...ticks);
  }

  #touch(side: BookSide, tick: number): void {
    this.#touched.set(`${side} ${tick}`, { side, tick });
  }

  #displayed(side: BookSide, tick: number): MicroShares {
    return microShares((this.#quotes[side].get(tick) ?? []).reduce((sum, { size }) => sum + size, 0n));
  }

  #tellChanges(): void {
    const touched = [...this.#touched.values()];
    this.#touched.clear();
    if (this.#isLost || touched.length === 0) return;
    const changes = touched.map(({ side, tick }): LevelChange => {
      return { side, price: priceOf(tick), size: this.#displayed(side, tick) };
    });
    this.#push({ kind: 'changes', venueTimeMs: this.#nowMs, changes, sequence: (this.#sequence += 1) });
  }

  #tellBook(): void {
    this.#touched.clear();
    const levels = (side: BookSide): BookLevel[] =>
      [...this.#quotes[side].keys()]
        .sort((a, b) => (side === 'bid' ? b - a : a - b))
        .map((tick) => ({ price: priceOf(tick), size: this.#displayed(side, tick) }));
    this.#push({
      kind: 'snapshot',
      venueTimeMs: this.#nowMs,
      bids: levels('bid'),
      asks: levels('ask'),
      sequence: (this.#sequence += 1),
      hash: null,
    });
  }

  #push<E extends Untimed<RestingEvent>>(event: E): void {
    this.#events.push({ atMs: this.#nowMs, ...event });
  }

  #coin(): boolean {
    return this.#random() < 0.5;
  }

  /** A whole number from 0 to below a limit. */
  #upTo(limit: number): number {
    return Math.floor(this.#random() * limit);
  }

  /** Hundredths of shares, as the venue allows, up to so many shares. */
  #size(shares: number): MicroShares {
    return microShares(BigInt(1 + this.#upTo(shares * 100)) * 10_000n);
  }
}

type Untimed<T> = T extends unknown ? Omit<T, 'atMs'> : never;

/** Takes from quotes, earliest first; answers how much there was to take. */
function consume(queue: readonly Quote[], size: bigint): bigint {
  let left = size;
  for (const quote of queue) {
    const quantity = quote.size < left ? quote.size : left;
    quote.size -= quantity;
    left -= quantity;
  }
  return size - left;
}

function priceOf(tick: number): MicroPrice {
  return microPrice(BigInt(tick) * TICK);
}
