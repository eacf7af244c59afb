import { useMutation, useQuery, useQueryClient } from '@tanstack/preact-query';
import type { JSX, TargetedSubmitEvent } from 'preact';
import { useState } from 'preact/hooks';
import { api, ask, type Schemas } from '../../api/client';
import { Problem } from '../../api/problem';
import { Section } from '../../ui/bits';
import { QueryView } from '../../ui/query-view';
import { ROLE_NAMES } from '../../ui/roles';
import { type Column, Table } from '../../ui/table';
import { changedRateLimits, type Edits, type RateLimitField, rateLimitKey } from './limit-edits';
import { LimitInput } from './limit-input';
import { SaveBar } from './save-bar';

type RateLimit = Schemas['RateLimit'];

const GROUP_NAMES: Readonly<Record<RateLimit['group'], string>> = {
  login: 'Logging in',
  register: 'Registering',
  api: 'Everything else',
};
const AUDIENCE_NAMES: Readonly<Record<RateLimit['role'], string>> = {
  anonymous: 'No account, by address',
  ...ROLE_NAMES,
};

/** How often callers may ask, and a way to change it. */
export function RateLimitsPart(): JSX.Element {
  const limits = useQuery({
    queryKey: ['rate-limits'],
    queryFn: ({ signal }) => ask(api.GET('/admin/rate-limits', { signal })),
  });
  return (
    <Section title="How often callers may ask">
      <QueryView query={limits}>{({ rate_limits }) => <RateLimitForm stored={rate_limits} />}</QueryView>
    </Section>
  );
}

function RateLimitForm({ stored }: { stored: readonly RateLimit[] }): JSX.Element {
  const known = useQueryClient();
  const [edits, setEdits] = useState<Edits>({});
  const changed = changedRateLimits(stored, edits);
  const save = useMutation({
    mutationFn: (rate_limits: RateLimit[]) => ask(api.PUT('/admin/rate-limits', { body: { rate_limits } })),
    onSuccess: async (saved) => {
      known.setQueryData(['rate-limits'], saved);
      setEdits({});
      await known.invalidateQueries({ queryKey: ['settings'] });
    },
  });
  const submit = (event: TargetedSubmitEvent<HTMLFormElement>): void => {
    event.preventDefault();
    save.mutate(changed);
  };
  const problemOf = (limit: RateLimit, field: RateLimitField): string | undefined => {
    const sentAs = save.variables?.findIndex(({ group, role }) => group === limit.group && role === limit.role);
    return save.error instanceof Problem ? save.error.of(`rate_limits.${sentAs ?? -1}.${field}`) : undefined;
  };
  const input = (limit: RateLimit, field: RateLimitField, what: string): JSX.Element => (
    <LimitInput
      name={`${what}: ${GROUP_NAMES[limit.group]}, ${AUDIENCE_NAMES[limit.role]}`}
      value={edits[rateLimitKey(limit, field)] ?? String(limit[field])}
      error={problemOf(limit, field)}
      onInput={(value) => setEdits((before) => ({ ...before, [rateLimitKey(limit, field)]: value }))}
    />
  );
  const columns: Column<RateLimit>[] = [
    { title: 'For', cell: ({ group }) => GROUP_NAMES[group] },
    { title: 'By whom', cell: ({ role }) => AUDIENCE_NAMES[role] },
    { title: 'Requests', cell: (limit) => input(limit, 'limit', 'Requests') },
    { title: 'In seconds', cell: (limit) => input(limit, 'window_seconds', 'Seconds') },
  ];
  return (
    <form class="stack" onSubmit={submit}>
      <p class="muted">Admins keep 30 requests a minute whatever is set, so that a wrong limit can be put right.</p>
      <Table caption="Rate limits" columns={columns} rows={stored} keyOf={({ group, role }) => `${group} ${role}`} />
      <SaveBar
        changeCount={changed.length}
        isPending={save.isPending}
        isSaved={save.isSuccess}
        error={save.error}
        discard={() => setEdits({})}
      />
    </form>
  );
}
