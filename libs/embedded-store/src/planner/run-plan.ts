import { type IndexField, sortKey } from '../keys/index-keys';
import { StoreError } from '../errors/store-error';
import type { CollectionRecord } from '../storage/catalog';
import type { SqlReader } from '../storage/sqlite-file';
import { countEntries, openScan } from './index-scan';
import { type Access, countMatches, type Plan, type SortPart, type TextAccess } from './plan';

/** A stored document with its record id and, after a ranked text search, its score. */
export interface Row {
  readonly rid: number;
  readonly document: Buffer;
  readonly score: number;
}

/** Rows in pieces. An empty piece only gives the caller a chance to let others run. */
export type Rows = Generator<Row[], void, undefined>;

export interface Window {
  readonly skip: number;
  /** Null for all. */
  readonly limit: number | null;
}

const PIECE = 256;
const PIECE_BYTES = 2 * 1024 * 1024;
const SORT_LIMIT_BYTES = 100 * 1024 * 1024;

/** Sizes the next piece so that it holds about {@link PIECE_BYTES}. */
class PieceSize {
  #size: number;

  constructor(first: number) {
    this.#size = Math.min(first, 32);
  }

  get size(): number {
    return this.#size;
  }

  learn(documents: readonly Buffer[]): void {
    if (documents.length === 0) return;
    const bytes = documents.reduce((sum, { length }) => sum + length, 0);
    const fitting = Math.floor(PIECE_BYTES / Math.max(1, bytes / documents.length));
    this.#size = Math.max(1, Math.min(PIECE, fitting, this.#size * 4));
  }
}

/** The document under a record id, or null when it is gone. */
export function fetchDocument(file: SqlReader, collection: CollectionRecord, rid: number): Buffer | null {
  return file.one<[Buffer]>(`SELECT doc FROM ${collection.table} WHERE rid=?`, [rid])?.[0] ?? null;
}

/** The documents under these record ids, in the order of the ids; ids that are gone are left out. */
function fetchRows(
  file: SqlReader,
  collection: CollectionRecord,
  ids: readonly { rid: number; score: number }[],
): Row[] {
  const [first] = ids;
  if (first === undefined) return [];
  if (ids.length === 1) {
    const document = fetchDocument(file, collection, first.rid);
    return document === null ? [] : [{ ...first, document }];
  }
  const found = new Map(
    file.all<[number, Buffer]>(
      `SELECT rid, doc FROM ${collection.table} WHERE rid IN (SELECT value FROM json_each(?))`,
      [JSON.stringify(ids.map(({ rid }) => rid))],
    ),
  );
  return ids.flatMap(({ rid, score }) => {
    const document = found.get(rid);
    return document === undefined ? [] : [{ rid, score, document }];
  });
}

function* scanCollection(file: SqlReader, collection: CollectionRecord, first: number): Rows {
  const pieces = new PieceSize(first);
  let after = 0;
  for (;;) {
    const found = file.all<[number, Buffer]>(
      `SELECT rid, doc FROM ${collection.table} WHERE rid>? ORDER BY rid LIMIT ?`,
      [after, pieces.size],
    );
    const last = found.at(-1);
    if (last === undefined) return;
    after = last[0];
    pieces.learn(found.map(([, document]) => document));
    yield found.map(([rid, document]) => ({ rid, document, score: 0 }));
  }
}

type Ids = Generator<{ rid: number; score: number }[], void, undefined>;

/** Record ids of everything a text search finds. */
function hitsOf(file: SqlReader, { expression, index: { table } }: TextAccess): Set<number> {
  if (expression === null) return new Set();
  return new Set(
    file.all<[number]>(`SELECT rowid FROM ${table} WHERE ${table} MATCH ?`, [expression]).map(([rid]) => rid),
  );
}

function* indexIds(file: SqlReader, access: Extract<Access, { kind: 'index' }>, skip: number, pieces: PieceSize): Ids {
  const scan = openScan(file, access);
  if (skip > 0) scan.skip(skip);
  const seen = access.repeats ? new Set<number>() : null;
  const hits = access.within === null ? null : hitsOf(file, access.within);
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

function* textIds({
  file,
  access,
  tieBreak,
}: {
  file: SqlReader;
  access: TextAccess;
  tieBreak: ((ids: { rid: number; score: number }[]) => { rid: number; score: number }[]) | null;
}): Ids {
  const { expression, index } = access;
  if (expression === null) return;
  if (!access.ranked) {
    let after = 0;
    for (;;) {
      const sql = `SELECT rowid, ${scoreOf(access)} FROM ${index.table} WHERE ${index.table} MATCH ? AND rowid>? ORDER BY rowid LIMIT ?`;
      const rows = file.all<[number, number]>(sql, [expression, after, 1000]);
      const last = rows.at(-1);
      if (last === undefined) return;
      after = last[0];
      yield rows.map(([rid, score]) => ({ rid, score }));
    }
  }
  let delivered = 0;
  for (let reach = 200; ; reach *= 8) {
    const sql = `SELECT rowid, ${scoreOf(access)} AS score FROM ${index.table} WHERE ${index.table} MATCH ? ORDER BY score DESC, rowid LIMIT ?`;
    const found = file.all<[number, number]>(sql, [expression, reach]).map(([rid, score]) => ({ rid, score }));
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

function* byScore(ids: readonly { rid: number; score: number }[]): Generator<{ rid: number; score: number }[]> {
  let group: { rid: number; score: number }[] = [];
  for (const id of ids) {
    if (group[0] !== undefined && group[0].score !== id.score) {
      yield group;
      group = [];
    }
    group.push(id);
  }
  if (group.length > 0) yield group;
}

const fieldsIn = (sort: readonly SortPart[]): IndexField[] =>
  sort.flatMap((part) => ('field' in part ? [part.field] : []));

function* fetchAll(file: SqlReader, plan: Plan, ids: Ids, pieces: PieceSize): Rows {
  for (const piece of ids) {
    for (let from = 0; from < piece.length;) {
      const part = piece.slice(from, from + pieces.size);
      from += part.length;
      const rows = fetchRows(file, plan.collection, part);
      pieces.learn(rows.map(({ document }) => document));
      yield plan.residual === null ? rows : rows.filter(({ document }) => plan.residual?.(document) !== false);
    }
    if (piece.length === 0) yield [];
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
  const pieces = new PieceSize(first);
  switch (access.kind) {
    case 'collection':
      for (const rows of scanCollection(file, collection, first)) {
        yield residual === null ? rows : rows.filter(({ document }) => residual(document));
      }
      return;
    case 'union':
      yield* unionRows(file, plan, access.branches);
      return;
    case 'index':
      yield* fetchAll(file, plan, indexIds(file, access, skip, pieces), pieces);
      return;
    case 'text': {
      const fields = fieldsIn(sort);
      const tieBreak =
        fields.length === 0
          ? null
          : (ids: { rid: number; score: number }[]) => sortIds(fetchRows(file, collection, ids), fields);
      yield* fetchAll(file, plan, textIds({ file, access, tieBreak }), pieces);
      return;
    }
  }
}

function sortIds(rows: readonly Row[], fields: readonly IndexField[]): { rid: number; score: number }[] {
  return rows
    .map((row) => ({ rid: row.rid, score: row.score, key: sortKey(row.document, fields) }))
    .sort((a, b) => a.key.compare(b.key));
}

interface SortedRow {
  readonly key: Buffer;
  readonly rid: number;
  readonly score: number;
}

/** Keeps the least rows by sort key; holds keys and ids only, documents are read again when delivered. */
class SortBuffer {
  #rows: SortedRow[] = [];
  #bytes = 0;
  #bound: Buffer | null = null;

  constructor(private readonly keep: number | null) {}

  add(row: SortedRow): void {
    if (this.#bound !== null && row.key.compare(this.#bound) >= 0) return;
    this.#rows.push(row);
    this.#bytes += row.key.length + 64;
    if (this.keep !== null && this.#rows.length >= this.keep * 2 + 1000) this.#trim();
    if (this.#bytes > SORT_LIMIT_BYTES) {
      throw new StoreError(
        'QueryExceededMemoryLimit',
        'Sort exceeded memory limit of 104857600 bytes; add an index that gives this order',
      );
    }
  }

  #trim(): void {
    if (this.keep === null) return;
    this.#rows = this.sorted().slice(0, this.keep);
    this.#bytes = this.#rows.reduce((sum, { key }) => sum + key.length + 64, 0);
    this.#bound = this.#rows.at(-1)?.key ?? null;
  }

  sorted(): SortedRow[] {
    return this.#rows.sort((a, b) => a.key.compare(b.key));
  }
}

function* sortedRows(file: SqlReader, plan: Plan, sort: readonly SortPart[], window: Window): Rows {
  const keep = window.limit === null ? null : window.skip + window.limit;
  const buffer = new SortBuffer(keep);
  const fields = fieldsIn(sort);
  for (const rows of accessRows(file, plan, 0, PIECE, [])) {
    for (const { rid, document, score } of rows) buffer.add({ key: sortKey(document, fields), rid, score });
    yield [];
  }
  const sorted = buffer.sorted().slice(window.skip, keep ?? undefined);
  const pieces = new PieceSize(PIECE);
  for (let from = 0; from < sorted.length;) {
    const rows = fetchRows(file, plan.collection, sorted.slice(from, from + pieces.size));
    from += pieces.size;
    pieces.learn(rows.map(({ document }) => document));
    yield rows;
  }
}

function* cut(rows: Rows, window: Window): Rows {
  let { skip } = window;
  let left = window.limit ?? Infinity;
  if (left === 0) return;
  for (const piece of rows) {
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
