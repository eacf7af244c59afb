import type { Market } from '@app/domain';
import type { TrackedMarket } from '@app/exchange';

/** A market as its follower needs it. */
export interface FollowedMarket extends TrackedMarket {
  /** Its slug. */
  marketId: string;
  outcomes: readonly [string, string];
}

/** Returns a market to follow; null for one whose book nobody can trade against any more, or that never had one of two outcomes. */
export function followedMarket(market: Market): FollowedMarket | null {
  const { slug, conditionId, clobTokenIds, outcomes } = market;
  const [firstToken, secondToken, ...moreTokens] = clobTokenIds;
  const [first, second, ...more] = outcomes;
  if (conditionId === null || firstToken === undefined || secondToken === undefined || moreTokens.length > 0)
    return null;
  if (first === undefined || second === undefined || more.length > 0 || isOver(market)) return null;
  return { conditionId, marketId: slug, tokenIds: [firstToken, secondToken], outcomes: [first, second] };
}

/** Why a market takes no orders just now, as the end of the sentence "The order book is halted: ..."; null when it takes them. */
export function haltOf(market: Market): string | null {
  return market.acceptingOrders ? null : 'Polymarket is not accepting orders in it';
}

function isOver(market: Market): boolean {
  const { active, archived, closed, enableOrderBook, resolution } = market;
  return closed || archived || !active || !enableOrderBook || resolution.status === 'resolved';
}
