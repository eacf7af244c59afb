import {
  type FillReceipt,
  microShares,
  notional,
  ORDER_PHASES,
  ORDER_STATUSES,
  type Order,
  type OrderPhase,
  type OrderStatus,
  type Trade,
} from '@app/domain';
import {
  CONDITION_ID,
  evidenceOf,
  levels,
  marketTerms,
  NOW,
  price,
  shares,
  usdc,
  YES_TOKEN,
  yesBook,
} from '../../test/fixtures';
import { anOrder } from '../../test/an-order';
import type { RestingView } from '../resting/resting-event';
import { DEFAULT_EXCHANGE_SETTINGS } from '../settings';
import { explainFill, explainOrder, type ExplainContext } from './explain-order';

const later = (ms: number): Date => new Date(NOW.getTime() + ms);

function aTrade(quantity: string, at: string, receipt: Partial<FillReceipt>, change: Partial<Trade> = {}): Trade {
  return {
    marketId: 'will-it-rain',
    conditionId: CONDITION_ID,
    tokenId: YES_TOKEN,
    outcome: 'Yes',
    outcomeIndex: 0,
    id: `trade-${quantity}`,
    portfolioId: 'portfolio',
    userId: 'user',
    run: 1,
    orderId: 'order-1',
    side: 'buy',
    quantity: shares(quantity),
    price: price(at),
    value: notional(price(at), shares(quantity), 'up'),
    fee: usdc('0'),
    realised: null,
    liquidity: receipt.rule === 'E1' ? 'taker' : 'maker',
    midpointAtFill: null,
    slippageBps: null,
    receipt: {
      rule: 'E1',
      grade: 'A',
      profile: 'realistic',
      modelVersion: 1,
      bookSource: 'rest',
      bookSequence: null,
      bookHash: null,
      bookVenueTime: NOW,
      bookReceivedAt: NOW,
      displayedSize: null,
      takenBefore: null,
      printKey: null,
      printSize: null,
      queueAheadAtEntry: null,
      queueAheadAtFill: null,
      arrivalMidpoint: null,
      feeSchedule: null,
      ...receipt,
    },
    notes: null,
    marketQuestion: 'Will it rain?',
    tradedAt: NOW,
    createdAt: NOW,
    ...change,
  };
}

/** The best bid is the order's own price: it waits in the queue. */
const evidence = evidenceOf(yesBook({ bids: levels('90@0.5', '10@0.49'), asks: levels('20@0.53') }));

const context = (change: Partial<ExplainContext> = {}): ExplainContext => ({
  now: later(1_000),
  evidence,
  tradable: true,
  resting: null,
  settings: DEFAULT_EXCHANGE_SETTINGS,
  ...change,
});

const watched = (change: Partial<RestingView> = {}): RestingView => ({
  order: {
    orderId: 'order-1',
    portfolioId: 'portfolio',
    outcomeIndex: 0,
    side: 'buy',
    price: price('0.5'),
    quantity: shares('100'),
    filledQuantity: shares('0'),
    profile: 'realistic',
    restingSinceMs: NOW.getTime(),
    expiresAtMs: null,
    queueAhead: null,
    queueAheadAtEntry: null,
    arrivalMidpoint: null,
  },
  remaining: shares('100'),
  queueAhead: shares('25'),
  queueAheadAtEntry: shares('90'),
  crossedSinceMs: null,
  stopsAtMs: null,
  ...change,
});

const waits = (order: Order, at: ExplainContext): [string | null, string] => {
  const { sentence, data } = explainOrder(order, [], at);
  return [data.waitingFor, sentence];
};

describe('explainOrder', () => {
  describe('on the way', () => {
    const order = anOrder({ phase: 'arriving', queueAhead: null, restingSince: null, matchesAt: later(2_000) });

    it('tells when an order will meet the book', () => {
      expect(waits(order, context())).toEqual([
        'arrival',
        'It is on its way to the venue and meets the book at 2026-02-07T12:00:02.000Z.',
      ]);
    });

    it('tells that one is overdue', () => {
      expect(waits(order, context({ now: later(9_000) }))).toEqual([
        'arrival',
        'It was due at the venue at 2026-02-07T12:00:02.000Z: it will be matched late, or ended if it may not be.',
      ]);
    });

    it('tells of the taker delay', () => {
      const held = anOrder({ phase: 'delayed', arrivesAt: later(1_850), matchesAt: later(2_000), restingSince: null });
      expect(waits(held, context())).toEqual([
        'taker_delay',
        'It would take at once, and the market holds such orders for 150 ms: it meets the book of 2026-02-07T12:00:02.000Z and cannot be cancelled before.',
      ]);
      expect(waits(held, context({ now: later(9_000) }))).toEqual([
        'taker_delay',
        "The market's delay of 150 ms for orders that take ended at 2026-02-07T12:00:02.000Z: it will be matched late, or ended if it may not be.",
      ]);
    });
  });

  describe('resting', () => {
    it('tells who is ahead', () => {
      expect(waits(anOrder(), context())).toEqual([
        'queue',
        'It rests with 100 shares at 0.5, and 40 shares are ahead of it: it fills when a sale at its price reaches past them, or by one at a lower price.',
      ]);
    });

    it('takes the place in the queue from the resting book where it watches', () => {
      const { sentence, data } = explainOrder(anOrder(), [], context({ resting: watched() }));
      expect(sentence).toContain('25 shares are ahead of it');
      expect(data).toMatchObject({
        queueAhead: shares('25'),
        queueAheadAtEntry: shares('90'),
        displayedAtLimit: shares('90'),
        bestBid: price('0.5'),
        bestAsk: price('0.53'),
        bookState: 'live',
      });
    });

    it('tells that nobody is ahead, of a sale', () => {
      const sale = anOrder({ side: 'sell', price: price('0.52'), queueAhead: shares('0') });
      expect(waits(sale, context())).toEqual([
        'queue',
        'It rests with 100 shares at 0.52, and nobody is ahead of it: the next purchase at its price fills it, or one at a higher price.',
      ]);
    });

    it('tells that its place is not known', () => {
      expect(waits(anOrder({ queueAhead: null }), context())).toEqual([
        'queue',
        'It rests with 100 shares at 0.5; its place in the queue is known once the book is watched. It fills when a sale reaches past those before it, or by one at a lower price.',
      ]);
    });

    it('tells what fills it under the ideal profile', () => {
      expect(waits(anOrder({ profile: 'ideal' }), context())).toEqual([
        'queue',
        'It rests with 100 shares at 0.5: under the ideal profile the first sale at its price fills all of it.',
      ]);
    });

    it.each([
      ['buy', '0.48', '0.02 below the best bid of 0.5: sellers meet those better prices first.'],
      ['sell', '0.57', '0.04 above the best ask of 0.53: buyers meet those better prices first.'],
    ] as const)('tells how far the price is: %s at %s', (side, at, rest) => {
      expect(waits(anOrder({ side, price: price(at) }), context())).toEqual([
        'price',
        `It rests with 100 shares at ${at}, ${rest}`,
      ]);
    });

    it('waits in the queue of an empty side', () => {
      const empty = evidenceOf(yesBook({ asks: levels('20@0.53') }));
      expect(waits(anOrder({ queueAhead: shares('0') }), context({ evidence: empty }))[0]).toBe('queue');
    });

    describe('against a quote that meets its limit', () => {
      const crossing = evidenceOf(yesBook({ bids: levels('10@0.49'), asks: levels('20@0.5') }));

      it('waits for it to stay', () => {
        expect(waits(anOrder(), context({ evidence: crossing }))).toEqual([
          'quote',
          'It rests with 100 shares at 0.5; an ask at 0.5 meets its limit: what is displayed there and this portfolio has not used fills it once it has stayed for 500 ms.',
        ]);
        const resting = watched({ crossedSinceMs: later(700).getTime() });
        expect(waits(anOrder(), context({ evidence: crossing, resting }))).toEqual(
          waits(anOrder(), context({ evidence: crossing })),
        );
      });

      it('waits for more where all of it is used', () => {
        expect(waits(anOrder(), context({ evidence: crossing, resting: watched() }))).toEqual([
          'quote',
          'It rests with 100 shares at 0.5; an ask at 0.5 meets its limit, but this portfolio has used all that is displayed there: it waits for more.',
        ]);
      });

      it('waits for a print under the conservative profile', () => {
        const bid = evidenceOf(yesBook({ bids: levels('10@0.5'), asks: levels('20@0.6') }));
        const sale = anOrder({ side: 'sell', profile: 'conservative' });
        expect(waits(sale, context({ evidence: bid }))).toEqual([
          'queue',
          'It rests with 100 shares at 0.5; a bid at 0.5 meets its limit, which alone fills nothing under the conservative profile: it waits for a print.',
        ]);
      });
    });

    it('tells that the book is not live, and why', () => {
      const stale = { ...evidence, state: 'stale' as const, reason: 'two pings went unanswered' };
      expect(waits(anOrder(), context({ evidence: stale }))).toEqual([
        'book',
        'It rests with 100 shares at 0.5, and nothing fills it while the order book is stale, two pings went unanswered.',
      ]);
    });

    it('tells that the book could not be read', () => {
      const { sentence, data } = explainOrder(anOrder(), [], context({ evidence: null }));
      expect(sentence).toBe('It rests with 100 shares at 0.5; how the order book stands could not be read just now.');
      expect(data).toMatchObject({ waitingFor: 'book', bookState: null, bestBid: null, displayedAtLimit: null });
    });

    it('tells that the market takes no orders, before all else', () => {
      const { tradable } = marketTerms({ tradable: { reason: 'it is paused' } });
      expect(waits(anOrder(), context({ evidence: null, tradable }))).toEqual([
        'market',
        'Nothing can fill it: the market takes no orders, it is paused.',
      ]);
    });

    it('tells when a gtd order stops', () => {
      const { sentence, data } = explainOrder(
        anOrder({ timeInForce: 'gtd', expiresAt: later(600_000) }),
        [],
        context(),
      );
      expect(sentence).toMatch(
        / Good until 2026-02-07T12:10:00\.000Z, it stops resting 60 s before, at 2026-02-07T12:09:00\.000Z\.$/,
      );
      expect(data.stopsAt).toEqual(later(540_000));
    });
  });

  describe('filled', () => {
    it('tells each fill of a taker: what was displayed, and what it had taken before', () => {
      const order = anOrder({
        status: 'filled',
        phase: 'done',
        filledQuantity: shares('100'),
        filledValue: usdc('50.4'),
      });
      const trades = [
        aTrade('60', '0.5', { rule: 'E1', displayedSize: shares('80'), takenBefore: shares('20') }),
        aTrade('40', '0.51', { rule: 'E1', displayedSize: shares('300'), takenBefore: shares('0') }),
      ];
      const { sentence, data } = explainOrder(order, trades, context());
      expect(sentence).toBe(
        'Bought 100 shares of Yes at an average of 0.504: 60 at 0.5 taken from the 80 displayed there, 20 of which this portfolio had taken before (rule E1, grade A); 40 at 0.51 taken from the 300 displayed there (rule E1, grade A).',
      );
      expect(data).toMatchObject({
        waitingFor: null,
        averagePrice: price('0.504'),
        remainingQuantity: 0n,
        queueAhead: null,
      });
      expect(data.fills).toHaveLength(2);
    });

    it('tells what filled so far, and what the rest waits for', () => {
      const order = anOrder({
        status: 'partially_filled',
        filledQuantity: shares('30'),
        filledValue: usdc('15'),
        queueAhead: shares('0'),
      });
      const trades = [
        aTrade('30', '0.5', { rule: 'F2', grade: 'C', printSize: shares('70'), queueAheadAtFill: shares('40') }),
      ];
      expect(explainOrder(order, trades, context()).sentence).toBe(
        'Bought 30 of 100 shares of Yes at an average of 0.5: 30 at 0.5 by a sale of 70 shares at the limit, after the 40 ahead of it in the queue (rule F2, grade C). It rests with 70 shares at 0.5, and nobody is ahead of it: the next sale at its price fills it, or one at a lower price.',
      );
    });

    it('tells of an order by amount in USDC', () => {
      const order = anOrder({
        type: 'market',
        timeInForce: 'fak',
        status: 'cancelled',
        phase: 'done',
        quantity: null,
        amount: usdc('25'),
        price: null,
        filledQuantity: shares('40'),
        filledValue: usdc('20'),
        rejectReason: 'The rest was cancelled.',
      });
      const trades = [aTrade('40', '0.5', { rule: 'E1', displayedSize: shares('40'), takenBefore: shares('0') })];
      expect(explainOrder(order, trades, context()).sentence).toBe(
        'Bought 40 shares of Yes for 20 of 25 USDC at an average of 0.5: 40 at 0.5 taken from the 40 displayed there (rule E1, grade A). It was cancelled with 5 USDC unfilled: The rest was cancelled.',
      );
    });

    it.each([
      [
        { rule: 'F1', grade: 'B', printSize: shares('12') } as const,
        '10 at 0.5 by a sale of 12 shares that went beyond the limit (rule F1, grade B)',
      ],
      [
        { rule: 'F7', grade: 'C' } as const,
        '10 at 0.5 by a quote that crossed the limit and stayed (rule F7, grade C)',
      ],
    ])('tells why a maker filled: %j', (receipt, sentence) => {
      expect(explainFill(aTrade('10', '0.5', receipt))).toMatchObject({
        sentence,
        liquidity: 'maker',
        rule: receipt.rule,
      });
    });

    it('tells of the buyers that filled a sale', () => {
      const trade = aTrade('10', '0.5', { rule: 'F1', grade: 'B', printSize: shares('12') }, { side: 'sell' });
      expect(explainFill(trade).sentence).toBe(
        '10 at 0.5 by a purchase of 12 shares that went beyond the limit (rule F1, grade B)',
      );
    });
  });

  describe('ended', () => {
    const done = (status: OrderStatus, rejectReason: string | null): Order =>
      anOrder({ status, phase: 'done', rejectReason });

    it.each([
      [
        done('cancelled', 'cancelled by its owner'),
        'It was cancelled with 100 shares unfilled: cancelled by its owner.',
      ],
      [done('cancelled', null), 'It was cancelled with 100 shares unfilled.'],
      [
        done('expired', 'good until noon, it stopped resting 60 s before'),
        'It expired with 100 shares unfilled: good until noon, it stopped resting 60 s before.',
      ],
      [
        done('rejected', 'invalid post-only order: order crosses book. The best ask is 0.5.'),
        'It was rejected as it arrived: invalid post-only order: order crosses book. The best ask is 0.5.',
      ],
    ])('tells why', (order, sentence) => {
      expect(waits(order, context())).toEqual([null, sentence]);
      expect(explainOrder(order, [], context()).data).toMatchObject({ reason: order.rejectReason, queueAhead: null });
    });
  });

  it.each(ORDER_PHASES.flatMap((phase) => ORDER_STATUSES.map((status): [OrderPhase, OrderStatus] => [phase, status])))(
    'has a sentence for phase %s with status %s',
    (phase, status) => {
      const filledQuantity = status === 'filled' ? shares('100') : microShares(0n);
      const order = anOrder({ phase, status, filledQuantity, filledValue: usdc(status === 'filled' ? '50' : '0') });
      const trades = status === 'filled' ? [aTrade('100', '0.5', { displayedSize: shares('100') })] : [];
      const { sentence, data } = explainOrder(order, trades, context());
      expect(sentence).toMatch(/^[A-Z].*\.$/);
      expect(sentence).not.toMatch(/undefined|null|NaN/);
      expect(data.waitingFor === null).toBe(phase === 'done');
    },
  );
});
