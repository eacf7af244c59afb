import { DomainError, type MarketOutcomeRef, type PerformanceReport } from '@app/domain';
import { EquitySnapshotRepository } from '@app/persistence';
import { EquitySnapshotService, type Owner, PerformanceService, ValuationService } from '@app/trading';
import {
  anOrder,
  anOwner,
  openPortfolio,
  openTestTrading,
  price,
  shares,
  type TestLevels,
  type TestTrading,
  type TradingInstance,
  usdc,
} from './trading-harness';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

let trading: TestTrading;
let instance: TradingInstance;
/** Outcomes of a market without fees, and the first of one with fees. */
let yes: MarketOutcomeRef;
let no: MarketOutcomeRef;
let charged: MarketOutcomeRef;

const isFree = (row: Record<string, unknown>): boolean => row.feesEnabled !== true && row.feeSchedule == null;
const hasNoDelay = (row: Record<string, unknown>): boolean =>
  row.secondsDelay == null && !String(row.slug).includes('updown');

beforeAll(async () => {
  trading = await openTestTrading();
  instance = await trading.start();
  [yes, no] = (await trading.findMarket((row) => isFree(row) && hasNoDelay(row))) as [
    MarketOutcomeRef,
    MarketOutcomeRef,
  ];
  [charged] = (await trading.findMarket((row) => !isFree(row) && hasNoDelay(row))) as [MarketOutcomeRef];
});

afterAll(() => trading.stop());

const metrics = (owner: Owner, portfolioId: string, asOf: Date | null = null): Promise<PerformanceReport> =>
  instance.get(PerformanceService).metrics(owner, portfolioId, { asOf });

/** Sets the book of an outcome, a tick around a midpoint or as given, and lets what is remembered of prices run out. */
function quote(ref: MarketOutcomeRef, bids: TestLevels, asks: TestLevels): void {
  instance.books.say(ref.tokenId, { bids, asks });
  trading.clock.advance(MINUTE);
}

async function trade(
  owner: Owner,
  portfolioId: string,
  ref: MarketOutcomeRef,
  side: 'buy' | 'sell',
  quantity: string,
  worst: string,
): Promise<void> {
  const order = anOrder(ref, { side, quantity: shares(quantity), price: price(worst), timeInForce: 'fok' });
  const { trades } = await instance.orders.place(owner, portfolioId, order, null);
  expect(trades.length).toBeGreaterThan(0);
}

describe('what a portfolio is worth', () => {
  const value = async (owner: Owner, id: string) => {
    const account = await instance.repository.loadAccount(id, owner.userId);
    if (account === null) throw new Error('there is no such portfolio');
    return instance.get(ValuationService).value(account.portfolio, account.positions.values());
  };

  it('is cash and shares at the midpoint of the book, and what the bids would pay less fees', async () => {
    const owner = anOwner();
    const { id } = await openPortfolio(instance, owner);
    quote(charged, [['0.38', '1000']], [['0.4', '1000']]);
    await trade(owner, id, charged, 'buy', '100', '0.4');
    quote(
      charged,
      [
        ['0.44', '60'],
        ['0.43', '25'],
      ],
      [['0.46', '1000']],
    );
    const valuation = await value(owner, id);
    const [position] = valuation.positions;
    expect(position).toMatchObject({
      mark: { price: price('0.45'), source: 'book' },
      value: usdc('45'),
      unrealised: usdc('5'),
      liquidation: { sold: shares('85'), unsold: shares('15') },
    });
    // 60 at 0.44 and 25 at 0.43, 15 shares nobody bids for, less the fee of a taker.
    expect(valuation.liquidationValue).toBe(usdc('37.15') - (position?.liquidation?.fee ?? 0n));
    expect(position?.liquidation?.fee).toBeGreaterThan(0n);
    expect(valuation.totalValue).toBe(valuation.cash + usdc('45'));
    expect(valuation.netDeposits).toBe(usdc('1000'));
    expect(valuation.totalPnl).toBe(usdc('5') - valuation.fees);
    expect(valuation.equity.value).toBe(usdc('1000') + valuation.totalPnl);
  });

  it('goes by the quote of the venue where the book has one side, or is not live', async () => {
    const owner = anOwner();
    const { id } = await openPortfolio(instance, owner);
    quote(yes, [], [['0.4', '1000']]);
    await trade(owner, id, yes, 'buy', '100', '0.4');
    const oneSided = await value(owner, id);
    expect(oneSided.positions[0]?.mark?.source).toBe('venue_quote');
    expect(oneSided.positions[0]?.liquidation).toMatchObject({ value: 0n, unsold: shares('100') });

    instance.books.say(yes.tokenId, { bids: [['0.38', '10']], asks: [['0.4', '10']], state: 'recovering' });
    trading.clock.advance(MINUTE);
    const recovering = await value(owner, id);
    expect(recovering.positions[0]).toMatchObject({ mark: { source: 'venue_quote' }, liquidation: null });
    expect(recovering.liquidationEquity).toMatchObject({ value: null, undefinedBecause: { code: 'no_book' } });
  });

  it('leaves out a position that has no price, and never takes it for 0', async () => {
    const owner = anOwner();
    const { id } = await openPortfolio(instance, owner);
    quote(yes, [['0.38', '1000']], [['0.4', '1000']]);
    await trade(owner, id, yes, 'buy', '100', '0.4');
    const account = await instance.repository.loadAccount(id, owner.userId);
    if (account === null) throw new Error('there is no such portfolio');
    const unknown = [...account.positions.values()].map((position) => ({
      ...position,
      marketId: 'nobody-knows-it',
      tokenId: '9',
    }));
    const valuation = await instance.get(ValuationService).value(account.portfolio, unknown);
    expect(valuation).toMatchObject({
      unpriced: 1,
      unpricedCost: usdc('40'),
      positionsValue: 0n,
      totalPnl: 0n,
      totalValue: usdc('960'),
      netDeposits: usdc('1000'),
      equity: { value: null, undefinedBecause: { code: 'unpriced' } },
    });
    expect(valuation.positions[0]).toMatchObject({ value: null, unrealised: null, mark: null });
    expect(valuation.positions[0]?.unpricedBecause).toMatch(/nobody-knows-it/);
  });
});

describe('metrics', () => {
  it('of a portfolio nothing happened in are undefined, each with its reason', async () => {
    const owner = anOwner();
    const { id } = await openPortfolio(instance, owner);
    trading.clock.advance(10 * MINUTE);
    const report = await metrics(owner, id);
    expect(report).toMatchObject({
      run: 1,
      trades: 0,
      valuation: { totalValue: usdc('1000'), totalPnl: 0n },
      returns: {
        timeWeightedReturn: { value: 0 },
        simpleReturn: { value: 0 },
        moneyWeightedReturn: { value: null, undefinedBecause: { code: 'too_short' } },
        sharpe: { value: null, undefinedBecause: { code: 'too_few_returns' } },
        volatility: { value: null, undefinedBecause: { code: 'too_few_returns' } },
        calmar: { value: null, undefinedBecause: { code: 'too_short' } },
        drawdown: { value: { depth: 0 } },
      },
      lots: { averageCost: { winRate: { value: null, undefinedBecause: { code: 'nothing_closed' } } } },
      costs: { slippagePaid: { value: null, undefinedBecause: { code: 'nothing_traded' } } },
      forecasts: { basis: 'prices_paid', brier: { value: null, undefinedBecause: { code: 'nothing_resolved' } } },
      byEvidenceGrade: [],
      byCategory: [],
    });
  });

  it('tell what trading brought and cost: bought 100 at 0.46 and 0.47, sold 40 at 0.52, the rest stands at 0.55', async () => {
    const owner = anOwner();
    const { id } = await openPortfolio(instance, owner);
    quote(
      yes,
      [['0.44', '1000']],
      [
        ['0.46', '60'],
        ['0.47', '500'],
      ],
    );
    await trade(owner, id, yes, 'buy', '100', '0.47');
    quote(yes, [['0.52', '1000']], [['0.54', '1000']]);
    await trade(owner, id, yes, 'sell', '40', '0.52');
    quote(yes, [['0.54', '1000']], [['0.56', '1000']]);
    const report = await metrics(owner, id);
    // Cost 27.60 + 18.80 = 46.40; 40 of 100 cost 18.56 and brought 20.80; 60 cost 27.84 and stand at 33.
    expect(report).toMatchObject({
      trades: 3,
      valuation: {
        realised: usdc('2.24'),
        unrealised: usdc('5.16'),
        totalPnl: usdc('7.4'),
        totalValue: usdc('1007.4'),
        positionsValue: usdc('33'),
      },
      returns: { timeWeightedReturn: { value: expect.closeTo(0.0074, 12) }, simpleReturn: { value: 0.0074 } },
      lots: {
        averageCost: { closed: 1, winRate: { value: 1 }, expectancy: { value: usdc('2.24') } },
        // The oldest 40 cost 0.46 each.
        fifo: { closed: 1, expectancy: { value: usdc('2.4') } },
      },
      // 60 x (0.46 - 0.45) + 40 x (0.47 - 0.45) + 40 x (0.53 - 0.52)
      costs: { feesPaid: 0n, slippagePaid: { value: usdc('1.8') }, fillsWithArrivalMidpoint: 3 },
      byEvidenceGrade: [{ group: 'A', fills: 3, pnl: usdc('7.4'), volume: usdc('67.2') }],
    });
    expect(report.byCategory.map(({ pnl }) => pnl)).toEqual([usdc('7.4')]);
    expect(report.history.at(-1)).toMatchObject({ equity: usdc('1007.4'), totalPnl: usdc('7.4') });
  });

  it('go on from what was told before, however often they are asked for', async () => {
    const owner = anOwner();
    const { id } = await openPortfolio(instance, owner);
    quote(yes, [['0.48', '1000']], [['0.5', '1000']]);
    for (let trades = 1; trades <= 4; trades += 1) {
      await trade(owner, id, yes, trades % 2 === 1 ? 'buy' : 'sell', '10', trades % 2 === 1 ? '0.5' : '0.48');
      const [one, other] = await Promise.all([metrics(owner, id), metrics(owner, id)]);
      expect(other).toMatchObject({ trades, lots: one.lots, history: one.history });
      expect(one.valuation.totalValue).toBe(usdc('1000') - microOf(trades));
    }
    function microOf(trades: number): bigint {
      // Each pair loses 10 x 0.02; a share that is held stands at the midpoint, 0.01 below its cost.
      return BigInt(Math.floor(trades / 2)) * usdc('0.2') + BigInt(trades % 2) * usdc('0.1');
    }
  });

  it('look back at a moment in the past, at the prices of that time', async () => {
    const owner = anOwner();
    const { id } = await openPortfolio(instance, owner);
    const before = trading.clock.now();
    quote(yes, [['0.48', '1000']], [['0.5', '1000']]);
    await trade(owner, id, yes, 'buy', '100', '0.5');
    const then = trading.clock.now();
    quote(yes, [['0.58', '1000']], [['0.6', '1000']]);
    await trade(owner, id, yes, 'sell', '100', '0.58');
    expect(await metrics(owner, id, before)).toMatchObject({ trades: 0, asOf: before, valuation: { positions: [] } });
    expect(await metrics(owner, id, then)).toMatchObject({
      trades: 1,
      valuation: {
        cash: usdc('950'),
        unrealised: usdc('-1'),
        totalValue: usdc('999'),
        positions: [{ position: { status: 'open' }, mark: { price: price('0.49'), source: 'price_history' } }],
      },
    });
    expect(await metrics(owner, id)).toMatchObject({ trades: 2, valuation: { totalValue: usdc('1008') } });
  });

  it('refuse a moment before the portfolio, and one in the future, by the name of the field', async () => {
    const owner = anOwner();
    const { id } = await openPortfolio(instance, owner);
    const now = trading.clock.now().getTime();
    for (const [moment, message] of [
      [new Date(now - 1), /before the portfolio was opened/],
      [new Date(now + HOUR), /lies in the future/],
    ] as const) {
      await expect(metrics(owner, id, moment)).rejects.toMatchObject({
        code: 'REQUEST.UNACCEPTABLE',
        message: expect.stringMatching(message),
        details: { fields: [{ field: 'as_of' }] },
      });
    }
  });

  it('are nobody else’s to see', async () => {
    const owner = anOwner();
    const { id } = await openPortfolio(instance, owner);
    await expect(metrics(anOwner('admin'), id)).rejects.toMatchObject({ code: 'PORTFOLIO.NOT_FOUND' });
    const asked = instance.get(PerformanceService).mtm(anOwner(), id, { resolutionMinutes: 60 });
    await expect(asked).rejects.toMatchObject({ code: 'PORTFOLIO.NOT_FOUND' });
    await instance.portfolios.archive(owner, id);
    await expect(metrics(owner, id)).rejects.toMatchObject({ code: 'PORTFOLIO.NOT_FOUND' });
  });

  it('begin anew with a reset, and still know the run before', async () => {
    const owner = anOwner();
    const { id } = await openPortfolio(instance, owner);
    quote(yes, [['0.48', '1000']], [['0.5', '1000']]);
    await trade(owner, id, yes, 'buy', '100', '0.5');
    quote(yes, [['0.58', '1000']], [['0.6', '1000']]);
    const last = trading.clock.now();
    trading.clock.advance(MINUTE);
    await instance.portfolios.reset(owner, id, null);
    trading.clock.advance(MINUTE);
    expect(await metrics(owner, id)).toMatchObject({ run: 2, trades: 0, valuation: { totalValue: usdc('1000') } });
    expect(await metrics(owner, id, last)).toMatchObject({ run: 1, trades: 1, valuation: { cash: usdc('950') } });

    const snapshots = instance.get(EquitySnapshotRepository);
    const flows = async (run: number) =>
      (await snapshots.listRange({ portfolioId: id, run, from: new Date(0), to: trading.clock.now(), limit: 10 })).map(
        ({ kind, cash, positionsValue, netDeposits }) => [kind, cash, positionsValue, netDeposits],
      );
    expect(await flows(1)).toEqual([
      ['after_flow', usdc('1000'), 0n, usdc('1000')],
      ['before_flow', usdc('950'), usdc('59'), usdc('1000')],
    ]);
    expect(await flows(2)).toEqual([['after_flow', usdc('1000'), 0n, usdc('1000')]]);
  });

  it('take a split for no gain and no flow', async () => {
    const owner = anOwner();
    const { id } = await openPortfolio(instance, owner);
    quote(yes, [['0.69', '1000']], [['0.71', '1000']]);
    quote(no, [['0.29', '1000']], [['0.31', '1000']]);
    await instance.portfolios.split(owner, id, { market: { slug: yes.marketId }, quantity: shares('100') }, null);
    const report = await metrics(owner, id);
    expect(report).toMatchObject({
      trades: 0,
      valuation: { totalValue: usdc('1000'), netDeposits: usdc('1000'), totalPnl: 0n },
      returns: { timeWeightedReturn: { value: 0 } },
    });
    const { positions } = await instance.get(PerformanceService).mtm(owner, id, { resolutionMinutes: 1 });
    expect(positions.map(({ unrealised }) => unrealised)).toEqual([usdc('20'), usdc('-20')]);
  });
});

describe('mark to market', () => {
  it('ends with what the portfolio is worth now, position by position', async () => {
    const owner = anOwner();
    const { id } = await openPortfolio(instance, owner);
    quote(yes, [['0.48', '1000']], [['0.5', '1000']]);
    quote(charged, [['0.2', '1000']], [['0.22', '1000']]);
    await trade(owner, id, yes, 'buy', '100', '0.5');
    await trade(owner, id, charged, 'buy', '50', '0.22');
    trading.clock.advance(3 * HOUR);
    quote(yes, [['0.58', '1000']], [['0.6', '1000']]);
    quote(charged, [['0.24', '1000']], [['0.26', '1000']]);
    const report = await instance.get(PerformanceService).mtm(owner, id, { resolutionMinutes: 30 });
    const { valuation, series, positions } = report;
    const last = series.at(-1);
    expect(last).toMatchObject({
      at: report.asOf,
      equity: valuation.totalValue,
      totalPnl: valuation.totalPnl,
      positionsValue: usdc('59') + usdc('12.5'),
    });
    expect(series[0]).toMatchObject({ equity: usdc('1000'), totalPnl: 0n });
    const minutes = series.slice(1, -1).map(({ at }) => at.getTime() % (30 * MINUTE));
    expect(new Set(minutes)).toEqual(new Set([0]));
    expect(positions.map(({ tokenId, totalPnl }) => [tokenId, totalPnl])).toEqual([
      [yes.tokenId, usdc('9')],
      [charged.tokenId, usdc('1.5') - valuation.fees],
    ]);
    for (const { points, unrealised } of positions)
      expect(points.at(-1)).toMatchObject({ at: report.asOf, unrealised });
    expect(positions.reduce((sum, { totalPnl }) => sum + (totalPnl ?? 0n), 0n)).toBe(valuation.totalPnl);
  });

  it('has the same statistics at every resolution, and as the metrics', async () => {
    const owner = anOwner();
    const { id } = await openPortfolio(instance, owner);
    quote(yes, [['0.48', '1000']], [['0.5', '1000']]);
    await trade(owner, id, yes, 'buy', '100', '0.5');
    trading.clock.advance(30 * HOUR);
    const service = instance.get(PerformanceService);
    const [fine, coarse] = [
      await service.mtm(owner, id, { resolutionMinutes: 15 }),
      await service.mtm(owner, id, { resolutionMinutes: 1_440 }),
    ];
    const { returns, lots } = await metrics(owner, id);
    for (const report of [fine, coarse]) expect(report).toMatchObject({ returns, lots });
    expect(fine.series.length).toBeGreaterThan(100);
    expect(coarse.series.length).toBeLessThan(5);
  });
});

describe('equity snapshots', () => {
  const slotOf = (at: Date): Date => new Date(Math.floor(at.getTime() / (5 * MINUTE)) * 5 * MINUTE);

  /** Moves the clock to just after the next multiple of five minutes. */
  function nextSlot(): Date {
    const slot = new Date(slotOf(trading.clock.now()).getTime() + 5 * MINUTE);
    trading.clock.advance(slot.getTime() - trading.clock.now().getTime() + 1_000);
    return slot;
  }

  const scheduled = async (portfolioId: string) => {
    const range = { portfolioId, run: 1, from: new Date(0), to: trading.clock.now(), limit: 100 };
    const taken = await instance.get(EquitySnapshotRepository).listRange(range);
    return taken.filter(({ kind }) => kind === 'scheduled');
  };

  it('are taken once for every five minutes, by whoever comes first, and not late', async () => {
    const owner = anOwner();
    const { id } = await openPortfolio(instance, owner);
    quote(yes, [['0.48', '1000']], [['0.5', '1000']]);
    await trade(owner, id, yes, 'buy', '100', '0.5');
    const slot = nextSlot();
    const service = instance.get(EquitySnapshotService);
    expect(await service.takeDue(trading.clock.now())).toBeGreaterThan(0);
    expect(await service.takeDue(trading.clock.now())).toBe(0);
    const other = await trading.start();
    quote(yes, [['0.9', '1000']], [['0.92', '1000']]);
    trading.clock.advance(-MINUTE);
    expect(await other.get(EquitySnapshotService).takeDue(trading.clock.now())).toBeGreaterThan(0);
    await other.stop();
    expect(await scheduled(id)).toMatchObject([
      { at: slot, cash: usdc('950'), positionsValue: usdc('49'), cost: usdc('50'), unpriced: 0 },
    ]);
    nextSlot();
    trading.clock.advance(2 * MINUTE);
    expect(await service.takeDue(trading.clock.now())).toBe(0);
  });

  /** A service that does something before it values a portfolio. */
  function snapshotsThat(before: (portfolioId: string) => void): EquitySnapshotService {
    const real = instance.get(ValuationService);
    const valuations = Object.create(real) as ValuationService;
    valuations.value = async (portfolio, positions) => {
      before(portfolio.id);
      return real.value(portfolio, positions);
    };
    return new EquitySnapshotService(
      instance.repository,
      instance.get(EquitySnapshotRepository),
      valuations,
      trading.clock,
    );
  }

  /** Two portfolios with shares. */
  async function twoHolders(): Promise<[string, string]> {
    const owner = anOwner();
    const [{ id: first }, { id: second }] = [
      await openPortfolio(instance, owner),
      await openPortfolio(instance, owner),
    ];
    quote(yes, [['0.48', '1000']], [['0.5', '1000']]);
    for (const id of [first, second]) await trade(owner, id, yes, 'buy', '100', '0.5');
    return [first, second];
  }

  it('are taken of the others when one portfolio cannot be valued, unless the store is away', async () => {
    const [odd, other] = await twoHolders();
    const valuing = (error: Error): EquitySnapshotService =>
      snapshotsThat((portfolioId) => {
        if (portfolioId === odd) throw error;
      });
    nextSlot();
    const away = new DomainError('STORE.UNAVAILABLE', 'The store is away.');
    await expect(valuing(away).takeDue(trading.clock.now())).rejects.toBe(away);
    await valuing(new Error('its positions do not fit')).takeDue(trading.clock.now());
    expect([(await scheduled(odd)).length, (await scheduled(other)).length]).toEqual([0, 1]);
  });

  it('are not taken by a value that came too late', async () => {
    const holders = await twoHolders();
    nextSlot();
    await snapshotsThat(() => trading.clock.advance(2 * MINUTE)).takeDue(trading.clock.now());
    for (const id of holders) expect(await scheduled(id)).toEqual([]);
  });

  it('stand in the history of equity before anything made up later', async () => {
    const owner = anOwner();
    const { id } = await openPortfolio(instance, owner);
    quote(yes, [['0.48', '1000']], [['0.5', '1000']]);
    await trade(owner, id, yes, 'buy', '100', '0.5');
    // The whole hour, at a price the history of the venue has never seen.
    trading.clock.advance(HOUR - (trading.clock.now().getTime() % HOUR) - MINUTE);
    quote(yes, [['0.01', '1000']], [['0.03', '1000']]);
    const hour = new Date(trading.clock.now());
    expect(hour.getTime() % HOUR).toBe(0);
    await instance.get(EquitySnapshotService).takeDue(hour);
    quote(yes, [['0.48', '1000']], [['0.5', '1000']]);
    const report = await metrics(owner, id);
    expect(report.history.find(({ at }) => at.getTime() === hour.getTime())).toMatchObject({ equity: usdc('952') });
    // From 1000, by way of 952.
    expect(report.returns.drawdown.value).toMatchObject({ depth: expect.closeTo(0.048, 12), troughAt: hour });
    const { series } = await instance.get(PerformanceService).mtm(owner, id, { resolutionMinutes: 60 });
    expect(series.find(({ at }) => at.getTime() === hour.getTime())).toMatchObject({ equity: usdc('952') });
  });

  it('are hourly for a portfolio without shares', async () => {
    const owner = anOwner();
    const { id } = await openPortfolio(instance, owner);
    const service = instance.get(EquitySnapshotService);
    for (let slots = 0; slots < 13; slots += 1) {
      nextSlot();
      await service.takeDue(trading.clock.now());
    }
    const taken = await scheduled(id);
    expect(taken.map(({ grain }) => grain)).toEqual(taken.map((): unknown => expect.stringMatching(/^(?:hour|day)$/)));
    expect(taken.length).toBeGreaterThan(0);
    expect(taken.length).toBeLessThan(3);
  });
});
