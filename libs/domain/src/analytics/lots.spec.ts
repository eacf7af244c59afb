import { MICRO } from '../money';
import { type Closing, LotBook, lotStatistics, type OpenedLot } from './lots';

const micro = (value: number): bigint => BigInt(Math.round(value * 1e6));
const DAY = 86_400_000;
const day = (number: number): Date => new Date(number * DAY);
const opened = (quantity: number, cost: number, fees: number, onDay: number): OpenedLot => ({
  quantity: micro(quantity),
  cost: micro(cost),
  fees: micro(fees),
  at: day(onDay),
});
const closing = (
  quantity: number,
  proceeds: number,
  fee: number,
  onDay: number,
  key: string | null = null,
): Closing => ({
  quantity: micro(quantity),
  proceeds: micro(proceeds),
  fee: micro(fee),
  at: day(onDay),
  reason: key === null ? 'sell' : 'settlement',
  settlementKey: key,
});

/** 100 shares at 0.40 with a fee of 0.96, 100 at 0.50 with one of 1.00 two days later, 150 sold at 0.60 with one of 1.44 on the fifth day. */
function example(): LotBook {
  const book = new LotBook();
  book.open('T', opened(100, 40, 0.96, 1));
  book.open('T', opened(100, 50, 1, 3));
  book.close('T', closing(150, 90, 1.44, 5));
  return book;
}

describe('closed lots', () => {
  it('by average cost: 150 of 200 cost 67.50 and 1.47 of fees to open, 90 - 67.50 - 1.47 - 1.44 = 19.59', () => {
    const { averageCost } = example().closed();
    expect(averageCost).toEqual([
      {
        tokenId: 'T',
        end: 'sell',
        quantity: micro(150),
        cost: micro(67.5),
        proceeds: micro(90),
        fees: micro(2.91),
        pnl: micro(19.59),
        closedAt: day(5),
        // Opened on day 2 in the mean.
        heldMs: 3 * DAY,
      },
    ]);
  });

  it('by FIFO: all of the first opening, 60 - 40 - 0.96 - 0.96, and half of the second, 30 - 25 - 0.50 - 0.48', () => {
    const { fifo } = example().closed();
    expect(
      fifo.map(({ quantity, cost, proceeds, fees, pnl, heldMs }) => [quantity, cost, proceeds, fees, pnl, heldMs]),
    ).toEqual([
      [micro(100), micro(40), micro(60), micro(1.92), micro(18.08), 4 * DAY],
      [micro(50), micro(25), micro(30), micro(0.98), micro(4.02), 2 * DAY],
    ]);
  });

  it('leave the rest to the next closing: 50 shares cost 22.50 and 0.49 by average cost, 25 and 0.50 by FIFO', () => {
    const book = example();
    book.close('T', closing(50, 0, 0, 6, 'c:1'));
    const { averageCost, fifo } = book.closed();
    expect(averageCost.at(-1)).toMatchObject({ end: 'settlement', cost: micro(22.5), pnl: micro(-22.99) });
    expect(fifo.at(-1)).toMatchObject({ cost: micro(25), pnl: micro(-25.5) });
    // Both methods come to the same in the end: 90 of proceeds, 90 of cost, 3.40 of fees.
    for (const lots of [averageCost, fifo]) expect(lots.reduce((sum, { pnl }) => sum + pnl, 0n)).toBe(micro(-3.4));
  });

  it('forget a settlement that was taken back, and close the shares anew', () => {
    const book = example();
    book.close('T', closing(50, 0, 0, 6, 'c:1'));
    book.reopen('T', 'c:1');
    expect(book.closed()).toEqual(example().closed());
    book.close('T', closing(50, 50, 0, 8, 'c:2'));
    const { averageCost, fifo } = book.closed();
    expect(averageCost.map(({ pnl }) => pnl)).toEqual([micro(19.59), micro(27.01)]);
    expect(fifo.map(({ pnl }) => pnl)).toEqual([micro(18.08), micro(4.02), micro(24.5)]);
    expect(() => book.reopen('T', 'c:1')).toThrow('no settlement c:1 of token T');
  });

  it('refuse to close what was not opened', () => {
    expect(() => new LotBook().close('T', closing(1, 1, 0, 1))).toThrow();
  });
});

describe('lot statistics', () => {
  it('of gains 18.08 and 4.02 and a loss of 25.50', () => {
    const book = example();
    book.close('T', closing(50, 0, 0, 7, 'c:1'));
    const statistics = lotStatistics(book.closed().fifo);
    expect(statistics).toMatchObject({
      closed: 3,
      best: { value: micro(18.08) },
      worst: { value: micro(-25.5) },
      // (18.08 + 4.02 - 25.50) / 3 = -1.1333333
      expectancy: { value: -1_133_333n },
      // 4, 2 and 4 days.
      holdingSeconds: { value: ((4 + 2 + 4) * 86_400) / 3 },
    });
    expect(statistics.winRate.value).toBeCloseTo(2 / 3, 12);
    expect(statistics.profitFactor.value).toBeCloseTo(22.1 / 25.5, 12);
    expect(statistics.payoffRatio.value).toBeCloseTo(11.05 / 25.5, 12);
  });

  it('has a reason for each that is undefined, and no 0', () => {
    const nothing = lotStatistics([]);
    expect(nothing.closed).toBe(0);
    for (const metric of [
      nothing.winRate,
      nothing.profitFactor,
      nothing.expectancy,
      nothing.payoffRatio,
      nothing.holdingSeconds,
      nothing.best,
      nothing.worst,
    ]) {
      expect(metric).toMatchObject({ value: null, undefinedBecause: { code: 'nothing_closed' } });
    }
    const won = lotStatistics(example().closed().averageCost);
    expect(won.winRate.value).toBe(1);
    expect(won.profitFactor).toMatchObject({ value: null, undefinedBecause: { code: 'no_losses' } });
    expect(won.payoffRatio).toMatchObject({ value: null, undefinedBecause: { code: 'no_losses' } });
  });

  it('counts a lot that came out even as neither gain nor loss', () => {
    const book = new LotBook();
    book.open('T', { quantity: MICRO, cost: 5n, fees: 0n, at: day(1) });
    book.close('T', { quantity: MICRO, proceeds: 5n, fee: 0n, at: day(2), reason: 'sell', settlementKey: null });
    expect(lotStatistics(book.closed().fifo)).toMatchObject({
      winRate: { value: 0 },
      profitFactor: { undefinedBecause: { code: 'no_losses' } },
    });
  });
});
