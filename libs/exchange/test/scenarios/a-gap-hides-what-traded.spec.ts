import { shares } from '../fixtures';
import { RestingScene } from '../resting-scene';

/** 100 shares bid at 0.50 before an order for 50; then the stream falls silent. */
it('A3 A5 what happened in a gap fills nothing, and the snapshot after it caps the queue from 100 to 60', () => {
  const scene = RestingScene.of(['100@0.50'], ['80@0.53']);
  const order = scene.rest('buy', '0.50', '50');
  scene.apply({ kind: 'gap', state: 'stale', reason: 'two pings went unanswered' });
  expect(scene.book.bookState).toEqual({ state: 'stale', reason: 'two pings went unanswered' });

  // Neither a sale of 500 at its price nor one far below it counts.
  expect(scene.print('sell', '0.50', '500')).toEqual([]);
  expect(scene.print('sell', '0.40', '500')).toEqual([]);
  expect(scene.ahead(order)).toBe(shares('100'));

  expect(scene.snapshot(['60@0.50'], ['80@0.53'])).toEqual([]);
  expect(scene.ahead(order)).toBe(shares('60'));
  // Dated before the snapshot and told after it: it belongs to the gap.
  expect(scene.print('sell', '0.50', '500', { venueTimeMs: scene.nowMs - 1 })).toEqual([]);
  expect(scene.ahead(order)).toBe(shares('60'));

  // 80 sold: the 60 ahead, and 20 of ours.
  expect(scene.print('sell', '0.50', '80')).toMatchObject([
    {
      quantity: shares('20'),
      remaining: shares('30'),
      queueAheadAtEntry: shares('100'),
      queueAheadAtFill: shares('60'),
    },
  ]);
});

it('A5 a level that went in the gap leaves nobody ahead, and fills nothing', () => {
  const scene = RestingScene.of(['100@0.50'], ['80@0.53']);
  const order = scene.rest('buy', '0.50', '50');
  scene.apply({ kind: 'gap', state: 'recovering', reason: 'the stream was connected anew' });
  expect(scene.snapshot(['60@0.48'], ['80@0.53'])).toEqual([]);
  expect(scene.ahead(order)).toBe(0n);
  expect(scene.remaining(order)).toBe(shares('50'));
});
