import { documentValue } from '../documents/raw-value';
import { parseIndexDefinition } from './index-definition';
import { textsOf } from './index-entries';
import type { SqliteFile, SqlReader } from './sqlite-file';
import { textColumns } from './text-table';

/** One step of the data file from format `from` to the next. */
export interface Migration {
  readonly from: number;
  /** What the step is for, in a few words. */
  readonly name: string;
  apply(file: SqliteFile): void;
}

/** The format of the first data files, as {@link createNewest} made them before any step existed. */
const FIRST_FORMAT = 1;

/**
 * Puts the fields of text indexes over several fields into the order of their names. Stores of the formats before kept them in the
 * order createIndexes gave until the next start, and by name from then on, so words may lie under the wrong field.
 */
function orderTextFields(file: SqliteFile): void {
  for (const [id, collectionId, spec] of file.all<[number, number, Buffer]>(
    'SELECT id, collection_id, spec FROM indexes',
    [],
  )) {
    const definition = parseIndexDefinition(documentValue(spec));
    const fields = definition.weights?.length ?? 0;
    if (fields < 2) continue;
    file.exec(`INSERT INTO t${id}(t${id}) VALUES('delete-all')`);
    const { columns, places } = textColumns(fields);
    for (let after = 0; ;) {
      const rows = file.all<[number, Buffer]>(
        `SELECT rid, doc FROM d${collectionId} WHERE rid>? ORDER BY rid LIMIT 20`,
        [after],
      );
      const last = rows.at(-1);
      if (last === undefined) break;
      for (const [rid, document] of rows) {
        const texts = textsOf(definition, document);
        if (texts !== null) file.run(`INSERT INTO t${id}(rowid,${columns}) VALUES(?,${places})`, [rid, ...texts]);
      }
      after = last[0];
    }
  }
}

/** All steps in order. A step is never changed once it was released: files made by it exist. */
export const MIGRATIONS: readonly Migration[] = [
  {
    from: 1,
    name: 'remember how far an index is built',
    apply: (file) => file.exec('ALTER TABLE indexes ADD COLUMN built_to INTEGER'),
  },
  { from: 2, name: 'put the fields of text indexes into one order', apply: orderTextFields },
  {
    from: 3,
    name: 'remember whether the numbers of documents are up to date',
    apply: (file) => file.exec("INSERT INTO store_meta VALUES('counted', 1)"),
  },
];

/** The format this store reads and writes. */
export const FORMAT_VERSION = FIRST_FORMAT + MIGRATIONS.length;

/** The data file has a format this store does not read. */
export class StoreFormatError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'StoreFormatError';
  }
}

/** The tables every data file has, besides those of its collections and indexes. */
export const CATALOG_TABLES: readonly string[] = ['store_meta', 'collections', 'indexes', 'sessions'];

/** The catalog of an empty data file, straight in the newest format. */
function createNewest(file: SqliteFile): void {
  file.exec(`
    CREATE TABLE store_meta(name TEXT PRIMARY KEY, value INTEGER NOT NULL);
    CREATE TABLE collections(
      id INTEGER PRIMARY KEY AUTOINCREMENT, db TEXT NOT NULL, name TEXT NOT NULL, uuid BLOB NOT NULL,
      count INTEGER NOT NULL, UNIQUE(db, name));
    CREATE TABLE indexes(
      id INTEGER PRIMARY KEY AUTOINCREMENT, collection_id INTEGER NOT NULL, spec BLOB NOT NULL, multikey TEXT NOT NULL,
      built_to INTEGER);
    CREATE TABLE sessions(
      lsid BLOB PRIMARY KEY, txn INTEGER NOT NULL, progress BLOB NOT NULL, used_at INTEGER NOT NULL) WITHOUT ROWID;
    INSERT INTO store_meta VALUES('counted', 1);
  `);
}

/** Whether the numbers of documents in the catalog are those of the documents: they are not while a store writes, nor after it was killed. */
export function isCounted(file: SqlReader): boolean {
  return file.one<[number]>("SELECT value FROM store_meta WHERE name='counted'", [])?.[0] === 1;
}

export function setCounted(file: SqliteFile, counted: boolean): void {
  file.run("UPDATE store_meta SET value=? WHERE name='counted'", [Number(counted)]);
}

function inOneTransaction(file: SqliteFile, change: () => void): void {
  file.exec('BEGIN IMMEDIATE');
  try {
    change();
    file.exec('COMMIT');
  } catch (error) {
    if (file.inTransaction) file.exec('ROLLBACK');
    throw error;
  }
}

/**
 * The format of a data file, or null when it is empty.
 * @throws StoreFormatError when it is the database of something else.
 */
export function readFormat(file: SqliteFile): number | null {
  const tables = file.all<[string]>(
    "SELECT name FROM sqlite_schema WHERE type='table' AND name NOT LIKE 'sqlite_%'",
    [],
  );
  if (tables.length === 0) return null;
  const format = tables.some(([name]) => name === 'store_meta')
    ? file.one<[number]>("SELECT value FROM store_meta WHERE name='format'", [])?.[0]
    : undefined;
  if (format === undefined) {
    throw new StoreFormatError(
      'the file is an SQLite database, but not the data file of a store: it has no format version; use another folder',
    );
  }
  return format;
}

/** @throws StoreFormatError naming both versions and what to do, when a file is newer than this store or older than any. */
export function refuseUnknownFormat(found: number, known: number = FORMAT_VERSION): void {
  if (found > known) {
    throw new StoreFormatError(
      `the data file has format ${found}, made by a newer store; this store reads up to format ${known}: ` +
        'start the newer version on it, or restore a backup made with this one',
    );
  }
  if (!Number.isInteger(found) || found < FIRST_FORMAT) {
    throw new StoreFormatError(
      `the data file says format ${found}, which no store wrote; formats ${FIRST_FORMAT} to ${known} exist: restore a backup`,
    );
  }
}

/**
 * Brings a data file to the newest format: an empty one at once, an older one step by step. Each step and its version number are
 * one transaction, so a crash in between leaves the version before it, whole.
 * @throws StoreFormatError when the file is newer than this store or is no data file of one.
 */
export function migrate(file: SqliteFile, steps: readonly Migration[] = MIGRATIONS): void {
  const newest = FIRST_FORMAT + steps.length;
  const found = readFormat(file);
  if (found === null) {
    inOneTransaction(file, () => {
      createNewest(file);
      file.run("INSERT INTO store_meta VALUES('format', ?)", [newest]);
    });
    return;
  }
  refuseUnknownFormat(found, newest);
  for (const step of steps.slice(found - FIRST_FORMAT)) {
    inOneTransaction(file, () => {
      step.apply(file);
      file.run("UPDATE store_meta SET value=? WHERE name='format'", [step.from + 1]);
    });
  }
}
