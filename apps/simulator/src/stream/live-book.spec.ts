import { difference, LiveBook } from './live-book';

const level = (price: number, size: number): { price: number; size: number } => ({ price, size });

const newBook = (): LiveBook =>
  new LiveBook({
    bids: [level(480_000, 10), level(470_000, 20)],
    asks: [level(510_000, 5), level(530_000, 40)],
    changedAtMs: 1,
    lastTradeMicro: 500_000,
  });

describe('LiveBook', () => {
  it('keeps levels in order, best first, and removes those of size 0', () => {
    const book = newBook();
    expect(book.set({ side: 'bid', price: 490_000, size: 3 })).toBe(true);
    expect(book.set({ side: 'bid', price: 475_000, size: 4 })).toBe(true);
    expect(book.set({ side: 'bid', price: 480_000, size: 0 })).toBe(true);
    expect(book.set({ side: 'ask', price: 520_000, size: 6 })).toBe(true);
    expect(book.bids).toEqual([level(490_000, 3), level(475_000, 4), level(470_000, 20)]);
    expect(book.asks).toEqual([level(510_000, 5), level(520_000, 6), level(530_000, 40)]);
  });

  it('says when nothing changed', () => {
    const book = newBook();
    expect(book.set({ side: 'bid', price: 480_000, size: 10 })).toBe(false);
    expect(book.set({ side: 'ask', price: 600_000, size: 0 })).toBe(false);
  });

  it('is taken from level by level, up to a limit or its end', () => {
    const book = newBook();
    expect(book.take('BUY', 30, 520_000)).toEqual([level(510_000, 5)]);
    expect(book.asks).toEqual([level(530_000, 40)]);
    expect(book.take('SELL', 15, null)).toEqual([level(480_000, 10), level(470_000, 5)]);
    expect(book.bids).toEqual([level(470_000, 15)]);
    expect(book.take('SELL', 100, null)).toEqual([level(470_000, 15)]);
    expect(book.take('SELL', 100, null)).toEqual([]);
  });

  it('knows when it is locked or crossed', () => {
    const book = newBook();
    expect(book.isCrossed).toBe(false);
    book.set({ side: 'bid', price: 510_000, size: 1 });
    expect(book.isCrossed).toBe(true);
  });

  it('becomes another by the difference between them', () => {
    const book = newBook();
    const other = { bids: [level(480_000, 11), level(460_000, 1)], asks: [level(530_000, 40)] };
    const sets = difference(book, other);
    expect(sets).toEqual([
      { side: 'bid', price: 470_000, size: 0 },
      { side: 'bid', price: 480_000, size: 11 },
      { side: 'bid', price: 460_000, size: 1 },
      { side: 'ask', price: 510_000, size: 0 },
    ]);
    for (const set of sets) book.set(set);
    expect({ bids: book.bids, asks: book.asks }).toEqual(other);
  });
});
