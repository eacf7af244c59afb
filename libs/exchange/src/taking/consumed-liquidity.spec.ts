import { levels, noBook, NOW, price, shares, yesBook } from '../../test/fixtures';
import { addCrossed, type ConsumedLevel, decayed, moveConsumed } from './consumed-liquidity';

const H = 60_000;
const later = (ms: number): Date => new Date(NOW.getTime() + ms);

const taken = (amount: string, displayed: string): ConsumedLevel => ({
  side: 'ask',
  price: price('0.5'),
  taken: shares(amount),
  displayed: shares(displayed),
  at: NOW,
});

/** The overlay of one level after it displays another size. */
function moved(level: ConsumedLevel, displayed: string, at = NOW) {
  const book = yesBook({ asks: displayed === '0' ? [] : levels(`${displayed}@0.5`) });
  return moveConsumed([level], book, 0, at, H).levels[0] ?? null;
}

describe('E2 the overlay of consumed liquidity', () => {
  it('shrinks by as much as the level', () => {
    expect(moved(taken('30', '100'), '80')).toEqual({ ...taken('10', '80') });
    expect(moved(taken('30', '100'), '70')).toBeNull();
    expect(moved(taken('30', '100'), '10')).toBeNull();
  });

  it('keeps the taken size when the level grows, so that only the growth is new', () => {
    expect(moved(taken('30', '30'), '50')).toEqual(taken('30', '50'));
  });

  it('is not opened by a flicker of one share', () => {
    const down = moved(taken('30', '30'), '29');
    expect(down).toEqual(taken('29', '29'));
    expect(moved(down ?? taken('0', '0'), '30')).toEqual(taken('29', '30'));
  });

  it('forgets a level that is removed', () => {
    expect(moved(taken('30', '100'), '0')).toBeNull();
  });

  it('keeps the record of a level that stays, whatever the time', () => {
    const level = taken('30', '100');
    const all = [level];
    const after = moveConsumed(all, yesBook({ asks: levels('100@0.5') }), 0, later(30_000), H);
    expect(after.levels).toBe(all);
    // Three quarters of 30.
    expect(after.taken).toEqual([shares('22.5')]);
  });

  it('decays first and shrinks then', () => {
    // Half of 30 after a half-life, less 5.
    expect(moved(taken('30', '100'), '95', later(H))).toEqual({ ...taken('10', '95'), at: later(H) });
  });

  it('B3 finds the level through either outcome', () => {
    const book = yesBook({ asks: levels('80@0.5') });
    expect(moveConsumed([taken('30', '100')], noBook(book), 1, NOW, H)).toEqual({
      levels: [taken('10', '80')],
      taken: [shares('10')],
    });
  });

  it('moves each level on its own', () => {
    const bid: ConsumedLevel = { ...taken('4', '4'), side: 'bid', price: price('0.4') };
    const book = yesBook({ bids: levels('3@0.4'), asks: levels('100@0.5') });
    expect(moveConsumed([taken('30', '100'), bid], book, 0, NOW, H)).toEqual({
      levels: [taken('30', '100'), { ...bid, taken: shares('3'), displayed: shares('3') }],
      taken: [shares('30'), shares('3')],
    });
  });
});

describe('F7 what fills a resting order', () => {
  const crossed = (quantity: string, displayed: string) => ({
    side: 'ask' as const,
    price: price('0.5'),
    quantity: shares(quantity),
    displayed: shares(displayed),
  });

  it('counts as taken from then on', () => {
    expect(addCrossed([], [crossed('20', '50')], NOW, H)).toEqual([taken('20', '50')]);
  });

  it('joins what was taken before, decayed and less what has left the level', () => {
    const before = [{ ...taken('4', '4'), side: 'bid' as const }, taken('30', '100')];
    // Half of 30 after a half-life, less 5, and 20.
    expect(addCrossed(before, [crossed('20', '95')], later(H), H)).toEqual([
      before[0],
      { ...taken('30', '95'), at: later(H) },
    ]);
  });

  it('is never more than displayed', () => {
    expect(addCrossed([taken('40', '50')], [crossed('20', '50')], NOW, H)).toEqual([taken('50', '50')]);
  });
});

describe('E2 decay', () => {
  it.each([
    [0, '100'],
    [15_000, '87.5'],
    [30_000, '75'],
    [60_000, '50'],
    [90_000, '37.5'],
    [120_000, '25'],
    [600_000, '0.097656'],
    [3_600_000, '0'],
    [-5_000, '100'],
  ])('after %d ms leaves %s of 100 with a half-life of a minute', (elapsed, left) => {
    expect(decayed(shares('100'), elapsed, H)).toBe(shares(left));
  });

  it('of a half-life of 0 is at once, of an infinite one never', () => {
    expect(decayed(shares('100'), 0, 0)).toBe(0n);
    expect(decayed(shares('100'), 1e12, Infinity)).toBe(shares('100'));
  });

  it('never rises with time', () => {
    let before = shares('12.345678');
    for (let elapsed = 0; elapsed < 200_000; elapsed += 777) {
      const left = decayed(shares('12.345678'), elapsed, H);
      expect(left).toBeLessThanOrEqual(before);
      before = left;
    }
  });
});
