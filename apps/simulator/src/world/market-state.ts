/** Compact facts of the simulated venue. Times are Unix seconds; prices are micro-units (1 = 1_000_000). */

/** What makes a market's answer differ in shape. */
export type MarketShape =
  | 'standard'
  /** Deployed, never opened: no order book, no prices. */
  | 'never_opened'
  /** "Person F" of an augmented neg-risk event: not active. */
  | 'placeholder'
  /** AMM era: few fields, closed, prices that are no payout. */
  | 'legacy'
  /** Closed without a condition id. */
  | 'no_condition';

/** How a market ends: an outcome's index, equal parts, or closed without any payout. */
export type Payout = number | 'split' | 'none';

export interface TagState {
  id: number;
  label: string;
  slug: string;
}

export interface SeriesState {
  id: number;
  slug: string;
  title: string;
  recurrence: string;
}

export interface FeeTerms {
  type: string;
  rate: number;
  rebateRate: number;
}

export interface SportTerms {
  gameStartAt: number;
  gameId: string;
  /** Seconds a taker's order waits. */
  secondsDelay: number;
}

export interface EventState {
  index: number;
  id: number;
  slug: string;
  title: string;
  rules: string;
  resolutionSource: string;
  picture: string;
  category: string;
  tags: readonly TagState[];
  series: SeriesState | null;
  fees: FeeTerms | null;
  negRisk: boolean;
  augmented: boolean;
  sport: SportTerms | null;
  crypto: { asset: string; duration: string; startAt: number } | null;
  createdAt: number;
  endAt: number;
  /** Index of its first market; its markets follow each other. */
  first: number;
  count: number;
}

export interface MarketState {
  index: number;
  id: number;
  event: EventState;
  seed: number;
  shape: MarketShape;
  question: string;
  slug: string;
  groupTitle: string | null;
  outcomes: readonly string[];
  other: boolean;
  archived: boolean;
  sportsMarketType: string | null;
  line: number | null;

  createdAt: number;
  openAt: number;
  endAt: number;
  /** Infinity when the result is not proposed yet. */
  proposedAt: number;
  disputedAt: number;
  closeAt: number;
  payout: Payout;
  /** Takes no orders although it is open. */
  halted: boolean;
  /** What the CLOB names once the market is closed: an outcome's index, or none, as on its old rows. Null: what Gamma's prices say. */
  clobWinner: number | 'none' | null;
  /** What Gamma shows as UMA status; null: what goes with the phase. */
  umaStatus: string | null;

  tickMicro: number;
  /** Seconds a price holds before it moves. */
  stepSeconds: number;
  /** Log-odds around which the price wanders. */
  baseLogit: number;
  /** Standard deviation of a day's move, in log-odds. */
  volatility: number;
  noBids: boolean;
  /** USD traded until the world's epoch. */
  volume: number;
  liquidity: number;

  /** Set by the control port; replaces the walk from `touchedAt` on. */
  fixedPriceMicro: number | null;
  touchedAt: number;
}

export type Phase = 'unopened' | 'open' | 'proposed' | 'disputed' | 'closed';

/** Returns where in its life a market is at a moment. */
export function phaseAt(market: MarketState, at: number): Phase {
  if (at >= market.closeAt) return 'closed';
  if (market.shape === 'never_opened' || at < market.openAt) return 'unopened';
  if (at >= market.disputedAt) return 'disputed';
  return at >= market.proposedAt ? 'proposed' : 'open';
}

/** Whether the venue keeps a CLOB book for the market. */
export function hasOrderBook(market: MarketState): boolean {
  return market.shape === 'standard' || market.shape === 'placeholder';
}

/** Whether orders are taken: by everything but closed, unopened, halted and legacy markets. */
export function acceptsOrders(market: MarketState, at: number): boolean {
  const phase = phaseAt(market, at);
  return hasOrderBook(market) && !market.halted && phase !== 'closed' && phase !== 'unopened';
}

/** "Deployed and not archived", which is not the same as trading. */
export function isActive(market: MarketState): boolean {
  return market.shape !== 'placeholder';
}
