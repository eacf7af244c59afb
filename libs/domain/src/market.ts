import { MICRO, MicroPrice, MicroShares, MicroUsdc, parseMicro, PartsPerMillion, partsPerMillion } from './money';

/** A Gamma tag as attached to a market or its event. */
export interface MarketTag {
  id: string;
  label: string;
  slug: string;
}

/** The event a market belongs to; one in practice. */
export interface MarketEvent {
  id: string;
  slug: string;
  title: string;
  negRisk: boolean;
  negRiskAugmented: boolean;
  /** The recurring series the event is part of, when it is. */
  seriesSlug: string | null;
}

/** The fee curve a market was created with: fee = shares x rate x (p (1 - p))^exponent. Source: Gamma `feeSchedule`. */
export interface FeeSchedule {
  /** Venue label such as `crypto_fees_v2`; null when it gave none. */
  type: string | null;
  rate: PartsPerMillion;
  exponent: number;
  takerOnly: boolean;
  /** Share of the taker fee paid back to makers. */
  rebateRate: PartsPerMillion;
}

/** Liquidity-reward terms. */
export interface MarketRewards {
  minSize: MicroShares | null;
  /** Cents from the midpoint, in micro-units of a cent's display number (3.5 cents = 3_500_000n). */
  maxSpread: bigint | null;
  /** Sum of the daily rates offered now, in USDC; null when none is listed. */
  dailyRate: MicroUsdc | null;
}

export type ResolutionStatus = 'unresolved' | 'proposed' | 'disputed' | 'resolved';

/** How a market ended, or how far it is. `payouts` sum to 1_000_000 over the outcomes once resolved. */
export interface MarketResolution {
  status: ResolutionStatus;
  /** Null while unresolved and for split payouts (50/50). */
  winningOutcomeIndex: number | null;
  payouts: PartsPerMillion[];
  resolvedAt: Date | null;
}

/**
 * A market as the venue describes it, normalised: JSON-encoded strings decoded, numeric strings parsed, absent fields null.
 * `outcomes`, `outcomePrices` and `clobTokenIds` run parallel; the last two may be empty on legacy or never-opened rows.
 */
export interface VenueMarket {
  /** Lower-case key of a market here and at the venue. */
  slug: string;
  gammaId: string;
  /** 0x + 64 hex, or null where the venue left it empty. */
  conditionId: string | null;
  questionId: string | null;
  question: string;
  description: string | null;
  category: string | null;
  resolutionSource: string | null;
  image: string | null;
  icon: string | null;
  groupItemTitle: string | null;
  groupItemThreshold: string | null;

  outcomes: string[];
  /** Display prices as the venue wrote them ("0.045"); legacy rows carry more than six decimals. */
  outcomePrices: string[];
  /** Decimal uint256 strings; never numbers. */
  clobTokenIds: string[];

  active: boolean;
  closed: boolean;
  archived: boolean;
  restricted: boolean;
  acceptingOrders: boolean;
  enableOrderBook: boolean;

  tickSize: MicroPrice | null;
  minOrderSize: MicroShares | null;
  fees: FeeSchedule | null;
  secondsDelay: number | null;
  clearBookOnStart: boolean;

  negRisk: boolean;
  negRiskMarketId: string | null;
  negRiskRequestId: string | null;
  negRiskOther: boolean;

  /** Of the first outcome. */
  bestBid: MicroPrice | null;
  bestAsk: MicroPrice | null;
  spread: MicroPrice | null;
  lastTradePrice: MicroPrice | null;
  oneDayPriceChange: MicroPrice | null;

  volumeTotal: MicroUsdc;
  volume24h: MicroUsdc;
  volume7d: MicroUsdc;
  volume30d: MicroUsdc;
  liquidity: MicroUsdc;

  startDate: Date | null;
  /** A scheduled date, not a close time: markets trade past it. */
  endDate: Date | null;
  venueCreatedAt: Date | null;
  venueUpdatedAt: Date | null;
  closedTime: Date | null;
  gameStartTime: Date | null;
  acceptingOrdersSince: Date | null;

  umaResolutionStatus: string | null;
  sportsMarketType: string | null;
  event: MarketEvent | null;
  tags: MarketTag[];
  rewards: MarketRewards;
  resolution: MarketResolution;
}

/** A market as kept here. */
export interface Market extends VenueMarket {
  firstSyncedAt: Date;
  /** When the venue's answer was last compared with this record, whether or not anything had changed. */
  lastSyncedAt: Date;
}

/**
 * Whether orders can be entered at the venue: active, not closed, accepting orders, with an order book.
 * `active` alone means "deployed and not archived". Source: Polymarket's official bindings, read 2026-10.
 */
export function isTradeable(
  market: Pick<VenueMarket, 'active' | 'closed' | 'acceptingOrders' | 'enableOrderBook'>,
): boolean {
  return market.active && !market.closed && market.acceptingOrders && market.enableOrderBook;
}

/** What the venue says that decides how a market ended. */
export interface ResolutionEvidence {
  closed: boolean;
  umaResolutionStatus: string | null;
  outcomes: readonly string[];
  outcomePrices: readonly string[];
  closedTime: Date | null;
  umaEndDate: Date | null;
}

/**
 * Derives the resolution from the venue's own fields.
 *
 * Resolved only when the market is closed and the final prices are an exact payout vector: one outcome 1 and the rest 0, or equal
 * parts (50/50). Closed with prices 0/0 or near zero (20 legacy rows of 2020) is not a result, and a proposal can still be flipped.
 */
export function deriveResolution(evidence: ResolutionEvidence): MarketResolution {
  const resolvedAt = evidence.closedTime ?? evidence.umaEndDate;
  const payouts = evidence.closed ? payoutVector(evidence.outcomePrices, evidence.outcomes.length) : null;
  if (payouts !== null) {
    const winner = payouts.findIndex((payout) => payout === MICRO);
    return { status: 'resolved', winningOutcomeIndex: winner === -1 ? null : winner, payouts, resolvedAt };
  }
  const status = evidence.umaResolutionStatus;
  const open: ResolutionStatus = status === 'proposed' || status === 'disputed' ? status : 'unresolved';
  return { status: open, winningOutcomeIndex: null, payouts: [], resolvedAt: null };
}

/** Returns the payouts that final prices say: one outcome 1 and the rest 0, or equal parts, exactly; null when they say none. */
export function payoutVector(prices: readonly string[], outcomeCount: number): PartsPerMillion[] | null {
  if (prices.length !== outcomeCount || outcomeCount === 0) return null;
  const parsed = prices.map((price) => parseMicro(price));
  const values: bigint[] = [];
  for (const price of parsed) {
    if (!price.ok) return null;
    values.push(price.value);
  }
  if (values.reduce((sum, value) => sum + value, 0n) !== MICRO) return null;
  const oneWinner = values.every((value) => value === 0n || value === MICRO);
  const equalParts = values.every((value) => value === values[0]);
  return oneWinner || equalParts ? values.map(partsPerMillion) : null;
}

export type MarketChangeKind = 'added' | 'closed' | 'reopened' | 'resolved' | 'tick_changed' | 'renamed';

/** One entry of the change log. */
export interface MarketChange {
  slug: string;
  kind: MarketChangeKind;
  at: Date;
  /** What was and what is, as display text; null where there was nothing before. */
  before: string | null;
  after: string | null;
}

/** What two versions of the same market differ in that the change log records; `before` null for a market not seen yet. */
export function diffMarket(
  before: MarketChangeBasis | null,
  after: MarketChangeBasis,
): Omit<MarketChange, 'slug' | 'at'>[] {
  if (before === null) return [{ kind: 'added', before: null, after: null }];
  const changes: Omit<MarketChange, 'slug' | 'at'>[] = [];
  if (!before.closed && after.closed) changes.push({ kind: 'closed', before: null, after: null });
  if (before.closed && !after.closed) changes.push({ kind: 'reopened', before: null, after: null });
  if (before.resolution.status !== 'resolved' && after.resolution.status === 'resolved') {
    changes.push({ kind: 'resolved', before: before.resolution.status, after: describeOutcome(after) });
  }
  if (before.tickSize !== after.tickSize && after.tickSize !== null) {
    changes.push({
      kind: 'tick_changed',
      before: before.tickSize?.toString() ?? null,
      after: after.tickSize.toString(),
    });
  }
  return changes;
}

export type MarketChangeBasis = Pick<VenueMarket, 'closed' | 'tickSize' | 'resolution' | 'outcomes'>;

function describeOutcome(market: MarketChangeBasis): string {
  const winner = market.resolution.winningOutcomeIndex;
  return winner === null ? 'split' : (market.outcomes[winner] ?? `outcome ${winner}`);
}

/** One point of a price series. */
export interface PricePoint {
  /** Unix seconds. */
  t: number;
  p: MicroPrice;
}
