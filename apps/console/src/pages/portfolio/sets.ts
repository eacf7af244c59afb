import type { Schemas } from '../../api/client';

type Position = Pick<Schemas['Position'], 'market_id' | 'outcome_index' | 'quantity' | 'reserved_quantity'>;

const OUTCOMES = 2;

/** How many complete sets of a market could be merged: of its two outcomes, the one with the fewest shares that no open sale holds. */
export function mergeableSets(positions: readonly Position[], marketId: string): number {
  const free = positions
    .filter(({ market_id }) => market_id === marketId)
    .map(({ quantity, reserved_quantity }) => quantity - reserved_quantity);
  return free.length < OUTCOMES ? 0 : Math.max(0, Math.min(...free));
}
