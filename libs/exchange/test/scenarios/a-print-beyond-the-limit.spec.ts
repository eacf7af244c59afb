import { price, shares } from '../fixtures';
import { RestingScene } from '../resting-scene';

/** 100 shares bid at 0.50 before an order for 30; then somebody sells at 0.49. */
it('F1 fills at the limit, not at the print, and leaves nobody ahead', () => {
  const scene = RestingScene.of(['100@0.50', '70@0.49'], ['80@0.53']);
  const order = scene.rest('buy', '0.50', '30');

  // 20 sold at 0.49 would have met our 0.50 first.
  expect(scene.print('sell', '0.49', '20')).toMatchObject([
    {
      price: price('0.50'),
      quantity: shares('20'),
      remaining: shares('10'),
      rule: 'F1',
      grade: 'B',
      printSize: shares('20'),
      queueAheadAtEntry: shares('100'),
      queueAheadAtFill: shares('100'),
    },
  ]);
  expect(scene.ahead(order)).toBe(0n);

  // 15 at 0.50: nobody is ahead any more, and 10 are left.
  expect(scene.print('sell', '0.50', '15')).toMatchObject([
    { quantity: shares('10'), rule: 'F2', grade: 'C', remaining: shares('0') },
  ]);
});

it('F1 for a sale: prints above it, of buyers', () => {
  const scene = RestingScene.of(['100@0.50'], ['80@0.53']);
  const order = scene.rest('sell', '0.53', '30');
  // 90 bought at 0.53: the 80 ahead and 10 of ours. 5 bought at 0.60 are ours.
  expect(scene.print('buy', '0.53', '90')).toMatchObject([
    { price: price('0.53'), quantity: shares('10'), rule: 'F2', queueAheadAtFill: shares('80') },
  ]);
  expect(scene.print('buy', '0.60', '5')).toMatchObject([
    { price: price('0.53'), quantity: shares('5'), rule: 'F1', queueAheadAtFill: shares('0') },
  ]);
  expect(scene.remaining(order)).toBe(shares('15'));
});
