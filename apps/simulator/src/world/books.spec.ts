import { bookHash, type BookAnswer } from './books';

describe('bookHash', () => {
  it('is the SHA-1 of the compact JSON with an empty hash', () => {
    const book: BookAnswer = {
      market: '0xabc',
      asset_id: '1',
      timestamp: '1778997825875',
      hash: 'anything',
      bids: [{ price: '0.48', size: '30' }],
      asks: [{ price: '0.52', size: '25' }],
      min_order_size: '5',
      tick_size: '0.01',
      neg_risk: false,
      last_trade_price: '0.5',
    };
    expect(bookHash(book)).toBe('2fe0ec7dc05d3bce40387cf35a7c99d6912296b3');
    expect(bookHash({ ...book, hash: '' })).toBe('2fe0ec7dc05d3bce40387cf35a7c99d6912296b3');
  });
});
