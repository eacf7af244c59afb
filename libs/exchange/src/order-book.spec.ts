import fc from 'fast-check';
import { microPrice, microShares } from '@app/domain';
import { BookLevel, mirrorLevels, topOfBook } from './order-book';

const level = (price: bigint, size: bigint): BookLevel => ({ price: microPrice(price), size: microShares(size) });

const sides = fc.uniqueArray(fc.bigInt({ min: 1n, max: 999_999n }), { minLength: 0, maxLength: 40 }).map((prices) => {
  const sorted = [...prices].sort((a, b) => (a < b ? 1 : -1));
  const half = Math.floor(sorted.length / 2);
  return {
    asks: sorted
      .slice(0, half)
      .reverse()
      .map((p) => level(p, p)),
    bids: sorted.slice(half).map((p) => level(p, p)),
  };
});

describe('mirrorLevels', () => {
  it('is its own inverse and keeps best first', () => {
    fc.assert(
      fc.property(sides, (book) => {
        const mirrored = mirrorLevels(book);
        expect(mirrorLevels(mirrored)).toEqual(book);
        for (const [index, bid] of mirrored.bids.entries()) {
          const next = mirrored.bids[index + 1];
          if (next) expect(bid.price > next.price).toBe(true);
        }
        const spread = topOfBook(book).spread;
        expect(topOfBook(mirrored).spread).toBe(spread);
      }),
    );
  });
});

describe('topOfBook', () => {
  it('has no midpoint when a side is empty', () => {
    expect(topOfBook({ bids: [level(400_000n, 5n)], asks: [] })).toEqual({
      bestBid: 400_000n,
      bestAsk: null,
      midpoint: null,
      spread: null,
    });
  });

  it('takes the first level of each side', () => {
    const book = { bids: [level(400_000n, 5n), level(390_000n, 5n)], asks: [level(430_000n, 1n), level(440_000n, 1n)] };
    expect(topOfBook(book)).toEqual({ bestBid: 400_000n, bestAsk: 430_000n, midpoint: 415_000n, spread: 30_000n });
  });
});
