import { type FeeSchedule, type Liquidation, microPrice, type MicroShares, microShares, subtract } from '@app/domain';
import { type BookLevel, walkBook } from '@app/exchange';

const NOTHING_TAKEN = (): MicroShares => microShares(0n);

/**
 * Sells a position into the bids, as a market sale without a worst price would (E1, E4). What the portfolio took before of the same bids is not left out: the
 * book is as everybody sees it.
 * @throws RangeError when the fee schedule is not understood
 */
export function liquidate(quantity: MicroShares, bids: readonly BookLevel[], fees: FeeSchedule | null): Liquidation {
  const walk = walkBook({
    side: 'sell',
    levels: bids,
    worstPrice: microPrice(0n),
    wanted: { quantity, amount: null },
    fees,
    takenAt: NOTHING_TAKEN,
    maxSpend: null,
  });
  return {
    value: subtract(walk.value, walk.fee),
    fee: walk.fee,
    sold: walk.quantity,
    unsold: subtract(quantity, walk.quantity),
  };
}
