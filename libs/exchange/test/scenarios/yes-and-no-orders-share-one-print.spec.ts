import { shares } from '../fixtures';
import { RestingScene } from '../resting-scene';

/** Buying YES at 0.50 and selling NO at 0.50 are the same bid. 10 shares are displayed there when both come to rest. */
it('F4 50 sold at 0.50: 30 to the YES order, 10 to the NO order, and another portfolio has its own 50', () => {
  const scene = RestingScene.of(['10@0.50'], ['80@0.53']);
  const yes = scene.rest('buy', '0.50', '30');
  const no = scene.rest('sell', '0.50', '30', { outcomeIndex: 1 });
  const other = scene.rest('buy', '0.50', '100', { portfolioId: 'other' });
  const fills = scene.print('sell', '0.50', '50', { hash: '0xabc' });
  // The first: 50 - 10 ahead leave 40, of which it takes its 30. The second: 50 - 30 = 20, 10 of them ahead, 10 for it.
  // The other portfolio: 50 - 10 ahead.
  expect(fills.map(({ orderId, outcomeIndex, side, quantity }) => [orderId, outcomeIndex, side, quantity])).toEqual([
    [yes, 0, 'buy', shares('30')],
    [no, 1, 'sell', shares('10')],
    [other, 0, 'buy', shares('40')],
  ]);
});

it('B2 the same print, told of by the other feed, fills nothing more', () => {
  const scene = RestingScene.of(['10@0.50'], ['80@0.53']);
  const order = scene.rest('buy', '0.50', '100');
  const venueTimeMs = scene.nowMs + 5;
  expect(scene.print('sell', '0.50', '50', { venueTimeMs, hash: '0xabc' })).toMatchObject([{ quantity: shares('40') }]);
  expect(scene.print('sell', '0.50', '50', { venueTimeMs, hash: '0xabc' })).toEqual([]);
  expect(scene.remaining(order)).toBe(shares('60'));
});

it('F4 the better price first: 40 sold at 0.49 fill 15 at 0.50, then 20 and 5 at 0.49 by time', () => {
  const scene = RestingScene.of(['10@0.48'], ['80@0.53']);
  const earlier = scene.rest('buy', '0.49', '20');
  const better = scene.rest('sell', '0.50', '15', { outcomeIndex: 1 });
  const later = scene.rest('buy', '0.49', '20');
  const fills = scene.print('sell', '0.49', '40');
  expect(fills.map(({ orderId, quantity, rule }) => [orderId, quantity, rule])).toEqual([
    [better, shares('15'), 'F1'],
    [earlier, shares('20'), 'F2'],
    [later, shares('5'), 'F2'],
  ]);
});
