import { mergeableSets } from './sets';

const held = (outcome_index: number, quantity: number, reserved_quantity = 0) => ({
  market_id: 'rates',
  outcome_index,
  quantity,
  reserved_quantity,
});

describe('mergeableSets', () => {
  it('is the fewest shares of an outcome that no open sale holds', () => {
    expect(mergeableSets([held(0, 100, 30), held(1, 80)], 'rates')).toBe(70);
  });

  it('is none with one outcome, or of another market', () => {
    expect(mergeableSets([held(0, 100)], 'rates')).toBe(0);
    expect(mergeableSets([held(0, 100), held(1, 100)], 'election')).toBe(0);
  });
});
