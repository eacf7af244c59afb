import { Connection, Model, Schema } from 'mongoose';
import { STAMP_FIELDS, StoredStamps, STRICT_SCHEMA } from '../schema-options';
import { isDuplicateKey, storeCall } from '../store-call';
import { SETTINGS_COLLECTION } from './settings.repository';

interface VenueClaimRecord extends StoredStamps {
  _id: 'venue';
  venue: string;
}

const VENUE_CLAIM_VERSION = 1;

const venueClaimSchema = new Schema<VenueClaimRecord>(
  { _id: { type: String, required: true }, venue: { type: String, required: true }, ...STAMP_FIELDS },
  { ...STRICT_SCHEMA, collection: SETTINGS_COLLECTION },
);

/** Remembers whose markets fill these databases, so that a simulated venue and the real one never mix. */
export class VenueClaimRepository {
  private readonly model: Model<VenueClaimRecord>;

  constructor(connection: Connection) {
    this.model = connection.model<VenueClaimRecord>('VenueClaim', venueClaimSchema, SETTINGS_COLLECTION, {
      overwriteModels: true,
    });
  }

  /**
   * Claims the databases for a venue unless they are claimed already.
   * @returns the venue they belong to: the one given, or another one, whose data must not be touched.
   */
  async claim(venue: string, now: Date): Promise<string> {
    return storeCall(async () => {
      try {
        await this.model.updateOne(
          { _id: 'venue' },
          { $setOnInsert: { venue, schema_version: VENUE_CLAIM_VERSION, created_at: now, updated_at: now } },
          { upsert: true },
        );
      } catch (error) {
        if (!isDuplicateKey(error)) throw error;
      }
      const record = await this.model.findOne({ _id: 'venue' }, { venue: 1 }).lean<Pick<VenueClaimRecord, 'venue'>>();
      return record?.venue ?? venue;
    });
  }
}
