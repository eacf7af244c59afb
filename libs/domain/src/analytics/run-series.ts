import type { PricePoint } from '../market';
import { type MicroPrice, microUsdc, notional } from '../money';
import type { PositionPoint, SeriesPoint } from './report';
import type { RunHistory, RunStep, TokenStep } from './run-history';
import { DAY_MS } from './time';

/** A price counts until the next one, and for this long at most, milliseconds: an answer may take days after trading ended. */
export const PRICE_CARRIED_MS = 7 * DAY_MS;

/** What is known of a token's price over time, strictly ascending. */
export type PriceSeries = readonly PricePoint[];

/** Joins two series; of two prices at one time that of the second counts. */
export function joinPrices(first: PriceSeries, second: PriceSeries): PriceSeries {
  if (first.length === 0) return second;
  if (second.length === 0) return first;
  const joined: PricePoint[] = [];
  let next = 0;
  for (const point of second) {
    for (let other = first[next]; other !== undefined && other.t <= point.t; other = first[next]) {
      if (other.t < point.t) joined.push(other);
      next += 1;
    }
    joined.push(point);
  }
  return [...joined, ...first.slice(next)];
}

/** The last price known at a moment, and when it was; null where none is, or it is too old to be carried. */
export function priceAt(prices: PriceSeries, moment: Date): PricePoint | null {
  const at = moment.getTime() / 1_000;
  const known = prices.findLast(({ t }) => t <= at);
  return known === undefined || (at - known.t) * 1_000 > PRICE_CARRIED_MS ? null : known;
}

/** A run at the points of a grid. */
export interface RunSeries {
  points: SeriesPoint[];
  /** By token id: from the first point at which shares had been held, to the first point at which none are left. */
  positions: Map<string, PositionPoint[]>;
}

/** Points kept of all positions together when nothing else is said. */
const MOST_POSITION_POINTS = 400_000;

/** Totals of the tokens at one point. */
interface Tally {
  value: bigint;
  unrealised: bigint;
  unpriced: number;
}

/**
 * Values a run at each point of a grid, marks taken from price series: one walk over each token's steps and prices. A token held without a price is in no
 * value, makes the equity of that point unknown, and is never valued at 0.
 * @param grid ascending moments
 * @param pricesOf the series of a token; an empty one where nothing is known
 * @param mostPositionPoints how many points of all positions together are kept, about: of longer ones every second, third ... and the last
 */
export function sampleRun(
  history: RunHistory,
  grid: readonly Date[],
  pricesOf: (tokenId: string) => PriceSeries,
  mostPositionPoints = MOST_POSITION_POINTS,
): RunSeries {
  const every = Math.max(1, Math.ceil((history.tokens.size * grid.length) / mostPositionPoints));
  const tallies = grid.map((): Tally => ({ value: 0n, unrealised: 0n, unpriced: 0 }));
  const positions = new Map<string, PositionPoint[]>();
  for (const [tokenId, steps] of history.tokens) {
    positions.set(tokenId, samplePosition(steps, grid, pricesOf(tokenId), tallies, every));
  }
  const stepAt = latest(history.steps, ({ at }) => at.getTime());
  const points = grid.flatMap((at, index): SeriesPoint | [] => {
    const step = stepAt(at.getTime());
    const tally = tallies[index];
    return step === null || tally === undefined ? [] : seriesPoint(at, step, tally);
  });
  return { points, positions };
}

/** The point of a run at a moment whose positions are worth what a tally says. */
function seriesPoint(at: Date, step: RunStep, { value, unrealised, unpriced }: Tally): SeriesPoint {
  const { cash, reserved, owed, realised, fees } = step;
  const isPriced = unpriced === 0;
  return {
    at,
    cash,
    reserved,
    owed,
    positionsValue: microUsdc(value),
    unrealised: microUsdc(unrealised),
    realised,
    fees,
    unpriced,
    equity: isPriced ? microUsdc(cash + reserved - owed + value) : null,
    totalPnl: isPriced ? microUsdc(realised - fees + unrealised) : null,
  };
}

/** Tokens of which shares were held at one of some moments. @param moments ascending */
export function tokensHeldAt(history: RunHistory, moments: readonly Date[]): Set<string> {
  const held = new Set<string>();
  for (const [tokenId, steps] of history.tokens) {
    const stepAt = latest(steps, ({ at }) => at.getTime());
    if (moments.some((at) => (stepAt(at.getTime())?.quantity ?? 0n) > 0n)) held.add(tokenId);
  }
  return held;
}

function samplePosition(
  steps: readonly TokenStep[],
  grid: readonly Date[],
  prices: PriceSeries,
  tallies: readonly Tally[],
  every: number,
): PositionPoint[] {
  const points: PositionPoint[] = [];
  const stepAt = latest(steps, ({ at }) => at.getTime());
  const priceBy = latest(prices, ({ t }) => t * 1_000);
  const lastStep = steps.at(-1);
  for (const [index, at] of grid.entries()) {
    const moment = at.getTime();
    const step = stepAt(moment);
    const tally = tallies[index];
    if (step === null || tally === undefined) continue;
    const known = priceBy(moment);
    const price = known === null || moment - known.t * 1_000 > PRICE_CARRIED_MS ? null : known.p;
    const point = positionPoint(at, step, price, tally);
    const isClosed = step === lastStep && step.quantity === 0n;
    if (index % every === 0 || isClosed || index === grid.length - 1) points.push(point);
    if (isClosed) break;
  }
  return points;
}

function positionPoint(at: Date, step: TokenStep, price: MicroPrice | null, tally: Tally): PositionPoint {
  const earned = step.realised - step.fees;
  if (step.quantity === 0n) return { at, price, unrealised: microUsdc(0n), totalPnl: microUsdc(earned) };
  if (price === null) {
    tally.unpriced += 1;
    return { at, price, unrealised: null, totalPnl: null };
  }
  const value = notional(price, step.quantity, 'down');
  const unrealised = value - step.cost;
  tally.value += value;
  tally.unrealised += unrealised;
  return { at, price, unrealised: microUsdc(unrealised), totalPnl: microUsdc(earned + unrealised) };
}

/** Finds the last item at or before moments that are asked for in ascending order; null before the first item. */
function latest<T>(items: readonly T[], momentOf: (item: T) => number): (moment: number) => T | null {
  let next = 0;
  let last: T | null = null;
  return (moment) => {
    for (let item = items[next]; item !== undefined && momentOf(item) <= moment; item = items[next]) {
      last = item;
      next += 1;
    }
    return last;
  };
}

/**
 * The moments of a series: every multiple of the step since midnight UTC after the beginning, and the end. The beginning is the first one.
 * @param mostPoints only the latest are kept; from 2
 */
export function seriesGrid(from: Date, to: Date, stepMs: number, mostPoints: number): Date[] {
  const begin = from.getTime();
  const end = to.getTime();
  if (begin >= end) return [to];
  const grid: Date[] = [];
  const most = Math.max(2, mostPoints);
  // Multiples counted from the midnight of each day: a step that does not divide the day begins anew.
  for (let midnight = Math.floor(end / DAY_MS) * DAY_MS; grid.length < most; midnight -= DAY_MS) {
    const last = Math.min(end - 1, midnight + DAY_MS - 1);
    for (let at = midnight + Math.floor((last - midnight) / stepMs) * stepMs; at >= midnight; at -= stepMs) {
      if (at <= begin || grid.length >= most) break;
      grid.push(new Date(at));
    }
    if (midnight <= begin) break;
  }
  const isWhole = grid.length < most;
  return [...(isWhole ? [from] : []), ...grid.reverse(), to].slice(-most);
}
