import { microUsdc } from '../money';
import { defined, type Metric, undefinedMetric } from './metric';
import type { EquityPoint } from './returns';
import {
  calmarRatio,
  drawdowns,
  maxDrawdown,
  probabilisticSharpe,
  sharpeRatio,
  sortinoRatio,
  volatility,
} from './risk';

/** So many days, in turn two percent up and one percent down: mean 0.005, each 0.015 away from it. */
const turns = (count: number): number[] =>
  Array.from({ length: count }, (_, index) => (index % 2 === 0 ? 0.02 : -0.01));
const code = ({ undefinedBecause }: Metric<unknown>): string | undefined => undefinedBecause?.code;

const HOUR = 3_600_000;
const equity = (...values: (number | null | [number, number])[]): EquityPoint[] =>
  values.map((value, index): EquityPoint => {
    const [amount, flow] = Array.isArray(value) ? value : [value, 0];
    return {
      at: new Date(index * HOUR),
      equity: amount === null ? null : microUsdc(BigInt(amount) * 1_000_000n),
      flow: microUsdc(BigInt(flow) * 1_000_000n),
    };
  });

describe('volatility', () => {
  it('is the deviation of a sample over a year: 0.015 x sqrt(20 / 19) x sqrt(365)', () => {
    expect(volatility(turns(20)).value).toBeCloseTo(0.29401933, 7);
    expect(code(volatility([0.1]))).toBe('too_few_returns');
  });
});

describe('Sharpe ratio', () => {
  it('is 0.005 / 0.0153896753 x sqrt(365)', () => {
    expect(sharpeRatio(turns(20)).value).toBeCloseTo(6.2070748, 6);
  });

  it('takes the risk-free rate off by the day: (0.005 - 0.00073 / 365) / 0.0153896753 x sqrt(365)', () => {
    expect(sharpeRatio(turns(20), 0.00073).value).toBeCloseTo(6.204592, 6);
  });

  it('needs 20 daily returns', () => {
    expect(sharpeRatio(turns(19))).toEqual({
      value: null,
      undefinedBecause: { code: 'too_few_returns', message: 'The Sharpe ratio needs 20 daily returns; there are 19.' },
    });
  });

  it('is undefined when every day is alike', () => {
    expect(code(sharpeRatio(turns(20).map(() => 0.013)))).toBe('no_variation');
    expect(code(sharpeRatio(turns(20).map(() => 0)))).toBe('no_variation');
  });
});

describe('Sortino ratio', () => {
  it('counts days that gained as 0: 0.005 / sqrt(10 x 0.0001 / 20) x sqrt(365)', () => {
    expect(sortinoRatio(turns(20)).value).toBeCloseTo(13.5092561, 6);
  });

  it('is undefined without a day that lost, and below 20 days', () => {
    expect(code(sortinoRatio(turns(20).map(Math.abs)))).toBe('no_downside');
    expect(code(sortinoRatio(turns(19)))).toBe('too_few_returns');
  });
});

describe('probabilistic Sharpe ratio', () => {
  it('is the normal distribution at 0.3277307 x sqrt(29) for two values in turn, whose skewness is 0 and kurtosis 1', () => {
    // 0.005 / (0.015 x sqrt(30 / 29)) = 0.3277307; x 5.3851648 = 1.7648838
    expect(probabilisticSharpe(turns(30)).value).toBeCloseTo(0.9612084, 6);
  });

  it('needs 30 daily returns', () => {
    expect(code(probabilisticSharpe(turns(29)))).toBe('too_few_returns');
  });
});

describe('max drawdown', () => {
  it('is (120 - 90) / 120, from its peak over its trough to its recovery', () => {
    expect(maxDrawdown(equity(100, 120, 90, 110, 121, 115))).toEqual(
      defined({ depth: 0.25, peakAt: new Date(HOUR), troughAt: new Date(2 * HOUR), recoveredAt: new Date(4 * HOUR) }),
    );
  });

  it('has no recovery while equity is below the peak', () => {
    expect(maxDrawdown(equity(100, 50, 99)).value).toMatchObject({ depth: 0.5, recoveredAt: null });
  });

  it('is 0 with no dates when equity never fell', () => {
    expect(maxDrawdown(equity(100, 100, 110))).toEqual(
      defined({ depth: 0, peakAt: null, troughAt: null, recoveredAt: null }),
    );
  });

  it('does not take money that went out for a fall, nor money that came in for a recovery', () => {
    // 100, then 50 go out: 50. It falls to 45: a tenth.
    expect(maxDrawdown(equity([100, -50], 45)).value?.depth).toBeCloseTo(0.1, 12);
    // 100 fell to 80, then 80 came in: 160. The peak is 200 now.
    expect(drawdowns(equity(100, [80, 80], 180)).map(({ depth }) => depth)).toEqual([0, 0.2, 0.1]);
  });

  it('passes over moments without a price, and is undefined without two moments', () => {
    expect(maxDrawdown(equity(100, null, 75)).value?.depth).toBe(0.25);
    expect(code(maxDrawdown(equity(100, null)))).toBe('no_history');
  });

  it('is 1 when all is lost', () => {
    expect(maxDrawdown(equity(100, 0)).value?.depth).toBe(1);
  });
});

describe('Calmar ratio', () => {
  const fell = maxDrawdown(equity(100, 75));

  it('is the yearly return over the max drawdown', () => {
    expect(calmarRatio(defined(0.5), fell).value).toBe(2);
  });

  it('is undefined when equity never fell, and where either part is', () => {
    expect(code(calmarRatio(defined(0.5), maxDrawdown(equity(100, 110))))).toBe('no_drawdown');
    expect(code(calmarRatio(undefinedMetric('too_short', 'A rate a year needs 30 days.'), fell))).toBe('too_short');
  });
});
