import { microPrice, microShares, partsPerMillion } from '@app/domain';
import type { BookLevel } from '@app/exchange';
import { liquidate } from './liquidation';

const level = (price: bigint, size: bigint): BookLevel => ({
  price: microPrice(price),
  size: microShares(size * 1_000_000n),
});
const bids = [level(450_000n, 100n), level(440_000n, 50n)];
const fees = {
  type: null,
  rate: partsPerMillion(40_000n),
  exponent: 1,
  takerOnly: true,
  rebateRate: partsPerMillion(0n),
};

describe('liquidation', () => {
  it('walks the bids and takes the fee of each level off: 100 at 0.45 and 20 at 0.44', () => {
    expect(liquidate(microShares(120_000_000n), bids, fees)).toEqual({
      // 45 + 8.80, less 100 x 0.04 x 0.2475 = 0.99 and 20 x 0.04 x 0.2464 = 0.19712
      value: 52_612_880n,
      fee: 1_187_120n,
      sold: 120_000_000n,
      unsold: 0n,
    });
  });

  it('brings nothing for shares nobody bids for', () => {
    expect(liquidate(microShares(200_000_000n), bids, null)).toEqual({
      value: 67_000_000n,
      fee: 0n,
      sold: 150_000_000n,
      unsold: 50_000_000n,
    });
    expect(liquidate(microShares(5n), [], fees)).toEqual({ value: 0n, fee: 0n, sold: 0n, unsold: 5n });
  });
});
