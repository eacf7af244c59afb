import { DomainError, Market } from '@app/domain';
import { MarketRepository, OpenInterest, OpenInterestRepository } from '@app/persistence';
import { Clock } from '@app/platform';
import { PolymarketClient } from '@app/polymarket';
import { Injectable } from '@nestjs/common';
import { FoundMarket, MarketCatalogue } from '../catalogue/market-catalogue';
import { forEachLimited } from '../limited';
import { isVenueTrouble, venueCall } from '../venue-call';

/** How long a value is given again before the venue is asked, milliseconds. */
export const OPEN_INTEREST_KEPT_MS = 60_000;
/** Condition ids asked for together: when the venue chokes on some, the others still come. */
const IDS_IN_CALL = 20;
const CALLS_AT_ONCE = 4;

/** The open interest of one market asked for, or why there is none. */
export interface MarketOpenInterest {
  slug: string | null;
  conditionId: string | null;
  value: OpenInterest['value'] | null;
  fetchedAt: Date | null;
  error: string | null;
}

/** Which markets, by one kind of id. */
export type OpenInterestRequest = { slugs: readonly string[] } | { conditionIds: readonly string[] };

interface Asked {
  id: string;
  market: Market | null;
  /** Why the market is not known; null when it is. */
  error: string | null;
}

interface ReadValues {
  values: Map<string, OpenInterest>;
  /** Ids whose value is neither kept nor could be asked for. */
  unreachable: Set<string>;
}

/** Open interest of several markets at once, kept for a minute; one that cannot be had does not take the others with it. */
@Injectable()
export class OpenInterestService {
  constructor(
    private readonly catalogue: MarketCatalogue,
    private readonly markets: MarketRepository,
    private readonly openInterest: OpenInterestRepository,
    private readonly venue: PolymarketClient,
    private readonly clock: Clock,
  ) {}

  /**
   * Returns one row for each market asked for, in that order.
   * @throws DomainError `VENUE.*` when not a single row could be answered because the venue is away
   */
  async list(request: OpenInterestRequest): Promise<MarketOpenInterest[]> {
    const asked = await this.findAsked(request);
    const ids = asked.flatMap(({ market }) => (market?.conditionId == null ? [] : [market.conditionId]));
    const { values, unreachable } = await this.readValues([...new Set(ids)]);
    const isSlug = 'slugs' in request;
    return asked.map(({ id, market, error }) => {
      const conditionId = market?.conditionId ?? (isSlug ? null : id);
      const known = conditionId === null ? undefined : values.get(conditionId);
      return {
        slug: market?.slug ?? (isSlug ? id : null),
        conditionId,
        value: known?.value ?? null,
        fetchedAt: known?.fetchedAt ?? null,
        error: error ?? (known === undefined ? whyNot(market, unreachable) : null),
      };
    });
  }

  private async findAsked(request: OpenInterestRequest): Promise<Asked[]> {
    const isSlug = 'slugs' in request;
    const ids = isSlug ? request.slugs : request.conditionIds;
    const stored = isSlug ? await this.markets.findManyBySlugs(ids) : await this.markets.findManyByConditionIds(ids);
    const byId = new Map(stored.map((market) => [isSlug ? market.slug : market.conditionId, market]));
    const outages: DomainError[] = [];
    const asked = await forEachLimited(ids, CALLS_AT_ONCE, async (id): Promise<Asked> => {
      const known = byId.get(id);
      if (known !== undefined) return { id, market: known, error: null };
      // Once the venue has turned out to be away, the rest need not find out one by one.
      if (outages.length > 0) return { id, market: null, error: UNREACHABLE };
      try {
        const { market } = await this.load(isSlug, id);
        return { id, market, error: null };
      } catch (error) {
        if (isVenueTrouble(error)) {
          outages.push(error);
          return { id, market: null, error: UNREACHABLE };
        }
        if (!(error instanceof DomainError)) throw error;
        return { id, market: null, error: error.message };
      }
    });
    const [outage] = outages;
    if (outage !== undefined && asked.every(({ error }) => error === UNREACHABLE)) throw outage;
    return asked;
  }

  private load(isSlug: boolean, id: string): Promise<FoundMarket> {
    return isSlug ? this.catalogue.getBySlug(id) : this.catalogue.getByConditionId(id);
  }

  private async readValues(conditionIds: readonly string[]): Promise<ReadValues> {
    const values = await this.openInterest.findMany(conditionIds);
    const freshFrom = this.clock.now().getTime() - OPEN_INTEREST_KEPT_MS;
    const due = conditionIds.filter((id) => (values.get(id)?.fetchedAt.getTime() ?? 0) <= freshFrom);
    const unreachable = new Set<string>();
    const outages: DomainError[] = [];
    await forEachLimited(chunks(due, IDS_IN_CALL), CALLS_AT_ONCE, async (ids) => {
      try {
        for (const one of await this.fetch(ids)) values.set(one.conditionId, one);
      } catch (error) {
        if (!isVenueTrouble(error)) throw error;
        outages.push(error);
        for (const id of ids) if (!values.has(id)) unreachable.add(id);
      }
    });
    const [outage] = outages;
    if (outage !== undefined && values.size === 0 && unreachable.size === conditionIds.length) throw outage;
    return { values, unreachable };
  }

  private async fetch(conditionIds: readonly string[]): Promise<OpenInterest[]> {
    const fetchedAt = this.clock.now();
    const answered = await venueCall(() => this.venue.data.getOpenInterest(conditionIds, { priority: 'interactive' }));
    const values = [...answered]
      .filter(([conditionId]) => conditionIds.includes(conditionId))
      .map(([conditionId, value]) => ({ conditionId, value, fetchedAt }));
    await this.openInterest.saveMany(values, this.clock.now());
    return values;
  }
}

const UNREACHABLE = 'Polymarket cannot be asked just now; try again in a little while.';

function whyNot(market: Market | null, unreachable: ReadonlySet<string>): string {
  if (market === null || market.conditionId === null) return 'The market has no on-chain id.';
  return unreachable.has(market.conditionId) ? UNREACHABLE : 'Polymarket reports no open interest for this market.';
}

function chunks<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}
