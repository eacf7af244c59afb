import {
  type AcceptedResolution,
  type AccountChange,
  type AccountState,
  combineChanges,
  type LedgerEntry,
  noChange,
  type Order,
  type Position,
  reverseSettlement,
  settlePosition,
} from '@app/domain';
import { endOrder, type OrderChange } from '../orders/order-changes';

/** What ends in one account with a market. */
export interface MarketEnd {
  conditionId: string;
  /** Why its orders end, as a sentence. */
  reason: string;
  /** What its positions are paid by; null while they wait. */
  resolution: AcceptedResolution | null;
}

/** What is known of the account beside its state. */
export interface SettledWork {
  /** Its working orders in the market. */
  orders: readonly Order[];
  /** Its ledger entries of earlier versions of the result, of each version by itself. */
  settlements: readonly (readonly LedgerEntry[])[];
}

/** What the end of a market does to an account, and how many positions that paid or took back. */
export interface AccountSettlement {
  account: AccountChange;
  orders: OrderChange[];
  paid: number;
  reversed: number;
}

/**
 * Ends the orders an account has in a market (F10) and pays its positions there by the market's result (G2), after taking back what an earlier version of
 * the result paid. What was done before is not done again; an earlier version than the one that was paid changes nothing.
 */
export function settleAccount(state: AccountState, end: MarketEnd, work: SettledWork, now: Date): AccountSettlement {
  const changes = [noChange(state)];
  const current = (): AccountState => changes.at(-1)?.state ?? state;
  const orders: OrderChange[] = [];
  for (const order of work.orders) {
    const ended = endOrder(current(), order, 'cancelled', end.reason, now);
    orders.push(ended);
    changes.push(ended.account);
  }
  const { resolution } = end;
  let paid = 0;
  let reversed = 0;
  if (resolution !== null) {
    for (const entries of work.settlements) {
      const taken = reverseSettlement(current(), entries, now);
      reversed += taken.entries.filter(({ kind }) => kind === 'settlement_reversal').length;
      changes.push(taken);
    }
    for (const { tokenId } of positionsToPay(current(), resolution)) {
      changes.push(settlePosition(current(), tokenId, resolution, now));
      paid += 1;
    }
  }
  return { account: combineChanges(changes), orders, paid, reversed };
}

/** Versions of a market's result that were paid to an account and are not the newest. */
export function outdatedVersions(state: AccountState, resolution: AcceptedResolution): number[] {
  const versions = positionsIn(state, resolution.conditionId).flatMap(({ settledVersion }) => settledVersion ?? []);
  return [...new Set(versions)].filter((version) => version < resolution.version);
}

/** Whether the end of a market changes anything in an account without working orders there. */
export function hasPositionsToSettle(state: AccountState, resolution: AcceptedResolution): boolean {
  return positionsToPay(state, resolution).length > 0 || outdatedVersions(state, resolution).length > 0;
}

function positionsToPay(state: AccountState, { conditionId, version }: AcceptedResolution): Position[] {
  return positionsIn(state, conditionId).filter(
    ({ quantity, settledVersion }) => quantity > 0n && (settledVersion ?? version) === version,
  );
}

function positionsIn(state: AccountState, conditionId: string): Position[] {
  return [...state.positions.values()].filter((position) => position.conditionId === conditionId);
}
