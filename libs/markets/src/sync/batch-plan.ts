import { VenueMarket } from '@app/domain';
import { KeyedMarketChange, MarketFingerprint, MarketWrite, SyncFailure } from '@app/persistence';
import { marketTransitions } from '../market-transitions';

/** A market as one answer of the venue gave it. */
export interface IncomingMarket {
  market: VenueMarket;
  fetchedAt: Date;
  contentHash: string;
}

/** What a batch is to change. */
export interface BatchPlan {
  writes: MarketWrite[];
  changes: KeyedMarketChange[];
  unchanged: number;
  failures: SyncFailure[];
}

/**
 * Decides what of a batch has to be written, given what is stored under its slugs.
 * Written is only what differs in content and is not older than what is stored: another process may have asked the venue later than
 * this page was fetched. Of two rows with one slug the later one counts, unless it has the older venue id.
 * @param logAdditions false while the catalogue is filled for the first time, when a market not stored yet is no change
 */
export function planBatch(
  incoming: readonly IncomingMarket[],
  stored: ReadonlyMap<string, MarketFingerprint>,
  now: Date,
  logAdditions: boolean,
): BatchPlan {
  const plan: BatchPlan = { writes: [], changes: [], unchanged: 0, failures: [] };
  for (const { market, fetchedAt, contentHash } of lastOfEachSlug(incoming, plan.failures)) {
    const previous = stored.get(market.slug) ?? null;
    if (previous !== null) {
      if (previous.contentHash === contentHash || previous.lastSyncedAt > fetchedAt) {
        plan.unchanged += 1;
        continue;
      }
      if (BigInt(market.gammaId) < BigInt(previous.gammaId)) {
        plan.failures.push(slugTaken(market, previous.gammaId));
        continue;
      }
    }
    plan.writes.push({ market, contentHash, previous, fetchedAt });
    if (previous !== null || logAdditions) plan.changes.push(...marketTransitions(previous, market, now));
  }
  return plan;
}

/** What will be stored once these writes are done, for a batch planned before they are. */
export function fingerprintsAfter(writes: readonly MarketWrite[], now: Date): Map<string, MarketFingerprint> {
  return new Map(
    writes.map(({ market, contentHash, previous, fetchedAt }) => [
      market.slug,
      {
        slug: market.slug,
        gammaId: market.gammaId,
        contentHash,
        closed: market.closed,
        tickSize: market.tickSize,
        resolution: market.resolution,
        outcomes: market.outcomes,
        createdAt: previous?.createdAt ?? now,
        updatedAt: now,
        firstSyncedAt: previous?.firstSyncedAt ?? fetchedAt,
        lastSyncedAt: fetchedAt,
      },
    ]),
  );
}

function lastOfEachSlug(incoming: readonly IncomingMarket[], failures: SyncFailure[]): Iterable<IncomingMarket> {
  const bySlug = new Map<string, IncomingMarket>();
  for (const row of incoming) {
    const earlier = bySlug.get(row.market.slug);
    if (earlier !== undefined && BigInt(row.market.gammaId) < BigInt(earlier.market.gammaId)) {
      failures.push(slugTaken(row.market, earlier.market.gammaId));
      continue;
    }
    if (earlier !== undefined && earlier.market.gammaId !== row.market.gammaId) {
      failures.push(slugTaken(earlier.market, row.market.gammaId));
    }
    bySlug.set(row.market.slug, row);
  }
  return bySlug.values();
}

function slugTaken(market: VenueMarket, newerId: string): SyncFailure {
  return {
    path: `market ${market.slug}`,
    reason: `the slug belongs to the newer market ${newerId}`,
    id: market.gammaId,
  };
}
