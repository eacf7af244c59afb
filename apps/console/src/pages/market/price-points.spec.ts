import { axisStepOf, moveOf, withLatest } from './price-points';

const HISTORY = [
  { t: 100, p: 0.4 },
  { t: 160, p: 0.45 },
];

describe('the points of a price chart', () => {
  it('end with the price of now, always after what was before', () => {
    expect(withLatest(HISTORY, 0.5, 200).at(-1)).toEqual({ t: 200, value: 0.5 });
    expect(withLatest(HISTORY, 0.5, 160).at(-1)).toEqual({ t: 161, value: 0.5 });
    expect(withLatest([], 0.5, 200)).toEqual([{ t: 200, value: 0.5 }]);
  });

  it('are the history where no price is known', () => {
    expect(withLatest(HISTORY, null, 200)).toEqual([
      { t: 100, value: 0.4 },
      { t: 160, value: 0.45 },
    ]);
  });

  it('move by the last less the first', () => {
    expect(moveOf(withLatest(HISTORY, 0.3, 200))).toBeCloseTo(-0.1, 10);
    expect(moveOf([])).toBeNull();
    expect(moveOf([{ t: 1, value: 0.5 }])).toBeNull();
  });
});

it.each([
  [0.1, 0.1],
  [0.01, 0.01],
  [0.005, 0.001],
  [0.0025, 0.001],
  [0.001, 0.001],
  [0.0001, 0.0001],
  [null, 0.01],
])('the axis of prices with a tick of %d goes by %d', (tick, step) => {
  expect(axisStepOf(tick)).toBe(step);
});
