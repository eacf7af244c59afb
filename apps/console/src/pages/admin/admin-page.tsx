import type { JSX } from 'preact';
import { PageTitle } from '../../ui/bits';

export function AdminPage({ part }: { part: string }): JSX.Element {
  return <PageTitle title="Administration">{part}</PageTitle>;
}
