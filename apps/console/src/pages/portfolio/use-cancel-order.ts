import { useMutation, type UseMutationResult, useQueryClient } from '@tanstack/preact-query';
import { api, ask, type Schemas } from '../../api/client';
import { portfolioKey } from './queries';

/** Cancels an order, by id; what is shown of it is asked for again. A cancel may be sent again: a second one is refused. */
export function useCancelOrder(portfolioId: string): UseMutationResult<Schemas['Order'], Error, string> {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (orderId: string) =>
      ask(
        api.DELETE('/portfolios/{id}/orders/{order_id}', { params: { path: { id: portfolioId, order_id: orderId } } }),
      ),
    // After a refusal too: what could not be cancelled is not as it is shown.
    onSettled: () => queries.invalidateQueries({ queryKey: portfolioKey(portfolioId) }),
  });
}
