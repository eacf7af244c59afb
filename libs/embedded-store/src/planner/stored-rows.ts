import type { SqlValue } from '../storage/sqlite-file';

/** A stored document with its record id and, after a ranked text search, its score. */
export interface Row {
  readonly rid: number;
  readonly document: Buffer;
  readonly score: number;
}

/**
 * Puts all rows of a query that has the columns `rid` and `doc` into one: the driver spends more on each row it hands over than SQLite on
 * reading it. Documents tell their lengths, so they can lie one behind the other. Both lists keep the order in which the rows come.
 */
export const ROWS_IN_ONE = "CAST(group_concat(doc, '') AS BLOB), group_concat(rid)";

/** What {@link ROWS_IN_ONE} gives: nulls when there was no row. */
export type RowsInOne = readonly [documents: Buffer | null, rids: SqlValue, ...others: SqlValue[]];

/** Takes the rows apart again. */
export function storedRows(row: RowsInOne | undefined): Row[] {
  const documents = row?.[0] ?? null;
  if (documents === null) return [];
  const rows: Row[] = [];
  let start = 0;
  for (const rid of String(row?.[1]).split(',')) {
    const end = start + documents.readInt32LE(start);
    rows.push({ rid: Number(rid), document: documents.subarray(start, end), score: 0 });
    start = end;
  }
  if (start !== documents.length) throw new Error('stored documents do not fit their lengths');
  return rows;
}
