import { useQuery } from '@tanstack/preact-query';
import type { JSX } from 'preact';
import { api, ask } from '../../api/client';
import { Badge, Figure, PageTitle, Section } from '../../ui/bits';
import { formatDate } from '../../ui/format';
import { QueryView } from '../../ui/query-view';
import { ROLE_NAMES } from '../../ui/roles';
import { ChangePassword } from './change-password';
import { RoleLimits } from './role-limits';

/** Who is signed in, what the role allows, and the password. */
export function AccountPage(): JSX.Element {
  const own = useQuery({ queryKey: ['account'], queryFn: ({ signal }) => ask(api.GET('/auth/me', { signal })) });
  return (
    <>
      <PageTitle title="Account" />
      <QueryView query={own}>
        {(account) => (
          <div class="columns">
            <div class="stack">
              <Section title="You">
                <p>
                  <strong>{account.email}</strong>
                </p>
                <dl class="figures">
                  <Figure name="Role">
                    <Badge tone={account.role === 'user' ? 'plain' : 'good'}>{ROLE_NAMES[account.role]}</Badge>
                  </Figure>
                  <Figure name="Opened">{formatDate(account.created_at)}</Figure>
                </dl>
                <p class="muted">
                  Account <code>{account.id}</code>
                </p>
              </Section>
              <RoleLimits account={account} />
            </div>
            <ChangePassword email={account.email} />
          </div>
        )}
      </QueryView>
    </>
  );
}
