import { useMutation, useQueryClient } from '@tanstack/preact-query';
import type { JSX, TargetedSubmitEvent } from 'preact';
import { useState } from 'preact/hooks';
import { api, ask, type Schemas } from '../../api/client';
import { Problem } from '../../api/problem';
import { type Column, Table } from '../../ui/table';
import { changedLockout, type Edits, lockoutKey } from './limit-edits';
import { LimitInput } from './limit-input';
import { SaveBar } from './save-bar';

type Lockout = Schemas['Lockout'];
type LockoutField = keyof Lockout;

const FIELD_NAMES: Readonly<Record<LockoutField, string>> = {
  threshold: 'Wrong passwords in a row that lock an account',
  duration_minutes: 'Minutes it stays locked',
};
const FIELDS = Object.keys(FIELD_NAMES) as readonly LockoutField[];

/** When accounts are locked, and for how long, and a way to change it. */
export function LockoutForm({ stored }: { stored: Lockout }): JSX.Element {
  const known = useQueryClient();
  const [edits, setEdits] = useState<Edits>({});
  const changed = changedLockout(stored, edits);
  const save = useMutation({
    mutationFn: (lockout: Partial<Lockout>) => ask(api.PUT('/admin/settings', { body: { lockout } })),
    onSuccess: (saved) => {
      known.setQueryData(['settings'], saved);
      setEdits({});
    },
  });
  const submit = (event: TargetedSubmitEvent<HTMLFormElement>): void => {
    event.preventDefault();
    save.mutate(changed);
  };
  const columns: Column<LockoutField>[] = [
    { title: 'What', lead: true, cell: (field) => FIELD_NAMES[field] },
    {
      title: 'How many',
      cell: (field) => (
        <LimitInput
          name={FIELD_NAMES[field]}
          value={edits[lockoutKey(field)] ?? String(stored[field])}
          error={save.error instanceof Problem ? save.error.of(lockoutKey(field)) : undefined}
          onInput={(text) => setEdits((before) => ({ ...before, [lockoutKey(field)]: text }))}
        />
      ),
    },
  ];
  return (
    <form class="stack" onSubmit={submit}>
      <Table caption="Locked accounts" columns={columns} rows={FIELDS} keyOf={(field) => field} />
      <SaveBar
        changeCount={Object.keys(changed).length}
        isPending={save.isPending}
        isSaved={save.isSuccess}
        error={save.error}
        discard={() => setEdits({})}
      />
    </form>
  );
}
