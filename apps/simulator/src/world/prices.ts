import { hash2, hash3, unit } from './random';
import { type MarketState, phaseAt } from './market-state';

/**
 * The price of any market at any moment, computed on demand: a sum of smooth noises in log-odds whose sizes grow with the square root
 * of their period, which wanders like a random walk and needs no state. Only the first outcome is modelled; the second is 1 - p.
 */

const MICRO = 1_000_000;
const DAY = 86_400;
const PERIODS = [40 * DAY, 12 * DAY, 4 * DAY, 1.3 * DAY, 36_000, 10_800, 3_600, 1_200, 300, 60] as const;

function smooth(seed: number, octave: number, position: number): number {
  const cell = Math.floor(position);
  const at = position - cell;
  const left = unit(hash3(seed, octave, cell)) - 0.5;
  const right = unit(hash3(seed, octave, cell + 1)) - 0.5;
  return left + (right - left) * at * at * (3 - 2 * at);
}

/** Start of the step a moment lies in: the moment the price last moved. Never after the market closed. */
export function stepStart(market: MarketState, at: number): number {
  const until = Math.min(at, market.closeAt);
  const offset = market.seed % market.stepSeconds;
  return Math.max(
    market.openAt,
    until - ((((until - offset) % market.stepSeconds) + market.stepSeconds) % market.stepSeconds),
  );
}

/** Log-odds a market ends at, where it has an end to go to. */
function targetLogit(market: MarketState): number | null {
  switch (market.payout) {
    case 'none':
      return null;
    case 'split':
      return 0;
    default:
      return market.payout === 0 ? 6.5 : -6.5;
  }
}

/** Returns the fair price of the first outcome, micro-units, strictly between 0 and 1. */
export function fairPrice(market: MarketState, at: number): number {
  if (market.fixedPriceMicro !== null && at >= market.touchedAt) return market.fixedPriceMicro;
  const time = stepStart(market, at);
  let logit = market.baseLogit;
  for (let octave = 0; octave < PERIODS.length; octave += 1) {
    const period = PERIODS[octave] ?? DAY;
    if (period < market.stepSeconds) break;
    logit += market.volatility * 1.8 * Math.sqrt(period / DAY) * smooth(market.seed, octave, time / period);
  }
  const target = targetLogit(market);
  if (target !== null && market.closeAt !== Infinity) {
    const approach = Math.max(60, Math.min(3 * DAY, (market.closeAt - market.openAt) * 0.3));
    const near = Math.min(1, Math.max(0, 1 - (market.closeAt - time) / approach));
    logit += (target - logit) * near * near;
  }
  return Math.min(MICRO - 100, Math.max(100, Math.round(MICRO / (1 + Math.exp(-logit)))));
}

/** Top of the first outcome's book and the prices shown; micro-units. */
export interface Quote {
  bid: number | null;
  ask: number | null;
  /** Midpoint; a missing side counts as 0 or 1, as the venue's display does. */
  mid: number;
  last: number;
}

export function quoteAt(market: MarketState, at: number): Quote {
  const tick = market.tickMicro;
  const ticks = MICRO / tick;
  const spread = 1 + (hash2(market.seed, 7) % 3);
  const fair = fairPrice(market, at) / tick;
  const bidTicks = Math.min(ticks - 1, Math.round(fair - spread / 2));
  const askTicks = Math.max(1, bidTicks + spread);
  const bid = market.noBids || bidTicks < 1 ? null : bidTicks * tick;
  const ask = askTicks > ticks - 1 ? null : askTicks * tick;
  const mid = ((bid ?? 0) + (ask ?? MICRO)) / 2;
  const sold = (hash3(market.seed, 11, stepStart(market, at)) & 1) === 0;
  const last = sold ? (bid ?? ask ?? mid) : (ask ?? bid ?? mid);
  return { bid, ask, mid, last };
}

export interface HistoryPoint {
  t: number;
  p: number;
}

/**
 * Returns the series of one outcome between two moments, one point a `grain` seconds, a few seconds off the grid, with holes, and an
 * extra last point at `to` when that is now; never before the market opened nor after it closed.
 * @param grain seconds, at least 60
 */
export function priceSeries(
  market: MarketState,
  outcome: number,
  range: { from: number; to: number; grain: number; now: number },
): HistoryPoint[] {
  if (phaseAt(market, range.now) === 'unopened' || market.shape !== 'standard') return [];
  const from = Math.max(range.from, market.openAt);
  const to = Math.min(range.to, range.now, market.closeAt);
  const points: HistoryPoint[] = [];
  const point = (t: number): void => {
    const first = quoteAt(market, t).mid;
    points.push({ t, p: (outcome === 0 ? first : MICRO - first) / MICRO });
  };
  for (let slot = Math.ceil(from / range.grain) * range.grain; slot <= to; slot += range.grain) {
    const noise = hash2(market.seed ^ outcome, slot);
    if (noise % 97 === 0) continue;
    const t = slot + (noise % 5);
    if (t <= to) point(t);
  }
  const lastPoint = points.at(-1);
  if (to >= from && (lastPoint === undefined || lastPoint.t < to)) point(Math.floor(to));
  return points;
}
