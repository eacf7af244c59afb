import type { Role, UserStatus } from '@app/domain';
import { Schema } from 'mongoose';
import { CollectionDefinition } from '../index-definition';
import { STAMP_FIELDS, StoredStamps, STRICT_SCHEMA } from '../schema-options';

/** A user as stored. */
export interface StoredUser extends StoredStamps {
  _id: string;
  email: string;
  email_key: string;
  password_hash: string;
  role: Role;
  status: UserStatus;
  failed_attempts: number;
  locked_until: Date | null;
  token_version: number;
}

export const USERS_COLLECTION = 'users';
export const USER_VERSION = 1;

export const userSchema = new Schema<StoredUser>(
  {
    _id: { type: String, required: true },
    email: { type: String, required: true },
    email_key: { type: String, required: true },
    password_hash: { type: String, required: true },
    role: { type: String, required: true },
    status: { type: String, required: true },
    failed_attempts: { type: Number, required: true },
    locked_until: { type: Date, default: null },
    token_version: { type: Number, required: true },
    ...STAMP_FIELDS,
  },
  { ...STRICT_SCHEMA, collection: USERS_COLLECTION },
);

export const USERS: CollectionDefinition = {
  name: USERS_COLLECTION,
  indexes: [
    { name: 'email_key', key: { email_key: 1 }, unique: true, serves: 'the user of an address, of which there is one' },
    { name: 'by_role', key: { role: 1, status: 1, _id: 1 }, serves: 'users of a role, and the count of admins' },
    { name: 'by_status', key: { status: 1, _id: 1 }, serves: 'users of a status' },
  ],
};

/**
 * `admins` is written by whoever may change how many admins there are, so that two of them cannot both be the last but one; `nobody` by a
 * login that counts for no user.
 */
export interface StoredAccountGuard extends StoredStamps {
  _id: 'admins' | 'nobody';
  revision: number;
}

export const ACCOUNT_GUARDS_COLLECTION = 'account_guards';

export const accountGuardSchema = new Schema<StoredAccountGuard>(
  { _id: { type: String, required: true }, revision: { type: Number, required: true }, ...STAMP_FIELDS },
  { ...STRICT_SCHEMA, collection: ACCOUNT_GUARDS_COLLECTION },
);

export const ACCOUNT_GUARDS: CollectionDefinition = { name: ACCOUNT_GUARDS_COLLECTION, indexes: [] };
