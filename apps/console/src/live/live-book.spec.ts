import { bookInState, bookOf, changedBook } from './live-book';
import type { ServerMessageOf } from './messages';

const WHO = { market_id: 'rain', outcome: 'Yes', outcome_index: 0, token_id: '71321045679252212594' } as const;

const whole: ServerMessageOf<'orderbook'> = {
  type: 'orderbook',
  ...WHO,
  sequence: 7,
  state: 'live',
  reason: null,
  source: 'stream',
  timestamp: '2026-02-07T09:30:00.000Z',
  tick_size: 0.01,
  min_order_size: 5,
  data: {
    bids: [
      { price: 0.45, size: 10 },
      { price: 0.44, size: 20 },
    ],
    asks: [
      { price: 0.46, size: 30 },
      { price: 0.48, size: 40 },
    ],
  },
};

function delta(sequence: number, changes: ServerMessageOf<'book_delta'>['changes']): ServerMessageOf<'book_delta'> {
  return { type: 'book_delta', ...WHO, sequence, timestamp: '2026-02-07T09:30:01.000Z', changes };
}

describe('a live book', () => {
  it('is what the server showed', () => {
    expect(bookOf(whole)).toEqual({
      marketId: 'rain',
      tokenId: WHO.token_id,
      sequence: 7,
      state: 'live',
      reason: null,
      source: 'stream',
      venueTimeMs: Date.UTC(2026, 1, 7, 9, 30),
      tickSize: 0.01,
      minOrderSize: 5,
      bids: whole.data.bids,
      asks: whole.data.asks,
    });
  });

  it('takes new, changed and emptied levels, each side best first', () => {
    const changed = changedBook(
      bookOf(whole),
      delta(8, [
        { side: 'bid', price: 0.45, size: 0 },
        { side: 'bid', price: 0.43, size: 5 },
        { side: 'bid', price: 0.445, size: 6 },
        { side: 'ask', price: 0.48, size: 1 },
        { side: 'ask', price: 0.47, size: 2 },
      ]),
    );
    expect(changed).toMatchObject({ sequence: 8, state: 'live', venueTimeMs: Date.UTC(2026, 1, 7, 9, 30, 1) });
    expect(changed?.bids).toEqual([
      { price: 0.445, size: 6 },
      { price: 0.44, size: 20 },
      { price: 0.43, size: 5 },
    ]);
    expect(changed?.asks).toEqual([
      { price: 0.46, size: 30 },
      { price: 0.47, size: 2 },
      { price: 0.48, size: 1 },
    ]);
  });

  it('takes the last of several sizes of one level', () => {
    const changed = changedBook(
      bookOf(whole),
      delta(8, [
        { side: 'ask', price: 0.46, size: 0 },
        { side: 'ask', price: 0.46, size: 3 },
      ]),
    );
    expect(changed?.asks[0]).toEqual({ price: 0.46, size: 3 });
  });

  it('leaves the book before it as it was', () => {
    const before = bookOf(whole);
    changedBook(before, delta(8, [{ side: 'bid', price: 0.45, size: 0 }]));
    expect(before.bids).toHaveLength(2);
  });

  it.each([6, 7, 9])('knows nothing after change %d of a book at 7', (sequence) => {
    expect(changedBook(bookOf(whole), delta(sequence, [{ side: 'bid', price: 0.45, size: 0 }]))).toBeNull();
  });

  it('says why it is not live, with its levels as they were last known', () => {
    const halted = bookInState(bookOf(whole), {
      type: 'book_state',
      ...WHO,
      state: 'halted',
      reason: 'trading is halted',
      timestamp: '2026-02-07T09:31:00.000Z',
    });
    expect(halted).toEqual({ ...bookOf(whole), state: 'halted', reason: 'trading is halted' });
  });
});
