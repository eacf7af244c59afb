import type { MicroPrice, MicroShares, MicroUsdc } from '../money';
import type { MarketOutcomeRef } from '../trading/order';
import type { EvidenceGrade } from '../trading/trade';
import type { Metric } from './metric';
import type { Valuation } from './valuation';

/** The deepest fall of equity from a peak. */
export interface Drawdown {
  /** (peak - trough) / peak, 0..1; equity that never fell has 0. */
  depth: number;
  /** When the peak before the fall, the lowest point and the first return to the peak were; null where there was none. */
  peakAt: Date | null;
  troughAt: Date | null;
  recoveredAt: Date | null;
}

/** How far equity was below its highest value so far, at one moment. */
export interface DrawdownPoint {
  at: Date;
  /** 0..1. */
  depth: number;
}

/** Return and risk over one run. Ratios: 0.05 is five percent. */
export interface ReturnStatistics {
  timeWeightedReturn: Metric;
  moneyWeightedReturn: Metric;
  simpleReturn: Metric;
  /** Complete UTC days whose return is known. */
  dailyReturns: number;
  volatility: Metric;
  sharpe: Metric;
  sortino: Metric;
  probabilisticSharpe: Metric;
  drawdown: Metric<Drawdown>;
  calmar: Metric;
}

/** Statistics of closed lots; P&L with the fees of both sides taken off. */
export interface LotStatistics {
  closed: number;
  winRate: Metric;
  profitFactor: Metric;
  /** Mean P&L of a lot. */
  expectancy: Metric<MicroUsdc>;
  payoffRatio: Metric;
  /** Mean time a lot was held, seconds. */
  holdingSeconds: Metric;
  best: Metric<MicroUsdc>;
  worst: Metric<MicroUsdc>;
}

/** What trading itself cost. */
export interface ExecutionCosts {
  feesPaid: MicroUsdc;
  /** Fees in hundredths of a percent of the value traded. */
  feeBps: Metric;
  /** Sum over the fills of side x (price - arrival midpoint) x shares; positive when it cost. */
  slippagePaid: Metric<MicroUsdc>;
  /** Fills that had a midpoint on arrival, of all. */
  fillsWithArrivalMidpoint: number;
  /** Mean over the shares of 2 x side x (price - midpoint at the fill), in USDC a share. */
  effectiveSpread: Metric;
}

/** One bin of a calibration. */
export interface CalibrationBin {
  /** Forecasts from `from` up to, not including, `to`; the last bin includes 1. */
  from: number;
  to: number;
  count: number;
  /** Sum of the weights. */
  weight: number;
  meanForecast: number;
  observedRate: number;
  /** Wilson 95% interval of the rate, over the count. */
  low: number;
  high: number;
}

export interface Calibration {
  bins: readonly CalibrationBin[];
  expectedCalibrationError: number;
  reliability: number;
  resolution: number;
  uncertainty: number;
}

/** How good probabilities were, over resolved markets. */
export interface ForecastQuality {
  /** Whether forecasts were stated; otherwise prices paid stand in for them, and the scores describe the prices. */
  basis: 'stated_forecasts' | 'prices_paid' | 'mixed';
  /** Resolved fills scored. */
  count: number;
  brier: Metric;
  logScore: Metric;
  skillVsMarket: Metric;
  calibration: Metric<Calibration>;
}

/** What a group of fills added to the P&L. */
export interface Contribution<Group extends string = string> {
  group: Group;
  fills: number;
  /** Value traded. */
  volume: MicroUsdc;
  /** Each fill held against what its shares are worth now, or paid; fees not taken off. Null while a share of the group has no price. */
  pnl: MicroUsdc | null;
  fees: MicroUsdc;
  /** What the venue would pay makers back, an estimate that is part of nothing else. */
  estimatedRebate: MicroUsdc;
}

/** A portfolio at one point of its series. */
export interface SeriesPoint {
  at: Date;
  cash: MicroUsdc;
  reserved: MicroUsdc;
  owed: MicroUsdc;
  positionsValue: MicroUsdc;
  unrealised: MicroUsdc;
  realised: MicroUsdc;
  fees: MicroUsdc;
  /** Open positions without a price then; they are in none of the values. */
  unpriced: number;
  /** Null while a position has no price. */
  equity: MicroUsdc | null;
  totalPnl: MicroUsdc | null;
}

/** One position over time: from its first trade to its last point before now, or to the first point after it was closed. */
export interface PositionSeries extends MarketOutcomeRef {
  marketQuestion: string;
  quantity: MicroShares;
  cost: MicroUsdc;
  currentPrice: MicroPrice | null;
  realised: MicroUsdc;
  fees: MicroUsdc;
  /** Null while shares are held that have no price. */
  unrealised: MicroUsdc | null;
  totalPnl: MicroUsdc | null;
  firstTradeAt: Date;
  points: readonly PositionPoint[];
}

export interface PositionPoint {
  at: Date;
  /** Null where no price is known. */
  price: MicroPrice | null;
  unrealised: MicroUsdc | null;
  totalPnl: MicroUsdc | null;
}

/** What both reports say of a run. */
export interface PerformanceSummary {
  portfolioId: string;
  run: number;
  runStartedAt: Date;
  asOf: Date;
  initialBalance: MicroUsdc;
  valuation: Valuation;
  returns: ReturnStatistics;
  /** Fills of the run. */
  trades: number;
  lots: { averageCost: LotStatistics; fifo: LotStatistics };
}

export interface PerformanceReport extends PerformanceSummary {
  costs: ExecutionCosts;
  forecasts: ForecastQuality;
  byEvidenceGrade: readonly Contribution<EvidenceGrade>[];
  byCategory: readonly Contribution[];
  history: readonly SeriesPoint[];
  drawdowns: readonly DrawdownPoint[];
}

export interface MarkToMarketReport extends PerformanceSummary {
  resolutionMinutes: number;
  series: readonly SeriesPoint[];
  positions: readonly PositionSeries[];
}
