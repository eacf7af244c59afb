import { Connection, Model, Schema } from 'mongoose';
import { CollectionDefinition } from '../index-definition';
import { STAMP_FIELDS, StoredStamps, STRICT_SCHEMA } from '../schema-options';
import { isDuplicateKey, storeCall } from '../store-call';
import { type StoreTransaction, within } from '../store-transaction';

/** One setting of the system, as whoever saved it wrote it. */
export interface SettingRecord {
  name: string;
  /** Not yet parsed. */
  value: unknown;
  /** Counts the saves. */
  version: number;
  changedBy: string | null;
  updatedAt: Date;
}

interface StoredSetting extends StoredStamps {
  _id: string;
  value: unknown;
  version: number;
  changed_by: string | null;
}

export const SETTINGS_COLLECTION = 'settings';
const SETTING_VERSION = 1;

const settingSchema = new Schema<StoredSetting>(
  {
    _id: { type: String, required: true },
    value: { type: Schema.Types.Mixed, required: true },
    version: { type: Number, required: true },
    changed_by: { type: String, default: null },
    ...STAMP_FIELDS,
  },
  { ...STRICT_SCHEMA, collection: SETTINGS_COLLECTION },
);

export const SETTINGS: CollectionDefinition = { name: SETTINGS_COLLECTION, indexes: [] };

/** Settings an admin changes at run time, a document each. */
export class SettingsRepository {
  private readonly model: Model<StoredSetting>;

  constructor(connection: Connection) {
    this.model = connection.model<StoredSetting>('Setting', settingSchema, SETTINGS_COLLECTION, {
      overwriteModels: true,
    });
  }

  async find(name: string): Promise<SettingRecord | null> {
    return storeCall(async () => {
      const stored = await this.model.findOne({ _id: name }).lean<StoredSetting>();
      return stored && toSetting(stored);
    });
  }

  /**
   * Saves a setting over the version it was read at; 0 when there was none.
   * @returns null when somebody else saved it since; a transaction cannot go on after that
   */
  async save(
    setting: { name: string; value: Readonly<Record<string, unknown>>; readVersion: number },
    by: string | null,
    now: Date,
    transaction?: StoreTransaction,
  ): Promise<SettingRecord | null> {
    return storeCall(async () => {
      try {
        const stored = await this.model
          .findOneAndUpdate(
            { _id: setting.name, version: setting.readVersion },
            {
              $set: { value: setting.value, changed_by: by, updated_at: now, schema_version: SETTING_VERSION },
              $inc: { version: 1 },
              $setOnInsert: { created_at: now },
            },
            { returnDocument: 'after', upsert: setting.readVersion === 0, ...within(transaction) },
          )
          .lean<StoredSetting>();
        return stored && toSetting(stored);
      } catch (error) {
        if (isDuplicateKey(error)) return null;
        throw error;
      }
    });
  }
}

function toSetting(stored: StoredSetting): SettingRecord {
  return {
    name: stored._id,
    value: stored.value,
    version: stored.version,
    changedBy: stored.changed_by,
    updatedAt: stored.updated_at,
  };
}
