import { MICRO, microUsdc, type MicroUsdc } from '../money';
import { defined, undefinedMetric } from './metric';
import {
  annualised,
  dailyReturns,
  type EquityPoint,
  moneyWeightedReturn,
  simpleReturn,
  timeWeightedReturn,
} from './returns';

const usdc = (amount: number): MicroUsdc => microUsdc(BigInt(Math.round(amount * 1e6)));
const at = (text: string): Date => new Date(`${text}Z`);
const point = (time: string, equity: number | null, flow = 0): EquityPoint => ({
  at: at(time),
  equity: equity === null ? null : usdc(equity),
  flow: usdc(flow),
});

describe('time-weighted return', () => {
  it('does not count money that came in as a gain: 1.1 x 1.1 - 1', () => {
    const points = [
      point('2026-01-01T00:00:00', 0, 1_000),
      // 1000 became 1100, then 500 came in: 1600.
      point('2026-01-11T00:00:00', 1_100, 500),
      point('2026-01-15T00:00:00', 1_500),
      // 1600 became 1760.
      point('2026-01-21T00:00:00', 1_760),
    ];
    expect(timeWeightedReturn(points).value).toBeCloseTo(0.21, 12);
    // The same account by the simple return: 1760 of 1500 paid in.
    expect(simpleReturn(defined(usdc(1_760)), usdc(1_500)).value).toBeCloseTo(0.173333, 6);
  });

  it('does not count money that went out as a loss', () => {
    const points = [
      point('2026-01-01T00:00:00', 0, 1_000),
      point('2026-01-02T00:00:00', 1_000, -900),
      point('2026-01-03T00:00:00', 90),
    ];
    expect(timeWeightedReturn(points).value).toBeCloseTo(-0.1, 12);
  });

  it('may lack a price between flows, not at one', () => {
    const between = [
      point('2026-01-01T00:00:00', 0, 100),
      point('2026-01-02T00:00:00', null),
      point('2026-01-03T00:00:00', 110),
    ];
    expect(timeWeightedReturn(between).value).toBeCloseTo(0.1, 12);
    const atFlow = [between[0], point('2026-01-02T00:00:00', null, 50), between[2]].flatMap((one) => one ?? []);
    expect(timeWeightedReturn(atFlow)).toMatchObject({ value: null, undefinedBecause: { code: 'unpriced' } });
  });

  it('is undefined, not 0, when a stretch begins with nothing', () => {
    const points = [
      point('2026-01-01T00:00:00', 0, 100),
      point('2026-01-02T00:00:00', 100, -100),
      point('2026-01-03T00:00:00', 0),
    ];
    expect(timeWeightedReturn(points)).toMatchObject({
      value: null,
      undefinedBecause: { code: 'equity_not_positive' },
    });
  });

  it('is undefined without two moments', () => {
    expect(timeWeightedReturn([])).toMatchObject({ value: null, undefinedBecause: { code: 'no_history' } });
    expect(timeWeightedReturn([point('2026-01-01T00:00:00', 100)])).toMatchObject({ value: null });
  });
});

describe('simple return', () => {
  it('is undefined without deposits, and while equity is', () => {
    expect(simpleReturn(defined(usdc(5)), usdc(0))).toMatchObject({ undefinedBecause: { code: 'no_deposits' } });
    const unpriced = undefinedMetric('unpriced', 'One position has no price.');
    expect(simpleReturn(unpriced, usdc(100))).toEqual(unpriced);
  });
});

describe('money-weighted return', () => {
  it('is ten percent for 1000 that became 1100 in a year', () => {
    const flows = [{ at: at('2025-01-01T00:00:00'), amount: usdc(1_000) }];
    expect(moneyWeightedReturn(flows, defined(usdc(1_100)), at('2026-01-01T00:00:00')).value).toBeCloseTo(0.1, 9);
  });

  it('weighs a deposit by its time: 1000 x 1.21 + 1000 x 1.1 = 2310', () => {
    const flows = [
      { at: at('2025-01-01T00:00:00'), amount: usdc(1_000) },
      // Half of 365 days later.
      { at: at('2025-07-02T12:00:00'), amount: usdc(1_000) },
    ];
    expect(moneyWeightedReturn(flows, defined(usdc(2_310)), at('2026-01-01T00:00:00')).value).toBeCloseTo(0.21, 9);
  });

  it('is left out under 30 days', () => {
    const flows = [{ at: at('2026-01-01T00:00:00'), amount: usdc(1_000) }];
    const ask = (text: string): unknown => moneyWeightedReturn(flows, defined(usdc(1_010)), at(text));
    expect(ask('2026-01-30T23:59:59')).toMatchObject({
      value: null,
      undefinedBecause: { code: 'too_short', message: 'A rate a year needs 30 days; there are 29.' },
    });
    expect(ask('2026-01-31T00:00:00')).toMatchObject({ undefinedBecause: null });
  });

  it('has no rate for money that is all gone', () => {
    const flows = [{ at: at('2025-01-01T00:00:00'), amount: usdc(1_000) }];
    expect(moneyWeightedReturn(flows, defined(usdc(0)), at('2026-01-01T00:00:00'))).toMatchObject({
      value: null,
      undefinedBecause: { code: 'no_solution' },
    });
    expect(moneyWeightedReturn([], defined(usdc(0)), at('2026-01-01T00:00:00'))).toMatchObject({
      undefinedBecause: { code: 'no_deposits' },
    });
  });
});

describe('a return as a rate a year', () => {
  it('compounds: ten percent in 73 days are 1.1^5 - 1', () => {
    expect(annualised(defined(0.1), 73).value).toBeCloseTo(0.61051, 9);
    expect(annualised(defined(0.1), 29.9)).toMatchObject({ value: null, undefinedBecause: { code: 'too_short' } });
  });
});

describe('daily returns', () => {
  const days = (points: readonly EquityPoint[]): [string, number][] =>
    dailyReturns(points).map(({ day, value }) => [day.toISOString().slice(0, 10), Number(value.toFixed(9))]);

  it('go from midnight to midnight, and leave out the days a run begins and ends in', () => {
    const points = [
      point('2026-01-01T09:00:00', 0, 1_000),
      point('2026-01-01T09:00:00', 1_000),
      point('2026-01-02T00:00:00', 1_010),
      point('2026-01-02T13:00:00', 900),
      point('2026-01-03T00:00:00', 1_020.1),
      point('2026-01-04T00:00:00', 1_009.899),
      point('2026-01-04T12:00:00', 2_000),
    ];
    expect(days(points)).toEqual([
      ['2026-01-02', 0.01],
      ['2026-01-03', -0.01],
    ]);
  });

  it('take the last point of a day where none is at midnight', () => {
    const points = [
      point('2026-01-01T23:55:00', 100),
      point('2026-01-02T23:50:00', 110),
      point('2026-01-03T23:00:00', 99),
      point('2026-01-04T01:00:00', 99),
    ];
    expect(days(points)).toEqual([
      ['2026-01-02', 0.1],
      ['2026-01-03', -0.1],
    ]);
  });

  it('do not count money that came in during the day', () => {
    const points = [
      point('2026-01-02T00:00:00', 100),
      point('2026-01-02T12:00:00', 110, 100),
      point('2026-01-03T00:00:00', 231),
      point('2026-01-03T01:00:00', 231),
    ];
    expect(days(points)).toEqual([['2026-01-02', 0.21]]);
  });

  it('lack the days beside a midnight that is unknown', () => {
    const points = [
      point('2026-01-02T00:00:00', 100),
      point('2026-01-03T00:00:00', null),
      point('2026-01-04T00:00:00', 120),
      // Nothing on the 5th.
      point('2026-01-06T00:00:00', 130),
      point('2026-01-07T00:00:00', 143),
      point('2026-01-07T01:00:00', 143),
    ];
    expect(days(points)).toEqual([['2026-01-06', 0.1]]);
  });
});

it('keeps amounts exact: a micro-unit in a billion is told', () => {
  const equity = microUsdc(999_999_999n * MICRO + 1n);
  expect(simpleReturn(defined(equity), microUsdc(999_999_999n * MICRO)).value).toBe(1 / Number(999_999_999n * MICRO));
});
