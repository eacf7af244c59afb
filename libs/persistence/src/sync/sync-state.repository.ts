import { Connection, Model } from 'mongoose';
import { isDuplicateKey, storeCall } from '../store-call';
import {
  SYNC_STATE_COLLECTION,
  SYNC_STATE_VERSION,
  SyncKind,
  SyncLeaseRecord,
  syncLeaseSchema,
  SyncPartitionName,
  SyncRunState,
  SyncStateRecord,
  syncStateSchema,
} from './sync-state.record';

/** How far one partition of a run has come. */
export interface SyncPartition {
  name: SyncPartitionName;
  /** Where its next page starts; null at the beginning. Everything before it is stored. */
  cursor: string | null;
  pages: number;
  rows: number;
  /** Venue id of the last row; rows come by rising id. */
  lastId: string | null;
  /** Venue id of the first row: where the way begins, for the estimate of progress. */
  firstId: string | null;
  done: boolean;
  /** Why the partition was given up, when it was. */
  error: string | null;
}

/** A row the venue sent that could not be understood, or that the store refused. */
export interface SyncFailure {
  /** Where it stood in the answer, such as `markets[17].outcomes`. */
  path: string;
  reason: string;
  id: string | null;
}

/** The last or current run of one kind of sync. */
export interface SyncState {
  kind: SyncKind;
  runId: string;
  state: SyncRunState;
  /** A run over open markets only leaves closed ones alone. */
  activeOnly: boolean;
  /** At most this many rows, when a run was asked to be short. */
  limit: number | null;
  /** Whether the catalogue was being filled for the first time, when a new market is no change. */
  baseline: boolean;
  partitions: SyncPartition[];
  /** Highest venue id at the start, the end of the way for the estimate of progress. */
  newestId: string | null;
  fetched: number;
  written: number;
  unchanged: number;
  /** Rows refused by the parser or the store; the newest of them are in `failures`. */
  failed: number;
  /** Rows that came more than once. */
  duplicates: number;
  failures: SyncFailure[];
  /** Rows a second since this attempt began. */
  ratePerSecond: number;
  /** 0..100, by position among the venue's ids. */
  percent: number;
  etaSeconds: number | null;
  startedAt: Date;
  progressedAt: Date;
  finishedAt: Date | null;
  lastError: string | null;
  /** When the last complete run of this kind began: every market it covers was compared since then. */
  coveredSince: Date | null;
  /** Rows of each partition in the last complete run. */
  coveredRows: { name: SyncPartitionName; rows: number }[];
}

export interface SyncLease {
  holder: string;
  kind: SyncKind;
  until: Date;
  /** Rises with every new holder; writes of an older one are refused. */
  token: number;
}

/** Sync states and the lease that keeps runs from overlapping. */
export class SyncStateRepository {
  private readonly states: Model<SyncStateRecord>;
  private readonly leases: Model<SyncLeaseRecord>;

  constructor(connection: Connection) {
    this.states = connection.model<SyncStateRecord>('SyncState', syncStateSchema, SYNC_STATE_COLLECTION, {
      overwriteModels: true,
    });
    this.leases = connection.model<SyncLeaseRecord>('SyncLease', syncLeaseSchema, SYNC_STATE_COLLECTION, {
      overwriteModels: true,
    });
  }

  async find(kind: SyncKind): Promise<SyncState | null> {
    return storeCall(async () => {
      const record = await this.states.findOne({ _id: kind }).lean<SyncStateRecord>();
      return record === null ? null : toSyncState(record);
    });
  }

  /**
   * Saves a run's state under the lease with this token.
   * @returns false when a newer holder has written since: the caller no longer owns the run and must stop.
   */
  async save(state: SyncState, token: number, now: Date): Promise<boolean> {
    return storeCall(async () => {
      try {
        const result = await this.states.updateOne(
          { _id: state.kind, fencing_token: { $lte: token } },
          {
            $set: { ...toSyncStateFields(state), fencing_token: token, updated_at: now },
            $setOnInsert: { created_at: now },
          },
          { upsert: true },
        );
        return result.matchedCount + result.upsertedCount === 1;
      } catch (error) {
        if (isDuplicateKey(error)) return false;
        throw error;
      }
    });
  }

  /** Returns who holds the right to run; null when nobody ever did or it was given back. */
  async findLease(): Promise<SyncLease | null> {
    return storeCall(async () => {
      const record = await this.leases.findOne({ _id: 'lease' }).lean<SyncLeaseRecord>();
      if (record === null || record.holder === null || record.kind === null) return null;
      return { holder: record.holder, kind: record.kind, until: record.until, token: record.token };
    });
  }

  /**
   * Takes the lease when it is free or has run out, or when it still belongs to `deadHolder`, of whom the caller knows that it is gone.
   * @returns the lease, or null when somebody holds it.
   */
  async acquireLease(
    request: { holder: string; kind: SyncKind; until: Date; deadHolder?: string },
    now: Date,
  ): Promise<SyncLease | null> {
    const free = [
      { until: { $lte: now } },
      ...(request.deadHolder === undefined ? [] : [{ holder: request.deadHolder }]),
    ];
    return storeCall(async () => {
      try {
        const record = await this.leases
          .findOneAndUpdate(
            { _id: 'lease', $or: free },
            {
              $set: {
                holder: request.holder,
                kind: request.kind,
                until: request.until,
                updated_at: now,
                schema_version: SYNC_STATE_VERSION,
              },
              $inc: { token: 1 },
              $setOnInsert: { created_at: now },
            },
            { upsert: true, returnDocument: 'after' },
          )
          .lean<SyncLeaseRecord>();
        if (record === null) return null;
        return { holder: request.holder, kind: request.kind, until: request.until, token: record.token };
      } catch (error) {
        if (isDuplicateKey(error)) return null;
        throw error;
      }
    });
  }

  /** Extends a lease. @returns false when it is no longer this one. */
  async renewLease(lease: Pick<SyncLease, 'holder' | 'token'>, until: Date, now: Date): Promise<boolean> {
    return storeCall(async () => {
      const result = await this.leases.updateOne(
        { _id: 'lease', holder: lease.holder, token: lease.token },
        { $set: { until, updated_at: now } },
      );
      return result.matchedCount === 1;
    });
  }

  /** Gives a lease back; does nothing when it has passed to another holder. */
  async releaseLease(lease: Pick<SyncLease, 'holder' | 'token'>, now: Date): Promise<void> {
    await storeCall(() =>
      this.leases
        .updateOne(
          { _id: 'lease', holder: lease.holder, token: lease.token },
          { $set: { holder: null, kind: null, until: now, updated_at: now } },
        )
        .exec(),
    );
  }
}

type SyncStateFields = Omit<SyncStateRecord, '_id' | 'created_at' | 'updated_at' | 'fencing_token'>;

function toSyncStateFields(state: SyncState): SyncStateFields {
  return {
    run_id: state.runId,
    state: state.state,
    mode: state.kind,
    active_only: state.activeOnly,
    limit: state.limit,
    baseline: state.baseline,
    partitions: state.partitions.map((partition) => ({
      name: partition.name,
      cursor: partition.cursor,
      pages: partition.pages,
      rows: partition.rows,
      last_id: partition.lastId,
      first_id: partition.firstId,
      done: partition.done,
      error: partition.error,
    })),
    newest_id: state.newestId,
    fetched: state.fetched,
    written: state.written,
    unchanged: state.unchanged,
    failed: state.failed,
    duplicates: state.duplicates,
    failures: state.failures.map(({ path, reason, id }) => ({ path, reason, id })),
    rate_per_s: state.ratePerSecond,
    percent: state.percent,
    eta_s: state.etaSeconds,
    started_at: state.startedAt,
    progressed_at: state.progressedAt,
    finished_at: state.finishedAt,
    last_error: state.lastError,
    covered_since: state.coveredSince,
    covered_rows: state.coveredRows.map(({ name, rows }) => ({ name, rows })),
    schema_version: SYNC_STATE_VERSION,
  };
}

function toSyncState(record: SyncStateRecord): SyncState {
  return {
    kind: record._id,
    runId: record.run_id,
    state: record.state,
    activeOnly: record.active_only,
    limit: record.limit,
    baseline: record.baseline,
    partitions: record.partitions.map((partition) => ({
      name: partition.name,
      cursor: partition.cursor,
      pages: partition.pages,
      rows: partition.rows,
      lastId: partition.last_id,
      firstId: partition.first_id,
      done: partition.done,
      error: partition.error,
    })),
    newestId: record.newest_id,
    fetched: record.fetched,
    written: record.written,
    unchanged: record.unchanged,
    failed: record.failed,
    duplicates: record.duplicates,
    failures: record.failures.map(({ path, reason, id }) => ({ path, reason, id })),
    ratePerSecond: record.rate_per_s,
    percent: record.percent,
    etaSeconds: record.eta_s,
    startedAt: record.started_at,
    progressedAt: record.progressed_at,
    finishedAt: record.finished_at,
    lastError: record.last_error,
    coveredSince: record.covered_since,
    coveredRows: record.covered_rows.map(({ name, rows }) => ({ name, rows })),
  };
}
