import { MarketChange, MarketChangeKind } from '@app/domain';
import { Connection, Model, mongo, Schema } from 'mongoose';
import { CollectionDefinition } from '../index-definition';
import { STAMP_FIELDS, StoredStamps, STRICT_SCHEMA } from '../schema-options';
import { storeCall } from '../store-call';

interface MarketChangeRecord extends StoredStamps {
  _id: string;
  slug: string;
  kind: MarketChangeKind;
  at: Date;
  before: string | null;
  after: string | null;
}

const MARKET_CHANGES_COLLECTION = 'market_changes';
const MARKET_CHANGE_VERSION = 1;

const marketChangeSchema = new Schema<MarketChangeRecord>(
  {
    _id: { type: String, required: true },
    slug: { type: String, required: true },
    kind: { type: String, required: true },
    at: { type: Date, required: true },
    before: { type: String, default: null },
    after: { type: String, default: null },
    ...STAMP_FIELDS,
  },
  { ...STRICT_SCHEMA, collection: MARKET_CHANGES_COLLECTION },
);

export const MARKET_CHANGES: CollectionDefinition = {
  name: MARKET_CHANGES_COLLECTION,
  indexes: [
    { name: 'newest', key: { at: -1, _id: 1 }, serves: 'the newest changes of all markets' },
    { name: 'of_market', key: { slug: 1, at: -1 }, serves: "one market's changes, newest first" },
  ],
};

/** A change with the name of the transition it is: the same transition is logged once, however often it is reported. */
export interface KeyedMarketChange extends MarketChange {
  key: string;
}

/** The log of what happened to markets. */
export class MarketChangeRepository {
  private readonly model: Model<MarketChangeRecord>;

  constructor(connection: Connection) {
    this.model = connection.model<MarketChangeRecord>('MarketChange', marketChangeSchema, MARKET_CHANGES_COLLECTION, {
      overwriteModels: true,
    });
  }

  /** Logs changes; one whose key is known already is left as it is. */
  async append(changes: readonly KeyedMarketChange[], now: Date): Promise<void> {
    if (changes.length === 0) return;
    const records = changes.map((change) => toRecord(change, now));
    await storeCall(async () => {
      try {
        await this.model.collection.insertMany(records as unknown as mongo.OptionalId<mongo.Document>[], {
          ordered: false,
        });
      } catch (error) {
        if (!(error instanceof mongo.MongoBulkWriteError) || error.code !== 11000) throw error;
        const others = [error.writeErrors].flat().filter((one) => one.code !== 11000);
        if (others.length > 0) throw error;
      }
    });
  }

  /** Takes back changes that were logged for markets which then could not be stored. */
  async remove(keys: readonly string[]): Promise<void> {
    if (keys.length === 0) return;
    await storeCall(() => this.model.deleteMany({ _id: { $in: [...keys] } }).exec());
  }

  /** Returns the newest changes first; of one market when `slug` is given. */
  async listNewest(query: { slug?: string; limit: number }): Promise<MarketChange[]> {
    return storeCall(async () => {
      const records = await this.model
        .find(query.slug === undefined ? {} : { slug: query.slug })
        .sort(query.slug === undefined ? { at: -1, _id: 1 } : { at: -1 })
        .limit(query.limit)
        .lean<MarketChangeRecord[]>();
      return records.map(({ slug, kind, at, before, after }) => ({ slug, kind, at, before, after }));
    });
  }
}

function toRecord(change: KeyedMarketChange, now: Date): MarketChangeRecord {
  return {
    _id: change.key,
    slug: change.slug,
    kind: change.kind,
    at: change.at,
    before: change.before,
    after: change.after,
    created_at: now,
    updated_at: now,
    schema_version: MARKET_CHANGE_VERSION,
  };
}
