import { checkOrder, take } from '@app/exchange';
import { checkOf, feesAt, levels, marketTerms, shares, spend, takeOf, told, usdc, yesBook } from '../fixtures';

const terms = marketTerms({ fees: feesAt('0.07') });

it('C2 100 USDC buy through three levels; the fee comes on top', () => {
  const book = yesBook({ asks: levels('100@0.4', '50@0.45', '200@0.5') });
  const order = spend('100', '0.6');

  // 100 and, at most, 100 x 0.07 of fees.
  expect(checkOrder(checkOf(order, book, { terms }))).toMatchObject({ ok: true, reserveCash: usdc('107') });

  const { fills, left, ended } = take(takeOf(order, book, { terms, maxSpend: usdc('107') }));
  // 100 x 0.40 = 40.0, 60.0 are left; 50 x 0.45 = 22.5, 37.5 are left; 37.5 / 0.50 = 75 shares.
  expect(told(fills)).toEqual(['100@0.4', '50@0.45', '75@0.5']);
  expect(fills.map(({ value }) => value)).toEqual([usdc('40'), usdc('22.5'), usdc('37.5')]);
  // 100 x 0.07 x 0.40 x 0.60 = 1.68; 50 x 0.07 x 0.45 x 0.55 = 0.86625; 75 x 0.07 x 0.50 x 0.50 = 1.3125
  expect(fills.map(({ fee }) => fee)).toEqual([usdc('1.68'), usdc('0.86625'), usdc('1.3125')]);
  expect({ left, ended }).toEqual({ left: { quantity: null, amount: 0n }, ended: null });
});

it('C2 shares are rounded down to a millionth, and the amount is spent to the last micro-unit', () => {
  const book = yesBook({ asks: levels('1000@0.07') });
  const { fills, left } = take(takeOf(spend('10', '0.07'), book, { terms, maxSpend: usdc('10.7') }));
  // 10 / 0.07 = 142.857142(857...); x 0.07 = 9.99999994, rounded up to 10.
  // 142.857142 x 0.07 x 0.07 x 0.93 = 0.6509999961 -> 0.65100
  expect(fills).toEqual([
    expect.objectContaining({ quantity: shares('142.857142'), value: usdc('10'), fee: usdc('0.651') }),
  ]);
  expect(left.amount).toBe(0n);
});
