import { useQuery } from '@tanstack/preact-query';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { Link } from 'wouter-preact';
import { api, ask, type Schemas } from '../../api/client';
import { Badge, Gain, PageTitle, Section, Term } from '../../ui/bits';
import { formatDate, formatMoney, formatPercent } from '../../ui/format';
import { QueryView } from '../../ui/query-view';
import { Pager, type Column, Table } from '../../ui/table';
import { OpenPortfolioDialog } from './open-portfolio-dialog';
import { PROFILES } from './profiles';
import { usePortfolio, usePortfolios } from './queries';

type Portfolio = Schemas['Portfolio'];

/** Each row asks for what its portfolio is worth. */
const ROWS = 10;

/** The own portfolios, and what they are worth. */
export function PortfoliosPage(): JSX.Element {
  const portfolios = usePortfolios();
  const account = useQuery({ queryKey: ['account'], queryFn: ({ signal }) => ask(api.GET('/auth/me', { signal })) });
  const [isOpening, setOpening] = useState(false);
  const [page, setPage] = useState(1);
  const limit = account.data?.limits.portfolios;
  return (
    <>
      <PageTitle title="Portfolios">
        <button type="button" class="primary" onClick={() => setOpening(true)}>
          Open a portfolio
        </button>
      </PageTitle>
      <Section
        title="Yours"
        aside={
          limit !== undefined &&
          portfolios.data !== undefined && (
            <span class={portfolios.data.length >= limit ? 'warn' : 'muted'}>
              {portfolios.data.length} of {limit} that your role allows
            </span>
          )
        }
      >
        <QueryView
          query={portfolios}
          empty={(all) => (all.length === 0 ? 'No portfolio yet. Open one to trade with paper money.' : null)}
        >
          {(all) => (
            <>
              <Table
                caption="Your portfolios"
                columns={COLUMNS}
                rows={all.slice((page - 1) * ROWS, page * ROWS)}
                keyOf={({ id }) => id}
              />
              {all.length > ROWS && (
                <Pager page={page} totalPages={Math.ceil(all.length / ROWS)} total={all.length} go={setPage} />
              )}
            </>
          )}
        </QueryView>
      </Section>
      {isOpening && <OpenPortfolioDialog onClose={() => setOpening(false)} />}
    </>
  );
}

const COLUMNS: readonly Column<Portfolio>[] = [
  {
    title: 'Name',
    lead: true,
    cell: (portfolio) => (
      <span class="row">
        <Link href={`/portfolios/${portfolio.id}`}>{portfolio.name}</Link>
        {!portfolio.is_active && <Badge tone="warn">Switched off</Badge>}
      </span>
    ),
  },
  {
    title: 'Equity',
    numeric: true,
    cell: ({ id }) => <Worth id={id} of={(detail) => formatMoney(detail.total_value)} />,
  },
  { title: 'Free cash', numeric: true, cell: ({ cash_balance }) => formatMoney(cash_balance) },
  {
    title: 'P&L',
    numeric: true,
    cell: ({ id }) => (
      <Worth
        id={id}
        of={(detail) => (
          <span>
            <Gain usdc={detail.total_pnl} />{' '}
            <span class="muted">({formatPercent(detail.total_pnl_percent / 100)})</span>
          </span>
        )}
      />
    ),
  },
  { title: 'Open orders', numeric: true, cell: ({ open_orders }) => open_orders },
  { title: 'Fills', cell: ({ profile }) => <Term meaning={PROFILES[profile].meaning}>{PROFILES[profile].name}</Term> },
  { title: 'Opened', cell: ({ created_at }) => formatDate(created_at) },
];

/** Something of a portfolio's valuation, which is asked for by itself. */
function Worth({
  id,
  of,
}: {
  id: string;
  of: (detail: Schemas['PortfolioDetail']) => JSX.Element | string;
}): JSX.Element {
  const { data, error } = usePortfolio(id);
  if (data !== undefined) return <>{of(data)}</>;
  return error === null ? <span class="muted">…</span> : <span class="bad reason">{error.message}</span>;
}
