import {
  type DomainErrorCode,
  type ExecutionProfile,
  formatMicro,
  type MicroPrice,
  type MicroShares,
  microShares,
  type MicroUsdc,
  notional,
  type OrderIntent,
} from '@app/domain';
import type { BookEvidence } from '../book-evidence';
import { canonicalPrice, canonicalSide, restingSide, takenSide } from '../canonical';
import { bookProblem, marketProblem, postOnlyProblem, priceProblem } from '../acceptance/order-rules';
import type { MarketTerms } from '../market-terms';
import { sizeAt } from '../order-book';
import type { Refusal } from '../refusal';
import type { ExchangeSettings } from '../settings';
import { VENUE_TEXTS, withAdvice } from '../venue-texts';
import { type ConsumedLevel, type ConsumedLiquidity, moveConsumed } from './consumed-liquidity';
import { type TakerFill, type Walk, walkBook, type Wanted } from './walk';

/** An order that reached the venue, and what it meets there. */
export interface TakeInput {
  /** Names the order in the venue's texts. */
  orderId: string;
  intent: OrderIntent;
  /** What of it is not filled yet. */
  remaining: Wanted;
  /** The limit, or the worst price accepted; `worstPriceOf` tells it. */
  worstPrice: MicroPrice;
  terms: MarketTerms;
  outcomeIndex: number;
  /** The book as it is now (D3), of the order's own token. */
  evidence: BookEvidence;
  /** What this account took before; null for nothing. */
  consumed: ConsumedLiquidity | null;
  /** Most that a buy may cost with its fees: what is reserved for it and what is free. Null for sales. */
  maxSpend: MicroUsdc | null;
  profile: ExecutionProfile;
  now: Date;
  settings: ExchangeSettings;
}

/** Why an order ended here with a rest unfilled. */
export interface TakeEnd {
  status: 'cancelled' | 'rejected';
  code: DomainErrorCode;
  /** The venue's text first where it has one. */
  text: string;
}

/** What became of an order as it met the book. */
export interface TakeResult {
  /** One a level, best first. */
  fills: TakerFill[];
  /** What the account has taken now; the very value given when nothing of it changed. */
  consumed: ConsumedLiquidity;
  left: Wanted;
  /** Null when all of it filled, and when the rest comes to rest. */
  ended: TakeEnd | null;
  /** Size displayed before the rest at its limit (E5); null when nothing comes to rest, or the book is not live. */
  restAhead: MicroShares | null;
}

/**
 * Meets the book (D3, E1 to E5): a taker walks it from the best level to its worst price, less what this account took before. What is left of
 * gtc and gtd comes to rest; of fok and fak, and of an order that ran out of money, it ends. `ideal` knows no overlay.
 */
export function take(input: TakeInput): TakeResult {
  const { intent, remaining, terms, evidence, settings, now, outcomeIndex } = input;
  const before = input.consumed ?? { conditionId: terms.conditionId, levels: [] };
  const refused = refuseOnArrival(input);
  if (refused !== null) return { fills: [], consumed: before, left: remaining, ended: refused, restAhead: null };

  const isLive = evidence.state === 'live';
  const hasOverlay = isLive && input.profile !== 'ideal';
  const moved = hasOverlay
    ? moveConsumed(before.levels, evidence.book, outcomeIndex, now, settings.overlayHalfLifeMs)
    : { levels: before.levels, taken: [] };
  const side = takenSide(intent.side);
  const overlay = hasOverlay ? indexOverlay(moved.levels, canonicalSide(side, outcomeIndex), outcomeIndex) : NO_OVERLAY;
  const walk = walkBook({
    side: intent.side,
    // A book that is not live fills nothing (A3).
    levels: !isLive ? [] : side === 'ask' ? evidence.book.asks : evidence.book.bids,
    worstPrice: input.worstPrice,
    wanted: remaining,
    fees: terms.fees,
    takenAt: (price) => moved.taken[overlay.get(Number(price)) ?? -1] ?? NO_SHARES,
    maxSpend: intent.side === 'buy' ? input.maxSpend : null,
  });

  const ended = endOf(input, walk);
  const isKilled = ended !== null && intent.timeInForce === 'fok';
  const fills = isKilled ? [] : walk.fills;
  const levels = hasOverlay && fills.length > 0 ? addTaken(moved.levels, overlay, fills, input) : moved.levels;
  const left = isKilled ? remaining : walk.left;
  const rests = ended === null && !isDone(left) && isLive;
  return {
    fills,
    consumed: levels === before.levels ? before : { conditionId: before.conditionId, levels },
    left,
    ended,
    restAhead: rests ? sizeAt(evidence.book, restingSide(intent.side), input.worstPrice) : null,
  };
}

/** Whether nothing is wanted any more. */
export function isDone(wanted: Wanted): boolean {
  return wanted.quantity === null ? wanted.amount === 0n : wanted.quantity === 0n;
}

const NO_SHARES = microShares(0n);
/** Where the overlay's levels of the side taken are, by their price as the order sees it. */
type OverlayIndex = ReadonlyMap<number, number>;
const NO_OVERLAY: OverlayIndex = new Map();

function indexOverlay(
  levels: readonly ConsumedLevel[],
  side: ConsumedLevel['side'],
  outcomeIndex: number,
): OverlayIndex {
  if (levels.length === 0) return NO_OVERLAY;
  const index = new Map<number, number>();
  for (let at = 0; at < levels.length; at += 1) {
    const level = levels[at];
    if (level?.side === side) index.set(Number(canonicalPrice(level.price, outcomeIndex)), at);
  }
  return index;
}

/** The rules that may have changed while the order travelled. */
function refuseOnArrival(input: TakeInput): TakeEnd | null {
  const { orderId, intent, worstPrice, terms, evidence } = input;
  const refusal: Refusal | null =
    marketProblem(terms, evidence) ??
    priceProblem(orderId, intent, terms, evidence.book) ??
    bookProblem(intent, worstPrice, evidence) ??
    postOnlyProblem(intent, worstPrice, evidence.book);
  return refusal === null ? null : { status: 'rejected', code: refusal.code, text: refusal.message };
}

/** Why an order does not come to rest with what the walk left of it; null when it does, or when nothing is left. */
function endOf(input: TakeInput, walk: Walk): TakeEnd | null {
  if (isDone(walk.left)) return null;
  const { intent, worstPrice, maxSpend } = input;
  if (walk.outOfMoney) return cancelled('ORDER.INSUFFICIENT_CASH', withAdvice(VENUE_TEXTS.balance, spent(walk)));
  switch (intent.timeInForce) {
    case 'fok':
      return cancelled('ORDER.NOT_FILLED', withAdvice(VENUE_TEXTS.fokNotFilled, offered(input, walk)));
    case 'fak':
      return cancelled(
        'ORDER.NOT_FILLED',
        walk.fills.length === 0
          ? withAdvice(VENUE_TEXTS.fakNotFilled, offered(input, walk))
          : `The rest was cancelled. ${offered(input, walk)}`,
      );
    case 'gtc':
    case 'gtd': {
      if (maxSpend === null || intent.side === 'sell' || walk.left.quantity === null) return null;
      const rest = notional(worstPrice, walk.left.quantity, 'up');
      return walk.value + walk.fee + rest <= maxSpend
        ? null
        : cancelled('ORDER.INSUFFICIENT_CASH', withAdvice(VENUE_TEXTS.balance, spent(walk)));
    }
  }
}

const cancelled = (code: DomainErrorCode, text: string): TakeEnd => ({ status: 'cancelled', code, text });

function spent({ quantity, value, fee, left }: Walk): string {
  const rest = left.quantity === null ? `${formatMicro(left.amount)} USDC` : `${formatMicro(left.quantity)} shares`;
  return `${formatMicro(quantity)} shares came to ${formatMicro(value)} USDC and ${formatMicro(fee)} of fees; for the other ${rest} the free cash does not suffice.`;
}

function offered({ intent, remaining, worstPrice, evidence }: TakeInput, walk: Walk): string {
  const wanted =
    remaining.quantity === null
      ? `${formatMicro(remaining.amount)} USDC were to be spent`
      : `${formatMicro(remaining.quantity)} shares were wanted`;
  const forValue = remaining.quantity === null ? ` for ${formatMicro(walk.value)} USDC` : '';
  const verb = intent.side === 'buy' ? 'offers' : 'asks for';
  const before =
    walk.takenBefore === 0n ? '' : `, beside ${formatMicro(walk.takenBefore)} this portfolio has taken before`;
  const isBuy = intent.side === 'buy';
  const best = (isBuy ? evidence.book.asks : evidence.book.bids)[0];
  const isBeyond = walk.quantity === 0n && walk.takenBefore === 0n && best !== undefined;
  const nearest = isBeyond ? ` The best ${isBuy ? 'ask' : 'bid'} is ${formatMicro(best.price)}.` : '';
  return `At ${formatMicro(worstPrice)} or better the book ${verb} ${formatMicro(walk.quantity)} shares${forValue}${before}; ${wanted}.${nearest}`;
}

/** Adds what was just taken to the overlay, at the sizes displayed now. */
function addTaken(
  levels: readonly ConsumedLevel[],
  overlay: OverlayIndex,
  fills: readonly TakerFill[],
  { intent, outcomeIndex, now }: TakeInput,
): readonly ConsumedLevel[] {
  const side = canonicalSide(takenSide(intent.side), outcomeIndex);
  const added = [...levels];
  for (const { price, quantity, displayedSize, takenBefore } of fills) {
    added[overlay.get(Number(price)) ?? added.length] = {
      side,
      price: canonicalPrice(price, outcomeIndex),
      taken: (takenBefore + quantity) as MicroShares,
      displayed: displayedSize,
      at: now,
    };
  }
  return added;
}
