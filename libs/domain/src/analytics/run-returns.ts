import { microUsdc, type MicroUsdc } from '../money';
import type { DrawdownPoint, ReturnStatistics, SeriesPoint } from './report';
import {
  annualised,
  dailyReturns,
  type EquityPoint,
  type ExternalFlow,
  moneyWeightedReturn,
  simpleReturn,
  timeWeightedReturn,
} from './returns';
import {
  calmarRatio,
  drawdowns,
  maxDrawdown,
  probabilisticSharpe,
  sharpeRatio,
  sortinoRatio,
  volatility,
} from './risk';
import type { Metric } from './metric';
import { DAY_MS } from './time';

/** A run's equity over time: what was paid in to begin it, and each point after that. */
export interface RunEquity {
  /** Ascending; the last one is the moment of the report. */
  points: readonly SeriesPoint[];
  flows: readonly ExternalFlow[];
}

/** The equity of a run with its flows: each is put on the last point before it, and the first on the nothing the run began with. */
function equityPoints({ points, flows }: RunEquity): EquityPoint[] {
  const nothing = microUsdc(0n);
  const [first] = points;
  if (first === undefined) return [];
  const paidIn = (from: number, to: number): MicroUsdc =>
    microUsdc(
      flows.reduce((sum, { at, amount }) => (at.getTime() > from && at.getTime() <= to ? sum + amount : sum), 0n),
    );
  const opening: EquityPoint = { at: first.at, equity: nothing, flow: paidIn(-Infinity, first.at.getTime()) };
  return [
    opening,
    ...points.map(({ at, equity }, index): EquityPoint => {
      const next = points[index + 1];
      return { at, equity, flow: next === undefined ? nothing : paidIn(at.getTime(), next.at.getTime()) };
    }),
  ];
}

/** Return and risk of a run, each by its own definition. */
export function returnStatistics(run: RunEquity, equity: Metric<MicroUsdc>, netDeposits: MicroUsdc): ReturnStatistics {
  const points = equityPoints(run);
  const at = points.at(-1)?.at ?? new Date(0);
  const days = (at.getTime() - (points[0]?.at.getTime() ?? 0)) / DAY_MS;
  const daily = dailyReturns(points).map(({ value }) => value);
  const timeWeighted = timeWeightedReturn(points);
  const drawdown = maxDrawdown(points);
  return {
    timeWeightedReturn: timeWeighted,
    moneyWeightedReturn: moneyWeightedReturn(run.flows, equity, at),
    simpleReturn: simpleReturn(equity, netDeposits),
    dailyReturns: daily.length,
    volatility: volatility(daily),
    sharpe: sharpeRatio(daily),
    sortino: sortinoRatio(daily),
    probabilisticSharpe: probabilisticSharpe(daily),
    drawdown,
    calmar: calmarRatio(annualised(timeWeighted, days), drawdown),
  };
}

/** How far a run was below its highest equity at each of its points. */
export function runDrawdowns(run: RunEquity): DrawdownPoint[] {
  return drawdowns(equityPoints(run));
}
