import type { JSX } from 'preact';
import { PageTitle } from '../../ui/bits';

export function MarketsPage(): JSX.Element {
  return <PageTitle title="Markets"></PageTitle>;
}
