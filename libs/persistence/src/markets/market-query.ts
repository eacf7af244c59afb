import { MicroUsdc } from '@app/domain';
import { QueryFilter } from 'mongoose';
import { MarketRecord } from './market.record';
import { searchWords } from './search-words';
import { slugify } from './slugify';

/** Which markets a list is about; an absent field leaves that side open. Ranges include both ends. */
export interface MarketFilter {
  /** Words to find in the question and description; operators in it have no effect. */
  search?: string;
  active?: boolean;
  closed?: boolean;
  volumeMin?: MicroUsdc;
  volumeMax?: MicroUsdc;
  liquidityMin?: MicroUsdc;
  liquidityMax?: MicroUsdc;
  /** A tag's slug, or its label: both find it. */
  tag?: string;
  eventSlug?: string;
  endDateMin?: Date;
  endDateMax?: Date;
}

export const MARKET_SORT_KEYS = ['volume', 'volume_24h', 'liquidity', 'end_date', 'created_at', 'relevance'] as const;
export type MarketSortKey = (typeof MARKET_SORT_KEYS)[number];

export interface MarketSort {
  key: MarketSortKey;
  descending: boolean;
}

const SORT_FIELDS = {
  volume: 'volume_num',
  volume_24h: 'volume_24hr',
  liquidity: 'liquidity_num',
  end_date: 'end_date',
  created_at: 'venue_created_at',
} as const satisfies Record<Exclude<MarketSortKey, 'relevance'>, keyof MarketRecord>;

type SortSpecification = Record<string, 1 | -1 | { $meta: 'textScore' }>;

/**
 * Returns the store's filter, or null when nothing can match (a search without a single word).
 * A plain list always names `closed` and `active`, so that one index serves every combination and the order of the page alike;
 * a search, a tag or an event narrows enough by itself.
 */
export function toStoreFilter(filter: MarketFilter): QueryFilter<MarketRecord> | null {
  const query: QueryFilter<MarketRecord> = {};
  const narrow = filter.search !== undefined || filter.tag !== undefined || filter.eventSlug !== undefined;
  const closed = filter.closed ?? (narrow ? undefined : { $in: [false, true] });
  const active = filter.active ?? (narrow ? undefined : { $in: [false, true] });
  if (closed !== undefined) query.closed = closed;
  if (active !== undefined) query.active = active;
  if (filter.search !== undefined) {
    const words = searchWords(filter.search);
    if (words === null) return null;
    query.$text = { $search: words };
  }
  if (filter.tag !== undefined) query.tag_slugs = slugify(filter.tag);
  if (filter.eventSlug !== undefined) query.event_slug = filter.eventSlug;
  const volume = range(filter.volumeMin, filter.volumeMax);
  if (volume !== null) query.volume_num = volume;
  const liquidity = range(filter.liquidityMin, filter.liquidityMax);
  if (liquidity !== null) query.liquidity_num = liquidity;
  const endDate = range(filter.endDateMin, filter.endDateMax);
  if (endDate !== null) query.end_date = endDate;
  return query;
}

/** Whether a filter lets every market through. */
export function isEveryMarket(filter: MarketFilter): boolean {
  return Object.values(filter).every((value) => value === undefined);
}

/**
 * Returns the store's sort. Equal values come in slug order, reversed with the sort, so that an index can be read backwards.
 * `relevance` without a search has nothing to rank by and means volume.
 */
export function toStoreSort(sort: MarketSort, searching: boolean): SortSpecification {
  if (sort.key === 'relevance' && searching) return { score: { $meta: 'textScore' }, _id: 1 };
  const field = SORT_FIELDS[sort.key === 'relevance' ? 'volume' : sort.key];
  return sort.descending ? { [field]: -1, _id: 1 } : { [field]: 1, _id: -1 };
}

function range<T>(min: T | undefined, max: T | undefined): { $gte?: T; $lte?: T } | null {
  if (min === undefined && max === undefined) return null;
  return { ...(min === undefined ? {} : { $gte: min }), ...(max === undefined ? {} : { $lte: max }) };
}
