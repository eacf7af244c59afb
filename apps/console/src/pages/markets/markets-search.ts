/** What the list of markets shows, as its address says it. */
export interface MarketsSearch {
  search: string;
  status: Status;
  /** Slug of a tag; empty for all. */
  tag: string;
  /** Slug of an event; empty for all. */
  event: string;
  /** Smallest liquidity, USDC; 0 for all. */
  liquidity: number;
  /** Null for what fits: the best match where words are searched, else the most traded today. */
  sort: SortWord | null;
  /** From 1. */
  page: number;
}

export const STATUSES = { open: 'Open', closed: 'Closed', all: 'Open and closed' } as const;
export type Status = keyof typeof STATUSES;

export const SORTS = {
  relevance: 'Best match',
  volume_24h: 'Volume, 24 h',
  volume: 'Volume, all time',
  liquidity: 'Liquidity',
  ending: 'Ending next',
  newest: 'Newest',
} as const;
export type SortWord = keyof typeof SORTS;

export const LIQUIDITIES = [0, 1_000, 10_000, 100_000] as const;

/** As many markets as every account may watch. */
export const PAGE_SIZE = 20;

const ORDERS = {
  relevance: { sort_by: 'relevance', sort_desc: true },
  volume_24h: { sort_by: 'volume_24h', sort_desc: true },
  volume: { sort_by: 'volume', sort_desc: true },
  liquidity: { sort_by: 'liquidity', sort_desc: true },
  ending: { sort_by: 'end_date', sort_desc: false },
  newest: { sort_by: 'created_at', sort_desc: true },
} as const;

type Order = (typeof ORDERS)[SortWord];

/** Query of `GET /markets`. */
export interface MarketsRequest {
  search?: string;
  closed?: boolean;
  tag?: string;
  event_slug?: string;
  liquidity_min?: number;
  end_date_min?: string;
  sort_by: Order['sort_by'];
  sort_desc: boolean;
  page: number;
  page_size: number;
}

/** Reads an address; what it does not say, or says wrongly, is as usual. */
export function readMarketsSearch(query: string): MarketsSearch {
  const params = new URLSearchParams(query);
  const search = (params.get('search') ?? '').trim();
  const sort = wordOf(params.get('sort'), SORTS);
  const page = Number(params.get('page'));
  const liquidity = Number(params.get('liquidity'));
  return {
    search,
    status: wordOf(params.get('status'), STATUSES) ?? 'open',
    tag: params.get('tag') ?? '',
    event: params.get('event') ?? '',
    liquidity: LIQUIDITIES.find((each) => each === liquidity) ?? 0,
    sort: sort === 'relevance' && search === '' ? null : sort,
    page: Number.isInteger(page) && page > 0 ? page : 1,
  };
}

/** The address of a list, with nothing in it that is as usual. */
export function writeMarketsSearch(wanted: MarketsSearch): string {
  const { search, status, tag, event, liquidity, sort, page } = wanted;
  const said: [string, string, boolean][] = [
    ['search', search, search !== ''],
    ['status', status, status !== 'open'],
    ['tag', tag, tag !== ''],
    ['event', event, event !== ''],
    ['liquidity', String(liquidity), liquidity !== 0],
    ['sort', sort ?? '', sort !== null && sort !== usualSort(wanted)],
    ['page', String(page), page !== 1],
  ];
  return new URLSearchParams(
    said.filter(([, , isSaid]) => isSaid).map(([name, value]): [string, string] => [name, value]),
  ).toString();
}

/** The order a list is in when none was chosen. */
export function usualSort({ search }: Pick<MarketsSearch, 'search'>): SortWord {
  return search === '' ? 'volume_24h' : 'relevance';
}

const HOUR_MS = 3_600_000;

/** What the api is asked for. Markets that should have ended are not ending next. */
export function toMarketsRequest(wanted: MarketsSearch, nowMs: number): MarketsRequest {
  const { search, status, tag, event, liquidity, page } = wanted;
  const sort = wanted.sort ?? usualSort(wanted);
  return {
    ...(search === '' ? {} : { search }),
    ...(status === 'all' ? {} : { closed: status === 'closed' }),
    ...(tag === '' ? {} : { tag }),
    ...(event === '' ? {} : { event_slug: event }),
    ...(liquidity === 0 ? {} : { liquidity_min: liquidity }),
    // By the hour, so that the same list is the same request.
    ...(sort === 'ending' && status === 'open'
      ? { end_date_min: new Date(Math.floor(nowMs / HOUR_MS) * HOUR_MS).toISOString() }
      : {}),
    ...ORDERS[sort],
    page,
    page_size: PAGE_SIZE,
  };
}

const SLUG = /^[a-z0-9]+(?:-[a-z0-9]+)+$/i;
const ADDRESS = /^(?:https?:\/\/)?(?:www\.)?polymarket\.com\/(?:event|market)\/(?:[^/?#]+\/)*([^/?#]+)\/?(?:[?#].*)?$/i;

/** The slug that was typed, or that is in an address of Polymarket that was pasted; null where there is none. */
export function slugIn(text: string): string | null {
  const slug = ADDRESS.exec(text.trim())?.[1] ?? text.trim();
  return SLUG.test(slug) ? slug.toLowerCase() : null;
}

function wordOf<Word extends string>(text: string | null, words: Record<Word, string>): Word | null {
  return text !== null && Object.hasOwn(words, text) ? (text as Word) : null;
}
