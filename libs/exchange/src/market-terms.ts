import type { FeeSchedule, MicroPrice, MicroShares } from '@app/domain';

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
