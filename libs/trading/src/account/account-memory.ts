import { type AccountState, isWorking, type Order } from '@app/domain';
import type { ConsumedLiquidity } from '@app/exchange';
import { LRUCache } from 'lru-cache';

/**
 * A portfolio as of one version, as far as it was read or written here. Every change of its orders, positions or ledger raises the version, so what is
 * remembered is either as it is, or a write that goes by it does not happen.
 */
export interface RememberedAccount {
  account: AccountState;
  /** Working orders that were written at this version, by id; not those whose place in the queue is still to be noted. */
  orders: Map<string, Order>;
  /** What the portfolio has taken of a market's book, by condition id. */
  consumed: Map<string, ConsumedLiquidity>;
}

const KEPT = 2_000;
/** Portfolios with more are read again each time their orders are needed. */
const ORDERS_KEPT = 2_000;

/** The portfolios this process decided about last. */
export class AccountMemory {
  private readonly remembered = new LRUCache<string, RememberedAccount>({ max: KEPT });

  get(portfolioId: string): RememberedAccount | undefined {
    return this.remembered.get(portfolioId);
  }

  /** Begins to remember a portfolio that was read or made just now. */
  begin(account: AccountState): RememberedAccount {
    const fresh: RememberedAccount = { account, orders: new Map(), consumed: new Map() };
    this.remembered.set(account.portfolio.id, fresh);
    return fresh;
  }

  /** Takes over what was written. */
  advance(
    remembered: RememberedAccount,
    account: AccountState,
    orders: readonly Order[],
    consumed: readonly ConsumedLiquidity[],
  ): void {
    const isSameRun = account.portfolio.run === remembered.account.portfolio.run;
    const next: RememberedAccount = {
      account,
      orders: isSameRun && remembered.orders.size < ORDERS_KEPT ? remembered.orders : new Map<string, Order>(),
      consumed: isSameRun ? remembered.consumed : new Map<string, ConsumedLiquidity>(),
    };
    for (const order of orders) {
      if (isWorking(order) && !isYetToBeQueued(order)) next.orders.set(order.id, order);
      else next.orders.delete(order.id);
    }
    for (const one of consumed) next.consumed.set(one.conditionId, one);
    this.remembered.set(account.portfolio.id, next);
  }

  forget(portfolioId: string): void {
    this.remembered.delete(portfolioId);
  }
}

/** Whether an order rests and its place in the queue is still to be noted: that comes beside the version, and must not be written over. */
function isYetToBeQueued({ phase, queueAheadAtEntry }: Order): boolean {
  return phase === 'resting' && queueAheadAtEntry === null;
}
