import {
  executionCosts,
  lotStatistics,
  type MarkToMarketReport,
  type PerformanceReport,
  type PerformanceSummary,
  priceAt,
  returnStatistics,
  runDrawdowns,
  sampleRun,
  seriesGrid,
  type SeriesPoint,
  type TokenQuote,
  type Valuation,
  valuePortfolio,
} from '@app/domain';
import { EquitySnapshotRepository, MarketRepository, RunHistoryRepository } from '@app/persistence';
import { Injectable } from '@nestjs/common';
import type { Owner } from '../owner';
import { endingWith, hourlyEquity, HOURLY_GRAIN_MINUTES, shownHistory, SnapshotPoints } from './equity-history';
import { contributionsOf, forecastsOf, payoutsOf } from './fill-analysis';
import { positionSeries } from './position-series';
import { PriceSeriesReader } from './price-series.reader';
import { type ReadRun, RunReader } from './run-reader';
import { RunMemory } from './run-memory';
import { RunPrices } from './run-prices';
import { ValuationService } from './valuation.service';

const MINUTE_MS = 60_000;
/** Points of a mark-to-market series; of a longer run the latest. */
export const MOST_SERIES_POINTS = 5_000;
/** Snapshots read of a run: the hours of a year, and the five minutes of some days. */
const MOST_SNAPSHOTS = 20_000;
const NO_CATEGORY = 'other';

/**
 * How a portfolio did, over one of its runs.
 *
 * Invariants: the statistics of return and risk are made of the same hourly equity in both reports, whatever is shown; the last point of every series is the
 * valuation; what the ledger gives equals what the portfolio holds, or there is no report.
 */
@Injectable()
export class PerformanceService {
  constructor(
    private readonly runs: RunReader,
    private readonly valuations: ValuationService,
    private readonly series: PriceSeriesReader,
    private readonly memory: RunMemory,
    private readonly histories: RunHistoryRepository,
    private readonly snapshots: EquitySnapshotRepository,
    private readonly markets: MarketRepository,
  ) {}

  /**
   * Returns the metrics of the run that was current at a moment; null for now.
   * @throws DomainError `PORTFOLIO.NOT_FOUND`; `REQUEST.UNACCEPTABLE` for a moment in the future or before the portfolio was opened
   */
  async metrics(owner: Owner, portfolioId: string, { asOf }: { asOf: Date | null }): Promise<PerformanceReport> {
    const run = await this.runs.read(owner, portfolioId, asOf);
    const [fills, snapshots, prices] = await Promise.all([
      this.histories.listFills(portfolioId, run.run, run.asOf),
      this.readSnapshots(run),
      this.pricesOf(run),
    ]);
    const valuation = await this.value(run, prices);
    const points = await hourlyEquity(run, snapshots, prices, valuation);
    const payouts = payoutsOf(run.positions, run.history.lots.averageCost);
    const categoryOf = await this.readCategories(new Set(fills.map(({ marketId }) => marketId)));
    return {
      ...summaryOf(run, valuation, points),
      costs: executionCosts(fills),
      forecasts: forecastsOf(fills, payouts),
      ...contributionsOf(fills, valuation.positions, payouts, categoryOf),
      history: shownHistory(points),
      drawdowns: shownHistory(runDrawdowns({ points, flows: run.history.flows })),
    };
  }

  /**
   * Returns the current run marked to market over time, on multiples of the resolution since midnight UTC and now.
   * @throws DomainError `PORTFOLIO.NOT_FOUND`
   */
  async mtm(
    owner: Owner,
    portfolioId: string,
    { resolutionMinutes }: { resolutionMinutes: number },
  ): Promise<MarkToMarketReport> {
    const run = await this.runs.read(owner, portfolioId, null);
    const [snapshots, prices] = await Promise.all([this.readSnapshots(run), this.pricesOf(run)]);
    const grid = seriesGrid(run.startedAt, run.asOf, resolutionMinutes * MINUTE_MS, MOST_SERIES_POINTS);
    const grain = Math.min(resolutionMinutes, HOURLY_GRAIN_MINUTES);
    const [valuation, pricesOf] = await Promise.all([
      this.value(run, prices),
      prices.load(run.history.tokens.keys(), grain, grid[0] ?? run.startedAt),
    ]);
    const sampled = sampleRun(run.history, grid, pricesOf);
    const series = endingWith(valuation, snapshots.over(sampled.points));
    const isHourly = resolutionMinutes === HOURLY_GRAIN_MINUTES && grid[0]?.getTime() === run.startedAt.getTime();
    const hourly = isHourly ? series : await hourlyEquity(run, snapshots, prices, valuation);
    return {
      ...summaryOf(run, valuation, hourly),
      resolutionMinutes,
      series,
      positions: positionSeries(run.history, valuation.positions, sampled.positions),
    };
  }

  private async pricesOf({ portfolio, run, history, positions, isNow, asOf }: ReadRun): Promise<RunPrices> {
    const seen = await this.memory.readMidpoints(portfolio.id, run, asOf);
    return new RunPrices(this.series, history, positions, isNow ? null : asOf, seen);
  }

  private async value(run: ReadRun, prices: RunPrices): Promise<Valuation> {
    if (run.isNow) return { ...(await this.valuations.value(run.portfolio, run.positions)), at: run.asOf };
    const held = run.positions.filter(({ quantity }) => quantity > 0n);
    const pricesOf = await prices.load(
      held.map(({ tokenId }) => tokenId),
      HOURLY_GRAIN_MINUTES,
      run.startedAt,
    );
    const quoteOf = ({ tokenId }: { tokenId: string }): TokenQuote => {
      const known = priceAt(pricesOf(tokenId), run.asOf);
      if (known === null) return { mark: null, unpricedBecause: 'No price of that time is known.', liquidation: null };
      const mark = { price: known.p, source: 'price_history', at: new Date(known.t * 1_000) } as const;
      return { mark, unpricedBecause: null, liquidation: null };
    };
    return valuePortfolio(run.portfolio, run.positions, quoteOf, run.asOf);
  }

  private async readSnapshots({ portfolio, run, startedAt, asOf }: ReadRun): Promise<SnapshotPoints> {
    return new SnapshotPoints(
      await this.snapshots.listRange({
        portfolioId: portfolio.id,
        run,
        from: startedAt,
        to: asOf,
        limit: MOST_SNAPSHOTS,
      }),
    );
  }

  private async readCategories(marketIds: ReadonlySet<string>): Promise<(marketId: string) => string> {
    const markets = marketIds.size === 0 ? [] : await this.markets.findManyBySlugs([...marketIds]);
    const categories = new Map(
      markets.map(({ slug, category, tags }) => [slug, category ?? tags[0]?.slug ?? NO_CATEGORY]),
    );
    return (marketId) => categories.get(marketId) ?? NO_CATEGORY;
  }
}

function summaryOf(run: ReadRun, valuation: Valuation, points: readonly SeriesPoint[]): PerformanceSummary {
  const { portfolio, history } = run;
  return {
    portfolioId: portfolio.id,
    run: run.run,
    runStartedAt: run.startedAt,
    asOf: run.asOf,
    initialBalance: portfolio.initialBalance,
    valuation,
    returns: returnStatistics({ points, flows: history.flows }, valuation.equity, valuation.netDeposits),
    trades: history.fills,
    lots: { averageCost: lotStatistics(history.lots.averageCost), fifo: lotStatistics(history.lots.fifo) },
  };
}
