import { type MicroShares, microUsdc, type MicroUsdc, subtract } from '../money';
import type { ExecutionProfile, LatencyProfile, MarketOutcomeRef } from './order';

/** A portfolio. Invariants: `cash`, `reserved` and `owed` are never negative; the first two are the sum of its ledger since the run began. */
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
  /**
   * What a changed resolution took back and there was no free cash for; 0 as a rule. It is paid from the cash that comes in next, and until
   * then that much of `cash` cannot be spent and equity is lower by it.
   */
  owed: MicroUsdc;
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

/** Cash that can be spent or held for an order: the free cash beyond what is owed. */
export function availableCash(portfolio: Pick<Portfolio, 'cash' | 'owed'>): MicroUsdc {
  const left = subtract(portfolio.cash, portfolio.owed);
  return left > 0n ? left : microUsdc(0n);
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
