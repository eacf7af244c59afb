import { take } from '@app/exchange';
import { levels, limit, market, noBook, NOW, price, shares, takeOf, told, usdc, yesBook } from '../fixtures';

/** YES asks 100 at 0.60, which are the NO bids 100 at 0.40: one and the same offer (B1). */
const book = yesBook({ bids: levels('100@0.55'), asks: levels('100@0.6') });

it('B3 the level bought as YES cannot be sold into as NO', () => {
  const bought = take(takeOf(limit('buy', '100', '0.6'), book));
  expect(told(bought.fills)).toEqual(['100@0.6']);
  expect(bought.consumed.levels).toEqual([
    { side: 'ask', price: price('0.6'), taken: shares('100'), displayed: shares('100'), at: NOW },
  ]);

  // At once, 100 NO are offered to the bid of 100 at 0.40, of which this account has taken all.
  const sell = market('sell', '100', '0.4', { timeInForce: 'fak' });
  const sold = take(takeOf(sell, noBook(book), { outcomeIndex: 1, consumed: bought.consumed }));
  expect(sold.fills).toEqual([]);
  expect(sold.ended?.text).toBe(
    'no orders found to match with FAK order. FAK orders are partially filled or killed if no match is found. ' +
      'At 0.4 or better the book asks for 0 shares, beside 100 this portfolio has taken before; 100 shares were wanted.',
  );

  // Somebody adds 30 to the level: 130 are displayed, 30 of them are new (E2). 30 x 0.40 = 12.
  const grown = yesBook({ bids: levels('100@0.55'), asks: levels('130@0.6') });
  const second = take(takeOf(sell, noBook(grown), { outcomeIndex: 1, consumed: bought.consumed }));
  expect(second.fills).toEqual([
    {
      price: price('0.4'),
      quantity: shares('30'),
      value: usdc('12'),
      fee: 0n,
      displayedSize: shares('130'),
      takenBefore: shares('100'),
    },
  ]);
  expect(second.left.quantity).toBe(shares('70'));
  expect(second.consumed.levels).toEqual([
    { side: 'ask', price: price('0.6'), taken: shares('130'), displayed: shares('130'), at: NOW },
  ]);
});
