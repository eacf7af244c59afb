import { depthPoints } from './depth-points';

const BIDS = [
  { price: 0.45, size: 10 },
  { price: 0.43, size: 30 },
];
const ASKS = [
  { price: 0.48, size: 20 },
  { price: 0.49, size: 60 },
];

describe('the points of a depth chart', () => {
  it('are at every tick, with nothing between the best prices', () => {
    const { bids, asks } = depthPoints(BIDS, ASKS, 0.01);
    expect(bids).toEqual([
      { time: 0.43, value: 40 },
      { time: 0.44, value: 10 },
      { time: 0.45, value: 10 },
      { time: 0.46 },
      { time: 0.47 },
    ]);
    expect(asks).toEqual([
      { time: 0.48, value: 20 },
      { time: 0.49, value: 80 },
    ]);
  });

  it('are those of one side where the other is empty, and none of an empty book', () => {
    expect(depthPoints(BIDS, [], null)).toEqual({
      bids: [
        { time: 0.43, value: 40 },
        { time: 0.44, value: 10 },
        { time: 0.45, value: 10 },
      ],
      asks: [],
    });
    expect(depthPoints([], ASKS, 0.01).asks).toHaveLength(2);
    expect(depthPoints([], [], 0.01)).toEqual({ bids: [], asks: [] });
  });

  it('rise, with both ends, and are few, however small the tick', () => {
    const wide = depthPoints([{ price: 0.001, size: 1 }], [{ price: 0.999, size: 2 }], 0.0001);
    const times = [...wide.bids, ...wide.asks].map(({ time }) => time);
    expect(times.length).toBeLessThanOrEqual(402);
    expect([times[0], times.at(-1)]).toEqual([0.001, 0.999]);
    expect(times.every((time, at) => at === 0 || time > (times[at - 1] ?? 0))).toBe(true);
  });
});
