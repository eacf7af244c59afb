import { take } from '@app/exchange';
import { levels, market, spend, takeOf, told, usdc, yesBook } from '../fixtures';

const book = yesBook({ asks: levels('30@0.48', '25@0.5', '500@0.6') });

it('C2 a FOK buy of 60 within 0.50, where 55 are offered, takes none', () => {
  const result = take(takeOf(market('buy', '60', '0.5'), book));
  expect(result.fills).toEqual([]);
  expect(result.consumed.levels).toEqual([]);
  expect(result.ended).toEqual({
    status: 'cancelled',
    code: 'ORDER.NOT_FILLED',
    text:
      "order couldn't be fully filled. FOK orders are fully filled or killed. " +
      'At 0.5 or better the book offers 55 shares; 60 shares were wanted.',
  });
});

it('C2 one of 55 takes both levels to the last share', () => {
  expect(told(take(takeOf(market('buy', '55', '0.5'), book)).fills)).toEqual(['30@0.48', '25@0.5']);
});

it('C2 by amount the same book has 26.90 within 0.50: 26.90 fills, 26.91 does not', () => {
  // 30 x 0.48 = 14.40; 25 x 0.50 = 12.50
  expect(take(takeOf(spend('26.9', '0.5'), book)).fills.map(({ value }) => value)).toEqual([
    usdc('14.4'),
    usdc('12.5'),
  ]);
  const short = take(takeOf(spend('26.91', '0.5'), book));
  expect(short.fills).toEqual([]);
  expect(short.ended?.text).toContain('the book offers 55 shares for 26.9 USDC; 26.91 USDC were to be spent.');
});
