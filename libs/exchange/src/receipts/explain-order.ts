import {
  averagePrice,
  type EvidenceGrade,
  type FillRule,
  formatMicro,
  type LiquidityRole,
  type MicroPrice,
  type MicroShares,
  type MicroUsdc,
  type Order,
  type OrderPhase,
  type OrderStatus,
  remainingQuantity,
  type Trade,
} from '@app/domain';
import { crosses } from '../acceptance/order-rules';
import type { BookEvidence, BookState } from '../book-evidence';
import { restingSide } from '../canonical';
import type { MarketTerms } from '../market-terms';
import { sizeAt, topOfBook } from '../order-book';
import type { RestingView } from '../resting/resting-event';
import type { ExchangeSettings } from '../settings';

/** What is known at the moment of asking. */
export interface ExplainContext {
  now: Date;
  /** The book of the order's token; null when it could not be read. */
  evidence: BookEvidence | null;
  /** Whether the market takes orders; null when not known. */
  tradable: MarketTerms['tradable'] | null;
  /** How it stands in the resting book; null where nobody watches it, and the order's own record has to do. */
  resting: RestingView | null;
  settings: Pick<ExchangeSettings, 'crossedWaitMs' | 'gtdStopsBeforeMs'>;
}

/**
 * What a working order waits for. `arrival`: it travels. `taker_delay`: the market holds it. `market`: orders to be taken again. `book`: a
 * book that can be believed. `price`: the market to come to its limit. `queue`: those before it at its price. `quote`: a quote that crosses
 * it to stay.
 */
export const ORDER_WAITS = ['arrival', 'taker_delay', 'market', 'book', 'price', 'queue', 'quote'] as const;
export type OrderWait = (typeof ORDER_WAITS)[number];

/** One fill, and why it happened. */
export type ExplainedFill = {
  tradeId: string;
  sentence: string;
  rule: FillRule;
  grade: EvidenceGrade;
  liquidity: LiquidityRole;
  price: MicroPrice;
  quantity: MicroShares;
  fee: MicroUsdc;
  tradedAt: Date;
  /** Of takers. */
  displayedSize: MicroShares | null;
  takenBefore: MicroShares | null;
  /** Of makers. */
  printKey: string | null;
  printSize: MicroShares | null;
  queueAheadAtEntry: MicroShares | null;
  queueAheadAtFill: MicroShares | null;
};

export type OrderExplanationData = {
  status: OrderStatus;
  phase: OrderPhase;
  /** Null once nothing more will happen. */
  waitingFor: OrderWait | null;
  /** What was ordered: shares, or an amount of USDC. */
  quantity: MicroShares | null;
  amount: MicroUsdc | null;
  limit: MicroPrice | null;
  filledQuantity: MicroShares;
  /** Null for an order by amount. */
  remainingQuantity: MicroShares | null;
  /** Null before the first fill. */
  averagePrice: MicroPrice | null;
  fees: MicroUsdc;
  /** Why it ended; null while it works and when it filled. */
  reason: string | null;
  arrivesAt: Date;
  matchesAt: Date;
  restingSince: Date | null;
  expiresAt: Date | null;
  /** When a gtd order stops resting. */
  stopsAt: Date | null;
  queueAhead: MicroShares | null;
  queueAheadAtEntry: MicroShares | null;
  /** Of its token's book; null when the side is empty or the book not known. */
  bestBid: MicroPrice | null;
  bestAsk: MicroPrice | null;
  /** Displayed on its own side at its limit. */
  displayedAtLimit: MicroShares | null;
  bookState: BookState | null;
  bookReason: string | null;
  bookReceivedAt: Date | null;
  fills: ExplainedFill[];
};

export interface OrderExplanation {
  /** Why it filled, what it waits for, or why it ended; for a person. */
  sentence: string;
  data: OrderExplanationData;
}

/** Tells why an order filled, what it is still waiting for, or why it ended. @param trades its fills, oldest first */
export function explainOrder(order: Order, trades: readonly Trade[], context: ExplainContext): OrderExplanation {
  const { evidence, resting, settings } = context;
  const stopsAt =
    order.timeInForce !== 'gtd' || order.expiresAt === null
      ? null
      : new Date(order.expiresAt.getTime() - settings.gtdStopsBeforeMs);
  const top = evidence === null ? null : topOfBook(evidence.book);
  const state: Standing = {
    order,
    context,
    stopsAt,
    best: top === null ? null : order.side === 'buy' ? top.bestBid : top.bestAsk,
    opposite: top === null ? null : order.side === 'buy' ? top.bestAsk : top.bestBid,
    queueAhead: order.phase === 'resting' ? (resting?.queueAhead ?? order.queueAhead) : null,
  };
  const wait = order.phase === 'done' ? null : waitOf(state);
  const isResting = order.phase === 'resting' && order.price !== null;
  return {
    sentence: [filledSentence(order, trades), wait === null ? endSentence(order) : wait.sentence]
      .filter((sentence) => sentence !== null)
      .join(' '),
    data: {
      status: order.status,
      phase: order.phase,
      waitingFor: wait?.on ?? null,
      quantity: order.quantity,
      amount: order.amount,
      limit: order.price,
      filledQuantity: order.filledQuantity,
      remainingQuantity: remainingQuantity(order),
      averagePrice: averagePrice(order.filledValue, order.filledQuantity),
      fees: order.fees,
      reason: order.rejectReason,
      arrivesAt: order.arrivesAt,
      matchesAt: order.matchesAt,
      restingSince: order.restingSince,
      expiresAt: order.expiresAt,
      stopsAt,
      queueAhead: state.queueAhead,
      queueAheadAtEntry: order.queueAheadAtEntry ?? resting?.queueAheadAtEntry ?? null,
      bestBid: top?.bestBid ?? null,
      bestAsk: top?.bestAsk ?? null,
      displayedAtLimit:
        evidence === null || !isResting || order.price === null
          ? null
          : sizeAt(evidence.book, restingSide(order.side), order.price),
      bookState: evidence?.state ?? null,
      bookReason: evidence?.reason ?? null,
      bookReceivedAt: evidence?.receivedAt ?? null,
      fills: trades.map(explainFill),
    },
  };
}

/** Tells why one fill happened. */
export function explainFill(trade: Trade): ExplainedFill {
  const { id, liquidity, price, quantity, fee, tradedAt, receipt } = trade;
  return {
    tradeId: id,
    sentence: fillSentence(trade),
    rule: receipt.rule,
    grade: receipt.grade,
    liquidity,
    price,
    quantity,
    fee,
    tradedAt,
    displayedSize: receipt.displayedSize,
    takenBefore: receipt.takenBefore,
    printKey: receipt.printKey,
    printSize: receipt.printSize,
    queueAheadAtEntry: receipt.queueAheadAtEntry,
    queueAheadAtFill: receipt.queueAheadAtFill,
  };
}

interface Standing {
  order: Order;
  context: ExplainContext;
  stopsAt: Date | null;
  /** The best price of its own side of the book, and of the other. */
  best: MicroPrice | null;
  opposite: MicroPrice | null;
  queueAhead: MicroShares | null;
}

interface Wait {
  on: OrderWait;
  sentence: string;
}

function waitOf(standing: Standing): Wait {
  const { order, context } = standing;
  const isLate = context.now.getTime() > order.matchesAt.getTime();
  switch (order.phase) {
    case 'arriving':
      return {
        on: 'arrival',
        sentence: isLate
          ? `It was due at the venue at ${time(order.matchesAt)}: it will be matched late, or ended if it may not be.`
          : `It is on its way to the venue and meets the book at ${time(order.matchesAt)}.`,
      };
    case 'delayed': {
      const delayMs = order.matchesAt.getTime() - order.arrivesAt.getTime();
      return {
        on: 'taker_delay',
        sentence: isLate
          ? `The market's delay of ${delayMs} ms for orders that take ended at ${time(order.matchesAt)}: it will be matched late, or ended if it may not be.`
          : `It would take at once, and the market holds such orders for ${delayMs} ms: it meets the book of ${time(order.matchesAt)} and cannot be cancelled before.`,
      };
    }
    case 'resting':
    case 'done': {
      const { on, sentence } = restingWait(standing);
      return { on, sentence: [sentence, stopSentence(standing)].filter((part) => part !== null).join(' ') };
    }
  }
}

/** Why a resting order does not fill now; the first of the reasons that holds. */
function restingWait(standing: Standing): Wait {
  const { order, context, best, opposite, queueAhead } = standing;
  const { evidence, tradable } = context;
  const rest = `${left(order)} at ${limit(order)}`;
  if (tradable !== null && tradable !== true) {
    return { on: 'market', sentence: `Nothing can fill it: the market takes no orders, ${tradable.reason}.` };
  }
  if (evidence === null) {
    return { on: 'book', sentence: `It rests with ${rest}; how the order book stands could not be read just now.` };
  }
  if (evidence.state !== 'live') {
    const why = evidence.reason === null ? '' : `, ${evidence.reason}`;
    return {
      on: 'book',
      sentence: `It rests with ${rest}, and nothing fills it while the order book is ${evidence.state}${why}.`,
    };
  }
  const { price } = order;
  const isBuy = order.side === 'buy';
  if (price !== null && opposite !== null && crosses(evidence.book, order.side, price)) {
    return crossedWait(standing, opposite, rest);
  }
  if (price !== null && best !== null && (isBuy ? best > price : best < price)) {
    const gap = formatMicro(isBuy ? best - price : price - best);
    const before = `${gap} ${isBuy ? 'below the best bid' : 'above the best ask'} of ${formatMicro(best)}`;
    return {
      on: 'price',
      sentence: `It rests with ${rest}, ${before}: ${isBuy ? 'sellers' : 'buyers'} meet those better prices first.`,
    };
  }
  return { on: 'queue', sentence: `It rests with ${rest}${queueSentence(order, queueAhead)}` };
}

/** What an order at the front of the book still waits for, as the end of a sentence. */
function queueSentence({ side, profile }: Order, queueAhead: MicroShares | null): string {
  const print = side === 'buy' ? 'sale' : 'purchase';
  const beyond = `one at a ${side === 'buy' ? 'lower' : 'higher'} price`;
  if (profile === 'ideal') return `: under the ideal profile the first ${print} at its price fills all of it.`;
  if (queueAhead === null) {
    return `; its place in the queue is known once the book is watched. It fills when a ${print} reaches past those before it, or by ${beyond}.`;
  }
  return queueAhead === 0n
    ? `, and nobody is ahead of it: the next ${print} at its price fills it, or ${beyond}.`
    : `, and ${formatMicro(queueAhead)} shares are ahead of it: it fills when a ${print} at its price reaches past them, or by ${beyond}.`;
}

/** A quote crosses the order and has not filled it. */
function crossedWait({ order, context }: Standing, opposite: MicroPrice, rest: string): Wait {
  const { settings, resting } = context;
  const quote = `${order.side === 'buy' ? 'an ask' : 'a bid'} at ${formatMicro(opposite)} meets its limit`;
  if (order.profile === 'conservative') {
    return {
      on: 'queue',
      sentence: `It rests with ${rest}; ${quote}, which alone fills nothing under the conservative profile: it waits for a print.`,
    };
  }
  const isUsed = resting !== null && resting.crossedSinceMs === null;
  return {
    on: 'quote',
    sentence: isUsed
      ? `It rests with ${rest}; ${quote}, but this portfolio has used all that is displayed there: it waits for more.`
      : `It rests with ${rest}; ${quote}: what is displayed there and this portfolio has not used fills it once it has stayed for ${settings.crossedWaitMs} ms.`,
  };
}

function stopSentence({ order, stopsAt }: Standing): string | null {
  if (stopsAt === null || order.expiresAt === null) return null;
  const lead = (order.expiresAt.getTime() - stopsAt.getTime()) / 1_000;
  return `Good until ${time(order.expiresAt)}, it stops resting ${lead} s before, at ${time(stopsAt)}.`;
}

/** Null for an order that filled: its fills say it all. */
function endSentence(order: Order): string | null {
  const how = ending(order);
  if (how === null) return null;
  const text = order.rejectReason === null ? how : `${how}: ${order.rejectReason}`;
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

function ending(order: Order): string | null {
  switch (order.status) {
    case 'filled':
      return null;
    case 'expired':
      return `It expired with ${left(order)} unfilled`;
    case 'rejected':
      return 'It was rejected as it arrived';
    case 'open':
    case 'partially_filled':
    case 'cancelled':
      return `It was cancelled with ${left(order)} unfilled`;
  }
}

function filledSentence(order: Order, trades: readonly Trade[]): string | null {
  const average = averagePrice(order.filledValue, order.filledQuantity);
  if (average === null) return null;
  const { side, quantity, amount, filledQuantity, filledValue, outcome } = order;
  const ordered = quantity === null || quantity === filledQuantity ? '' : ` of ${formatMicro(quantity)}`;
  const shares = `${formatMicro(filledQuantity)}${ordered} shares of ${outcome}`;
  const spent = amount === null ? '' : ` for ${formatMicro(filledValue)} of ${formatMicro(amount)} USDC`;
  const what = `${side === 'buy' ? 'Bought' : 'Sold'} ${shares}${spent} at an average of ${formatMicro(average)}`;
  return `${what}: ${trades.map(fillSentence).join('; ')}.`;
}

function fillSentence({ side, price, quantity, receipt }: Trade): string {
  const shares = `${formatMicro(quantity)} at ${formatMicro(price)}`;
  const proof = `(rule ${receipt.rule}, grade ${receipt.grade})`;
  const print = `a ${side === 'buy' ? 'sale' : 'purchase'} of ${formatMicro(receipt.printSize ?? 0n)} shares`;
  switch (receipt.rule) {
    case 'E1': {
      const before = receipt.takenBefore ?? 0n;
      const less = before === 0n ? '' : `, ${formatMicro(before)} of which this portfolio had taken before`;
      return `${shares} taken from the ${formatMicro(receipt.displayedSize ?? 0n)} displayed there${less} ${proof}`;
    }
    case 'F1':
      return `${shares} by ${print} that went beyond the limit ${proof}`;
    case 'F2':
      return `${shares} by ${print} at the limit, after the ${formatMicro(receipt.queueAheadAtFill ?? 0n)} ahead of it in the queue ${proof}`;
    case 'F7':
      return `${shares} by a quote that crossed the limit and stayed ${proof}`;
  }
}

function left(order: Order): string {
  const remaining = remainingQuantity(order);
  if (remaining !== null) return `${formatMicro(remaining)} shares`;
  return `${formatMicro((order.amount ?? 0n) - order.filledValue)} USDC`;
}

function limit({ price }: Order): string {
  return price === null ? 'any price' : formatMicro(price);
}

function time(date: Date): string {
  return date.toISOString();
}
