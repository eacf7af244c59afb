import type { IndexField } from '../keys/index-keys';
import { conjuncts, type Filter } from '../matcher/filter';
import { compileFilter, type Matcher } from '../matcher/matcher';
import type { CollectionRecord, IndexRecord } from '../storage/catalog';
import type { SqlReader } from '../storage/sqlite-file';
import { stringsAt } from '../text/text-content';
import { parseSearch, phraseTest, type TextSearch } from '../text/text-search';
import { StoreError, unsupported } from '../errors/store-error';
import { fieldBounds, type FieldBounds, implies, type KeyRange, pointOf } from './bounds';

/** A part of a sort pattern: an index-like field, or the score of the text search. */
export type SortPart = { readonly field: IndexField } | { readonly textScore: true };

export interface Query {
  readonly filter: Filter;
  readonly sort: readonly SortPart[];
  /** Most documents wanted, skipped ones included; null when all. Helps to choose. */
  readonly wanted: number | null;
  /** True when every document must come with its text score. */
  readonly needsScore?: boolean;
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
  /** True when every range is one whole key. */
  readonly wholeKeys: boolean;
  /** Only documents this text search finds count. */
  readonly within: TextAccess | null;
}

export interface TextAccess {
  readonly kind: 'text';
  readonly index: IndexRecord;
  /** FTS5 expression; null when the search cannot match anything. */
  readonly expression: string | null;
  /** Whether a document that was found has the phrases of the search and none it must not have; null when there are none. */
  readonly phrases: Matcher | null;
  /** True when documents must come by falling score. */
  readonly ranked: boolean;
  /** True when documents must come with their scores, in whatever order. */
  readonly scored: boolean;
}

export type Access =
  | { readonly kind: 'collection' }
  | { readonly kind: 'union'; readonly branches: readonly Plan[] }
  | IndexAccess
  | TextAccess;

export interface Plan {
  readonly collection: CollectionRecord;
  readonly access: Access;
  /** What documents are tested with after the access; null when the access settles the whole filter. */
  readonly residual: Matcher | null;
  /** True when no document can fail the test now, so that entries may be counted and skipped unread. */
  readonly settled: boolean;
  /** The order still to be made in memory; null when documents come in order. */
  readonly memorySort: readonly SortPart[] | null;
  /** The text search of the query, wherever it is applied. */
  readonly text: TextAccess | null;
}

const RANGE_LIMIT = 1000;
const ESTIMATE_CAP = 1000;
const FIRST_KEY = Buffer.alloc(0);
const LAST_KEY = Buffer.from([0xff]);

interface Candidate {
  readonly access: IndexAccess;
  readonly rest: readonly Filter[];
  readonly sorted: boolean;
  readonly weight: number;
  readonly isPoint: boolean;
  /** True when all bounds are points and every document has an entry, so that {@link coversIndex} can be asked. */
  readonly canCover: boolean;
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
    const fixedAt = fields.findIndex((field, position) => field.path.text === path.text && isFixed(position));
    if (fixedAt !== -1 && index.multikey[fixedAt] !== true) continue;
    for (;;) {
      const field = fields[next];
      if (field === undefined) return null;
      if (isFixed(next)) next += 1;
      else if (field.path.text === path.text) break;
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
  const leading = definition.fields[0]?.path;
  if (sort.length === 0 && !clauses.some((clause) => 'path' in clause && clause.path.text === leading?.text))
    return null;
  const partialClauses = definition.partial === null ? [] : conjuncts(definition.partial);
  if (!partialClauses.every((wanted) => implies(clauses, wanted))) return null;

  const bounds: FieldBounds[] = [];
  let prefixes: Prefix[] = [{ parts: [] }];
  let tail: KeyRange | null = null;
  for (const [position, field] of definition.fields.entries()) {
    const onPath = clauses.filter((clause) => 'path' in clause && clause.path.text === field.path.text);
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
      wholeKeys: tail === null && bounds.length === definition.fields.length,
      within: null,
    },
    rest,
    sorted: sort.length === 0 || order !== null,
    weight: bounds.reduce((sum, { weight }) => sum + weight, 0),
    canCover:
      tail === null &&
      bounds.length > 0 &&
      definition.partial === null &&
      !definition.sparse &&
      !index.multikey.includes(true),
    isPoint: definition.unique && bounds.length === definition.fields.length && ranges.length <= 1 && tail === null,
  };
}

/** Counts the entries of an index inside the ranges, up to a cap. */
function estimate(file: SqlReader, { index, ranges }: IndexAccess): number {
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

/** Whether no key lies outside the ranges: what put them there is then true for every document there is. */
function coversIndex(file: SqlReader, { index, ranges }: IndexAccess): boolean {
  const isEmpty = (from: Buffer, to: Buffer): boolean =>
    from.compare(to) >= 0 ||
    file.all(`SELECT 1 FROM ${index.table} WHERE key>=? AND key<? LIMIT 1`, [from, to]).length === 0;
  let from: Buffer = FIRST_KEY;
  for (const { lower, upper } of ranges) {
    if (!isEmpty(from, lower)) return false;
    from = upper;
  }
  return isEmpty(from, LAST_KEY);
}

const COVER_LIMIT = 16;

/**
 * Leaves out clauses that an index proves true for all documents, such as `closed: { $in: [false, true] }` where every document has
 * one of the two. Asked again for every query, so it follows the data.
 */
function withoutTruisms(
  file: SqlReader,
  clauses: readonly Filter[],
  candidates: readonly Candidate[],
): readonly Filter[] {
  let left = clauses;
  for (const { access, rest, canCover } of candidates) {
    const settled = left.filter((clause) => clause.kind === 'in' && !rest.includes(clause));
    if (settled.length === 0 || !canCover || access.ranges.length > COVER_LIMIT) continue;
    if (coversIndex(file, access)) left = left.filter((clause) => !settled.includes(clause));
  }
  return left;
}

function candidatesFor(
  collection: CollectionRecord,
  clauses: readonly Filter[],
  sort: readonly SortPart[],
): Candidate[] {
  return collection.indexes.flatMap((index) => candidateFor(index, clauses, sort) ?? []);
}

const isSinglePoint = (collection: CollectionRecord, { access, isPoint, weight }: Candidate): boolean =>
  isPoint || (access.index === collection.idIndex && access.ranges.length <= 1 && weight >= 4);

/** Of indexes that settle the same clauses only the best is worth a look. */
function bestOfEach(candidates: readonly Candidate[]): Candidate[] {
  const sameRest = (a: Candidate, b: Candidate): boolean =>
    a.rest.length === b.rest.length && a.rest.every((clause) => b.rest.includes(clause));
  return candidates.filter((candidate, position) =>
    candidates.every((other, at) => {
      if (at === position || !sameRest(candidate, other)) return true;
      const order = better(candidate, other);
      return order < 0 || (order === 0 && position < at);
    }),
  );
}

function chooseIndex(file: SqlReader, all: readonly Candidate[]): Candidate | null {
  const candidates = bestOfEach(all);
  const [only] = candidates;
  if (candidates.length < 2 || only === undefined) return only ?? null;
  const estimated = candidates.map((candidate) => ({ candidate, entries: estimate(file, candidate.access) }));
  const small = estimated.filter(({ entries }) => entries < ESTIMATE_CAP);
  const cost = ({ candidate, entries }: (typeof estimated)[number]): number =>
    candidate.sorted ? entries : entries * 2 + 1;
  small.sort((a, b) => cost(a) - cost(b) || better(a.candidate, b.candidate));
  return small[0]?.candidate ?? [...candidates].sort(better)[0] ?? null;
}

function phraseMatcher({ definition }: IndexRecord, search: TextSearch): Matcher | null {
  const test = phraseTest(search);
  const paths = (definition.weights ?? []).map(({ path }) => path);
  return test && ((document) => test(paths.flatMap((path) => stringsAt(document, path))));
}

function textAccess(
  collection: CollectionRecord,
  clauses: readonly Filter[],
  { ranked, scored }: { ranked: boolean; scored: boolean },
): TextAccess | null {
  const searches = clauses.filter((clause) => clause.kind === 'text');
  const [search] = searches;
  if (search === undefined) return null;
  if (searches.length > 1) throw new StoreError('BadValue', 'Too many text expressions');
  const index = collection.textIndex;
  if (index === null) throw new StoreError('IndexNotFound', 'text index required for $text query');
  const parsed = parseSearch(search.search);
  return { kind: 'text', index, expression: parsed.expression, phrases: phraseMatcher(index, parsed), ranked, scored };
}

function asMatcher(clauses: readonly Filter[]): Matcher | null {
  const [only] = clauses;
  if (only === undefined) return null;
  return compileFilter(clauses.length === 1 ? only : { kind: 'and', clauses });
}

/** What documents of a text search are tested with. */
function textResidual({ phrases }: TextAccess, clauses: readonly Filter[]): Matcher | null {
  const others = asMatcher(clauses);
  if (phrases === null || others === null) return phrases ?? others;
  return (document) => others(document) && phrases(document);
}

type OrFilter = Extract<Filter, { kind: 'and' | 'or' }>;

function unionPlan(file: SqlReader, collection: CollectionRecord, clauses: readonly Filter[]): Access | null {
  const either = clauses.find((clause): clause is OrFilter => clause.kind === 'or');
  if (either === undefined) return null;
  const branches = either.clauses.map((branch) =>
    planQuery(file, collection, { filter: branch, sort: [], wanted: null }),
  );
  return branches.every(({ access }) => access.kind !== 'collection') ? { kind: 'union', branches } : null;
}

/** The number of documents a text search finds. */
export function countMatches(file: SqlReader, { expression, index: { table } }: TextAccess): number {
  if (expression === null) return 0;
  return file.one<[number]>(`SELECT count(*) FROM ${table} WHERE ${table} MATCH ?`, [expression])?.[0] ?? 0;
}

// Rough costs in microseconds of reading one document, of one index entry and of one search hit.
const DOCUMENT_COST = 8;
const ENTRY_COST = 3;
const HIT_COST = 1;

/**
 * A search for common words ordered by something else than the score: walking an index in that order and keeping what the search
 * finds ends after a few entries, where sorting would read every hit.
 */
function textInOrder(
  file: SqlReader,
  text: TextAccess,
  collection: CollectionRecord,
  clauses: readonly Filter[],
  query: Query,
): Plan | null {
  if (query.wanted === null || query.needsScore === true || text.ranked || query.sort.length === 0) return null;
  const ordered = candidatesFor(collection, clauses, query.sort).filter(({ sorted }) => sorted);
  const [best] = ordered.sort(better);
  if (best === undefined || best.access.repeats) return null;
  const hits = countMatches(file, text);
  const walked = (query.wanted * collection.count) / Math.max(1, hits);
  if (hits * DOCUMENT_COST <= walked * ENTRY_COST + hits * HIT_COST) return null;
  return {
    collection,
    access: { ...best.access, within: text },
    residual: textResidual(text, best.rest),
    settled: false,
    memorySort: null,
    text,
  };
}

function planText(
  file: SqlReader,
  text: TextAccess,
  collection: CollectionRecord,
  { clauses, needed }: { clauses: readonly Filter[]; needed: readonly Filter[] },
  query: Query,
): Plan {
  const inOrder = textInOrder(file, text, collection, clauses, query);
  if (inOrder !== null) return inOrder;
  // Equal scores are put in order while reading, as long as the score comes first.
  const memorySort = query.sort.length === 0 || text.ranked ? null : query.sort;
  const settled = needed.length === 0 && text.phrases === null;
  return { collection, access: text, residual: textResidual(text, clauses), settled, memorySort, text };
}

/** The way to the one document that has a value under a unique index on that field alone, or null when no clause asks for that. */
function pointPlan(collection: CollectionRecord, clauses: readonly Filter[]): Plan | null {
  for (const index of collection.indexes) {
    const { unique, partial, fields } = index.definition;
    const [field, another] = fields;
    if (field === undefined || another !== undefined || partial !== null) continue;
    if (!unique && index !== collection.idIndex) continue;
    const key = pointOf(field, clauses);
    if (key === null) continue;
    const range = { lower: key.bytes, upper: Buffer.concat([key.bytes, LAST_KEY]), mergeFrom: 0 };
    const rest = clauses.filter((clause) => clause !== key.clause);
    const access: IndexAccess = {
      kind: 'index',
      index,
      ranges: [range],
      backward: false,
      merge: false,
      repeats: false,
      wholeKeys: true,
      within: null,
    };
    return { collection, access, residual: asMatcher(rest), settled: rest.length === 0, memorySort: null, text: null };
  }
  return null;
}

/** Chooses how to read the documents a query asks for. @throws StoreError when the query needs an index that is not there. */
export function planQuery(file: SqlReader, collection: CollectionRecord, query: Query): Plan {
  const clauses = conjuncts(query.filter);
  const [firstSort] = query.sort;
  const ranked = firstSort !== undefined && 'textScore' in firstSort;
  const scored = query.needsScore === true || query.sort.some((part) => 'textScore' in part);
  const text = textAccess(collection, clauses, { ranked, scored });
  if (text === null && query.sort.some((part) => 'textScore' in part)) {
    throw unsupported('sorting by textScore without $text', 'add a $text clause');
  }
  const point = text === null && query.sort.length === 0 ? pointPlan(collection, clauses) : null;
  if (point !== null) return point;
  const wanted = clauses.filter(({ kind }) => kind !== 'text');
  const candidates = candidatesFor(collection, wanted, text === null ? query.sort : []);
  const single = text === null ? candidates.find((candidate) => isSinglePoint(collection, candidate)) : undefined;
  if (text !== null) {
    return planText(
      file,
      text,
      collection,
      { clauses: wanted, needed: withoutTruisms(file, wanted, candidates) },
      query,
    );
  }

  const memorySort = query.sort.length === 0 ? null : query.sort;
  const chosen = single ?? chooseIndex(file, candidates);
  if (chosen !== null) {
    return {
      collection,
      access: chosen.access,
      residual: asMatcher(chosen.rest),
      settled: chosen.rest.length === 0 || withoutTruisms(file, chosen.rest, candidates).length === 0,
      memorySort: chosen.sorted ? null : memorySort,
      text: null,
    };
  }
  const access = unionPlan(file, collection, wanted) ?? { kind: 'collection' };
  return {
    collection,
    access,
    residual: asMatcher(wanted),
    settled: wanted.length === 0,
    memorySort,
    text: null,
  };
}
