import type { FeeSchedule } from '../market';
import type { MicroPrice, MicroShares, MicroUsdc } from '../money';
import type { ExecutionProfile, MarketOutcomeRef, OrderSide } from './order';

export const LIQUIDITY_ROLES = ['taker', 'maker'] as const;
export type LiquidityRole = (typeof LIQUIDITY_ROLES)[number];

/** What a fill rests on. A: displayed size taken. B: a print through our price. C: a print at our price after the queue, or a crossed quote. */
export const EVIDENCE_GRADES = ['A', 'B', 'C'] as const;
export type EvidenceGrade = (typeof EVIDENCE_GRADES)[number];

/** Letter of the fill rule that filled. */
export const FILL_RULES = ['E1', 'F1', 'F2', 'F7'] as const;
export type FillRule = (typeof FILL_RULES)[number];

/** Why a fill happened: enough to check it by hand. */
export interface FillReceipt {
  rule: FillRule;
  grade: EvidenceGrade;
  profile: ExecutionProfile;
  /** Version of the fill model that decided. */
  modelVersion: number;
  /** Where the book came from, its own sequence number when it was streamed, the venue's hash of it when that was given, and its times. */
  bookSource: 'stream' | 'rest';
  bookSequence: number | null;
  bookHash: string | null;
  bookVenueTime: Date;
  bookReceivedAt: Date;
  /** Size displayed at the price when it was taken, and how much of it this portfolio had taken before; null for maker fills. */
  displayedSize: MicroShares | null;
  takenBefore: MicroShares | null;
  /** The print that filled a resting order; null for takers and crossed quotes. */
  printKey: string | null;
  printSize: MicroShares | null;
  /** Queue ahead when the order came to rest, and just before this fill; null for takers. */
  queueAheadAtEntry: MicroShares | null;
  queueAheadAtFill: MicroShares | null;
  /** Midpoint of the token's book as the order met it; null when a side was empty. */
  arrivalMidpoint: MicroPrice | null;
  /** The market's fee curve, which takers are charged and a maker's rebate is estimated from; null when free. */
  feeSchedule: FeeSchedule | null;
}

/** One fill. `price` x `quantity`, rounded against the trader, is `value`. */
export interface Trade extends MarketOutcomeRef {
  id: string;
  portfolioId: string;
  userId: string;
  run: number;
  orderId: string;
  side: OrderSide;
  quantity: MicroShares;
  price: MicroPrice;
  /** USDC paid for a buy, received for a sale; the fee comes on top of the one and off the other. */
  value: MicroUsdc;
  fee: MicroUsdc;
  /** What the sale realised against the average cost, fee not included; null for buys. */
  realised: MicroUsdc | null;
  liquidity: LiquidityRole;
  /** Midpoint when it filled; null when a side was empty. */
  midpointAtFill: MicroPrice | null;
  /** Hundredths of a percent of the arrival midpoint paid more (bought) or got less (sold); negative when better; null without midpoint. In millionths of a basis point. */
  slippageBps: bigint | null;
  receipt: FillReceipt;
  notes: string | null;
  marketQuestion: string;
  /** When it filled by the market's clock. */
  tradedAt: Date;
  createdAt: Date;
}
