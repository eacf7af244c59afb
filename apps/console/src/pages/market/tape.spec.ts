import type { LiveTrade } from '../../live/live';
import { EMPTY_TAPE, type Tape, withGap, withTrade } from './tape';

function trade(size: number): LiveTrade {
  return {
    type: 'trade',
    market_id: 'rain',
    outcome: 'Yes',
    outcome_index: 0,
    token_id: '71321045679252212594',
    price: 0.46,
    size,
    side: 'buy',
    timestamp: '2026-02-07T09:30:00.000Z',
    transaction_hash: null,
  };
}

function told({ entries }: Tape): (number | string | null)[] {
  return entries.map((entry) => (entry.kind === 'trade' ? entry.trade.size : `gap ${entry.count}`));
}

describe('the tape', () => {
  it('has the newest trade first, each with a number of its own', () => {
    const tape = [1, 2, 3].map(trade).reduce(withTrade, EMPTY_TAPE);
    expect(told(tape)).toEqual([3, 2, 1]);
    expect(tape.entries.map(({ id }) => id)).toEqual([2, 1, 0]);
  });

  it('forgets the oldest', () => {
    const tape = Array.from({ length: 500 }, (_, at) => trade(at)).reduce(withTrade, EMPTY_TAPE);
    expect(tape.entries).toHaveLength(200);
    expect(told(tape).at(-1)).toBe(300);
  });

  it('says where trades are missing, once, and not before the first', () => {
    const begun = withGap(EMPTY_TAPE, null);
    expect(begun).toBe(EMPTY_TAPE);
    const gapped = withGap(withGap(withGap(withTrade(begun, trade(1)), null), null), 7);
    expect(told(withTrade(gapped, trade(2)))).toEqual([2, 'gap 7', 'gap null', 1]);
  });
});
