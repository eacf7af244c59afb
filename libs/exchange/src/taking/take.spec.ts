import type { OrderIntent } from '@app/domain';
import {
  CONDITION_ID,
  evidenceOf,
  feesAt,
  levels,
  limit,
  market,
  marketTerms,
  noBook,
  NOW,
  price,
  shares,
  spend,
  takeOf,
  told,
  usdc,
  yesBook,
} from '../../test/fixtures';
import { take, type TakeInput } from './take';

const BOOK = yesBook({ bids: levels('100@0.5', '50@0.49'), asks: levels('40@0.52', '60@0.53', '10@0.6') });
const later = (ms: number): Date => new Date(NOW.getTime() + ms);

const taking = (intent: OrderIntent, change: Partial<TakeInput> = {}, book = BOOK) =>
  take(takeOf(intent, book, change));

describe('E1 taking', () => {
  it('walks from the best level to the limit, one fill a level, at the prices of the levels', () => {
    const { fills, left, ended } = taking(limit('buy', '70', '0.53'));
    expect(fills).toEqual([
      {
        price: price('0.52'),
        quantity: shares('40'),
        value: usdc('20.8'),
        fee: 0n,
        displayedSize: shares('40'),
        takenBefore: 0n,
      },
      {
        price: price('0.53'),
        quantity: shares('30'),
        value: usdc('15.9'),
        fee: 0n,
        displayedSize: shares('60'),
        takenBefore: 0n,
      },
    ]);
    expect({ left, ended }).toEqual({ left: { quantity: 0n, amount: null }, ended: null });
  });

  it('sells down the bids, and rounds against the trader', () => {
    // 0.333333 x 0.5 = 0.1666665: a seller gets 0.166666, a buyer of the like pays 0.166667.
    const [sale] = taking(limit('sell', '0.333333', '0.5')).fills;
    expect(sale).toMatchObject({ price: price('0.5'), value: usdc('0.166666') });
    const asks = yesBook({ asks: levels('10@0.5') });
    expect(taking(limit('buy', '0.333333', '0.5'), {}, asks).fills[0]).toMatchObject({ value: usdc('0.166667') });
  });

  it('takes from the second outcome what is displayed there', () => {
    // NO asks are YES bids: 100@0.5, 50@0.51.
    const { fills } = taking(limit('buy', '120', '0.51'), { outcomeIndex: 1 }, noBook(BOOK));
    expect(told(fills)).toEqual(['100@0.5', '20@0.51']);
  });

  it('remembers what it took, with what was displayed', () => {
    const { consumed } = taking(limit('buy', '70', '0.53'));
    expect(consumed).toEqual({
      conditionId: CONDITION_ID,
      levels: [
        { side: 'ask', price: price('0.52'), taken: shares('40'), displayed: shares('40'), at: NOW },
        { side: 'ask', price: price('0.53'), taken: shares('30'), displayed: shares('60'), at: NOW },
      ],
    });
    const next = taking(limit('buy', '70', '0.53'), { consumed });
    expect(next.fills).toEqual([
      {
        price: price('0.53'),
        quantity: shares('30'),
        value: usdc('15.9'),
        fee: 0n,
        displayedSize: shares('60'),
        takenBefore: shares('30'),
      },
    ]);
    expect(next.left.quantity).toBe(shares('40'));
  });

  it('answers the overlay it was given when nothing of it changed', () => {
    const { consumed } = taking(limit('buy', '70', '0.53'));
    expect(taking(limit('buy', '10', '0.51'), { consumed, now: later(5_000) }).consumed).toBe(consumed);
  });

  it('E2 takes again what decayed', () => {
    const { consumed } = taking(limit('buy', '40', '0.52'));
    const { fills } = taking(limit('buy', '40', '0.52'), { consumed, now: later(60_000) });
    expect(told(fills)).toEqual(['20@0.52']);
  });
});

describe('C2 orders by amount', () => {
  it('spend the whole amount when the book has the depth', () => {
    // 40 x 0.52 = 20.8; 9.2 / 0.53 = 17.358490 (rounded down), which costs 9.1999997 -> 9.2.
    const { fills, left, ended } = taking(spend('30', '0.53'));
    expect(told(fills)).toEqual(['40@0.52', '17.35849@0.53']);
    expect(fills.map(({ value }) => value)).toEqual([usdc('20.8'), usdc('9.2')]);
    expect({ left, ended }).toEqual({ left: { quantity: null, amount: 0n }, ended: null });
  });

  it('fok fills wholly or not at all', () => {
    const { fills, left, ended, consumed } = taking(spend('60', '0.53'));
    expect({ fills, left, levels: consumed.levels }).toEqual({
      fills: [],
      left: { quantity: null, amount: usdc('60') },
      levels: [],
    });
    // 20.8 + 60 x 0.53 = 52.6.
    expect(ended).toEqual({
      status: 'cancelled',
      code: 'ORDER.NOT_FILLED',
      text: "order couldn't be fully filled. FOK orders are fully filled or killed. At 0.53 or better the book offers 100 shares for 52.6 USDC; 60 USDC were to be spent.",
    });
  });

  it('fak spends what it can', () => {
    const { fills, left, ended } = taking(spend('60', '0.53', { timeInForce: 'fak' }));
    expect(told(fills)).toEqual(['40@0.52', '60@0.53']);
    expect(left).toEqual({ quantity: null, amount: usdc('7.4') });
    expect(ended?.status).toBe('cancelled');
  });
});

describe('C2 fok and fak', () => {
  it('fok by quantity is killed with what the book offered', () => {
    const { consumed } = taking(limit('buy', '15', '0.52'));
    expect(taking(market('buy', '40', '0.52'), { consumed })).toEqual({
      fills: [],
      consumed,
      left: { quantity: shares('40'), amount: null },
      ended: {
        status: 'cancelled',
        code: 'ORDER.NOT_FILLED',
        text: "order couldn't be fully filled. FOK orders are fully filled or killed. At 0.52 or better the book offers 25 shares, beside 15 this portfolio has taken before; 40 shares were wanted.",
      },
      restAhead: null,
    });
  });

  it('fak fills a part and cancels the rest', () => {
    const { fills, left, ended, restAhead } = taking(market('sell', '200', '0.49', { timeInForce: 'fak' }));
    expect(told(fills)).toEqual(['100@0.5', '50@0.49']);
    expect(left.quantity).toBe(shares('50'));
    expect(ended).toEqual({
      status: 'cancelled',
      code: 'ORDER.NOT_FILLED',
      text: 'The rest was cancelled. At 0.49 or better the book asks for 150 shares; 200 shares were wanted.',
    });
    expect(restAhead).toBeNull();
  });

  it('fak with nothing to take is cancelled with the text of the venue', () => {
    expect(taking(market('buy', '10', '0.51', { timeInForce: 'fak' })).ended?.text).toBe(
      'no orders found to match with FAK order. FAK orders are partially filled or killed if no match is found. At 0.51 or better the book offers 0 shares; 10 shares were wanted. The best ask is 0.52.',
    );
  });
});

describe('E5 the rest', () => {
  it('comes to rest behind what is displayed on its side at its price', () => {
    const { fills, left, ended, restAhead } = taking(limit('sell', '120', '0.5'));
    expect({ told: told(fills), left: left.quantity, ended }).toEqual({
      told: ['100@0.5'],
      left: shares('20'),
      ended: null,
    });
    expect(restAhead).toBe(0n);
    expect(taking(limit('buy', '10', '0.49')).restAhead).toBe(shares('50'));
    expect(taking(limit('buy', '10', '0.51')).restAhead).toBe(0n);
    expect(taking(limit('buy', '10', '0.45')).restAhead).toBe(0n);
    expect(taking(limit('sell', '10', '0.6')).restAhead).toBe(shares('10'));
  });

  it('is nothing when all of it filled', () => {
    expect(taking(limit('buy', '40', '0.52')).restAhead).toBeNull();
  });

  it('of what partly filled before is what remains', () => {
    const { left, restAhead } = taking(limit('buy', '100', '0.5'), {
      remaining: { quantity: shares('7'), amount: null },
    });
    expect({ left: left.quantity, restAhead }).toEqual({ left: shares('7'), restAhead: shares('100') });
  });
});

describe('C4 money', () => {
  const terms = marketTerms({ fees: feesAt('0.05') });

  it('never spends more than it may, fees included', () => {
    // 10 shares at 0.52 cost 5.2 and 10 x 0.05 x 0.52 x 0.48 = 0.1248 of fees.
    const exact = taking(market('buy', '10', '0.53'), { terms, maxSpend: usdc('5.3248') });
    expect(told(exact.fills)).toEqual(['10@0.52']);
    const short = taking(market('buy', '10', '0.53'), { terms, maxSpend: usdc('5.324799') });
    expect(short.fills).toEqual([]);
    expect(short.ended).toMatchObject({ status: 'cancelled', code: 'ORDER.INSUFFICIENT_CASH' });
  });

  it('lets fak buy what the money pays for, to the last micro-unit', () => {
    const { fills, ended } = taking(market('buy', '10', '0.53', { timeInForce: 'fak' }), {
      terms,
      maxSpend: usdc('5'),
    });
    const [fill] = fills;
    const spent = (fill?.value ?? 0n) + (fill?.fee ?? 0n);
    expect(usdc('5') - spent).toBeLessThan(10n);
    expect(spent).toBeLessThanOrEqual(usdc('5'));
    expect(ended?.text).toContain('not enough balance / allowance. ');
  });

  it('cancels a rest that nothing is left to pay for', () => {
    // 40 x 0.52 = 20.8, fee 0.4992; the other 60 would need 31.2.
    const enough = taking(limit('buy', '100', '0.52'), { terms, maxSpend: usdc('52.4992') });
    expect(enough).toMatchObject({ ended: null, restAhead: 0n });
    const short = taking(limit('buy', '100', '0.52'), { terms, maxSpend: usdc('52.499199') });
    expect(told(short.fills)).toEqual(['40@0.52']);
    expect(short.ended).toEqual({
      status: 'cancelled',
      code: 'ORDER.INSUFFICIENT_CASH',
      text: 'not enough balance / allowance. 40 shares came to 20.8 USDC and 0.4992 of fees; for the other 60 shares the free cash does not suffice.',
    });
  });
});

describe('D3 on arrival', () => {
  it('a post-only order that crosses by now is rejected', () => {
    expect(taking(limit('buy', '10', '0.52', { postOnly: true }))).toMatchObject({
      fills: [],
      ended: { status: 'rejected', code: 'ORDER.POST_ONLY_CROSSES' },
    });
  });

  it('a market that stopped meanwhile rejects it', () => {
    const terms = marketTerms({ tradable: { reason: 'it is closed' } });
    expect(taking(limit('buy', '10', '0.52'), { terms }).ended).toEqual({
      status: 'rejected',
      code: 'MARKET.NOT_TRADABLE',
      text: 'Market will-it-rain takes no orders: it is closed.',
    });
  });

  it('a price that left the tick grid meanwhile is rejected', () => {
    const coarser = { ...BOOK, tickSize: price('0.05') };
    expect(taking(limit('buy', '10', '0.52'), {}, coarser).ended).toMatchObject({
      status: 'rejected',
      code: 'ORDER.BAD_PRICE',
    });
  });

  it('A3 nothing fills in a book that is not live: what would take is rejected, what would rest rests', () => {
    const evidence = evidenceOf(BOOK, { state: 'recovering', reason: 'its tick size changed' });
    const { consumed } = taking(limit('buy', '40', '0.52'));
    for (const intent of [limit('buy', '10', '0.52'), market('sell', '10', null), spend('10', null)]) {
      expect(taking(intent, { evidence, consumed })).toMatchObject({
        fills: [],
        consumed,
        ended: { status: 'rejected', code: 'BOOK.NOT_LIVE' },
      });
    }
    expect(taking(limit('buy', '10', '0.51'), { evidence })).toMatchObject({ fills: [], ended: null, restAhead: null });
  });
});

describe('profiles', () => {
  it('ideal knows no overlay: it takes what is displayed, every time', () => {
    const first = taking(limit('buy', '40', '0.52'), { profile: 'ideal' });
    expect(first.consumed.levels).toEqual([]);
    const again = taking(limit('buy', '40', '0.52'), { profile: 'ideal', consumed: first.consumed });
    expect(told(again.fills)).toEqual(['40@0.52']);
  });

  it('realistic and conservative take alike', () => {
    const intent = limit('buy', '70', '0.53');
    expect(taking(intent, { profile: 'conservative' })).toEqual(taking(intent));
  });
});
