import type { MicroPrice, MicroShares } from '@app/domain';
import type { BookSide } from '../canonical';

/** How much of one level of the canonical book an account has taken, as of `at`. */
export interface ConsumedLevel {
  side: BookSide;
  price: MicroPrice;
  taken: MicroShares;
  /** What the level displayed then. */
  displayed: MicroShares;
  at: Date;
}

/** What one account has taken of one market's book and the market does not know of (E1 to E3). */
export interface ConsumedLiquidity {
  conditionId: string;
  levels: readonly ConsumedLevel[];
}
