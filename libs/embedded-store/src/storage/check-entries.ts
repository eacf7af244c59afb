import { BsonType } from '../documents/bson-type';
import { findId, validateDocument } from '../documents/raw-document';
import { StoreError } from '../errors/store-error';
import type { CollectionRecord, IndexRecord } from './catalog';
import { nameOf, type Report } from './check-report';
import { keysOf } from './index-entries';
import { printedKey } from './duplicate-key';
import type { SqlReader, SqlValue } from './sqlite-file';

const PAGE = 500;

/** Entries looked up in one go. */
const LOOKUPS = 250;

/** What is wrong with the bytes of a stored document, or null when they are sound. */
export function faultOf(document: SqlValue): string | null {
  if (!Buffer.isBuffer(document)) return 'it is not stored as bytes';
  try {
    const end = validateDocument(document, 0, document.length);
    if (end !== document.length) return `${document.length - end} bytes lie behind its end`;
  } catch (error) {
    if (error instanceof StoreError) return error.message;
    throw error;
  }
  const id = findId(document);
  if (id === null) return 'it has no _id';
  if (id.type === BsonType.array || id.type === BsonType.regex || id.type === BsonType.undefined) {
    return 'its _id has a type no _id may have';
  }
  return null;
}

/** The keys a sound document ought to have in an index, or the reason why it can have none. */
function expectedKeys(index: IndexRecord, document: Buffer): ReturnType<typeof keysOf> | StoreError {
  try {
    return keysOf(index.definition, document);
  } catch (error) {
    if (error instanceof StoreError) return error;
    throw error;
  }
}

/** Holds the entries of one ordered index against the documents: first document by document, then what is left over. */
export class EntryCheck {
  #found = 0;
  /** Keys and record ids in turn. */
  #wanted: (Buffer | number)[] = [];
  readonly #reportedFlags = new Set<number>();

  constructor(
    private readonly file: SqlReader,
    private readonly collection: CollectionRecord,
    private readonly index: IndexRecord,
    private readonly report: Report,
  ) {}

  get #at(): { namespace: string; index: string } {
    return { namespace: this.collection.namespace, index: this.index.name };
  }

  /** Notes every entry a sound document ought to have, to be looked up with those of others. */
  take(rid: number, document: Buffer): void {
    const { index } = this;
    if (!index.covers(rid)) return;
    const expected = expectedKeys(index, document);
    if (expected instanceof StoreError) {
      // While an index is built such a document is set aside; the build is refused at its end.
      if (index.build === null) {
        const detail = `the document cannot be in this index: ${expected.message}`;
        this.report({ kind: 'missing_entry', ...this.#at, id: nameOf(document, rid), detail });
      }
      return;
    }
    for (const key of expected.keys) {
      this.#wanted.push(key, rid);
      if (this.#wanted.length === 2 * LOOKUPS) this.#lookUp();
    }
    this.#checkFlag(expected.multikeyField, rid, document);
  }

  /** Looks up the noted entries in one statement: one for each would take many times as long. */
  #lookUp(): void {
    if (this.#wanted.length === 0) return;
    const wanted = this.#wanted;
    this.#wanted = [];
    const rows = Array.from({ length: wanted.length / 2 }, () => '(?,?)').join(',');
    const missing = this.file.all<[Buffer, number]>(
      `WITH wanted(key, rid) AS (VALUES ${rows}) SELECT key, rid FROM wanted WHERE NOT EXISTS ` +
        `(SELECT 1 FROM ${this.index.table} AS entry WHERE entry.key=wanted.key AND entry.rid=wanted.rid)`,
      wanted,
    );
    this.#found += wanted.length / 2 - missing.length;
    for (const [key, rid] of missing) {
      const document = this.#documentOf(rid);
      if (!Buffer.isBuffer(document)) continue;
      const detail = `the index has no entry ${printedKey(document, this.index.definition.fields, key)} for the document`;
      this.report({ kind: 'missing_entry', ...this.#at, id: nameOf(document, rid), detail });
    }
  }

  #checkFlag(field: number, rid: number, document: Buffer): void {
    if (field === -1 || this.index.multikey[field] === true || this.#reportedFlags.has(field)) return;
    this.#reportedFlags.add(field);
    const path = this.index.definition.fields[field]?.path.text ?? '';
    const detail = `the document has an array at ${path}, but the index is not marked as having any there`;
    this.report({ kind: 'multikey', ...this.#at, id: nameOf(document, rid), detail });
  }

  /** Looks for entries no document accounts for and for keys held twice; returns the number of entries there are. */
  finish(): number {
    const { index } = this;
    this.#lookUp();
    const entries = this.file.one<[number]>(`SELECT count(*) FROM ${index.table}`, [])?.[0] ?? 0;
    if (entries !== this.#found) this.#findStrays();
    const isUnique = index.definition.unique || index === this.collection.idIndex;
    if (isUnique && index.build === null) this.#findDuplicates();
    return entries;
  }

  #documentOf(rid: number): SqlValue | undefined {
    return this.file.one<[SqlValue]>(`SELECT doc FROM ${this.collection.table} WHERE rid=?`, [rid])?.[0];
  }

  #findStrays(): void {
    const { table } = this.index;
    let last: readonly [SqlValue, number] | undefined;
    for (;;) {
      const rows: (readonly [SqlValue, number])[] =
        last === undefined
          ? this.file.all(`SELECT key, rid FROM ${table} ORDER BY key, rid LIMIT ${PAGE}`, [])
          : this.file.all(`SELECT key, rid FROM ${table} WHERE (key, rid)>(?,?) ORDER BY key, rid LIMIT ${PAGE}`, last);
      last = rows.at(-1);
      if (last === undefined) return;
      for (const [key, rid] of rows) this.#judge(key, rid);
    }
  }

  #judge(key: SqlValue, rid: number): void {
    const document = this.#documentOf(rid);
    if (document === undefined) {
      const detail = 'the index has an entry for a document that is not there';
      this.report({ kind: 'stray_entry', ...this.#at, id: nameOf(null, rid), detail });
      return;
    }
    // What a broken document ought to have cannot be told.
    if (faultOf(document) !== null || !Buffer.isBuffer(document)) return;
    const expected = this.index.covers(rid) ? expectedKeys(this.index, document) : null;
    const keys = expected === null || expected instanceof StoreError ? [] : expected.keys;
    if (Buffer.isBuffer(key) && keys.some((own) => own.equals(key))) return;
    const shown = Buffer.isBuffer(key) ? key.toString('hex') : JSON.stringify(key);
    const detail = `the index has an entry the document does not give, key bytes ${shown}`;
    this.report({ kind: 'stray_entry', ...this.#at, id: nameOf(document, rid), detail });
  }

  #findDuplicates(): void {
    const { table, definition } = this.index;
    let from: SqlValue | undefined;
    for (;;) {
      const rows: [SqlValue, number, number, number][] = this.file.all(
        `SELECT key, count(*), min(rid), max(rid) FROM ${table} ${from === undefined ? '' : 'WHERE key>?'} ` +
          `GROUP BY key HAVING count(*)>1 ORDER BY key LIMIT ${PAGE}`,
        from === undefined ? [] : [from],
      );
      from = rows.at(-1)?.[0];
      if (from === undefined) return;
      for (const [key, holders, first, last] of rows) {
        const document = this.#documentOf(last);
        const sound = Buffer.isBuffer(document) && faultOf(document) === null ? document : null;
        const shown = sound !== null && Buffer.isBuffer(key) ? ` ${printedKey(sound, definition.fields, key)}` : '';
        const detail = `${holders} documents hold the unique key${shown}, among them records ${first} and ${last}`;
        this.report({ kind: 'duplicate', ...this.#at, id: nameOf(sound, last), detail });
      }
    }
  }
}
