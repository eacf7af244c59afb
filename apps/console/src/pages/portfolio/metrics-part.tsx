import type { JSX } from 'preact';
import type { Schemas } from '../../api/client';
import { Figure, Gain, Section, Term } from '../../ui/bits';
import {
  formatCount,
  formatDateTime,
  formatExactMoney,
  formatMoney,
  formatPercent,
  formatSeconds,
} from '../../ui/format';
import { QueryView } from '../../ui/query-view';
import { type Column, Table } from '../../ui/table';
import { GRADES, METRICS } from './metric-meanings';
import { useMetrics } from './queries';

type Metrics = Schemas['PortfolioMetrics'];

/** How the run has done: returns and risk, closed lots, costs, forecasts. */
export function MetricsPart({ portfolioId }: { portfolioId: string }): JSX.Element {
  return <QueryView query={useMetrics(portfolioId)}>{(metrics) => <Shown metrics={metrics} />}</QueryView>;
}

function Shown({ metrics }: { metrics: Metrics }): JSX.Element {
  const { costs, forecasts, drawdown } = metrics;
  const reasons: Reasons = metrics.reasons;
  const lots = metrics.lots.average_cost;
  return (
    <>
      <Section title="Return and risk" aside={<span class="muted">As of {formatDateTime(metrics.as_of)}</span>}>
        <dl class="figures">
          <Value of="twr" field="twr" reasons={reasons} value={metrics.twr} format={formatPercent} />
          <Value
            of="simple_return"
            field="simple_return"
            reasons={reasons}
            value={metrics.simple_return}
            format={formatPercent}
          />
          <Value
            of="money_weighted_return"
            field="money_weighted_return"
            reasons={reasons}
            value={metrics.money_weighted_return}
            format={formatPercent}
          />
          <Value
            of="max_drawdown"
            field="max_drawdown"
            reasons={reasons}
            value={metrics.max_drawdown}
            format={formatLoss}
          />
          <Value
            of="volatility"
            field="volatility"
            reasons={reasons}
            value={metrics.volatility}
            format={formatPercent}
          />
          <Value
            of="sharpe_ratio"
            field="sharpe_ratio"
            reasons={reasons}
            value={metrics.sharpe_ratio}
            format={formatRatio}
          />
          <Value
            of="sortino_ratio"
            field="sortino_ratio"
            reasons={reasons}
            value={metrics.sortino_ratio}
            format={formatRatio}
          />
          <Value
            of="probabilistic_sharpe_ratio"
            field="probabilistic_sharpe_ratio"
            reasons={reasons}
            value={metrics.probabilistic_sharpe_ratio}
            format={formatPercent}
          />
          <Value
            of="calmar_ratio"
            field="calmar_ratio"
            reasons={reasons}
            value={metrics.calmar_ratio}
            format={formatRatio}
          />
          <Figure {...METRICS.daily_returns}>{formatCount(metrics.daily_returns)}</Figure>
        </dl>
        {drawdown.trough_at !== null && (
          <p class="muted">
            The largest drawdown began {formatDateTime(drawdown.peak_at)}, was deepest{' '}
            {formatDateTime(drawdown.trough_at)},{' '}
            {drawdown.recovered_at === null
              ? 'and has not been made good yet.'
              : `and was made good ${formatDateTime(drawdown.recovered_at)}.`}
          </p>
        )}
      </Section>
      <Section title="Closed lots" aside={<span class="muted">By average cost</span>}>
        <dl class="figures">
          <Figure {...METRICS.total_trades}>{formatCount(metrics.total_trades)}</Figure>
          <Figure {...METRICS.closed_lots}>{formatCount(lots.closed_lots)}</Figure>
          {LOT_FIGURES.map(({ key, format }) => (
            <Value
              key={key}
              of={key}
              field={`lots.average_cost.${key}`}
              reasons={reasons}
              value={lots[key]}
              format={format}
            />
          ))}
        </dl>
      </Section>
      <Section title="Costs">
        <dl class="figures">
          <Figure {...METRICS.fees_paid}>{formatExactMoney(metrics.fees_paid)}</Figure>
          <Value of="fee_bps" field="costs.fee_bps" reasons={reasons} value={costs.fee_bps} format={formatBps} />
          <Value
            of="slippage_paid"
            field="slippage_paid"
            reasons={reasons}
            value={metrics.slippage_paid}
            format={formatExactMoney}
          />
          <Value
            of="effective_spread"
            field="costs.effective_spread"
            reasons={reasons}
            value={costs.effective_spread}
            format={formatExactMoney}
          />
        </dl>
      </Section>
      <Section title="What the fills rest on">
        <Table
          caption="Fills by evidence grade"
          columns={GRADE_COLUMNS}
          rows={metrics.by_evidence_grade}
          keyOf={({ grade }) => grade}
        />
      </Section>
      {metrics.by_category.length > 0 && (
        <Section title="By category">
          <Table
            caption="Fills by category of the market"
            columns={CATEGORY_COLUMNS}
            rows={metrics.by_category}
            keyOf={({ category }) => category}
          />
        </Section>
      )}
      <Section title="Forecasts" aside={<span class="muted">{BASES[forecasts.basis]}</span>}>
        <dl class="figures">
          <Figure {...METRICS.resolved_fills}>{formatCount(forecasts.resolved_fills)}</Figure>
          <Value
            of="brier_score"
            field="brier_score"
            reasons={reasons}
            value={metrics.brier_score}
            format={formatRatio}
          />
          <Value
            of="log_score"
            field="forecasts.log_score"
            reasons={reasons}
            value={forecasts.log_score}
            format={formatRatio}
          />
          <Value
            of="skill_vs_market"
            field="forecasts.skill_vs_market"
            reasons={reasons}
            value={forecasts.skill_vs_market}
            format={formatRatio}
          />
          <Value
            of="expected_calibration_error"
            field="forecasts.calibration"
            reasons={reasons}
            value={forecasts.calibration?.expected_calibration_error ?? null}
            format={formatRatio}
          />
        </dl>
        {forecasts.calibration !== null && (
          <Table
            caption="Forecasts near one value, and how often they came true"
            columns={BIN_COLUMNS}
            rows={forecasts.calibration.bins}
            keyOf={({ from }) => String(from)}
          />
        )}
      </Section>
    </>
  );
}

type Reasons = Readonly<Record<string, { message: string } | undefined>>;

interface ValueProps {
  of: keyof typeof METRICS;
  /** Under which name the api says why there is none. */
  field: string;
  reasons: Reasons;
  value: number | null;
  format: (value: number | null) => string;
}

/** A metric, or why there is none. */
function Value({ of, field, reasons, value, format }: ValueProps): JSX.Element {
  const reason = value === null ? reasons[field]?.message : undefined;
  return (
    <Figure {...METRICS[of]}>
      {format(value)}
      {reason !== undefined && <div class="muted reason">{reason}</div>}
    </Figure>
  );
}

const ratio = new Intl.NumberFormat('en-US', { maximumFractionDigits: 3 });
const formatRatio = (value: number | null): string => (value === null ? '–' : ratio.format(value));
/** How far something fell, as the chart shows it. */
const formatLoss = (fraction: number | null): string => formatPercent(fraction === null ? null : -fraction);
const formatBps = (value: number | null): string => (value === null ? '–' : `${ratio.format(value)} bps`);
const formatHolding = (seconds: number | null): string => (seconds === null ? '–' : formatSeconds(seconds));

const LOT_FIGURES = [
  { key: 'win_rate', format: formatPercent },
  { key: 'profit_factor', format: formatRatio },
  { key: 'expectancy', format: formatMoney },
  { key: 'payoff_ratio', format: formatRatio },
  { key: 'average_holding_seconds', format: formatHolding },
  { key: 'best', format: formatMoney },
  { key: 'worst', format: formatMoney },
] as const;

type Contribution = Omit<Metrics['by_category'][number], 'category'>;

const CONTRIBUTION: readonly Column<Contribution>[] = [
  { title: 'Fills', numeric: true, cell: ({ fills }) => formatCount(fills) },
  { title: 'Volume', numeric: true, cell: ({ volume }) => formatMoney(volume) },
  { title: 'P&L before fees', numeric: true, cell: ({ pnl }) => <Gain usdc={pnl} /> },
  { title: 'Fees', numeric: true, cell: ({ fees_paid }) => formatExactMoney(fees_paid) },
  {
    title: METRICS.estimated_rebate.name,
    numeric: true,
    cell: ({ estimated_rebate }) => (
      <Term meaning={METRICS.estimated_rebate.meaning}>{formatExactMoney(estimated_rebate)}</Term>
    ),
  },
];

const GRADE_COLUMNS: readonly Column<Metrics['by_evidence_grade'][number]>[] = [
  {
    title: 'Grade',
    lead: true,
    cell: ({ grade }) => (
      <>
        <strong>{grade}</strong> <span class="muted">{GRADES[grade]}</span>
      </>
    ),
  },
  ...CONTRIBUTION,
];

const CATEGORY_COLUMNS: readonly Column<Metrics['by_category'][number]>[] = [
  { title: 'Category', lead: true, cell: ({ category }) => category },
  ...CONTRIBUTION,
];

const BASES: Readonly<Record<Metrics['forecasts']['basis'], string>> = {
  stated_forecasts: 'Of stated forecasts',
  prices_paid: 'Of prices paid: no forecasts were stated',
  mixed: 'Of stated forecasts, and of prices paid where none was stated',
};

type Bin = NonNullable<Metrics['forecasts']['calibration']>['bins'][number];

const BIN_COLUMNS: readonly Column<Bin>[] = [
  { title: 'Forecast', lead: true, cell: ({ from, to }) => `${formatPercent(from)} to ${formatPercent(to)}` },
  { title: 'Purchases', numeric: true, cell: ({ count }) => formatCount(count) },
  { title: 'Mean forecast', numeric: true, cell: ({ mean_forecast }) => formatPercent(mean_forecast) },
  { title: 'Came true', numeric: true, cell: ({ observed_rate }) => formatPercent(observed_rate) },
  {
    title: '95% interval',
    numeric: true,
    cell: ({ low, high }) => `${formatPercent(low)} to ${formatPercent(high)}`,
  },
];
