import { keepPreviousData, useQuery, type UseQueryResult } from '@tanstack/preact-query';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { api, ask, isPassing, type Schemas } from '../../../api/client';
import { Problem } from '../../../api/problem';
import type { LiveBook } from '../../../live/live-book';
import { useSettled } from '../../../ui/bits';
import { atMostEvery } from '../../portfolio/at-most-every';
import type { OrderRequest } from './order-draft';

const SETTLED_MS = 300;
const BOOK_MOVED_MS = 3_000;
/** How often it is asked again while no live book says when it is worth it. */
const UNWATCHED_MS = 10_000;

/** An order, and what it would do. */
export interface PreviewedOrder {
  order: OrderRequest;
  preview: Schemas['OrderPreview'];
}

export interface PreviewQuery {
  query: UseQueryResult<PreviewedOrder>;
  /** Whether what is there is of another order than the one in the form. */
  isOutdated: boolean;
}

/**
 * Asks what the order in the form would do, as it settles and as the book moves.
 * @param placed how many orders were placed from the form: each changes what the next would do
 */
export function usePreview(
  portfolioId: string,
  order: OrderRequest | null,
  book: LiveBook | null,
  placed: number,
): PreviewQuery {
  const settled = useSettled(order, SETTLED_MS);
  const query = useQuery({
    queryKey: ['order-preview', portfolioId, settled, placed],
    enabled: settled !== null,
    queryFn: async ({ signal }): Promise<PreviewedOrder> => {
      if (settled === null) throw new Error('there is no order to ask about');
      const params = { path: { id: portfolioId } };
      const preview = await ask(api.POST('/portfolios/{id}/orders/preview', { params, body: settled, signal }));
      return { order: settled, preview };
    },
    placeholderData: keepPreviousData,
    staleTime: Infinity,
    gcTime: 0,
    refetchInterval: book === null ? UNWATCHED_MS : false,
  });
  const moves = useMoves(book === null ? null : `${book.sequence} ${book.state}`);
  useEffect(() => {
    // What is wrong with a form does not become right as the book moves.
    const isHopeless = query.error instanceof Problem && !isPassing(query.error.status);
    if (settled !== null && !isHopeless) void query.refetch();
  }, [moves]);
  return { query, isOutdated: settled !== order || query.isPlaceholderData };
}

/** Counts how often something changed, not more often than is worth a request. */
function useMoves(state: string | null): number {
  const [moves, setMoves] = useState(0);
  const move = useMemo(() => atMostEvery(BOOK_MOVED_MS, () => setMoves((before) => before + 1)), []);
  useEffect(() => () => move.cancel(), [move]);
  useEffect(move, [state, move]);
  return moves;
}
