import { formatMicro, MICRO, type MicroPrice, microPrice, type OrderIntent } from '@app/domain';
import type { BookEvidence } from '../book-evidence';
import { currentTick, type MarketTerms } from '../market-terms';
import type { OrderBookSnapshot } from '../order-book';
import type { Refusal } from '../refusal';
import { VENUE_TEXTS, withAdvice } from '../venue-texts';
import { isOnGrid } from './precision';

/** Rules that bind an order when it is received and again when it meets the book. Each answers null when it is kept. */

/** Only markets of two outcomes that take orders can be traded. */
export function marketProblem(terms: MarketTerms, evidence: BookEvidence): Refusal | null {
  const reason = terms.tradable !== true ? terms.tradable.reason : outcomesProblem(terms);
  if (reason !== null) {
    return {
      code: 'MARKET.NOT_TRADABLE',
      message: `Market ${terms.marketId} takes no orders: ${reason}.`,
      field: 'market_id',
    };
  }
  if (evidence.state !== 'halted') return null;
  return {
    code: 'BOOK.NOT_LIVE',
    message: withAdvice(VENUE_TEXTS.marketNotReady, stateSentence(evidence)),
    field: null,
  };
}

function outcomesProblem({ outcomes }: MarketTerms): string | null {
  return outcomes.length === 2
    ? null
    : `it has ${outcomes.length} outcomes, and only those with two can be traded here`;
}

/** C1: a price is on the tick grid and at least a tick from 0 and 1. */
export function priceProblem(
  orderId: string,
  { price }: Pick<OrderIntent, 'price'>,
  terms: MarketTerms,
  book: Pick<OrderBookSnapshot, 'tickSize'>,
): Refusal | null {
  const tick = currentTick(terms, book);
  if (price === null || isOnGrid(price, tick)) return null;
  const highest = microPrice(MICRO - tick);
  const range = `Prices go from ${formatMicro(tick)} to ${formatMicro(highest)} in steps of ${formatMicro(tick)}`;
  const below = price - (price % tick);
  const nearest =
    price < tick
      ? `the nearest is ${formatMicro(tick)}`
      : price > highest
        ? `the nearest is ${formatMicro(highest)}`
        : `the nearest are ${formatMicro(below)} and ${formatMicro(below + tick)}`;
  const message = withAdvice(VENUE_TEXTS.tickSize(orderId, price, tick), `${range}; ${nearest}.`);
  return { code: 'ORDER.BAD_PRICE', message, field: 'price' };
}

/** A3: what would take needs a live book. An order that would rest does not. */
export function bookProblem(intent: OrderIntent, worstPrice: MicroPrice, evidence: BookEvidence): Refusal | null {
  if (evidence.state === 'live') return null;
  if (!isImmediate(intent) && !crosses(evidence.book, intent.side, worstPrice)) return null;
  const advice = 'Orders that would take at once wait for a live book: try again shortly.';
  return { code: 'BOOK.NOT_LIVE', message: `${stateSentence(evidence)} ${advice}`, field: null };
}

/** C3: a post-only order does not cross. */
export function postOnlyProblem(
  intent: OrderIntent,
  worstPrice: MicroPrice,
  book: Pick<OrderBookSnapshot, 'bids' | 'asks'>,
): Refusal | null {
  if (!intent.postOnly || !crosses(book, intent.side, worstPrice)) return null;
  const isBuy = intent.side === 'buy';
  const best = formatMicro((isBuy ? book.asks : book.bids)[0]?.price ?? worstPrice);
  const advice = isBuy ? `The best ask is ${best}: price it lower.` : `The best bid is ${best}: price it higher.`;
  const message = withAdvice(VENUE_TEXTS.postOnlyCrosses, advice);
  return { code: 'ORDER.POST_ONLY_CROSSES', message, field: 'price' };
}

/** Fills at once or not at all, and never rests. */
export function isImmediate({ timeInForce }: Pick<OrderIntent, 'timeInForce'>): boolean {
  return timeInForce === 'fok' || timeInForce === 'fak';
}

/** Whether a book offers something within a price to an order of this side. */
export function crosses(
  book: Pick<OrderBookSnapshot, 'bids' | 'asks'>,
  side: OrderIntent['side'],
  worstPrice: MicroPrice,
): boolean {
  const best = (side === 'buy' ? book.asks : book.bids)[0];
  if (best === undefined) return false;
  return side === 'buy' ? best.price <= worstPrice : best.price >= worstPrice;
}

/** The worst price of an order: its own, or for market orders without one the last on the grid. */
export function worstPriceOf(
  intent: Pick<OrderIntent, 'price' | 'side'>,
  terms: MarketTerms,
  book: Pick<OrderBookSnapshot, 'tickSize'>,
): MicroPrice {
  if (intent.price !== null) return intent.price;
  const tick = currentTick(terms, book);
  return intent.side === 'buy' ? microPrice(MICRO - tick) : tick;
}

function stateSentence({ state, reason }: BookEvidence): string {
  return `The order book is ${state}${reason === null ? '' : `: ${reason}`}.`;
}
