import type { UserRecord } from '@app/persistence';

/** Tells whether somebody with the right password may log in now. */
export function mayLogIn(user: Pick<UserRecord, 'status' | 'lockedUntil'>, now: Date): boolean {
  return user.status === 'active' || (user.status === 'locked' && isLockOver(user, now));
}

/** Tells whether a locked user's time is up; a lock without an end lasts until an admin unlocks. */
export function isLockOver(user: Pick<UserRecord, 'lockedUntil'>, now: Date): boolean {
  return user.lockedUntil !== null && user.lockedUntil <= now;
}
