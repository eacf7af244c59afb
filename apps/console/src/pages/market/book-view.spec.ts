import { bookRows, topOf } from './book-view';

const BOOK = {
  bids: [
    { price: 0.45, size: 10 },
    { price: 0.44, size: 30 },
    { price: 0.4, size: 500 },
  ],
  asks: [
    { price: 0.46, size: 20 },
    { price: 0.5, size: 60 },
  ],
};

describe('the rows of a book', () => {
  it('sum each side from its best level on, and draw both to one scale', () => {
    const { bids, asks } = bookRows(BOOK, 2);
    expect(bids.map(({ price, total, fill }) => [price, total, fill])).toEqual([
      [0.45, 10, 0.125],
      [0.44, 40, 0.5],
    ]);
    expect(asks.map(({ price, total, fill }) => [price, total, fill])).toEqual([
      [0.46, 20, 0.25],
      [0.5, 80, 1],
    ]);
  });

  it('are none of an empty book', () => {
    expect(bookRows({ bids: [], asks: [] }, 10)).toEqual({ bids: [], asks: [] });
    expect(bookRows({ bids: BOOK.bids, asks: [] }, 1).bids).toEqual([{ price: 0.45, size: 10, total: 10, fill: 1 }]);
  });
});

describe('the top of a book', () => {
  it('has a spread and a midpoint without the dust of binary fractions', () => {
    expect(topOf(BOOK)).toEqual({ spread: 0.01, midpoint: 0.455 });
    expect(topOf({ bids: [{ price: 0.1, size: 1 }], asks: [{ price: 0.3, size: 1 }] })).toEqual({
      spread: 0.2,
      midpoint: 0.2,
    });
  });

  it('has neither where a side is empty', () => {
    expect(topOf({ bids: [], asks: BOOK.asks })).toEqual({ spread: null, midpoint: null });
    expect(topOf({ bids: BOOK.bids, asks: [] })).toEqual({ spread: null, midpoint: null });
  });
});
