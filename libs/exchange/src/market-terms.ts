import type { FeeSchedule, MicroPrice, MicroShares } from '@app/domain';
import type { OrderBookSnapshot } from './order-book';

/** What a market demands of an order now. `outcomes` and `tokenIds` run parallel. */
export interface MarketTerms {
  /** Slug of the market. */
  marketId: string;
  conditionId: string;
  question: string;
  outcomes: readonly string[];
  tokenIds: readonly string[];
  /** May change while the market lives. */
  tickSize: MicroPrice;
  minOrderSize: MicroShares;
  /** The market's own fee curve; null when trading is free. */
  fees: FeeSchedule | null;
  /** How long a marketable order is held before it meets the book, milliseconds. */
  takerDelayMs: number;
  /** Whether the venue takes orders; if not, why, as the end of the sentence "Market x takes no orders: ...". */
  tradable: true | { reason: string };
}

/** The tick size in force: that of the book, which learns of a change first, else that of the terms. */
export function currentTick(
  terms: Pick<MarketTerms, 'tickSize'>,
  book: Pick<OrderBookSnapshot, 'tickSize'>,
): MicroPrice {
  return book.tickSize ?? terms.tickSize;
}
