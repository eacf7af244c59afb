import { useMutation } from '@tanstack/preact-query';
import type { JSX } from 'preact';
import { Link } from 'wouter-preact';
import { api, ask, type Schemas } from '../../api/client';
import { Badge, Gain, Section } from '../../ui/bits';
import { useFilters } from '../../ui/filters';
import { formatDateTime, formatExactMoney, formatMoney, formatPrice, formatShares } from '../../ui/format';
import { ProblemNotice, QueryView } from '../../ui/query-view';
import { type Column, Pager, Table } from '../../ui/table';
import { sideWord } from './order-status';
import { useTrades } from './queries';

type Trade = Schemas['Trade'];

/** Every fill of the run, and all of them as a file. */
export function TradesPart({ portfolioId }: { portfolioId: string }): JSX.Element {
  const { page, go } = useFilters();
  const trades = useTrades(portfolioId, page);
  const download = useMutation({
    mutationFn: async () => {
      const csv = await ask(
        api.GET('/portfolios/{id}/trades', {
          params: { path: { id: portfolioId }, query: { format: 'csv' } },
          parseAs: 'text',
        }),
      );
      save(`trades-${portfolioId}.csv`, csv);
    },
  });
  return (
    <Section
      title="Trades"
      aside={
        <button type="button" disabled={download.isPending} onClick={() => download.mutate()}>
          Download as CSV
        </button>
      }
    >
      {download.error !== null && <ProblemNotice error={download.error} />}
      <QueryView query={trades} empty={({ total }) => (total === 0 ? 'Nothing was traded in this run yet.' : null)}>
        {(list) => (
          <>
            <Table caption="Trades, newest first" columns={COLUMNS} rows={list.trades} keyOf={({ id }) => id} />
            <Pager page={list.page} totalPages={list.total_pages} total={list.total} go={go} />
          </>
        )}
      </QueryView>
    </Section>
  );
}

function save(name: string, text: string): void {
  const address = URL.createObjectURL(new Blob([text], { type: 'text/csv' }));
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  URL.revokeObjectURL(address);
}

const COLUMNS: readonly Column<Trade>[] = [
  { title: 'When', cell: ({ trade_timestamp }) => formatDateTime(trade_timestamp) },
  {
    title: 'Trade',
    lead: true,
    cell: ({ portfolio_id, order_id, side, quantity, outcome, market_question }) => (
      <span class="market-cell">
        <Link href={`/portfolios/${portfolio_id}/orders/${order_id}`}>
          {sideWord(side)} {formatShares(quantity)} {outcome}
        </Link>{' '}
        <span class="muted">{market_question}</span>
      </span>
    ),
  },
  { title: 'Price', numeric: true, cell: ({ price }) => formatPrice(price) },
  { title: 'Value', numeric: true, cell: ({ total_value }) => formatMoney(total_value) },
  { title: 'Fee', numeric: true, cell: ({ fee }) => formatExactMoney(fee) },
  { title: 'As', cell: ({ liquidity }) => <Badge>{liquidity}</Badge> },
  {
    title: 'Slippage',
    numeric: true,
    cell: ({ slippage_bps }) => (slippage_bps === null ? '–' : `${slippage_bps.toFixed(1)} bps`),
  },
  { title: 'Realised P&L', numeric: true, cell: ({ realized_pnl }) => <Gain usdc={realized_pnl} /> },
];
