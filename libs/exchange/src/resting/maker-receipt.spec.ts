import type { Order } from '@app/domain';
import { anOrder } from '../../test/an-order';
import { CONDITION_ID, feesAt, NOW, price, shares, usdc } from '../../test/fixtures';
import { RestingScene } from '../../test/resting-scene';
import { makerReceipt, restingOrderOf } from './maker-receipt';

const order = anOrder({
  status: 'partially_filled',
  filledQuantity: shares('30'),
  filledValue: usdc('15'),
  timeInForce: 'gtd',
  expiresAt: new Date(NOW.getTime() + 600_000),
});

describe('restingOrderOf', () => {
  it('takes from a stored order all that its rest depends on', () => {
    expect(restingOrderOf(order)).toEqual({
      orderId: 'order-1',
      portfolioId: 'portfolio',
      outcomeIndex: 0,
      side: 'buy',
      price: price('0.5'),
      quantity: shares('100'),
      filledQuantity: shares('30'),
      profile: 'realistic',
      restingSinceMs: NOW.getTime(),
      expiresAtMs: NOW.getTime() + 600_000,
      queueAhead: shares('40'),
      queueAheadAtEntry: shares('90'),
      arrivalMidpoint: null,
    });
    expect(restingOrderOf({ ...order, timeInForce: 'gtc', expiresAt: null }).expiresAtMs).toBeNull();
  });

  it.each([
    ['one on its way', { phase: 'arriving' }],
    ['one without a limit', { price: null }],
    ['one by amount', { quantity: null }],
    ['one that never came to rest', { restingSince: null }],
  ] as const)('refuses %s', (_, wrong: Partial<Order>) => {
    expect(() => restingOrderOf({ ...order, ...wrong })).toThrow(/order order-1 does not rest/);
  });
});

describe('makerReceipt', () => {
  it('carries what the fill rests on', () => {
    const scene = RestingScene.of(['10@0.50'], ['80@0.53']);
    scene.rest('buy', '0.50', '30');
    const [fill] = scene.print('sell', '0.50', '25', { venueTimeMs: 5_000, hash: '0xabc' });
    const fees = feesAt('0.04');
    expect(makerReceipt(fill!, fees)).toEqual({
      rule: 'F2',
      grade: 'C',
      profile: 'realistic',
      modelVersion: 1,
      bookSource: 'stream',
      bookSequence: null,
      bookHash: null,
      bookVenueTime: new Date(1_010),
      bookReceivedAt: new Date(1_010),
      displayedSize: null,
      takenBefore: null,
      printKey: `${CONDITION_ID}:500000:25000000:sell:5000:0xabc`,
      printSize: shares('25'),
      queueAheadAtEntry: shares('10'),
      queueAheadAtFill: shares('10'),
      arrivalMidpoint: price('0.515'),
      feeSchedule: fees,
    });
  });
});
