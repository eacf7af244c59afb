import type { Audience, RateLimit, RateLimitGroup } from '@app/domain';
import { Connection, Model, Schema } from 'mongoose';
import { CollectionDefinition } from '../index-definition';
import { STAMP_FIELDS, StoredStamps, STRICT_SCHEMA } from '../schema-options';
import { isDuplicateKey, storeCall } from '../store-call';
import { type StoreTransaction, within } from '../store-transaction';

interface StoredRateLimit extends StoredStamps {
  /** `group:role`. */
  _id: string;
  group: RateLimitGroup;
  role: Audience;
  limit: number;
  window_seconds: number;
  /** The admin who set it; null while it is the default. */
  changed_by: string | null;
}

const RATE_LIMITS_COLLECTION = 'rate_limits';
const RATE_LIMIT_VERSION = 1;

const rateLimitSchema = new Schema<StoredRateLimit>(
  {
    _id: { type: String, required: true },
    group: { type: String, required: true },
    role: { type: String, required: true },
    limit: { type: Number, required: true },
    window_seconds: { type: Number, required: true },
    changed_by: { type: String, default: null },
    ...STAMP_FIELDS,
  },
  { ...STRICT_SCHEMA, collection: RATE_LIMITS_COLLECTION },
);

export const RATE_LIMITS: CollectionDefinition = { name: RATE_LIMITS_COLLECTION, indexes: [] };

/** How often callers may ask, by group of routes and role. */
export class RateLimitRepository {
  private readonly model: Model<StoredRateLimit>;

  constructor(connection: Connection) {
    this.model = connection.model<StoredRateLimit>('RateLimit', rateLimitSchema, RATE_LIMITS_COLLECTION, {
      overwriteModels: true,
    });
  }

  /** Returns every limit, by group and role. */
  async list(): Promise<RateLimit[]> {
    return storeCall(async () => {
      const stored = await this.model.find().sort({ _id: 1 }).lean<StoredRateLimit[]>();
      return stored.map((one) => ({
        group: one.group,
        role: one.role,
        limit: one.limit,
        windowSeconds: one.window_seconds,
      }));
    });
  }

  /** Sets limits in the name of an admin. */
  async replaceMany(
    limits: readonly RateLimit[],
    by: string | null,
    now: Date,
    transaction?: StoreTransaction,
  ): Promise<void> {
    await storeCall(async () => {
      for (const limit of limits) {
        await this.model.updateOne(
          { _id: keyOf(limit) },
          { $set: { ...toFields(limit), changed_by: by ?? 'operator', updated_at: now }, $setOnInsert: onInsert(now) },
          { upsert: true, ...within(transaction) },
        );
      }
    });
  }

  /** Sets every limit to its default that no admin has set. */
  async ensureDefaults(defaults: readonly RateLimit[], now: Date): Promise<void> {
    await storeCall(async () => {
      for (const limit of defaults) {
        try {
          await this.model.updateOne(
            { _id: keyOf(limit), changed_by: null },
            { $set: { ...toFields(limit), updated_at: now }, $setOnInsert: onInsert(now) },
            { upsert: true },
          );
        } catch (error) {
          // An admin has set it, or another process was first.
          if (!isDuplicateKey(error)) throw error;
        }
      }
    });
  }
}

function keyOf({ group, role }: RateLimit): string {
  return `${group}:${role}`;
}

function toFields(limit: RateLimit): Pick<StoredRateLimit, 'group' | 'role' | 'limit' | 'window_seconds'> {
  return { group: limit.group, role: limit.role, limit: limit.limit, window_seconds: limit.windowSeconds };
}

function onInsert(now: Date): Pick<StoredRateLimit, 'created_at' | 'schema_version'> {
  return { created_at: now, schema_version: RATE_LIMIT_VERSION };
}
