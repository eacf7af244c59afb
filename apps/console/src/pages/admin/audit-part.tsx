import { keepPreviousData, useQuery } from '@tanstack/preact-query';
import type { JSX, TargetedSubmitEvent } from 'preact';
import { api, ask, type Schemas } from '../../api/client';
import { Section } from '../../ui/bits';
import { Field } from '../../ui/field';
import { useFilters } from '../../ui/filters';
import { choiceOf, textOf } from '../../ui/form';
import { formatDateTime } from '../../ui/format';
import { QueryView } from '../../ui/query-view';
import { type Column, Pager, Table } from '../../ui/table';
import { fromLocalInput, toLocalInput } from '../../ui/local-time';

type Entry = Schemas['AuditEntry'];

const ACTION_NAMES: Readonly<Record<Entry['action'], string>> = {
  'user.registered': 'Registered',
  'user.registration_refused': 'Registration refused',
  'user.created': 'Created on the server',
  'user.login': 'Signed in',
  'user.login_failed': 'Sign-in failed',
  'user.locked': 'Locked',
  'user.unlocked': 'Unlocked',
  'user.password_changed': 'Password changed',
  'user.password_change_refused': 'Password change refused',
  'user.role_changed': 'Role changed',
  'user.status_changed': 'Status changed',
  'settings.changed': 'Settings changed',
  'rate_limits.changed': 'Rate limits changed',
  'markets.refresh_requested': 'Refresh asked for',
};
const ACTIONS = Object.keys(ACTION_NAMES) as readonly Entry['action'][];
const PAGE_SIZE = 20;

/** Who did what, and from where. */
export function AuditPart(): JSX.Element {
  const { of, page, set, go } = useFilters<'action' | 'user_id' | 'from' | 'to'>();
  const action = choiceOf(ACTIONS, of('action'));
  const [userId, from, to] = [of('user_id'), of('from'), of('to')];
  const query = {
    page,
    page_size: PAGE_SIZE,
    ...(action === undefined ? {} : { action }),
    ...(userId === undefined ? {} : { user_id: userId }),
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
  };
  const entries = useQuery({
    queryKey: ['audit', query],
    queryFn: ({ signal }) => ask(api.GET('/admin/audit', { params: { query }, signal })),
    placeholderData: keepPreviousData,
  });
  const filter = (event: TargetedSubmitEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    set({
      action: textOf(form, 'action'),
      user_id: textOf(form, 'user_id').trim(),
      from: fromLocalInput(textOf(form, 'from')),
      to: fromLocalInput(textOf(form, 'to')),
    });
  };
  return (
    <Section title="Who did what">
      <form key={[action, userId, from, to].join(' ')} role="search" class="filters" onSubmit={filter}>
        <Field label="What">
          {(control) => (
            <select {...control} name="action" defaultValue={action ?? ''}>
              <option value="">Anything</option>
              {ACTIONS.map((each) => (
                <option key={each} value={each} selected={each === action}>
                  {ACTION_NAMES[each]}
                </option>
              ))}
            </select>
          )}
        </Field>
        <Field label="Account id">
          {(control) => <input {...control} name="user_id" type="search" defaultValue={userId ?? ''} />}
        </Field>
        <Field label="Since">
          {(control) => <input {...control} name="from" type="datetime-local" defaultValue={toLocalInput(from)} />}
        </Field>
        <Field label="Before">
          {(control) => <input {...control} name="to" type="datetime-local" defaultValue={toLocalInput(to)} />}
        </Field>
        <button type="submit">Show</button>
        <button type="button" class="quiet" onClick={() => set({ action: '', user_id: '', from: '', to: '' })}>
          Show everything
        </button>
      </form>
      <QueryView query={entries} empty={({ total }) => (total === 0 ? 'Nothing like that happened.' : null)}>
        {({ entries: rows, total, total_pages }) => (
          <div class="stack" aria-busy={entries.isPlaceholderData}>
            <Table caption="Audit log, the latest first" columns={columns(set)} rows={rows} keyOf={({ id }) => id} />
            <Pager page={page} totalPages={total_pages} total={total} go={go} />
          </div>
        )}
      </QueryView>
    </Section>
  );
}

function columns(set: (values: { user_id: string }) => void): Column<Entry>[] {
  const account = (id: string): JSX.Element => (
    <button type="button" class="link" title="Show only this account" onClick={() => set({ user_id: id })}>
      <code>{id}</code>
    </button>
  );
  return [
    { title: 'When', cell: ({ at }) => formatDateTime(at) },
    { title: 'What', cell: ({ action }) => ACTION_NAMES[action] },
    {
      title: 'Who',
      cell: ({ actor_email, actor_id }) => (
        <div>
          {actor_email ?? 'nobody known'}
          {actor_id !== null && <div>{account(actor_id)}</div>}
        </div>
      ),
    },
    {
      title: 'To whom',
      cell: ({ subject_id, actor_id }) => (subject_id === null || subject_id === actor_id ? '–' : account(subject_id)),
    },
    { title: 'From', cell: ({ address }) => address ?? '–' },
    {
      title: 'More',
      cell: ({ detail, request_id }) => (
        <div>
          {Object.entries(detail).map(([name, value]) => (
            <div key={name}>
              <span class="muted">{name}</span> {String(value)}
            </div>
          ))}
          <div class="muted">
            request <code>{request_id}</code>
          </div>
        </div>
      ),
    },
  ];
}
