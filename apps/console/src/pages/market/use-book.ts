import { useQuery } from '@tanstack/preact-query';
import { api, ask, type Schemas } from '../../api/client';
import { bookSignal, live, refusalOf, useLiveBooks } from '../../live/live';
import { type ShownBook, shownLive, shownPolled } from './book-view';

const POLL_MS = 10_000;

export interface BookInHand {
  book: ShownBook | null;
  /** Why there is none. */
  error: Error | null;
  retry: () => void;
}

/** The book of an outcome: as the server tells it, or asked for again and again where it tells nothing. */
export function useBook(market: Schemas['MarketDetail'], outcomeIndex: number): BookInHand {
  const tokenId = market.clob_token_ids[outcomeIndex];
  const isOpen = tokenId !== undefined && !market.closed;
  useLiveBooks(market.slug, isOpen);
  const told = tokenId === undefined ? null : bookSignal(tokenId).value;
  const isPolled = isOpen && told === null && (live.state.value !== 'live' || refusalOf(market.slug) !== undefined);
  const polled = useQuery({
    queryKey: ['book', market.slug, outcomeIndex],
    queryFn: ({ signal }) =>
      ask(
        api.GET('/markets/by-slug/{slug}/book', {
          params: { path: { slug: market.slug }, query: { outcome_index: outcomeIndex } },
          signal,
        }),
      ),
    enabled: isPolled,
    refetchInterval: isPolled ? POLL_MS : false,
  });
  const stored = polled.data === undefined ? null : shownPolled(polled.data);
  return {
    book: told === null ? stored : shownLive(told),
    error: isPolled ? polled.error : null,
    retry: () => void polled.refetch(),
  };
}
