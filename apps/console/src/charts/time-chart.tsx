import {
  AreaSeries,
  createChart,
  type IChartApi,
  type ISeriesApi,
  LineSeries,
  TickMarkType,
  type Time,
  type UTCTimestamp,
} from 'lightweight-charts';
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { formatDateTime } from '../ui/format';
import { chartLook, colour, isDark, translucent } from './theme';

export interface TimePoint {
  /** Unix seconds, rising. */
  t: number;
  value: number;
}

/** The least and the most that a value can be. */
export type Bounds = readonly [least: number, most: number];

const UNBOUNDED: Bounds = [-Infinity, Infinity];

interface TimeChartProps {
  /** What is drawn, in words, for those who do not see it. */
  label: string;
  points: readonly TimePoint[];
  kind?: 'line' | 'area';
  tone?: 'accent' | 'good' | 'bad';
  format: (value: number) => string;
  height?: number;
  /** Smallest step of the value axis. */
  step?: number;
  /** What no value is below or above: the axis names nothing beyond. */
  bounds?: Bounds;
}

/** A value over time. */
export function TimeChart({
  label,
  points,
  kind = 'area',
  tone = 'accent',
  format,
  height = 260,
  step = 0.01,
  bounds = UNBOUNDED,
}: TimeChartProps): JSX.Element {
  const box = useRef<HTMLDivElement>(null);
  const drawn = useRef<{
    chart: IChartApi;
    series: ISeriesApi<'Area' | 'Line'>;
    first: number | null;
    count: number;
  } | null>(null);
  const dark = isDark.value;

  useEffect(() => {
    if (box.current === null) return;
    const chart = createChart(box.current, {
      ...chartLook(),
      timeScale: { borderVisible: false, timeVisible: true, tickMarkFormatter: formatTick },
      localization: { timeFormatter: (time: Time) => formatDateTime(millisecondsOf(time)) },
    });
    const line = colour(tone);
    const [least, most] = bounds;
    const formatter = (value: number): string => (value < least || value > most ? '' : format(value));
    const look = {
      priceLineVisible: false,
      priceFormat: { type: 'custom', formatter, minMove: step },
    } as const;
    const series =
      kind === 'line'
        ? chart.addSeries(LineSeries, { ...look, color: line, lineWidth: 2 })
        : chart.addSeries(AreaSeries, {
            ...look,
            lineColor: line,
            lineWidth: 2,
            topColor: translucent(line, 0.3),
            bottomColor: translucent(line, 0.02),
          });
    drawn.current = { chart, series, first: null, count: 0 };
    return () => {
      drawn.current = null;
      chart.remove();
    };
  }, [dark, kind, tone, format, step, bounds]);

  useEffect(() => {
    const now = drawn.current;
    if (now === null) return;
    const timeScale = now.chart.timeScale();
    const shown = timeScale.getVisibleLogicalRange();
    const isWhole = shown === null || (shown.from < 1 && shown.to > now.count - 2);
    now.series.setData(points.map(({ t, value }) => ({ time: t as UTCTimestamp, value })));
    // A range that somebody looks at closely stays; what was seen whole, and another series, is shown whole.
    const first = points[0]?.t ?? null;
    if (isWhole || first !== now.first) timeScale.fitContent();
    now.count = points.length;
    now.first = first;
  }, [points, dark, kind, tone, format, step, bounds]);

  return <div ref={box} class="chart" role="img" aria-label={label} style={{ height: `${height}px` }} />;
}

const clock = new Intl.DateTimeFormat(undefined, { timeStyle: 'short' });
const seconds = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' });
const day = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' });
const month = new Intl.DateTimeFormat(undefined, { month: 'short', year: 'numeric' });

/** The time of a tick where the reader is, as everywhere else on the page. */
function formatTick(time: Time, type: TickMarkType): string {
  const at = millisecondsOf(time);
  if (type === TickMarkType.Year || type === TickMarkType.Month) return month.format(at);
  // There is no room for the half of the day as well.
  if (type === TickMarkType.TimeWithSeconds) return seconds.format(at).replace(/\s?[AP]M$/, '');
  return (type === TickMarkType.DayOfMonth ? day : clock).format(at);
}

/** Every time of a series here is a Unix time in seconds. */
function millisecondsOf(time: Time): number {
  return Number(time) * 1_000;
}
