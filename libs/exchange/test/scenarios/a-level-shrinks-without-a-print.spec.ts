import type { ExecutionProfile } from '@app/domain';
import { shares } from '../fixtures';
import { RestingScene } from '../resting-scene';

/** 63 shares ahead of an order and 7 behind it. 1 + 63 = 2^6 and 1 + 7 = 2^3: their logarithms are as 6 to 3. */
function amongOthers(profile: ExecutionProfile): { scene: RestingScene; order: string } {
  const scene = RestingScene.of(['63@0.50'], ['80@0.53']);
  const order = scene.rest('buy', '0.50', '30', { profile });
  scene.change('bid', '0.50', '70');
  expect(scene.ahead(order)).toBe(shares('63'));
  return { scene, order };
}

it('F5 realistic: of 9 cancelled, 6 were likely ahead and 3 behind', () => {
  const { scene, order } = amongOthers('realistic');
  expect(scene.change('bid', '0.50', '61')).toEqual([]);
  // 63 - 9 x 6 / 9.
  expect(scene.ahead(order)).toBe(shares('57'));
});

it('F5 conservative: nobody is known to have left from ahead until the level says so', () => {
  const { scene, order } = amongOthers('conservative');
  scene.change('bid', '0.50', '64');
  expect(scene.ahead(order)).toBe(shares('63'));
  scene.change('bid', '0.50', '61');
  expect(scene.ahead(order)).toBe(shares('61'));
});

it('F5 a print explains its part first: of 40 gone, 32 were sold and 8 cancelled, 5 of them ahead', () => {
  const { scene, order } = amongOthers('realistic');
  scene.print('sell', '0.50', '32');
  // 31 ahead, 7 behind: 2^5 and 2^3, weights 5 to 3.
  expect(scene.ahead(order)).toBe(shares('31'));
  expect(scene.change('bid', '0.50', '30')).toEqual([]);
  // 31 - 8 x 5 / 8.
  expect(scene.ahead(order)).toBe(shares('26'));
});

it('F5 the last 2 displayed are the most that can be ahead, and none of it fills anything', () => {
  const { scene, order } = amongOthers('realistic');
  expect(scene.change('bid', '0.50', '2')).toEqual([]);
  expect(scene.ahead(order)).toBe(shares('2'));
  expect(scene.change('bid', '0.50', '0')).toEqual([]);
  expect(scene.ahead(order)).toBe(0n);
  expect(scene.remaining(order)).toBe(shares('30'));
});
