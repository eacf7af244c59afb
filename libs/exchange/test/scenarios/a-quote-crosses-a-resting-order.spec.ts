import type { ExecutionProfile } from '@app/domain';
import { price, shares } from '../fixtures';
import { RestingScene } from '../resting-scene';

/** A buy of 50 at 0.50. The bids at its price go away, and 20 are offered there. */
function crossed(profile: ExecutionProfile = 'realistic'): { scene: RestingScene; order: string; sinceMs: number } {
  const scene = RestingScene.of(['5@0.50', '9@0.47'], ['80@0.53']);
  const order = scene.rest('buy', '0.50', '50', { profile });
  scene.change('bid', '0.50', '0');
  scene.change('ask', '0.50', '20');
  return { scene, order, sinceMs: scene.nowMs };
}

it('F7 fills what is displayed once it has stayed 500 ms, and what joins it after as long again', () => {
  const { scene, order, sinceMs } = crossed();
  expect(scene.clock(499)).toEqual([]);
  expect(scene.clock(1)).toMatchObject([
    {
      price: price('0.50'),
      quantity: shares('20'),
      remaining: shares('30'),
      rule: 'F7',
      grade: 'C',
      printKey: null,
      printSize: null,
      crossed: [{ side: 'ask', price: price('0.50'), quantity: shares('20'), displayed: shares('20') }],
      tradedAtMs: sinceMs + 500,
    },
  ]);

  // The 20 are still displayed, and used: a minute later they fill nothing more.
  expect(scene.clock(60_000)).toEqual([]);
  // 15 join them, and stay.
  scene.change('ask', '0.50', '35');
  expect(scene.clock(499)).toEqual([]);
  expect(scene.clock(1)).toMatchObject([{ quantity: shares('15'), remaining: shares('15') }]);
  expect(scene.remaining(order)).toBe(shares('15'));
});

it('F7 a quote that goes after 400 ms fills nothing', () => {
  const { scene, order } = crossed();
  scene.clock(400);
  scene.change('ask', '0.50', '0');
  expect(scene.clock(5_000)).toEqual([]);
  expect(scene.remaining(order)).toBe(shares('50'));
});

it('F7 of the 20 displayed, 12 this portfolio took itself leave 8', () => {
  const { scene } = crossed();
  const levels = [{ side: 'ask' as const, price: price('0.50'), quantity: shares('12') }];
  scene.apply({ kind: 'taken', portfolioId: 'portfolio', levels });
  expect(scene.clock(500)).toMatchObject([{ quantity: shares('8'), remaining: shares('42') }]);
});

it('B3 what a portfolio is known to have taken counts once however often it is told, less what has left the level since', () => {
  const { scene } = crossed();
  const level = { side: 'ask' as const, price: price('0.50'), taken: shares('14'), displayed: shares('22') };
  for (let times = 0; times < 3; times += 1) {
    scene.apply({ kind: 'consumed', portfolioId: 'portfolio', levels: [level] });
  }
  // 2 of the 22 have left, so that 12 of the 20 are taken.
  expect(scene.clock(500)).toMatchObject([{ quantity: shares('8'), remaining: shares('42') }]);
});

it('F7 conservative waits for a print', () => {
  const { scene, order } = crossed('conservative');
  expect(scene.clock(60_000)).toEqual([]);
  expect(scene.remaining(order)).toBe(shares('50'));
});
