import type { JSX } from 'preact';
import { PageTitle } from '../../ui/bits';

export function OrderPage({ portfolioId, orderId }: { portfolioId: string; orderId: string }): JSX.Element {
  return (
    <PageTitle title="Order">
      {portfolioId} {orderId}
    </PageTitle>
  );
}
