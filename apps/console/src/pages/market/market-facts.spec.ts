import type { Schemas } from '../../api/client';
import { feeAt, feeCurve, feesInWords, standingOf } from './market-facts';

type Market = Parameters<typeof standingOf>[0];

const OPEN: Market = {
  closed: false,
  active: true,
  accepting_orders: true,
  outcomes: ['Yes', 'No'],
  resolution: { status: 'unresolved', winning_outcome_index: null, payouts: [], resolved_at: null },
};
const FEES: Schemas['MarketFees'] = { type: null, rate: 0.07, exponent: 1, taker_only: true, rebate_rate: 0.2 };

describe('how a market stands', () => {
  it.each<[string, Market]>([
    ['Trading', OPEN],
    ['No orders taken', { ...OPEN, accepting_orders: false }],
    ['Not active', { ...OPEN, active: false }],
    ['Closed, not resolved', { ...OPEN, closed: true }],
    ['Result proposed', { ...OPEN, closed: true, resolution: { ...OPEN.resolution, status: 'proposed' } }],
    ['Result disputed', { ...OPEN, resolution: { ...OPEN.resolution, status: 'disputed' } }],
    ['Resolved: No', { ...OPEN, resolution: { ...OPEN.resolution, status: 'resolved', winning_outcome_index: 1 } }],
    ['Resolved, shared', { ...OPEN, resolution: { ...OPEN.resolution, status: 'resolved' } }],
  ])('is %s', (word, market) => {
    expect(standingOf(market).word).toBe(word);
  });
});

describe('the fees of a market', () => {
  it('follow the curve', () => {
    expect(feeAt(FEES, 0.5)).toBeCloseTo(0.0175, 10);
    expect(feeAt({ ...FEES, exponent: 2 }, 0.5)).toBeCloseTo(0.004375, 10);
    expect(feeAt(FEES, 1)).toBe(0);
  });

  it('are told at the price of now', () => {
    expect(feesInWords(FEES, 0.5)).toBe('$0.0175 a share, takers');
    expect(feesInWords({ ...FEES, taker_only: false }, null)).toBe('7% curve, makers and takers');
    expect(feesInWords(null, 0.5)).toBe('None');
    expect(feeCurve({ ...FEES, exponent: 2 })).toContain('to the power of 2');
  });
});
