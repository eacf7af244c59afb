import type { TimePoint } from '../../charts/time-chart';

/** A point of a series that the api tells. */
interface ValuedPoint {
  timestamp: string;
  /** Null while a position held had no price. */
  portfolio_value: number | null;
}

export const RANGES = ['day', 'week', 'all'] as const;
export type CurveRange = (typeof RANGES)[number];

const MINUTE_S = 60;
const DAY_S = 86_400;
const LENGTH_S: Record<Exclude<CurveRange, 'all'>, number> = { day: DAY_S, week: 7 * DAY_S };
const DAY_MINUTES = 5;
const WEEK_MINUTES = 30;
const WHOLE_MINUTES = [1, 5, 15, 60, 240, 1_440];
/** Points of a whole run that are worth drawing. */
const MOST_POINTS = 1_500;

/** Minutes between the points to ask for. */
export function resolutionOf(range: CurveRange, runSeconds: number): number {
  const minutes = runSeconds / MINUTE_S;
  const whole = WHOLE_MINUTES.find((each) => minutes / each <= MOST_POINTS) ?? 1_440;
  if (range === 'all') return whole;
  return Math.min(whole, range === 'day' ? DAY_MINUTES : WEEK_MINUTES);
}

/** The equity of a series, one point a second at most and only where it is known, ending with what it is now: at its last moment, where the clock here is behind. */
export function equityCurve(series: readonly ValuedPoint[], now: TimePoint): TimePoint[] {
  const curve: TimePoint[] = [];
  for (const { timestamp, portfolio_value: value } of series) {
    if (value !== null) append(curve, { t: Math.floor(Date.parse(timestamp) / 1_000), value });
  }
  append(curve, { ...now, t: Math.max(now.t, curve.at(-1)?.t ?? now.t) });
  return curve;
}

function append(curve: TimePoint[], point: TimePoint): void {
  if (curve.at(-1)?.t === point.t) curve.pop();
  curve.push(point);
}

/** How far equity stood below its highest so far: 0, or a negative fraction. */
export function drawdownCurve(equity: readonly TimePoint[]): TimePoint[] {
  let peak = -Infinity;
  return equity.map(({ t, value }) => {
    peak = Math.max(peak, value);
    return { t, value: peak > 0 ? Math.min(0, value / peak - 1) : 0 };
  });
}

/** The part of a curve that a range, up to its end, shows. */
export function within(curve: readonly TimePoint[], range: CurveRange): TimePoint[] {
  const end = curve.at(-1);
  if (range === 'all' || end === undefined) return [...curve];
  const from = end.t - LENGTH_S[range];
  return curve.filter(({ t }) => t >= from);
}
