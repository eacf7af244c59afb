import { microPrice, PricePoint } from '@app/domain';
import { Connection, Model, mongo, Schema } from 'mongoose';
import { CollectionDefinition } from '../index-definition';
import { fromInt64, StoredInt64 } from '../int64';
import { STAMP_FIELDS, StoredStamps, STRICT_SCHEMA } from '../schema-options';
import { storeCall } from '../store-call';

/** Which piece of a token's history: the grain names how fine the points are, the bucket which stretch of time they cover. */
export interface PriceHistoryKey {
  tokenId: string;
  /** Such as `60m`; part of the key, so any label that names the fineness will do. */
  grain: string;
  /** Such as `max` or a start time; together with token and grain it names one document. */
  bucket: string;
}

export interface PriceHistoryPiece extends PriceHistoryKey {
  points: PricePoint[];
  fetchedAt: Date;
  /** Whether the venue will not add to it any more. */
  final: boolean;
  /** When it may be forgotten. */
  expiresAt: Date;
}

interface PriceHistoryRecord extends StoredStamps {
  _id: string;
  token_id: string;
  grain: string;
  bucket: string;
  times: number[];
  prices: StoredInt64[];
  fetched_at: Date;
  final: boolean;
  expires_at: Date;
}

const PRICE_HISTORY_COLLECTION = 'price_history';
const PRICE_HISTORY_VERSION = 1;

const priceHistorySchema = new Schema<PriceHistoryRecord>(
  {
    _id: { type: String, required: true },
    token_id: { type: String, required: true },
    grain: { type: String, required: true },
    bucket: { type: String, required: true },
    times: { type: [Number], required: true },
    prices: { type: [Schema.Types.BigInt], required: true },
    fetched_at: { type: Date, required: true },
    final: { type: Boolean, required: true },
    expires_at: { type: Date, required: true },
    ...STAMP_FIELDS,
  },
  { ...STRICT_SCHEMA, collection: PRICE_HISTORY_COLLECTION },
);

export const PRICE_HISTORY: CollectionDefinition = {
  name: PRICE_HISTORY_COLLECTION,
  indexes: [
    {
      name: 'expiry',
      key: { expires_at: 1 },
      expireAfterSeconds: 0,
      serves: 'removal of cached series nobody has asked for in a while',
    },
  ],
};

/** Cached price series, read by exact key. */
export class PriceHistoryRepository {
  private readonly model: Model<PriceHistoryRecord>;

  constructor(connection: Connection) {
    this.model = connection.model<PriceHistoryRecord>('PriceHistory', priceHistorySchema, PRICE_HISTORY_COLLECTION, {
      overwriteModels: true,
    });
  }

  /** Returns what is kept under each key, in their order; null where nothing is. */
  async findMany(keys: readonly PriceHistoryKey[]): Promise<(PriceHistoryPiece | null)[]> {
    const ids = keys.map(pieceId);
    return storeCall(async () => {
      const records = await this.model.collection
        .find<PriceHistoryRecord>({ _id: { $in: ids as unknown as mongo.ObjectId[] } }, { useBigInt64: true })
        .toArray();
      const pieces = new Map(records.map((record) => [record._id, toPiece(record)]));
      return ids.map((id) => pieces.get(id) ?? null);
    });
  }

  /** Keeps a piece in place of what was kept under its key. */
  async save(piece: PriceHistoryPiece, now: Date): Promise<void> {
    await storeCall(() =>
      this.model
        .updateOne(
          { _id: pieceId(piece) },
          {
            $set: {
              token_id: piece.tokenId,
              grain: piece.grain,
              bucket: piece.bucket,
              times: piece.points.map((point) => point.t),
              prices: piece.points.map((point) => point.p),
              fetched_at: piece.fetchedAt,
              final: piece.final,
              expires_at: piece.expiresAt,
              updated_at: now,
              schema_version: PRICE_HISTORY_VERSION,
            },
            $setOnInsert: { created_at: now },
          },
          { upsert: true },
        )
        .exec(),
    );
  }
}

function pieceId(key: PriceHistoryKey): string {
  return `${key.tokenId}:${key.grain}:${key.bucket}`;
}

function toPiece(record: PriceHistoryRecord): PriceHistoryPiece {
  if (record.times.length !== record.prices.length) {
    throw new RangeError(`${record._id} holds ${record.times.length} times but ${record.prices.length} prices`);
  }
  return {
    tokenId: record.token_id,
    grain: record.grain,
    bucket: record.bucket,
    points: record.prices.map((price, index) => ({
      t: record.times[index] ?? 0,
      p: microPrice(fromInt64(price, 'prices')),
    })),
    fetchedAt: record.fetched_at,
    final: record.final,
    expiresAt: record.expires_at,
  };
}
