import { createHash } from 'node:crypto';
import { type Answer, json, listOf, Refusal } from './http/answer';
import {
  EVENT_ORDERS,
  type EventOrder,
  type Flags,
  type GammaCatalogue,
  MARKET_ORDERS,
  type MarketOrder,
} from './gamma-catalogue';

/** Limits the venue honours (autumn 2026): a page of 100 without an error above it, and no offset beyond 2000. */
export const PAGE_DEFAULT = 20;
export const PAGE_MAX = 100;
export const OFFSET_MAX = 2_000;

/** Gamma's 422. */
export function refuse(error: string): Refusal {
  return new Refusal(validationError(error));
}

export function validationError(error: string): Answer {
  return json({ type: 'validation error', error }, 422);
}

function wholeNumber(query: URLSearchParams, name: string): number | null {
  const text = query.get(name);
  if (text === null || text === '') return null;
  if (!/^\d{1,12}$/.test(text)) throw refuse(`${name} must be a non-negative integer`);
  return Number(text);
}

function decimal(query: URLSearchParams, name: string): number | null {
  const text = query.get(name);
  if (text === null || text === '') return null;
  const value = Number(text);
  if (!Number.isFinite(value)) throw refuse(`${name} must be a number`);
  return value;
}

function flag(query: URLSearchParams, name: string): boolean | null {
  const text = query.get(name);
  if (text === null || text === '') return null;
  if (text !== 'true' && text !== 'false') throw refuse(`${name} must be a boolean`);
  return text === 'true';
}

function moment(query: URLSearchParams, name: string): number | null {
  const text = query.get(name);
  if (text === null || text === '') return null;
  const at = /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : NaN;
  if (Number.isNaN(at)) throw refuse(`${name} must be an RFC 3339 date`);
  return at / 1000;
}

export function pageLimit(query: URLSearchParams): number {
  return Math.min(PAGE_MAX, wholeNumber(query, 'limit') ?? PAGE_DEFAULT);
}

export function pageOffset(query: URLSearchParams): number {
  const offset = wholeNumber(query, 'offset') ?? 0;
  if (offset > OFFSET_MAX) throw refuse('offset too large, use /markets/keyset for deeper pagination');
  return offset;
}

type Test = (position: number) => boolean;

interface Sorting<O extends string> {
  order: O;
  ascending: boolean;
}

/** Which rows, in which order; `key` names both, and keyset cursors are bound to it. */
export interface Selection<O extends string> {
  key: string;
  /** Positions to look at when ids were asked for; null for all. */
  candidates: number[] | null;
  tests: Test[];
  sorting: Sorting<O>;
}

const PAGING = new Set([
  'limit',
  'offset',
  'after_cursor',
  'cursor',
  'next_cursor',
  'include_tag',
  'include_chat',
  'include_template',
]);

function selectionKey(query: URLSearchParams, kind: string): string {
  const parts = [...query].filter(([name]) => !PAGING.has(name)).map(([name, value]) => `${name}=${value}`);
  return `${kind}?${parts.sort().join('&')}`;
}

function sortingOf<O extends string>(
  query: URLSearchParams,
  orders: readonly O[],
  strict: boolean,
  idOrder: O,
): Sorting<O> {
  const asked = listOf(query, 'order')[0];
  const ascending = flag(query, 'ascending') ?? true;
  if (asked === undefined) return { order: idOrder, ascending };
  const order = orders.find((known) => known === asked);
  if (order !== undefined) return { order, ascending };
  if (strict) throw refuse('order fields are not valid');
  return { order: idOrder, ascending: true };
}

function flagTest(
  flags: (position: number) => Flags,
  name: 'closed' | 'active' | 'archived',
  wanted: boolean | null,
): Test[] {
  return wanted === null ? [] : [(position) => flags(position)[name] === wanted];
}

function tagTests(query: URLSearchParams, flags: (position: number) => Flags): Test[] {
  const wanted = listOf(query, 'tag_id').map(Number);
  const unwanted = listOf(query, 'exclude_tag_id').map(Number);
  const slug = query.get('tag_slug');
  if ([...wanted, ...unwanted].some((id) => !Number.isInteger(id))) throw refuse('tag_id must be an integer');
  if (wanted.some((id) => unwanted.includes(id))) throw refuse('tag_id and exclude_tag_id overlap');
  const all = query.get('tag_match') === 'all';
  const tests: Test[] = [];
  if (wanted.length > 0) {
    tests.push((position) => {
      const has = (id: number): boolean => flags(position).tags.some((tag) => tag.id === id);
      return all ? wanted.every(has) : wanted.some(has);
    });
  }
  if (unwanted.length > 0) tests.push((position) => !flags(position).tags.some((tag) => unwanted.includes(tag.id)));
  if (slug !== null) tests.push((position) => flags(position).tags.some((tag) => tag.slug === slug));
  return tests;
}

function rangeTests(value: (position: number) => number, low: number | null, high: number | null): Test[] {
  const tests: Test[] = [];
  if (low !== null) tests.push((position) => value(position) >= low);
  if (high !== null) tests.push((position) => value(position) <= high);
  return tests;
}

function candidatesOf(lists: { asked: string[]; find: (text: string) => number | null }[]): number[] | null {
  const found = lists.filter(({ asked }) => asked.length > 0).map(({ asked, find }) => new Set(asked.map(find)));
  const [first, ...others] = found;
  if (first === undefined) return null;
  return [...first]
    .filter((position) => position !== null)
    .filter((position) => others.every((other) => other.has(position)))
    .sort((a, b) => a - b);
}

function idOf(find: (id: number) => number | null): (text: string) => number | null {
  return (text) => {
    if (!/^\d{1,15}$/.test(text)) throw refuse('id must be an integer');
    return find(Number(text));
  };
}

/** @param keyset the cursor list: active, not archived rows only, and unknown orders refused */
export function selectMarkets(
  catalogue: GammaCatalogue,
  query: URLSearchParams,
  keyset: boolean,
): Selection<MarketOrder> {
  const flags = (position: number): Flags => catalogue.marketFlags(position);
  const number = (order: MarketOrder) => (position: number) => catalogue.marketNumber(position, order);
  const status = query.get('uma_resolution_status');
  const questions = listOf(query, 'question_ids');
  const tests = [
    ...flagTest(flags, 'closed', flag(query, 'closed') ?? false),
    ...(keyset ? [(position: number) => flags(position).active && !flags(position).archived] : []),
    ...tagTests(query, flags),
    ...rangeTests(number('volumeNum'), decimal(query, 'volume_num_min'), decimal(query, 'volume_num_max')),
    ...rangeTests(number('liquidityNum'), decimal(query, 'liquidity_num_min'), decimal(query, 'liquidity_num_max')),
    ...rangeTests(number('startDate'), moment(query, 'start_date_min'), moment(query, 'start_date_max')),
    ...rangeTests(number('endDate'), moment(query, 'end_date_min'), moment(query, 'end_date_max')),
  ];
  if (status !== null) tests.push((position) => catalogue.marketStatus(position) === status);
  if (questions.length > 0) tests.push((position) => questions.includes(catalogue.marketQuestionId(position)));
  return {
    key: selectionKey(query, keyset ? 'markets/keyset' : 'markets'),
    candidates: candidatesOf([
      { asked: listOf(query, 'id'), find: idOf((id) => catalogue.findMarketById(id)) },
      { asked: query.getAll('slug'), find: (slug) => catalogue.findMarketBySlug(slug) },
      { asked: listOf(query, 'condition_ids'), find: (id) => catalogue.findMarketByConditionId(id) },
      { asked: listOf(query, 'clob_token_ids'), find: (id) => catalogue.findMarketByTokenId(id) },
    ]),
    tests,
    sorting: sortingOf(query, MARKET_ORDERS, keyset, 'id'),
  };
}

/** Unlike markets, events have no default for `closed`. */
export function selectEvents(
  catalogue: GammaCatalogue,
  query: URLSearchParams,
  keyset: boolean,
): Selection<EventOrder> {
  const flags = (position: number): Flags => catalogue.eventFlags(position);
  const number = (order: EventOrder) => (position: number) => catalogue.eventNumber(position, order);
  const title = query.get('title_search')?.toLowerCase();
  const tests = [
    ...flagTest(flags, 'closed', flag(query, 'closed')),
    ...flagTest(flags, 'active', flag(query, 'active')),
    ...flagTest(flags, 'archived', flag(query, 'archived')),
    ...tagTests(query, flags),
    ...rangeTests(number('volume'), decimal(query, 'volume_min'), decimal(query, 'volume_max')),
    ...rangeTests(number('liquidity'), decimal(query, 'liquidity_min'), decimal(query, 'liquidity_max')),
    ...rangeTests(number('startDate'), moment(query, 'start_date_min'), moment(query, 'start_date_max')),
    ...rangeTests(number('endDate'), moment(query, 'end_date_min'), moment(query, 'end_date_max')),
  ];
  if (title !== undefined) tests.push((position) => catalogue.eventTitle(position).toLowerCase().includes(title));
  return {
    key: selectionKey(query, keyset ? 'events/keyset' : 'events'),
    candidates: candidatesOf([
      { asked: listOf(query, 'id'), find: idOf((id) => catalogue.findEventById(id)) },
      { asked: query.getAll('slug'), find: (slug) => catalogue.findEventBySlug(slug) },
    ]),
    tests,
    sorting: sortingOf(query, EVENT_ORDERS, keyset, 'id'),
  };
}

/** Positions of a selection in order, remembered until the catalogue changes. */
export class SelectionCache {
  private revision = '';
  private readonly kept = new Map<string, number[]>();

  constructor(private readonly catalogue: GammaCatalogue) {}

  rows<O extends string>(
    selection: Selection<O>,
    total: number,
    value: (position: number, order: O) => number,
  ): number[] {
    const revision = this.catalogue.revision();
    if (revision !== this.revision) {
      this.kept.clear();
      this.revision = revision;
    }
    const known = this.kept.get(selection.key);
    if (known !== undefined) return known;
    const rows = ordered(matching(selection, total), selection.sorting, value);
    if (this.kept.size >= 24) this.kept.delete(this.kept.keys().next().value ?? '');
    this.kept.set(selection.key, rows);
    return rows;
  }
}

function matching<O extends string>({ candidates, tests }: Selection<O>, total: number): number[] {
  const passes = (position: number): boolean => tests.every((test) => test(position));
  if (candidates !== null) return candidates.filter(passes);
  const rows: number[] = [];
  for (let position = 0; position < total; position += 1) if (passes(position)) rows.push(position);
  return rows;
}

function ordered<O extends string>(
  rows: number[],
  { order, ascending }: Sorting<O>,
  value: (position: number, order: O) => number,
): number[] {
  if (order === 'id') return ascending ? rows : rows.reverse();
  const values = new Map(rows.map((position) => [position, value(position, order)]));
  const sign = ascending ? 1 : -1;
  return rows.sort((a, b) => ((values.get(a) ?? 0) - (values.get(b) ?? 0)) * sign || a - b);
}

interface Cursor {
  /** Digest of the filters and the order the cursor belongs to. */
  k: string;
  /** Value of the last row served, and its position. */
  v: number;
  p: number;
}

function digest(key: string): string {
  return createHash('sha1').update(key).digest('hex').slice(0, 12);
}

export function writeCursor(key: string, value: number, position: number): string {
  return Buffer.from(JSON.stringify({ k: digest(key), v: value, p: position } satisfies Cursor)).toString('base64url');
}

/** @throws Refusal when the text is no cursor, or one of another list. */
export function readCursor(key: string, cursor: string): Cursor {
  const invalid = refuse('invalid cursor');
  let parsed: unknown;
  try {
    parsed = JSON.parse(Buffer.from(cursor, 'base64url').toString());
  } catch {
    throw invalid;
  }
  const { k, v, p } = (typeof parsed === 'object' && parsed !== null ? parsed : {}) as Partial<Cursor>;
  if (k !== digest(key) || typeof v !== 'number' || typeof p !== 'number') throw invalid;
  return { k, v, p };
}

/** Index in `rows` of the first row after the cursor. */
export function afterCursor<O extends string>(
  rows: readonly number[],
  cursor: Cursor,
  { order, ascending }: Sorting<O>,
  value: (position: number, order: O) => number,
): number {
  const sign = ascending ? 1 : -1;
  const tie = order === 'id' ? 0 : 1;
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const position = rows[middle] ?? 0;
    const compared = (value(position, order) - cursor.v) * sign || (position - cursor.p) * tie;
    if (compared <= 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
