import { keepPreviousData, useQuery } from '@tanstack/preact-query';
import type { JSX } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import { api, ask, type Schemas } from '../../api/client';
import { session } from '../../api/session';
import { type Bounds, TimeChart } from '../../charts/time-chart';
import { priceSignal } from '../../live/live';
import { Section, useNow } from '../../ui/bits';
import { formatPrice } from '../../ui/format';
import { Empty, QueryView } from '../../ui/query-view';
import { axisStepOf, moveOf, type Range, RANGES, withLatest } from './price-points';

const REFETCH_MS = 60_000;
const LATEST_MS = 5_000;
const PRICES: Bounds = [0, 1];

interface HistoryPanelProps {
  market: Schemas['MarketDetail'];
  outcomeIndex: number;
}

/** How the price of an outcome went, up to now. */
export function HistoryPanel({ market, outcomeIndex }: HistoryPanelProps): JSX.Element {
  const [range, setRange] = useState<Range>('1w');
  return (
    <Section
      title={`Price: ${market.outcomes[outcomeIndex] ?? ''}`}
      aside={
        <div class="row" role="group" aria-label="Span of the chart">
          {Object.entries(RANGES).map(([word, title]) => (
            <button
              key={word}
              type="button"
              class="small"
              aria-pressed={word === range}
              onClick={() => setRange(word as Range)}
            >
              {title}
            </button>
          ))}
        </div>
      }
    >
      <History key={outcomeIndex} market={market} outcomeIndex={outcomeIndex} range={range} />
    </Section>
  );
}

/** Another span of the same outcome may be seen until the one that was chosen is there; another outcome's prices may not. */
function History({ market, outcomeIndex, range }: HistoryPanelProps & { range: Range }): JSX.Element {
  const query = useQuery({
    queryKey: ['prices', market.slug, outcomeIndex, range],
    queryFn: ({ signal }) => askHistory(market.slug, outcomeIndex, range, signal),
    placeholderData: keepPreviousData,
    staleTime: REFETCH_MS,
    refetchInterval: market.closed ? false : REFETCH_MS,
  });
  return (
    <QueryView query={query}>
      {({ history, limitDays }) => (
        <div class="stack" aria-busy={query.isPlaceholderData}>
          <Drawn market={market} outcomeIndex={outcomeIndex} history={history} />
          {limitDays !== null && (
            <p class="hint">
              {session.value === null ? 'Without an account' : 'With your role'} a history goes {limitDays} days back.
            </p>
          )}
        </div>
      )}
    </QueryView>
  );
}

interface DrawnProps extends HistoryPanelProps {
  history: Schemas['PricePoint'][];
}

function Drawn({ market, outcomeIndex, history }: DrawnProps): JSX.Element {
  const told = priceSignal(market.slug, outcomeIndex).value;
  const nowSeconds = Math.floor(useNow(LATEST_MS) / 1_000);
  const latest = told?.state === 'live' ? told.price : null;
  const points = useMemo(() => withLatest(history, latest, nowSeconds), [history, latest, nowSeconds]);
  const [last, move] = [points.at(-1), moveOf(points)];
  if (last === undefined) return <Empty>There are no prices of this time.</Empty>;
  const moved = move === null ? '' : `, ${move >= 0 ? 'up' : 'down'} ${formatPrice(Math.abs(move))} over this time`;
  return (
    <>
      <p>
        <strong>{formatPrice(last.value)}</strong>
        <span class="muted">{moved}</span>
      </p>
      <TimeChart
        label={`Price of ${market.outcomes[outcomeIndex] ?? ''}: ${formatPrice(last.value)}${moved}`}
        points={points}
        format={formatPrice}
        step={axisStepOf(market.tick_size)}
        bounds={PRICES}
      />
    </>
  );
}

async function askHistory(
  slug: string,
  outcomeIndex: number,
  interval: Range,
  signal: AbortSignal,
): Promise<{ history: Schemas['PricePoint'][]; limitDays: number | null }> {
  const request = api.GET('/markets/by-slug/{slug}/prices', {
    params: { path: { slug }, query: { outcome_index: outcomeIndex, interval } },
    signal,
  });
  const { history } = await ask(request);
  const limit = (await request).response.headers.get('x-history-limit-days');
  return { history, limitDays: limit === null ? null : Number(limit) };
}
