import { keepPreviousData, useQuery } from '@tanstack/preact-query';
import type { ComponentChildren, JSX } from 'preact';
import { Link, useLocation, useSearch } from 'wouter-preact';
import { api, ask, type Schemas } from '../../api/client';
import { session } from '../../api/session';
import { PageTitle, useNow } from '../../ui/bits';
import { QueryView } from '../../ui/query-view';
import { Pager } from '../../ui/table';
import { MarketsFilter } from './markets-filter';
import { type MarketsSearch, readMarketsSearch, slugIn, toMarketsRequest, writeMarketsSearch } from './markets-search';
import { MarketsTable } from './markets-table';
import './markets.css';

const MINUTE_MS = 60_000;

/** Finds markets. What is shown is in the address, so that a link and the way back lead to it again. */
export function MarketsPage(): JSX.Element {
  const [path, navigate] = useLocation();
  const wanted = readMarketsSearch(useSearch());
  const request = toMarketsRequest(wanted, useNow(MINUTE_MS));
  const query = useQuery({
    queryKey: ['markets', request],
    queryFn: ({ signal }) => ask(api.GET('/markets', { params: { query: request }, signal })),
    placeholderData: keepPreviousData,
    refetchInterval: MINUTE_MS,
  });
  const go = (next: Partial<MarketsSearch>, replace = false): void => {
    const search = writeMarketsSearch({ ...wanted, page: 1, ...next });
    navigate(search === '' ? path : `${path}?${search}`, { replace });
  };
  const turn = (page: number): void => {
    go({ page });
    window.scrollTo({ top: 0 });
  };
  return (
    <>
      <PageTitle title="Markets" />
      {session.value === null && (
        <p class="notice">
          <span>
            <strong>Trade Polymarket's markets with paper money.</strong> A share of an outcome pays $1 if it comes true
            and nothing if it does not, so that its price is about the chance the market gives it. Orders meet the
            venue's order books as they are; the money is not real.{' '}
            <Link href="/sign-in">Sign in or open an account</Link> to trade and to see prices move.
          </span>
        </p>
      )}
      <MarketsFilter wanted={wanted} go={go} />
      <QueryView query={query} empty={({ markets, total }) => (markets.length > 0 ? null : nothing(wanted, total))}>
        {({ markets, page, total_pages: totalPages, total }: Schemas['MarketList']) => (
          <section class="card" aria-label="Markets found" aria-busy={query.isPlaceholderData}>
            <MarketsTable markets={markets} />
            <Pager page={page} totalPages={totalPages} total={total} go={turn} />
          </section>
        )}
      </QueryView>
    </>
  );
}

function nothing({ search, page }: MarketsSearch, total: number): ComponentChildren {
  if (total > 0) return `There is no page ${page}.`;
  const slug = slugIn(search);
  return (
    <>
      No market matches.
      {slug !== null && (
        <>
          {' '}
          <Link href={`/markets/${slug}`}>
            Ask Polymarket for <code>{slug}</code>
          </Link>
        </>
      )}
    </>
  );
}
