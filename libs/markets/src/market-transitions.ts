import { diffMarket, VenueMarket } from '@app/domain';
import { KeyedMarketChange, MarketFingerprint } from '@app/persistence';

/**
 * Returns what the change log is to say about a market going from its stored version to what the venue gave.
 * The key names the stored version that is left, so whoever reports the same transition, and however often, it is logged once.
 */
export function marketTransitions(
  previous: Pick<MarketFingerprint, 'closed' | 'tickSize' | 'resolution' | 'outcomes' | 'updatedAt'> | null,
  market: VenueMarket,
  at: Date,
): KeyedMarketChange[] {
  const version = previous === null ? 'new' : previous.updatedAt.getTime();
  return diffMarket(previous, market).map((change) => ({
    ...change,
    key: `${market.slug}:${change.kind}:${version}`,
    slug: market.slug,
    at,
  }));
}
