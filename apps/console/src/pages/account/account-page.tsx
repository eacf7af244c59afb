import type { JSX } from 'preact';
import { PageTitle } from '../../ui/bits';

export function AccountPage(): JSX.Element {
  return <PageTitle title="Account"></PageTitle>;
}
