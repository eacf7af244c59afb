import type { JSX } from 'preact';
import { PageTitle } from '../../ui/bits';

export function PortfolioPage({ id }: { id: string }): JSX.Element {
  return <PageTitle title="Portfolio">{id}</PageTitle>;
}
