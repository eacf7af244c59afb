import type { JSX } from 'preact';
import { PageTitle } from '../../ui/bits';

export function MarketPage({ slug }: { slug: string }): JSX.Element {
  return <PageTitle title="Market">{slug}</PageTitle>;
}
