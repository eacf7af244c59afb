import { brierScore, calibration, forecastQuality, logScore, type ResolvedForecast, skillVsMarket } from './forecasts';

const forecast = (
  price: number,
  outcome: number,
  weight: number,
  market: number | null = null,
  stated: number | null = null,
): ResolvedForecast => ({ stated, price, market, outcome, weight });

/** 100 shares at 0.7 of what came true, 300 at 0.4 of what did not; the market stood at 0.6 and 0.5. */
const two = [forecast(0.7, 1, 100, 0.6), forecast(0.4, 0, 300, 0.5)];

describe('Brier score', () => {
  it('is (100 x 0.09 + 300 x 0.16) / 400', () => {
    expect(brierScore(two).value).toBeCloseTo(0.1425, 12);
  });

  it('knows a market that paid half: (0.5 - 0.7)^2', () => {
    expect(brierScore([forecast(0.7, 0.5, 10)]).value).toBeCloseTo(0.04, 12);
  });

  it('goes by what was stated where something was', () => {
    expect(brierScore([forecast(0.7, 1, 100, null, 0.9)]).value).toBeCloseTo(0.01, 12);
  });

  it('is undefined before anything has paid', () => {
    expect(brierScore([])).toMatchObject({ value: null, undefinedBecause: { code: 'nothing_resolved' } });
  });
});

describe('log score', () => {
  it('is (100 ln 0.7 + 300 ln 0.6) / 400', () => {
    expect(logScore(two).value).toBeCloseTo(-0.472288, 6);
  });

  it('keeps what was certain and wrong at ln 0.001', () => {
    expect(logScore([forecast(1, 0, 1)]).value).toBeCloseTo(-6.907755, 6);
  });
});

describe('skill against the market', () => {
  it('is 1 - 0.1425 / 0.2275', () => {
    expect(skillVsMarket(two).value).toBeCloseTo(0.373626, 6);
  });

  it('looks only at forecasts made while there was a midpoint', () => {
    expect(skillVsMarket([...two, forecast(0.1, 1, 9_999)]).value).toBeCloseTo(0.373626, 6);
    expect(skillVsMarket([forecast(0.1, 1, 1)])).toMatchObject({ undefinedBecause: { code: 'no_midpoint' } });
  });

  it('is undefined against a market that was exactly right', () => {
    expect(skillVsMarket([forecast(0.9, 1, 1, 1)])).toMatchObject({ undefinedBecause: { code: 'market_exact' } });
  });
});

describe('calibration', () => {
  it('bins by the nearest of 1, 3, 5, 10, 15 ... percent, and tells each bin by shares', () => {
    const found = calibration([
      forecast(0.41, 1, 100),
      forecast(0.39, 0, 300),
      forecast(0.7, 1, 100),
      forecast(0.99, 1, 100),
      forecast(0, 0, 100),
    ]).value;
    expect(found?.bins.map(({ from, to, count }) => [from, to, count])).toEqual([
      [0, 0.02, 1],
      [0.375, 0.425, 2],
      [0.675, 0.725, 1],
      [0.98, 1, 1],
    ]);
    expect(found?.bins[1]).toMatchObject({ weight: 400, observedRate: 0.25 });
    // (100 x 0.41 + 300 x 0.39) / 400
    expect(found?.bins[1]?.meanForecast).toBeCloseTo(0.395, 12);
  });

  it('takes the Wilson interval of 5 in 10: 0.2366 to 0.7634', () => {
    const ten = Array.from({ length: 10 }, (_, index) => forecast(0.5, index % 2, 1));
    const [bin] = calibration(ten).value?.bins ?? [];
    expect(bin?.low).toBeCloseTo(0.236593, 6);
    expect(bin?.high).toBeCloseTo(0.763407, 6);
  });

  it('decomposes: reliability 0.04625, resolution 0.0625, uncertainty 0.25', () => {
    // Bin 0.3: forecasts 0.3 with outcomes 0, 0, 0, 1 (rate 0.25); bin 0.45: 0.45 with 1, 1, 1, 0 (rate 0.75). Overall 0.5.
    const binned = [0, 0, 0, 1].map((outcome) => forecast(0.3, outcome, 1));
    const other = [1, 1, 1, 0].map((outcome) => forecast(0.45, outcome, 1));
    const found = calibration([...binned, ...other]).value;
    // ((0.3 - 0.25)^2 + (0.45 - 0.75)^2) / 2 = (0.0025 + 0.09) / 2
    expect(found?.reliability).toBeCloseTo(0.04625, 12);
    expect(found?.resolution).toBeCloseTo(0.0625, 12);
    expect(found?.uncertainty).toBeCloseTo(0.25, 12);
    // (0.05 + 0.3) / 2
    expect(found?.expectedCalibrationError).toBeCloseTo(0.175, 12);
    expect(brierScore([...binned, ...other]).value).toBeCloseTo(0.04625 - 0.0625 + 0.25, 12);
  });
});

describe('forecast quality', () => {
  it('says whether prices stood in for forecasts', () => {
    const stated = forecast(0.5, 1, 1, null, 0.6);
    expect(forecastQuality(two).basis).toBe('prices_paid');
    expect(forecastQuality([stated]).basis).toBe('stated_forecasts');
    expect(forecastQuality([...two, stated]).basis).toBe('mixed');
  });
});
