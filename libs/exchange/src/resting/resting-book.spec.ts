import { microShares } from '@app/domain';
import { price, shares } from '../../test/fixtures';
import { RestingScene } from '../../test/resting-scene';
import type { RestingOrder } from './resting-event';

/** Every number here is worked out by hand, from the rule named in the title. */
describe('RestingBook', () => {
  describe('prints', () => {
    it('F3 ignores prints above a buy and of other buyers', () => {
      const scene = RestingScene.of(['100@0.50'], ['80@0.53']);
      const order = scene.rest('buy', '0.50', '30');
      expect(scene.print('sell', '0.51', '500')).toEqual([]);
      expect(scene.print('buy', '0.50', '500')).toEqual([]);
      expect(scene.print('buy', '0.45', '500')).toEqual([]);
      expect(scene.ahead(order)).toBe(shares('100'));
    });

    it('F4 orders by the time of rest, not by the time of telling', () => {
      const scene = RestingScene.of(['10@0.48'], ['80@0.53']);
      const later = scene.rest('buy', '0.49', '20', { restingSinceMs: 900 });
      const earlier = scene.rest('buy', '0.49', '20', { restingSinceMs: 800 });
      expect(scene.print('sell', '0.49', '25').map(({ orderId, quantity }) => [orderId, quantity])).toEqual([
        [earlier, shares('20')],
        [later, shares('5')],
      ]);
    });

    it('B2 counts a print told of twice once', () => {
      const scene = RestingScene.of(['10@0.50'], ['80@0.53']);
      const order = scene.rest('buy', '0.50', '100');
      const venueTimeMs = scene.nowMs + 5;
      expect(scene.print('sell', '0.50', '30', { venueTimeMs, hash: '0xa' })).toMatchObject([
        { quantity: shares('20') },
      ]);
      expect(scene.print('sell', '0.50', '30', { venueTimeMs, hash: '0xa' })).toEqual([]);
      // The same in another transaction is another print.
      expect(scene.print('sell', '0.50', '30', { venueTimeMs, hash: '0xb' })).toMatchObject([
        { quantity: shares('30') },
      ]);
      expect(scene.remaining(order)).toBe(shares('50'));
    });

    it('B2 takes a print from before its memory for a repetition', () => {
      const scene = new RestingScene({ printMemoryMs: 1_000 });
      scene.snapshot(['10@0.50'], ['80@0.53']);
      scene.rest('buy', '0.50', '100');
      const venueTimeMs = scene.nowMs + 5;
      expect(scene.print('sell', '0.50', '15', { venueTimeMs })).toHaveLength(1);
      expect(scene.print('sell', '0.50', '15', { venueTimeMs: venueTimeMs + 1_001 })).toHaveLength(1);
      expect(scene.print('sell', '0.50', '15', { venueTimeMs })).toEqual([]);
      expect(scene.book.state().prints).toHaveLength(1);
    });

    it('a print dated before an order came to rest is no evidence for it', () => {
      const scene = RestingScene.of(['10@0.50'], ['80@0.53']);
      const order = scene.rest('buy', '0.50', '100');
      expect(scene.print('sell', '0.49', '30', { venueTimeMs: scene.nowMs })).toEqual([]);
      expect(scene.ahead(order)).toBe(shares('10'));
    });
  });

  describe('levels', () => {
    /** 63 ahead, 7 behind: 1 + 63 = 2^6 and 1 + 7 = 2^3, so that ln weights are 6 to 3. */
    function amongOthers(profile: RestingOrder['profile']): { scene: RestingScene; order: string } {
      const scene = RestingScene.of(['63@0.50'], ['80@0.53']);
      const order = scene.rest('buy', '0.50', '30', { profile });
      scene.change('bid', '0.50', '70');
      expect(scene.ahead(order)).toBe(shares('63'));
      return { scene, order };
    }

    it('F5 a print told of after the shrink it caused takes nothing from ahead twice', () => {
      const { scene, order } = amongOthers('realistic');
      const tradedAtMs = scene.nowMs + 10;
      scene.change('bid', '0.50', '61');
      expect(scene.ahead(order)).toBe(shares('57'));
      // The 9 that left were this trade of 9: they all stood ahead, 6 of them are gone from there already.
      expect(scene.print('sell', '0.50', '9', { venueTimeMs: tradedAtMs })).toEqual([]);
      expect(scene.ahead(order)).toBe(shares('54'));
      // The next trade is news.
      scene.print('sell', '0.50', '9');
      expect(scene.ahead(order)).toBe(shares('45'));
    });

    it('F5 a print explains the update that follows it, and none after that', () => {
      const { scene, order } = amongOthers('realistic');
      scene.print('sell', '0.50', '32');
      scene.change('bid', '0.50', '38');
      expect(scene.ahead(order)).toBe(shares('31'));
      scene.change('bid', '0.50', '30');
      expect(scene.ahead(order)).toBe(shares('26'));
    });

    it('F5 two updates of the millisecond of a print share what it explains', () => {
      const { scene, order } = amongOthers('realistic');
      const venueTimeMs = scene.nowMs + 10;
      scene.print('sell', '0.50', '32', { venueTimeMs });
      for (const size of ['60', '30']) {
        const changes = [{ side: 'bid' as const, price: price('0.50'), size: shares(size) }];
        scene.apply({ kind: 'changes', venueTimeMs, changes, sequence: null });
      }
      // 10 and then 30 gone, 32 printed: 8 cancelled, 5 of them ahead.
      expect(scene.ahead(order)).toBe(shares('26'));
    });

    it('F6 growth joins behind', () => {
      const scene = RestingScene.of(['63@0.50'], ['80@0.53']);
      const order = scene.rest('buy', '0.50', '30');
      scene.change('bid', '0.50', '500');
      expect(scene.ahead(order)).toBe(shares('63'));
    });

    it('E5 nobody is ahead of an order that improves the best price', () => {
      const scene = RestingScene.of(['63@0.50'], ['80@0.53']);
      const order = scene.rest('buy', '0.51', '30');
      expect(scene.ahead(order)).toBe(0n);
      expect(scene.print('sell', '0.51', '4')).toMatchObject([{ quantity: shares('4'), rule: 'F2' }]);
    });

    it('an order tells its place, and the midpoint it met', () => {
      const scene = RestingScene.of(['63@0.50'], ['80@0.53']);
      const order = scene.order('sell', '0.48', '30', { outcomeIndex: 1 });
      expect(scene.apply({ kind: 'place', order })).toEqual([
        {
          kind: 'queued',
          orderId: order.orderId,
          portfolioId: 'portfolio',
          // Selling NO at 0.48 is buying YES at 0.52, better than any bid; NO stands at 0.47 to 0.50.
          queueAhead: 0n,
          arrivalMidpoint: price('0.485'),
          atMs: scene.nowMs,
        },
      ]);
    });
  });

  describe('books that are not live', () => {
    it('A3 nothing fills before the first snapshot', () => {
      const scene = new RestingScene();
      const order = scene.rest('buy', '0.50', '30');
      expect(scene.book.bookState).toEqual({ state: 'recovering', reason: 'no snapshot of it has arrived yet' });
      expect(scene.print('sell', '0.40', '500')).toEqual([]);
      expect(scene.ahead(order)).toBeNull();
      expect(scene.snapshot(['40@0.50'], ['80@0.53'])).toMatchObject([
        { kind: 'queued', orderId: order, queueAhead: shares('40'), arrivalMidpoint: price('0.515') },
      ]);
      expect(scene.book.bookState).toEqual({ state: 'live', reason: null });
    });

    it('A5 does not raise what is ahead', () => {
      const scene = RestingScene.of(['10@0.50'], ['80@0.53']);
      const order = scene.rest('buy', '0.50', '50');
      scene.apply({ kind: 'gap', state: 'stale', reason: 'silence' });
      scene.snapshot(['400@0.50'], ['80@0.53']);
      expect(scene.ahead(order)).toBe(shares('10'));
    });

    it('A2 a crossed or locked book fills nothing, and what it told is discarded', () => {
      const scene = RestingScene.of(['100@0.50'], ['80@0.53']);
      const order = scene.rest('buy', '0.50', '50');
      scene.change('bid', '0.53', '5');
      expect(scene.book.bookState).toEqual({ state: 'recovering', reason: 'its best bid is not below its best ask' });
      expect(scene.print('sell', '0.49', '500')).toEqual([]);
      scene.change('bid', '0.53', '0');
      expect(scene.book.bookState.state).toBe('live');
      expect(scene.print('sell', '0.49', '500', { venueTimeMs: scene.nowMs })).toEqual([]);
      expect(scene.remaining(order)).toBe(shares('50'));
      expect(scene.print('sell', '0.49', '20')).toHaveLength(1);
    });

    it('judges a message by its end: the sides may meet between two of its changes', () => {
      const scene = RestingScene.of(['100@0.50'], ['80@0.53']);
      const order = scene.rest('buy', '0.50', '50');
      scene.apply({
        kind: 'changes',
        venueTimeMs: scene.nowMs + 10,
        changes: [
          { side: 'bid', price: price('0.54'), size: shares('5') },
          { side: 'ask', price: price('0.53'), size: shares('0') },
          { side: 'ask', price: price('0.56'), size: shares('9') },
        ],
        sequence: 7,
      });
      expect(scene.book.bookState.state).toBe('live');
      expect(scene.print('sell', '0.49', '20')).toMatchObject([
        { orderId: order, bookSequence: 7, midpointAtFill: price('0.55'), arrivalMidpoint: price('0.515') },
      ]);
    });

    it('a snapshot of a live book is a set of changes: prints before it explain it', () => {
      const scene = RestingScene.of(['63@0.50'], ['80@0.53']);
      const order = scene.rest('buy', '0.50', '30');
      scene.snapshot(['70@0.50'], ['80@0.53']);
      scene.print('sell', '0.50', '32');
      scene.snapshot(['30@0.50'], ['80@0.53']);
      expect(scene.ahead(order)).toBe(shares('26'));
    });
  });

  describe('crossed quotes', () => {
    /** A buy of 50 at 0.50 behind which the bids went away, and an ask of 20 that came to its price. */
    function crossedBy(size: string, other: Partial<RestingOrder> = {}): { scene: RestingScene; order: string } {
      const scene = RestingScene.of(['5@0.50', '9@0.47'], ['80@0.53']);
      const order = scene.rest('buy', '0.50', '50', other);
      scene.change('bid', '0.50', '0');
      scene.change('ask', '0.50', size);
      return { scene, order };
    }

    it('F7 dates the fill to the end of the wait, though a later event told of it', () => {
      const { scene } = crossedBy('20');
      const crossedAtMs = scene.nowMs;
      expect(scene.change('ask', '0.50', '0', 2_000)).toMatchObject([
        { rule: 'F7', quantity: shares('20'), tradedAtMs: crossedAtMs + 500 },
      ]);
    });

    it('F7 starts anew when the quote goes', () => {
      const { scene, order } = crossedBy('20');
      scene.clock(400);
      scene.change('ask', '0.50', '0');
      expect(scene.clock(5_000)).toEqual([]);
      scene.change('ask', '0.49', '20');
      expect(scene.clock(499)).toEqual([]);
      expect(scene.clock(1)).toMatchObject([{ orderId: order, price: price('0.50'), quantity: shares('20') }]);
    });

    it('F7 takes the better quotes first and uses each once for all orders of a portfolio', () => {
      const { scene, order } = crossedBy('20');
      scene.change('ask', '0.49', '40');
      const second = scene.rest('buy', '0.51', '30');
      // Due first is the earlier: 40 at 0.49 and 10 of 0.50; the other gets the 10 left.
      const outcomes = scene.clock(1_000);
      expect(outcomes).toMatchObject([
        {
          orderId: order,
          quantity: shares('50'),
          crossed: [
            { price: price('0.49'), quantity: shares('40'), displayed: shares('40') },
            { price: price('0.50'), quantity: shares('10'), displayed: shares('20') },
          ],
        },
        { orderId: second, quantity: shares('10'), price: price('0.51') },
      ]);
    });

    it('F7 what was used shrinks with the level, so only growth is new', () => {
      const { scene } = crossedBy('20');
      expect(scene.clock(500)).toMatchObject([{ quantity: shares('20') }]);
      scene.change('ask', '0.50', '6');
      expect(scene.clock(5_000)).toEqual([]);
      scene.change('ask', '0.50', '10');
      expect(scene.clock(5_000)).toMatchObject([{ quantity: shares('4') }]);
    });

    it('F7 does not end its wait in a gap', () => {
      const { scene, order } = crossedBy('20');
      expect(scene.apply({ kind: 'gap', state: 'stale', reason: 'silence' }, 5_000)).toEqual([]);
      expect(scene.clock(5_000)).toEqual([]);
      scene.snapshot(['9@0.47'], ['20@0.50']);
      expect(scene.clock(499)).toEqual([]);
      expect(scene.clock(1)).toMatchObject([{ orderId: order, quantity: shares('20') }]);
    });

    it('F7 begins to wait anew after a pause in which nobody listened', () => {
      const { scene, order } = crossedBy('20');
      scene.clock(300);
      expect(scene.apply({ kind: 'pause' }, 700)).toEqual([]);
      expect(scene.clock(499)).toEqual([]);
      expect(scene.clock(1)).toMatchObject([{ orderId: order, quantity: shares('20') }]);
      expect(scene.apply({ kind: 'pause' }, 700)).toEqual([]);
      expect(scene.clock(5_000)).toEqual([]);
    });

    it('F7 fills nothing after a pause in which the quote went', () => {
      const { scene } = crossedBy('20');
      scene.apply({ kind: 'pause' }, 700);
      expect(scene.change('ask', '0.50', '0')).toEqual([]);
      expect(scene.clock(5_000)).toEqual([]);
    });

    it('F7 waits for an order that came to rest against a quote as well', () => {
      const scene = RestingScene.of(['9@0.47'], ['20@0.50']);
      scene.rest('buy', '0.50', '50');
      expect(scene.clock(499)).toEqual([]);
      expect(scene.clock(1)).toMatchObject([{ quantity: shares('20') }]);
    });

    it('D4 a fill due before a cancel arrives stands', () => {
      const { scene, order } = crossedBy('20');
      expect(scene.apply({ kind: 'cancel', orderId: order, reason: 'cancelled by its owner' }, 800)).toMatchObject([
        { kind: 'fill', quantity: shares('20') },
        { kind: 'ended', status: 'cancelled', remaining: shares('30') },
      ]);
    });
  });

  describe('ideal', () => {
    it('fills whole at the first touch: a print at its price, whatever was ahead and however small', () => {
      const scene = RestingScene.of(['100@0.50'], ['80@0.53']);
      scene.rest('buy', '0.50', '30', { profile: 'ideal' });
      expect(scene.print('sell', '0.50', '1')).toMatchObject([
        { quantity: shares('30'), rule: 'F2', profile: 'ideal', queueAheadAtEntry: 0n },
      ]);
    });

    it('fills whole as soon as a quote touches it', () => {
      const scene = RestingScene.of(['100@0.47'], ['80@0.53']);
      scene.rest('buy', '0.50', '30', { profile: 'ideal' });
      expect(scene.change('ask', '0.50', '1')).toMatchObject([{ quantity: shares('30'), rule: 'F7', crossed: [] }]);
    });

    it('does not fill while the book is not live', () => {
      const scene = RestingScene.of(['100@0.50'], ['80@0.53']);
      scene.rest('buy', '0.50', '30', { profile: 'ideal' });
      scene.apply({ kind: 'gap', state: 'stale', reason: 'silence' });
      expect(scene.print('sell', '0.40', '100')).toEqual([]);
      expect(scene.change('ask', '0.45', '10')).toEqual([]);
    });
  });

  describe('orders that end', () => {
    it('C3 a gtd order stops a minute before it expires, before anything of that moment fills it', () => {
      const scene = RestingScene.of(['10@0.50'], ['80@0.53']);
      const expiresAtMs = scene.nowMs + 100_000;
      const order = scene.rest('buy', '0.50', '30', { expiresAtMs });
      expect(scene.book.find(order)?.stopsAtMs).toBe(expiresAtMs - 60_000);
      expect(scene.clock(expiresAtMs - 60_001 - scene.nowMs)).toEqual([]);
      expect(scene.apply({ ...printOf('0.40', '500', expiresAtMs - 60_000) }, 1)).toEqual([
        {
          kind: 'ended',
          orderId: order,
          portfolioId: 'portfolio',
          status: 'expired',
          reason: 'good until 1970-01-01T00:01:41.010Z, it stopped resting 60 s before',
          remaining: shares('30'),
          atMs: expiresAtMs - 60_000,
        },
      ]);
    });

    it('C3 expires orders while the book is not live, by time', () => {
      const scene = RestingScene.of(['10@0.50'], ['80@0.53']);
      const later = scene.rest('buy', '0.50', '30', { expiresAtMs: 90_000 });
      const sooner = scene.rest('buy', '0.50', '30', { expiresAtMs: 80_000 });
      const outcomes = scene.apply({ kind: 'gap', state: 'stale', reason: 'silence' }, 100_000);
      expect(outcomes).toMatchObject([
        { orderId: sooner, status: 'expired', atMs: 20_000 },
        { orderId: later, status: 'expired', atMs: 30_000 },
      ]);
    });

    it('C3 an order placed after its stop expires at once', () => {
      const scene = RestingScene.of(['10@0.50'], ['80@0.53']);
      const order = scene.order('buy', '0.50', '30', { expiresAtMs: scene.nowMs + 5 });
      expect(scene.apply({ kind: 'place', order })).toMatchObject([
        { kind: 'queued' },
        { kind: 'ended', status: 'expired' },
      ]);
    });

    it('F9 a replacement goes to the end of the queue', () => {
      const scene = RestingScene.of(['10@0.50'], ['80@0.53']);
      const order = scene.rest('buy', '0.50', '30');
      scene.change('bid', '0.50', '100');
      const next = scene.order('buy', '0.50', '40');
      expect(scene.apply({ kind: 'replace', orderId: order, order: next })).toMatchObject([
        { kind: 'ended', orderId: order, status: 'cancelled', reason: 'replaced by order order-2' },
        { kind: 'queued', orderId: next.orderId, queueAhead: shares('100') },
      ]);
      expect(scene.ahead(next.orderId)).toBe(shares('100'));
    });

    it('F9 nothing replaces an order that filled meanwhile', () => {
      const scene = RestingScene.of(['10@0.50'], ['80@0.53']);
      const order = scene.rest('buy', '0.50', '30');
      scene.print('sell', '0.49', '30');
      expect(scene.apply({ kind: 'replace', orderId: order, order: scene.order('buy', '0.50', '40') })).toMatchObject([
        { kind: 'ended', orderId: 'order-2', reason: 'order order-1, which it was to replace, is not in the book' },
      ]);
      expect(scene.book.orderCount).toBe(0);
    });

    it('F10 a close ends every order, and those that come after it', () => {
      const scene = RestingScene.of(['10@0.50'], ['80@0.53']);
      const first = scene.rest('buy', '0.50', '30');
      const second = scene.rest('sell', '0.60', '30');
      expect(scene.apply({ kind: 'close', reason: 'the market resolved' })).toMatchObject([
        { kind: 'ended', orderId: first, status: 'cancelled', reason: 'the market resolved', remaining: shares('30') },
        { kind: 'ended', orderId: second, status: 'cancelled' },
      ]);
      scene.snapshot(['10@0.50'], ['80@0.53']);
      expect(scene.book.bookState).toEqual({ state: 'halted', reason: 'the market resolved' });
      expect(scene.apply({ kind: 'place', order: scene.order('buy', '0.50', '30') })).toMatchObject([
        { kind: 'ended', status: 'cancelled', reason: 'the market resolved' },
      ]);
    });

    it('a cancel of what is gone says nothing', () => {
      const scene = RestingScene.of(['10@0.50'], ['80@0.53']);
      expect(scene.apply({ kind: 'cancel', orderId: 'never', reason: 'cancelled by its owner' })).toEqual([]);
    });
  });

  describe('orders that come back', () => {
    it('rests a stored order where it was, capped by the live book', () => {
      const scene = RestingScene.of(['100@0.50'], ['80@0.53']);
      const order = scene.rest('buy', '0.50', '30', {
        filledQuantity: shares('10'),
        queueAhead: shares('25'),
        queueAheadAtEntry: shares('90'),
      });
      expect(scene.remaining(order)).toBe(shares('20'));
      expect(scene.print('sell', '0.50', '30')).toMatchObject([
        {
          quantity: shares('5'),
          remaining: shares('15'),
          queueAheadAtEntry: shares('90'),
          queueAheadAtFill: shares('25'),
        },
      ]);
      const capped = scene.rest('buy', '0.50', '30', { queueAhead: shares('500'), queueAheadAtEntry: shares('500') });
      expect(scene.ahead(capped)).toBe(shares('100'));
    });

    it.each([
      ['an outcome there is none of', { outcomeIndex: 2 }, /outcome index 2 is neither 0 nor 1/],
      ['a price of 1', { price: price('1') }, /price 1000000 is not between 0 and 1/],
      ['a price of 0', { price: price('0') }, /price 0 is not between 0 and 1/],
      ['nothing left', { filledQuantity: shares('30') }, /30000000 of 30000000 filled leaves nothing to rest/],
      ['a negative fill', { filledQuantity: microShares(-1n) }, /-1 of 30000000 filled/],
    ])('refuses an order with %s', (_, wrong: Partial<RestingOrder>, message) => {
      const scene = RestingScene.of(['100@0.50'], ['80@0.53']);
      const order = { ...scene.order('buy', '0.50', '30'), ...wrong };
      const before = scene.book.state();
      expect(() => scene.apply({ kind: 'place', order })).toThrow(message);
      expect(scene.book.state()).toEqual(before);
    });

    it('refuses an order that rests already', () => {
      const scene = RestingScene.of(['100@0.50'], ['80@0.53']);
      const order = scene.order('buy', '0.50', '30');
      scene.apply({ kind: 'place', order });
      expect(() => scene.apply({ kind: 'place', order })).toThrow('order order-1 rests already');
    });
  });
});

function printOf(
  at: string,
  size: string,
  venueTimeMs: number,
): {
  kind: 'print';
  aggressor: 'sell';
  price: ReturnType<typeof price>;
  size: ReturnType<typeof shares>;
  venueTimeMs: number;
  transactionHash: null;
} {
  return { kind: 'print', aggressor: 'sell', price: price(at), size: shares(size), venueTimeMs, transactionHash: null };
}
