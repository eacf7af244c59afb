import { MICRO, microPrice } from '@app/domain';
import fc from 'fast-check';
import { levels, noBook, price, yesBook } from '../test/fixtures';
import { canonicalLevels, canonicalPrice, canonicalSide, restingSide, takenSide, toCanonical } from './canonical';

describe('B1 to B3 canonical space', () => {
  it('has a purchase of the second outcome as a sale of the first', () => {
    expect(toCanonical('buy', 1, price('0.3'))).toEqual({ side: 'sell', price: price('0.7') });
    expect(toCanonical('sell', 1, price('0.3'))).toEqual({ side: 'buy', price: price('0.7') });
    expect(toCanonical('buy', 0, price('0.3'))).toEqual({ side: 'buy', price: price('0.3') });
  });

  it('is its own inverse', () => {
    const anyPrice = fc.bigInt({ min: 1n, max: MICRO - 1n }).map(microPrice);
    fc.assert(
      fc.property(fc.constantFrom('buy', 'sell'), fc.constantFrom(0, 1), anyPrice, (side, outcomeIndex, at) => {
        const there = toCanonical(side, outcomeIndex, at);
        expect(toCanonical(there.side, outcomeIndex, there.price)).toEqual({ side, price: at });
        expect(canonicalPrice(canonicalPrice(at, outcomeIndex), outcomeIndex)).toBe(at);
        // What an order takes from is what its canonical form takes from.
        expect(canonicalSide(takenSide(side), outcomeIndex)).toBe(takenSide(there.side));
        expect(canonicalSide(restingSide(side), outcomeIndex)).toBe(restingSide(there.side));
      }),
    );
  });

  it('has one book for both outcomes', () => {
    const book = yesBook({ bids: levels('5@0.4'), asks: levels('6@0.43', '7@0.5') });
    expect(canonicalLevels(noBook(book), 1)).toEqual({ bids: book.bids, asks: book.asks });
    expect(canonicalLevels(book, 0)).toBe(book);
  });
});
