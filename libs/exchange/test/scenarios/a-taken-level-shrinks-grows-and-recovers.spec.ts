import { type ConsumedLiquidity, take } from '@app/exchange';
import { levels, limit, NOW, shares, takeOf, told, yesBook } from '../fixtures';

/** E2 with a half-life of 60 s, told by what an order of 500 at 0.50 can take. */
it('E2 a level gives back what the market gives back, and no more', () => {
  let consumed: ConsumedLiquidity | null = null;
  const takes = (displayed: string, seconds: number): string[] => {
    const now = new Date(NOW.getTime() + seconds * 1_000);
    const book = yesBook({ asks: displayed === '0' ? [] : levels(`${displayed}@0.5`) });
    const result = take(takeOf(limit('buy', '500', '0.5'), book, { consumed, now }));
    consumed = result.consumed;
    return told(result.fills);
  };

  // 100 are displayed, all are taken.
  expect(takes('100', 0)).toEqual(['100@0.5']);
  // Still 100 displayed: nothing new.
  expect(takes('100', 0)).toEqual([]);
  // 60 left the level: the replacement of ours, or others. 40 stay taken, and 40 are displayed.
  expect(takes('40', 0)).toEqual([]);
  // Back to 100: the growth of 60 is new.
  expect(takes('100', 0)).toEqual(['60@0.5']);
  // Half a minute: of 100 taken three quarters count, 25 are there again.
  expect(takes('100', 30)).toEqual(['25@0.5']);
  // A minute more: of 100 taken half counts.
  expect(takes('100', 90)).toEqual(['50@0.5']);
  // Gone: nothing to take, and nothing to remember.
  expect(takes('0', 90)).toEqual([]);
  expect(consumed).toMatchObject({ levels: [] });
  // Somebody new stands there.
  expect(takes('70', 90)).toEqual(['70@0.5']);
  expect(consumed).toMatchObject({ levels: [{ taken: shares('70') }] });
});
