import { type Role, rolesOf, type UserStatus } from '@app/domain';
import type { UserRecord } from '@app/persistence';
import { isLockOver } from './lockout';

/** An account as the rest of the program sees it: without its password's hash. */
export interface Account {
  id: string;
  /** As it was typed at registration. */
  email: string;
  role: Role;
  /** The role and those it includes, the least first. */
  roles: Role[];
  status: UserStatus;
  failedAttempts: number;
  lockedUntil: Date | null;
  /** Tokens of another version are refused. */
  tokenVersion: number;
  createdAt: Date;
  updatedAt: Date;
}

/** Where a request came from. */
export interface RequestContext {
  address: string | null;
  requestId: string;
}

/** Who does something; without an id, somebody who is no account. */
export interface Actor {
  id: string | null;
  email: string | null;
}

/** Whoever runs commands on this installation's machine. */
export const OPERATOR: Actor = { id: null, email: 'operator' };

/** Returns what may be known of a stored user. A lock that has run out is none. */
export function toAccount(user: UserRecord, now: Date): Account {
  const lockIsOver = user.status === 'locked' && isLockOver(user, now);
  return {
    id: user.id,
    email: user.email,
    role: user.role,
    roles: rolesOf(user.role),
    status: lockIsOver ? 'active' : user.status,
    failedAttempts: lockIsOver ? 0 : user.failedAttempts,
    lockedUntil: lockIsOver ? null : user.lockedUntil,
    tokenVersion: user.tokenVersion,
    createdAt: user.createdAt,
    updatedAt: user.updatedAt,
  };
}
