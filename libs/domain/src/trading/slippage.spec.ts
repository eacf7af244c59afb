import { microPrice, microShares } from '../money';
import { averageSlippageBps, slippageBps } from './slippage';

const price = (text: number): ReturnType<typeof microPrice> => microPrice(BigInt(Math.round(text * 1e6)));

describe('slippage', () => {
  it.each([
    ['a buy above the midpoint is worse', 'buy', 0.46, 0.455, 109_890_110n],
    ['a sale below it is worse', 'sell', 0.45, 0.455, 109_890_110n],
    ['a buy below it is better', 'buy', 0.45, 0.455, -109_890_110n],
    ['a fill at it costs nothing', 'sell', 0.455, 0.455, 0n],
    ['twice the midpoint is 10,000 basis points', 'buy', 0.2, 0.1, 10_000_000_000n],
  ] as const)('%s', (_what, side, at, midpoint, expected) => {
    expect(slippageBps(side, price(at), price(midpoint))).toBe(expected);
  });

  it('is unknown without a midpoint', () => {
    expect(slippageBps('buy', price(0.5), null)).toBeNull();
  });
});

describe('the slippage of several fills', () => {
  const fill = (at: number, shares: bigint) => ({ price: price(at), quantity: microShares(shares) });

  it('is that of each, by its shares', () => {
    const fills = [fill(0.4, 3n), fill(0.44, 1n)];
    // Three at the price and one 10% above it: 250 basis points.
    expect(averageSlippageBps('buy', fills, price(0.4))).toBe(250_000_000n);
    expect(averageSlippageBps('sell', fills, price(0.4))).toBe(-250_000_000n);
  });

  it('is unknown without fills, and without a price to compare with', () => {
    expect(averageSlippageBps('buy', [], price(0.4))).toBeNull();
    expect(averageSlippageBps('buy', [fill(0.4, 1n)], null)).toBeNull();
  });
});
