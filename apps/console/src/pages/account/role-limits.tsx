import { useQuery } from '@tanstack/preact-query';
import type { JSX } from 'preact';
import { api, ask, type Schemas } from '../../api/client';
import { Section } from '../../ui/bits';
import { QueryView } from '../../ui/query-view';
import { formatLimit, LIMIT_KEYS, LIMIT_NAMES, ROLE_NAMES } from '../../ui/roles';
import { type Column, Table } from '../../ui/table';

type Account = Schemas['OwnAccount'];
type LimitKey = (typeof LIMIT_KEYS)[number];

/** What the account may have and use, beside what it would with the premium role. */
export function RoleLimits({ account }: { account: Account }): JSX.Element {
  const roles = useQuery({
    queryKey: ['roles'],
    queryFn: ({ signal }) => ask(api.GET('/auth/roles', { signal })),
  });
  return (
    <Section title="Limits">
      <QueryView query={roles}>
        {(list) => {
          const premium = account.role === 'user' ? list.roles.find(({ role }) => role === 'premium_user') : undefined;
          return (
            <>
              <LimitTable account={account} premium={premium?.limits} />
              {premium !== undefined && (
                <p class="muted">
                  An admin gives the role {ROLE_NAMES.premium_user.toLowerCase()}; nothing is paid for.
                </p>
              )}
            </>
          );
        }}
      </QueryView>
    </Section>
  );
}

function LimitTable({
  account,
  premium,
}: {
  account: Account;
  premium: Schemas['RoleLimits'] | undefined;
}): JSX.Element {
  const columns: Column<LimitKey>[] = [
    { title: 'What', lead: true, cell: (key) => LIMIT_NAMES[key] },
    { title: 'Yours', numeric: true, cell: (key) => formatLimit(account.limits[key]) },
  ];
  if (premium !== undefined) {
    columns.push({ title: 'With premium', numeric: true, cell: (key) => formatLimit(premium[key]) });
  }
  return <Table caption="What your role allows" columns={columns} rows={LIMIT_KEYS} keyOf={(key) => key} />;
}
