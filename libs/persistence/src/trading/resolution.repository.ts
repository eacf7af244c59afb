import { type AcceptedResolution, partsPerMillion, type ResolutionSource, settlementKey } from '@app/domain';
import { Connection, Model, Schema } from 'mongoose';
import { CollectionDefinition } from '../index-definition';
import { fromInt64, StoredInt64 } from '../int64';
import { STAMP_FIELDS, StoredStamps, STRICT_SCHEMA } from '../schema-options';
import { isDuplicateKey, storeCall } from '../store-call';
import { COUNT, INT64, TEXT } from './stored-fields';

interface StoredResolution extends StoredStamps {
  /** Condition and version. */
  _id: string;
  condition_id: string;
  market_id: string;
  version: number;
  token_ids: string[];
  payouts: StoredInt64[];
  source: ResolutionSource;
  evidence: string;
}

const RESOLUTIONS_COLLECTION = 'resolutions';
const RESOLUTION_VERSION = 1;

const resolutionSchema = new Schema<StoredResolution>(
  {
    _id: TEXT,
    condition_id: TEXT,
    market_id: TEXT,
    version: COUNT,
    token_ids: { type: [String], required: true },
    payouts: { type: [INT64.type], required: true },
    source: TEXT,
    evidence: TEXT,
    ...STAMP_FIELDS,
  },
  { ...STRICT_SCHEMA, collection: RESOLUTIONS_COLLECTION },
);

export const RESOLUTIONS: CollectionDefinition = {
  name: RESOLUTIONS_COLLECTION,
  indexes: [
    { name: 'of_condition', key: { condition_id: 1, version: -1 }, serves: "a market's results, the newest first" },
    { name: 'accepted', key: { created_at: 1 }, serves: 'the results accepted lately, which are watched for changes' },
  ],
};

/** Results of markets that were accepted, each version as it was; the newest one holds. */
export class ResolutionRepository {
  private readonly model: Model<StoredResolution>;

  constructor(connection: Connection) {
    this.model = connection.model<StoredResolution>('Resolution', resolutionSchema, RESOLUTIONS_COLLECTION, {
      overwriteModels: true,
    });
  }

  /** Returns the newest result; null when none was accepted. */
  async find(conditionId: string): Promise<AcceptedResolution | null> {
    return (await this.findMany([conditionId])).get(conditionId) ?? null;
  }

  /** Returns the newest results, by condition. */
  async findMany(conditionIds: readonly string[]): Promise<Map<string, AcceptedResolution>> {
    return storeCall(async () => {
      const stored = await this.model
        .find({ condition_id: { $in: [...conditionIds] } })
        .sort({ condition_id: 1, version: 1 })
        .lean<StoredResolution[]>();
      return new Map(stored.map((one) => [one.condition_id, toResolution(one)]));
    });
  }

  /** Returns the results accepted since a moment, the newest version of each market, in the order they were first accepted in. */
  async listAcceptedSince(since: Date): Promise<AcceptedResolution[]> {
    return storeCall(async () => {
      const stored = await this.model
        .find({ created_at: { $gte: since } })
        .sort({ created_at: 1, _id: 1 })
        .batchSize(5_000)
        .lean<StoredResolution[]>();
      const newest = new Map<string, StoredResolution>();
      for (const one of stored) {
        const known = newest.get(one.condition_id);
        if (known === undefined || known.version < one.version) newest.set(one.condition_id, one);
      }
      return [...newest.values()].map(toResolution);
    });
  }

  /** Records the next version of a result. @returns false when that version was recorded by somebody else */
  async record(resolution: AcceptedResolution): Promise<boolean> {
    return storeCall(async () => {
      try {
        await this.model.collection.insertOne(toStored(resolution) as never);
        return true;
      } catch (error) {
        if (isDuplicateKey(error)) return false;
        throw error;
      }
    });
  }
}

function toStored(resolution: AcceptedResolution): StoredResolution {
  return {
    _id: settlementKey(resolution),
    condition_id: resolution.conditionId,
    market_id: resolution.marketId,
    version: resolution.version,
    token_ids: [...resolution.tokenIds],
    payouts: [...resolution.payouts],
    source: resolution.source,
    evidence: resolution.evidence,
    created_at: resolution.acceptedAt,
    updated_at: resolution.acceptedAt,
    schema_version: RESOLUTION_VERSION,
  };
}

function toResolution(stored: StoredResolution): AcceptedResolution {
  return {
    conditionId: stored.condition_id,
    marketId: stored.market_id,
    version: stored.version,
    tokenIds: stored.token_ids,
    payouts: stored.payouts.map((payout) => partsPerMillion(fromInt64(payout, 'payouts'))),
    source: stored.source,
    evidence: stored.evidence,
    acceptedAt: stored.created_at,
  };
}
