import { Connection, Model, mongo, Schema } from 'mongoose';
import { CollectionDefinition } from '../index-definition';
import { STAMP_FIELDS, StoredStamps, STRICT_SCHEMA } from '../schema-options';
import { isDuplicateKey, storeCall } from '../store-call';
import { SyncPartitionName } from './sync-state.record';

/** A page as the venue sent it, kept until its markets are stored, so that a killed run need not ask for it again. */
export interface StagedPage {
  runId: string;
  partition: SyncPartitionName;
  /** Position within the partition, from 0. */
  sequence: number;
  /** The body as received, compressed by the caller. */
  body: Buffer;
  /** Where the following page starts; null on the last. */
  nextCursor: string | null;
  fetchedAt: Date;
}

interface StagedPageRecord extends StoredStamps {
  _id: string;
  run_id: string;
  partition: SyncPartitionName;
  sequence: number;
  body: mongo.Binary | Buffer;
  next_cursor: string | null;
  fetched_at: Date;
}

const STAGED_PAGES_COLLECTION = 'sync_pages';
const STAGED_PAGE_VERSION = 1;

const stagedPageSchema = new Schema<StagedPageRecord>(
  {
    _id: { type: String, required: true },
    run_id: { type: String, required: true },
    partition: { type: String, required: true },
    sequence: { type: Number, required: true },
    body: { type: Buffer, required: true },
    next_cursor: { type: String, default: null },
    fetched_at: { type: Date, required: true },
    ...STAMP_FIELDS,
  },
  { ...STRICT_SCHEMA, collection: STAGED_PAGES_COLLECTION },
);

/** Read and removed by key ranges alone, so it needs no index. */
export const STAGED_PAGES: CollectionDefinition = { name: STAGED_PAGES_COLLECTION, indexes: [] };

/** Pages between the venue and the catalogue. */
export class StagedPageRepository {
  private readonly model: Model<StagedPageRecord>;

  constructor(connection: Connection) {
    this.model = connection.model<StagedPageRecord>('StagedPage', stagedPageSchema, STAGED_PAGES_COLLECTION, {
      overwriteModels: true,
    });
  }

  /** Keeps a page. Staging the same page twice keeps the first. */
  async stage(page: StagedPage, now: Date): Promise<void> {
    const record: StagedPageRecord = {
      _id: pageId(page),
      run_id: page.runId,
      partition: page.partition,
      sequence: page.sequence,
      body: new mongo.Binary(page.body),
      next_cursor: page.nextCursor,
      fetched_at: page.fetchedAt,
      created_at: now,
      updated_at: now,
      schema_version: STAGED_PAGE_VERSION,
    };
    await storeCall(async () => {
      try {
        await this.model.collection.insertOne(record as unknown as mongo.Document);
      } catch (error) {
        if (!isDuplicateKey(error)) throw error;
      }
    });
  }

  /** Returns a run's staged pages, partition by partition in the order they were fetched, one at a time. */
  async *listOfRun(runId: string): AsyncGenerator<StagedPage> {
    const cursor = this.model.collection.find<StagedPageRecord>(
      { _id: { $gte: `${runId}:`, $lt: `${runId};` } as unknown as mongo.ObjectId },
      { sort: { _id: 1 }, batchSize: 4 },
    );
    for (;;) {
      const record = await storeCall(() => cursor.next());
      if (record === null) return;
      yield toStagedPage(record);
    }
  }

  /** Forgets pages whose markets are stored. */
  async remove(pages: readonly Pick<StagedPage, 'runId' | 'partition' | 'sequence'>[]): Promise<void> {
    if (pages.length === 0) return;
    await storeCall(() => this.model.deleteMany({ _id: { $in: pages.map(pageId) } }).exec());
  }

  /** Forgets what runs other than this one left behind; every page when null. */
  async removeOtherRuns(runId: string | null): Promise<void> {
    await storeCall(() => this.model.deleteMany(runId === null ? {} : { run_id: { $ne: runId } }).exec());
  }
}

function pageId(page: Pick<StagedPage, 'runId' | 'partition' | 'sequence'>): string {
  return `${page.runId}:${page.partition}:${String(page.sequence).padStart(8, '0')}`;
}

function toStagedPage(record: StagedPageRecord): StagedPage {
  return {
    runId: record.run_id,
    partition: record.partition,
    sequence: record.sequence,
    body: Buffer.isBuffer(record.body)
      ? record.body
      : Buffer.from(record.body.buffer.subarray(0, record.body.position)),
    nextCursor: record.next_cursor,
    fetchedAt: record.fetched_at,
  };
}
