import {
  averagePrice,
  type Calibration,
  type Contribution,
  type Drawdown,
  EVIDENCE_GRADES,
  type ExecutionCosts,
  type ForecastQuality,
  type LotStatistics,
  type MarkToMarketReport,
  type Metric,
  type MicroUsdc,
  percentOf,
  type PerformanceReport,
  type PerformanceSummary,
  type PositionSeries,
  type SeriesPoint,
  toWireNumber,
  toWireStatistic,
  UNDEFINED_REASONS,
} from '@app/domain';
import { z } from 'zod';
import { integerParameter, querySchema, timeParameter } from '../parameters';
import { countField, exactNumberField, textField, timestampField, wireNumberOrNull, wireTimeOrNull } from '../scalars';
import { OUTCOME_REF_EXAMPLE, outcomeRefFields, toOutcomeRef } from './outcome-ref';
import { POSITION_EXAMPLE, positionSchema, toPosition } from './positions';
import { MARKET_QUESTION, PORTFOLIO_ID } from './request-fields';

/** Grain of a mark-to-market series when the client names none, minutes. */
export const DEFAULT_RESOLUTION_MINUTES = 60;
export const MAX_RESOLUTION_MINUTES = 1_440;

/** Query of `GET /portfolios/{id}/metrics`. */
export const metricsQuerySchema = querySchema({
  as_of: timeParameter({
    description:
      'The moment to look back at, in the run that was current then; now when left out. A date stands for its first moment, UTC.',
    example: '2026-02-07T09:30:00Z',
  }).optional(),
});
export type MetricsQuery = z.output<typeof metricsQuerySchema>;

/** Query of `GET /portfolios/{id}/mtm`. */
export const markToMarketQuerySchema = querySchema({
  resolution: integerParameter(
    { min: 1, max: MAX_RESOLUTION_MINUTES },
    { description: 'Minutes between the points of the series.', example: DEFAULT_RESOLUTION_MINUTES },
  ).default(DEFAULT_RESOLUTION_MINUTES),
});
export type MarkToMarketQuery = z.output<typeof markToMarketQuerySchema>;

/** A ratio or statistic; null where `reasons` says why it is undefined. */
const ratioField = (description: string, example: number): z.ZodNullable<z.ZodNumber> =>
  z.number().nullable().meta({ description, example });
/** An amount that may be undefined. */
const amountOrNull = (description: string, example: number): z.ZodNullable<z.ZodNumber> =>
  exactNumberField(description, example).nullable();

const reasonSchema = z
  .strictObject({
    code: z.enum(UNDEFINED_REASONS).meta({ description: 'A stable word for why.', example: 'too_few_returns' }),
    message: textField('Why, and what would be needed.', 'The Sharpe ratio needs 20 daily returns; there are 12.'),
  })
  .meta({ id: 'UndefinedReason', description: 'Why a metric has no value.' });

const reasonsField = z.record(z.string(), reasonSchema).meta({
  description:
    'For every metric of this answer that is null because it is undefined: why, by the name of its field, dotted where it is nested (`lots.fifo.win_rate`).',
  example: {
    sharpe_ratio: { code: 'too_few_returns', message: 'The Sharpe ratio needs 20 daily returns; there are 12.' },
  },
});

/** The fields of a portfolio's value, as several answers give them. */
const valuationFields = {
  total_value: exactNumberField(
    'Equity at the midpoint: cash, reserved cash, and shares at their marks, less what is owed. Unpriced positions are left out, and counted in `unpriced_positions`.',
    10_054.6,
  ),
  liquidation_value: amountOrNull(
    'Equity if everything were sold into the bids displayed now: the proceeds, fees off, in place of the marks.',
    10_053.1,
  ),
  cash_balance: exactNumberField('Cash free to use.', 9_900),
  reserved_cash: exactNumberField('Cash held for working orders.', 100),
  owed: exactNumberField('What a changed resolution took back and is not repaid yet; 0 as a rule.', 0),
  position_value: exactNumberField('Shares at their marks, over the positions that have one.', 54.6),
  initial_balance: exactNumberField('What a run begins with.', 10_000),
  net_deposits: exactNumberField('Deposits less withdrawals of the run.', 10_000),
  total_pnl: exactNumberField(
    '`realized_pnl` + `unrealized_pnl` - `fees_paid`. With every position priced: `total_value` - `net_deposits`.',
    54.6,
  ),
  total_pnl_percent: exactNumberField('`total_pnl` in percent of `initial_balance`, rounded to 6 decimals.', 0.546),
  realized_pnl: exactNumberField(
    'What sales, merges and settlements brought over average cost, fees not included.',
    1.5,
  ),
  unrealized_pnl: exactNumberField('Marks less cost, over the positions that have a mark.', 53.62),
  fees_paid: exactNumberField('Fees of the fills of the run.', 0.52),
  unpriced_positions: countField('Open positions without a mark; they are in no value and no P&L.', 0),
  unpriced_cost: exactNumberField('What those positions cost.', 0),
};

const drawdownSchema = z
  .strictObject({
    peak_at: timestampField('When equity stood at the peak before the fall.').nullable(),
    trough_at: timestampField('When it stood lowest.').nullable(),
    recovered_at: timestampField('When it was first back at the peak; null when it is not yet.').nullable(),
  })
  .meta({ id: 'DrawdownDates', description: 'When the deepest fall happened; nulls when equity never fell.' });

const returnFields = {
  twr: ratioField(
    'Time-weighted return of the run: product over the stretches between external flows of end equity / (start equity + flow at the start), less 1. A fraction.',
    0.00546,
  ),
  money_weighted_return: ratioField(
    'Money-weighted return (XIRR) a year: the rate at which all external flows and the final equity have a present value of 0, by days / 365. From 30 days on. A fraction.',
    0.041,
  ),
  simple_return: ratioField('(equity - net deposits) / net deposits. A fraction.', 0.00546),
  daily_returns: countField(
    'Complete UTC days whose return is known: equity at one midnight over equity at the midnight before, less 1.',
    41,
  ),
  volatility: ratioField(
    'Standard deviation (of a sample) of the daily returns x the square root of 365. A fraction a year.',
    0.31,
  ),
  sharpe_ratio: ratioField(
    '(mean daily return - risk_free_rate / 365) / standard deviation of the daily returns x the square root of 365. From 20 daily returns on.',
    1.2,
  ),
  risk_free_rate: z.number().meta({ description: 'The yearly rate the ratios take off; 0.', example: 0 }),
  sortino_ratio: ratioField(
    'As the Sharpe ratio, over the downside deviation: square root of the mean squared daily return below 0, days at or above 0 counting as 0. From 20 daily returns on.',
    1.8,
  ),
  probabilistic_sharpe_ratio: ratioField(
    'Probability that the true Sharpe ratio is above 0, given length, skewness and kurtosis of the daily returns (Bailey and Lopez de Prado). From 30 daily returns on.',
    0.87,
  ),
  max_drawdown: ratioField(
    'Largest (peak - equity) / peak over the hourly equity of the run, 0 to 1; equity counts where every position had a price.',
    0.083,
  ),
  drawdown: drawdownSchema,
  calmar_ratio: ratioField('Time-weighted return a year / max_drawdown. From 30 days on.', 2.1),
};

const lotStatisticsSchema = z
  .strictObject({
    closed_lots: countField('Lots closed by sales, merges and settlements.', 34),
    win_rate: ratioField('Lots that gained after the fees of both sides / lots closed. A fraction.', 0.58),
    profit_factor: ratioField('Sum of the gains / sum of the losses.', 1.7),
    expectancy: amountOrNull(
      'Mean P&L of a closed lot after the fees of both sides, rounded half away from zero.',
      1.1,
    ),
    payoff_ratio: ratioField('Mean gain / mean loss.', 1.23),
    average_holding_seconds: ratioField('Mean time from opening to closing.', 86_400),
    best: amountOrNull('Best P&L of a closed lot.', 40.2),
    worst: amountOrNull('Worst P&L of a closed lot.', -22.75),
  })
  .meta({ id: 'LotStatistics', description: 'Statistics of the lots closed in the run.' });

const tradeFields = {
  win_rate: ratioField(
    'Closed lots that gained after the fees of both sides / closed lots, settlements included, average cost method. A fraction.',
    0.58,
  ),
  total_trades: countField('Fills of the run.', 128),
  avg_trade_pnl: amountOrNull(
    'Mean P&L of the closed lots after the fees of both sides, average cost method, rounded half away from zero.',
    1.1,
  ),
  best_trade: amountOrNull('Best P&L of a closed lot after fees, average cost method.', 40.2),
  worst_trade: amountOrNull('Worst P&L of a closed lot after fees, average cost method.', -22.75),
  lots: z
    .strictObject({
      average_cost: lotStatisticsSchema.meta({
        description: 'A sale closes a share of everything held, at its average cost.',
      }),
      fifo: lotStatisticsSchema.meta({ description: 'A sale closes the shares bought first.' }),
    })
    .meta({ id: 'LotStatisticsByMethod', description: 'The statistics of closed lots by both methods.' }),
};

const seriesPointSchema = z
  .strictObject({
    timestamp: timestampField('The moment.'),
    portfolio_value: amountOrNull(
      '`cash_balance` + `reserved_cash` - `owed` + `position_value`; null while a position held had no price.',
      10_054.6,
    ),
    cash_balance: exactNumberField('Cash free to use.', 9_900),
    reserved_cash: exactNumberField('Cash held for working orders.', 100),
    owed: exactNumberField('What a changed resolution took back and was not repaid then.', 0),
    position_value: exactNumberField('Shares at their marks, over the positions that had one.', 54.6),
    unrealized_pnl: exactNumberField('Marks less cost, over the positions that had a mark.', 53.62),
    realized_pnl: exactNumberField('Realised so far, fees not included.', 1.5),
    fees_paid: exactNumberField('Fees so far.', 0.52),
    total_pnl: amountOrNull(
      '`realized_pnl` + `unrealized_pnl` - `fees_paid`; null while a position had no price.',
      54.6,
    ),
    total_pnl_percent: amountOrNull('`total_pnl` in percent of `initial_balance`, rounded to 6 decimals.', 0.546),
    unpriced_positions: countField('Positions held that had no price then.', 0),
  })
  .meta({ id: 'PortfolioValuePoint', description: 'A portfolio at one moment.' });

const costsSchema = z
  .strictObject({
    fee_bps: ratioField('Fees in hundredths of a percent of the value traded.', 84),
    effective_spread: ratioField(
      'Mean over the shares of 2 x side x (price - midpoint at the fill), USDC a share; side is 1 for buys and -1 for sales.',
      0.012,
    ),
    fills_with_arrival_midpoint: countField('Fills that had a midpoint when their order met the book.', 126),
  })
  .meta({ id: 'ExecutionCosts', description: 'What trading itself cost.' });

const calibrationBinSchema = z
  .strictObject({
    from: z.number().meta({ description: 'Lowest forecast of the bin.', example: 0.375 }),
    to: z.number().meta({ description: 'Upper end, not included unless it is 1.', example: 0.425 }),
    count: countField('Resolved fills in it.', 12),
    mean_forecast: z.number().meta({ description: 'Mean forecast, by shares.', example: 0.402 }),
    observed_rate: z.number().meta({ description: 'Mean payout, by shares.', example: 0.5 }),
    low: z.number().meta({ description: 'Lower end of the Wilson 95% interval of the rate.', example: 0.254 }),
    high: z.number().meta({ description: 'Upper end.', example: 0.746 }),
  })
  .meta({ id: 'CalibrationBin', description: 'Forecasts near one value, and how often they came true.' });

const forecastsSchema = z
  .strictObject({
    basis: z.enum(['stated_forecasts', 'prices_paid', 'mixed']).meta({
      description:
        '`prices_paid`: no forecasts were stated, and the price of each share bought stands in for one; the scores then describe the prices paid, not an opinion.',
      example: 'prices_paid',
    }),
    resolved_fills: countField('Buys in markets that have paid.', 57),
    log_score: ratioField(
      'Mean by shares of o ln f + (1 - o) ln(1 - f), f kept within 0.001 to 0.999; 0 is perfect, lower is worse.',
      -0.52,
    ),
    skill_vs_market: ratioField(
      '1 - Brier score / Brier score of the market midpoint at the same instants; above 0 is better than the market.',
      0.03,
    ),
    calibration: z
      .strictObject({
        bins: z.array(calibrationBinSchema).meta({ description: 'Bins that hold something, lowest first.' }),
        expected_calibration_error: z
          .number()
          .meta({ description: 'Mean by shares of |observed rate - mean forecast| over the bins.', example: 0.06 }),
        reliability: z.number().meta({
          description: 'Mean by shares of (mean forecast - observed rate) squared; 0 is best.',
          example: 0.006,
        }),
        resolution: z.number().meta({
          description: 'Mean by shares of (observed rate - overall rate) squared; more is better.',
          example: 0.041,
        }),
        uncertainty: z.number().meta({
          description:
            "Variance of the outcomes. With every forecast at its bin's mean, Brier score = reliability - resolution + uncertainty.",
          example: 0.248,
        }),
      })
      .nullable()
      .meta({ description: 'Bins around 1, 3, 5, 10, 15, ... 90, 95, 97 and 99 percent.' }),
  })
  .meta({ id: 'ForecastQuality', description: 'How good the probabilities were, over resolved markets.' });

const contributionFields = {
  fills: countField('Fills of the group.', 31),
  volume: exactNumberField('Value traded.', 1_204.5),
  pnl: amountOrNull(
    'Each fill held against what its shares are worth now, or paid; fees not taken off. Null while a share of the group has no price.',
    22.4,
  ),
  fees_paid: exactNumberField('Fees.', 3.1),
  estimated_rebate: exactNumberField(
    'What Polymarket would pay makers back for them: an estimate, in no other number.',
    0,
  ),
};

const gradeContributionSchema = z
  .strictObject({
    grade: z.enum(EVIDENCE_GRADES).meta({
      description:
        'What the fills rest on. `A`: displayed size taken. `B`: a trade through the price. `C`: a trade at the price after the queue, or a crossed quote.',
      example: 'A',
    }),
    ...contributionFields,
  })
  .meta({ id: 'GradeContribution', description: 'What the fills of one evidence grade added.' });

const categoryContributionSchema = z
  .strictObject({ category: textField('Category of the market, or `other`.', 'politics'), ...contributionFields })
  .meta({ id: 'CategoryContribution', description: 'What the fills in markets of one category added.' });

const reportFields = {
  portfolio_id: textField('The portfolio.', PORTFOLIO_ID),
  run: countField('The run, from 1; a reset begins the next.', 1),
  run_started_at: timestampField('When the run began.'),
  as_of: timestampField('The moment all of this is about.'),
};

const lotsExample = {
  closed_lots: 0,
  win_rate: null,
  profit_factor: null,
  expectancy: null,
  payoff_ratio: null,
  average_holding_seconds: null,
  best: null,
  worst: null,
};

const pointExample = {
  timestamp: '2026-02-07T09:30:00.000Z',
  portfolio_value: 10_004.68,
  cash_balance: 9_949.48,
  reserved_cash: 0,
  owed: 0,
  position_value: 55.2,
  unrealized_pnl: 5.2,
  realized_pnl: 0,
  fees_paid: 0.52,
  total_pnl: 4.68,
  total_pnl_percent: 0.0468,
  unpriced_positions: 0,
};

const tooFew = { code: 'too_few_returns', message: 'The Sharpe ratio needs 20 daily returns; there are 0.' } as const;
const nothingClosed = { code: 'nothing_closed', message: 'No lot was closed yet.' } as const;

const summaryExample = {
  portfolio_id: PORTFOLIO_ID,
  run: 1,
  run_started_at: '2026-02-07T09:00:00.000Z',
  as_of: '2026-02-07T09:30:00.000Z',
  total_value: 10_004.68,
  liquidation_value: 10_003.1,
  cash_balance: 9_949.48,
  reserved_cash: 0,
  owed: 0,
  position_value: 55.2,
  initial_balance: 10_000,
  net_deposits: 10_000,
  total_pnl: 4.68,
  total_pnl_percent: 0.0468,
  realized_pnl: 0,
  unrealized_pnl: 5.2,
  fees_paid: 0.52,
  unpriced_positions: 0,
  unpriced_cost: 0,
  twr: 0.000468,
  money_weighted_return: null,
  simple_return: 0.000468,
  daily_returns: 0,
  volatility: null,
  sharpe_ratio: null,
  risk_free_rate: 0,
  sortino_ratio: null,
  probabilistic_sharpe_ratio: null,
  max_drawdown: 0.000052,
  drawdown: { peak_at: '2026-02-07T09:00:00.000Z', trough_at: '2026-02-07T09:01:00.000Z', recovered_at: null },
  calmar_ratio: null,
  win_rate: null,
  total_trades: 1,
  avg_trade_pnl: null,
  best_trade: null,
  worst_trade: null,
  lots: { average_cost: lotsExample, fifo: lotsExample },
  reasons: { sharpe_ratio: tooFew, win_rate: nothingClosed },
};

/** Schema of the answer of `GET /portfolios/{id}/metrics`. */
export const metricsSchema = z
  .strictObject({
    ...reportFields,
    ...valuationFields,
    ...returnFields,
    ...tradeFields,
    slippage_paid: amountOrNull(
      'Sum over the fills of side x (price - midpoint when the order met the book) x shares; side is 1 for buys and -1 for sales. Positive is a cost. Over the fills that had such a midpoint.',
      2.15,
    ),
    brier_score: ratioField(
      'Mean by shares of (payout - forecast) squared over the buys in markets that have paid; 0 is perfect. Where no forecast was stated the price paid stands in: see `forecasts.basis`.',
      0.21,
    ),
    costs: costsSchema,
    forecasts: forecastsSchema,
    by_evidence_grade: z.array(gradeContributionSchema).meta({ description: 'By what the fills rest on.' }),
    by_category: z
      .array(categoryContributionSchema)
      .meta({ description: 'By category of the market, largest volume first.' }),
    pnl_history: z
      .array(seriesPointSchema)
      .meta({ description: 'The run hour by hour, oldest first; the last point is `as_of`.' }),
    drawdown_history: z
      .array(
        z
          .strictObject({
            timestamp: timestampField('The moment.'),
            drawdown: z
              .number()
              .meta({ description: '(highest equity so far - equity) / highest so far.', example: 0.012 }),
          })
          .meta({ id: 'DrawdownPoint', description: 'How far equity was below its highest.' }),
      )
      .meta({ description: 'Hour by hour where equity is known, oldest first.' }),
    positions: z.array(positionSchema).meta({ description: 'Positions of the run, open, closed and settled.' }),
    reasons: reasonsField,
  })
  .meta({
    id: 'PortfolioMetrics',
    description:
      'Performance of one run of a portfolio. A metric that is undefined is null, with the reason in `reasons`.',
    example: {
      ...summaryExample,
      slippage_paid: 0.6,
      brier_score: null,
      costs: { fee_bps: 104, effective_spread: 0.01, fills_with_arrival_midpoint: 1 },
      forecasts: { basis: 'prices_paid', resolved_fills: 0, log_score: null, skill_vs_market: null, calibration: null },
      by_evidence_grade: [{ grade: 'A', fills: 1, volume: 50, pnl: 5.2, fees_paid: 0.52, estimated_rebate: 0 }],
      by_category: [{ category: 'politics', fills: 1, volume: 50, pnl: 5.2, fees_paid: 0.52, estimated_rebate: 0 }],
      pnl_history: [pointExample],
      drawdown_history: [{ timestamp: '2026-02-07T09:30:00.000Z', drawdown: 0 }],
      positions: [POSITION_EXAMPLE],
    },
  });
export type MetricsBody = z.infer<typeof metricsSchema>;

const positionSeriesSchema = z
  .strictObject({
    ...outcomeRefFields,
    market_question: textField('What the market asks.', MARKET_QUESTION),
    current_quantity: exactNumberField('Shares held now.', 120),
    average_entry_price: amountOrNull('What a share held cost, fees not included; null without shares.', 0.42),
    current_price: amountOrNull('The mark; null without shares, or without a price.', 0.455),
    unrealized_pnl: amountOrNull('Shares at the mark less cost; null while unpriced.', 4.2),
    realized_pnl: exactNumberField('Realised, fees not included.', 1.5),
    fees_paid: exactNumberField('Fees of its fills.', 0.52),
    total_pnl: amountOrNull('`realized_pnl` + `unrealized_pnl` - `fees_paid`; null while unpriced.', 5.18),
    first_trade_at: timestampField('When shares were first held.'),
    timestamps: z.array(z.iso.datetime().meta({ pattern: undefined })).meta({
      description:
        'Moments of the three lists below: from the first trade to now, or to the first moment after it was closed.',
      example: ['2026-02-07T09:00:00.000Z', '2026-02-07T09:30:00.000Z'],
    }),
    prices: z
      .array(z.number().nullable())
      .meta({ description: 'Price of the token; null where none is known.', example: [0.42, 0.455] }),
    unrealized_pnls: z.array(z.number().nullable()).meta({
      description: 'Shares held then at that price, less cost; null where no price is known.',
      example: [0, 4.2],
    }),
    total_pnls: z
      .array(z.number().nullable())
      .meta({ description: 'Realised less fees so far, and unrealised.', example: [-0.52, 5.18] }),
  })
  .meta({ id: 'PositionSeries', description: 'One position over time.' });

/** Schema of the answer of `GET /portfolios/{id}/mtm`. */
export const markToMarketSchema = z
  .strictObject({
    ...reportFields,
    resolution: countField('Minutes between points.', DEFAULT_RESOLUTION_MINUTES),
    ...valuationFields,
    ...returnFields,
    ...tradeFields,
    pnl_series: z.array(seriesPointSchema).meta({
      description:
        'The run at this resolution, on multiples of it since midnight UTC, oldest first; the last point is now and equals the values above. At most the latest 5,000 points.',
    }),
    positions: z.array(positionSeriesSchema).meta({
      description:
        'Every position of the run, the first traded first. Long lists are thinned so that all positions together have about 400,000 points.',
    }),
    reasons: reasonsField,
  })
  .meta({
    id: 'MarkToMarket',
    description:
      'A run of a portfolio marked to market over time. Prices of the past are midpoints seen at fills and the price history of Polymarket.',
    example: {
      ...summaryExample,
      resolution: 60,
      pnl_series: [pointExample],
      positions: [
        {
          ...OUTCOME_REF_EXAMPLE,
          market_question: MARKET_QUESTION,
          current_quantity: 120,
          average_entry_price: 0.416667,
          current_price: 0.46,
          unrealized_pnl: 5.2,
          realized_pnl: 0,
          fees_paid: 0.52,
          total_pnl: 4.68,
          first_trade_at: '2026-02-07T09:01:00.000Z',
          timestamps: ['2026-02-07T09:30:00.000Z'],
          prices: [0.46],
          unrealized_pnls: [5.2],
          total_pnls: [4.68],
        },
      ],
    },
  });
export type MarkToMarketBody = z.infer<typeof markToMarketSchema>;

type ReasonsBody = MetricsBody['reasons'];

/** Reads metrics into wire values and notes why those without a value have none. */
class Undefined {
  readonly reasons: ReasonsBody = {};

  ratio(field: string, metric: Metric): number | null {
    if (metric.undefinedBecause === null) return metric.value;
    this.reasons[field] = { code: metric.undefinedBecause.code, message: metric.undefinedBecause.message };
    return null;
  }

  amount(field: string, metric: Metric<bigint>): number | null {
    if (metric.undefinedBecause === null) return toWireNumber(metric.value);
    this.reasons[field] = { code: metric.undefinedBecause.code, message: metric.undefinedBecause.message };
    return null;
  }
}

/** Performance of a run as its wire body. */
export function toMetrics(report: PerformanceReport): MetricsBody {
  const undefinedOnes = new Undefined();
  return {
    ...toSummary(report, undefinedOnes),
    slippage_paid: undefinedOnes.amount('slippage_paid', report.costs.slippagePaid),
    brier_score: undefinedOnes.ratio('brier_score', report.forecasts.brier),
    costs: toCosts(report.costs, undefinedOnes),
    forecasts: toForecasts(report.forecasts, undefinedOnes),
    by_evidence_grade: report.byEvidenceGrade.map((one) => ({ grade: one.group, ...toContribution(one) })),
    by_category: report.byCategory.map((one) => ({ category: one.group, ...toContribution(one) })),
    pnl_history: report.history.map((point) => toSeriesPoint(point, report.initialBalance)),
    drawdown_history: report.drawdowns.map(({ at, depth }) => ({ timestamp: at.toISOString(), drawdown: depth })),
    positions: report.valuation.positions.map(toPosition),
    reasons: undefinedOnes.reasons,
  };
}

/** A marked-to-market run as its wire body. */
export function toMarkToMarket(report: MarkToMarketReport): MarkToMarketBody {
  const undefinedOnes = new Undefined();
  const times = new WireTimes();
  return {
    ...toSummary(report, undefinedOnes),
    resolution: report.resolutionMinutes,
    pnl_series: report.series.map((point) => toSeriesPoint(point, report.initialBalance, times)),
    positions: report.positions.map((position) => toPositionSeries(position, times)),
    reasons: undefinedOnes.reasons,
  };
}

/** Moments as text, each written once: the positions of a run share the points of its grid. */
class WireTimes {
  private readonly texts = new Map<number, string>();

  of(at: Date): string {
    const known = this.texts.get(at.getTime());
    if (known !== undefined) return known;
    const text = at.toISOString();
    this.texts.set(at.getTime(), text);
    return text;
  }
}

type SummaryBody = Omit<MarkToMarketBody, 'resolution' | 'pnl_series' | 'positions' | 'reasons'>;

function toSummary(report: PerformanceSummary, undefinedOnes: Undefined): SummaryBody {
  const { valuation, returns, lots } = report;
  return {
    portfolio_id: report.portfolioId,
    run: report.run,
    run_started_at: report.runStartedAt.toISOString(),
    as_of: report.asOf.toISOString(),
    total_value: toWireNumber(valuation.totalValue),
    liquidation_value: undefinedOnes.amount('liquidation_value', valuation.liquidationEquity),
    cash_balance: toWireNumber(valuation.cash),
    reserved_cash: toWireNumber(valuation.reserved),
    owed: toWireNumber(valuation.owed),
    position_value: toWireNumber(valuation.positionsValue),
    initial_balance: toWireNumber(report.initialBalance),
    net_deposits: toWireNumber(valuation.netDeposits),
    total_pnl: toWireNumber(valuation.totalPnl),
    total_pnl_percent: wirePercent(valuation.totalPnl, report.initialBalance),
    realized_pnl: toWireNumber(valuation.realised),
    unrealized_pnl: toWireNumber(valuation.unrealised),
    fees_paid: toWireNumber(valuation.fees),
    unpriced_positions: valuation.unpriced,
    unpriced_cost: toWireNumber(valuation.unpricedCost),
    twr: undefinedOnes.ratio('twr', returns.timeWeightedReturn),
    money_weighted_return: undefinedOnes.ratio('money_weighted_return', returns.moneyWeightedReturn),
    simple_return: undefinedOnes.ratio('simple_return', returns.simpleReturn),
    daily_returns: returns.dailyReturns,
    volatility: undefinedOnes.ratio('volatility', returns.volatility),
    sharpe_ratio: undefinedOnes.ratio('sharpe_ratio', returns.sharpe),
    risk_free_rate: 0,
    sortino_ratio: undefinedOnes.ratio('sortino_ratio', returns.sortino),
    probabilistic_sharpe_ratio: undefinedOnes.ratio('probabilistic_sharpe_ratio', returns.probabilisticSharpe),
    ...toDrawdown(returns.drawdown, undefinedOnes),
    calmar_ratio: undefinedOnes.ratio('calmar_ratio', returns.calmar),
    total_trades: report.trades,
    win_rate: undefinedOnes.ratio('win_rate', lots.averageCost.winRate),
    avg_trade_pnl: undefinedOnes.amount('avg_trade_pnl', lots.averageCost.expectancy),
    best_trade: undefinedOnes.amount('best_trade', lots.averageCost.best),
    worst_trade: undefinedOnes.amount('worst_trade', lots.averageCost.worst),
    lots: {
      average_cost: toLotStatistics('lots.average_cost', lots.averageCost, undefinedOnes),
      fifo: toLotStatistics('lots.fifo', lots.fifo, undefinedOnes),
    },
  };
}

function toDrawdown(
  metric: Metric<Drawdown>,
  undefinedOnes: Undefined,
): Pick<SummaryBody, 'max_drawdown' | 'drawdown'> {
  if (metric.undefinedBecause !== null) {
    return {
      max_drawdown: undefinedOnes.ratio('max_drawdown', metric),
      drawdown: { peak_at: null, trough_at: null, recovered_at: null },
    };
  }
  const { depth, peakAt, troughAt, recoveredAt } = metric.value;
  return {
    max_drawdown: depth,
    drawdown: {
      peak_at: wireTimeOrNull(peakAt),
      trough_at: wireTimeOrNull(troughAt),
      recovered_at: wireTimeOrNull(recoveredAt),
    },
  };
}

function toLotStatistics(name: string, lots: LotStatistics, undefinedOnes: Undefined): SummaryBody['lots']['fifo'] {
  return {
    closed_lots: lots.closed,
    win_rate: undefinedOnes.ratio(`${name}.win_rate`, lots.winRate),
    profit_factor: undefinedOnes.ratio(`${name}.profit_factor`, lots.profitFactor),
    expectancy: undefinedOnes.amount(`${name}.expectancy`, lots.expectancy),
    payoff_ratio: undefinedOnes.ratio(`${name}.payoff_ratio`, lots.payoffRatio),
    average_holding_seconds: undefinedOnes.ratio(`${name}.average_holding_seconds`, lots.holdingSeconds),
    best: undefinedOnes.amount(`${name}.best`, lots.best),
    worst: undefinedOnes.amount(`${name}.worst`, lots.worst),
  };
}

function toCosts(costs: ExecutionCosts, undefinedOnes: Undefined): MetricsBody['costs'] {
  return {
    fee_bps: undefinedOnes.ratio('costs.fee_bps', costs.feeBps),
    effective_spread: undefinedOnes.ratio('costs.effective_spread', costs.effectiveSpread),
    fills_with_arrival_midpoint: costs.fillsWithArrivalMidpoint,
  };
}

function toForecasts(forecasts: ForecastQuality, undefinedOnes: Undefined): MetricsBody['forecasts'] {
  return {
    basis: forecasts.basis,
    resolved_fills: forecasts.count,
    log_score: undefinedOnes.ratio('forecasts.log_score', forecasts.logScore),
    skill_vs_market: undefinedOnes.ratio('forecasts.skill_vs_market', forecasts.skillVsMarket),
    calibration: toCalibration(forecasts.calibration, undefinedOnes),
  };
}

function toCalibration(metric: Metric<Calibration>, undefinedOnes: Undefined): MetricsBody['forecasts']['calibration'] {
  if (metric.undefinedBecause !== null) {
    undefinedOnes.ratio('forecasts.calibration', metric);
    return null;
  }
  const { bins, expectedCalibrationError, reliability, resolution, uncertainty } = metric.value;
  return {
    bins: bins.map((bin) => ({
      from: bin.from,
      to: bin.to,
      count: bin.count,
      mean_forecast: bin.meanForecast,
      observed_rate: bin.observedRate,
      low: bin.low,
      high: bin.high,
    })),
    expected_calibration_error: expectedCalibrationError,
    reliability,
    resolution,
    uncertainty,
  };
}

function toContribution(one: Contribution): Omit<MetricsBody['by_category'][number], 'category'> {
  return {
    fills: one.fills,
    volume: toWireNumber(one.volume),
    pnl: wireNumberOrNull(one.pnl),
    fees_paid: toWireNumber(one.fees),
    estimated_rebate: toWireNumber(one.estimatedRebate),
  };
}

function toSeriesPoint(
  point: SeriesPoint,
  initialBalance: MicroUsdc,
  times: WireTimes = new WireTimes(),
): MetricsBody['pnl_history'][number] {
  return {
    timestamp: times.of(point.at),
    portfolio_value: wireNumberOrNull(point.equity),
    cash_balance: toWireNumber(point.cash),
    reserved_cash: toWireNumber(point.reserved),
    owed: toWireNumber(point.owed),
    position_value: toWireNumber(point.positionsValue),
    unrealized_pnl: toWireNumber(point.unrealised),
    realized_pnl: toWireNumber(point.realised),
    fees_paid: toWireNumber(point.fees),
    total_pnl: wireNumberOrNull(point.totalPnl),
    total_pnl_percent: point.totalPnl === null ? null : wirePercent(point.totalPnl, initialBalance),
    unpriced_positions: point.unpriced,
  };
}

function toPositionSeries(series: PositionSeries, times: WireTimes): MarkToMarketBody['positions'][number] {
  return {
    ...toOutcomeRef(series),
    market_question: series.marketQuestion,
    current_quantity: toWireNumber(series.quantity),
    average_entry_price: wireNumberOrNull(averagePrice(series.cost, series.quantity)),
    current_price: wireNumberOrNull(series.currentPrice),
    unrealized_pnl: wireNumberOrNull(series.unrealised),
    realized_pnl: toWireNumber(series.realised),
    fees_paid: toWireNumber(series.fees),
    total_pnl: wireNumberOrNull(series.totalPnl),
    first_trade_at: series.firstTradeAt.toISOString(),
    timestamps: series.points.map(({ at }) => times.of(at)),
    prices: series.points.map(({ price }) => wireNumberOrNull(price)),
    unrealized_pnls: series.points.map(({ unrealised }) => wireNumberOrNull(unrealised)),
    total_pnls: series.points.map(({ totalPnl }) => wireNumberOrNull(totalPnl)),
  };
}

function wirePercent(part: MicroUsdc, whole: MicroUsdc): number {
  return toWireStatistic(percentOf(part, whole));
}
