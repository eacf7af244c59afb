import type { ExecutionProfile, LatencyProfile, Portfolio } from '@app/domain';
import { Schema } from 'mongoose';
import { CollectionDefinition } from '../index-definition';
import { StoredInt64 } from '../int64';
import { STAMP_FIELDS, StoredStamps, STRICT_SCHEMA } from '../schema-options';
import { readMoney } from './money-fields';
import { COUNT, DATE, FLAG, INT64, OPTIONAL_DATE, OPTIONAL_TEXT, TEXT } from './stored-fields';

const PORTFOLIOS_COLLECTION = 'portfolios';
const PORTFOLIO_VERSION = 1;

export interface StoredPortfolio extends StoredStamps {
  _id: string;
  user_id: string;
  name: string;
  description: string | null;
  initial_balance: StoredInt64;
  cash: StoredInt64;
  reserved: StoredInt64;
  owed: StoredInt64;
  realised: StoredInt64;
  fees: StoredInt64;
  run: number;
  run_started_at: Date;
  profile: ExecutionProfile;
  latency: LatencyProfile;
  is_active: boolean;
  archived_at: Date | null;
  version: number;
  ledger_seq: number;
  open_orders: number;
}

export const portfolioSchema = new Schema<StoredPortfolio>(
  {
    _id: TEXT,
    user_id: TEXT,
    name: TEXT,
    description: OPTIONAL_TEXT,
    initial_balance: INT64,
    cash: INT64,
    reserved: INT64,
    owed: INT64,
    realised: INT64,
    fees: INT64,
    run: COUNT,
    run_started_at: DATE,
    profile: TEXT,
    latency: TEXT,
    is_active: FLAG,
    archived_at: OPTIONAL_DATE,
    version: COUNT,
    ledger_seq: COUNT,
    open_orders: COUNT,
    ...STAMP_FIELDS,
  },
  { ...STRICT_SCHEMA, collection: PORTFOLIOS_COLLECTION },
);

export const PORTFOLIOS: CollectionDefinition = {
  name: PORTFOLIOS_COLLECTION,
  indexes: [
    { name: 'of_user', key: { user_id: 1, created_at: 1, _id: 1 }, serves: "a user's portfolios, oldest first" },
  ],
};

export function toStoredPortfolio(portfolio: Portfolio): StoredPortfolio {
  return {
    _id: portfolio.id,
    user_id: portfolio.userId,
    name: portfolio.name,
    description: portfolio.description,
    initial_balance: portfolio.initialBalance,
    cash: portfolio.cash,
    reserved: portfolio.reserved,
    owed: portfolio.owed,
    realised: portfolio.realised,
    fees: portfolio.fees,
    run: portfolio.run,
    run_started_at: portfolio.runStartedAt,
    profile: portfolio.profile,
    latency: portfolio.latency,
    is_active: portfolio.isActive,
    archived_at: portfolio.archivedAt,
    version: portfolio.version,
    ledger_seq: portfolio.ledgerSeq,
    open_orders: portfolio.openOrders,
    created_at: portfolio.createdAt,
    updated_at: portfolio.updatedAt,
    schema_version: PORTFOLIO_VERSION,
  };
}

/** Returns the portfolio a document holds. @throws RangeError naming the field when an amount in it is no int64 */
export function toPortfolio(stored: StoredPortfolio): Portfolio {
  const money = readMoney(stored);
  return {
    id: stored._id,
    userId: stored.user_id,
    name: stored.name,
    description: stored.description,
    initialBalance: money.usdc('initial_balance'),
    cash: money.usdc('cash'),
    reserved: money.usdc('reserved'),
    owed: money.usdc('owed'),
    realised: money.usdc('realised'),
    fees: money.usdc('fees'),
    run: stored.run,
    runStartedAt: stored.run_started_at,
    profile: stored.profile,
    latency: stored.latency,
    isActive: stored.is_active,
    archivedAt: stored.archived_at,
    version: stored.version,
    ledgerSeq: stored.ledger_seq,
    openOrders: stored.open_orders,
    createdAt: stored.created_at,
    updatedAt: stored.updated_at,
  };
}
