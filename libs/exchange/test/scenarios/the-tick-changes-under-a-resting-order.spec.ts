import { price, shares } from '../fixtures';
import { RestingScene } from '../resting-scene';

it('A2 A5 a finer tick: nothing fills until a snapshot, which caps the queue from 100 to 45', () => {
  const scene = RestingScene.of(['100@0.97'], ['80@0.98']);
  const order = scene.rest('buy', '0.97', '50');
  scene.apply({ kind: 'tick', tickSize: price('0.001') });
  expect(scene.book.bookState).toEqual({
    state: 'recovering',
    reason: 'its tick size became 0.001, and no snapshot has come since',
  });
  expect(scene.print('sell', '0.96', '500')).toEqual([]);
  expect(scene.ahead(order)).toBe(shares('100'));

  // 30 went to the new price of 0.972, and 45 stayed.
  scene.snapshot(['30@0.972', '45@0.97'], ['80@0.975']);
  expect(scene.ahead(order)).toBe(shares('45'));
  expect(scene.print('sell', '0.972', '30')).toEqual([]);
  expect(scene.print('sell', '0.97', '50')).toMatchObject([
    { quantity: shares('5'), rule: 'F2', queueAheadAtEntry: shares('100'), queueAheadAtFill: shares('45') },
  ]);
});

it('A2 A5 a coarser tick: an order off the new grid rests on at its price', () => {
  const scene = RestingScene.of(['100@0.963'], ['80@0.965']);
  const order = scene.rest('buy', '0.963', '50');
  scene.apply({ kind: 'tick', tickSize: price('0.01') });
  scene.snapshot(['300@0.96'], ['80@0.97']);
  // Its level is gone, so nobody is ahead; a sale at 0.96 meets 0.963 first.
  expect(scene.ahead(order)).toBe(0n);
  expect(scene.print('sell', '0.96', '20')).toMatchObject([
    { price: price('0.963'), quantity: shares('20'), rule: 'F1', remaining: shares('30') },
  ]);
});
