import type { JSX } from 'preact';
import { useEffect, useMemo, useState } from 'preact/hooks';
import type { Schemas } from '../../api/client';
import { type Bounds, TimeChart } from '../../charts/time-chart';
import { priceSignal } from '../../live/live';
import { Section, useNow } from '../../ui/bits';
import { useFilters } from '../../ui/filters';
import { choiceOf } from '../../ui/form';
import { formatMoney, formatPercent } from '../../ui/format';
import { QueryView } from '../../ui/query-view';
import { type CurveRange, drawdownCurve, equityCurve, RANGES, resolutionOf, within } from './equity-curve';
import { markPortfolio } from './marking';
import { useMarkToMarket } from './queries';

const MOVES_EVERY_MS = 2_000;
const LOSSES: Bounds = [-Infinity, 0];
const NAMES: Readonly<Record<CurveRange, string>> = { day: '1 day', week: '1 week', all: 'Whole run' };

/** Equity over time and how far it stood below its highest; the last point moves with the prices. */
export function EquityCharts({ detail }: { detail: Schemas['PortfolioDetail'] }): JSX.Element {
  const filters = useFilters<'range'>();
  const range = choiceOf(RANGES, filters.of('range')) ?? 'all';
  const now = useNow(MOVES_EVERY_MS);
  const nowSeconds = Math.floor(now / 1_000);
  // Known with the first answer; until then the run may be as old as the portfolio.
  const [runStartedAt, setRunStartedAt] = useState(detail.created_at);
  const runSeconds = useMemo(() => (Date.now() - Date.parse(runStartedAt)) / 1_000, [runStartedAt]);
  const report = useMarkToMarket(detail.id, resolutionOf(range, runSeconds));
  const begun = report.data?.run_started_at;
  useEffect(() => {
    if (begun !== undefined) setRunStartedAt(begun);
  }, [begun]);
  const series = report.data?.pnl_series;
  const curves = useMemo(() => {
    if (series === undefined) return null;
    const { equity } = markPortfolio(detail, ({ market_id, outcome_index }) =>
      priceSignal(market_id, outcome_index).peek(),
    );
    const whole = equityCurve(series, { t: nowSeconds, value: equity });
    return {
      equity: within(whole, range),
      drawdown: within(drawdownCurve(whole), range),
    };
  }, [series, detail, range, nowSeconds]);
  return (
    <div class="columns">
      <Section
        title="Equity"
        aside={
          <div class="row" role="group" aria-label="Range of the charts">
            {RANGES.map((each) => (
              <button
                key={each}
                type="button"
                class="small"
                aria-pressed={each === range}
                onClick={() => filters.set({ range: each === 'all' ? '' : each })}
              >
                {NAMES[each]}
              </button>
            ))}
          </div>
        }
      >
        <QueryView query={report}>
          {() =>
            curves !== null && (
              <TimeChart
                label={`Equity of the portfolio, now ${formatMoney(curves.equity.at(-1)?.value)}`}
                points={curves.equity}
                format={formatMoney}
              />
            )
          }
        </QueryView>
      </Section>
      <Section title="Drawdown">
        <QueryView query={report}>
          {() =>
            curves !== null && (
              <TimeChart
                label={`Drawdown: equity below its highest, now ${formatPercent(curves.drawdown.at(-1)?.value)}`}
                points={curves.drawdown}
                tone="bad"
                format={formatPercent}
                step={0.0001}
                bounds={LOSSES}
              />
            )
          }
        </QueryView>
      </Section>
    </div>
  );
}
