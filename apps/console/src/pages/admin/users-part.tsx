import { keepPreviousData, useQuery } from '@tanstack/preact-query';
import type { JSX, TargetedSubmitEvent } from 'preact';
import { useState } from 'preact/hooks';
import { api, ask, type Schemas } from '../../api/client';
import { Badge, Section, type Tone } from '../../ui/bits';
import { Field } from '../../ui/field';
import { useFilters } from '../../ui/filters';
import { choiceOf, textOf } from '../../ui/form';
import { formatDate, formatDateTime } from '../../ui/format';
import { QueryView } from '../../ui/query-view';
import { RoleOptions } from '../../ui/role-options';
import { ROLE_NAMES, ROLES } from '../../ui/roles';
import { type Column, Pager, Table } from '../../ui/table';
import { ChangeUser } from './change-user';

type User = Schemas['User'];

const STATUS_TONES: Readonly<Record<User['status'], Tone>> = { active: 'good', locked: 'warn', disabled: 'bad' };
const STATUSES = Object.keys(STATUS_TONES) as readonly User['status'][];
const PAGE_SIZE = 20;

/** Who has an account, and what may be changed of it. */
export function UsersPart(): JSX.Element {
  const { of, page, set, go } = useFilters<'email' | 'role' | 'status'>();
  const [changing, setChanging] = useState<User | null>(null);
  const email = of('email');
  const role = choiceOf(ROLES, of('role'));
  const status = choiceOf(STATUSES, of('status'));
  const query = {
    page,
    page_size: PAGE_SIZE,
    ...(email === undefined ? {} : { email }),
    ...(role === undefined ? {} : { role }),
    ...(status === undefined ? {} : { status }),
  };
  const users = useQuery({
    queryKey: ['users', query],
    queryFn: ({ signal }) => ask(api.GET('/admin/users', { params: { query }, signal })),
    placeholderData: keepPreviousData,
  });
  const search = (event: TargetedSubmitEvent<HTMLFormElement>): void => {
    event.preventDefault();
    set({ email: textOf(new FormData(event.currentTarget), 'email').trim() });
  };
  const columns: Column<User>[] = [
    { title: 'Email', lead: true, cell: (user) => user.email },
    { title: 'Role', cell: (user) => ROLE_NAMES[user.role] },
    { title: 'Status', cell: (user) => <Status user={user} /> },
    { title: 'Wrong passwords', numeric: true, cell: (user) => user.failed_attempts },
    { title: 'Opened', cell: (user) => formatDate(user.created_at) },
    {
      title: 'Change',
      cell: (user) => (
        <button type="button" aria-label={`Change ${user.email}`} onClick={() => setChanging(user)}>
          Change
        </button>
      ),
    },
  ];
  return (
    <Section title="Accounts">
      <div class="filters">
        <form role="search" class="row row-end" onSubmit={search}>
          <Field label="Email, in full">
            {(control) => <input {...control} key={email} name="email" type="search" defaultValue={email ?? ''} />}
          </Field>
          <button type="submit">Find</button>
        </form>
        <Field label="Role">
          {(control) => (
            <select {...control} value={role ?? ''} onChange={(event) => set({ role: event.currentTarget.value })}>
              <option value="">Any</option>
              <RoleOptions />
            </select>
          )}
        </Field>
        <Field label="Status">
          {(control) => (
            <select {...control} value={status ?? ''} onChange={(event) => set({ status: event.currentTarget.value })}>
              <option value="">Any</option>
              {STATUSES.map((each) => (
                <option key={each} value={each}>
                  {each}
                </option>
              ))}
            </select>
          )}
        </Field>
      </div>
      <QueryView query={users} empty={({ total }) => (total === 0 ? 'No account is like that.' : null)}>
        {({ users: rows, total, total_pages }) => (
          <div class="stack" aria-busy={users.isPlaceholderData}>
            <Table
              caption="Accounts, the first registered first"
              columns={columns}
              rows={rows}
              keyOf={({ id }) => id}
            />
            <Pager page={page} totalPages={total_pages} total={total} go={go} />
          </div>
        )}
      </QueryView>
      {changing !== null && <ChangeUser user={changing} onClose={() => setChanging(null)} />}
    </Section>
  );
}

function Status({ user }: { user: User }): JSX.Element {
  return (
    <div>
      <Badge tone={STATUS_TONES[user.status]}>{user.status}</Badge>
      {user.status === 'locked' && user.locked_until !== null && (
        <span class="muted"> until {formatDateTime(user.locked_until)}</span>
      )}
    </div>
  );
}
