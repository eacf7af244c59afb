import { useQueryClient } from '@tanstack/preact-query';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { api, ask, type Schemas } from '../../api/client';
import { session } from '../../api/session';
import { ConfirmDialog } from '../../ui/dialog';
import { Field } from '../../ui/field';
import { choiceOf } from '../../ui/form';
import { RoleOptions } from '../../ui/role-options';
import { ROLES } from '../../ui/roles';
import { changesOfUser, describeChanges } from './user-changes';

type User = Schemas['User'];

/** Asks what to change of an account, tells what that does, and does it. */
export function ChangeUser({ user, onClose }: { user: User; onClose: () => void }): JSX.Element {
  const known = useQueryClient();
  const [role, setRole] = useState(user.role);
  const [isDisabled, setDisabled] = useState(user.status === 'disabled');
  const [isUnlocked, setUnlocked] = useState(false);
  const changes = changesOfUser(user, { role, isDisabled, isUnlocked });
  const change = async (): Promise<void> => {
    if (changes === null) return;
    await ask(api.PATCH('/admin/users/{id}', { params: { path: { id: user.id } }, body: changes }));
    await known.invalidateQueries({ queryKey: ['users'] });
  };
  return (
    <ConfirmDialog
      title={`Change ${user.email}`}
      confirm={changes === null ? 'Change nothing' : 'Change the account'}
      isDangerous={changes?.status === 'disabled'}
      action={change}
      onClose={onClose}
    >
      <Field label="Role">
        {(control) => (
          <select
            {...control}
            value={role}
            onChange={({ currentTarget }) => setRole(choiceOf(ROLES, currentTarget.value) ?? user.role)}
          >
            <RoleOptions />
          </select>
        )}
      </Field>
      <label class="check">
        <input
          type="checkbox"
          checked={isDisabled}
          onChange={({ currentTarget }) => setDisabled(currentTarget.checked)}
        />
        Disabled: nobody can sign in with it
      </label>
      {user.status === 'locked' && (
        <label class="check">
          <input
            type="checkbox"
            checked={isUnlocked}
            onChange={({ currentTarget }) => setUnlocked(currentTarget.checked)}
          />
          Unlock it now
        </label>
      )}
      <p aria-live="polite">{describeChanges(changes, user.id === session.value?.userId)}</p>
    </ConfirmDialog>
  );
}
