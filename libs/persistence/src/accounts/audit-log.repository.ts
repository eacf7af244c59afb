import type { AuditAction } from '@app/domain';
import { Connection, Model, Schema } from 'mongoose';
import { CollectionDefinition } from '../index-definition';
import { STAMP_FIELDS, StoredStamps, STRICT_SCHEMA } from '../schema-options';
import { storeCall } from '../store-call';
import { type StoreTransaction, within } from '../store-transaction';

/** What an entry says besides who, whom and when. Never a password, a hash or a token. */
export type AuditDetail = Readonly<Record<string, string | number | boolean | null>>;

/** One entry of the audit log. */
export interface AuditEntry {
  id: string;
  at: Date;
  action: AuditAction;
  /** The account that did it; null for callers without one. */
  actorId: string | null;
  actorEmail: string | null;
  /** The account it was done to. */
  subjectId: string | null;
  /** Network address the request came from. */
  address: string | null;
  requestId: string;
  detail: AuditDetail;
}

/** Which entries to list. */
export interface AuditQuery {
  action?: AuditAction;
  /** The account that did it or that it was done to. */
  userId?: string;
  /** Inclusive. */
  from?: Date;
  /** Exclusive. */
  to?: Date;
  /** From 1. */
  page: number;
  pageSize: number;
}

interface StoredAuditEntry extends StoredStamps {
  _id: string;
  at: Date;
  action: AuditAction;
  actor_id: string | null;
  actor_email: string | null;
  subject_id: string | null;
  /** Actor and subject again, for the list of one account. */
  user_ids: string[];
  address: string | null;
  request_id: string;
  detail: Record<string, string | number | boolean | null>;
  expires_at: Date;
}

const AUDIT_LOG_COLLECTION = 'audit_log';
const AUDIT_ENTRY_VERSION = 1;

const auditEntrySchema = new Schema<StoredAuditEntry>(
  {
    _id: { type: String, required: true },
    at: { type: Date, required: true },
    action: { type: String, required: true },
    actor_id: { type: String, default: null },
    actor_email: { type: String, default: null },
    subject_id: { type: String, default: null },
    user_ids: { type: [String], required: true },
    address: { type: String, default: null },
    request_id: { type: String, required: true },
    detail: { type: Schema.Types.Mixed, required: true },
    expires_at: { type: Date, required: true },
    ...STAMP_FIELDS,
  },
  { ...STRICT_SCHEMA, collection: AUDIT_LOG_COLLECTION },
);

export const AUDIT_LOG: CollectionDefinition = {
  name: AUDIT_LOG_COLLECTION,
  indexes: [
    { name: 'newest', key: { at: -1, _id: -1 }, serves: 'the newest entries' },
    { name: 'of_action', key: { action: 1, at: -1, _id: -1 }, serves: 'the newest entries of one action' },
    { name: 'of_user', key: { user_ids: 1, at: -1, _id: -1 }, serves: 'the newest entries about one account' },
    { name: 'expiry', key: { expires_at: 1 }, expireAfterSeconds: 0, serves: 'removal of entries past their time' },
  ],
};

/** Who did what, when and from where. Entries are added and run out; nothing changes them. */
export class AuditLogRepository {
  private readonly model: Model<StoredAuditEntry>;

  constructor(connection: Connection) {
    this.model = connection.model<StoredAuditEntry>('AuditEntry', auditEntrySchema, AUDIT_LOG_COLLECTION, {
      overwriteModels: true,
    });
  }

  async append(entry: AuditEntry, expiresAt: Date, transaction?: StoreTransaction): Promise<void> {
    await storeCall(() => this.model.collection.insertOne(toStored(entry, expiresAt) as never, within(transaction)));
  }

  /** Returns one page of entries, the newest first, and how many there are. */
  async list(query: AuditQuery): Promise<{ entries: AuditEntry[]; total: number }> {
    const filter = {
      ...(query.action === undefined ? {} : { action: query.action }),
      ...(query.userId === undefined ? {} : { user_ids: query.userId }),
      ...(query.from === undefined && query.to === undefined
        ? {}
        : {
            at: {
              ...(query.from === undefined ? {} : { $gte: query.from }),
              ...(query.to === undefined ? {} : { $lt: query.to }),
            },
          }),
    };
    return storeCall(async () => {
      const [stored, total] = await Promise.all([
        this.model
          .find(filter)
          .sort({ at: -1, _id: -1 })
          .skip((query.page - 1) * query.pageSize)
          .limit(query.pageSize)
          .lean<StoredAuditEntry[]>(),
        this.model.countDocuments(filter),
      ]);
      return { entries: stored.map(toEntry), total };
    });
  }
}

function toStored(entry: AuditEntry, expiresAt: Date): StoredAuditEntry {
  const users = [entry.actorId, entry.subjectId].filter((id) => id !== null);
  return {
    _id: entry.id,
    at: entry.at,
    action: entry.action,
    actor_id: entry.actorId,
    actor_email: entry.actorEmail,
    subject_id: entry.subjectId,
    user_ids: [...new Set(users)],
    address: entry.address,
    request_id: entry.requestId,
    detail: { ...entry.detail },
    expires_at: expiresAt,
    created_at: entry.at,
    updated_at: entry.at,
    schema_version: AUDIT_ENTRY_VERSION,
  };
}

function toEntry(stored: StoredAuditEntry): AuditEntry {
  return {
    id: stored._id,
    at: stored.at,
    action: stored.action,
    actorId: stored.actor_id,
    actorEmail: stored.actor_email,
    subjectId: stored.subject_id,
    address: stored.address,
    requestId: stored.request_id,
    detail: stored.detail,
  };
}
