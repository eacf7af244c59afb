import { Market, MarketChangeBasis, MicroPrice, microUsdc, MicroUsdc, VenueMarket } from '@app/domain';
import { Connection, Model, mongo, ProjectionType } from 'mongoose';
import { fromInt64 } from '../int64';
import { isDuplicateKey, storeCall } from '../store-call';
import { isEveryMarket, MarketFilter, MarketSort, toStoreFilter, toStoreSort } from './market-query';
import { toMarket, toMarketRecord, toPrice, toResolution } from './market.mapper';
import { MarketRecord, marketSchema, MARKETS_COLLECTION } from './market.record';

/** What a list shows of a market. */
export interface MarketSummaryRow {
  slug: string;
  question: string;
  outcomes: string[];
  outcomePrices: string[];
  volume24h: MicroUsdc;
  volumeTotal: MicroUsdc;
  liquidity: MicroUsdc;
  bestBid: MicroPrice | null;
  bestAsk: MicroPrice | null;
  spread: MicroPrice | null;
  closed: boolean;
  active: boolean;
  endDate: Date | null;
}

/** What must be known of a stored market to decide whether an answer of the venue changes it, and what the change log says. */
export interface MarketFingerprint extends MarketChangeBasis {
  slug: string;
  gammaId: string;
  contentHash: string;
  createdAt: Date;
  updatedAt: Date;
  firstSyncedAt: Date;
  lastSyncedAt: Date;
}

/** One market to store. */
export interface MarketWrite {
  market: VenueMarket;
  contentHash: string;
  /** What is stored under this slug now; null when nothing is. */
  previous: MarketFingerprint | null;
  /** When the venue gave this answer. */
  fetchedAt: Date;
}

export interface MarketWriteFailure {
  slug: string;
  reason: string;
}

export interface MarketWriteResult {
  written: number;
  failures: MarketWriteFailure[];
  /** Markets that were stored under another slug before. */
  renamed: { from: string; to: string }[];
}

export interface MarketCounts {
  total: number;
  /** Not closed. */
  open: number;
  /** Active and not closed. */
  active: number;
  closed: number;
}

/** The fields a list reads of a market. */
export const MARKET_SUMMARY_FIELDS = {
  question: 1,
  outcomes: 1,
  outcome_prices: 1,
  volume_24hr: 1,
  volume_num: 1,
  liquidity_num: 1,
  best_bid: 1,
  best_ask: 1,
  spread: 1,
  closed: 1,
  active: 1,
  end_date: 1,
} as const satisfies ProjectionType<MarketRecord>;

const FINGERPRINT_FIELDS = {
  gamma_id: 1,
  content_hash: 1,
  closed: 1,
  tick_size: 1,
  resolution: 1,
  outcomes: 1,
  created_at: 1,
  updated_at: 1,
  first_synced_at: 1,
  last_synced_at: 1,
} as const;

type FingerprintRecord = Pick<MarketRecord, '_id' | keyof typeof FINGERPRINT_FIELDS>;

/** The stored catalogue of markets; the key is the slug. */
export class MarketRepository {
  private readonly model: Model<MarketRecord>;

  constructor(connection: Connection) {
    this.model = connection.model<MarketRecord>('Market', marketSchema, MARKETS_COLLECTION, { overwriteModels: true });
  }

  async findBySlug(slug: string): Promise<Market | null> {
    return storeCall(async () => {
      const record = await this.model.findOne({ _id: slug }).lean<MarketRecord>();
      return record === null ? null : toMarket(record);
    });
  }

  async findByConditionId(conditionId: string): Promise<Market | null> {
    return storeCall(async () => {
      const record = await this.model.findOne({ condition_id: conditionId }).lean<MarketRecord>();
      return record === null ? null : toMarket(record);
    });
  }

  async findByTokenId(tokenId: string): Promise<Market | null> {
    return storeCall(async () => {
      const record = await this.model.findOne({ clob_token_ids: tokenId }).lean<MarketRecord>();
      return record === null ? null : toMarket(record);
    });
  }

  /** Returns those that exist, in no particular order. */
  async findManyBySlugs(slugs: readonly string[]): Promise<Market[]> {
    return storeCall(async () => {
      const records = await this.model.find({ _id: { $in: [...slugs] } }).lean<MarketRecord[]>();
      return records.map(toMarket);
    });
  }

  /** Returns those that exist, in no particular order. */
  async findManyByConditionIds(conditionIds: readonly string[]): Promise<Market[]> {
    return storeCall(async () => {
      const records = await this.model.find({ condition_id: { $in: [...conditionIds] } }).lean<MarketRecord[]>();
      return records.map(toMarket);
    });
  }

  /**
   * Returns the condition ids, of those given, whose market has ended as far as is known here, takes no orders, or is past its scheduled end, which
   * alone does not mean that it ended.
   */
  async findEndedConditionIds(conditionIds: readonly string[], now: Date): Promise<string[]> {
    const hasEnded = [
      { closed: true },
      { active: false },
      { accepting_orders: false },
      { enable_order_book: false },
      { end_date: { $lte: now } },
    ];
    return storeCall(async () => {
      const records = await this.model
        .find({ condition_id: { $in: [...conditionIds] }, $or: hasEnded }, { condition_id: 1 })
        .lean<Pick<MarketRecord, 'condition_id'>[]>();
      return records.flatMap(({ condition_id }) => condition_id ?? []);
    });
  }

  async listPage(
    filter: MarketFilter,
    sort: MarketSort,
    page: { skip: number; limit: number },
  ): Promise<MarketSummaryRow[]> {
    const query = toStoreFilter(filter);
    if (query === null) return [];
    return storeCall(async () => {
      const records = await this.model
        .find(query, MARKET_SUMMARY_FIELDS)
        .sort(toStoreSort(sort, filter.search !== undefined))
        .skip(page.skip)
        .limit(page.limit)
        .batchSize(page.limit)
        .lean<MarketRecord[]>();
      return records.map(toSummaryRow);
    });
  }

  /** Counts what a list would page through. The count of everything is the collection's own and may trail by moments. */
  async count(filter: MarketFilter): Promise<number> {
    const query = toStoreFilter(filter);
    if (query === null) return 0;
    return storeCall(() =>
      isEveryMarket(filter) ? this.model.estimatedDocumentCount().exec() : this.model.countDocuments(query).exec(),
    );
  }

  async countByState(): Promise<MarketCounts> {
    return storeCall(async () => {
      const [activeOpen, pausedOpen, closed] = await Promise.all([
        this.model.countDocuments({ closed: false, active: true }),
        this.model.countDocuments({ closed: false, active: false }),
        this.model.countDocuments({ closed: true, active: { $in: [false, true] } }),
      ]);
      const open = activeOpen + pausedOpen;
      return { total: open + closed, open, active: activeOpen, closed };
    });
  }

  /** Returns, by slug, what is stored of those that exist. */
  async findFingerprints(slugs: readonly string[]): Promise<Map<string, MarketFingerprint>> {
    return storeCall(async () => {
      const records = await this.model.collection
        .find<FingerprintRecord>(
          { _id: { $in: slugs as unknown as mongo.ObjectId[] } },
          { projection: FINGERPRINT_FIELDS, batchSize: slugs.length + 1 },
        )
        .toArray();
      return new Map(records.map((record) => [record._id, toFingerprint(record)]));
    });
  }

  /**
   * Stores a batch in one unordered bulk write: new markets are inserted, known ones replaced, keeping when they were first seen.
   * A market that comes under a new slug with the on-chain id of a stored one of the same venue id replaces that one.
   * Repeating a batch, or a part of it, stores the same. What the store refuses is reported, the rest is written.
   */
  async writeBatch(writes: readonly MarketWrite[], now: Date): Promise<MarketWriteResult> {
    if (writes.length === 0) return { written: 0, failures: [], renamed: [] };
    return storeCall(async () => {
      const refused = await this.bulkWrite(writes.map((write) => toOperation(write, now)));
      const failures: MarketWriteFailure[] = [];
      const renamed: { from: string; to: string }[] = [];
      for (const { index, error } of refused) {
        const write = writes[index];
        if (write === undefined)
          throw new RangeError(`the store refused operation ${index}, which was not in the batch`);
        const outcome = await this.settleConflict(write, now, error);
        if (outcome.reason !== null) failures.push({ slug: write.market.slug, reason: outcome.reason });
        if (outcome.renamedFrom !== null) renamed.push({ from: outcome.renamedFrom, to: write.market.slug });
      }
      return { written: writes.length - failures.length, failures, renamed };
    });
  }

  /** Records that these markets were compared with the venue and found unchanged. */
  async touch(slugs: readonly string[], now: Date): Promise<void> {
    await storeCall(() =>
      this.model.updateMany({ _id: { $in: [...slugs] } }, { $set: { last_synced_at: now } }).exec(),
    );
  }

  /** Returns the venue ids of all markets not closed. */
  async listOpenGammaIds(): Promise<string[]> {
    return storeCall(async () => {
      const ids: string[] = [];
      const rows = this.model.collection.find<{ gamma_id: string }>(
        { closed: false },
        { projection: { _id: 0, gamma_id: 1 }, sort: { gamma_id: 1 }, batchSize: 5_000 },
      );
      for await (const row of rows) ids.push(row.gamma_id);
      return ids;
    });
  }

  private async bulkWrite(operations: BulkOperation[]): Promise<{ index: number; error: mongo.WriteError }[]> {
    try {
      await this.model.collection.bulkWrite(operations as unknown as mongo.AnyBulkWriteOperation[], { ordered: false });
      return [];
    } catch (error) {
      if (!(error instanceof mongo.MongoBulkWriteError)) throw error;
      const refused: mongo.WriteError[] = [error.writeErrors].flat();
      if (refused.length === 0) throw error;
      return refused.map((one) => ({ index: one.index, error: one }));
    }
  }

  /** A key was taken: by another writer of the same market, by the same market's former slug, or by a different market. */
  private async settleConflict(
    write: MarketWrite,
    now: Date,
    error: mongo.WriteError,
  ): Promise<{ reason: string | null; renamedFrom: string | null }> {
    const { slug, gammaId, conditionId } = write.market;
    if (error.code !== 11000) return { reason: error.errmsg ?? `store error ${error.code}`, renamedFrom: null };
    const same = await this.findFingerprints([slug]);
    let previous = same.get(slug) ?? null;
    let renamedFrom: string | null = null;
    if (conditionId !== null) {
      const holder = await this.model
        .findOne({ condition_id: conditionId }, FINGERPRINT_FIELDS)
        .lean<FingerprintRecord>();
      if (holder !== null && holder._id !== slug) {
        if (holder.gamma_id !== gammaId) {
          return { reason: `condition id ${conditionId} already belongs to market ${holder._id}`, renamedFrom: null };
        }
        previous ??= toFingerprint(holder);
        renamedFrom = holder._id;
        await this.model.deleteOne({ _id: holder._id, condition_id: conditionId });
      }
    }
    try {
      const record = toRecord({ ...write, previous }, now);
      await this.model.collection.replaceOne(byId(slug), record, { upsert: true });
      return { reason: null, renamedFrom };
    } catch (retryError) {
      if (!isDuplicateKey(retryError)) throw retryError;
      return { reason: retryError instanceof Error ? retryError.message : String(retryError), renamedFrom: null };
    }
  }
}

interface BulkOperation {
  insertOne?: { document: MarketRecord };
  replaceOne?: { filter: { _id: string }; replacement: MarketRecord; upsert: true };
}

function byId(id: string): mongo.Filter<mongo.Document> {
  return { _id: id as unknown as mongo.ObjectId };
}

function toOperation(write: MarketWrite, now: Date): BulkOperation {
  const record = toRecord(write, now);
  return write.previous === null
    ? { insertOne: { document: record } }
    : { replaceOne: { filter: { _id: record._id }, replacement: record, upsert: true } };
}

function toRecord(write: MarketWrite, now: Date): MarketRecord {
  return toMarketRecord(
    write.market,
    {
      createdAt: write.previous?.createdAt ?? now,
      updatedAt: now,
      firstSyncedAt: write.previous?.firstSyncedAt ?? write.fetchedAt,
      lastSyncedAt: write.fetchedAt,
    },
    write.contentHash,
  );
}

function toFingerprint(record: FingerprintRecord): MarketFingerprint {
  return {
    slug: record._id,
    gammaId: record.gamma_id,
    contentHash: record.content_hash,
    closed: record.closed,
    tickSize: toPrice(record.tick_size, 'tick_size'),
    resolution: toResolution(record.resolution),
    outcomes: record.outcomes,
    createdAt: record.created_at,
    updatedAt: record.updated_at,
    firstSyncedAt: record.first_synced_at,
    lastSyncedAt: record.last_synced_at,
  };
}

function toSummaryRow(record: MarketRecord): MarketSummaryRow {
  return {
    slug: record._id,
    question: record.question,
    outcomes: record.outcomes,
    outcomePrices: record.outcome_prices,
    volume24h: microUsdc(fromInt64(record.volume_24hr, 'volume_24hr')),
    volumeTotal: microUsdc(fromInt64(record.volume_num, 'volume_num')),
    liquidity: microUsdc(fromInt64(record.liquidity_num, 'liquidity_num')),
    bestBid: toPrice(record.best_bid, 'best_bid'),
    bestAsk: toPrice(record.best_ask, 'best_ask'),
    spread: toPrice(record.spread, 'spread'),
    closed: record.closed,
    active: record.active,
    endDate: record.end_date,
  };
}
