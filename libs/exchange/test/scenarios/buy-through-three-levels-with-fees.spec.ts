import { checkOrder, take } from '@app/exchange';
import { checkOf, feesAt, levels, limit, marketTerms, price, shares, takeOf, usdc, yesBook } from '../fixtures';

/**
 * A limit buy of 100 shares at 0.55, fee rate 0.05, against
 *   50 at 0.52, 30 at 0.53, 100 at 0.55.
 */
const terms = marketTerms({ fees: feesAt('0.05') });
const book = yesBook({ bids: levels('80@0.5'), asks: levels('50@0.52', '30@0.53', '100@0.55') });
const order = limit('buy', '100', '0.55');

it('C4 reserves the cost at the limit and the fee of what is marketable', () => {
  // 100 x 0.55                  = 55.0000
  // 100 x 0.05 x 0.55 x 0.45    =  1.2375
  expect(checkOrder(checkOf(order, book, { terms }))).toEqual({
    ok: true,
    reserveCash: usdc('56.2375'),
    reserveShares: 0n,
    worstPrice: price('0.55'),
    marketable: true,
  });
});

it('E1 fills level by level, E4 each with its own fee', () => {
  const result = take(takeOf(order, book, { terms, maxSpend: usdc('56.2375') }));
  expect(result.fills).toEqual([
    // 50 x 0.52 = 26.00; 50 x 0.05 x 0.52 x 0.48 = 0.62400
    fill('0.52', '50', '26', '0.624', '50'),
    // 30 x 0.53 = 15.90; 30 x 0.05 x 0.53 x 0.47 = 0.37365
    fill('0.53', '30', '15.9', '0.37365', '30'),
    // 20 x 0.55 = 11.00; 20 x 0.05 x 0.55 x 0.45 = 0.24750
    fill('0.55', '20', '11', '0.2475', '100'),
  ]);
  expect(result.left).toEqual({ quantity: 0n, amount: null });
  expect(result.ended).toBeNull();
  // 52.90 for the shares and 1.24515 of fees: 54.14515 of the 56.2375 reserved, 2.09235 go back.
  const spent = result.fills.reduce((sum, { value, fee }) => sum + value + fee, 0n);
  expect(spent).toBe(usdc('54.14515'));
  expect(usdc('56.2375') - spent).toBe(usdc('2.09235'));
});

function fill(at: string, quantity: string, value: string, fee: string, displayed: string) {
  return {
    price: price(at),
    quantity: shares(quantity),
    value: usdc(value),
    fee: usdc(fee),
    displayedSize: shares(displayed),
    takenBefore: 0n,
  };
}
