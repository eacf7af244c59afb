import { anOrder, NO_HOLD, opened, price, shares, usdc, YES } from '../../test/paper-account';
import { type AccountState } from '../accounting/account';
import { bookFill } from '../accounting/book-fill';
import type { LedgerEntry } from '../trading/ledger';
import { walkRun } from './run-history';
import { joinPrices, priceAt, type PriceSeries, sampleRun, seriesGrid, tokensHeldAt } from './run-series';

const at = (hour: number, minute = 0): Date => new Date(Date.UTC(2026, 10, 22, hour, minute));
const seconds = (hour: number, minute = 0): number => at(hour, minute).getTime() / 1_000;

function traded(): LedgerEntry[] {
  const { state, entries } = opened('1000');
  const fill = (
    account: AccountState,
    side: 'buy' | 'sell',
    [tradeId, quantity, value, fee]: [string, string, string, string],
    now: Date,
  ) =>
    bookFill(
      account,
      anOrder(side),
      {
        tradeId,
        quantity: shares(quantity),
        value: usdc(value),
        fee: usdc(fee),
        price: price('0.4'),
        liquidity: 'taker',
      },
      NO_HOLD,
      now,
    );
  const bought = fill(state, 'buy', ['1', '100', '40', '1'], at(11, 30));
  const sold = fill(bought.state, 'sell', ['2', '60', '30', '0.5'], at(13));
  const closed = fill(sold.state, 'sell', ['3', '40', '24', '0.25'], at(14, 30));
  return [...entries, ...bought.entries, ...sold.entries, ...closed.entries];
}

const history = walkRun(traded());
const prices: PriceSeries = [
  { t: seconds(11, 45), p: price('0.45') },
  { t: seconds(13), p: price('0.55') },
  { t: seconds(13, 50), p: price('0.333333') },
];
const grid = [at(10), at(11), at(12), at(13), at(14), at(15), at(16)];

describe('a run on a grid', () => {
  it('is worth cash and shares at the last price known then', () => {
    const { points } = sampleRun(history, grid, () => prices);
    expect(points.map((point) => [point.at.getUTCHours(), point.positionsValue, point.equity, point.totalPnl])).toEqual(
      [
        [10, 0n, usdc('1000'), 0n],
        [11, 0n, usdc('1000'), 0n],
        // 959 of cash and 100 at 0.45.
        [12, usdc('45'), usdc('1004'), usdc('4')],
        // 988.50 of cash and 40 at 0.55; realised 30 - 24, fees 1.50, unrealised 22 - 16.
        [13, usdc('22'), usdc('1010.5'), usdc('10.5')],
        // 40 at 0.333333, rounded down.
        [14, usdc('13.33332'), usdc('1001.83332'), usdc('1.83332')],
        [15, 0n, usdc('1012.25'), usdc('12.25')],
        [16, 0n, usdc('1012.25'), usdc('12.25')],
      ],
    );
  });

  it('has each position from its first share to the first point without one, summing up to the whole', () => {
    const { points, positions } = sampleRun(history, grid, () => prices);
    const own = positions.get(YES.tokenId) ?? [];
    expect(own.map((point) => [point.at.getUTCHours(), point.price, point.unrealised, point.totalPnl])).toEqual([
      [12, price('0.45'), usdc('5'), usdc('4')],
      [13, price('0.55'), usdc('6'), usdc('10.5')],
      [14, price('0.333333'), usdc('-2.66668'), usdc('1.83332')],
      [15, price('0.333333'), 0n, usdc('12.25')],
    ]);
    for (const { at: moment, totalPnl } of own) {
      expect(points.find((point) => point.at.getTime() === moment.getTime())?.totalPnl).toBe(totalPnl);
    }
  });

  it('is not known while a position has no price, which is in no value then', () => {
    const late: PriceSeries = [{ t: seconds(13, 30), p: price('0.5') }];
    const { points, positions } = sampleRun(history, grid, () => late);
    expect(points[2]).toMatchObject({ unpriced: 1, positionsValue: 0n, unrealised: 0n, equity: null, totalPnl: null });
    expect(points[4]).toMatchObject({ unpriced: 0, equity: usdc('1008.5') });
    expect(positions.get(YES.tokenId)?.[0]).toEqual({ at: at(12), price: null, unrealised: null, totalPnl: null });
  });

  it('carries a price for seven days, not longer', () => {
    const old = (days: number): PriceSeries => [{ t: seconds(12) - days * 86_400, p: price('0.5') }];
    expect(sampleRun(history, [at(12)], () => old(7)).points[0]?.unpriced).toBe(0);
    expect(sampleRun(history, [at(12, 1)], () => old(7)).points[0]?.unpriced).toBe(1);
    expect(priceAt(old(7), at(12))?.p).toBe(price('0.5'));
    expect(priceAt(old(8), at(12))).toBeNull();
    expect(priceAt([], at(12))).toBeNull();
  });

  it('keeps every second point of a position when that is enough, and the last, and loses nothing of the whole', () => {
    const all = sampleRun(history, grid, () => prices);
    const { points, positions } = sampleRun(history, grid, () => prices, 4);
    expect(positions.get(YES.tokenId)?.map((point) => point.at.getUTCHours())).toEqual([12, 14, 15]);
    expect(points).toEqual(all.points);
  });

  it('tells which tokens were held at some moments', () => {
    expect(tokensHeldAt(history, [at(11)])).toEqual(new Set());
    expect(tokensHeldAt(history, [at(11), at(14, 29)])).toEqual(new Set([YES.tokenId]));
    expect(tokensHeldAt(history, [at(15)])).toEqual(new Set());
  });
});

describe('the grid of a series', () => {
  const texts = (from: Date, to: Date, minutes: number, most = 100): string[] =>
    seriesGrid(from, to, minutes * 60_000, most).map((moment) => moment.toISOString().slice(8, 19));

  it('is the beginning, every multiple since midnight, and the end', () => {
    expect(texts(at(22, 10), new Date(Date.UTC(2026, 10, 23, 1, 0, 5)), 60)).toEqual([
      '22T22:10:00',
      '22T23:00:00',
      '23T00:00:00',
      '23T01:00:00',
      '23T01:00:05',
    ]);
  });

  it('names no moment twice', () => {
    expect(texts(at(10), at(12), 60)).toEqual(['22T10:00:00', '22T11:00:00', '22T12:00:00']);
    expect(texts(at(10), at(10), 60)).toEqual(['22T10:00:00']);
  });

  it('begins anew at midnight with a step that does not divide the day', () => {
    expect(texts(at(20), new Date(Date.UTC(2026, 10, 23, 12)), 700)).toEqual([
      '22T20:00:00',
      '22T23:20:00',
      '23T00:00:00',
      '23T11:40:00',
      '23T12:00:00',
    ]);
  });

  it('keeps the latest points of a long run', () => {
    expect(texts(at(0), at(12), 60, 3)).toEqual(['22T10:00:00', '22T11:00:00', '22T12:00:00']);
  });
});

describe('joined prices', () => {
  const series = (...points: [number, string][]): PriceSeries => points.map(([t, p]) => ({ t, p: price(p) }));

  it('are in order, and of two at one time the second counts', () => {
    const first = series([10, '0.1'], [20, '0.2'], [30, '0.3'], [50, '0.5']);
    const second = series([5, '0.05'], [20, '0.25'], [40, '0.4']);
    expect(joinPrices(first, second)).toEqual(
      series([5, '0.05'], [10, '0.1'], [20, '0.25'], [30, '0.3'], [40, '0.4'], [50, '0.5']),
    );
    expect(joinPrices([], second)).toEqual(second);
    expect(joinPrices(first, [])).toEqual(first);
  });
});
