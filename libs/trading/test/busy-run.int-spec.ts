import { type MarkToMarketReport, sideSign } from '@app/domain';
import { MarketRepository, PriceHistoryRepository } from '@app/persistence';
import { type Owner, PerformanceService } from '@app/trading';
import { type BusyRun, writeBusyRun } from './busy-run';
import { anOwner, openTestTrading, type TestTrading, type TradingInstance } from './trading-harness';

const TRADES = 10_000;
const DAYS = 90;
const HOUR_MS = 3_600_000;

let trading: TestTrading;
let instance: TradingInstance;
let owner: Owner;
let run: BusyRun;
let report: MarkToMarketReport;

beforeAll(async () => {
  trading = await openTestTrading();
  instance = await trading.start();
  owner = anOwner();
  run = await writeBusyRun(
    {
      trading: instance.repository,
      markets: instance.get(MarketRepository),
      histories: instance.get(PriceHistoryRepository),
    },
    { userId: owner.userId, trades: TRADES, days: DAYS, markets: 40, seed: 'mtm', endsAt: trading.clock.now() },
  );
  report = await instance.get(PerformanceService).mtm(owner, run.portfolioId, { resolutionMinutes: 60 });
});

afterAll(() => trading.stop());

/** What the run was worth at a moment, added up anew from every trade before it. */
function addUp(at: Date): { cash: bigint; value: bigint; pnl: bigint } {
  let cash = run.initialBalance;
  const held = new Map<string, bigint>();
  const hold = (tokenId: string, change: bigint): void => void held.set(tokenId, (held.get(tokenId) ?? 0n) + change);
  for (const { side, tokenId, quantity, value, fee, tradedAt } of run.trades) {
    if (tradedAt > at) continue;
    cash -= sideSign(side) * value + fee;
    hold(tokenId, sideSign(side) * quantity);
  }
  for (const { tokenId, quantity, paid, at: paidAt } of run.settlements) {
    if (paidAt > at) continue;
    cash += paid;
    hold(tokenId, -quantity);
  }
  let value = 0n;
  for (const [tokenId, quantity] of held) {
    if (quantity > 0n) value += (quantity * run.priceAt(tokenId, at)) / 1_000_000n;
  }
  return { cash, value, pnl: cash + value - run.initialBalance };
}

describe(`a run of ${TRADES.toLocaleString('en')} trades over ${DAYS} days`, () => {
  it('has a point for every hour, each worth what adding up all trades before it gives', () => {
    const { series } = report;
    expect(series.length).toBe(DAYS * 24 + 1);
    expect(report.trades).toBe(TRADES);
    for (let index = 0; index < series.length; index += 97) {
      const point = series[index];
      if (point === undefined) continue;
      const { cash, value, pnl } = addUp(point.at);
      expect([index, point.cash + point.reserved, point.positionsValue, point.totalPnl]).toEqual([
        index,
        cash,
        value,
        pnl,
      ]);
    }
  });

  it('sums up over its positions to the whole, at every point', () => {
    const sums = new Map(report.series.map(({ at }) => [at.getTime(), 0n]));
    for (const { points } of report.positions) {
      let ended: bigint | null = null;
      const own = new Map(points.map(({ at, totalPnl }) => [at.getTime(), totalPnl]));
      for (const [at, sum] of sums) {
        const pnl = own.get(at);
        if (pnl !== undefined) ended = pnl;
        // A position that was closed keeps what it earned.
        sums.set(at, sum + (ended ?? 0n));
      }
    }
    for (const { at, totalPnl } of report.series) expect([at, totalPnl]).toEqual([at, sums.get(at.getTime())]);
  });

  it('ends with what the portfolio holds', async () => {
    const account = await instance.repository.loadAccount(run.portfolioId, owner.userId);
    const last = report.series.at(-1);
    const { valuation } = report;
    expect(last).toMatchObject({
      at: trading.clock.now(),
      cash: account?.portfolio.cash,
      realised: account?.portfolio.realised,
      fees: account?.portfolio.fees,
      equity: valuation.totalValue,
      totalPnl: valuation.totalPnl,
    });
    expect(valuation).toMatchObject({ unpriced: 0, netDeposits: run.initialBalance });
    const open = [...(account?.positions.values() ?? [])].filter(({ quantity }) => quantity > 0n);
    expect(open.length).toBeGreaterThan(50);
    const held = report.positions.filter(({ quantity }) => quantity > 0n);
    expect(held.map(({ tokenId, quantity }) => [tokenId, quantity]).sort()).toEqual(
      open.map(({ tokenId, quantity }) => [tokenId, quantity]).sort(),
    );
  });

  it('closes lots whose P&L is what was realised less the fees of what was closed', () => {
    const { realised, fees, positions } = report.valuation;
    // All fees are of lots that were closed, but those of the shares still held.
    expect(report.lots.averageCost.closed).toBeGreaterThan(1_000);
    expect(report.lots.fifo.closed).toBeGreaterThan(report.lots.averageCost.closed);
    expect(positions.reduce((sum, { position }) => sum + position.realised, 0n)).toBe(realised);
    expect(positions.reduce((sum, { position }) => sum + position.fees, 0n)).toBe(fees);
  });

  it('has the metrics of the same points', async () => {
    const metrics = await instance.get(PerformanceService).metrics(owner, run.portfolioId, { asOf: null });
    expect(metrics).toMatchObject({ trades: TRADES, returns: report.returns, lots: report.lots });
    expect(metrics.returns.dailyReturns).toBe(DAYS - 1);
    expect(metrics.returns.sharpe.undefinedBecause).toBeNull();
    expect(metrics.history).toEqual(report.series);
    expect(metrics.byEvidenceGrade).toMatchObject([{ group: 'A', fills: TRADES }]);
    // Every share came and went by fills: what they added is the P&L before fees.
    expect(metrics.byEvidenceGrade[0]?.pnl).toBe(metrics.valuation.totalPnl + metrics.valuation.fees);
    expect(metrics.forecasts.count).toBeGreaterThan(100);
    const earlier = new Date(run.startedAt.getTime() + 30 * 24 * HOUR_MS);
    const past = await instance.get(PerformanceService).metrics(owner, run.portfolioId, { asOf: earlier });
    const { pnl } = addUp(earlier);
    expect([past.valuation.totalPnl, past.history.at(-1)?.totalPnl]).toEqual([pnl, pnl]);
  });
});
