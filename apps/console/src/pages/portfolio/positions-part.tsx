import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { Link } from 'wouter-preact';
import type { Schemas } from '../../api/client';
import { priceSignal } from '../../live/live';
import { Badge, Gain, Section, Term } from '../../ui/bits';
import { formatDateTime, formatMoney, formatPrice, formatShares } from '../../ui/format';
import { Empty } from '../../ui/query-view';
import { type Column, Table } from '../../ui/table';
import { markPosition, type MarkedPosition } from './marking';
import { SetsDialog, type SetsOf } from './sets-dialog';

type Detail = Schemas['PortfolioDetail'];

/** What is held, at the newest prices, and what was. */
export function PositionsPart({ detail }: { detail: Detail }): JSX.Element {
  const [sets, setSets] = useState<SetsOf | null>(null);
  const positions = detail.positions.map((position) =>
    markPosition(position, priceSignal(position.market_id, position.outcome_index).value),
  );
  const open = positions.filter(({ status }) => status === 'open');
  const past = positions.filter(({ status }) => status !== 'open');
  const change: Column<MarkedPosition> = {
    title: 'Complete sets',
    cell: ({ market_id, market_question }) => (
      <button
        type="button"
        class="link unbroken"
        aria-label={`Split or merge complete sets of ${market_question}`}
        onClick={() => setSets({ marketId: market_id })}
      >
        Split or merge
      </button>
    ),
  };
  return (
    <>
      <Section
        title="Open positions"
        aside={
          <button type="button" onClick={() => setSets({ marketId: '' })}>
            Split cash into a set
          </button>
        }
      >
        {open.length === 0 ? (
          <Empty>
            Nothing is held. <Link href="/markets">Find a market</Link> to trade in.
          </Empty>
        ) : (
          <Table caption="Open positions" columns={[...HELD, change]} rows={open} keyOf={({ token_id }) => token_id} />
        )}
      </Section>
      {past.length > 0 && (
        <Section title="Closed and settled">
          <Table caption="Closed and settled positions" columns={PAST} rows={past} keyOf={({ token_id }) => token_id} />
        </Section>
      )}
      {sets !== null && <SetsDialog detail={detail} of={sets} onClose={() => setSets(null)} />}
    </>
  );
}

const MARKET: Column<MarkedPosition> = {
  title: 'Market',
  lead: true,
  cell: ({ market_id, market_question, outcome }) => (
    <span class="market-cell">
      <Link href={`/markets/${encodeURIComponent(market_id)}`}>{market_question}</Link> <Badge>{outcome}</Badge>
    </span>
  ),
};

const HELD: readonly Column<MarkedPosition>[] = [
  MARKET,
  {
    title: 'Shares',
    numeric: true,
    cell: ({ quantity, reserved_quantity }) => (
      <div>
        {formatShares(quantity)}
        {reserved_quantity > 0 && <div class="muted">{formatShares(reserved_quantity)} held for sales</div>}
      </div>
    ),
  },
  { title: 'Average price', numeric: true, cell: ({ average_price }) => formatPrice(average_price) },
  { title: 'Price now', numeric: true, cell: (position) => <PriceNow position={position} /> },
  { title: 'Value', numeric: true, cell: ({ market_value }) => formatMoney(market_value) },
  { title: 'Unrealised P&L', numeric: true, cell: ({ unrealized_pnl }) => <Gain usdc={unrealized_pnl} /> },
  { title: 'Realised P&L', numeric: true, cell: ({ realized_pnl }) => <Gain usdc={realized_pnl} /> },
];

const PAST: readonly Column<MarkedPosition>[] = [
  MARKET,
  { title: 'How it ended', cell: ({ status }) => (status === 'settled' ? 'The market paid' : 'Sold or merged') },
  { title: 'Realised P&L', numeric: true, cell: ({ realized_pnl }) => <Gain usdc={realized_pnl} /> },
  { title: 'Fees', numeric: true, cell: ({ fees_paid }) => formatMoney(fees_paid) },
  { title: 'Since', cell: ({ updated_at }) => formatDateTime(updated_at) },
];

const SOURCES: Readonly<Record<NonNullable<MarkedPosition['price_source']>, string>> = {
  book: 'Midpoint of the order book',
  venue_quote: 'Quote of the venue',
  price_history: 'Price history of the venue',
};

function PriceNow({ position }: { position: MarkedPosition }): JSX.Element {
  const { current_price, is_live, price_source, price_at, unpriced_reason } = position;
  if (current_price === null) return <Term meaning={unpriced_reason ?? 'No price is known.'}>none</Term>;
  const source = price_source === null ? 'A price' : SOURCES[price_source];
  const meaning = is_live
    ? 'Midpoint of the live order book.'
    : `${source}, as of ${formatDateTime(price_at)}; it is not told live now.`;
  return (
    <span>
      {formatPrice(current_price)}{' '}
      <Term meaning={meaning}>
        <span class={is_live ? 'good' : 'muted'}>{is_live ? 'live' : 'last'}</span>
      </Term>
    </span>
  );
}
