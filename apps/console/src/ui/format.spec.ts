import {
  formatCompact,
  formatExactMoney,
  formatGain,
  formatMoney,
  formatPercent,
  formatPrice,
  formatSeconds,
  priceFormatOf,
} from './format';

describe('sums of money', () => {
  it.each([
    [1234.5, '$1,234.50', '+$1,234.50'],
    [-1.54, '-$1.54', '-$1.54'],
    [0, '$0.00', '$0.00'],
  ])('%d reads %s, as a gain %s', (usdc, money, gain) => {
    expect([formatMoney(usdc), formatGain(usdc)]).toEqual([money, gain]);
  });

  it.each([0.004, -0.004, -0])('have no sign where they round to nothing: %d', (usdc) => {
    expect([formatMoney(usdc), formatGain(usdc)]).toEqual(['$0.00', '$0.00']);
  });

  it('are told to the last digit where that is asked for', () => {
    expect([1.39535, -0.000001, 25].map(formatExactMoney)).toEqual(['$1.39535', '-$0.000001', '$25.00']);
  });

  it('are rounded to a few digits where they are large', () => {
    expect([399_150, 4_700_000].map(formatCompact)).toEqual(['399.2K', '4.7M']);
  });

  it('are a dash where there is none', () => {
    expect([formatMoney(null), formatGain(undefined), formatPercent(null)]).toEqual(['–', '–', '–']);
  });
});

describe('fractions', () => {
  it.each([
    [0.1234, '12.34%'],
    [-0.00015, '-0.02%'],
    [-0.00001, '0%'],
  ])('%d reads %s', (fraction, text) => {
    expect(formatPercent(fraction)).toBe(text);
  });
});

describe('prices', () => {
  it('have two places at least and four at most', () => {
    expect([0.5, 0.273, 0.27491].map(formatPrice)).toEqual(['0.50', '0.273', '0.2749']);
  });

  it.each([
    [0.001, ['0.280', '0.277']],
    [0.01, ['0.28', '0.277']],
    [0.0025, ['0.2800', '0.2770']],
    [null, ['0.28', '0.277']],
  ])('of a step of %d stand below each other', (tick, texts) => {
    expect([0.28, 0.277].map(priceFormatOf(tick))).toEqual(texts);
  });
});

describe('a time span', () => {
  it.each([
    [-1, '0 s'],
    [42.4, '42 s'],
    [59.6, '59 s'],
    [60, '1 min'],
    [7_300, '2 h'],
    [200_000, '2 d'],
  ])('of %d seconds reads %s', (seconds, text) => {
    expect(formatSeconds(seconds)).toBe(text);
  });
});
