import type { LedgerAccount, LedgerEntry, LedgerKind } from '@app/domain';
import { Schema } from 'mongoose';
import { CollectionDefinition } from '../index-definition';
import { StoredInt64 } from '../int64';
import { STAMP_FIELDS, StoredStamps, STRICT_SCHEMA } from '../schema-options';
import { compositeKey, numberPart } from './composite-key';
import { readMoney } from './money-fields';
import {
  COUNT,
  INT64,
  OPTIONAL_TEXT,
  OUTCOME_REF_FIELDS,
  PART,
  StoredOutcomeRef,
  TEXT,
  toOutcomeRef,
  toStoredOutcomeRef,
} from './stored-fields';

const LEDGER_COLLECTION = 'ledger';
const LEDGER_ENTRY_VERSION = 1;

interface StoredPosting {
  account: LedgerAccount;
  amount: StoredInt64;
}

interface StoredMovement extends StoredOutcomeRef {
  change: StoredInt64;
  quantity_after: StoredInt64;
}

export interface StoredLedgerEntry extends StoredStamps {
  /** Portfolio and number. */
  _id: string;
  portfolio_id: string;
  run: number;
  seq: number;
  kind: LedgerKind;
  postings: StoredPosting[];
  cash_after: StoredInt64;
  reserved_after: StoredInt64;
  shares: StoredMovement[];
  order_id: string | null;
  trade_id: string | null;
  /** Absent on entries that settle nothing, so that its index holds no others. */
  settlement_key?: string;
  description: string;
}

export const ledgerEntrySchema = new Schema<StoredLedgerEntry>(
  {
    _id: TEXT,
    portfolio_id: TEXT,
    run: COUNT,
    seq: COUNT,
    kind: TEXT,
    postings: { type: [new Schema<StoredPosting>({ account: TEXT, amount: INT64 }, PART)], required: true },
    cash_after: INT64,
    reserved_after: INT64,
    shares: {
      type: [new Schema<StoredMovement>({ ...OUTCOME_REF_FIELDS, change: INT64, quantity_after: INT64 }, PART)],
      required: true,
    },
    order_id: OPTIONAL_TEXT,
    trade_id: OPTIONAL_TEXT,
    settlement_key: { type: String },
    description: TEXT,
    ...STAMP_FIELDS,
  },
  { ...STRICT_SCHEMA, collection: LEDGER_COLLECTION },
);

export const LEDGER: CollectionDefinition = {
  name: LEDGER_COLLECTION,
  indexes: [
    {
      name: 'settlements',
      key: { settlement_key: 1, portfolio_id: 1, seq: 1 },
      partialFilterExpression: { settlement_key: { $exists: true } },
      serves: 'what a portfolio was paid for a version of a result, and whether it was taken back',
    },
  ],
};

/** Key of an entry; the order of the keys of one portfolio is that of its ledger. */
export function ledgerKey(portfolioId: string, seq: number): string {
  return compositeKey(portfolioId, numberPart(seq));
}

export function toStoredLedgerEntry(entry: LedgerEntry): StoredLedgerEntry {
  return {
    _id: ledgerKey(entry.portfolioId, entry.seq),
    portfolio_id: entry.portfolioId,
    run: entry.run,
    seq: entry.seq,
    kind: entry.kind,
    postings: entry.postings.map(({ account, amount }) => ({ account, amount })),
    cash_after: entry.cashAfter,
    reserved_after: entry.reservedAfter,
    shares: entry.shares.map((movement) => ({
      ...toStoredOutcomeRef(movement),
      change: movement.change,
      quantity_after: movement.quantityAfter,
    })),
    order_id: entry.orderId,
    trade_id: entry.tradeId,
    ...(entry.settlementKey === null ? {} : { settlement_key: entry.settlementKey }),
    description: entry.description,
    created_at: entry.at,
    updated_at: entry.at,
    schema_version: LEDGER_ENTRY_VERSION,
  };
}

/** Returns the entry a document holds. @throws RangeError naming the field when an amount in it is no int64 */
export function toLedgerEntry(stored: StoredLedgerEntry): LedgerEntry {
  const money = readMoney(stored);
  return {
    portfolioId: stored.portfolio_id,
    run: stored.run,
    seq: stored.seq,
    kind: stored.kind,
    postings: stored.postings.map((posting) => ({
      account: posting.account,
      amount: readMoney(posting, 'postings.').usdc('amount'),
    })),
    cashAfter: money.usdc('cash_after'),
    reservedAfter: money.usdc('reserved_after'),
    shares: stored.shares.map((movement) => {
      const shares = readMoney(movement, 'shares.');
      return {
        ...toOutcomeRef(movement),
        change: shares.shares('change'),
        quantityAfter: shares.shares('quantity_after'),
      };
    }),
    orderId: stored.order_id,
    tradeId: stored.trade_id,
    settlementKey: stored.settlement_key ?? null,
    description: stored.description,
    at: stored.created_at,
  };
}
