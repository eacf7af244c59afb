import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { validateDocument } from '../documents/raw-document';
import { documentValue } from '../documents/raw-value';
import { StoreError } from '../errors/store-error';
import { CollectionRecord, IndexBuild, IndexRecord } from './catalog';
import { EntryCheck, faultOf } from './check-entries';
import type { CheckSummary, Finding, Report } from './check-report';
import { TextCheck } from './check-text';
import { parseIndexDefinition } from './index-definition';
import { CATALOG_TABLES, FORMAT_VERSION, isCounted, readFormat, refuseUnknownFormat } from './migrations';
import { SqliteFile, type SqlValue } from './sqlite-file';
import { DATA_FILE } from './storage';

const PAGE = 500;

/** Bytes of documents read in one go. */
const PAGE_BYTES = 4 * 1024 * 1024;

/** The data file cannot be read at all, so nothing can be said about its content. */
export class StoreUnreadableError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'StoreUnreadableError';
  }
}

/** A data folder, whether a store serves it or not, or a file of its own such as a backup. */
export type CheckTarget = { readonly dataDir: string } | { readonly file: string };

/** The data file of a target. */
export function dataFileOf(target: CheckTarget): string {
  return resolve('file' in target ? target.file : join(target.dataDir, DATA_FILE));
}

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** A data file opened so that nothing of it can be changed. */
export interface OpenedFile {
  readonly file: SqliteFile;
  readonly format: number;
}

/** Opens a data file of this or an older format for reading. @throws StoreUnreadableError saying what is in the way. */
export function openForReading(path: string): OpenedFile {
  if (!existsSync(path)) throw new StoreUnreadableError(`there is no data file at ${path}`);
  let file: SqliteFile | null = null;
  try {
    file = new SqliteFile(`${pathToFileURL(path).href}?mode=ro`, 'reader');
    // Nothing can be written anyway; temporary tables and copies elsewhere must be possible.
    file.exec('PRAGMA query_only=OFF');
    const format = readFormat(file);
    if (format === null) throw new StoreUnreadableError(`${path} is empty: no store has written to it yet`);
    refuseUnknownFormat(format);
    return { file, format };
  } catch (error) {
    file?.close();
    if (error instanceof StoreUnreadableError) throw error;
    throw new StoreUnreadableError(`${path} cannot be read: ${textOf(error)}`, { cause: error });
  }
}

interface Totals {
  collections: number;
  documents: number;
  indexes: number;
  entries: number;
}

class StoreCheck {
  readonly totals: Totals = { collections: 0, documents: 0, indexes: 0, entries: 0 };
  readonly #tables: Set<string>;
  /** Whether the file says how many documents there are: a store that serves it knows better. */
  readonly #isCounted: boolean;
  /** Tables something in the catalog accounts for. */
  readonly #owned = new Set(CATALOG_TABLES);

  constructor(
    private readonly file: SqliteFile,
    private readonly report: Report,
  ) {
    const rows = file.all<[string]>(
      "SELECT name FROM sqlite_schema WHERE type='table' AND name NOT LIKE 'sqlite_%'",
      [],
    );
    this.#tables = new Set(rows.map(([name]) => name));
    this.#isCounted = isCounted(file);
  }

  #tell(kind: Finding['kind'], detail: string, at: Partial<Finding> = {}): void {
    this.report({ kind, namespace: null, index: null, id: null, ...at, detail });
  }

  run(): void {
    this.#checkFile();
    const indexes = this.#readIndexes();
    const collections = this.file.all<[number, string, string, Buffer, number]>(
      'SELECT id, db, name, uuid, count FROM collections ORDER BY db, name',
      [],
    );
    for (const [id, database, name, uuid, count] of collections) {
      this.totals.collections += 1;
      const collection = new CollectionRecord(id, database, name, uuid, count, 0, indexes.get(id) ?? []);
      indexes.delete(id);
      this.#guarded({ namespace: collection.namespace }, () => this.#checkCollection(collection));
    }
    for (const [id, orphans] of indexes) {
      for (const index of orphans) {
        this.#own(index);
        this.#tell('catalog', `the index belongs to collection number ${id}, which is not there`, {
          index: index.name,
        });
      }
    }
    for (const table of this.#tables) {
      if (!this.#owned.has(table)) this.#tell('catalog', `the table ${table} belongs to no collection and no index`);
    }
    this.#guarded({}, () => this.#checkSessions());
  }

  /** Runs a part of the check; what SQLite cannot read ends that part alone. */
  #guarded(at: Partial<Finding>, part: () => void): void {
    try {
      part();
    } catch (error) {
      this.#tell('file', `it cannot be read to its end: ${textOf(error)}`, at);
    }
  }

  #checkFile(): void {
    this.#guarded({}, () => {
      const messages = this.file.all<[string]>('PRAGMA integrity_check', []);
      for (const [message] of messages) if (message !== 'ok') this.#tell('file', message);
    });
  }

  #readIndexes(): Map<number, IndexRecord[]> {
    const indexes = new Map<number, IndexRecord[]>();
    for (const [id, collectionId, spec, multikey, builtTo] of this.file.all<
      [number, number, Buffer, string, number | null]
    >('SELECT id, collection_id, spec, multikey, built_to FROM indexes ORDER BY id', [])) {
      const list = indexes.get(collectionId) ?? [];
      indexes.set(collectionId, list);
      try {
        validateDocument(spec, 0, spec.length);
        const flags = [...multikey].map((flag) => flag === '1');
        list.push(
          new IndexRecord(
            id,
            parseIndexDefinition(documentValue(spec)),
            flags,
            builtTo === null ? null : new IndexBuild(builtTo),
          ),
        );
      } catch (error) {
        // Its table is known by its number, whatever kind of index it was.
        for (const table of this.#tables) if (/^[it](\d+)(_|$)/.exec(table)?.[1] === String(id)) this.#owned.add(table);
        this.#tell('catalog', `index number ${id} has a description that cannot be read: ${textOf(error)}`);
      }
    }
    return indexes;
  }

  #own({ table, definition }: IndexRecord): void {
    this.#owned.add(table);
    if (definition.weights === null) return;
    for (const part of ['data', 'idx', 'docsize', 'config']) this.#owned.add(`${table}_${part}`);
  }

  #checkCollection(collection: CollectionRecord): void {
    const { namespace } = collection;
    this.#owned.add(collection.table);
    for (const index of collection.indexes) this.#own(index);
    if (collection.indexes[0]?.name !== '_id_') {
      this.#tell('catalog', 'the collection has no index on _id', { namespace });
    }
    if (!this.#tables.has(collection.table)) {
      this.#tell('catalog', `the collection has no table ${collection.table}`, { namespace });
      return;
    }
    const present = collection.indexes.filter((index) => {
      if (this.#tables.has(index.table)) return true;
      this.#tell('catalog', `the index has no table ${index.table}`, { namespace, index: index.name });
      return false;
    });
    const checks = present.map((index) =>
      index.definition.weights === null
        ? new EntryCheck(this.file, collection, index, this.report)
        : new TextCheck(this.file, collection, index, this.report),
    );
    const documents = this.#walk(collection, (rid, document) => {
      for (const check of checks) check.take(rid, document);
    });
    if (this.#isCounted && documents !== collection.count) {
      this.#tell('count', `the collection counts ${collection.count} documents, but has ${documents}`, { namespace });
    }
    this.totals.documents += documents;
    this.totals.indexes += present.length;
    for (const check of checks) this.totals.entries += check.finish();
  }

  /** Hands over every sound document; returns how many documents there are, sound or not. */
  #walk(collection: CollectionRecord, take: (rid: number, document: Buffer) => void): number {
    let documents = 0;
    let last = -Number.MAX_SAFE_INTEGER;
    let limit = 1;
    for (;;) {
      const rows: [number, SqlValue][] = this.file.all(
        `SELECT rid, doc FROM ${collection.table} WHERE rid>? ORDER BY rid LIMIT ${limit}`,
        [last],
      );
      const end = rows.at(-1)?.[0];
      if (end === undefined) return documents;
      let bytes = 1;
      for (const [rid, document] of rows) {
        documents += 1;
        const fault = faultOf(document);
        if (fault === null && Buffer.isBuffer(document)) {
          bytes += document.length;
          take(rid, document);
        } else {
          const at = { namespace: collection.namespace, id: `record ${rid}` };
          this.#tell('document', `the document is damaged: ${fault ?? ''}`, at);
        }
      }
      limit = Math.max(1, Math.min(PAGE, limit * 2, Math.floor((PAGE_BYTES * rows.length) / bytes)));
      last = end;
    }
  }

  #checkSessions(): void {
    let last: SqlValue = Buffer.alloc(0);
    for (;;) {
      const rows: [SqlValue, SqlValue, SqlValue][] = this.file.all(
        `SELECT lsid, txn, progress FROM sessions WHERE lsid>? ORDER BY lsid LIMIT ${PAGE}`,
        [last],
      );
      const end = rows.at(-1)?.[0];
      if (end === undefined) return;
      for (const [session, number, progress] of rows) {
        const name = Buffer.isBuffer(session) ? session.toString('hex') : String(session);
        if (!isDocument(session)) this.#tell('session', `session ${name} has an id that is not BSON`);
        if (typeof number !== 'number') this.#tell('session', `session ${name} has no number of its last write`);
        if (!isDocument(progress)) this.#tell('session', `session ${name} has progress that is not BSON`);
      }
      last = end;
    }
  }
}

function isDocument(bytes: SqlValue): boolean {
  try {
    return Buffer.isBuffer(bytes) && validateDocument(bytes, 0, bytes.length) === bytes.length;
  } catch (error) {
    if (error instanceof StoreError) return false;
    throw error;
  }
}

/**
 * Checks a whole data file in one snapshot, also while a store serves it, and changes nothing in it: SQLite's own structures; every
 * document is sound and has an `_id`; every index has exactly the entries its documents give, both ways, text indexes word by word;
 * flags, unique keys, counts, catalog and saved sessions. Hands over each finding as it comes; memory stays bounded.
 * @throws StoreUnreadableError when there is no data file, or none this store can read.
 */
export function checkStore(target: CheckTarget, report: Report = () => undefined): CheckSummary {
  const path = dataFileOf(target);
  const { file, format } = openForReading(path);
  try {
    if (format < FORMAT_VERSION) {
      throw new StoreUnreadableError(
        `${path} has format ${format}; start a store on it once, which brings it to format ${FORMAT_VERSION}`,
      );
    }
    // The mirrors of text indexes are temporary tables, and may be larger than memory should hold.
    file.exec('PRAGMA temp_store=FILE');
    file.exec('BEGIN');
    let findings = 0;
    const check = new StoreCheck(file, (finding) => {
      findings += 1;
      report(finding);
    });
    check.run();
    file.exec('ROLLBACK');
    return { file: path, format, ...check.totals, findings };
  } finally {
    file.close();
  }
}
