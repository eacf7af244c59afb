import { type IndexField, sortKey } from '../keys/index-keys';
import { StoreError } from '../errors/store-error';
import type { CollectionRecord } from '../storage/catalog';
import type { SqlReader } from '../storage/sqlite-file';
import { countEntries, type EntryScan, openScan } from './index-scan';
import type { Matcher } from '../matcher/matcher';
import { LazySort } from './lazy-sort';
import { countMatches, type IndexAccess, type Plan, type SortPart, type TextAccess } from './plan';
import { type Row, ROWS_IN_ONE, type RowsInOne, storedRows } from './stored-rows';

export type { Row } from './stored-rows';

/** Rows in pieces. An empty piece only gives the caller a chance to let others run. */
export type Rows = Generator<Row[], void, undefined>;

export interface Window {
  readonly skip: number;
  /** Null for all. */
  readonly limit: number | null;
}

const PIECE = 256;
/** Documents read first of a collection whose documents may be of any size. */
const FIRST_PIECE = 8;
const PIECE_BYTES = 2 * 1024 * 1024;
const SORT_LIMIT_BYTES = 100 * 1024 * 1024;
/** Search hits read by one statement: a few milliseconds of work each. */
const HITS_AT_ONCE = 8000;
const SCORED_AT_ONCE = 4000;
const RANKED_AT_ONCE = 16_000;
/** What a row being sorted takes beside its key. */
const ROW_BYTES = 64;
const SHELF_BYTES = 64 * 1024;

/** Sizes the next piece of a collection so that it holds about {@link PIECE_BYTES}. */
class PieceSize {
  #size: number;

  constructor(
    first: number,
    private readonly collection: CollectionRecord,
  ) {
    const { meanBytes } = collection;
    this.#size = Math.min(first, meanBytes === null ? FIRST_PIECE : this.#fitting(meanBytes));
  }

  get size(): number {
    return this.#size;
  }

  #fitting(meanBytes: number): number {
    return Math.max(1, Math.min(PIECE, Math.floor(PIECE_BYTES / meanBytes)));
  }

  learn(rows: readonly Row[]): void {
    if (rows.length === 0) return;
    const meanBytes = Math.max(1, rows.reduce((sum, { document }) => sum + document.length, 0) / rows.length);
    this.collection.meanBytes = meanBytes;
    this.#size = Math.min(this.#fitting(meanBytes), this.#size * 4);
  }
}

/** The document under a record id, or null when it is gone. */
export function fetchDocument(file: SqlReader, collection: CollectionRecord, rid: number): Buffer | null {
  return file.one<[Buffer]>(collection.selectDocument, [rid])?.[0] ?? null;
}

/** The documents under these record ids, in the order of the ids; ids that are gone are left out. */
function fetchRows(file: SqlReader, collection: CollectionRecord, ids: readonly Scored[]): Row[] {
  const [first] = ids;
  if (first === undefined) return [];
  if (ids.length === 1) {
    const document = fetchDocument(file, collection, first.rid);
    return document === null ? [] : [{ ...first, document }];
  }
  const rows = storedRows(
    file.one<RowsInOne>(
      `SELECT ${ROWS_IN_ONE} FROM ${collection.table} WHERE rid IN (SELECT value FROM json_each(?))`,
      [JSON.stringify(ids.map(({ rid }) => rid))],
    ),
  );
  const found = new Map(rows.map(({ rid, document }) => [rid, document]));
  return ids.flatMap(({ rid, score }) => {
    const document = found.get(rid);
    return document === undefined ? [] : [{ rid, score, document }];
  });
}

function* scanCollection(file: SqlReader, collection: CollectionRecord, first: number): Rows {
  const pieces = new PieceSize(first, collection);
  let after = 0;
  for (;;) {
    const found = file.one<RowsInOne>(
      `SELECT ${ROWS_IN_ONE} FROM (SELECT rid, doc FROM ${collection.table} WHERE rid>? ORDER BY rid LIMIT ?)`,
      [after, pieces.size],
    );
    const rows = storedRows(found);
    const last = rows.at(-1);
    if (last === undefined) return;
    after = last.rid;
    pieces.learn(rows);
    yield rows;
  }
}

type Ids = Generator<Scored[], void, undefined>;

interface Scored {
  readonly rid: number;
  readonly score: number;
}

/** Record ids of everything a text search finds, in their order. */
function* hitsOf(file: SqlReader, { expression, index: { table } }: TextAccess): Generator<number[], void, undefined> {
  if (expression === null) return;
  for (let after = 0; ;) {
    const sql = `SELECT rowid FROM ${table} WHERE ${table} MATCH ? AND rowid>? ORDER BY rowid LIMIT ?`;
    const rids = file.all<[number]>(sql, [expression, after, HITS_AT_ONCE]).map(([rid]) => rid);
    after = rids.at(-1) ?? after;
    yield rids;
    if (rids.length < HITS_AT_ONCE) return;
  }
}

function* indexIds(file: SqlReader, access: IndexAccess, scan: EntryScan, pieces: PieceSize): Ids {
  const seen = access.repeats ? new Set<number>() : null;
  const hits = access.within === null ? null : new Set<number>();
  if (access.within !== null) {
    for (const rids of hitsOf(file, access.within)) {
      for (const rid of rids) hits?.add(rid);
      yield [];
    }
  }
  for (;;) {
    const entries = scan.next(hits === null ? pieces.size : PIECE);
    if (entries.length === 0) return;
    const ids = entries.map(([, rid]) => ({ rid, score: 0 })).filter(({ rid }) => hits?.has(rid) !== false);
    yield seen === null ? ids : ids.filter(({ rid }) => !seen.has(rid) && seen.add(rid));
  }
}

const scoreOf = ({ index }: TextAccess): string => {
  const weights = (index.definition.weights ?? []).map(({ weight }) => weight).join(',');
  return `-bm25(${index.table},${weights})`;
};

/** Passes every step on as an empty piece and returns what comes of them. */
function* inSteps<Result>(steps: Generator<undefined, Result, undefined>): Generator<never[], Result, undefined> {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
    yield [];
  }
}

/** The hits of a search with their scores, by record id. */
function* scoredHits(file: SqlReader, access: TextAccess): Ids {
  const { expression, index } = access;
  if (expression === null) return;
  for (let after = 0; ;) {
    const sql = `SELECT rowid, ${scoreOf(access)} FROM ${index.table} WHERE ${index.table} MATCH ? AND rowid>? ORDER BY rowid LIMIT ?`;
    const hits = file
      .all<[number, number]>(sql, [expression, after, SCORED_AT_ONCE])
      .map(([rid, score]) => ({ rid, score }));
    after = hits.at(-1)?.rid ?? after;
    yield hits;
    if (hits.length < SCORED_AT_ONCE) return;
  }
}

const byFallingScore = (a: Scored, b: Scored): number => b.score - a.score || a.rid - b.rid;

/** The best hits of a search, at most `reach`, by falling score; common words are ranked one stretch of record ids after another. */
function* bestHits(
  file: SqlReader,
  access: TextAccess,
  lastRid: number,
  reach: number,
): Generator<undefined, Scored[], undefined> {
  const { expression, index } = access;
  const stretches = Math.ceil(countMatches(file, access) / RANKED_AT_ONCE);
  const sql =
    `SELECT rowid, ${scoreOf(access)} AS score FROM ${index.table} ` +
    `WHERE ${index.table} MATCH ? AND rowid>? AND rowid<=? ORDER BY score DESC, rowid LIMIT ?`;
  const best = new LazySort(byFallingScore, reach);
  for (let stretch = 0; stretch < stretches; stretch += 1) {
    const from = Math.floor((lastRid * stretch) / stretches);
    const to = Math.floor((lastRid * (stretch + 1)) / stretches);
    for (const [rid, score] of file.all<[number, number]>(sql, [expression, from, to, reach])) best.add({ rid, score });
    yield undefined;
  }
  const found: Scored[] = [];
  for (const piece of best.sorted()) {
    found.push(...piece);
    if (found.length >= reach) break;
    yield undefined;
  }
  return found.slice(0, reach);
}

/** All hits of a search by falling score. More are ranked only when the first ones are not enough. */
function* rankedIds(
  file: SqlReader,
  access: TextAccess,
  lastRid: number,
  tieBreak: ((ids: Scored[]) => Scored[]) | null,
): Ids {
  let delivered = 0;
  for (let reach = 200; ; reach *= 8) {
    const found = yield* inSteps(bestHits(file, access, lastRid, reach));
    const complete = found.length < reach;
    // The last group of equal scores may go on behind the reach, so it waits for the next round.
    const lastScore = found.at(-1)?.score;
    const settled = complete ? found : found.filter(({ score }) => score !== lastScore);
    const fresh = settled.slice(delivered);
    delivered = Math.max(delivered, settled.length);
    if (tieBreak === null) yield fresh;
    else for (const group of byScore(fresh)) yield group.length === 1 ? group : tieBreak(group);
    if (complete) return;
  }
}

function textIds(
  file: SqlReader,
  access: TextAccess,
  lastRid: number,
  tieBreak: ((ids: Scored[]) => Scored[]) | null,
): Ids {
  if (access.ranked) return rankedIds(file, access, lastRid, tieBreak);
  return access.scored ? scoredHits(file, access) : unscoredHits(file, access);
}

function* unscoredHits(file: SqlReader, access: TextAccess): Ids {
  for (const rids of hitsOf(file, access)) yield rids.map((rid) => ({ rid, score: 0 }));
}

function* byScore(ids: readonly Scored[]): Generator<Scored[]> {
  let group: Scored[] = [];
  for (const id of ids) {
    if (group[0] !== undefined && group[0].score !== id.score) {
      yield group;
      group = [];
    }
    group.push(id);
  }
  if (group.length > 0) yield group;
}

/** The fields of a sort pattern, without the text score. */
export const fieldsIn = (sort: readonly SortPart[]): IndexField[] =>
  sort.flatMap((part) => ('field' in part ? [part.field] : []));

function* fetchAll(file: SqlReader, plan: Plan, ids: Ids, pieces: PieceSize): Rows {
  for (const piece of ids) {
    for (let from = 0; from < piece.length;) {
      const part = piece.slice(from, from + pieces.size);
      from += part.length;
      const rows = fetchRows(file, plan.collection, part);
      pieces.learn(rows);
      yield matching(rows, plan.residual);
    }
    if (piece.length === 0) yield [];
  }
}

const matching = (rows: Row[], matches: Matcher | null): Row[] =>
  matches === null ? rows : rows.filter(({ document }) => matches(document));

/** Reads entries and documents in one go where every entry stands for a document of the answer. */
function* indexRows(file: SqlReader, plan: Plan, access: IndexAccess, skip: number, pieces: PieceSize): Rows {
  const scan = openScan(file, access, plan.collection);
  if (skip > 0) scan.skip(skip);
  if (scan.nextDocuments === null || access.repeats || access.within !== null) {
    yield* fetchAll(file, plan, indexIds(file, access, scan, pieces), pieces);
    return;
  }
  for (;;) {
    const rows = scan.nextDocuments(pieces.size);
    if (rows.length === 0) return;
    pieces.learn(rows);
    yield matching(rows, plan.residual);
  }
}

function* unionRows(file: SqlReader, plan: Plan, branches: readonly Plan[]): Rows {
  const seen = new Set<number>();
  for (const branch of branches) {
    for (const rows of accessRows(file, branch, 0, PIECE, [])) {
      const fresh = rows.filter(({ rid }) => !seen.has(rid) && seen.add(rid));
      yield fresh.filter(({ document }) => plan.residual?.(document) !== false);
    }
  }
}

function* accessRows(file: SqlReader, plan: Plan, skip: number, first: number, sort: readonly SortPart[]): Rows {
  const { access, residual, collection } = plan;
  const pieces = new PieceSize(first, collection);
  switch (access.kind) {
    case 'collection':
      for (const rows of scanCollection(file, collection, first)) yield matching(rows, residual);
      return;
    case 'union':
      yield* unionRows(file, plan, access.branches);
      return;
    case 'index':
      yield* indexRows(file, plan, access, skip, pieces);
      return;
    case 'text': {
      const fields = fieldsIn(sort);
      const tieBreak =
        fields.length === 0 ? null : (ids: Scored[]) => sortIds(fetchRows(file, collection, ids), fields);
      yield* fetchAll(file, plan, textIds(file, access, collection.nextRid, tieBreak), pieces);
      return;
    }
  }
}

function sortIds(rows: readonly Row[], fields: readonly IndexField[]): Scored[] {
  return rows
    .map((row) => ({ rid: row.rid, score: row.score, key: sortKey(row.document, fields) }))
    .sort((a, b) => a.key.compare(b.key));
}

interface SortedRow {
  /** The sort key, beside many others in one buffer: a buffer for each would take more than the keys themselves. */
  readonly bytes: Buffer;
  readonly start: number;
  readonly end: number;
  readonly rid: number;
  readonly score: number;
}

const byKey = (a: SortedRow, b: SortedRow): number => a.bytes.compare(b.bytes, b.start, b.end, a.start, a.end);
const sizeOf = ({ start, end }: SortedRow): number => end - start + ROW_BYTES;

/** Lays the keys of rows beside each other. */
class KeyShelf {
  #bytes = Buffer.alloc(0);
  #length = 0;

  place(key: Buffer, { rid, score }: Scored): SortedRow {
    if (this.#length + key.length > this.#bytes.length) {
      this.#bytes = Buffer.allocUnsafeSlow(Math.max(SHELF_BYTES, key.length));
      this.#length = 0;
    }
    const start = this.#length;
    this.#length += key.copy(this.#bytes, start);
    return { bytes: this.#bytes, start, end: this.#length, rid, score };
  }
}

/** Sorts by keys and ids only; documents are read again when they are delivered. */
function* sortedRows(file: SqlReader, plan: Plan, sort: readonly SortPart[], window: Window): Rows {
  const keep = window.limit === null ? Infinity : window.skip + window.limit;
  const order = new LazySort(byKey, keep);
  const shelf = new KeyShelf();
  const fields = fieldsIn(sort);
  let bytes = 0;
  for (const rows of accessRows(file, plan, 0, PIECE, [])) {
    for (const found of rows) {
      const row = shelf.place(sortKey(found.document, fields), found);
      if (order.add(row)) bytes += sizeOf(row);
    }
    yield [];
    if (order.isOverfull) {
      const kept = yield* inSteps(order.trim());
      bytes = kept.reduce((sum, row) => sum + sizeOf(row), 0);
    }
    if (bytes > SORT_LIMIT_BYTES) {
      throw new StoreError(
        'QueryExceededMemoryLimit',
        'Sort exceeded memory limit of 104857600 bytes; add an index that gives this order',
      );
    }
  }
  yield* fetchAllOf(file, plan.collection, cut(order.sorted(), window));
}

function* fetchAllOf(file: SqlReader, collection: CollectionRecord, sorted: Iterable<SortedRow[]>): Rows {
  const pieces = new PieceSize(PIECE, collection);
  for (const piece of sorted) {
    for (let from = 0; from < piece.length;) {
      const part = piece.slice(from, from + pieces.size);
      from += part.length;
      const rows = fetchRows(file, collection, part);
      pieces.learn(rows);
      yield rows;
    }
  }
}

/** The part a window leaves of what comes in pieces. */
export function* cut<Item>(pieces: Iterable<Item[]>, window: Window): Generator<Item[], void, undefined> {
  let { skip } = window;
  let left = window.limit ?? Infinity;
  if (left === 0) return;
  for (const piece of pieces) {
    const passed = Math.min(skip, piece.length);
    skip -= passed;
    const part = piece.slice(passed, passed + left);
    left -= part.length;
    yield part;
    if (left === 0) return;
  }
}

/** Reads the documents of a plan in its order, within a window of skip and limit. */
export function runPlan(file: SqlReader, plan: Plan, sort: readonly SortPart[], window: Window): Rows {
  if (plan.memorySort !== null) return sortedRows(file, plan, plan.memorySort, window);
  const skipsEntries =
    plan.access.kind === 'index' && plan.settled && !plan.access.repeats && plan.access.within === null;
  const first = window.limit === null ? PIECE : window.limit + (skipsEntries ? 0 : window.skip);
  const rows = accessRows(file, plan, skipsEntries ? window.skip : 0, Math.max(1, first), sort);
  return cut(rows, skipsEntries ? { skip: 0, limit: window.limit } : window);
}

/** The number of documents when the file can count them without reading them, otherwise null. */
export function quickCount(file: SqlReader, plan: Plan): number | null {
  const { access, settled, collection } = plan;
  if (!settled) return null;
  if (access.kind === 'collection') return collection.count;
  if (access.kind === 'index') return access.repeats || access.within !== null ? null : countEntries(file, access);
  return access.kind === 'union' ? null : countMatches(file, access);
}
