import { defined, type Metric, undefinedMetric } from './metric';
import type { Calibration, CalibrationBin, ForecastQuality } from './report';
import { sum, wilsonInterval } from './statistics';

/** A probability given for an outcome that has been decided. Probabilities and payouts are 0..1. */
export interface ResolvedForecast {
  /** What its owner said; null where nothing was said, and `price` stands in. */
  stated: number | null;
  /** Price paid for the outcome. */
  price: number;
  /** Midpoint at the same instant; null when a side of the book was empty. */
  market: number | null;
  /** What the outcome paid: 0, 0.5 or 1. */
  outcome: number;
  /** Shares bought, > 0. */
  weight: number;
}

/** Log scores keep forecasts this far from 0 and 1. */
export const LOG_SCORE_CLIP = 0.001;

const forecastOf = ({ stated, price }: ResolvedForecast): number => stated ?? price;

function weightedMean(forecasts: readonly ResolvedForecast[], valueOf: (one: ResolvedForecast) => number): number {
  return sum(forecasts.map((one) => one.weight * valueOf(one))) / sum(forecasts.map(({ weight }) => weight));
}

const NOTHING_RESOLVED = undefinedMetric('nothing_resolved', 'No market that was bought in has paid yet.');

/** Brier score: sum of w (o - f)^2 / sum of w. 0 is perfect, 1 as wrong as can be. */
export function brierScore(forecasts: readonly ResolvedForecast[]): Metric {
  if (forecasts.length === 0) return NOTHING_RESOLVED;
  return defined(weightedMean(forecasts, (one) => (one.outcome - forecastOf(one)) ** 2));
}

/** Log score: mean by weight of o ln f + (1 - o) ln(1 - f), f kept within 0.001 to 0.999. 0 is perfect, lower is worse. */
export function logScore(forecasts: readonly ResolvedForecast[]): Metric {
  if (forecasts.length === 0) return NOTHING_RESOLVED;
  return defined(
    weightedMean(forecasts, (one) => {
      const forecast = Math.min(1 - LOG_SCORE_CLIP, Math.max(LOG_SCORE_CLIP, forecastOf(one)));
      return one.outcome * Math.log(forecast) + (1 - one.outcome) * Math.log(1 - forecast);
    }),
  );
}

/** Skill: 1 - Brier score / Brier score of the market midpoint, over the forecasts made where there was one. Above 0 is better than the market. */
export function skillVsMarket(forecasts: readonly ResolvedForecast[]): Metric {
  if (forecasts.length === 0) return NOTHING_RESOLVED;
  const beside = forecasts.flatMap(({ market, ...one }) => (market === null ? [] : { ...one, market }));
  if (beside.length === 0) return undefinedMetric('no_midpoint', 'No forecast was made while there was a midpoint.');
  const market = brierScore(beside.map((one) => ({ ...one, stated: one.market })));
  const own = brierScore(beside);
  if (market.value === null || own.value === null) return NOTHING_RESOLVED;
  if (market.value === 0) return undefinedMetric('market_exact', 'The market was exactly right each time.');
  return defined(1 - own.value / market.value);
}

/** Centres of the bins of a calibration, percent; a forecast belongs to the nearest. The scale that prediction markets publish theirs on. */
const CENTRES = [1, 3, 5, 10, 15, 20, 25, 30, 35, 40, 45, 50, 55, 60, 65, 70, 75, 80, 85, 90, 95, 97, 99];
/** Where the bins end: half-way between their centres. */
const EDGES = [0, ...CENTRES.slice(1).map((centre, index) => ((CENTRES[index] ?? 0) + centre) / 200), 1];

function binOf(forecast: number): number {
  const above = EDGES.findIndex((edge, index) => index > 0 && forecast < edge);
  return above === -1 ? CENTRES.length - 1 : above - 1;
}

/**
 * Calibration: forecasts by bin, with how often they came true. Expected calibration error: sum of w_b / W |observed - mean forecast|. Murphy's parts, over the
 * bins: reliability = sum of w_b / W (mean forecast - observed)^2, resolution = sum of w_b / W (observed - overall)^2, uncertainty = variance of the outcomes;
 * with every forecast at the mean of its bin, Brier score = reliability - resolution + uncertainty.
 */
export function calibration(forecasts: readonly ResolvedForecast[]): Metric<Calibration> {
  if (forecasts.length === 0) return NOTHING_RESOLVED;
  const byBin = new Map<number, ResolvedForecast[]>();
  for (const one of forecasts) {
    const index = binOf(forecastOf(one));
    const others = byBin.get(index);
    if (others === undefined) byBin.set(index, [one]);
    else others.push(one);
  }
  const bins = [...byBin].sort(([a], [b]) => a - b).map(([index, members]) => calibrationBin(index, members));
  const overall = weightedMean(forecasts, ({ outcome }) => outcome);
  const total = sum(bins.map(({ weight }) => weight));
  const over = (valueOf: (bin: CalibrationBin) => number): number =>
    sum(bins.map((bin) => bin.weight * valueOf(bin))) / total;
  return defined({
    bins,
    expectedCalibrationError: over(({ observedRate, meanForecast }) => Math.abs(observedRate - meanForecast)),
    reliability: over(({ observedRate, meanForecast }) => (meanForecast - observedRate) ** 2),
    resolution: over(({ observedRate }) => (observedRate - overall) ** 2),
    uncertainty: weightedMean(forecasts, ({ outcome }) => (outcome - overall) ** 2),
  });
}

function calibrationBin(index: number, members: readonly ResolvedForecast[]): CalibrationBin {
  const observedRate = weightedMean(members, ({ outcome }) => outcome);
  return {
    from: EDGES[index] ?? 0,
    to: EDGES[index + 1] ?? 1,
    count: members.length,
    weight: sum(members.map(({ weight }) => weight)),
    meanForecast: weightedMean(members, forecastOf),
    observedRate,
    ...wilsonInterval(observedRate * members.length, members.length),
  };
}

/** How good forecasts were, by every measure. Without stated forecasts the measures describe the prices paid. */
export function forecastQuality(forecasts: readonly ResolvedForecast[]): ForecastQuality {
  const stated = forecasts.filter((one) => one.stated !== null).length;
  return {
    basis: stated === 0 ? 'prices_paid' : stated === forecasts.length ? 'stated_forecasts' : 'mixed',
    count: forecasts.length,
    brier: brierScore(forecasts),
    logScore: logScore(forecasts),
    skillVsMarket: skillVsMarket(forecasts),
    calibration: calibration(forecasts),
  };
}
