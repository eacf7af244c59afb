import type { JSX } from 'preact';
import { Link } from 'wouter-preact';
import type { Schemas } from '../../api/client';
import { session } from '../../api/session';
import { priceSignal, refusalOf, useLivePrices } from '../../live/live';
import { Badge } from '../../ui/bits';
import { formatCompact, formatDate, formatPrice } from '../../ui/format';
import { type Column, Table } from '../../ui/table';

type Market = Schemas['MarketSummary'];

const COLUMNS: readonly Column<Market>[] = [
  {
    title: 'Question',
    lead: true,
    cell: ({ slug, question, closed }) => (
      <>
        <Link href={`/markets/${slug}`}>{question}</Link> {closed && <Badge>Closed</Badge>}
      </>
    ),
  },
  { title: 'Prices', cell: (market) => <OutcomePrices market={market} /> },
  { title: 'Volume, 24 h', numeric: true, cell: ({ volume_24h: volume }) => `$${formatCompact(volume)}` },
  { title: 'Liquidity', numeric: true, cell: ({ liquidity }) => `$${formatCompact(liquidity)}` },
  { title: 'Ends', numeric: true, cell: ({ end_date: end }) => formatDate(end) },
];

/** Markets with the prices of their outcomes, which move while somebody is signed in. */
export function MarketsTable({ markets }: { markets: readonly Market[] }): JSX.Element {
  const moving = session.value === null ? [] : markets.filter((market) => hasBook(market)).map(({ slug }) => slug);
  useLivePrices(moving);
  const refusal = moving.map(refusalOf).find((sentence) => sentence !== undefined);
  return (
    <>
      {refusal !== undefined && <p class="notice">Some of these prices stand still: {refusal}</p>}
      <Table caption="Markets" columns={COLUMNS} rows={markets} keyOf={({ slug }) => slug} />
    </>
  );
}

function OutcomePrices({ market }: { market: Market }): JSX.Element {
  if (market.outcome_prices.length === 0) return <>–</>;
  return (
    <span class="outcome-prices">
      {market.outcomes.map((outcome, index) => (
        <OutcomePrice key={outcome} market={market} outcome={outcome} index={index} />
      ))}
    </span>
  );
}

function OutcomePrice({ market, outcome, index }: { market: Market; outcome: string; index: number }): JSX.Element {
  const told = priceSignal(market.slug, index).value;
  const stored = market.outcome_prices[index];
  const price = told?.price ?? (stored === undefined ? null : Number(stored));
  const isDoubtful = told !== null && (told.state === 'stale' || told.state === 'halted');
  return (
    <span class="outcome-price" title={told?.reason ?? undefined}>
      {outcome} <strong>{formatPrice(price)}</strong>
      {isDoubtful && (
        <>
          {' '}
          <Badge tone="warn">{told.state}</Badge>
        </>
      )}
    </span>
  );
}

function hasBook({ closed, outcomes, outcome_prices: prices }: Market): boolean {
  return !closed && outcomes.length === 2 && prices.length === 2;
}
