import {
  type FeeSchedule,
  type MicroPrice,
  microPrice,
  type MicroShares,
  microShares,
  type MicroUsdc,
  microUsdc,
  type OrderIntent,
  parseMicro,
  partsPerMillion,
} from '@app/domain';
import {
  type BookEvidence,
  type BookLevel,
  DEFAULT_EXCHANGE_SETTINGS,
  type MarketTerms,
  mirrorLevels,
  type OrderBookSnapshot,
  type OrderCheck,
  type TakeInput,
} from '@app/exchange';

/** Builders for tests; numbers are written as decimal text. */

export const NOW = new Date('2026-02-07T12:00:00.000Z');
export const YES_TOKEN = '111';
export const NO_TOKEN = '222';
export const CONDITION_ID = `0x${'ab'.repeat(32)}`;

/** Micro-units of decimal text. */
export function micro(text: string): bigint {
  const parsed = parseMicro(text);
  if (!parsed.ok) throw new Error(`${text} is ${parsed.problem}`);
  return parsed.value;
}

export const price = (text: string): MicroPrice => microPrice(micro(text));
export const shares = (text: string): MicroShares => microShares(micro(text));
export const usdc = (text: string): MicroUsdc => microUsdc(micro(text));

/** `size@price`, best first. */
export function levels(...texts: string[]): BookLevel[] {
  return texts.map((text) => {
    const [size = '', at = ''] = text.split('@');
    return { price: price(at), size: shares(size) };
  });
}

/** A fee of shares x rate x p (1 - p), as today's markets have. */
export const feesAt = (rate: string, exponent = 1): FeeSchedule => ({
  type: null,
  rate: partsPerMillion(micro(rate)),
  exponent,
  takerOnly: true,
  rebateRate: partsPerMillion(0n),
});

export const marketTerms = (change: Partial<MarketTerms> = {}): MarketTerms => ({
  marketId: 'will-it-rain',
  conditionId: CONDITION_ID,
  question: 'Will it rain?',
  outcomes: ['Yes', 'No'],
  tokenIds: [YES_TOKEN, NO_TOKEN],
  tickSize: price('0.01'),
  minOrderSize: shares('5'),
  fees: null,
  takerDelayMs: 0,
  tradable: true,
  ...change,
});

/** The first outcome's book. */
export const yesBook = (
  side: { bids?: BookLevel[]; asks?: BookLevel[] },
  change: Partial<OrderBookSnapshot> = {},
): OrderBookSnapshot => ({
  tokenId: YES_TOKEN,
  conditionId: CONDITION_ID,
  bids: side.bids ?? [],
  asks: side.asks ?? [],
  tickSize: null,
  minOrderSize: null,
  negRisk: false,
  lastTradePrice: null,
  hash: null,
  venueTime: NOW,
  ...change,
});

/** The second outcome's view of the first one's book. */
export const noBook = (book: OrderBookSnapshot): OrderBookSnapshot => ({
  ...book,
  ...mirrorLevels(book),
  tokenId: NO_TOKEN,
});

export const evidenceOf = (book: OrderBookSnapshot, change: Partial<BookEvidence> = {}): BookEvidence => ({
  state: 'live',
  reason: null,
  book,
  source: 'rest',
  sequence: null,
  hash: book.hash,
  receivedAt: NOW,
  ...change,
});

type Terms = Partial<Pick<OrderIntent, 'expiresAt' | 'postOnly' | 'timeInForce'>>;

/** A limit order, good till cancelled unless said otherwise. */
export const limit = (side: OrderIntent['side'], quantity: string, at: string, terms: Terms = {}): OrderIntent => ({
  side,
  type: 'limit',
  quantity: shares(quantity),
  amount: null,
  price: price(at),
  timeInForce: 'gtc',
  expiresAt: null,
  postOnly: false,
  ...terms,
});

/** A market order of shares, fill or kill unless said otherwise. */
export const market = (
  side: OrderIntent['side'],
  quantity: string,
  worst: string | null,
  terms: Terms = {},
): OrderIntent => ({
  ...limit(side, quantity, worst ?? '0.5', { timeInForce: 'fok', ...terms }),
  type: 'market',
  price: worst === null ? null : price(worst),
});

/** A market buy that spends an amount. */
export const spend = (amount: string, worst: string | null, terms: Terms = {}): OrderIntent => ({
  ...market('buy', '1', worst, terms),
  quantity: null,
  amount: usdc(amount),
});

export const checkOf = (
  intent: OrderIntent,
  book: OrderBookSnapshot,
  change: Partial<OrderCheck> = {},
): OrderCheck => ({
  orderId: 'o-1',
  intent,
  terms: marketTerms(),
  evidence: evidenceOf(book),
  now: NOW,
  settings: DEFAULT_EXCHANGE_SETTINGS,
  freeCash: usdc('10000'),
  freeShares: shares('10000'),
  ...change,
});

/** A whole order as it meets a book of the first outcome. */
export const takeOf = (intent: OrderIntent, book: OrderBookSnapshot, change: Partial<TakeInput> = {}): TakeInput => ({
  orderId: 'o-1',
  intent,
  remaining:
    intent.quantity === null
      ? { quantity: null, amount: intent.amount ?? usdc('0') }
      : { quantity: intent.quantity, amount: null },
  worstPrice: intent.price ?? price(intent.side === 'buy' ? '0.99' : '0.01'),
  terms: marketTerms(),
  outcomeIndex: 0,
  evidence: evidenceOf(book),
  consumed: null,
  maxSpend: null,
  profile: 'realistic',
  now: NOW,
  settings: DEFAULT_EXCHANGE_SETTINGS,
  ...change,
});

/** `quantity@price` of fills, for reading. */
export function told(fills: readonly { price: bigint; quantity: bigint }[]): string[] {
  return fills.map(({ price: at, quantity }) => `${Number(quantity) / 1e6}@${Number(at) / 1e6}`);
}
