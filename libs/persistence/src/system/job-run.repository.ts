import { Connection, Model, Schema } from 'mongoose';
import { CollectionDefinition } from '../index-definition';
import { STAMP_FIELDS, StoredStamps, STRICT_SCHEMA } from '../schema-options';
import { isDuplicateKey, storeCall } from '../store-call';
import { type StoreTransaction, within } from '../store-transaction';
import { SyncKind } from '../sync/sync-state.record';

export type JobRunState = 'queued' | 'running' | 'completed' | 'failed';

export interface JobRunParameters {
  /** At most this many markets; null for all. */
  limit: number | null;
  activeOnly: boolean;
}

export interface JobRunProgress {
  fetched: number;
  written: number;
  unchanged: number;
  failed: number;
  /** 0..100. */
  percent: number;
}

/** A sync somebody asked for. */
export interface JobRun {
  id: string;
  kind: SyncKind;
  state: JobRunState;
  parameters: JobRunParameters;
  /** Who asked. */
  requestedBy: string;
  progress: JobRunProgress;
  createdAt: Date;
  updatedAt: Date;
  startedAt: Date | null;
  finishedAt: Date | null;
  lastError: string | null;
}

interface JobRunRecord extends StoredStamps {
  _id: string;
  kind: SyncKind;
  /** The kind again, only while queued or running: at most one such job of a kind can exist. */
  open_kind?: SyncKind;
  state: JobRunState;
  limit: number | null;
  active_only: boolean;
  requested_by: string;
  claimed_by: string | null;
  /** A running job whose worker has not been heard of until then is up for another one. */
  claimed_until: Date | null;
  fetched: number;
  written: number;
  unchanged: number;
  failed: number;
  percent: number;
  started_at: Date | null;
  finished_at: Date | null;
  last_error: string | null;
}

const JOB_RUNS_COLLECTION = 'job_runs';
const JOB_RUN_VERSION = 1;
const DAY_SECONDS = 86_400;
const count = { type: Number, required: true };

const jobRunSchema = new Schema<JobRunRecord>(
  {
    _id: { type: String, required: true },
    kind: { type: String, required: true },
    open_kind: { type: String },
    state: { type: String, required: true },
    limit: { type: Number, default: null },
    active_only: { type: Boolean, required: true },
    requested_by: { type: String, required: true },
    claimed_by: { type: String, default: null },
    claimed_until: { type: Date, default: null },
    fetched: count,
    written: count,
    unchanged: count,
    failed: count,
    percent: count,
    started_at: { type: Date, default: null },
    finished_at: { type: Date, default: null },
    last_error: { type: String, default: null },
    ...STAMP_FIELDS,
  },
  { ...STRICT_SCHEMA, collection: JOB_RUNS_COLLECTION },
);

export const JOB_RUNS: CollectionDefinition = {
  name: JOB_RUNS_COLLECTION,
  indexes: [
    {
      name: 'one_open_per_kind',
      key: { open_kind: 1 },
      unique: true,
      partialFilterExpression: { open_kind: { $exists: true } },
      serves: 'the refusal of a second job while one of its kind is queued or running',
    },
    { name: 'waiting', key: { state: 1, created_at: 1 }, serves: 'the oldest job a worker can claim' },
    {
      name: 'finished_expiry',
      key: { finished_at: 1 },
      expireAfterSeconds: 90 * DAY_SECONDS,
      serves: 'removal of jobs finished 90 days ago',
    },
  ],
};

/** Syncs on demand: asked for over HTTP, done by the sync worker. */
export class JobRunRepository {
  private readonly model: Model<JobRunRecord>;

  constructor(connection: Connection) {
    this.model = connection.model<JobRunRecord>('JobRun', jobRunSchema, JOB_RUNS_COLLECTION, { overwriteModels: true });
  }

  /** Queues a job. @returns null when one of its kind is queued or running already; a transaction cannot go on after that */
  async enqueue(
    job: { id: string; kind: SyncKind; parameters: JobRunParameters; requestedBy: string },
    now: Date,
    transaction?: StoreTransaction,
  ): Promise<JobRun | null> {
    const record: JobRunRecord = {
      _id: job.id,
      kind: job.kind,
      open_kind: job.kind,
      state: 'queued',
      limit: job.parameters.limit,
      active_only: job.parameters.activeOnly,
      requested_by: job.requestedBy,
      claimed_by: null,
      claimed_until: null,
      fetched: 0,
      written: 0,
      unchanged: 0,
      failed: 0,
      percent: 0,
      started_at: null,
      finished_at: null,
      last_error: null,
      created_at: now,
      updated_at: now,
      schema_version: JOB_RUN_VERSION,
    };
    return storeCall(async () => {
      try {
        await this.model.collection.insertOne(record as never, within(transaction));
        return toJobRun(record);
      } catch (error) {
        if (isDuplicateKey(error)) return null;
        throw error;
      }
    });
  }

  async find(id: string): Promise<JobRun | null> {
    return storeCall(async () => {
      const record = await this.model.findOne({ _id: id }).lean<JobRunRecord>();
      return record === null ? null : toJobRun(record);
    });
  }

  /** Returns one page of the jobs that are kept, the latest asked for first, and how many there are. */
  async list({ page, pageSize }: { page: number; pageSize: number }): Promise<{ jobs: JobRun[]; total: number }> {
    return storeCall(async () => {
      const [records, total] = await Promise.all([
        this.model
          .find({})
          // Ids begin with the time they were made.
          .sort({ _id: -1 })
          .skip((page - 1) * pageSize)
          .limit(pageSize)
          .lean<JobRunRecord[]>(),
        this.model.countDocuments({}),
      ]);
      return { jobs: records.map(toJobRun), total };
    });
  }

  /** Returns the queued or running job of a kind, when there is one. */
  async findOpen(kind: SyncKind): Promise<JobRun | null> {
    return storeCall(async () => {
      const record = await this.model.findOne({ open_kind: kind }).lean<JobRunRecord>();
      return record === null ? null : toJobRun(record);
    });
  }

  /** Claims the oldest job that waits or was abandoned by its worker; null when there is none. */
  async claimNext(worker: string, claimedUntil: Date, now: Date): Promise<JobRun | null> {
    const claim = {
      $set: { state: 'running', claimed_by: worker, claimed_until: claimedUntil, started_at: now, updated_at: now },
    } as const;
    return storeCall(async () => {
      const waiting = await this.model
        .findOneAndUpdate({ state: 'queued' }, claim, { sort: { created_at: 1 }, returnDocument: 'after' })
        .lean<JobRunRecord>();
      if (waiting !== null) return toJobRun(waiting);
      const abandoned = await this.model
        .findOneAndUpdate({ state: 'running', claimed_until: { $lt: now } }, claim, {
          sort: { created_at: 1 },
          returnDocument: 'after',
        })
        .lean<JobRunRecord>();
      return abandoned === null ? null : toJobRun(abandoned);
    });
  }

  /** Records how far a job is and keeps the claim. @returns false when another worker has claimed it since. */
  async progress(
    id: string,
    worker: string,
    progress: JobRunProgress,
    claimedUntil: Date,
    now: Date,
  ): Promise<boolean> {
    return storeCall(async () => {
      const result = await this.model.updateOne(
        { _id: id, claimed_by: worker, state: 'running' },
        { $set: { ...toProgressFields(progress), claimed_until: claimedUntil, updated_at: now } },
      );
      return result.matchedCount === 1;
    });
  }

  /** Puts a job back into the queue, when its worker stops before the end. */
  async requeue(id: string, worker: string, now: Date): Promise<void> {
    await storeCall(() =>
      this.model
        .updateOne(
          { _id: id, claimed_by: worker, state: 'running' },
          { $set: { state: 'queued', claimed_by: null, claimed_until: null, updated_at: now } },
        )
        .exec(),
    );
  }

  /** Closes a job. */
  async finish(
    id: string,
    worker: string,
    outcome: { state: 'completed' | 'failed'; progress: JobRunProgress; lastError: string | null },
    now: Date,
  ): Promise<void> {
    await storeCall(() =>
      this.model
        .updateOne(
          { _id: id, claimed_by: worker, state: 'running' },
          {
            $set: {
              ...toProgressFields(outcome.progress),
              state: outcome.state,
              last_error: outcome.lastError,
              finished_at: now,
              claimed_until: null,
              updated_at: now,
            },
            $unset: { open_kind: 1 },
          },
        )
        .exec(),
    );
  }
}

function toProgressFields(progress: JobRunProgress): JobRunProgress {
  return {
    fetched: progress.fetched,
    written: progress.written,
    unchanged: progress.unchanged,
    failed: progress.failed,
    percent: progress.percent,
  };
}

function toJobRun(record: JobRunRecord): JobRun {
  return {
    id: record._id,
    kind: record.kind,
    state: record.state,
    parameters: { limit: record.limit, activeOnly: record.active_only },
    requestedBy: record.requested_by,
    progress: toProgressFields(record),
    createdAt: record.created_at,
    updatedAt: record.updated_at,
    startedAt: record.started_at,
    finishedAt: record.finished_at,
    lastError: record.last_error,
  };
}
