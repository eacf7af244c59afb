import { price, shares } from '../fixtures';
import { RestingScene } from '../resting-scene';

/** 100 shares bid at 0.50; an order for 30 joins behind them. */
it('F2 fills in parts once the queue has gone: prints of 60, 60 and 25', () => {
  const scene = RestingScene.of(['100@0.50'], ['80@0.53']);
  const order = scene.rest('buy', '0.50', '30');
  expect(scene.ahead(order)).toBe(shares('100'));

  // 60 of the 100 ahead trade; then the level shows it, which is no second reason to move up.
  expect(scene.print('sell', '0.50', '60')).toEqual([]);
  expect(scene.ahead(order)).toBe(shares('40'));
  scene.change('bid', '0.50', '40');
  expect(scene.ahead(order)).toBe(shares('40'));

  // 60 more: the 40 ahead, and 20 of ours.
  const [first] = scene.print('sell', '0.50', '60');
  expect(first).toMatchObject({
    orderId: order,
    price: price('0.50'),
    quantity: shares('20'),
    remaining: shares('10'),
    rule: 'F2',
    grade: 'C',
    printSize: shares('60'),
    queueAheadAtEntry: shares('100'),
    queueAheadAtFill: shares('40'),
    arrivalMidpoint: price('0.515'),
    crossed: [],
  });

  // 10 are left, and the print of 25 has more than enough.
  expect(scene.print('sell', '0.50', '25')).toMatchObject([
    { quantity: shares('10'), remaining: shares('0'), queueAheadAtFill: shares('0') },
  ]);
  expect(scene.book.find(order)).toBeNull();
});
