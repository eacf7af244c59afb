import { microUsdc, MicroUsdc } from '@app/domain';
import { Connection, Model, mongo, Schema } from 'mongoose';
import { CollectionDefinition } from '../index-definition';
import { fromInt64, StoredInt64 } from '../int64';
import { STAMP_FIELDS, StoredStamps, STRICT_SCHEMA } from '../schema-options';
import { storeCall } from '../store-call';

/** The last known open interest of a market. */
export interface OpenInterest {
  conditionId: string;
  value: MicroUsdc;
  fetchedAt: Date;
}

interface OpenInterestRecord extends StoredStamps {
  _id: string;
  value: StoredInt64;
  fetched_at: Date;
}

const OPEN_INTEREST_COLLECTION = 'open_interest';
const OPEN_INTEREST_VERSION = 1;

const openInterestSchema = new Schema<OpenInterestRecord>(
  {
    _id: { type: String, required: true },
    value: { type: Schema.Types.BigInt, required: true },
    fetched_at: { type: Date, required: true },
    ...STAMP_FIELDS,
  },
  { ...STRICT_SCHEMA, collection: OPEN_INTEREST_COLLECTION },
);

export const OPEN_INTEREST: CollectionDefinition = { name: OPEN_INTEREST_COLLECTION, indexes: [] };

/** Open interest by condition id. */
export class OpenInterestRepository {
  private readonly model: Model<OpenInterestRecord>;

  constructor(connection: Connection) {
    this.model = connection.model<OpenInterestRecord>('OpenInterest', openInterestSchema, OPEN_INTEREST_COLLECTION, {
      overwriteModels: true,
    });
  }

  /** Returns, by condition id, what is known of those asked for. */
  async findMany(conditionIds: readonly string[]): Promise<Map<string, OpenInterest>> {
    return storeCall(async () => {
      const records = await this.model.find({ _id: { $in: [...conditionIds] } }).lean<OpenInterestRecord[]>();
      return new Map(
        records.map((record) => [
          record._id,
          { conditionId: record._id, value: microUsdc(fromInt64(record.value, 'value')), fetchedAt: record.fetched_at },
        ]),
      );
    });
  }

  /** Keeps each value in place of the one before. */
  async saveMany(values: readonly OpenInterest[], now: Date): Promise<void> {
    if (values.length === 0) return;
    const operations = values.map(({ conditionId, value, fetchedAt }) => ({
      updateOne: {
        filter: { _id: conditionId },
        update: {
          $set: { value, fetched_at: fetchedAt, updated_at: now, schema_version: OPEN_INTEREST_VERSION },
          $setOnInsert: { created_at: now },
        },
        upsert: true,
      },
    }));
    await storeCall(() =>
      this.model.collection.bulkWrite(operations as unknown as mongo.AnyBulkWriteOperation[], { ordered: false }),
    );
  }
}
