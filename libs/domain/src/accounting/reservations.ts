import { add, formatMicro, microShares, type MicroShares, type MicroUsdc, negate, subtract } from '../money';
import type { MarketOutcomeRef, Order } from '../trading/order';
import type { Position } from '../trading/portfolio';
import type { AccountChange, AccountState } from './account';
import { postEntry } from './post-entry';

/** What accounting must know of an order. */
export type OrderRef = Pick<Order, keyof MarketOutcomeRef | 'id' | 'side' | 'marketQuestion'>;

/** Cash and shares held for an order. */
export interface Hold {
  cash: MicroUsdc;
  shares: MicroShares;
}

/**
 * Holds free cash or free shares for an order. Held shares are no movement of money, so they alone make no ledger entry.
 * @throws Error when there is not as much: the order should not have been accepted
 */
export function reserveFor(state: AccountState, order: OrderRef, hold: Hold, now: Date): AccountChange {
  return postEntry(
    state,
    {
      kind: 'reserve',
      postings: { cash: negate(hold.cash), reserved: hold.cash },
      positions: holdingShares(state, order, hold.shares, now),
      orderId: order.id,
      description: `Held ${formatMicro(hold.cash)} USDC for an order to ${describeOrder(order)}.`,
    },
    now,
  );
}

/**
 * Gives back cash or shares held for an order.
 * @param reason the end of the sentence "Released 5 USDC held for an order to buy Yes of "...": "
 * @throws Error when less is held
 */
export function releaseFor(state: AccountState, order: OrderRef, hold: Hold, reason: string, now: Date): AccountChange {
  return postEntry(
    state,
    {
      kind: 'release',
      postings: { cash: hold.cash, reserved: negate(hold.cash) },
      positions: holdingShares(state, order, negate(hold.shares), now),
      orderId: order.id,
      description: `Released ${formatMicro(hold.cash)} USDC held for an order to ${describeOrder(order)}: ${reason}`,
    },
    now,
  );
}

function holdingShares(state: AccountState, order: OrderRef, change: bigint, now: Date): Position[] {
  if (change === 0n) return [];
  const position = state.positions.get(order.tokenId);
  if (position === undefined) throw new Error(`order ${order.id} holds shares of ${order.tokenId} and there are none`);
  return [{ ...position, reserved: add(position.reserved, microShares(change)), updatedAt: now }];
}

/** Returns the shares of a token that are free to sell. */
export function freeShares(state: AccountState, tokenId: string): MicroShares {
  const position = state.positions.get(tokenId);
  return position === undefined ? microShares(0n) : subtract(position.quantity, position.reserved);
}

function describeOrder({ side, outcome, marketQuestion }: OrderRef): string {
  return `${side} ${outcome} of "${marketQuestion}"`;
}
