import type { CollectionRecord, IndexRecord } from './catalog';
import type { SqlReader } from './sqlite-file';

/** What a collection takes, in bytes. */
export interface CollectionSizes {
  /** Its documents, as BSON. */
  documents: number;
  /** The pages of the data file that hold them. */
  storage: number;
  /** The pages of each index, by name. */
  readonly indexes: Map<string, number>;
}

const ROWS_AT_ONCE = 2000;

/** Tables a full text index keeps its entries in. */
const TEXT_TABLES = ['data', 'idx', 'docsize', 'config'];

/** Bytes of the pages of a table, those it has free included. SQLite walks the table for it: about 0.25 s for each gigabyte. */
function pagesOf(file: SqlReader, table: string): number {
  return file.one<[number | null]>('SELECT pgsize FROM dbstat WHERE aggregate=TRUE AND name=?', [table])?.[0] ?? 0;
}

function tablesOf(index: IndexRecord): string[] {
  return index.definition.weights === null ? [index.table] : TEXT_TABLES.map((part) => `${index.table}_${part}`);
}

/** Measures a collection piece by piece into the answer, which is complete when the generator ends; others run between the pieces. */
export function* measureCollection(file: SqlReader, collection: CollectionRecord): Generator<void, CollectionSizes> {
  const sizes: CollectionSizes = { documents: 0, storage: 0, indexes: new Map() };
  for (let after: number | null = 0; after !== null;) {
    const [bytes, last]: readonly [number, number | null] = file.one<[number, number | null]>(
      `SELECT coalesce(sum(bytes), 0), max(rid) FROM ` +
        `(SELECT rid, length(doc) AS bytes FROM ${collection.table} WHERE rid>? ORDER BY rid LIMIT ${ROWS_AT_ONCE})`,
      [after],
    ) ?? [0, null];
    sizes.documents += bytes;
    after = last;
    yield;
  }
  sizes.storage = pagesOf(file, collection.table);
  yield;
  for (const index of collection.indexes) {
    const tables = tablesOf(index);
    sizes.indexes.set(
      index.name,
      tables.reduce((sum, table) => sum + pagesOf(file, table), 0),
    );
    yield;
  }
  return sizes;
}
