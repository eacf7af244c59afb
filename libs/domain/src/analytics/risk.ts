import { defined, mapMetric, type Metric, undefinedMetric } from './metric';
import type { Drawdown, DrawdownPoint } from './report';
import type { EquityPoint } from './returns';
import { mean, normalCdf, sampleDeviation, standardisedMoments, sum } from './statistics';

const DAYS_A_YEAR = 365;
/** Daily returns below which a Sharpe ratio says nothing. */
export const LEAST_RETURNS_FOR_SHARPE = 20;
/** Daily returns below which its probability says nothing. */
export const LEAST_RETURNS_FOR_PROBABILITY = 30;
/** A deviation this small beside the mean is what is left of equal numbers after rounding. */
const NO_DEVIATION = 1e-14;

/** Volatility a year: standard deviation of a sample of daily returns x sqrt(365). */
export function volatility(daily: readonly number[]): Metric {
  if (daily.length < 2) return tooFew('Volatility', 2, daily.length);
  return defined(sampleDeviation(daily) * Math.sqrt(DAYS_A_YEAR));
}

/** Sharpe ratio a year: (mean daily return - rf / 365) / standard deviation x sqrt(365). From 20 daily returns on. */
export function sharpeRatio(daily: readonly number[], riskFreeRate = 0): Metric {
  return mapMetric(dailySharpe(daily, riskFreeRate, LEAST_RETURNS_FOR_SHARPE), (ratio) =>
    defined(ratio * Math.sqrt(DAYS_A_YEAR)),
  );
}

/**
 * Sortino ratio a year: (mean daily return - rf / 365) / downside deviation x sqrt(365). The downside deviation is the root of the mean over all days
 * of min(return, 0) squared. From 20 daily returns on.
 */
export function sortinoRatio(daily: readonly number[], riskFreeRate = 0): Metric {
  if (daily.length < LEAST_RETURNS_FOR_SHARPE)
    return tooFew('The Sortino ratio', LEAST_RETURNS_FOR_SHARPE, daily.length);
  const downside = Math.sqrt(sum(daily.map((value) => Math.min(value, 0) ** 2)) / daily.length);
  if (downside === 0) return undefinedMetric('no_downside', 'No day had a negative return.');
  return defined(((mean(daily) - riskFreeRate / DAYS_A_YEAR) / downside) * Math.sqrt(DAYS_A_YEAR));
}

/**
 * Probability that the true Sharpe ratio is above 0: normal distribution at SR sqrt(n - 1) / sqrt(1 - skewness SR + (kurtosis - 1) / 4 SR^2), SR that of
 * one day. From 30 daily returns on. Source: Bailey and Lopez de Prado, The Sharpe Ratio Efficient Frontier (2012).
 */
export function probabilisticSharpe(daily: readonly number[], riskFreeRate = 0): Metric {
  return mapMetric(dailySharpe(daily, riskFreeRate, LEAST_RETURNS_FOR_PROBABILITY), (ratio) => {
    const moments = standardisedMoments(daily);
    const spread = moments === null ? 0 : 1 - moments.skewness * ratio + ((moments.kurtosis - 1) / 4) * ratio * ratio;
    if (!(spread > 0)) return noVariation();
    return defined(normalCdf((ratio * Math.sqrt(daily.length - 1)) / Math.sqrt(spread)));
  });
}

function dailySharpe(daily: readonly number[], riskFreeRate: number, least: number): Metric {
  if (daily.length < least) return tooFew('The Sharpe ratio', least, daily.length);
  const deviation = sampleDeviation(daily);
  const centre = mean(daily);
  if (!(deviation > NO_DEVIATION * Math.max(1, Math.abs(centre)))) return noVariation();
  return defined((centre - riskFreeRate / DAYS_A_YEAR) / deviation);
}

/**
 * How far equity was below its highest so far, (peak - E) / peak, at each point whose equity is known. A flow moves the peak by the same factor as the
 * equity: money taken out is no fall, money paid in no recovery. A time when equity was not above 0 before a flow begins anew.
 * @param points ascending in time
 */
export function drawdowns(points: readonly EquityPoint[]): DrawdownPoint[] {
  return walkDrawdowns(points).map(({ at, depth }) => ({ at, depth }));
}

/** Max drawdown: the largest (peak - E) / peak, 0..1, with when its peak, its trough and the first return to the peak were. */
export function maxDrawdown(points: readonly EquityPoint[]): Metric<Drawdown> {
  const walked = walkDrawdowns(points);
  if (walked.length < 2) return undefinedMetric('no_history', 'A drawdown needs equity at two moments.');
  let trough = walked[0];
  for (const point of walked) if (trough === undefined || point.depth > trough.depth) trough = point;
  if (trough === undefined || trough.depth === 0) {
    return defined({ depth: 0, peakAt: null, troughAt: null, recoveredAt: null });
  }
  const { at: troughAt, depth, peakAt } = trough;
  const recovered = walked.find((point) => point.at > troughAt && point.depth === 0);
  return defined({ depth, peakAt, troughAt, recoveredAt: recovered?.at ?? null });
}

interface WalkedPoint extends DrawdownPoint {
  peakAt: Date;
}

function walkDrawdowns(points: readonly EquityPoint[]): WalkedPoint[] {
  const walked: WalkedPoint[] = [];
  let peak = 0;
  let peakAt: Date | null = null;
  for (const point of points) {
    if (point.equity === null) {
      // What the flow did to equity is not known: the peak after it is not either.
      if (point.flow !== 0n) peakAt = null;
      continue;
    }
    const equity = Number(point.equity);
    if (equity > 0 || peakAt !== null) {
      if (peakAt === null || equity >= peak) {
        peak = equity;
        peakAt = point.at;
      }
      walked.push({ at: point.at, depth: Math.min(1, Math.max(0, (peak - equity) / peak)), peakAt });
    }
    if (point.flow === 0n) continue;
    const after = equity + Number(point.flow);
    if (peakAt === null || equity <= 0 || after <= 0) {
      peak = Math.max(0, after);
      peakAt = after > 0 ? point.at : null;
    } else {
      peak *= after / equity;
    }
  }
  return walked;
}

/** Calmar ratio: time-weighted return a year / max drawdown. */
export function calmarRatio(yearlyReturn: Metric, drawdown: Metric<Drawdown>): Metric {
  return mapMetric(yearlyReturn, (rate) =>
    mapMetric(drawdown, ({ depth }) =>
      depth === 0 ? undefinedMetric('no_drawdown', 'Equity never fell.') : defined(rate / depth),
    ),
  );
}

function tooFew(what: string, least: number, have: number): Metric {
  return undefinedMetric(
    'too_few_returns',
    `${what} needs ${least} daily returns; there ${have === 1 ? 'is' : 'are'} ${have}.`,
  );
}

function noVariation(): Metric {
  return undefinedMetric('no_variation', 'Every day had the same return.');
}
