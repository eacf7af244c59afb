import { microPrice, microShares, microUsdc } from '../money';
import { contributions, type GroupedFill } from './contributions';

const micro = (value: number): bigint => BigInt(Math.round(value * 1e6));
const fill = (
  group: string,
  tokenId: string,
  side: 'buy' | 'sell',
  quantity: number,
  value: number,
  fee = 0,
): GroupedFill => ({
  group,
  tokenId,
  side,
  quantity: microShares(micro(quantity)),
  value: microUsdc(micro(value)),
  fee: microUsdc(micro(fee)),
  estimatedRebate: microUsdc(0n),
});

describe('contributions', () => {
  it('hold each fill against what its shares are worth: A bought 100 for 40, C sold 60 for 30, a share is worth 0.45', () => {
    const found = contributions([fill('A', 'T', 'buy', 100, 40, 0.9), fill('C', 'T', 'sell', 60, 30)], () =>
      microPrice(micro(0.45)),
    );
    expect(found).toEqual([
      // 100 x 0.45 - 40
      { group: 'A', fills: 1, volume: micro(40), pnl: micro(5), fees: micro(0.9), estimatedRebate: 0n },
      // 30 - 60 x 0.45
      { group: 'C', fills: 1, volume: micro(30), pnl: micro(3), fees: 0n, estimatedRebate: 0n },
    ]);
    // The position: 30 - 40 of cash, 40 shares at 0.45.
    expect(found.reduce((sum, { pnl }) => sum + (pnl ?? 0n), 0n)).toBe(micro(30 - 40 + 40 * 0.45));
  });

  it('are unknown while a share has no price, unless the group holds none of it', () => {
    const held = fill('A', 'T', 'buy', 10, 4);
    const gone = [fill('B', 'U', 'buy', 10, 4), fill('B', 'U', 'sell', 10, 5)];
    const found = contributions([held, ...gone], () => null);
    expect(found.map(({ group, pnl }) => [group, pnl])).toEqual([
      ['B', micro(1)],
      ['A', null],
    ]);
  });
});
