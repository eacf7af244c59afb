import { useMutation, useQuery, useQueryClient } from '@tanstack/preact-query';
import type { JSX, TargetedSubmitEvent } from 'preact';
import { useState } from 'preact/hooks';
import { api, ask, type Schemas } from '../../api/client';
import { Problem } from '../../api/problem';
import type { Role } from '../../api/session';
import { Section } from '../../ui/bits';
import { QueryView } from '../../ui/query-view';
import { LIMIT_KEYS, LIMIT_NAMES, type LimitKey, ROLE_NAMES, ROLES } from '../../ui/roles';
import { type Column, Table } from '../../ui/table';
import { changedRoleLimits, countChanges, type Edits, roleLimitKey } from './limit-edits';
import { LimitInput } from './limit-input';
import { LockoutForm } from './lockout-form';
import { SaveBar } from './save-bar';

type Settings = Schemas['Settings'];

/** What accounts of each role may have and use, and a way to change it. */
export function SettingsPart(): JSX.Element {
  const settings = useQuery({
    queryKey: ['settings'],
    queryFn: ({ signal }) => ask(api.GET('/admin/settings', { signal })),
  });
  return (
    <Section title="What accounts may have and use">
      <QueryView query={settings}>
        {({ role_limits, lockout }) => (
          <>
            <SettingsForm stored={role_limits} />
            <LockoutForm stored={lockout} />
          </>
        )}
      </QueryView>
    </Section>
  );
}

function SettingsForm({ stored }: { stored: Settings['role_limits'] }): JSX.Element {
  const known = useQueryClient();
  const [edits, setEdits] = useState<Edits>({});
  const changed = changedRoleLimits(stored, edits);
  const save = useMutation({
    mutationFn: (role_limits: ReturnType<typeof changedRoleLimits>) =>
      ask(api.PUT('/admin/settings', { body: { role_limits } })),
    onSuccess: async (saved) => {
      known.setQueryData(['settings'], saved);
      setEdits({});
      await Promise.all(['rate-limits', 'roles', 'account'].map((key) => known.invalidateQueries({ queryKey: [key] })));
    },
  });
  const submit = (event: TargetedSubmitEvent<HTMLFormElement>): void => {
    event.preventDefault();
    save.mutate(changed);
  };
  const edit = (role: Role, key: LimitKey, value: string): void =>
    setEdits((before) => ({ ...before, [roleLimitKey(role, key)]: value }));
  const cell = (role: Role, key: LimitKey): JSX.Element => {
    const name = `${LIMIT_NAMES[key]}: ${ROLE_NAMES[role]}`;
    const before = stored[role][key];
    const value = edits[roleLimitKey(role, key)] ?? String(before);
    const error = save.error instanceof Problem ? save.error.of(roleLimitKey(role, key)) : undefined;
    return typeof before === 'boolean' ? (
      <input
        type="checkbox"
        aria-label={name}
        checked={value === 'true'}
        onChange={({ currentTarget }) => edit(role, key, String(currentTarget.checked))}
      />
    ) : (
      <LimitInput name={name} value={value} error={error} onInput={(text) => edit(role, key, text)} />
    );
  };
  const columns: Column<LimitKey>[] = [
    { title: 'What', lead: true, cell: (key) => LIMIT_NAMES[key] },
    ...ROLES.map((role) => ({ title: ROLE_NAMES[role], cell: (key: LimitKey) => cell(role, key) })),
  ];
  return (
    <form class="stack" onSubmit={submit}>
      <Table caption="Limits by role" columns={columns} rows={LIMIT_KEYS} keyOf={(key) => key} />
      <SaveBar
        changeCount={countChanges(changed)}
        isPending={save.isPending}
        isSaved={save.isSuccess}
        error={save.error}
        discard={() => setEdits({})}
      />
    </form>
  );
}
