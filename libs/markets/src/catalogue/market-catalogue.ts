import { DomainError, DomainErrorCode, Market } from '@app/domain';
import {
  MarketCounts,
  MarketFilter,
  MarketRepository,
  MarketSort,
  MarketSummaryRow,
  SyncStateRepository,
} from '@app/persistence';
import { Clock } from '@app/platform';
import { PolymarketClient } from '@app/polymarket';
import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { SingleFlight } from '../single-flight';
import { observedState } from '../sync/run-plan';
import { isVenueTrouble, venueCall } from '../venue-call';
import { MarketIntake } from './market-intake';
import { everythingComparedSince, lastComparedAt, lastProgressAt, SyncCoverage } from './sync-coverage';

/** How long a slug the venue does not know is answered as unknown without asking again, milliseconds. */
export const MISS_KEPT_MS = 30_000;
const MISSES_KEPT = 10_000;
/** A forced refresh this soon after the last one answers the same again, milliseconds. */
export const REFRESH_FLOOR_MS = 1_000;

/** How long the rows of a page are given again, milliseconds. */
export const PAGE_KEPT_MS = 2_000;
/** Rows kept over all pages: about 20 MB. */
const PAGE_ROWS_KEPT = 20_000;
const TOTALS_KEPT = 1_000;
const SHORTEST_TOTAL_MS = 5_000;
const LONGEST_TOTAL_MS = 60_000;
/** A total is kept this many times as long as it took to count. */
const TOTAL_WORTH = 50;
const COVERAGE_KEPT_MS = 2_000;

/** One market, and whether it is an older answer standing in for one that could not be had. */
export interface FoundMarket {
  market: Market;
  /** Why the venue could not be asked, when a refresh was wanted and the stored market is answered instead. */
  staleBecause: DomainErrorCode | null;
}

export interface MarketPageResult {
  rows: MarketSummaryRow[];
  total: number;
}

/** What is stored, and how fresh it is. */
export interface CatalogueStats {
  counts: MarketCounts;
  oldestSync: Date | null;
  newestSync: Date | null;
  coverage: SyncCoverage;
}

/** How a market is named. */
export type MarketKey = { slug: string } | { conditionId: string } | { tokenId: string };

/**
 * The markets as clients see them: lists from the store, single markets from the store or, when they are not there yet, from the venue.
 *
 * Invariants: concurrent asks for one unknown market make one call to the venue; what it answers is stored before it is answered; an id
 * it does not know is remembered for {@link MISS_KEPT_MS}. While the venue is away stored markets are still answered.
 */
@Injectable()
export class MarketCatalogue {
  private readonly pages: LRUCache<string, MarketSummaryRow[]>;
  private readonly totals: LRUCache<string, number>;
  private readonly misses: LRUCache<string, true>;
  private readonly coverages: LRUCache<'coverage', SyncCoverage>;
  private readonly counts: LRUCache<'counts', MarketCounts>;
  private readonly pageReads = new SingleFlight<MarketSummaryRow[]>();
  private readonly countings = new SingleFlight<number>();
  private readonly storedReads = new SingleFlight<Market | null>();
  private readonly loads = new SingleFlight<Market | null>();
  private readonly coverageReads = new SingleFlight<SyncCoverage>();
  private readonly countReads = new SingleFlight<MarketCounts>();

  constructor(
    private readonly markets: MarketRepository,
    private readonly syncStates: SyncStateRepository,
    private readonly venue: PolymarketClient,
    private readonly intake: MarketIntake,
    private readonly clock: Clock,
  ) {
    const perf = { now: (): number => clock.now().getTime() };
    // A resolution of 0 reads the clock at every look-up, so that a test's clock counts at once.
    const timed = { perf, ttlResolution: 0 };
    this.pages = new LRUCache({
      maxSize: PAGE_ROWS_KEPT,
      sizeCalculation: (rows) => Math.max(1, rows.length),
      ttl: PAGE_KEPT_MS,
      ...timed,
    });
    this.totals = new LRUCache({ max: TOTALS_KEPT, ttl: SHORTEST_TOTAL_MS, ...timed });
    this.misses = new LRUCache({ max: MISSES_KEPT, ttl: MISS_KEPT_MS, ...timed });
    this.coverages = new LRUCache({ max: 1, ttl: COVERAGE_KEPT_MS, ...timed });
    this.counts = new LRUCache({ max: 1, ttl: SHORTEST_TOTAL_MS, ...timed });
  }

  /** Returns one page of a list and how many rows the list has; both may be a few seconds old. */
  async listPage(
    filter: MarketFilter,
    sort: MarketSort,
    page: { skip: number; limit: number },
  ): Promise<MarketPageResult> {
    const [rows, total] = await Promise.all([this.readPage(filter, sort, page), this.countTotal(filter)]);
    // A total counted before the newest rows came in must not contradict the rows it stands beside.
    return { rows, total: rows.length === 0 ? total : Math.max(total, page.skip + rows.length) };
  }

  /** Returns the first markets of a sort. */
  async listTop(sort: MarketSort, limit: number, activeOnly: boolean): Promise<MarketSummaryRow[]> {
    const filter: MarketFilter = activeOnly ? { active: true, closed: false } : {};
    return this.readPage(filter, sort, { skip: 0, limit });
  }

  async readStats(): Promise<CatalogueStats> {
    const [counts, coverage] = await Promise.all([this.readCounts(), this.readCoverage()]);
    return {
      counts,
      coverage,
      oldestSync: counts.total === 0 ? null : everythingComparedSince(coverage),
      newestSync: lastProgressAt(coverage),
    };
  }

  /** @throws DomainError `MARKET.NOT_FOUND`, or a `VENUE.*` one when the venue must be asked and cannot be */
  getBySlug(slug: string, options: { forceRefresh?: boolean } = {}): Promise<FoundMarket> {
    return this.get({ slug }, options.forceRefresh ?? false);
  }

  /** @throws DomainError `MARKET.NOT_FOUND`, or a `VENUE.*` one when the venue must be asked and cannot be */
  getByConditionId(conditionId: string, options: { forceRefresh?: boolean } = {}): Promise<FoundMarket> {
    return this.get({ conditionId }, options.forceRefresh ?? false);
  }

  /** @throws DomainError `MARKET.NOT_FOUND`, or a `VENUE.*` one when the venue must be asked and cannot be */
  getMarket(key: MarketKey, options: { forceRefresh?: boolean } = {}): Promise<FoundMarket> {
    return this.get(key, options.forceRefresh ?? false);
  }

  /** Returns a market as it is stored, however old; null when the venue would have to be asked. */
  findStored(key: MarketKey): Promise<Market | null> {
    return this.storedReads.run(nameOf(key), () => this.readStored(key));
  }

  private async get(key: MarketKey, forceRefresh: boolean): Promise<FoundMarket> {
    const stored = await this.findStored(key);
    if (stored !== null && !(forceRefresh && this.isRefreshDue(stored))) {
      return { market: await this.withComparison(stored), staleBecause: null };
    }
    const id = nameOf(key);
    if (stored === null && this.misses.has(id)) throw notFound(key);
    try {
      const loaded = await this.loads.run(id, () => this.load(key, forceRefresh));
      if (loaded !== null) return { market: loaded, staleBecause: null };
    } catch (error) {
      if (stored === null || !isVenueTrouble(error)) throw error;
      return { market: await this.withComparison(stored), staleBecause: error.code };
    }
    // Delisted by the venue: what is known of it stays readable.
    if (stored !== null) return { market: await this.withComparison(stored), staleBecause: null };
    this.misses.set(id, true);
    throw notFound(key);
  }

  private readStored(key: MarketKey): Promise<Market | null> {
    if ('slug' in key) return this.markets.findBySlug(key.slug);
    if ('conditionId' in key) return this.markets.findByConditionId(key.conditionId);
    return this.markets.findByTokenId(key.tokenId);
  }

  private async load(key: MarketKey, forceRefresh: boolean): Promise<Market | null> {
    // Another load may have ended while the caller looked in the store: what that stored is the answer.
    const stored = await this.readStored(key);
    if (stored !== null && !(forceRefresh && this.isRefreshDue(stored))) return this.withComparison(stored);
    const { gamma } = this.venue;
    const options = { priority: 'interactive' } as const;
    const market = await venueCall(() => {
      if ('slug' in key) return gamma.findMarketBySlug(key.slug, options);
      if ('conditionId' in key) return gamma.findMarketByConditionId(key.conditionId, options);
      return gamma.findMarketByTokenId(key.tokenId, options);
    });
    return market === null ? null : this.intake.store(market);
  }

  private isRefreshDue(stored: Market): boolean {
    return this.clock.now().getTime() - stored.lastSyncedAt.getTime() >= REFRESH_FLOOR_MS;
  }

  private async withComparison(stored: Market): Promise<Market> {
    return { ...stored, lastSyncedAt: lastComparedAt(stored, await this.readCoverage()) };
  }

  private async readPage(
    filter: MarketFilter,
    sort: MarketSort,
    page: { skip: number; limit: number },
  ): Promise<MarketSummaryRow[]> {
    const key = `${filterKey(filter)} ${sort.key} ${sort.descending} ${page.skip} ${page.limit}`;
    const known = this.pages.get(key);
    if (known !== undefined) return known;
    return this.pageReads.run(key, async () => {
      const rows = await this.markets.listPage(filter, sort, page);
      this.pages.set(key, rows);
      return rows;
    });
  }

  private async countTotal(filter: MarketFilter): Promise<number> {
    const key = filterKey(filter);
    const known = this.totals.get(key);
    if (known !== undefined) return known;
    return this.countings.run(key, async () => {
      const startedAt = performance.now();
      const total = await this.markets.count(filter);
      const ttl = Math.min(
        LONGEST_TOTAL_MS,
        Math.max(SHORTEST_TOTAL_MS, (performance.now() - startedAt) * TOTAL_WORTH),
      );
      this.totals.set(key, total, { ttl });
      return total;
    });
  }

  private async readCounts(): Promise<MarketCounts> {
    const known = this.counts.get('counts');
    if (known !== undefined) return known;
    return this.countReads.run('counts', async () => {
      const counts = await this.markets.countByState();
      this.counts.set('counts', counts);
      return counts;
    });
  }

  private async readCoverage(): Promise<SyncCoverage> {
    const known = this.coverages.get('coverage');
    if (known !== undefined) return known;
    return this.coverageReads.run('coverage', async () => {
      const [full, incremental, lease] = await Promise.all([
        this.syncStates.find('full'),
        this.syncStates.find('incremental'),
        this.syncStates.findLease(),
      ]);
      const now = this.clock.now();
      const coverage = {
        full: full && observedState(full, lease, now),
        incremental: incremental && observedState(incremental, lease, now),
      };
      this.coverages.set('coverage', coverage);
      return coverage;
    });
  }
}

function nameOf(key: MarketKey): string {
  if ('slug' in key) return `slug:${key.slug}`;
  return 'conditionId' in key ? `condition:${key.conditionId}` : `token:${key.tokenId}`;
}

function notFound(key: MarketKey): DomainError {
  const [field, value, called] =
    'slug' in key
      ? ['slug', key.slug, 'slug']
      : 'conditionId' in key
        ? ['condition_id', key.conditionId, 'condition id']
        : ['token_id', key.tokenId, 'token id'];
  return new DomainError('MARKET.NOT_FOUND', `No market has the ${called} ${value}, here or at Polymarket.`, {
    fields: [{ field, message: 'is not known here or at Polymarket' }],
  });
}

/** One text for one filter, whatever the order its fields were set in. */
function filterKey(filter: MarketFilter): string {
  const parts = Object.entries(filter)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => [name, value instanceof Date ? value.toISOString() : String(value)])
    .sort(([a = ''], [b = '']) => (a < b ? -1 : 1));
  return JSON.stringify(parts);
}
