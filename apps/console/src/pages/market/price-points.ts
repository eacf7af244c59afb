import type { TimePoint } from '../../charts/time-chart';

/** The spans a history is shown for, as the api names them. */
export const RANGES = { '1h': '1H', '6h': '6H', '1d': '1D', '1w': '1W', '1m': '1M', all: 'All' } as const;
export type Range = keyof typeof RANGES;

/** A history drawn on to the price of now. */
export function withLatest(
  history: readonly { t: number; p: number }[],
  price: number | null,
  nowSeconds: number,
): TimePoint[] {
  const points = history.map(({ t, p }) => ({ t, value: p }));
  if (price === null) return points;
  // The last point of a history may be newer than the clock of this machine.
  const t = Math.max(nowSeconds, (points.at(-1)?.t ?? 0) + 1);
  return [...points, { t, value: price }];
}

/** How much a price moved over a history, from its first point to its last; null for fewer than two. */
export function moveOf(points: readonly TimePoint[]): number | null {
  const [first, last] = [points[0], points.at(-1)];
  return first === undefined || last === undefined || points.length < 2 ? null : last.value - first.value;
}

const USUAL_STEP = 0.01;

/** The step of the price axis: the largest decimal one that a tick is a multiple of, so that its labels have few digits. */
export function axisStepOf(tick: number | null): number {
  return tick === null ? USUAL_STEP : Number((10 ** Math.floor(Math.log10(tick))).toFixed(6));
}
