import type { JSX } from 'preact';
import { PageTitle } from '../../ui/bits';

export function PortfoliosPage(): JSX.Element {
  return <PageTitle title="Portfolios"></PageTitle>;
}
