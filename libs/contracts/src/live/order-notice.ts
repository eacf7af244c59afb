import type { TakenLevel } from '@app/exchange';

/** Told after a decision is stored, to who keeps the market's resting orders: which orders to look at again, and what the portfolio took of the displayed book. */
export interface OrderNotice {
  conditionId: string;
  portfolioId: string;
  orderIds: readonly string[];
  /** Canonical. */
  taken: readonly TakenLevel[];
}
