/** Statistics over plain numbers: ratios and returns, never money. */

/** Sum of numbers of mixed magnitude, the lost low-order parts carried along (Neumaier), so that the order they come in does not show. */
export function sum(values: readonly number[]): number {
  let total = 0;
  let lost = 0;
  for (const value of values) {
    const next = total + value;
    lost += Math.abs(total) >= Math.abs(value) ? total - next + value : value - next + total;
    total = next;
  }
  return total + lost;
}

/** Arithmetic mean; NaN of nothing. */
export function mean(values: readonly number[]): number {
  return sum(values) / values.length;
}

/** Standard deviation of a sample: squared deviations over n - 1. NaN below two values. */
export function sampleDeviation(values: readonly number[]): number {
  const centre = mean(values);
  return Math.sqrt(sum(values.map((value) => (value - centre) ** 2)) / (values.length - 1));
}

/** Third and fourth standardised moments (population): 0 and 3 for a normal distribution. Null without variation. */
export function standardisedMoments(values: readonly number[]): { skewness: number; kurtosis: number } | null {
  const centre = mean(values);
  const moment = (power: number): number => mean(values.map((value) => (value - centre) ** power));
  const variance = moment(2);
  if (!(variance > 0)) return null;
  return { skewness: moment(3) / variance ** 1.5, kurtosis: moment(4) / variance ** 2 };
}

/**
 * Probability that a standard normal value is at most `z`; exact to seven decimals.
 * Source: Abramowitz and Stegun, Handbook of Mathematical Functions, 26.2.17.
 */
export function normalCdf(z: number): number {
  const x = Math.abs(z);
  const t = 1 / (1 + 0.2316419 * x);
  const series = t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  const tail = (Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI)) * series;
  return z >= 0 ? 1 - tail : tail;
}

/** z of a two-sided 95% interval of the normal distribution. */
export const Z_95 = 1.959963984540054;

/**
 * Wilson score interval of a proportion, at 95%.
 * @param successes may be fractional where an outcome paid half   @param count > 0
 */
export function wilsonInterval(successes: number, count: number): { low: number; high: number } {
  const rate = successes / count;
  const z2 = Z_95 * Z_95;
  const centre = rate + z2 / (2 * count);
  const spread = Z_95 * Math.sqrt((rate * (1 - rate)) / count + z2 / (4 * count * count));
  const scale = 1 + z2 / count;
  return { low: Math.max(0, (centre - spread) / scale), high: Math.min(1, (centre + spread) / scale) };
}
