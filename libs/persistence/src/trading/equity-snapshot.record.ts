import type { EquitySnapshot, EquitySnapshotGrain, EquitySnapshotKind } from '@app/domain';
import { Schema } from 'mongoose';
import { CollectionDefinition } from '../index-definition';
import { StoredInt64 } from '../int64';
import { STAMP_FIELDS, StoredStamps, STRICT_SCHEMA } from '../schema-options';
import { compositeKey, type KeyRange, numberPart } from './composite-key';
import { readMoney } from './money-fields';
import { COUNT, DATE, INT64, OPTIONAL_INT64, TEXT } from './stored-fields';

const EQUITY_SNAPSHOTS_COLLECTION = 'equity_snapshots';
const EQUITY_SNAPSHOT_VERSION = 1;
const DAY_MS = 86_400_000;

/** How long snapshots are kept, milliseconds; the others stay. */
const LIFETIME_MS: Partial<Record<EquitySnapshotGrain, number>> = { sample: 3 * DAY_MS, hour: 180 * DAY_MS };

export interface StoredEquitySnapshot extends StoredStamps {
  /** Portfolio, run, time and kind. */
  _id: string;
  portfolio_id: string;
  run: number;
  at: Date;
  kind: EquitySnapshotKind;
  grain: EquitySnapshotGrain;
  cash: StoredInt64;
  reserved: StoredInt64;
  owed: StoredInt64;
  positions_value: StoredInt64;
  liquidation_value: StoredInt64 | null;
  cost: StoredInt64;
  realised: StoredInt64;
  fees: StoredInt64;
  net_deposits: StoredInt64;
  unpriced: number;
  unpriced_cost: StoredInt64;
  /** Absent on those that stay. */
  expires_at?: Date;
}

export const equitySnapshotSchema = new Schema<StoredEquitySnapshot>(
  {
    _id: TEXT,
    portfolio_id: TEXT,
    run: COUNT,
    at: DATE,
    kind: TEXT,
    grain: TEXT,
    cash: INT64,
    reserved: INT64,
    owed: INT64,
    positions_value: INT64,
    liquidation_value: OPTIONAL_INT64,
    cost: INT64,
    realised: INT64,
    fees: INT64,
    net_deposits: INT64,
    unpriced: COUNT,
    unpriced_cost: INT64,
    expires_at: { type: Date },
    ...STAMP_FIELDS,
  },
  { ...STRICT_SCHEMA, collection: EQUITY_SNAPSHOTS_COLLECTION },
);

export const EQUITY_SNAPSHOTS: CollectionDefinition = {
  name: EQUITY_SNAPSHOTS_COLLECTION,
  indexes: [
    {
      name: 'expiry',
      key: { expires_at: 1 },
      expireAfterSeconds: 0,
      serves: 'removal of five-minute and hourly snapshots past their time',
    },
  ],
};

/** Keys of the snapshots of a run in a period, both ends included. */
export function snapshotKeys(portfolioId: string, run: number, from: Date, to: Date): KeyRange {
  const runPart = numberPart(run);
  return {
    $gte: compositeKey(portfolioId, runPart, numberPart(from.getTime())),
    $lt: compositeKey(portfolioId, runPart, numberPart(to.getTime() + 1)),
  };
}

export function toStoredSnapshot(snapshot: EquitySnapshot): StoredEquitySnapshot {
  const { portfolioId, run, at, kind, grain } = snapshot;
  const lifetimeMs = LIFETIME_MS[grain];
  return {
    _id: compositeKey(portfolioId, numberPart(run), numberPart(at.getTime()), kind),
    portfolio_id: portfolioId,
    run,
    at,
    kind,
    grain,
    cash: snapshot.cash,
    reserved: snapshot.reserved,
    owed: snapshot.owed,
    positions_value: snapshot.positionsValue,
    liquidation_value: snapshot.liquidationValue,
    cost: snapshot.cost,
    realised: snapshot.realised,
    fees: snapshot.fees,
    net_deposits: snapshot.netDeposits,
    unpriced: snapshot.unpriced,
    unpriced_cost: snapshot.unpricedCost,
    ...(lifetimeMs === undefined ? {} : { expires_at: new Date(at.getTime() + lifetimeMs) }),
    created_at: at,
    updated_at: at,
    schema_version: EQUITY_SNAPSHOT_VERSION,
  };
}

/** Returns the snapshot a document holds. @throws RangeError naming the field when an amount in it is no int64 */
export function toSnapshot(stored: StoredEquitySnapshot): EquitySnapshot {
  const money = readMoney(stored);
  return {
    portfolioId: stored.portfolio_id,
    run: stored.run,
    at: stored.at,
    kind: stored.kind,
    grain: stored.grain,
    cash: money.usdc('cash'),
    reserved: money.usdc('reserved'),
    owed: money.usdc('owed'),
    positionsValue: money.usdc('positions_value'),
    liquidationValue: money.nullableUsdc('liquidation_value'),
    cost: money.usdc('cost'),
    realised: money.usdc('realised'),
    fees: money.usdc('fees'),
    netDeposits: money.usdc('net_deposits'),
    unpriced: stored.unpriced,
    unpricedCost: money.usdc('unpriced_cost'),
  };
}
