import type { MicroShares, MicroUsdc } from '../money';
import type { MarketOutcomeRef } from './order';

/**
 * Accounts of a portfolio's double-entry ledger. `cash`, `reserved` and `positions` (at cost) are what it has; `fees` is what it paid; `realised`
 * (negative for gains) is what it earned, `owed` (negative while something is owed) what a changed resolution took back beyond the cash there was,
 * and `external` (negative for deposits) where its money came from. All of them sum to zero.
 */
export const LEDGER_ACCOUNTS = ['cash', 'reserved', 'positions', 'realised', 'fees', 'owed', 'external'] as const;
export type LedgerAccount = (typeof LEDGER_ACCOUNTS)[number];

export const LEDGER_KINDS = [
  'deposit',
  'withdrawal',
  'reserve',
  'release',
  'buy',
  'sell',
  'split',
  'merge',
  'settlement',
  'settlement_reversal',
  /** Free cash taken towards what is owed. */
  'repayment',
] as const;
export type LedgerKind = (typeof LEDGER_KINDS)[number];

export interface LedgerPosting {
  account: LedgerAccount;
  amount: MicroUsdc;
}

/** A change of shares that goes with an entry. */
export interface ShareMovement extends MarketOutcomeRef {
  change: MicroShares;
  quantityAfter: MicroShares;
}

/** One movement of paper money. Invariants: its postings sum to zero; `seq` has no holes; the after-balances are those of the portfolio. */
export interface LedgerEntry {
  portfolioId: string;
  run: number;
  seq: number;
  kind: LedgerKind;
  postings: readonly LedgerPosting[];
  /** Free cash, and cash held for orders, after it. */
  cashAfter: MicroUsdc;
  reservedAfter: MicroUsdc;
  shares: readonly ShareMovement[];
  orderId: string | null;
  tradeId: string | null;
  /** `{condition id}:{version}` of the resolution paid or reversed. */
  settlementKey: string | null;
  /** A sentence a person understands. */
  description: string;
  at: Date;
}
