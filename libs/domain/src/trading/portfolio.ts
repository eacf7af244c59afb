import type { MicroShares, MicroUsdc } from '../money';
import type { ExecutionProfile, LatencyProfile, MarketOutcomeRef } from './order';

/** A portfolio. Invariants: `cash` and `reserved` are never negative; together they are the sum of its ledger since the run began. */
export interface Portfolio {
  id: string;
  userId: string;
  name: string;
  description: string | null;
  initialBalance: MicroUsdc;
  /** Cash free to use. */
  cash: MicroUsdc;
  /** Cash held for working orders. */
  reserved: MicroUsdc;
  /** Sum over the run of what sales and settlements realised against average cost, fees not included. */
  realised: MicroUsdc;
  /** Sum of the fees of the run. */
  fees: MicroUsdc;
  /** From 1; a reset ends one run and begins the next. */
  run: number;
  runStartedAt: Date;
  profile: ExecutionProfile;
  latency: LatencyProfile;
  isActive: boolean;
  /** When it was deleted; its ledger stays. Null otherwise. */
  archivedAt: Date | null;
  /** Raised by every change, of its orders and positions too; a write that met another version did not happen. */
  version: number;
  /** Number of the last ledger entry, over all runs. */
  ledgerSeq: number;
  /** Orders that still work. */
  openOrders: number;
  createdAt: Date;
  updatedAt: Date;
}

/** `open`: shares are held. `closed`: all were sold or merged. `settled`: the market paid. */
export const POSITION_STATUSES = ['open', 'closed', 'settled'] as const;
export type PositionStatus = (typeof POSITION_STATUSES)[number];

/** Shares of one outcome in one run of a portfolio. Invariant: 0 <= reserved <= quantity; no quantity means no cost. */
export interface Position extends MarketOutcomeRef {
  portfolioId: string;
  userId: string;
  run: number;
  marketQuestion: string;
  quantity: MicroShares;
  /** Shares held for working sales. */
  reserved: MicroShares;
  /** What the shares held cost, fees not included (average cost method). */
  cost: MicroUsdc;
  realised: MicroUsdc;
  fees: MicroUsdc;
  status: PositionStatus;
  /** Version of the resolution that was paid; null before. */
  settledVersion: number | null;
  openedAt: Date;
  updatedAt: Date;
}
