import { DomainError, type Role, type UserStatus } from '@app/domain';
import type { UserRecord } from '@app/persistence';
import type { Actor } from './account';

/** What an admin can change of an account. */
export interface UserChange {
  role?: Role;
  /** An account is locked by wrong passwords alone. */
  status?: Exclude<UserStatus, 'locked'>;
  /** Forgets wrong passwords and the lock. */
  unlock?: boolean;
}

/** What of a change is left to do; nothing of it is there already. */
export interface PlannedUserChange {
  role: Role | null;
  status: Exclude<UserStatus, 'locked'> | null;
  unlock: boolean;
  /** Tokens issued before must end. */
  endTokens: boolean;
  /** There will be one admin fewer. */
  losesAdmin: boolean;
}

/**
 * Decides what a change of a user comes to. To make a locked account active is to unlock it; unlocking a disabled one leaves it disabled.
 * @throws DomainError `USER.OWN_ACCOUNT` when somebody disables the own account
 */
export function planUserChange(user: UserRecord, change: UserChange, actor: Actor): PlannedUserChange {
  const role = change.role !== undefined && change.role !== user.role ? change.role : null;
  const enable = change.status === 'active' && user.status === 'disabled';
  const disable = change.status === 'disabled' && user.status !== 'disabled';
  if (disable && actor.id === user.id) {
    throw new DomainError('USER.OWN_ACCOUNT', 'Nobody can disable the own account; ask another admin.');
  }
  const asksToUnlock = change.unlock === true || change.status === 'active';
  const hasFailures = user.status === 'locked' || user.failedAttempts > 0;
  return {
    role,
    status: disable ? 'disabled' : enable ? 'active' : null,
    unlock: asksToUnlock && hasFailures && user.status !== 'disabled' && !disable,
    endTokens: role !== null || disable,
    losesAdmin: user.role === 'admin' && user.status !== 'disabled' && (disable || role !== null),
  };
}
