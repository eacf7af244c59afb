import { useQuery } from '@tanstack/preact-query';
import { useEffect, useState } from 'preact/hooks';
import { api, ask, type Schemas } from '../../api/client';
import { bookSignal, live, refusalOf, useLiveBooks } from '../../live/live';
import { type ShownBook, shownLive, shownPolled } from './book-view';

const POLL_MS = 10_000;
/** The server tells a book at once, unless it cannot have it. */
const PATIENCE_MS = 3_000;

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
  const isAwaited = isOpen && told === null;
  const isLate = useLasting(isAwaited, PATIENCE_MS);
  const isPolled = isAwaited && (isLate || live.state.value !== 'live' || refusalOf(market.slug) !== undefined);
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

/** Whether something has been so for a while without a break. */
function useLasting(isSo: boolean, ms: number): boolean {
  const [lasts, setLasts] = useState(false);
  useEffect(() => {
    setLasts(false);
    if (!isSo) return;
    const timer = setTimeout(() => setLasts(true), ms);
    return () => clearTimeout(timer);
  }, [isSo, ms]);
  return lasts;
}
