import {
  formatMicro,
  MICRO,
  type MicroPrice,
  type MicroShares,
  microShares,
  type MicroUsdc,
  microUsdc,
  notional,
  type OrderIntent,
} from '@app/domain';
import type { BookEvidence } from '../book-evidence';
import { worstTakerFee, worstTakerFeeOfAmount } from '../fees';
import { currentTick, type MarketTerms } from '../market-terms';
import type { Refusal } from '../refusal';
import type { ExchangeSettings } from '../settings';
import { type Walk, walkBook } from '../taking/walk';
import { VENUE_TEXTS, withAdvice } from '../venue-texts';
import {
  bookProblem,
  crosses,
  isImmediate,
  marketProblem,
  postOnlyProblem,
  priceProblem,
  worstPriceOf,
} from './order-rules';
import { precisionOf } from './precision';

/** An order as it is received. */
export interface OrderCheck {
  /** Names the order in the venue's texts. */
  orderId: string;
  intent: OrderIntent;
  terms: MarketTerms;
  /** The book at receipt, of the order's own token. */
  evidence: BookEvidence;
  now: Date;
  settings: ExchangeSettings;
  /** What the account can still use: USDC, and shares of the order's token. */
  freeCash: MicroUsdc;
  freeShares: MicroShares;
}

/** What an accepted order holds from now on (C4). */
export interface Acceptance {
  ok: true;
  reserveCash: MicroUsdc;
  reserveShares: MicroShares;
  /** The limit, or the worst price accepted. */
  worstPrice: MicroPrice;
  /** Whether the book at receipt offers it something, so that the market's taker delay holds it (D2). */
  marketable: boolean;
}

export type OrderDecision = Acceptance | { ok: false; refusal: Refusal };

/** Accepts an order or says why not (C1 to C4), the first broken rule alone. */
export function checkOrder(check: OrderCheck): OrderDecision {
  const { orderId, intent, terms, evidence, now, settings } = check;
  const { book } = evidence;
  const worstPrice = worstPriceOf(intent, terms, book);
  const refusal =
    formProblem(intent) ??
    marketProblem(terms, evidence) ??
    priceProblem(orderId, intent, terms, book) ??
    sizeProblem(check) ??
    amountProblem(check) ??
    expiryProblem(intent, now, settings) ??
    bookProblem(intent, worstPrice, evidence) ??
    postOnlyProblem(intent, worstPrice, book);
  if (refusal !== null) return { ok: false, refusal };
  return intent.side === 'buy' ? checkBuy(check, worstPrice) : checkSale(check, worstPrice);
}

/** What does not go together in any market. */
function formProblem(intent: OrderIntent): Refusal | null {
  const { side, type, quantity, amount, price, timeInForce, expiresAt, postOnly } = intent;
  const immediate = isImmediate(intent);
  if (quantity === null && amount === null) return unacceptable('quantity', 'give the quantity of shares');
  if (quantity !== null && amount !== null) return unacceptable('amount', 'give quantity or amount, not both');
  if (amount !== null && (type !== 'market' || side !== 'buy')) {
    return unacceptable('amount', 'only market buys take an amount; give the quantity of shares');
  }
  if ((quantity ?? amount ?? 0n) <= 0n) {
    return unacceptable(quantity === null ? 'amount' : 'quantity', 'must be more than 0');
  }
  if (type === 'limit' && price === null) return unacceptable('price', 'give the price of a limit order');
  if (type === 'market' && !immediate) {
    return unacceptable('time_in_force', `a market order is fok or fak; got ${timeInForce}`);
  }
  if ((timeInForce === 'gtd') !== (expiresAt !== null)) {
    return unacceptable(
      'expires_at',
      timeInForce === 'gtd' ? 'say when the gtd order ends' : 'only a gtd order ends at a time',
    );
  }
  if (postOnly && immediate) {
    const advice = `Only gtc and gtd orders can be post-only; a ${timeInForce} order never rests.`;
    return { code: 'REQUEST.UNACCEPTABLE', message: withAdvice(VENUE_TEXTS.postOnlyType, advice), field: 'post_only' };
  }
  return null;
}

const unacceptable = (field: string, advice: string): Refusal => ({
  code: 'REQUEST.UNACCEPTABLE',
  message: `${field}: ${advice}.`,
  field,
});

/** C1: at most two decimals, and not less than the market's minimum. */
function sizeProblem({ orderId, intent, terms, evidence, settings }: OrderCheck): Refusal | null {
  const { quantity, side } = intent;
  if (quantity === null) return null;
  if (quantity % SHARE_CENT !== 0n) {
    const { size, amount } = precisionOf(currentTick(terms, evidence.book));
    const kind = isImmediate(intent) ? 'market ' : '';
    const text =
      side === 'sell'
        ? VENUE_TEXTS.accuracy(kind, side, size, amount)
        : VENUE_TEXTS.accuracy(kind, side, kind === '' ? amount : size, kind === '' ? size : amount);
    const below = quantity - (quantity % SHARE_CENT);
    const nearest =
      below === 0n ? formatMicro(SHARE_CENT) : `${formatMicro(below)} or ${formatMicro(below + SHARE_CENT)}`;
    const advice = `A quantity has at most ${size} decimals; got ${formatMicro(quantity)}, ${nearest} would do.`;
    return { code: 'ORDER.BAD_SIZE', message: withAdvice(text, advice), field: 'quantity' };
  }
  const minimum = evidence.book.minOrderSize ?? terms.minOrderSize;
  const isBound = !isImmediate(intent) || settings.minimumSizeBindsImmediate;
  if (!isBound || quantity >= minimum) return null;
  const advice = `This market takes ${formatMicro(minimum)} shares or more${settings.minimumSizeBindsImmediate ? '' : ' in an order that may rest'}.`;
  return {
    code: 'ORDER.BAD_SIZE',
    message: withAdvice(VENUE_TEXTS.minimumSize(orderId, quantity, minimum), advice),
    field: 'quantity',
  };
}

/** A hundredth of a share, and a cent, in micro-units. */
const SHARE_CENT = 10_000n;
const CENT = 10_000n;
const CENT_DECIMALS = 2;

/** C1: what an immediate buy pays is in whole cents: its amount, or at the venue price x quantity of a limit. */
function amountProblem({ intent, terms, evidence }: OrderCheck): Refusal | null {
  const { side, type, quantity, amount, price } = intent;
  const accuracy = (): string =>
    VENUE_TEXTS.accuracy('market ', 'buy', CENT_DECIMALS, precisionOf(currentTick(terms, evidence.book)).amount);
  if (amount !== null && amount % CENT !== 0n) {
    const below = amount - (amount % CENT);
    const advice = `An amount has at most 2 decimals; got ${formatMicro(amount)}, ${formatMicro(below)} or ${formatMicro(below + CENT)} would do.`;
    return { code: 'ORDER.BAD_SIZE', message: withAdvice(accuracy(), advice), field: 'amount' };
  }
  if (type !== 'limit' || side !== 'buy' || !isImmediate(intent) || quantity === null || price === null) return null;
  const product = price * quantity;
  if (product % (CENT * MICRO) === 0n) return null;
  const step = SHARE_CENT * (MICRO / greatestCommonDivisor(price, MICRO));
  const advice = `At ${formatMicro(price)} it would pay ${formatMicro(product / MICRO)} USDC; a ${intent.timeInForce} buy pays whole cents, as quantities that are a multiple of ${formatMicro(step)} do. A market order takes any quantity of 2 decimals.`;
  return { code: 'ORDER.BAD_SIZE', message: withAdvice(accuracy(), advice), field: 'quantity' };
}

function greatestCommonDivisor(a: bigint, b: bigint): bigint {
  return b === 0n ? a : greatestCommonDivisor(b, a % b);
}

/** C3: a gtd order ends later than the minimum lead from now. */
function expiryProblem({ expiresAt }: OrderIntent, now: Date, settings: ExchangeSettings): Refusal | null {
  if (expiresAt === null) return null;
  const earliest = now.getTime() + settings.gtdMinimumLeadMs;
  if (expiresAt.getTime() > earliest) return null;
  const advice = `expires_at must be later than ${new Date(earliest).toISOString()}, ${settings.gtdMinimumLeadMs / 1_000} s from now; got ${expiresAt.toISOString()}.`;
  return { code: 'ORDER.BAD_EXPIRY', message: withAdvice(VENUE_TEXTS.expiration, advice), field: 'expires_at' };
}

/** C4: a sale holds its shares. */
function checkSale({ intent, evidence, freeShares }: OrderCheck, worstPrice: MicroPrice): OrderDecision {
  const quantity = intent.quantity ?? NO_SHARES;
  if (quantity > freeShares) {
    const advice = `The order sells ${formatMicro(quantity)} shares, ${formatMicro(freeShares)} are free.`;
    const message = withAdvice(VENUE_TEXTS.balance, advice);
    return { ok: false, refusal: { code: 'ORDER.INSUFFICIENT_SHARES', message, field: 'quantity' } };
  }
  return {
    ok: true,
    reserveCash: microUsdc(0n),
    reserveShares: quantity,
    worstPrice,
    marketable: crosses(evidence.book, 'sell', worstPrice),
  };
}

/** C4: a buy holds its cost at the worst price and the most its fees can come to. C1: one that takes is worth a dollar. */
function checkBuy(check: OrderCheck, worstPrice: MicroPrice): OrderDecision {
  const { intent, terms, evidence, settings, freeCash } = check;
  const marketable = crosses(evidence.book, 'buy', worstPrice);
  const { value, fee } = costOf(intent, worstPrice, terms, evidence);
  const field = intent.amount === null ? 'quantity' : 'amount';
  const takes = marketable || (isImmediate(intent) && value > 0n);
  if (takes && value < settings.marketableMinimum) {
    const advice = `A buy that takes at once is worth at least ${formatMicro(settings.marketableMinimum)} USDC.`;
    const message = withAdvice(VENUE_TEXTS.marketableMinimum(value, settings.marketableMinimum), advice);
    return { ok: false, refusal: { code: 'ORDER.BAD_SIZE', message, field } };
  }
  const reserveCash = microUsdc(value + fee);
  if (reserveCash > freeCash) {
    const fees = fee === 0n ? '' : `, ${formatMicro(fee)} of it for fees`;
    const advice = `The order needs ${formatMicro(reserveCash)} USDC${fees}; ${formatMicro(freeCash)} are free.`;
    const message = withAdvice(VENUE_TEXTS.balance, advice);
    return { ok: false, refusal: { code: 'ORDER.INSUFFICIENT_CASH', message, field } };
  }
  return { ok: true, reserveCash, reserveShares: NO_SHARES, worstPrice, marketable };
}

const NO_SHARES = microShares(0n);

/** The most an order may cost: its value and its fees. Without a price it is what the book of now would charge. */
function costOf(
  intent: OrderIntent,
  worstPrice: MicroPrice,
  terms: MarketTerms,
  { book }: BookEvidence,
): Pick<Walk, 'value' | 'fee'> {
  const { amount, quantity, price } = intent;
  if (amount !== null) return { value: amount, fee: worstTakerFeeOfAmount(terms.fees, amount) };
  const wanted = quantity ?? NO_SHARES;
  const walk = walkBook({
    side: 'buy',
    levels: book.asks,
    worstPrice,
    wanted: { quantity: wanted, amount: null },
    // With a price only the shares count, and their fee is that of the worst price.
    fees: price === null ? terms.fees : null,
    takenAt: () => NO_SHARES,
    maxSpend: null,
  });
  if (price === null) return walk;
  const taking = isImmediate(intent) ? wanted : walk.quantity;
  return { value: notional(price, wanted, 'up'), fee: worstTakerFee(terms.fees, price, taking) };
}
