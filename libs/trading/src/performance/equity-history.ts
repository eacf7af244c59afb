import {
  type EquitySnapshot,
  microUsdc,
  sampleRun,
  seriesGrid,
  type SeriesPoint,
  tokensHeldAt,
  type Valuation,
} from '@app/domain';
import type { ReadRun } from './run-reader';
import type { RunPrices } from './run-prices';

const HOUR_MS = 3_600_000;
/** The grain of prices that hourly equity is made of where no snapshot was taken, minutes. */
export const HOURLY_GRAIN_MINUTES = 60;
/** Hours of a run that are looked at: over two years. */
const MOST_HOURS = 20_000;

/** Snapshots by their moment, as points; those with an unpriced position say less than what can be made up for them. */
export class SnapshotPoints {
  private readonly points: ReadonlyMap<number, SeriesPoint>;

  constructor(snapshots: readonly EquitySnapshot[]) {
    this.points = new Map(
      snapshots
        .filter(({ kind, unpriced }) => kind === 'scheduled' && unpriced === 0)
        .map((snapshot) => [snapshot.at.getTime(), snapshotPoint(snapshot)]),
    );
  }

  at(moment: Date): SeriesPoint | undefined {
    return this.points.get(moment.getTime());
  }

  /** Returns points with snapshots in place of what was made up. */
  over(points: readonly SeriesPoint[]): SeriesPoint[] {
    return points.map((point) => this.at(point.at) ?? point);
  }
}

/**
 * The equity of a run hour by hour, and at the moment of the report: what every statistic of return and risk is made of, whatever is shown. Snapshots where
 * they were taken; elsewhere the ledger valued at past prices; at the end the valuation.
 */
export async function hourlyEquity(
  { history, startedAt, asOf }: ReadRun,
  snapshots: SnapshotPoints,
  prices: RunPrices,
  valuation: Valuation,
): Promise<SeriesPoint[]> {
  const grid = seriesGrid(startedAt, asOf, HOUR_MS, MOST_HOURS);
  const missing = grid.filter((at, index) => index === grid.length - 1 || snapshots.at(at) === undefined);
  const held = tokensHeldAt(history, missing.slice(0, -1));
  const pricesOf = await prices.load(held, HOURLY_GRAIN_MINUTES, startedAt);
  const madeUp = new Map(sampleRun(history, missing, pricesOf, 1).points.map((point) => [point.at.getTime(), point]));
  return endingWith(
    valuation,
    grid.flatMap((at) => madeUp.get(at.getTime()) ?? snapshots.at(at) ?? []),
  );
}

/** Returns points whose last one is what a valuation says. */
export function endingWith(valuation: Valuation, points: readonly SeriesPoint[]): SeriesPoint[] {
  const { at, cash, reserved, owed, positionsValue, unrealised, realised, fees, unpriced, totalPnl } = valuation;
  const last: SeriesPoint = {
    at: points.at(-1)?.at ?? at,
    cash,
    reserved,
    owed,
    positionsValue,
    unrealised,
    realised,
    fees,
    unpriced,
    equity: valuation.equity.value,
    totalPnl: unpriced === 0 ? totalPnl : null,
  };
  return [...points.slice(0, -1), last];
}

function snapshotPoint(snapshot: EquitySnapshot): SeriesPoint {
  const { at, cash, reserved, owed, positionsValue, cost, realised, fees, unpriced } = snapshot;
  const unrealised = microUsdc(positionsValue - cost);
  return {
    at,
    cash,
    reserved,
    owed,
    positionsValue,
    unrealised,
    realised,
    fees,
    unpriced,
    equity: microUsdc(cash + reserved - owed + positionsValue),
    totalPnl: microUsdc(realised - fees + unrealised),
  };
}

const MOST_HISTORY_POINTS = 2_400;

/** What of an hourly history is shown: all of it, or the points at midnight UTC and the ends once it is longer than 100 days. */
export function shownHistory<Point extends { at: Date }>(points: readonly Point[]): Point[] {
  if (points.length <= MOST_HISTORY_POINTS) return [...points];
  return points.filter(({ at }, index) => {
    const isMidnight = at.getTime() % (24 * HOUR_MS) === 0;
    return index === 0 || index === points.length - 1 || isMidnight;
  });
}
