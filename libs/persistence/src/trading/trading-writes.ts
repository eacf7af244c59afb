import type { EquitySnapshot, LedgerEntry, Order, Portfolio, Position, Trade } from '@app/domain';
import { Connection, Model, mongo, Schema } from 'mongoose';
import { isDuplicateKey } from '../store-call';
import { type StoreTransaction, within } from '../store-transaction';
import {
  consumedLiquiditySchema,
  CONSUMED_LIQUIDITY,
  PortfolioConsumption,
  StoredConsumedLiquidity,
  toStoredConsumption,
} from './consumed-liquidity.record';
import {
  EQUITY_SNAPSHOTS,
  equitySnapshotSchema,
  StoredEquitySnapshot,
  toStoredSnapshot,
} from './equity-snapshot.record';
import {
  IDEMPOTENCY,
  idempotencyKey,
  IdempotencyRecord,
  idempotencySchema,
  StoredIdempotency,
  toStoredIdempotency,
} from './idempotency.record';
import { LEDGER, ledgerEntrySchema, StoredLedgerEntry, toStoredLedgerEntry } from './ledger-entry.record';
import { CLIENT_ORDER_ID_INDEX, ORDERS, orderSchema, StoredOrder, toStoredOrder } from './order.record';
import { PORTFOLIO_OWNERS, portfolioOwnerSchema, StoredPortfolioOwner } from './portfolio-owner.record';
import { PORTFOLIOS, portfolioSchema, StoredPortfolio, toStoredPortfolio } from './portfolio.record';
import { POSITIONS, positionSchema, StoredPosition, toStoredPosition } from './position.record';
import { StoredTrade, toStoredTrade, TRADES, tradeSchema } from './trade.record';
import { DuplicateClientOrderId, IdempotencyKeyTaken, PortfolioConflict } from './trading-errors';

/** Everything one decision about a portfolio changes; written together or not at all. */
export interface TradingWrites {
  /** The portfolio as it was read. */
  before: Portfolio;
  /** The portfolio as it is after it, its version one higher. */
  after: Portfolio;
  insertOrders?: readonly Order[];
  updateOrders?: readonly Order[];
  trades?: readonly Trade[];
  /** Positions as they are after it. */
  positions?: readonly Position[];
  /** In the order of their numbers. */
  ledger?: readonly LedgerEntry[];
  consumed?: PortfolioConsumption;
  /** Takes a key for the request. */
  insertIdempotency?: IdempotencyRecord;
  /** Adds the first answer to a key taken before; nothing happens where the key has run out. */
  decideIdempotency?: Pick<IdempotencyRecord, 'userId' | 'key'> & { result: string };
  equity?: readonly EquitySnapshot[];
}

/** The collections of `trading_db`. */
export interface TradingModels {
  portfolios: Model<StoredPortfolio>;
  owners: Model<StoredPortfolioOwner>;
  orders: Model<StoredOrder>;
  trades: Model<StoredTrade>;
  positions: Model<StoredPosition>;
  ledger: Model<StoredLedgerEntry>;
  idempotency: Model<StoredIdempotency>;
  consumed: Model<StoredConsumedLiquidity>;
  equity: Model<StoredEquitySnapshot>;
}

export function tradingModels(connection: Connection): TradingModels {
  const model = <T>(name: string, schema: Schema<T>, collection: string): Model<T> =>
    connection.model<T>(name, schema, collection, { overwriteModels: true });
  return {
    portfolios: model('Portfolio', portfolioSchema, PORTFOLIOS.name),
    owners: model('PortfolioOwner', portfolioOwnerSchema, PORTFOLIO_OWNERS.name),
    orders: model('Order', orderSchema, ORDERS.name),
    trades: model('Trade', tradeSchema, TRADES.name),
    positions: model('Position', positionSchema, POSITIONS.name),
    ledger: model('LedgerEntry', ledgerEntrySchema, LEDGER.name),
    idempotency: model('Idempotency', idempotencySchema, IDEMPOTENCY.name),
    consumed: model('ConsumedLiquidity', consumedLiquiditySchema, CONSUMED_LIQUIDITY.name),
    equity: model('EquitySnapshot', equitySnapshotSchema, EQUITY_SNAPSHOTS.name),
  };
}

/**
 * Sends the writes of a decision, one command for each collection it touches. The portfolio comes first: who lost the race for it has written nothing
 * and waits for nobody.
 * @throws PortfolioConflict, DuplicateClientOrderId, IdempotencyKeyTaken; the transaction is over then
 */
export async function sendWrites(
  models: TradingModels,
  writes: TradingWrites,
  transaction: StoreTransaction,
): Promise<void> {
  const { before, after } = writes;
  const options = within(transaction);
  const { matchedCount } = await models.portfolios.collection.replaceOne(
    { _id: before.id, version: before.version } as object,
    toStoredPortfolio(after),
    options,
  );
  if (matchedCount === 0) throw new PortfolioConflict(before.id);
  if (writes.insertIdempotency !== undefined) {
    await insertIdempotency(models, writes.insertIdempotency, transaction);
  }
  if (writes.decideIdempotency !== undefined) {
    const { result } = writes.decideIdempotency;
    await models.idempotency.collection.updateOne(
      { _id: idempotencyKey(writes.decideIdempotency) } as object,
      { $set: { result, updated_at: after.updatedAt } },
      options,
    );
  }
  try {
    await insertAll(models.orders, (writes.insertOrders ?? []).map(toStoredOrder), options);
  } catch (error) {
    if (isDuplicateKey(error) && String(error).includes(CLIENT_ORDER_ID_INDEX)) {
      throw new DuplicateClientOrderId(before.id);
    }
    throw error;
  }
  await replaceAll(models.orders, (writes.updateOrders ?? []).map(toStoredOrder), { upsert: false }, transaction);
  await insertAll(models.trades, (writes.trades ?? []).map(toStoredTrade), options);
  await replaceAll(models.positions, (writes.positions ?? []).map(toStoredPosition), { upsert: true }, transaction);
  await insertAll(models.ledger, (writes.ledger ?? []).map(toStoredLedgerEntry), options);
  if (writes.consumed !== undefined) {
    const { _id, created_at, ...fields } = toStoredConsumption(writes.consumed, after.updatedAt);
    await models.consumed.collection.updateOne(
      { _id } as object,
      { $set: fields, $setOnInsert: { created_at } },
      { upsert: true, ...options },
    );
  }
  await insertAll(models.equity, (writes.equity ?? []).map(toStoredSnapshot), options);
}

/** Takes a key; one that has run out and is not removed yet counts as free. @throws IdempotencyKeyTaken */
export async function insertIdempotency(
  models: TradingModels,
  record: IdempotencyRecord,
  transaction: StoreTransaction,
): Promise<void> {
  const stored = toStoredIdempotency(record);
  try {
    await models.idempotency.collection.replaceOne(
      { _id: stored._id, expires_at: { $lte: record.createdAt } } as object,
      stored,
      { upsert: true, ...within(transaction) },
    );
  } catch (error) {
    if (isDuplicateKey(error)) throw new IdempotencyKeyTaken();
    throw error;
  }
}

/** Inserts documents with one command; none with none. */
export async function insertAll<Stored>(
  model: Model<Stored>,
  documents: readonly Stored[],
  options: mongo.BulkWriteOptions,
): Promise<void> {
  if (documents.length === 0) return;
  await model.collection.insertMany(documents as unknown as mongo.OptionalId<mongo.Document>[], options);
}

/** Replaces documents with one command; none with none. @throws Error when one that should be there is not */
async function replaceAll<Stored extends { _id: string }>(
  model: Model<Stored>,
  documents: readonly Stored[],
  { upsert }: { upsert: boolean },
  transaction: StoreTransaction,
): Promise<void> {
  if (documents.length === 0) return;
  const operations = documents.map((replacement) => ({
    replaceOne: { filter: { _id: replacement._id }, replacement, upsert },
  }));
  const { matchedCount } = await model.collection.bulkWrite(
    operations as unknown as mongo.AnyBulkWriteOperation[],
    within(transaction),
  );
  if (!upsert && matchedCount !== documents.length) {
    throw new Error(`${documents.length - matchedCount} documents of ${model.collection.name} to change are not there`);
  }
}
