import type { OrderIntent } from '@app/domain';
import {
  checkOf,
  evidenceOf,
  feesAt,
  levels,
  limit,
  market,
  marketTerms,
  NOW,
  price,
  shares,
  spend,
  usdc,
  yesBook,
} from '../../test/fixtures';
import { DEFAULT_EXCHANGE_SETTINGS } from '../settings';
import { checkOrder, type OrderCheck } from './check-order';

const BOOK = yesBook({ bids: levels('100@0.5', '50@0.49'), asks: levels('40@0.52', '60@0.53') });

function refusalOf(intent: OrderIntent, change: Partial<OrderCheck> = {}, book = BOOK) {
  const decision = checkOrder(checkOf(intent, book, change));
  if (decision.ok) throw new Error('it was accepted');
  return decision.refusal;
}

function acceptanceOf(intent: OrderIntent, change: Partial<OrderCheck> = {}, book = BOOK) {
  const decision = checkOrder(checkOf(intent, book, change));
  if (!decision.ok) throw new Error(decision.refusal.message);
  return decision;
}

describe('C1 price', () => {
  it.each([
    ['0.573', '0.01', 'the nearest are 0.57 and 0.58'],
    ['0.005', '0.01', 'the nearest is 0.01'],
    ['0.995', '0.01', 'the nearest is 0.99'],
    ['0.501', '0.0025', 'the nearest are 0.5 and 0.5025'],
  ])('%s is off the tick of %s', (at, tick, nearest) => {
    const refusal = refusalOf(limit('buy', '10', at), { terms: marketTerms({ tickSize: price(tick) }) });
    expect(refusal).toMatchObject({ code: 'ORDER.BAD_PRICE', field: 'price' });
    expect(refusal.message).toContain(
      `order o-1 is invalid. Price (${at}) breaks minimum tick size rule: ${tick}. Prices go from ${tick} to `,
    );
    expect(refusal.message).toContain(nearest);
  });

  it('is judged by the tick of the book, which changes first', () => {
    const finer = { ...BOOK, tickSize: price('0.001') };
    expect(acceptanceOf(limit('buy', '10', '0.497'), {}, finer).reserveCash).toBe(usdc('4.97'));
    expect(refusalOf(limit('buy', '10', '0.497')).code).toBe('ORDER.BAD_PRICE');
  });

  it('of a market order is on the grid too, and need not be given', () => {
    expect(refusalOf(market('buy', '10', '0.573')).code).toBe('ORDER.BAD_PRICE');
    expect(acceptanceOf(market('buy', '10', null)).worstPrice).toBe(price('0.99'));
    expect(acceptanceOf(market('sell', '10', null)).worstPrice).toBe(price('0.01'));
  });
});

describe('C1 size', () => {
  it.each([
    ['buy', 'the buy orders maker amount supports a max accuracy of 4 decimals, taker amount a max of 2 decimals'],
    ['sell', 'the sell orders maker amount supports a max accuracy of 2 decimals, taker amount a max of 4 decimals'],
  ] as const)('of a limit %s has two decimals', (side, text) => {
    expect(refusalOf(limit(side, '10.555', '0.5'))).toEqual({
      code: 'ORDER.BAD_SIZE',
      message: `invalid amounts, ${text}. A quantity has at most 2 decimals; got 10.555, 10.55 or 10.56 would do.`,
      field: 'quantity',
    });
  });

  it('of a market sale has two decimals', () => {
    expect(refusalOf(market('sell', '0.001', '0.5')).message).toBe(
      'invalid amounts, the market sell orders maker amount supports a max accuracy of 2 decimals, taker amount a max of 4 decimals. A quantity has at most 2 decimals; got 0.001, 0.01 would do.',
    );
  });

  it('of an order that may rest is at least the minimum of the market', () => {
    expect(refusalOf(limit('buy', '4.99', '0.5'))).toEqual({
      code: 'ORDER.BAD_SIZE',
      message:
        'order o-1 is invalid. Size (4.99) lower than the minimum: 5. This market takes 5 shares or more in an order that may rest.',
      field: 'quantity',
    });
    expect(acceptanceOf(limit('buy', '5', '0.5')).reserveCash).toBe(usdc('2.5'));
    expect(refusalOf(limit('sell', '14', '0.6'), {}, { ...BOOK, minOrderSize: shares('15') }).code).toBe(
      'ORDER.BAD_SIZE',
    );
  });

  it('of fok and fak is bound by the minimum only by the setting', () => {
    expect(acceptanceOf(market('buy', '2', '0.52')).reserveCash).toBe(usdc('1.04'));
    expect(acceptanceOf(market('sell', '0.01', '0.5')).reserveShares).toBe(shares('0.01'));
    const settings = { ...DEFAULT_EXCHANGE_SETTINGS, minimumSizeBindsImmediate: true };
    expect(refusalOf(market('buy', '2', '0.52'), { settings }).message).toContain('Size (2) lower than the minimum: 5');
  });
});

describe('C1 amount', () => {
  it('of a market buy is in whole cents', () => {
    expect(refusalOf(spend('10.005', '0.52'))).toEqual({
      code: 'ORDER.BAD_SIZE',
      message:
        'invalid amounts, the market buy orders maker amount supports a max accuracy of 2 decimals, taker amount a max of 4 decimals. An amount has at most 2 decimals; got 10.005, 10 or 10.01 would do.',
      field: 'amount',
    });
  });

  it('of a fok or fak limit buy is in whole cents', () => {
    const terms = { terms: marketTerms({ tickSize: price('0.001') }) };
    expect(refusalOf(limit('buy', '7', '0.523', { timeInForce: 'fok' }), terms)).toEqual({
      code: 'ORDER.BAD_SIZE',
      message:
        'invalid amounts, the market buy orders maker amount supports a max accuracy of 2 decimals, taker amount a max of 5 decimals. At 0.523 it would pay 3.661 USDC; a fok buy pays whole cents, as quantities that are a multiple of 10 do. A market order takes any quantity of 2 decimals.',
      field: 'quantity',
    });
    expect(acceptanceOf(limit('buy', '10', '0.523', { timeInForce: 'fak' }), terms).reserveCash).toBe(usdc('5.23'));
    expect(acceptanceOf(limit('buy', '7', '0.523'), terms).reserveCash).toBe(usdc('3.661'));
    expect(acceptanceOf(market('buy', '7', '0.523'), terms).reserveCash).toBe(usdc('3.661'));
  });

  it('of a buy that takes is at least a dollar', () => {
    const text = (value: string): string =>
      `invalid amount for a marketable BUY order ($${value}), min size: $1. A buy that takes at once is worth at least 1 USDC.`;
    expect(refusalOf(spend('0.99', null))).toEqual({ code: 'ORDER.BAD_SIZE', message: text('0.99'), field: 'amount' });
    expect(refusalOf(market('buy', '1', '0.52'))).toMatchObject({ message: text('0.52'), field: 'quantity' });
    // Without a price it is worth what the book asks: 1.5 x 0.52.
    expect(refusalOf(market('buy', '1.5', null)).message).toBe(text('0.78'));
    // A limit that crosses: 10 x 0.09, asks at 0.08.
    const cheap = yesBook({ asks: levels('100@0.08') });
    expect(refusalOf(limit('buy', '10', '0.09'), {}, cheap).message).toBe(text('0.9'));
  });

  it('of a buy that rests, and of a sale, may be less than a dollar', () => {
    const cheap = yesBook({ bids: levels('100@0.07'), asks: levels('100@0.08') });
    expect(acceptanceOf(limit('buy', '5', '0.07'), {}, cheap)).toMatchObject({ marketable: false });
    expect(acceptanceOf(market('sell', '5', '0.07'), {}, cheap)).toMatchObject({ marketable: true });
  });
});

describe('C2 and C3 what goes together', () => {
  it.each<[string, Partial<OrderIntent>, string]>([
    ['neither quantity nor amount', { quantity: null }, 'quantity'],
    ['both quantity and amount', { amount: usdc('5') }, 'amount'],
    ['a quantity of 0', { quantity: shares('0') }, 'quantity'],
    ['a limit without a price', { price: null }, 'price'],
    ['a market order that would rest', { type: 'market' }, 'time_in_force'],
    ['a gtd order without an end', { timeInForce: 'gtd' }, 'expires_at'],
    ['a gtc order with an end', { expiresAt: NOW }, 'expires_at'],
  ])('%s does not', (_, change, field) => {
    const refusal = refusalOf({ ...limit('buy', '10', '0.5'), ...change });
    expect(refusal).toMatchObject({ code: 'REQUEST.UNACCEPTABLE', field });
  });

  it('an amount goes with market buys alone', () => {
    const refusal = { code: 'REQUEST.UNACCEPTABLE', field: 'amount' };
    expect(refusalOf({ ...spend('5', '0.5'), side: 'sell' })).toMatchObject(refusal);
    expect(refusalOf({ ...spend('5', '0.5'), type: 'limit' })).toMatchObject(refusal);
  });

  it('post-only goes with neither fok nor fak', () => {
    for (const timeInForce of ['fok', 'fak'] as const) {
      expect(refusalOf(limit('buy', '10', '0.5', { timeInForce, postOnly: true }))).toEqual({
        code: 'REQUEST.UNACCEPTABLE',
        message: `INVALID_POST_ONLY_ORDER_TYPE. Only gtc and gtd orders can be post-only; a ${timeInForce} order never rests.`,
        field: 'post_only',
      });
    }
  });
});

describe('C3 gtd', () => {
  const until = (ms: number): OrderIntent =>
    limit('buy', '10', '0.5', { timeInForce: 'gtd', expiresAt: new Date(NOW.getTime() + ms) });

  it('ends later than the minimum lead from now', () => {
    expect(refusalOf(until(60_000))).toEqual({
      code: 'ORDER.BAD_EXPIRY',
      message:
        'invalid expiration. expires_at must be later than 2026-02-07T12:01:00.000Z, 60 s from now; got 2026-02-07T12:01:00.000Z.',
      field: 'expires_at',
    });
    expect(refusalOf(until(-1)).code).toBe('ORDER.BAD_EXPIRY');
    expect(acceptanceOf(until(60_001)).marketable).toBe(false);
  });

  it('has the lead of the settings', () => {
    const settings = { ...DEFAULT_EXCHANGE_SETTINGS, gtdMinimumLeadMs: 180_000 };
    expect(refusalOf(until(180_000), { settings }).message).toContain('180 s from now');
    expect(acceptanceOf(until(180_001), { settings }).ok).toBe(true);
  });
});

describe('C3 post-only', () => {
  it('is refused when it would cross', () => {
    expect(refusalOf(limit('buy', '10', '0.52', { postOnly: true }))).toEqual({
      code: 'ORDER.POST_ONLY_CROSSES',
      message: 'invalid post-only order: order crosses book. The best ask is 0.52: price it lower.',
      field: 'price',
    });
    expect(refusalOf(limit('sell', '10', '0.5', { postOnly: true })).message).toContain(
      'The best bid is 0.5: price it higher.',
    );
    expect(acceptanceOf(limit('buy', '10', '0.51', { postOnly: true })).marketable).toBe(false);
    expect(acceptanceOf(limit('buy', '10', '0.99', { postOnly: true }), {}, yesBook({})).marketable).toBe(false);
  });
});

describe('A3 a book that is not live', () => {
  const stale = { evidence: evidenceOf(BOOK, { state: 'stale', reason: 'its stream does not answer' }) };

  it('takes no order that would take at once', () => {
    const expected = {
      code: 'BOOK.NOT_LIVE',
      message:
        'The order book is stale: its stream does not answer. Orders that would take at once wait for a live book: try again shortly.',
      field: null,
    };
    expect(refusalOf(market('buy', '10', '0.52'), stale)).toEqual(expected);
    expect(refusalOf(limit('buy', '10', '0.4', { timeInForce: 'fok' }), stale)).toEqual(expected);
    expect(refusalOf(limit('buy', '10', '0.52'), stale)).toEqual(expected);
  });

  it('takes an order that would rest', () => {
    expect(acceptanceOf(limit('buy', '10', '0.51'), stale).reserveCash).toBe(usdc('5.1'));
  });

  it('takes nothing while halted', () => {
    const halted = { evidence: evidenceOf(BOOK, { state: 'halted', reason: 'the venue restarts' }) };
    expect(refusalOf(limit('buy', '10', '0.4'), halted)).toEqual({
      code: 'BOOK.NOT_LIVE',
      message: 'the market is not yet ready to process new orders. The order book is halted: the venue restarts.',
      field: null,
    });
  });
});

describe('a market', () => {
  it('that takes no orders says why', () => {
    const closed = { terms: marketTerms({ tradable: { reason: 'it is closed' } }) };
    expect(refusalOf(limit('buy', '10', '0.5'), closed)).toEqual({
      code: 'MARKET.NOT_TRADABLE',
      message: 'Market will-it-rain takes no orders: it is closed.',
      field: 'market_id',
    });
  });

  it('of three outcomes takes none', () => {
    const three = { terms: marketTerms({ outcomes: ['A', 'B', 'C'], tokenIds: ['1', '2', '3'] }) };
    expect(refusalOf(limit('buy', '10', '0.5'), three).message).toContain('it has 3 outcomes');
  });
});

describe('C4 reservation', () => {
  const fees = { terms: marketTerms({ fees: feesAt('0.05') }) };

  it('of a limit buy is price x quantity, and the fee of what is marketable now', () => {
    // 100 x 0.53 = 53. Within 0.53 the book offers 40 + 60 shares: 100 x 0.05 x 0.53 x 0.47 = 1.24550.
    expect(acceptanceOf(limit('buy', '100', '0.53'), fees)).toEqual({
      ok: true,
      reserveCash: usdc('54.2455'),
      reserveShares: 0n,
      worstPrice: price('0.53'),
      marketable: true,
    });
    // Within 0.52 it offers 40: 100 x 0.52 = 52; 40 x 0.05 x 0.52 x 0.48 = 0.49920.
    expect(acceptanceOf(limit('buy', '100', '0.52'), fees).reserveCash).toBe(usdc('52.4992'));
    // Nothing within 0.51.
    expect(acceptanceOf(limit('buy', '100', '0.51'), fees).reserveCash).toBe(usdc('51'));
  });

  it('of a market buy by amount is the amount and amount x rate', () => {
    expect(acceptanceOf(spend('100', '0.6'), fees).reserveCash).toBe(usdc('105'));
  });

  it('of a market buy by quantity is quantity x worst price, and the fee there', () => {
    // 100 x 0.6 = 60; 100 x 0.05 x 0.6 x 0.4 = 1.2.
    expect(acceptanceOf(market('buy', '100', '0.6'), fees).reserveCash).toBe(usdc('61.2'));
  });

  it('of a market buy without a price is what the book of now charges', () => {
    // 40 x 0.52 = 20.8, fee 0.4992; 10 x 0.53 = 5.3, fee 10 x 0.05 x 0.53 x 0.47 = 0.12455.
    expect(acceptanceOf(market('buy', '50', null), fees).reserveCash).toBe(usdc('26.72375'));
    expect(acceptanceOf(market('buy', '50', null), fees, yesBook({})).reserveCash).toBe(0n);
  });

  it('of a sale is its shares', () => {
    expect(acceptanceOf(limit('sell', '100', '0.6'), fees)).toMatchObject({
      reserveCash: 0n,
      reserveShares: shares('100'),
      marketable: false,
    });
  });

  it('never exceeds what is free', () => {
    const enough = { ...fees, freeCash: usdc('54.2455') };
    expect(acceptanceOf(limit('buy', '100', '0.53'), enough).ok).toBe(true);
    expect(refusalOf(limit('buy', '100', '0.53'), { ...fees, freeCash: usdc('54.245499') })).toEqual({
      code: 'ORDER.INSUFFICIENT_CASH',
      message:
        'not enough balance / allowance. The order needs 54.2455 USDC, 1.2455 of it for fees; 54.245499 are free.',
      field: 'quantity',
    });
    expect(refusalOf(limit('sell', '100', '0.6'), { freeShares: shares('99.99') })).toEqual({
      code: 'ORDER.INSUFFICIENT_SHARES',
      message: 'not enough balance / allowance. The order sells 100 shares, 99.99 are free.',
      field: 'quantity',
    });
  });
});
