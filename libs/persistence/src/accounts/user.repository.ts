import type { Role, UserStatus } from '@app/domain';
import { Connection, Model, UpdateQuery } from 'mongoose';
import { isDuplicateKey, storeCall } from '../store-call';
import { type StoreTransaction, within } from '../store-transaction';
import {
  ACCOUNT_GUARDS_COLLECTION,
  accountGuardSchema,
  StoredAccountGuard,
  StoredUser,
  USER_VERSION,
  USERS_COLLECTION,
  userSchema,
} from './user.record';

/** A user. */
export interface UserRecord {
  id: string;
  /** As typed, trimmed. */
  email: string;
  /** The address in its unique form. */
  emailKey: string;
  passwordHash: string;
  role: Role;
  status: UserStatus;
  /** Wrong passwords since the last right one. */
  failedAttempts: number;
  /** Until when a locked user stays so. */
  lockedUntil: Date | null;
  /** Counts what ended the tokens issued before. */
  tokenVersion: number;
  createdAt: Date;
  updatedAt: Date;
}

/** Which users to list. */
export interface UserQuery {
  role?: Role;
  status?: UserStatus;
  emailKey?: string;
  /** From 1. */
  page: number;
  pageSize: number;
}

const NO_FAILURES = { failed_attempts: 0, locked_until: null };

/** Users and their failures to log in. A lock that has run out counts as none, everywhere. */
export class UserRepository {
  private readonly model: Model<StoredUser>;
  private readonly guards: Model<StoredAccountGuard>;

  constructor(connection: Connection) {
    this.model = connection.model<StoredUser>('User', userSchema, USERS_COLLECTION, { overwriteModels: true });
    this.guards = connection.model<StoredAccountGuard>('AccountGuard', accountGuardSchema, ACCOUNT_GUARDS_COLLECTION, {
      overwriteModels: true,
    });
  }

  /** Stores a new user. @returns false when the address is taken; a transaction cannot go on after that */
  async insert(user: UserRecord, transaction?: StoreTransaction): Promise<boolean> {
    return storeCall(async () => {
      try {
        await this.model.collection.insertOne(toStored(user) as never, within(transaction));
        return true;
      } catch (error) {
        if (isDuplicateKey(error)) return false;
        throw error;
      }
    });
  }

  async findById(id: string, transaction?: StoreTransaction): Promise<UserRecord | null> {
    return storeCall(async () => {
      const stored = await this.model.findOne({ _id: id }, null, within(transaction)).lean<StoredUser>();
      return stored && toUser(stored);
    });
  }

  /** Returns what decides whether tokens of some users count, in no order; users there are none of are left out. */
  async listTokenStates(ids: readonly string[]): Promise<Pick<UserRecord, 'id' | 'status' | 'tokenVersion'>[]> {
    return storeCall(async () => {
      const stored = await this.model
        .find({ _id: { $in: [...ids] } }, { status: 1, token_version: 1 })
        .lean<Pick<StoredUser, '_id' | 'status' | 'token_version'>[]>();
      return stored.map((user) => ({ id: user._id, status: user.status, tokenVersion: user.token_version }));
    });
  }

  async findByEmailKey(emailKey: string): Promise<UserRecord | null> {
    return storeCall(async () => {
      const stored = await this.model.findOne({ email_key: emailKey }).lean<StoredUser>();
      return stored && toUser(stored);
    });
  }

  /** Returns one page of users, the first registered first, and how many there are. */
  async list(query: UserQuery, now: Date): Promise<{ users: UserRecord[]; total: number }> {
    const filter = {
      ...(query.role === undefined ? {} : { role: query.role }),
      ...(query.emailKey === undefined ? {} : { email_key: query.emailKey }),
      ...(query.status === undefined ? {} : withStatus(query.status, now)),
    };
    return storeCall(async () => {
      const [stored, total] = await Promise.all([
        this.model
          .find(filter)
          .sort({ _id: 1 })
          .skip((query.page - 1) * query.pageSize)
          .limit(query.pageSize)
          .lean<StoredUser[]>(),
        this.model.countDocuments(filter),
      ]);
      return { users: stored.map(toUser), total };
    });
  }

  /**
   * Counts a wrong password, however many come at once; the one that reaches the threshold locks the user. A user who is locked or disabled is left
   * as it is. After a lock has run out the count starts again.
   * @returns the user after it, and whether it was this failure that locked; null when there is no such user
   */
  async recordFailure(
    id: string,
    now: Date,
    rule: { threshold: number; lockMs: number },
  ): Promise<{ user: UserRecord; lockedNow: boolean } | null> {
    const lock = { status: 'locked' as const, locked_until: new Date(now.getTime() + rule.lockMs), updated_at: now };
    const open = { _id: id, status: 'active' as const };
    const first =
      rule.threshold <= 1
        ? { failed_attempts: 1, ...lock }
        : { failed_attempts: 1, status: 'active' as const, locked_until: null, updated_at: now };
    const steps = [
      {
        filter: { ...open, failed_attempts: { $lt: rule.threshold - 1 } },
        update: { $inc: { failed_attempts: 1 }, $set: { updated_at: now } },
      },
      {
        filter: { ...open, failed_attempts: { $gte: rule.threshold - 1 } },
        update: { $inc: { failed_attempts: 1 }, $set: lock },
      },
      { filter: { _id: id, ...lockIsOver(now) }, update: { $set: first } },
    ];
    return storeCall(async () => {
      for (;;) {
        for (const { filter, update } of steps) {
          const stored = await this.model
            .findOneAndUpdate(filter, update, { returnDocument: 'after' })
            .lean<StoredUser>();
          if (stored !== null) return { user: toUser(stored), lockedNow: stored.status === 'locked' };
        }
        // Another failure may have moved the user from a later step's filter to an earlier one's.
        const stored = await this.model.findOne({ _id: id }).lean<StoredUser>();
        if (stored === null) return null;
        if (!isOpen(stored, now)) return { user: toUser(stored), lockedNow: false };
      }
    });
  }

  /** Writes what a counted failure writes, and changes no user: a refused login costs the same whether there is somebody to count it for. */
  async recordNobodysFailure(now: Date): Promise<void> {
    await storeCall(async () => {
      try {
        await this.guards.findOneAndUpdate({ _id: 'nobody' }, revised(now), { upsert: true }).lean();
      } catch (error) {
        // Another one was the first at the same moment.
        if (!isDuplicateKey(error)) throw error;
      }
    });
  }

  /**
   * Ends a run of wrong passwords, if the user may log in at this moment and still has the password that was checked.
   * @returns the user; null when it was locked, disabled or given another password meanwhile
   */
  async recordSuccess(seen: UserRecord, now: Date): Promise<UserRecord | null> {
    const same = { _id: seen.id, password_hash: seen.passwordHash };
    return storeCall(async () => {
      const untouched = await this.model.findOne({ ...same, status: 'active', failed_attempts: 0 }).lean<StoredUser>();
      if (untouched !== null) return toUser(untouched);
      const stored = await this.model
        .findOneAndUpdate(
          { ...same, $or: [{ status: 'active' }, lockIsOver(now)] },
          { $set: { ...NO_FAILURES, status: 'active', updated_at: now } },
          { returnDocument: 'after' },
        )
        .lean<StoredUser>();
      return stored && toUser(stored);
    });
  }

  /**
   * Gives a user another password, if the user may log in at this moment and still has the one that was checked; failures are forgotten.
   * @returns the user; null when nothing was changed
   */
  async setPasswordHash(
    seen: UserRecord,
    passwordHash: string,
    { endTokens }: { endTokens: boolean },
    now: Date,
    transaction?: StoreTransaction,
  ): Promise<UserRecord | null> {
    return storeCall(async () => {
      const stored = await this.model
        .findOneAndUpdate(
          { _id: seen.id, password_hash: seen.passwordHash, $or: [{ status: 'active' }, lockIsOver(now)] },
          {
            $set: { ...NO_FAILURES, password_hash: passwordHash, status: 'active', updated_at: now },
            ...(endTokens ? { $inc: { token_version: 1 } } : {}),
          },
          { returnDocument: 'after', ...within(transaction) },
        )
        .lean<StoredUser>();
      return stored && toUser(stored);
    });
  }

  /** Replaces a hash by another one of the same password, unless the password was changed meanwhile. */
  async rehash(id: string, oldHash: string, newHash: string, now: Date): Promise<void> {
    await storeCall(() =>
      this.model
        .updateOne({ _id: id, password_hash: oldHash }, { $set: { password_hash: newHash, updated_at: now } })
        .exec(),
    );
  }

  /** Changes what an admin can change; a status that is set forgets failures and locks. @returns null when there is no such user */
  async update(
    id: string,
    changes: { role?: Role; status?: Exclude<UserStatus, 'locked'> },
    { endTokens }: { endTokens: boolean },
    now: Date,
    transaction?: StoreTransaction,
  ): Promise<UserRecord | null> {
    return storeCall(async () => {
      const stored = await this.model
        .findOneAndUpdate(
          { _id: id },
          {
            $set: {
              ...(changes.role === undefined ? {} : { role: changes.role }),
              ...(changes.status === undefined ? {} : { status: changes.status, ...NO_FAILURES }),
              updated_at: now,
            },
            ...(endTokens ? { $inc: { token_version: 1 } } : {}),
          },
          { returnDocument: 'after', ...within(transaction) },
        )
        .lean<StoredUser>();
      return stored && toUser(stored);
    });
  }

  /** Forgets a user's failures and lock. @returns null when there is no such user, or it is disabled */
  async unlock(id: string, now: Date, transaction?: StoreTransaction): Promise<UserRecord | null> {
    return storeCall(async () => {
      const stored = await this.model
        .findOneAndUpdate(
          { _id: id, status: { $in: ['active', 'locked'] } },
          { $set: { ...NO_FAILURES, status: 'active', updated_at: now } },
          { returnDocument: 'after', ...within(transaction) },
        )
        .lean<StoredUser>();
      return stored && toUser(stored);
    });
  }

  /** Counts the admins who are not disabled; one who is locked will be back. */
  async countActiveAdmins(transaction?: StoreTransaction): Promise<number> {
    return storeCall(() =>
      this.model.countDocuments({ role: 'admin', status: { $in: ['active', 'locked'] } }, within(transaction)).exec(),
    );
  }

  /** Makes this transaction and every other one that calls this come one after the other. */
  async serialiseAdminChanges(now: Date, transaction: StoreTransaction): Promise<void> {
    await storeCall(() =>
      this.guards.updateOne({ _id: 'admins' }, revised(now), { upsert: true, ...within(transaction) }).exec(),
    );
  }
}

function revised(now: Date): UpdateQuery<StoredAccountGuard> {
  return {
    $inc: { revision: 1 },
    $set: { updated_at: now },
    $setOnInsert: { created_at: now, schema_version: USER_VERSION },
  };
}

function lockIsOver(now: Date): { status: 'locked'; locked_until: { $lte: Date } } {
  return { status: 'locked', locked_until: { $lte: now } };
}

function isOpen(stored: StoredUser, now: Date): boolean {
  const isLocked = stored.status === 'locked' && (stored.locked_until === null || stored.locked_until > now);
  return stored.status !== 'disabled' && !isLocked;
}

function withStatus(status: UserStatus, now: Date): object {
  switch (status) {
    case 'active':
      return { $or: [{ status: 'active' }, lockIsOver(now)] };
    case 'locked':
      return { status: 'locked', $or: [{ locked_until: null }, { locked_until: { $gt: now } }] };
    case 'disabled':
      return { status: 'disabled' };
  }
}

function toStored(user: UserRecord): StoredUser {
  return {
    _id: user.id,
    email: user.email,
    email_key: user.emailKey,
    password_hash: user.passwordHash,
    role: user.role,
    status: user.status,
    failed_attempts: user.failedAttempts,
    locked_until: user.lockedUntil,
    token_version: user.tokenVersion,
    created_at: user.createdAt,
    updated_at: user.updatedAt,
    schema_version: USER_VERSION,
  };
}

function toUser(stored: StoredUser): UserRecord {
  return {
    id: stored._id,
    email: stored.email,
    emailKey: stored.email_key,
    passwordHash: stored.password_hash,
    role: stored.role,
    status: stored.status,
    failedAttempts: stored.failed_attempts,
    lockedUntil: stored.locked_until,
    tokenVersion: stored.token_version,
    createdAt: stored.created_at,
    updatedAt: stored.updated_at,
  };
}
