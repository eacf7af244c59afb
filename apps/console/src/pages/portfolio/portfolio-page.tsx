import type { JSX } from 'preact';
import { useLivePrices } from '../../live/live';
import { useFilters } from '../../ui/filters';
import { choiceOf } from '../../ui/form';
import { Badge, PageTitle, Term } from '../../ui/bits';
import { LinkTabs } from '../../ui/link-tabs';
import { QueryView } from '../../ui/query-view';
import type { Schemas } from '../../api/client';
import { EquityCharts } from './equity-charts';
import { LedgerPart } from './ledger-part';
import { watchedMarkets } from './marking';
import { MetricsPart } from './metrics-part';
import { OrdersPart } from './orders-part';
import { PortfolioActions } from './portfolio-actions';
import './portfolio.css';
import { PositionsPart } from './positions-part';
import { LATENCIES, PROFILES } from './profiles';
import { usePortfolio } from './queries';
import { Summary } from './summary';
import { TradesPart } from './trades-part';
import { usePortfolioChanges } from './use-portfolio-changes';

const PARTS = [
  { key: 'positions', title: 'Positions' },
  { key: 'orders', title: 'Orders' },
  { key: 'trades', title: 'Trades' },
  { key: 'ledger', title: 'Ledger' },
  { key: 'metrics', title: 'Metrics' },
] as const;

const PART_KEYS = PARTS.map(({ key }) => key);
/** What the smallest role may watch, less than which would leave no market page beside this one. */
const MOST_WATCHED = 15;

/** A portfolio: what it is worth as prices move, what it holds, ordered and traded, and how it does. */
export function PortfolioPage({ id }: { id: string }): JSX.Element {
  const portfolio = usePortfolio(id);
  usePortfolioChanges(id);
  useLivePrices(watchedMarkets(portfolio.data?.positions ?? [], MOST_WATCHED));
  return (
    <>
      <PageTitle title={portfolio.data?.name ?? 'Portfolio'}>
        {portfolio.data !== undefined && <PortfolioActions portfolio={portfolio.data} />}
      </PageTitle>
      <QueryView query={portfolio}>{(detail) => <Shown detail={detail} />}</QueryView>
    </>
  );
}

function Shown({ detail }: { detail: Schemas['PortfolioDetail'] }): JSX.Element {
  const filters = useFilters<'part' | 'range'>();
  const part = choiceOf(PART_KEYS, filters.of('part')) ?? 'positions';
  const range = filters.of('range');
  const { id } = detail;
  return (
    <>
      <p class="row muted">
        {detail.description !== null && <span>{detail.description}</span>}
        <span>
          Run {detail.run} ·{' '}
          <Term meaning={PROFILES[detail.profile].meaning}>{PROFILES[detail.profile].name.toLowerCase()} fills</Term> ·
          orders travel {LATENCIES[detail.latency]}
        </span>
        {!detail.is_active && <Badge tone="warn">Switched off: it takes no new orders</Badge>}
      </p>
      <Summary detail={detail} />
      <EquityCharts detail={detail} />
      <LinkTabs
        label="Parts of the portfolio"
        tabs={PARTS}
        current={part}
        hrefOf={(key) =>
          `/portfolios/${id}?part=${key}${range === undefined ? '' : `&range=${encodeURIComponent(range)}`}`
        }
      />
      {part === 'positions' && <PositionsPart detail={detail} />}
      {part === 'orders' && <OrdersPart portfolioId={id} />}
      {part === 'trades' && <TradesPart portfolioId={id} />}
      {part === 'ledger' && <LedgerPart portfolioId={id} />}
      {part === 'metrics' && <MetricsPart portfolioId={id} />}
    </>
  );
}
