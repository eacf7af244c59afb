import { Schema } from 'mongoose';
import { CollectionDefinition } from '../index-definition';
import { STAMP_FIELDS, StoredStamps, STRICT_SCHEMA } from '../schema-options';

export type SyncKind = 'full' | 'incremental';
export type SyncRunState = 'idle' | 'running' | 'interrupted' | 'completed' | 'failed';
/** The disjoint parts of the venue's list that are walked side by side. */
export type SyncPartitionName = 'open' | 'closed';

export interface SyncPartitionRecord {
  name: SyncPartitionName;
  cursor: string | null;
  pages: number;
  rows: number;
  last_id: string | null;
  first_id: string | null;
  done: boolean;
  error: string | null;
}

export interface SyncFailureRecord {
  path: string;
  reason: string;
  id: string | null;
}

export interface SyncStateRecord extends StoredStamps {
  _id: SyncKind;
  run_id: string;
  state: SyncRunState;
  mode: SyncKind;
  active_only: boolean;
  limit: number | null;
  baseline: boolean;
  partitions: SyncPartitionRecord[];
  newest_id: string | null;
  fetched: number;
  written: number;
  unchanged: number;
  failed: number;
  duplicates: number;
  failures: SyncFailureRecord[];
  rate_per_s: number;
  percent: number;
  eta_s: number | null;
  started_at: Date;
  progressed_at: Date;
  finished_at: Date | null;
  last_error: string | null;
  covered_since: Date | null;
  covered_rows: SyncCoverageRecord[];
  fencing_token: number;
}

export interface SyncCoverageRecord {
  name: SyncPartitionName;
  rows: number;
}

export const SYNC_STATE_COLLECTION = 'sync_state';
export const SYNC_STATE_VERSION = 1;

const part = { _id: false, id: false, strict: 'throw' } as const;
const count = { type: Number, required: true };

export const syncStateSchema = new Schema<SyncStateRecord>(
  {
    _id: { type: String, required: true },
    run_id: { type: String, required: true },
    state: { type: String, required: true },
    mode: { type: String, required: true },
    active_only: { type: Boolean, required: true },
    limit: { type: Number, default: null },
    baseline: { type: Boolean, required: true },
    partitions: {
      type: [
        new Schema(
          {
            name: { type: String, required: true },
            cursor: { type: String, default: null },
            pages: count,
            rows: count,
            last_id: { type: String, default: null },
            first_id: { type: String, default: null },
            done: { type: Boolean, required: true },
            error: { type: String, default: null },
          },
          part,
        ),
      ],
      required: true,
    },
    newest_id: { type: String, default: null },
    fetched: count,
    written: count,
    unchanged: count,
    failed: count,
    duplicates: count,
    failures: {
      type: [new Schema({ path: String, reason: String, id: { type: String, default: null } }, part)],
      required: true,
    },
    rate_per_s: count,
    percent: count,
    eta_s: { type: Number, default: null },
    started_at: { type: Date, required: true },
    progressed_at: { type: Date, required: true },
    finished_at: { type: Date, default: null },
    last_error: { type: String, default: null },
    covered_since: { type: Date, default: null },
    covered_rows: { type: [new Schema({ name: String, rows: Number }, part)], required: true },
    fencing_token: count,
    ...STAMP_FIELDS,
  },
  { ...STRICT_SCHEMA, collection: SYNC_STATE_COLLECTION },
);

/** The right to run; one document beside the states. */
export interface SyncLeaseRecord extends StoredStamps {
  _id: 'lease';
  holder: string | null;
  kind: SyncKind | null;
  until: Date;
  token: number;
}

export const syncLeaseSchema = new Schema<SyncLeaseRecord>(
  {
    _id: { type: String, required: true },
    holder: { type: String, default: null },
    kind: { type: String, default: null },
    until: { type: Date, required: true },
    token: count,
    ...STAMP_FIELDS,
  },
  { ...STRICT_SCHEMA, collection: SYNC_STATE_COLLECTION },
);

export const SYNC_STATE: CollectionDefinition = { name: SYNC_STATE_COLLECTION, indexes: [] };
