import type { FeeSchedule } from '../market';
import type { MicroPrice, MicroShares, MicroUsdc } from '../money';

export const ORDER_SIDES = ['buy', 'sell'] as const;
export type OrderSide = (typeof ORDER_SIDES)[number];

export const ORDER_TYPES = ['market', 'limit'] as const;
export type OrderType = (typeof ORDER_TYPES)[number];

/** Good till cancelled, good till a date, fill or kill, fill and kill. */
export const TIMES_IN_FORCE = ['gtc', 'gtd', 'fok', 'fak'] as const;
export type TimeInForce = (typeof TIMES_IN_FORCE)[number];

/**
 * `open`: nothing filled yet. `partially_filled`: some filled, the rest still works. `filled`: all of it. `cancelled`: ended with a rest
 * unfilled, by its owner, by its time in force or because the market ended. `expired`: a gtd order whose time ran out. `rejected`: accepted
 * when it was received, and refused by the rules as it arrived.
 */
export const ORDER_STATUSES = ['open', 'partially_filled', 'filled', 'cancelled', 'expired', 'rejected'] as const;
export type OrderStatus = (typeof ORDER_STATUSES)[number];

/**
 * Where an order is on its way. `arriving`: travelling to the venue. `delayed`: marketable, held by the market's taker delay; cannot be
 * cancelled. `resting`: in the book. `done`: nothing more will happen to it.
 */
export const ORDER_PHASES = ['arriving', 'delayed', 'resting', 'done'] as const;
export type OrderPhase = (typeof ORDER_PHASES)[number];

/** How strict a portfolio's fills are; see the fill model of `@app/exchange`. */
export const EXECUTION_PROFILES = ['ideal', 'realistic', 'conservative'] as const;
export type ExecutionProfile = (typeof EXECUTION_PROFILES)[number];

/** How long an order travels before it meets the book. */
export const LATENCY_PROFILES = ['ideal', 'colocated', 'retail', 'recorded'] as const;
export type LatencyProfile = (typeof LATENCY_PROFILES)[number];

/** What a client wants done, before anything is decided. Exactly one of `quantity` and `amount` is set. */
export interface OrderIntent {
  side: OrderSide;
  type: OrderType;
  /** Shares to trade. */
  quantity: MicroShares | null;
  /** USDC to spend, fee not included; market buys only. */
  amount: MicroUsdc | null;
  /** The limit of a limit order; the worst price accepted of a market order, null for any. */
  price: MicroPrice | null;
  timeInForce: TimeInForce;
  /** When a gtd order ends, as the client gave it; null otherwise. */
  expiresAt: Date | null;
  postOnly: boolean;
}

/** One outcome of one market, as an order names it. */
export interface MarketOutcomeRef {
  /** Slug of the market. */
  marketId: string;
  conditionId: string;
  tokenId: string;
  outcome: string;
  outcomeIndex: number;
}

/** An order as kept. Invariant: `filledQuantity` never exceeds what was ordered; a `done` order holds no reservation. */
export interface Order extends OrderIntent, MarketOutcomeRef {
  id: string;
  portfolioId: string;
  userId: string;
  /** Which run of the portfolio it belongs to, from 1; a reset begins the next. */
  run: number;
  clientOrderId: string | null;
  notes: string | null;
  marketQuestion: string;

  status: OrderStatus;
  phase: OrderPhase;
  filledQuantity: MicroShares;
  /** Sum of price x shares over its fills, fees not included. */
  filledValue: MicroUsdc;
  fees: MicroUsdc;
  /** Cash held for it now. */
  reservedCash: MicroUsdc;
  /** Shares held for it now. */
  reservedShares: MicroShares;
  /** Shares still ahead of it in the queue; null while it does not rest. */
  queueAhead: MicroShares | null;
  /** Shares ahead of it when it came to rest; null when it never did. */
  queueAheadAtEntry: MicroShares | null;
  /** Why it was refused or ended, as a sentence or the venue's own text; null while it works and when it filled. */
  rejectReason: string | null;

  profile: ExecutionProfile;
  /** The fee curve the market had when it was accepted; null when trading is free. */
  feeSchedule: FeeSchedule | null;
  /** Midpoint of its token's book when it was received, null when a side was empty. */
  decisionMidpoint: MicroPrice | null;
  /** Midpoint of its token's book as it came to rest; null when it never did, and when a side was empty. */
  arrivalMidpoint: MicroPrice | null;
  /** When it reaches the venue, and when it meets the book: later by the taker delay when it is marketable. */
  arrivesAt: Date;
  matchesAt: Date;
  /** When it came to rest; null when it never did. */
  restingSince: Date | null;
  createdAt: Date;
  updatedAt: Date;
}

/** How much of an order by quantity is left; for one by amount, null. */
export function remainingQuantity(order: Pick<Order, 'quantity' | 'filledQuantity'>): MicroShares | null {
  return order.quantity === null ? null : ((order.quantity - order.filledQuantity) as MicroShares);
}

/** Whether an order may still change. */
export function isWorking(order: Pick<Order, 'phase'>): boolean {
  return order.phase !== 'done';
}
