import fc from 'fast-check';
import { microUsdc } from '../money';
import { brierScore, calibration, logScore, type ResolvedForecast, skillVsMarket } from './forecasts';
import { LotBook, lotStatistics } from './lots';
import { dailyReturns, type EquityPoint, timeWeightedReturn } from './returns';
import { drawdowns, maxDrawdown, probabilisticSharpe, sharpeRatio, sortinoRatio, volatility } from './risk';
import { DAY_MS } from './time';

const amount = fc.bigInt({ min: 1_000_000n, max: 10n ** 12n });
const day = (index: number): Date => new Date(Date.UTC(2026, 0, 1) + index * DAY_MS);
const plain = (values: readonly bigint[]): EquityPoint[] =>
  values.map((value, index) => ({ at: day(index), equity: microUsdc(value), flow: microUsdc(0n) }));
/** How far a ratio is from another, beside itself where it is large; a difference where it may be 0. */
const apart = (one: number, other: number | null): number =>
  one === other ? 0 : ((other ?? NaN) - one) / Math.max(1, Math.abs(one));
const shuffled = <T>(values: readonly T[]): fc.Arbitrary<T[]> =>
  fc.shuffledSubarray([...values], { minLength: values.length });

describe('time-weighted return', () => {
  it('does not depend on what comes in and goes out', () => {
    const growths = fc.array(fc.double({ min: 0.5, max: 2, noNaN: true }), { minLength: 1, maxLength: 20 });
    const flows = fc.array(fc.double({ min: 0.1, max: 10, noNaN: true }), { minLength: 20, maxLength: 20 });
    fc.assert(
      fc.property(growths, flows, (factors, changes) => {
        // What stands after each flow is any multiple of what stood before it.
        let standing = 1_000_000_000_000;
        const points: EquityPoint[] = [{ at: day(0), equity: microUsdc(0n), flow: microUsdc(BigInt(standing)) }];
        for (const [index, factor] of factors.entries()) {
          const equity = Math.max(1, Math.round(standing * factor));
          const after = Math.max(
            1_000_000_000,
            Math.min(1_000_000_000_000_000, Math.round(equity * (changes[index] ?? 1))),
          );
          points.push({
            at: day(index + 1),
            equity: microUsdc(BigInt(equity)),
            flow: microUsdc(BigInt(after) - BigInt(equity)),
          });
          standing = after;
        }
        const expected = factors.reduce((product, factor) => product * factor, 1);
        const { value } = timeWeightedReturn(points);
        expect(((value ?? NaN) + 1) / expected).toBeCloseTo(1, 6);
      }),
    );
  });

  it('is that of the days one after the other', () => {
    fc.assert(
      fc.property(fc.array(amount, { minLength: 3, maxLength: 40 }), (values) => {
        const points = plain(values);
        const product = dailyReturns(points).reduce((growth, { value }) => growth * (1 + value), 1);
        // A fall to a millionth is kept as -1 + 1e-6: it costs up to 1.1e-10 of what is left, and of 39 days at most 20 are such falls.
        expect(product / ((timeWeightedReturn(points).value ?? NaN) + 1)).toBeCloseTo(1, 8);
      }),
    );
  });
});

describe('drawdown', () => {
  const points = fc.array(
    fc.oneof({ weight: 9, arbitrary: fc.bigInt({ min: 0n, max: 10n ** 12n }) }, fc.constant(null)),
    {
      minLength: 1,
      maxLength: 40,
    },
  );

  it('is between 0 and 1, the largest of those of its points, and its trough lies after its peak', () => {
    fc.assert(
      fc.property(
        points,
        fc.array(fc.bigInt({ min: -(10n ** 11n), max: 10n ** 11n }), { maxLength: 40 }),
        (values, flows) => {
          const series = values.map((value, index): EquityPoint => ({
            at: day(index),
            equity: value === null ? null : microUsdc(value),
            flow: microUsdc(flows[index] ?? 0n),
          }));
          const walked = drawdowns(series);
          for (const { depth } of walked) expect(depth >= 0 && depth <= 1).toBe(true);
          const deepest = maxDrawdown(series).value;
          if (deepest === null) {
            expect(walked.length).toBeLessThan(2);
            return;
          }
          expect(deepest.depth).toBe(Math.max(...walked.map(({ depth }) => depth)));
          if (deepest.depth === 0) return;
          expect((deepest.peakAt ?? day(0)) <= (deepest.troughAt ?? day(0))).toBe(true);
          if (deepest.recoveredAt !== null) expect(deepest.recoveredAt > (deepest.troughAt ?? day(0))).toBe(true);
        },
      ),
    );
  });

  it('does not depend on the unit of money', () => {
    fc.assert(
      fc.property(
        fc.array(amount, { minLength: 2, maxLength: 40 }),
        fc.integer({ min: 2, max: 1000 }),
        (values, factor) => {
          const scaled = values.map((value) => value * BigInt(factor));
          expect(maxDrawdown(plain(scaled)).value?.depth).toBeCloseTo(
            maxDrawdown(plain(values)).value?.depth ?? NaN,
            9,
          );
        },
      ),
    );
  });
});

describe('ratios of daily returns', () => {
  // In whole hundredths of a percent: days that differ by less than doubles can tell have no ratio worth comparing.
  const returns = fc.array(
    fc.integer({ min: -5_000, max: 5_000 }).map((basisPoints) => basisPoints / 10_000),
    { minLength: 30, maxLength: 60 },
  );
  const ratios = [volatility, sharpeRatio, sortinoRatio, probabilisticSharpe] as const;

  it('do not depend on the order of the days', () => {
    fc.assert(
      fc.property(
        returns.chain((values) => fc.tuple(fc.constant(values), shuffled(values))),
        ([values, others]) => {
          for (const ratio of ratios) {
            const [one, other] = [ratio(values), ratio(others)];
            expect(other.undefinedBecause?.code).toBe(one.undefinedBecause?.code);
            if (one.value !== null) expect(apart(one.value, other.value)).toBeCloseTo(0, 6);
          }
        },
      ),
    );
  });

  it('scale: Sharpe and Sortino stay when every return is multiplied, volatility grows with it', () => {
    fc.assert(
      fc.property(returns, fc.double({ min: 0.1, max: 10, noNaN: true }), (values, factor) => {
        const scaled = values.map((value) => value * factor);
        for (const ratio of [sharpeRatio, sortinoRatio]) {
          const [one, other] = [ratio(values).value, ratio(scaled).value];
          if (one !== null && other !== null) expect(apart(one, other)).toBeCloseTo(0, 6);
        }
        expect(volatility(scaled).value).toBeCloseTo((volatility(values).value ?? NaN) * factor, 6);
      }),
    );
  });

  it('are probabilities where they should be', () => {
    fc.assert(
      fc.property(returns, (values) => {
        const { value } = probabilisticSharpe(values);
        if (value !== null) expect(value >= 0 && value <= 1).toBe(true);
      }),
    );
  });
});

describe('lots', () => {
  const deeds = fc.array(
    fc.record({
      opens: fc.boolean(),
      quantity: fc.bigInt({ min: 1n, max: 10n ** 9n }),
      value: fc.bigInt({ min: 0n, max: 10n ** 9n }),
      fee: fc.bigInt({ min: 0n, max: 10n ** 6n }),
    }),
    { maxLength: 60 },
  );

  function booked(list: readonly { opens: boolean; quantity: bigint; value: bigint; fee: bigint }[]): {
    book: LotBook;
    cash: bigint;
  } {
    const book = new LotBook();
    let held = 0n;
    let cash = 0n;
    const moment = day(0);
    for (const { opens, quantity, value, fee } of list) {
      if (opens || held === 0n) {
        book.open('T', { quantity, cost: value, fees: fee, at: moment });
        held += quantity;
        cash -= value + fee;
      } else {
        const part = quantity < held ? quantity : held;
        book.close('T', { quantity: part, proceeds: value, fee, at: moment, reason: 'sell', settlementKey: null });
        held -= part;
        cash += value - fee;
      }
    }
    if (held > 0n) {
      book.close('T', { quantity: held, proceeds: 0n, fee: 0n, at: moment, reason: 'sell', settlementKey: null });
    }
    return { book, cash };
  }

  it('by both methods sum up to the money, to the micro-unit, once all is closed', () => {
    fc.assert(
      fc.property(deeds, (list) => {
        const { book, cash } = booked(list);
        const { averageCost, fifo } = book.closed();
        for (const lots of [averageCost, fifo]) expect(lots.reduce((sum, { pnl }) => sum + pnl, 0n)).toBe(cash);
      }),
    );
  });

  it('have the same statistics in any order', () => {
    fc.assert(
      fc.property(
        deeds.chain((list) => {
          const lots = booked(list).book.closed().fifo;
          return fc.tuple(fc.constant(lots), shuffled(lots));
        }),
        ([lots, others]) => {
          const [one, other] = [lotStatistics(lots), lotStatistics(others)];
          expect(other).toEqual({ ...one, holdingSeconds: other.holdingSeconds });
          expect((other.holdingSeconds.value ?? 0) - (one.holdingSeconds.value ?? 0)).toBeCloseTo(0, 3);
          if (one.winRate.value !== null) expect(one.winRate.value >= 0 && one.winRate.value <= 1).toBe(true);
        },
      ),
    );
  });
});

describe('forecasts', () => {
  const probability = fc.double({ min: 0, max: 1, noNaN: true });
  const forecasts = fc.array(
    fc.record({
      stated: fc.option(probability),
      price: probability,
      market: fc.option(probability),
      outcome: fc.constantFrom(0, 0.5, 1),
      weight: fc.double({ min: 0.01, max: 1e6, noNaN: true }),
    }),
    { minLength: 1, maxLength: 60 },
  );

  it('score the same in any order', () => {
    fc.assert(
      fc.property(
        forecasts.chain((list) => fc.tuple(fc.constant(list), shuffled(list))),
        ([list, others]) => {
          for (const score of [brierScore, logScore, skillVsMarket]) {
            const [one, other] = [score(list), score(others)];
            expect(other.undefinedBecause).toEqual(one.undefinedBecause);
            if (one.value !== null) expect(apart(one.value, other.value)).toBeCloseTo(0, 6);
          }
        },
      ),
    );
  });

  it('keep to their ranges', () => {
    fc.assert(
      fc.property(forecasts, (list) => {
        const brier = brierScore(list).value ?? NaN;
        expect(brier >= 0 && brier <= 1).toBe(true);
        const log = logScore(list).value ?? NaN;
        expect(log <= 0 && log >= Math.log(0.001) - 1e-9).toBe(true);
        for (const bin of calibration(list).value?.bins ?? []) {
          expect(bin.low <= bin.observedRate + 1e-9 && bin.observedRate <= bin.high + 1e-9).toBe(true);
          expect(bin.from - 1e-9 <= bin.meanForecast && bin.meanForecast <= bin.to + 1e-9).toBe(true);
        }
      }),
    );
  });

  it('decompose: with each at the mean of its bin, Brier score = reliability - resolution + uncertainty', () => {
    fc.assert(
      fc.property(forecasts, (list) => {
        const bins = calibration(list).value?.bins ?? [];
        const binned = list.map((one): ResolvedForecast => {
          const own = one.stated ?? one.price;
          const bin = bins.find(({ from, to }) => own >= from && (own < to || to === 1));
          return { ...one, stated: bin?.meanForecast ?? NaN };
        });
        const { reliability = NaN, resolution = NaN, uncertainty = NaN } = calibration(binned).value ?? {};
        expect(brierScore(binned).value).toBeCloseTo(reliability - resolution + uncertainty, 9);
      }),
    );
  });
});
