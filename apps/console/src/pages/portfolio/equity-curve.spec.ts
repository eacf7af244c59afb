import { drawdownCurve, equityCurve, resolutionOf, within } from './equity-curve';

describe('resolutionOf', () => {
  it.each([
    ['all', 600, 1],
    ['all', 86_400, 1],
    ['all', 30 * 86_400, 60],
    ['all', 10 * 365 * 86_400, 1_440],
    ['day', 600, 1],
    ['day', 30 * 86_400, 5],
    ['week', 30 * 86_400, 30],
  ] as const)('asks for %s of a run of %i s by %i min', (range, seconds, minutes) => {
    expect(resolutionOf(range, seconds)).toBe(minutes);
  });
});

describe('equityCurve', () => {
  it('leaves out what had no price, and ends with what is now', () => {
    const series = [
      { timestamp: '1970-01-01T00:01:00.000Z', portfolio_value: 100 },
      { timestamp: '1970-01-01T00:02:00.000Z', portfolio_value: null },
      { timestamp: '1970-01-01T00:03:00.100Z', portfolio_value: 102 },
      { timestamp: '1970-01-01T00:03:00.900Z', portfolio_value: 103 },
    ];
    expect(equityCurve(series, { t: 200, value: 104 })).toEqual([
      { t: 60, value: 100 },
      { t: 180, value: 103 },
      { t: 200, value: 104 },
    ]);
  });

  it('ends with what is now where the clock here is behind, and does not go back in time', () => {
    const series = [{ timestamp: '1970-01-01T00:03:00.000Z', portfolio_value: 102 }];
    expect(equityCurve(series, { t: 170, value: 104 })).toEqual([{ t: 180, value: 104 }]);
    expect(equityCurve([], { t: 170, value: 104 })).toEqual([{ t: 170, value: 104 }]);
  });
});

describe('drawdownCurve', () => {
  it('is how far equity is below its highest so far', () => {
    const curve = [100, 120, 90, 120, 132].map((value, t) => ({ t, value }));
    expect(drawdownCurve(curve).map(({ value }) => Number(value.toFixed(6)))).toEqual([0, 0, -0.25, 0, 0]);
  });
});

describe('within', () => {
  it('keeps what a range shows', () => {
    const curve = [0, 100_000, 700_000].map((t) => ({ t, value: 1 }));
    expect(within(curve, 'day').map(({ t }) => t)).toEqual([700_000]);
    expect(within(curve, 'week').map(({ t }) => t)).toEqual([100_000, 700_000]);
    expect(within(curve, 'all')).toEqual(curve);
    expect(within([], 'day')).toEqual([]);
  });
});
