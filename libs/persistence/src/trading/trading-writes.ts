import type { EquitySnapshot, LedgerEntry, Order, Portfolio, Position, Trade } from '@app/domain';
import { Connection, Model, mongo, Schema } from 'mongoose';
import type { StoreTransaction } from '../store-transaction';
import { BatchWriter, insertions, replacements, type WriteBatch } from './batch-writer';
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
 * Sends the writes of a decision. The portfolio comes first: it is what others may have been quicker with.
 * @throws PortfolioConflict, DuplicateClientOrderId, IdempotencyKeyTaken; the transaction is over then
 */
export async function sendWrites(
  writer: BatchWriter,
  writes: TradingWrites,
  transaction: StoreTransaction,
): Promise<void> {
  await writer.write(batchesOf(writes), transaction);
}

function batchesOf(writes: TradingWrites): WriteBatch[] {
  const { before, after } = writes;
  return [
    {
      collection: PORTFOLIOS.name,
      writes: [
        {
          name: 'replaceOne',
          filter: { _id: before.id, version: before.version },
          replacement: toStoredPortfolio(after),
        },
      ],
      missing: () => new PortfolioConflict(before.id),
    },
    ...(writes.insertIdempotency === undefined ? [] : [keyBatch(writes.insertIdempotency)]),
    ...(writes.decideIdempotency === undefined ? [] : [answerBatch(writes.decideIdempotency, after.updatedAt)]),
    {
      ...insertions(ORDERS.name, (writes.insertOrders ?? []).map(toStoredOrder)),
      taken: (message) => (message.includes(CLIENT_ORDER_ID_INDEX) ? new DuplicateClientOrderId(before.id) : null),
    },
    replacements(ORDERS.name, (writes.updateOrders ?? []).map(toStoredOrder), { upsert: false }),
    insertions(TRADES.name, (writes.trades ?? []).map(toStoredTrade)),
    replacements(POSITIONS.name, (writes.positions ?? []).map(toStoredPosition), { upsert: true }),
    insertions(LEDGER.name, (writes.ledger ?? []).map(toStoredLedgerEntry)),
    ...(writes.consumed === undefined ? [] : [consumptionBatch(writes.consumed, after.updatedAt)]),
    insertions(EQUITY_SNAPSHOTS.name, (writes.equity ?? []).map(toStoredSnapshot)),
  ];
}

/** Takes a key; one that has run out and is not removed yet counts as free. Refused with IdempotencyKeyTaken. */
export function keyBatch(record: IdempotencyRecord): WriteBatch {
  const replacement = toStoredIdempotency(record);
  const filter = { _id: replacement._id, expires_at: { $lte: record.createdAt } };
  return {
    collection: IDEMPOTENCY.name,
    writes: [{ name: 'replaceOne', filter, replacement, upsert: true }],
    taken: () => new IdempotencyKeyTaken(),
  };
}

function answerBatch(decided: NonNullable<TradingWrites['decideIdempotency']>, at: Date): WriteBatch {
  const update = { $set: { result: decided.result, updated_at: at } };
  return {
    collection: IDEMPOTENCY.name,
    writes: [{ name: 'updateOne', filter: { _id: idempotencyKey(decided) }, update }],
  };
}

function consumptionBatch(consumed: PortfolioConsumption, at: Date): WriteBatch {
  const { _id, created_at, ...fields } = toStoredConsumption(consumed, at);
  const update = { $set: fields, $setOnInsert: { created_at } };
  return {
    collection: CONSUMED_LIQUIDITY.name,
    writes: [{ name: 'updateOne', filter: { _id }, update, upsert: true }],
  };
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
