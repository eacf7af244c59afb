import type { OrderIntent } from '@app/domain';
import { checkOrder } from '@app/exchange';
import { checkOf, levels, limit, market, NOW, shares, spend, usdc, yesBook } from '../fixtures';

const book = yesBook({ bids: levels('100@0.5'), asks: levels('100@0.52') });

/** Each with the text of the venue, that bots know, and what would be accepted. */
it.each<[string, OrderIntent, string, string]>([
  [
    'C1 a price off the tick',
    limit('buy', '10', '0.505'),
    'ORDER.BAD_PRICE',
    'order o-1 is invalid. Price (0.505) breaks minimum tick size rule: 0.01. Prices go from 0.01 to 0.99 in steps of 0.01; the nearest are 0.5 and 0.51.',
  ],
  [
    'C1 too few shares to rest',
    limit('buy', '1.08', '0.5'),
    'ORDER.BAD_SIZE',
    'order o-1 is invalid. Size (1.08) lower than the minimum: 5. This market takes 5 shares or more in an order that may rest.',
  ],
  [
    'C1 less than a dollar taken',
    market('buy', '1.9', '0.52'),
    'ORDER.BAD_SIZE',
    // 1.9 x 0.52 = 0.988
    'invalid amount for a marketable BUY order ($0.988), min size: $1. A buy that takes at once is worth at least 1 USDC.',
  ],
  [
    'C1 an amount of three decimals',
    spend('1.005', '0.52'),
    'ORDER.BAD_SIZE',
    'invalid amounts, the market buy orders maker amount supports a max accuracy of 2 decimals, taker amount a max of 4 decimals. An amount has at most 2 decimals; got 1.005, 1 or 1.01 would do.',
  ],
  [
    'C3 an end too near',
    limit('buy', '10', '0.5', { timeInForce: 'gtd', expiresAt: new Date(NOW.getTime() + 30_000) }),
    'ORDER.BAD_EXPIRY',
    'invalid expiration. expires_at must be later than 2026-02-07T12:01:00.000Z, 60 s from now; got 2026-02-07T12:00:30.000Z.',
  ],
  [
    'C3 a post-only order that crosses',
    limit('buy', '10', '0.52', { postOnly: true }),
    'ORDER.POST_ONLY_CROSSES',
    'invalid post-only order: order crosses book. The best ask is 0.52: price it lower.',
  ],
  [
    'C4 more than the account has',
    limit('buy', '1000', '0.51'),
    'ORDER.INSUFFICIENT_CASH',
    // 1000 x 0.51 = 510
    'not enough balance / allowance. The order needs 510 USDC; 500 are free.',
  ],
  [
    'B5 more than the account holds',
    limit('sell', '20.01', '0.6'),
    'ORDER.INSUFFICIENT_SHARES',
    'not enough balance / allowance. The order sells 20.01 shares, 20 are free.',
  ],
])('%s', (_, intent, code, message) => {
  const decision = checkOrder(checkOf(intent, book, { freeCash: usdc('500'), freeShares: shares('20') }));
  expect(decision).toMatchObject({ ok: false, refusal: { code, message } });
});
