import { useQuery } from '@tanstack/preact-query';
import type { JSX } from 'preact';
import { useRef, useState } from 'preact/hooks';
import { Link } from 'wouter-preact';
import { api, ask, type Schemas } from '../../api/client';
import { Problem } from '../../api/problem';
import { useLivePrices } from '../../live/live';
import { PageTitle, Section } from '../../ui/bits';
import { Empty, Loading, ProblemNotice, QueryView } from '../../ui/query-view';
import { BookPanel } from './book-panel';
import { HistoryPanel } from './history-panel';
import { MarketHead, MarketRules } from './market-head';
import { OutcomePicker } from './outcome-picker';
import { TapePanel } from './tape-panel';
import { OrderTicket } from './ticket/order-ticket';
import './market.css';

const REFETCH_MS = 60_000;

/** One market: what it asks, what its outcomes cost, and the ticket to trade it. */
export function MarketPage({ slug }: { slug: string }): JSX.Element {
  const query = useQuery({
    queryKey: ['market', slug],
    queryFn: ({ signal }) => ask(api.GET('/markets/by-slug/{slug}', { params: { path: { slug } }, signal })),
    refetchInterval: ({ state }) => (state.data?.closed === false ? REFETCH_MS : false),
  });
  if (query.isPending) {
    return (
      <>
        <PageTitle title="Market" />
        <Loading what="Loading the market; one that is not stored yet is fetched from Polymarket" />
      </>
    );
  }
  if (query.data === undefined) return <Absent slug={slug} error={query.error} retry={() => void query.refetch()} />;
  return <QueryView query={query}>{(market: Schemas['MarketDetail']) => <Market market={market} />}</QueryView>;
}

function Absent({ slug, error, retry }: { slug: string; error: unknown; retry: () => void }): JSX.Element {
  const isUnknown = error instanceof Problem && (error.status === 404 || error.status === 422);
  return (
    <>
      <PageTitle title={isUnknown ? 'No such market' : 'Market'} />
      <ProblemNotice error={error} {...(isUnknown ? {} : { retry })} />
      <p>
        <Link href={`/markets?status=all&search=${encodeURIComponent(slug.replaceAll('-', ' '))}`}>
          Search the stored markets
        </Link>
      </p>
    </>
  );
}

function Market({ market }: { market: Schemas['MarketDetail'] }): JSX.Element {
  const [outcomeIndex, setOutcomeIndex] = useState(0);
  const [price, setPrice] = useState<{ value: number; picked: number } | undefined>(undefined);
  const picked = useRef(0);
  const hasBook = !market.closed && market.clob_token_ids.length > 0;
  useLivePrices(hasBook ? [market.slug] : []);
  const chooseOutcome = (index: number): void => {
    setOutcomeIndex(index);
    // A price of one outcome says nothing of another.
    setPrice(undefined);
  };
  const pick = (value: number): void => {
    picked.current += 1;
    setPrice({ value, picked: picked.current });
  };
  return (
    <>
      <MarketHead market={market} outcomeIndex={outcomeIndex} />
      <OutcomePicker market={market} outcomeIndex={outcomeIndex} onOutcome={chooseOutcome} />
      <div class="market">
        <HistoryPanel market={market} outcomeIndex={outcomeIndex} />
        <div class="market-ticket">
          {hasBook ? (
            <OrderTicket
              market={market}
              outcomeIndex={outcomeIndex}
              onOutcome={chooseOutcome}
              {...(price === undefined ? {} : { price })}
            />
          ) : (
            <Section title="Trade">
              <Empty>{market.closed ? 'Trading has ended.' : 'Polymarket has opened no order book.'}</Empty>
            </Section>
          )}
        </div>
        <div class="stack">
          <BookPanel market={market} outcomeIndex={outcomeIndex} pick={pick} />
          {hasBook && <TapePanel market={market} outcomeIndex={outcomeIndex} />}
          <MarketRules market={market} />
        </div>
      </div>
    </>
  );
}
