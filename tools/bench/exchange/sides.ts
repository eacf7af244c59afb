import { microPrice, type MicroPrice, microShares, microUsdc, partsPerMillion, type OrderIntent } from '@app/domain';
import {
  type BookEvidence,
  type BookLevel,
  checkOrder,
  type ConsumedLiquidity,
  DEFAULT_EXCHANGE_SETTINGS,
  type MarketTerms,
  RestingBook,
  seededRandom,
  take,
} from '@app/exchange';
import { type LimitOrderOptions, OrderBook, Side } from 'nodejs-order-book';
import type { MarketStream, PackageCall } from './market-stream';

/** One of the two that do the same work: built anew for every round, then asked for one operation after the other. */
export interface Contender {
  readonly count: number;
  /** Does what must not be measured before an operation. */
  prepare?(index: number): void;
  run(index: number): void;
  /** What came of it, so that none of the work can be left out. */
  readonly fills: number;
}

/** The package does not export the names of its own times in force. */
const IMMEDIATE = 'IOC' as LimitOrderOptions['timeInForce'];
const CENT = 10_000n;
const SHARE = 1_000_000n;

/** The resting book under a stream of levels, prints and orders. */
export function restingBookOf({ snapshot, opening, operations }: MarketStream): Contender & { book: RestingBook } {
  const book = new RestingBook('bench');
  book.apply(snapshot);
  for (const { events } of opening) for (const event of events) book.apply(event);
  let fills = 0;
  return {
    book,
    count: operations.length,
    run(index) {
      for (const event of operations[index]?.events ?? []) fills += book.apply(event).length;
    },
    get fills() {
      return fills;
    },
  };
}

/** The package with every order of the same stream in it. */
export function packageBookOf({ opening, operations }: MarketStream): Contender & { book: OrderBook } {
  const book = new OrderBook();
  let fills = 0;
  const call = (operation: PackageCall): void => {
    if (operation.kind === 'cancel') {
      book.cancel(operation.id);
      return;
    }
    const { id, side, price, size } = operation;
    const timeInForce = operation.kind === 'take' ? IMMEDIATE : undefined;
    fills += book.limit({ id, side: side === 'buy' ? Side.BUY : Side.SELL, price, size, timeInForce }).done.length;
  };
  for (const operation of opening) call(operation.call);
  return {
    book,
    count: operations.length,
    run(index) {
      const operation = operations[index];
      if (operation !== undefined) call(operation.call);
    },
    get fills() {
      return fills;
    },
  };
}

const LEVELS = 40;
const LEVEL_SHARES = 100;
const BEST_ASK = 51;
const NOW_MS = 1_767_225_600_000;
/** Between two takers; a portfolio comes round again after a hundred seconds, and half of what it took counts no more after sixty. */
const STEP_MS = 100;
const TAKERS = 1_000;

/** One taker: so many shares, at most so many cents. From one level to three. */
export interface Taker {
  readonly size: number;
  readonly price: number;
}

export function takers(seed: string, count: number): Taker[] {
  const random = seededRandom(seed);
  return Array.from({ length: count }, () => ({ size: 5 + Math.floor(random() * 245), price: BEST_ASK + 5 }));
}

/** Lets each order take, with fees and its portfolio's own overlay; before that, when wanted, accepts it by all rules. */
export function takingOf(orders: readonly Taker[], isAccepted: boolean): Contender {
  const asks: BookLevel[] = Array.from({ length: LEVELS }, (_, index) => ({
    price: cents(BEST_ASK + index),
    size: shares(LEVEL_SHARES),
  }));
  const bids: BookLevel[] = Array.from({ length: LEVELS }, (_, index) => ({
    price: cents(BEST_ASK - 1 - index),
    size: shares(LEVEL_SHARES),
  }));
  const evidence: BookEvidence = {
    state: 'live',
    reason: null,
    book: {
      tokenId: '1',
      conditionId: 'bench',
      bids,
      asks,
      tickSize: cents(1),
      minOrderSize: shares(5),
      negRisk: false,
      lastTradePrice: null,
      hash: null,
      venueTime: new Date(NOW_MS),
    },
    source: 'stream',
    sequence: 1,
    hash: null,
    receivedAt: new Date(NOW_MS),
  };
  const terms: MarketTerms = {
    marketId: 'bench',
    conditionId: 'bench',
    question: 'Which is faster?',
    outcomes: ['Yes', 'No'],
    tokenIds: ['1', '2'],
    tickSize: cents(1),
    minOrderSize: shares(5),
    fees: { type: null, rate: partsPerMillion(40_000n), exponent: 1, takerOnly: true, rebateRate: partsPerMillion(0n) },
    takerDelayMs: 0,
    tradable: true,
  };
  const settings = DEFAULT_EXCHANGE_SETTINGS;
  const wealth = microUsdc(1_000_000n * SHARE);
  const freeShares = shares(0);
  const overlays: (ConsumedLiquidity | null)[] = Array.from({ length: TAKERS }, () => null);
  const intents = orders.map(({ size, price }): OrderIntent => ({
    side: 'buy',
    type: 'limit',
    quantity: shares(size),
    amount: null,
    price: cents(price),
    timeInForce: 'fak',
    expiresAt: null,
    postOnly: false,
  }));
  let fills = 0;
  return {
    count: orders.length,
    run(index) {
      const intent = intents[index];
      if (intent === undefined || intent.quantity === null || intent.price === null) return;
      const now = new Date(NOW_MS + index * STEP_MS);
      if (isAccepted) {
        const check = checkOrder({
          orderId: 'bench',
          intent,
          terms,
          evidence,
          now,
          settings,
          freeCash: wealth,
          freeShares,
        });
        if (!check.ok) throw new Error(check.refusal.message);
      }
      const result = take({
        orderId: 'bench',
        intent,
        remaining: { quantity: intent.quantity, amount: null },
        worstPrice: intent.price,
        terms,
        outcomeIndex: 0,
        evidence,
        consumed: overlays[index % TAKERS] ?? null,
        maxSpend: wealth,
        profile: 'realistic',
        now,
        settings,
      });
      overlays[index % TAKERS] = result.consumed;
      fills += result.fills.length;
    },
    get fills() {
      return fills;
    },
  };
}

/**
 * The same takers against the package, with a maker's order for every level. What one took is put back before the next: counted, or
 * unmeasured, since a paper taker leaves the book as it is.
 */
export function packageTakingOf(orders: readonly Taker[], areAddsCounted: boolean): Contender {
  const book = new OrderBook();
  let fills = 0;
  let makers = 0;
  const offer = (price: number, size: number): void => {
    makers += 1;
    book.limit({ id: `maker-${makers}`, side: Side.SELL, price, size });
  };
  for (let level = 0; level < LEVELS; level += 1) offer(BEST_ASK + level, LEVEL_SHARES);
  const putBack = (index: number): void => {
    let left = orders[index - 1]?.size ?? 0;
    for (let price = BEST_ASK; left > 0; price += 1) {
      offer(price, Math.min(left, LEVEL_SHARES));
      left -= LEVEL_SHARES;
    }
  };
  return {
    count: orders.length,
    ...(areAddsCounted ? {} : { prepare: putBack }),
    run(index) {
      const order = orders[index];
      if (order === undefined) return;
      if (areAddsCounted) putBack(index);
      const { size, price } = order;
      const answer = book.limit({ id: `taker-${index}`, side: Side.BUY, price, size, timeInForce: IMMEDIATE });
      fills += answer.done.length;
    },
    get fills() {
      return fills;
    },
  };
}

function cents(amount: number): MicroPrice {
  return microPrice(BigInt(amount) * CENT);
}

function shares(amount: number): ReturnType<typeof microShares> {
  return microShares(BigInt(amount) * SHARE);
}
