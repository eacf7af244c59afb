import { Schema } from 'mongoose';
import { CollectionDefinition } from '../index-definition';
import { STAMP_FIELDS, StoredStamps, STRICT_SCHEMA } from '../schema-options';
import { compositeKey } from './composite-key';
import { DATE, OPTIONAL_TEXT, TEXT } from './stored-fields';

const IDEMPOTENCY_COLLECTION = 'idempotency';
const IDEMPOTENCY_VERSION = 1;

/** How long a key is remembered, milliseconds. */
export const IDEMPOTENCY_LIFETIME_MS = 86_400_000;

/** A request that moved money, and what it was answered. */
export interface IdempotencyRecord {
  userId: string;
  /** As the client sent it. */
  key: string;
  route: string;
  bodyHash: string;
  /** The portfolio it made or changed. */
  portfolioId: string;
  /** The order it placed; null when it placed none. */
  orderId: string | null;
  /** The first answer as text; null until the order is decided. */
  result: string | null;
  createdAt: Date;
}

export interface StoredIdempotency extends StoredStamps {
  /** User and key. */
  _id: string;
  user_id: string;
  key: string;
  route: string;
  body_hash: string;
  portfolio_id: string;
  order_id: string | null;
  result: string | null;
  expires_at: Date;
}

export const idempotencySchema = new Schema<StoredIdempotency>(
  {
    _id: TEXT,
    user_id: TEXT,
    key: TEXT,
    route: TEXT,
    body_hash: TEXT,
    portfolio_id: TEXT,
    order_id: OPTIONAL_TEXT,
    result: OPTIONAL_TEXT,
    expires_at: DATE,
    ...STAMP_FIELDS,
  },
  { ...STRICT_SCHEMA, collection: IDEMPOTENCY_COLLECTION },
);

export const IDEMPOTENCY: CollectionDefinition = {
  name: IDEMPOTENCY_COLLECTION,
  indexes: [
    { name: 'expiry', key: { expires_at: 1 }, expireAfterSeconds: 0, serves: 'removal of keys past their time' },
  ],
};

export function idempotencyKey({ userId, key }: Pick<IdempotencyRecord, 'userId' | 'key'>): string {
  return compositeKey(userId, key);
}

export function toStoredIdempotency(record: IdempotencyRecord): StoredIdempotency {
  return {
    _id: idempotencyKey(record),
    user_id: record.userId,
    key: record.key,
    route: record.route,
    body_hash: record.bodyHash,
    portfolio_id: record.portfolioId,
    order_id: record.orderId,
    result: record.result,
    expires_at: new Date(record.createdAt.getTime() + IDEMPOTENCY_LIFETIME_MS),
    created_at: record.createdAt,
    updated_at: record.createdAt,
    schema_version: IDEMPOTENCY_VERSION,
  };
}

export function toIdempotency(stored: StoredIdempotency): IdempotencyRecord {
  return {
    userId: stored.user_id,
    key: stored.key,
    route: stored.route,
    bodyHash: stored.body_hash,
    portfolioId: stored.portfolio_id,
    orderId: stored.order_id,
    result: stored.result,
    createdAt: stored.created_at,
  };
}
