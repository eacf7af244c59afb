import { useMutation, type UseMutationResult, useQueryClient } from '@tanstack/preact-query';
import { useState } from 'preact/hooks';
import { api, ask, idempotencyKey, isPassing, type Schemas } from '../../../api/client';
import { Intent } from '../../../api/intent';
import { Problem } from '../../../api/problem';
import { refreshPortfolio } from '../../portfolio/queries';
import type { OrderRequest } from './order-draft';

interface OrderToPlace {
  portfolioId: string;
  order: OrderRequest;
}

const MOST_RETRIES = 3;

/** Places orders: after silence or overload again, with the same key, so that one that did arrive is answered and not placed twice. */
export function usePlaceOrder(): UseMutationResult<Schemas['Order'], Error, OrderToPlace> {
  const queries = useQueryClient();
  const [intent] = useState(() => new Intent(idempotencyKey));
  return useMutation({
    mutationFn: (asked: OrderToPlace) => {
      const params = { path: { id: asked.portfolioId }, header: { 'Idempotency-Key': intent.keyOf(asked) } };
      return ask(api.POST('/portfolios/{id}/orders', { params, body: asked.order }));
    },
    retry: (failures, error) => failures < MOST_RETRIES && mayBeAnsweredLater(error),
    onSuccess: async (_order, { portfolioId }) => {
      intent.done();
      await refreshPortfolio(queries, portfolioId);
    },
  });
}

/** Whether it is not known what became of a request. */
export function isUncertain(error: unknown): boolean {
  return error instanceof Problem && (error.status === 0 || error.status >= 500);
}

function mayBeAnsweredLater(error: unknown): boolean {
  return error instanceof Problem && (isPassing(error.status) || error.code === 'IDEMPOTENCY.IN_PROGRESS');
}
