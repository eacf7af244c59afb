import { type MicroUsdc, negate } from '../money';
import { defined, mapMetric, type Metric, undefinedMetric } from './metric';
import { sum } from './statistics';
import { DAY_MS } from './time';

const DAYS_A_YEAR = 365;
/** Rates a year are not told of less than this: they would be guesses. */
export const LEAST_DAYS_FOR_YEARLY = 30;

/** Equity at one moment, and the money that came in (negative: went out) just after it. */
export interface EquityPoint {
  at: Date;
  /** Before the flow; null while a position had no price. */
  equity: MicroUsdc | null;
  flow: MicroUsdc;
}

/** Money that came in (negative: went out) from outside. */
export interface ExternalFlow {
  at: Date;
  amount: MicroUsdc;
}

/**
 * Time-weighted return: product over the stretches between external flows of E_end / (E_start + flow at the start), less 1.
 * Undefined while a boundary is unpriced, and when a stretch begins with nothing: never 0 for that.
 * @param points ascending in time; only the first, the last and those with a flow matter
 */
export function timeWeightedReturn(points: readonly EquityPoint[]): Metric {
  const last = points.at(-1);
  const boundaries = points.filter((point, index) => index === 0 || point.flow !== 0n || point === last);
  if (boundaries.length < 2) return undefinedMetric('no_history', 'A return needs equity at two moments.');
  let growth = 1;
  for (const [index, end] of boundaries.entries()) {
    const start = boundaries[index - 1];
    if (start === undefined) continue;
    if (start.equity === null || end.equity === null) {
      const at = start.equity === null ? start.at : end.at;
      return undefinedMetric(
        'unpriced',
        `A position had no price at ${at.toISOString()}, where a stretch begins or ends.`,
      );
    }
    const invested = start.equity + start.flow;
    if (invested <= 0n) {
      return undefinedMetric('equity_not_positive', `Equity was not above 0 at ${start.at.toISOString()}.`);
    }
    growth *= Number(end.equity) / Number(invested);
  }
  return defined(growth - 1);
}

/** Simple return: (E - net deposits) / net deposits. */
export function simpleReturn(equity: Metric<MicroUsdc>, netDeposits: MicroUsdc): Metric {
  return mapMetric(equity, (value) =>
    netDeposits <= 0n
      ? undefinedMetric('no_deposits', 'There are no deposits to hold the result against.')
      : defined(Number(value - netDeposits) / Number(netDeposits)),
  );
}

/** A return over some days as a rate a year: (1 + return)^(365 / days) - 1. From 30 days on. */
export function annualised(periodReturn: Metric, days: number): Metric {
  return mapMetric(periodReturn, (value) =>
    days < LEAST_DAYS_FOR_YEARLY ? tooShort(days) : defined((1 + value) ** (DAYS_A_YEAR / days) - 1),
  );
}

const SMALLEST_RATE = -0.999_999;
const LARGEST_RATE = 1e9;
const HALVINGS = 200;

/**
 * Money-weighted return (XIRR): the yearly rate r at which the flows in and the final equity have a present value of 0,
 * sum(flow / (1 + r)^(days / 365)) = equity / (1 + r)^(days / 365). From 30 days on, by halving; undefined without one rate.
 * @param flows in any order; positive is a deposit
 */
export function moneyWeightedReturn(flows: readonly ExternalFlow[], equity: Metric<MicroUsdc>, at: Date): Metric {
  return mapMetric(equity, (value) => {
    const begin = Math.min(...flows.map((flow) => flow.at.getTime()));
    if (flows.length === 0) return undefinedMetric('no_deposits', 'There are no deposits to hold the result against.');
    const days = (at.getTime() - begin) / DAY_MS;
    if (days < LEAST_DAYS_FOR_YEARLY) return tooShort(days);
    const terms = [...flows, { at, amount: negate(value) }].map((flow) => ({
      years: (flow.at.getTime() - begin) / DAY_MS / DAYS_A_YEAR,
      amount: Number(flow.amount),
    }));
    const presentValue = (rate: number): number => sum(terms.map(({ years, amount }) => amount / (1 + rate) ** years));
    let low = SMALLEST_RATE;
    let high = LARGEST_RATE;
    const atLow = presentValue(low);
    if (!(Math.sign(atLow) * Math.sign(presentValue(high)) < 0)) {
      return undefinedMetric('no_solution', 'No yearly rate explains these deposits, withdrawals and this equity.');
    }
    for (let step = 0; step < HALVINGS; step += 1) {
      const middle = (low + high) / 2;
      if (middle === low || middle === high) break;
      if (Math.sign(presentValue(middle)) === Math.sign(atLow)) low = middle;
      else high = middle;
    }
    return defined((low + high) / 2);
  });
}

/** The return of one UTC day. */
export interface DailyReturn {
  /** Its first moment. */
  day: Date;
  value: number;
}

/**
 * Returns of complete UTC days, each the time-weighted return from one midnight to the next. Equity at a midnight is that of the last point of the day
 * before it, or of a point at midnight itself; a midnight without one, or with an unknown equity, leaves the days on both sides without a return. The days
 * a run begins and ends in are not complete.
 * @param points ascending in time
 */
export function dailyReturns(points: readonly EquityPoint[]): DailyReturn[] {
  const end = points.at(-1)?.at.getTime() ?? 0;
  const closes = new Map<number, number>();
  for (const [index, point] of points.entries()) {
    const midnight = Math.ceil(point.at.getTime() / DAY_MS) * DAY_MS;
    if (midnight <= end) closes.set(midnight, index);
  }
  const returns: DailyReturn[] = [];
  for (const [midnight, first] of closes) {
    const last = closes.get(midnight + DAY_MS);
    if (last === undefined) continue;
    const { value } = timeWeightedReturn(points.slice(first, last + 1));
    if (value !== null) returns.push({ day: new Date(midnight), value });
  }
  return returns;
}

function tooShort(days: number): Metric {
  return undefinedMetric(
    'too_short',
    `A rate a year needs ${LEAST_DAYS_FOR_YEARLY} days; there are ${Math.max(0, Math.floor(days))}.`,
  );
}
