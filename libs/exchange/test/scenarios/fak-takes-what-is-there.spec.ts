import { take } from '@app/exchange';
import { feesAt, levels, limit, market, marketTerms, price, shares, takeOf, usdc, yesBook } from '../fixtures';

const terms = marketTerms({ fees: feesAt('0.04') });
const book = yesBook({ bids: levels('30@0.48', '25@0.45', '500@0.4'), asks: levels('10@0.5') });

it('C2 a FAK sale of 100 at 0.45 or better sells 55 and cancels 45', () => {
  const result = take(takeOf(market('sell', '100', '0.45', { timeInForce: 'fak' }), book, { terms }));
  expect(result.fills).toEqual([
    // 30 x 0.48 = 14.40; 30 x 0.04 x 0.48 x 0.52 = 0.29952
    {
      price: price('0.48'),
      quantity: shares('30'),
      value: usdc('14.4'),
      fee: usdc('0.29952'),
      displayedSize: shares('30'),
      takenBefore: 0n,
    },
    // 25 x 0.45 = 11.25; 25 x 0.04 x 0.45 x 0.55 = 0.24750
    {
      price: price('0.45'),
      quantity: shares('25'),
      value: usdc('11.25'),
      fee: usdc('0.2475'),
      displayedSize: shares('25'),
      takenBefore: 0n,
    },
  ]);
  expect(result.left).toEqual({ quantity: shares('45'), amount: null });
  expect(result.ended).toEqual({
    status: 'cancelled',
    code: 'ORDER.NOT_FILLED',
    text: 'The rest was cancelled. At 0.45 or better the book asks for 55 shares; 100 shares were wanted.',
  });
  expect(result.restAhead).toBeNull();
});

it('E5 as GTC the same sale rests its 45 at 0.45, with nobody before it', () => {
  const result = take(takeOf(limit('sell', '100', '0.45'), book, { terms }));
  expect(result.left.quantity).toBe(shares('45'));
  expect({ ended: result.ended, restAhead: result.restAhead }).toEqual({ ended: null, restAhead: 0n });
});
