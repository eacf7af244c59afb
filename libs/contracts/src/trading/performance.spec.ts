import {
  executionCosts,
  forecastQuality,
  lotStatistics,
  type MarkToMarketReport,
  microPrice,
  microShares,
  microUsdc,
  type PerformanceReport,
  type PerformanceSummary,
  type Position,
  returnStatistics,
  type SeriesPoint,
  type TokenQuote,
  type Valuation,
  valuePortfolio,
} from '@app/domain';
import {
  markToMarketQuerySchema,
  markToMarketSchema,
  metricsQuerySchema,
  metricsSchema,
  toMarkToMarket,
  toMetrics,
} from './performance';

const START = new Date('2026-11-22T10:00:00Z');
const NOW = new Date('2026-11-22T11:30:00Z');
const usdc = (amount: number): ReturnType<typeof microUsdc> => microUsdc(BigInt(Math.round(amount * 1e6)));

const position: Position = {
  portfolioId: 'p',
  userId: 'u',
  run: 1,
  marketId: 'will-it-happen',
  conditionId: `0x${'a'.repeat(64)}`,
  tokenId: '1',
  outcome: 'Yes',
  outcomeIndex: 0,
  marketQuestion: 'Will it happen?',
  quantity: microShares(100_000_000n),
  reserved: microShares(0n),
  cost: usdc(40),
  realised: usdc(0),
  fees: usdc(0.96),
  status: 'open',
  settledVersion: null,
  openedAt: START,
  updatedAt: START,
};
const priced: TokenQuote = {
  mark: { price: microPrice(450_000n), source: 'book', at: NOW },
  unpricedBecause: null,
  liquidation: {
    value: usdc(43.1),
    fee: usdc(0.9),
    sold: microShares(100_000_000n),
    unsold: microShares(0n),
  },
};
const unpriced: TokenQuote = { mark: null, unpricedBecause: 'Nobody quotes it.', liquidation: null };

const valued = (quote: TokenQuote): Valuation =>
  valuePortfolio(
    { cash: usdc(954.04), reserved: usdc(5), owed: usdc(0), realised: usdc(0), fees: usdc(0.96), run: 1 },
    [position],
    () => quote,
    NOW,
  );

function pointOf(valuation: Valuation, at: Date): SeriesPoint {
  const { cash, reserved, owed, positionsValue, unrealised, realised, fees, equity, totalPnl } = valuation;
  const isPriced = valuation.unpriced === 0;
  return {
    at,
    cash,
    reserved,
    owed,
    positionsValue,
    unrealised,
    realised,
    fees,
    unpriced: valuation.unpriced,
    equity: equity.value,
    totalPnl: isPriced ? totalPnl : null,
  };
}

function summary(quote: TokenQuote): PerformanceSummary & { points: SeriesPoint[] } {
  const valuation = valued(quote);
  const points = [{ ...pointOf(valuation, START), equity: usdc(1_000), totalPnl: usdc(0) }, pointOf(valuation, NOW)];
  const flows = [{ at: START, amount: usdc(1_000) }];
  return {
    portfolioId: '0190f5c2-7c1e-7d3b-9c55-2f1d3a6b8e10',
    run: 1,
    runStartedAt: START,
    asOf: NOW,
    initialBalance: usdc(1_000),
    valuation,
    returns: returnStatistics({ points, flows }, valuation.equity, valuation.netDeposits),
    trades: 1,
    lots: { averageCost: lotStatistics([]), fifo: lotStatistics([]) },
    points,
  };
}

function metricsReport(quote: TokenQuote): PerformanceReport {
  const { points, ...rest } = summary(quote);
  return {
    ...rest,
    costs: executionCosts([]),
    forecasts: forecastQuality([]),
    byEvidenceGrade: [],
    byCategory: [{ group: 'other', fills: 1, volume: usdc(40), pnl: null, fees: usdc(0.96), estimatedRebate: usdc(0) }],
    history: points,
    drawdowns: [{ at: START, depth: 0 }],
  };
}

function mtmReport(quote: TokenQuote): MarkToMarketReport {
  const { points, ...rest } = summary(quote);
  const unrealised = quote.mark === null ? null : usdc(5);
  const totalPnl = quote.mark === null ? null : usdc(4.04);
  return {
    ...rest,
    resolutionMinutes: 60,
    series: points,
    positions: [
      {
        ...position,
        currentPrice: quote.mark?.price ?? null,
        unrealised,
        totalPnl,
        firstTradeAt: START,
        points: [{ at: NOW, price: quote.mark?.price ?? null, unrealised, totalPnl }],
      },
    ],
  };
}

/** Names of the top fields that are null, those of dates and counts of nothing aside. */
const nullsOf = (body: object): string[] =>
  Object.entries(body)
    .filter(([, value]) => value === null)
    .map(([name]) => name);

describe('metrics', () => {
  it('keep to their schema, and show amounts exactly', () => {
    const body = toMetrics(metricsReport(priced));
    expect(metricsSchema.safeParse(body).error?.issues).toBeUndefined();
    expect(body).toMatchObject({
      total_value: 1004.04,
      liquidation_value: 1002.14,
      cash_balance: 954.04,
      reserved_cash: 5,
      position_value: 45,
      initial_balance: 1000,
      total_pnl: 4.04,
      total_pnl_percent: 0.404,
      unrealized_pnl: 5,
      fees_paid: 0.96,
      simple_return: 0.00404,
      total_trades: 1,
    });
    expect(body.positions).toMatchObject([{ market_id: 'will-it-happen', current_price: 0.45, unrealized_pnl: 5 }]);
    expect(body.pnl_history.at(-1)).toMatchObject({ portfolio_value: 1004.04, total_pnl: 4.04 });
  });

  it('give a reason for everything that is undefined, and only for that', () => {
    const body = toMetrics(metricsReport(priced));
    for (const name of nullsOf(body))
      expect([name, body.reasons[name]?.message]).toEqual([name, expect.stringMatching(/\w+ \w+/)]);
    for (const [name, { code }] of Object.entries(body.reasons)) {
      const value = name.split('.').reduce<unknown>((part, key) => (part as Record<string, unknown>)[key], body);
      expect([name, code, value]).toEqual([name, code, null]);
    }
    expect(body.reasons).toMatchObject({
      sharpe_ratio: { code: 'too_few_returns' },
      money_weighted_return: { code: 'too_short' },
      win_rate: { code: 'nothing_closed' },
      'lots.fifo.payoff_ratio': { code: 'nothing_closed' },
      brier_score: { code: 'nothing_resolved' },
      'forecasts.calibration': { code: 'nothing_resolved' },
      slippage_paid: { code: 'nothing_traded' },
    });
  });

  it('leave an unpriced position out of every value, and say so', () => {
    const body = toMetrics(metricsReport(unpriced));
    expect(metricsSchema.safeParse(body).error?.issues).toBeUndefined();
    expect(body).toMatchObject({
      total_value: 959.04,
      liquidation_value: null,
      unpriced_positions: 1,
      unpriced_cost: 40,
      total_pnl: -0.96,
      simple_return: null,
      reasons: {
        simple_return: { code: 'unpriced' },
        liquidation_value: { code: 'no_book' },
        twr: { code: 'unpriced' },
      },
    });
    expect(body.positions).toMatchObject([
      { current_price: null, unrealized_pnl: null, unpriced_reason: 'Nobody quotes it.' },
    ]);
    expect(body.pnl_history.at(-1)).toMatchObject({ portfolio_value: null, total_pnl: null, unpriced_positions: 1 });
  });
});

describe('mark to market', () => {
  it('keeps to its schema, with and without prices', () => {
    for (const quote of [priced, unpriced]) {
      const body = toMarkToMarket(mtmReport(quote));
      expect(markToMarketSchema.safeParse(body).error?.issues).toBeUndefined();
    }
    const { positions, pnl_series: series, resolution } = toMarkToMarket(mtmReport(priced));
    expect(resolution).toBe(60);
    expect(series.map(({ timestamp }) => timestamp)).toEqual([START.toISOString(), NOW.toISOString()]);
    expect(positions).toMatchObject([
      {
        market_id: 'will-it-happen',
        current_quantity: 100,
        average_entry_price: 0.4,
        current_price: 0.45,
        total_pnl: 4.04,
        timestamps: [NOW.toISOString()],
        prices: [0.45],
        unrealized_pnls: [5],
        total_pnls: [4.04],
      },
    ]);
  });
});

describe('queries', () => {
  it.each(['0', '1441', '1.5', 'hour', '-60', ''])('refuse a resolution of %p', (resolution) => {
    const { error } = markToMarketQuerySchema.safeParse({ resolution });
    expect(error?.issues).toMatchObject([{ path: ['resolution'], message: expect.stringContaining('from 1 to 1440') }]);
  });

  it('take hours when no resolution is given', () => {
    expect(markToMarketQuerySchema.parse({})).toEqual({ resolution: 60 });
  });

  it('take a moment to look back at', () => {
    expect(metricsQuerySchema.parse({ as_of: '2026-11-22T10:00:00Z' })).toEqual({ as_of: START });
    expect(metricsQuerySchema.safeParse({ as_of: 'yesterday' }).error?.issues).toMatchObject([{ path: ['as_of'] }]);
    expect(metricsQuerySchema.safeParse({ asof: '2026-11-22' }).success).toBe(false);
  });
});
