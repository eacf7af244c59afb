import {
  type AccountChange,
  type AccountState,
  add,
  availableCash,
  bookFill,
  combineChanges,
  type FillToBook,
  freeShares,
  type Hold,
  isWorking,
  type MarketOutcomeRef,
  type MicroPrice,
  type MicroShares,
  microShares,
  microUsdc,
  noChange,
  notional,
  type Order,
  type OrderIntent,
  type OrderStatus,
  releaseFor,
  remainingQuantity,
  reserveFor,
  slippageBps,
  subtract,
  type Trade,
} from '@app/domain';
import {
  type BookEvidence,
  type ConsumedLiquidity,
  FILL_MODEL_VERSION,
  type MakerFill,
  makerReceipt,
  type MarketTerms,
  isDone,
  type TakeResult,
  type TakerFill,
  topOfBook,
  VENUE_TEXTS,
} from '@app/exchange';

/** What an order becomes, and what that does to its account. */
export interface OrderChange {
  /** As it was; null for one that is new. */
  before: Order | null;
  order: Order;
  account: AccountChange;
  /** What filled, oldest first. */
  trades: Trade[];
  /** What the portfolio has taken of the market's book after it; null when that is as before. */
  consumed: ConsumedLiquidity | null;
}

/** What is known of an order when it is received. */
export interface ReceivedOrder {
  id: string;
  intent: OrderIntent;
  ref: MarketOutcomeRef;
  clientOrderId: string | null;
  notes: string | null;
  terms: MarketTerms;
  evidence: BookEvidence;
  arrivesAt: Date;
  matchesAt: Date;
}

const NO_CASH = microUsdc(0n);
const NO_SHARES = microShares(0n);

/** Returns an order that is on its way and holds nothing yet. */
export function newOrder({ portfolio }: AccountState, received: ReceivedOrder, now: Date): Order {
  const { id, intent, ref, terms, evidence, clientOrderId, notes, arrivesAt, matchesAt } = received;
  return {
    ...intent,
    ...ref,
    id,
    portfolioId: portfolio.id,
    userId: portfolio.userId,
    run: portfolio.run,
    clientOrderId,
    notes,
    marketQuestion: terms.question,
    status: 'open',
    phase: 'arriving',
    filledQuantity: NO_SHARES,
    filledValue: NO_CASH,
    fees: NO_CASH,
    reservedCash: NO_CASH,
    reservedShares: NO_SHARES,
    queueAhead: null,
    queueAheadAtEntry: null,
    rejectReason: null,
    profile: portfolio.profile,
    feeSchedule: terms.fees,
    decisionMidpoint: topOfBook(evidence.book).midpoint,
    arrivalMidpoint: null,
    arrivesAt,
    matchesAt,
    restingSince: null,
    createdAt: now,
    updatedAt: now,
  };
}

/** C4: accepts an order that will meet the book later, and holds what it may need. */
export function acceptOrder(state: AccountState, order: Order, hold: Hold, now: Date): OrderChange {
  const account = reserveFor(state, order, hold, now);
  const accepted: Order = { ...order, reservedCash: hold.cash, reservedShares: hold.shares, updatedAt: now };
  return { before: null, order: accepted, account, trades: [], consumed: null };
}

/** D2: holds a marketable order until the market's taker delay is over. */
export function delayOrder(state: AccountState, order: Order, matchesAt: Date, now: Date): OrderChange {
  const delayed: Order = { ...order, phase: 'delayed', matchesAt, updatedAt: now };
  return { before: order, order: delayed, account: noChange(state), trades: [], consumed: null };
}

/** Ends an order and frees what is held for it. @param reason the venue's text or a sentence */
export function endOrder(
  state: AccountState,
  order: Order,
  status: Extract<OrderStatus, 'cancelled' | 'expired' | 'rejected'>,
  reason: string,
  now: Date,
): OrderChange {
  const account = releaseFor(state, order, holdOf(order), reason, now);
  return { before: order, order: ended(order, status, reason, now), account, trades: [], consumed: null };
}

/** What goes with a taking into trades and receipts. */
export interface TakingContext {
  terms: MarketTerms;
  evidence: BookEvidence;
  /** What the portfolio had taken of the market's book before. */
  consumedBefore: ConsumedLiquidity;
  /** Makes the id of the next trade. */
  nextTradeId: () => string;
  now: Date;
}

/**
 * Books what an order took from the book, and puts its rest to rest or ends it (E1 to E5).
 * @param before the order as stored; null when it has not been
 */
export function bookTaking(
  state: AccountState,
  before: Order | null,
  taken: Order,
  taking: TakeResult,
  context: TakingContext,
): OrderChange {
  const { now } = context;
  const changes: AccountChange[] = [noChange(state)];
  const current = (): AccountState => changes.at(-1)?.state ?? state;
  const trades: Trade[] = [];
  let order: Order = { ...taken, updatedAt: now };
  for (const fill of taking.fills) {
    const from = usedHold(order, fill);
    const tradeId = context.nextTradeId();
    const booked = bookFill(current(), order, { tradeId, liquidity: 'taker', ...fill }, from, now);
    changes.push(booked);
    trades.push(newTrade(tradeId, order, fill, booked.realised, context));
    order = {
      ...order,
      filledQuantity: add(order.filledQuantity, fill.quantity),
      filledValue: add(order.filledValue, fill.value),
      fees: add(order.fees, fill.fee),
      reservedCash: subtract(order.reservedCash, from.cash),
      reservedShares: subtract(order.reservedShares, from.shares),
    };
  }
  const rest = restOf(current(), order, taking, context);
  changes.push(rest.account);
  const consumed = taking.consumed === context.consumedBefore ? null : taking.consumed;
  return { before, order: rest.order, account: combineChanges(changes), trades, consumed };
}

/** How an order stands after it has taken what it could. */
function restOf(
  state: AccountState,
  order: Order,
  taking: TakeResult,
  { evidence, now }: TakingContext,
): { order: Order; account: AccountChange } {
  const end = taking.ended;
  if (end !== null) {
    return { order: ended(order, end.status, end.text, now), account: release(state, order, end.text, now) };
  }
  const left = remainingQuantity(order);
  if (isDone(taking.left) || left === null || order.price === null) {
    return { order: ended(order, 'filled', null, now), account: release(state, order, 'the order is filled.', now) };
  }
  const needed = holdForRest(order, order.price, left);
  const held = adjustHold(state, order, needed, now);
  if (held === null) {
    const text = `${VENUE_TEXTS.balance}: what the order had taken left too little for the rest of it.`;
    return { order: ended(order, 'cancelled', text, now), account: release(state, order, text, now) };
  }
  const resting: Order = {
    ...order,
    status: order.filledQuantity > 0n ? 'partially_filled' : 'open',
    phase: 'resting',
    reservedCash: needed.cash,
    reservedShares: needed.shares,
    queueAhead: taking.restAhead,
    queueAheadAtEntry: taking.restAhead,
    arrivalMidpoint: evidence.state === 'live' ? topOfBook(evidence.book).midpoint : null,
    restingSince: now,
  };
  return { order: resting, account: held };
}

/**
 * Books what filled a resting order, as maker: at its limit, free of fee (F8).
 *
 * A buy is rounded against its owner once, over all its fills: each costs what its rest needs less, so that what was held pays for all of them to the last micro-unit.
 * @param tradeId of the new trade
 */
export function bookMaking(
  state: AccountState,
  order: Order,
  fill: MakerFill,
  tradeId: string,
  now: Date,
): OrderChange {
  const held = holdForRest(order, fill.price, add(fill.remaining, fill.quantity));
  const needed = holdForRest(order, fill.price, fill.remaining);
  const from: Hold = {
    cash: subtract(order.reservedCash, needed.cash),
    shares: subtract(order.reservedShares, needed.shares),
  };
  const value = order.side === 'buy' ? subtract(held.cash, needed.cash) : notional(fill.price, fill.quantity, 'down');
  const { price, quantity } = fill;
  const toBook: FillToBook = { tradeId, price, quantity, value, fee: NO_CASH, liquidity: 'maker' };
  const booked = bookFill(state, order, toBook, from, now);
  const filled: Order = {
    ...order,
    filledQuantity: add(order.filledQuantity, quantity),
    filledValue: add(order.filledValue, value),
    reservedCash: needed.cash,
    reservedShares: needed.shares,
    queueAheadAtEntry: order.queueAheadAtEntry ?? fill.queueAheadAtEntry,
    arrivalMidpoint: order.arrivalMidpoint ?? fill.arrivalMidpoint,
    updatedAt: now,
  };
  const next: Order =
    fill.remaining === 0n
      ? ended(filled, 'filled', null, now)
      : // A print passes the whole queue before it fills anything; a quote passes nobody.
        { ...filled, status: 'partially_filled', queueAhead: fill.rule === 'F7' ? fill.queueAheadAtFill : NO_SHARES };
  const trade: Trade = {
    ...tradeOf(order, toBook, booked.realised, now),
    midpointAtFill: fill.midpointAtFill,
    slippageBps: slippageBps(order.side, price, fill.arrivalMidpoint),
    receipt: makerReceipt(fill, order.feeSchedule),
    tradedAt: new Date(fill.tradedAtMs),
  };
  return { before: order, order: next, account: booked, trades: [trade], consumed: null };
}

/** What the rest of an order needs held. */
function holdForRest({ side }: Pick<Order, 'side'>, price: MicroPrice, left: MicroShares): Hold {
  return side === 'buy' ? { cash: notional(price, left, 'up'), shares: NO_SHARES } : { cash: NO_CASH, shares: left };
}

/** Makes what is held for an order what its rest needs; null when there is not as much. */
function adjustHold(state: AccountState, order: Order, needed: Hold, now: Date): AccountChange | null {
  const cash = needed.cash - order.reservedCash;
  const shares = needed.shares - order.reservedShares;
  const more: Hold = { cash: microUsdc(cash > 0n ? cash : 0n), shares: microShares(shares > 0n ? shares : 0n) };
  const less: Hold = { cash: microUsdc(cash < 0n ? -cash : 0n), shares: microShares(shares < 0n ? -shares : 0n) };
  if (more.cash > availableCash(state.portfolio) || more.shares > freeShares(state, order.tokenId)) return null;
  const released = releaseFor(state, order, less, 'the rest of the order needs less.', now);
  return combineChanges([released, reserveFor(released.state, order, more, now)]);
}

/** What of an order's hold a fill ends. */
function usedHold(order: Order, fill: TakerFill): Hold {
  const cost = fill.value + fill.fee;
  return order.side === 'buy'
    ? { cash: microUsdc(cost < order.reservedCash ? cost : order.reservedCash), shares: NO_SHARES }
    : {
        cash: NO_CASH,
        shares: microShares(fill.quantity < order.reservedShares ? fill.quantity : order.reservedShares),
      };
}

function release(state: AccountState, order: Order, reason: string, now: Date): AccountChange {
  return releaseFor(state, order, holdOf(order), reason, now);
}

function holdOf(order: Order): Hold {
  return { cash: order.reservedCash, shares: order.reservedShares };
}

function ended(
  order: Order,
  status: Exclude<OrderStatus, 'open' | 'partially_filled'>,
  reason: string | null,
  now: Date,
): Order {
  return {
    ...order,
    status,
    phase: 'done',
    reservedCash: NO_CASH,
    reservedShares: NO_SHARES,
    queueAhead: null,
    rejectReason: reason,
    updatedAt: now,
  };
}

function newTrade(
  id: string,
  order: Order,
  fill: TakerFill,
  realised: Trade['realised'],
  { terms, evidence, now }: TakingContext,
): Trade {
  const { midpoint } = topOfBook(evidence.book);
  return {
    ...tradeOf(order, { tradeId: id, liquidity: 'taker', ...fill }, realised, now),
    midpointAtFill: midpoint,
    slippageBps: slippageBps(order.side, fill.price, midpoint),
    receipt: {
      rule: 'E1',
      grade: 'A',
      profile: order.profile,
      modelVersion: FILL_MODEL_VERSION,
      bookSource: evidence.source,
      bookSequence: evidence.sequence,
      bookHash: evidence.hash,
      bookVenueTime: evidence.book.venueTime,
      bookReceivedAt: evidence.receivedAt,
      displayedSize: fill.displayedSize,
      takenBefore: fill.takenBefore,
      printKey: null,
      printSize: null,
      queueAheadAtEntry: null,
      queueAheadAtFill: null,
      arrivalMidpoint: midpoint,
      feeSchedule: terms.fees,
    },
    tradedAt: now,
  };
}

/** What every fill of an order tells of it. */
function tradeOf(
  order: Order,
  { tradeId, quantity, price, value, fee, liquidity }: FillToBook,
  realised: Trade['realised'],
  now: Date,
): Omit<Trade, 'midpointAtFill' | 'slippageBps' | 'receipt' | 'tradedAt'> {
  const { marketId, conditionId, tokenId, outcome, outcomeIndex } = order;
  return {
    marketId,
    conditionId,
    tokenId,
    outcome,
    outcomeIndex,
    id: tradeId,
    portfolioId: order.portfolioId,
    userId: order.userId,
    run: order.run,
    orderId: order.id,
    side: order.side,
    quantity,
    price,
    value,
    fee,
    realised,
    liquidity,
    notes: order.notes,
    marketQuestion: order.marketQuestion,
    createdAt: now,
  };
}

/** How many more orders of the portfolio work after a change. */
export function openOrdersChange({ before, order }: OrderChange): number {
  const worked = before !== null && isWorking(before);
  return Number(isWorking(order)) - Number(worked);
}

/** Ends several orders of one account, one after the other. */
export function endOrders(
  state: AccountState,
  orders: readonly Order[],
  status: Extract<OrderStatus, 'cancelled' | 'expired' | 'rejected'>,
  reason: string,
  now: Date,
): { account: AccountChange; orders: OrderChange[] } {
  const changes: OrderChange[] = [];
  for (const order of orders) {
    changes.push(endOrder(changes.at(-1)?.account.state ?? state, order, status, reason, now));
  }
  return { account: combineChanges([noChange(state), ...changes.map(({ account }) => account)]), orders: changes };
}
