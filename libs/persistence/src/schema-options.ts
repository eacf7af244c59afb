import { SchemaOptions } from 'mongoose';

/**
 * How every collection's schema behaves: unknown fields and filters are errors, nothing is created, indexed or hydrated behind our back.
 * Indexes are ensured by name at start, so that each can say which query it serves.
 */
export const STRICT_SCHEMA = {
  strict: 'throw',
  strictQuery: 'throw',
  versionKey: false,
  id: false,
  minimize: false,
  autoIndex: false,
  autoCreate: false,
  bufferCommands: false,
} as const satisfies SchemaOptions;

/** The fields every stored document carries. */
export interface StoredStamps {
  created_at: Date;
  updated_at: Date;
  schema_version: number;
}

export const STAMP_FIELDS = {
  created_at: { type: Date, required: true },
  updated_at: { type: Date, required: true },
  schema_version: { type: Number, required: true },
} as const;
