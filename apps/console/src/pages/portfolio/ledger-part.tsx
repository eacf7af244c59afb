import type { JSX } from 'preact';
import { Link } from 'wouter-preact';
import type { Schemas } from '../../api/client';
import { Badge, Section } from '../../ui/bits';
import { useFilters } from '../../ui/filters';
import { formatDateTime, formatExactMoney, formatShares } from '../../ui/format';
import { QueryView } from '../../ui/query-view';
import { type Column, Pager, Table } from '../../ui/table';
import { useLedger } from './queries';

type Entry = Schemas['LedgerEntry'];

/** Every movement of paper money over all runs, in the order it happened; the newest page first. */
export function LedgerPart({ portfolioId }: { portfolioId: string }): JSX.Element {
  const { of, page, go } = useFilters<'page'>();
  const ledger = useLedger(portfolioId, of('page') === undefined ? undefined : page);
  return (
    <Section title="Ledger" aside={<span class="muted">The oldest entry first, over all runs</span>}>
      <QueryView query={ledger} empty={({ total }) => (total === 0 ? 'There is no entry yet.' : null)}>
        {(list) => (
          <>
            <Table
              caption="Entries of the ledger, the oldest first"
              columns={entryColumns(portfolioId)}
              rows={list.entries}
              keyOf={({ seq }) => String(seq)}
            />
            <Pager page={list.page} totalPages={list.total_pages} total={list.total} go={go} />
          </>
        )}
      </QueryView>
    </Section>
  );
}

function entryColumns(portfolioId: string): readonly Column<Entry>[] {
  return [
    { title: 'No.', numeric: true, cell: ({ seq }) => seq },
    { title: 'When', cell: ({ at }) => formatDateTime(at) },
    {
      title: 'What',
      lead: true,
      cell: ({ kind, description, order_id, run }) => (
        <span class="market-cell">
          <Badge>{kind.replaceAll('_', ' ')}</Badge> {description}{' '}
          {order_id !== null && (
            <Link href={`/portfolios/${portfolioId}/orders/${order_id}`} aria-label={`Order of entry: ${description}`}>
              Order
            </Link>
          )}{' '}
          {run > 1 && <span class="muted">Run {run}</span>}
        </span>
      ),
    },
    {
      title: 'Postings',
      cell: ({ postings, shares }) => (
        <ul class="plain-list">
          {postings.map(({ account, amount }, index) => (
            <li key={index}>
              {account} {signed(formatExactMoney(amount), amount)}
            </li>
          ))}
          {shares.map(({ token_id, outcome, change }) => (
            <li key={token_id}>
              {outcome} {signed(formatShares(change), change)} shares
            </li>
          ))}
        </ul>
      ),
    },
    { title: 'Free cash after', numeric: true, cell: ({ cash_after }) => formatExactMoney(cash_after) },
    { title: 'Reserved after', numeric: true, cell: ({ reserved_after }) => formatExactMoney(reserved_after) },
  ];
}

function signed(text: string, amount: number): string {
  return amount > 0 ? `+${text}` : text;
}
