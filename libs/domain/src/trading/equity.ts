import type { MicroUsdc } from '../money';

/** Why a snapshot was taken: by the clock, or just before and just after money came in or went out. */
export const EQUITY_SNAPSHOT_KINDS = ['scheduled', 'before_flow', 'after_flow'] as const;
export type EquitySnapshotKind = (typeof EQUITY_SNAPSHOT_KINDS)[number];

/**
 * How long a snapshot is kept. `sample`: one of every five minutes. `hour`, `day`: the first of its UTC hour or day. Snapshots around flows are `day`:
 * the return over a run begins and ends with them.
 */
export const EQUITY_SNAPSHOT_GRAINS = ['sample', 'hour', 'day'] as const;
export type EquitySnapshotGrain = (typeof EQUITY_SNAPSHOT_GRAINS)[number];

/**
 * What a portfolio was worth at one moment. Invariant: a position without a price is in none of the values but `cost`; it is counted in `unpriced`,
 * and with one such position the equity of that moment is not known.
 */
export interface EquitySnapshot {
  portfolioId: string;
  run: number;
  at: Date;
  kind: EquitySnapshotKind;
  grain: EquitySnapshotGrain;
  cash: MicroUsdc;
  reserved: MicroUsdc;
  /** What a changed resolution took back and is not repaid yet. */
  owed: MicroUsdc;
  /** Shares at the midpoint, over the positions that have a price. */
  positionsValue: MicroUsdc;
  /** What selling the shares into the bids would bring, fees off; null when a book could not be read. */
  liquidationValue: MicroUsdc | null;
  /** Cost of the open positions, those without a price included. */
  cost: MicroUsdc;
  realised: MicroUsdc;
  fees: MicroUsdc;
  /** Deposits less withdrawals of the run so far. */
  netDeposits: MicroUsdc;
  /** Open positions without a price, and what they cost. */
  unpriced: number;
  unpricedCost: MicroUsdc;
}
