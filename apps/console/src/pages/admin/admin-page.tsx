import type { JSX } from 'preact';
import { PageTitle } from '../../ui/bits';
import { LinkTabs } from '../../ui/link-tabs';
import { NotFoundPage } from '../not-found-page';
import './admin.css';
import { AuditPart } from './audit-part';
import { HealthPart } from './health-part';
import { RateLimitsPart } from './rate-limits-part';
import { SettingsPart } from './settings-part';
import { SyncPart } from './sync-part';
import { UsersPart } from './users-part';

const PARTS = [
  { key: 'sync', title: 'Sync', page: SyncPart },
  { key: 'users', title: 'Users', page: UsersPart },
  { key: 'rate-limits', title: 'Rate limits', page: RateLimitsPart },
  { key: 'settings', title: 'Settings', page: SettingsPart },
  { key: 'audit', title: 'Audit log', page: AuditPart },
  { key: 'health', title: 'Health', page: HealthPart },
] as const;

/** What an operator looks after. */
export function AdminPage({ part }: { part: string }): JSX.Element {
  const here = PARTS.find(({ key }) => key === part);
  if (here === undefined) return <NotFoundPage />;
  const { key, title, page: Part } = here;
  return (
    <>
      <PageTitle title={`Administration: ${title.toLowerCase()}`} />
      <LinkTabs label="Administration" tabs={PARTS} current={key} hrefOf={(to) => `/admin/${to}`} />
      <Part key={key} />
    </>
  );
}
