/** Why a metric has no value. A metric that is undefined is told with one of these, never as 0. */
export const UNDEFINED_REASONS = [
  'no_history',
  'unpriced',
  'no_book',
  'equity_not_positive',
  'no_deposits',
  'too_short',
  'too_few_returns',
  'no_variation',
  'no_downside',
  'no_drawdown',
  'no_solution',
  'nothing_traded',
  'nothing_closed',
  'no_wins',
  'no_losses',
  'no_midpoint',
  'no_later_price',
  'nothing_resolved',
  'market_exact',
] as const;
export type UndefinedReason = (typeof UNDEFINED_REASONS)[number];

/** Why there is no value: a stable word, and a sentence that says what would be needed. */
export interface Undefinedness {
  code: UndefinedReason;
  message: string;
}

/** A value, or why there is none. Ratios and statistics are `number`; amounts of money are `bigint` micro-units. */
export type Metric<T = number> =
  { value: T; undefinedBecause: null } | { value: null; undefinedBecause: Undefinedness };

export function defined<T>(value: T): Metric<T> {
  return { value, undefinedBecause: null };
}

export function undefinedMetric(
  code: UndefinedReason,
  message: string,
): { value: null; undefinedBecause: Undefinedness } {
  return { value: null, undefinedBecause: { code, message } };
}

/** Applies a function to the value of a metric; one without a value keeps its reason. */
export function mapMetric<T, R>(metric: Metric<T>, then: (value: T) => Metric<R>): Metric<R> {
  return metric.undefinedBecause === null ? then(metric.value) : metric;
}
