import type { Schemas } from '../../api/client';

type User = Pick<Schemas['User'], 'role' | 'status'>;
type UserChanges = Schemas['UserChangeRequest'];

/** What was chosen for an account. */
export interface UserChoice {
  role: User['role'];
  isDisabled: boolean;
  isUnlocked: boolean;
}

/** The request that makes an account as it was chosen; null when it is so already. */
export function changesOfUser(user: User, choice: UserChoice): UserChanges | null {
  const wasDisabled = user.status === 'disabled';
  const changes: UserChanges = {
    ...(choice.role === user.role ? {} : { role: choice.role }),
    ...(choice.isDisabled === wasDisabled ? {} : { status: choice.isDisabled ? 'disabled' : 'active' }),
    ...(choice.isUnlocked ? { unlock: true } : {}),
  };
  return Object.keys(changes).length === 0 ? null : changes;
}

/** Tells what a change does to whoever uses the account. */
export function describeChanges(changes: UserChanges | null, isOwn: boolean): string {
  if (changes === null) return 'Nothing is changed so far.';
  const endsTokens = changes.role !== undefined || changes.status === 'disabled';
  if (!endsTokens) return 'Whoever is signed in with it stays so.';
  return isOwn
    ? 'This is your own account: you will have to sign in again.'
    : 'It ends every session of the account within two seconds; signing in again shows the change.';
}
