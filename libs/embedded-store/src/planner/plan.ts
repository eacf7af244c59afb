import type { IndexField } from '../keys/index-keys';
import { conjuncts, type Filter } from '../matcher/filter';
import { compileFilter, type Matcher } from '../matcher/matcher';
import type { CollectionRecord, IndexRecord } from '../storage/catalog';
import type { SqliteFile } from '../storage/sqlite-file';
import { matchExpression } from '../text/text-search';
import { StoreError, unsupported } from '../errors/store-error';
import { fieldBounds, type FieldBounds, implies, type KeyRange } from './bounds';

/** A part of a sort pattern: an index-like field, or the score of the text search. */
export type SortPart = { readonly field: IndexField } | { readonly textScore: true };

export interface Query {
  readonly filter: Filter;
  readonly sort: readonly SortPart[];
  /** Most documents wanted, skipped ones included; null when all. Helps to choose. */
  readonly wanted: number | null;
}

/** One stretch of an index; merging compares keys from `mergeFrom` on, where the parts fixed for this stretch end. */
export interface ScanRange extends KeyRange {
  readonly mergeFrom: number;
}

export interface IndexAccess {
  readonly kind: 'index';
  readonly index: IndexRecord;
  /** In key order and disjoint. */
  readonly ranges: readonly ScanRange[];
  readonly backward: boolean;
  /** True when the ranges must be read side by side to come out in order. */
  readonly merge: boolean;
  /** True when a document can have several keys inside the ranges. */
  readonly repeats: boolean;
}

export interface TextAccess {
  readonly kind: 'text';
  readonly index: IndexRecord;
  /** FTS5 expression; null when the search cannot match anything. */
  readonly expression: string | null;
  /** True when documents must come by falling score. */
  readonly ranked: boolean;
}

export type Access =
  | { readonly kind: 'collection' }
  | { readonly kind: 'union'; readonly branches: readonly Plan[] }
  | IndexAccess
  | TextAccess;

export interface Plan {
  readonly collection: CollectionRecord;
  readonly access: Access;
  /** What documents still have to pass after the access; null when the access settles the whole filter. */
  readonly residual: Matcher | null;
  /** The order still to be made in memory; null when documents come in order. */
  readonly memorySort: readonly SortPart[] | null;
  /** The text search of the query, wherever it is applied. */
  readonly text: TextAccess | null;
}

const RANGE_LIMIT = 1000;
const ESTIMATE_CAP = 1000;
const LAST_KEY = Buffer.from([0xff]);

interface Candidate {
  readonly access: IndexAccess;
  readonly rest: readonly Filter[];
  readonly sorted: boolean;
  readonly weight: number;
  readonly isPoint: boolean;
}

interface Prefix {
  readonly parts: readonly Buffer[];
}

function multiply(prefixes: readonly Prefix[], points: readonly Buffer[]): Prefix[] {
  return prefixes.flatMap(({ parts }) => points.map((point) => ({ parts: [...parts, point] })));
}

function toRange({ parts }: Prefix, tail: KeyRange | null, mergeField: number): ScanRange {
  const prefix = Buffer.concat(parts);
  const mergeFrom = parts.slice(0, mergeField).reduce((length, part) => length + part.length, 0);
  if (tail !== null) {
    return { lower: Buffer.concat([prefix, tail.lower]), upper: Buffer.concat([prefix, tail.upper]), mergeFrom };
  }
  return { lower: prefix, upper: Buffer.concat([prefix, LAST_KEY]), mergeFrom };
}

interface Order {
  readonly backward: boolean;
  /** Index field the order starts with. */
  readonly from: number;
}

/** How the index gives the wanted order, or null when it does not. `bounds` belong to the leading index fields. */
function indexOrder(index: IndexRecord, bounds: readonly FieldBounds[], sort: readonly SortPart[]): Order | null {
  const { fields } = index.definition;
  const isFixed = (position: number): boolean => bounds[position]?.points?.length === 1;
  let next = 0;
  let from: number | null = null;
  let backward: boolean | null = null;
  for (const part of sort) {
    if (!('field' in part)) return null;
    const { path, descending } = part.field;
    const fixedAt = fields.findIndex((field, position) => field.path === path && isFixed(position));
    if (fixedAt !== -1 && index.multikey[fixedAt] !== true) continue;
    for (;;) {
      const field = fields[next];
      if (field === undefined) return null;
      if (isFixed(next)) next += 1;
      else if (field.path === path) break;
      else if (from === null && bounds[next]?.points != null) next += 1;
      else return null;
    }
    const field = fields[next];
    if (field === undefined || index.multikey[next] === true) return null;
    const opposite = field.descending !== descending;
    if (backward !== null && backward !== opposite) return null;
    backward = opposite;
    from ??= next;
    next += 1;
  }
  return { backward: backward ?? false, from: from ?? 0 };
}

function candidateFor(index: IndexRecord, clauses: readonly Filter[], sort: readonly SortPart[]): Candidate | null {
  const { definition } = index;
  if (definition.weights !== null) return null;
  const partialClauses = definition.partial === null ? [] : conjuncts(definition.partial);
  if (!partialClauses.every((wanted) => implies(clauses, wanted))) return null;

  const bounds: FieldBounds[] = [];
  let prefixes: Prefix[] = [{ parts: [] }];
  let tail: KeyRange | null = null;
  for (const [position, field] of definition.fields.entries()) {
    const onPath = clauses.filter((clause) => 'path' in clause && clause.path === field.path);
    const found = fieldBounds(field, onPath, index.multikey[position] === true);
    if (found === null) break;
    if (found.points !== null && prefixes.length * found.points.length > RANGE_LIMIT) break;
    bounds.push(found);
    if (found.points === null) {
      tail = found.range;
      break;
    }
    prefixes = multiply(prefixes, found.points);
  }
  if (definition.sparse && !bounds.some(({ needsValue }) => needsValue)) return null;

  const order = sort.length === 0 ? null : indexOrder(index, bounds, sort);
  if (bounds.length === 0 && order === null) return null;
  const from = order?.from ?? 0;
  const ranges = prefixes
    .map((prefix) => toRange(prefix, tail, from))
    .filter(({ lower, upper }) => lower.compare(upper) < 0)
    .sort((a, b) => a.lower.compare(b.lower));
  const settled = new Set(bounds.flatMap((bound) => bound.settled));
  const rest = clauses.filter(
    (clause) =>
      !settled.has(clause) &&
      !(clause.kind === 'exists' && clause.exists && partialClauses.some((known) => implies([known], clause))),
  );
  const manyBefore = bounds.slice(0, from).some(({ points }) => points !== null && points.length > 1);
  return {
    access: {
      kind: 'index',
      index,
      ranges,
      backward: order?.backward ?? false,
      merge: order !== null && manyBefore && ranges.length > 1,
      repeats: index.multikey.some((multikey, position) => multikey && bounds[position]?.points?.length !== 1),
    },
    rest,
    sorted: sort.length === 0 || order !== null,
    weight: bounds.reduce((sum, { weight }) => sum + weight, 0),
    isPoint: definition.unique && bounds.length === definition.fields.length && ranges.length <= 1 && tail === null,
  };
}

/** Counts the entries of an index inside the ranges, up to a cap. */
function estimate(file: SqliteFile, { index, ranges }: IndexAccess): number {
  let sum = 0;
  for (const { lower, upper } of ranges) {
    if (sum >= ESTIMATE_CAP) break;
    const sql = `SELECT count(*) FROM (SELECT 1 FROM ${index.table} WHERE key>=? AND key<? LIMIT ?)`;
    sum += file.one<[number]>(sql, [lower, upper, ESTIMATE_CAP - sum])?.[0] ?? 0;
  }
  return sum;
}

function better(a: Candidate, b: Candidate): number {
  return Number(b.sorted) - Number(a.sorted) || b.weight - a.weight || a.rest.length - b.rest.length;
}

function chooseIndex(
  file: SqliteFile,
  collection: CollectionRecord,
  clauses: readonly Filter[],
  query: Query,
): Candidate | null {
  const candidates: Candidate[] = [];
  for (const index of collection.indexes) {
    const candidate = candidateFor(index, clauses, query.sort);
    if (candidate === null) continue;
    if (
      candidate.isPoint ||
      (index === collection.idIndex && candidate.access.ranges.length <= 1 && candidate.weight >= 4)
    )
      return candidate;
    candidates.push(candidate);
  }
  const [only] = candidates;
  if (candidates.length < 2 || only === undefined) return only ?? null;
  const estimated = candidates.map((candidate) => ({ candidate, entries: estimate(file, candidate.access) }));
  const small = estimated.filter(({ entries }) => entries < ESTIMATE_CAP);
  const cost = ({ candidate, entries }: (typeof estimated)[number]): number =>
    candidate.sorted ? entries : entries * 2 + 1;
  small.sort((a, b) => cost(a) - cost(b) || better(a.candidate, b.candidate));
  return small[0]?.candidate ?? [...candidates].sort(better)[0] ?? null;
}

function textAccess(collection: CollectionRecord, clauses: readonly Filter[], ranked: boolean): TextAccess | null {
  const searches = clauses.filter((clause) => clause.kind === 'text');
  const [search] = searches;
  if (search === undefined) return null;
  if (searches.length > 1) throw new StoreError('BadValue', 'Too many text expressions');
  const index = collection.textIndex;
  if (index === null) throw new StoreError('IndexNotFound', 'text index required for $text query');
  return { kind: 'text', index, expression: matchExpression(search.search), ranked };
}

function asMatcher(clauses: readonly Filter[]): Matcher | null {
  const [only] = clauses;
  if (only === undefined) return null;
  return compileFilter(clauses.length === 1 ? only : { kind: 'and', clauses });
}

type OrFilter = Extract<Filter, { kind: 'and' | 'or' }>;

function unionPlan(file: SqliteFile, collection: CollectionRecord, clauses: readonly Filter[]): Access | null {
  const either = clauses.find((clause): clause is OrFilter => clause.kind === 'or');
  if (either === undefined) return null;
  const branches = either.clauses.map((branch) =>
    planQuery(file, collection, { filter: branch, sort: [], wanted: null }),
  );
  return branches.every(({ access }) => access.kind !== 'collection') ? { kind: 'union', branches } : null;
}

function planText(
  text: TextAccess,
  clauses: readonly Filter[],
  collection: CollectionRecord,
  sort: readonly SortPart[],
): Plan {
  const rest = clauses.filter(({ kind }) => kind !== 'text');
  // Equal scores are put in order while reading, as long as the score comes first.
  const memorySort = sort.length === 0 || text.ranked ? null : sort;
  return { collection, access: text, residual: asMatcher(rest), memorySort, text };
}

/** Chooses how to read the documents a query asks for. @throws StoreError when the query needs an index that is not there. */
export function planQuery(file: SqliteFile, collection: CollectionRecord, query: Query): Plan {
  const clauses = conjuncts(query.filter);
  const [firstSort] = query.sort;
  const ranked = firstSort !== undefined && 'textScore' in firstSort;
  const text = textAccess(collection, clauses, ranked);
  if (text !== null) return planText(text, clauses, collection, query.sort);
  if (query.sort.some((part) => 'textScore' in part)) {
    throw unsupported('sorting by textScore without $text', 'add a $text clause');
  }
  const memorySort = query.sort.length === 0 ? null : query.sort;
  const chosen = chooseIndex(file, collection, clauses, query);
  if (chosen !== null) {
    return {
      collection,
      access: chosen.access,
      residual: asMatcher(chosen.rest),
      memorySort: chosen.sorted ? null : memorySort,
      text: null,
    };
  }
  const access = unionPlan(file, collection, clauses) ?? { kind: 'collection' };
  return { collection, access, residual: asMatcher(clauses), memorySort, text: null };
}
