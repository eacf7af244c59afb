import { type IndexField, sortKey } from '../keys/index-keys';
import type { Row, Rows } from '../planner/run-plan';
import type { Matcher } from '../matcher/matcher';
import type { Overlay } from './overlay';

interface ChangedView {
  readonly overlay: Overlay;
  readonly moment: number;
  readonly matches: Matcher;
  /** Changed documents that match. */
  readonly changed: readonly Row[];
}

/** Changed documents that still match stay in their places; the others come at the end. */
function* inAnyOrder(base: Rows, { overlay, moment, matches, changed }: ChangedView): Rows {
  const delivered = new Set<number>();
  for (const piece of base) {
    yield piece.flatMap((row) => {
      const document = overlay.at(row.rid, moment);
      if (document === undefined) return row;
      if (document === null || !matches(document)) return [];
      delivered.add(row.rid);
      return { ...row, document };
    });
  }
  yield changed.filter(({ rid }) => !delivered.has(rid));
}

function* inOrder(base: Rows, { overlay, moment, changed }: ChangedView, fields: readonly IndexField[]): Rows {
  const keyed = changed
    .map((row) => ({ row, key: sortKey(row.document, fields) }))
    .sort((a, b) => a.key.compare(b.key));
  let next = 0;
  for (const piece of base) {
    const merged: Row[] = [];
    for (const row of piece) {
      if (overlay.at(row.rid, moment) !== undefined) continue;
      const key = sortKey(row.document, fields);
      for (let own = keyed[next]; own !== undefined && own.key.compare(key) < 0; own = keyed[next]) {
        merged.push(own.row);
        next += 1;
      }
      merged.push(row);
    }
    yield merged;
  }
  yield keyed.slice(next).map(({ row }) => row);
}

/**
 * The rows of a snapshot as a transaction sees them: without what it removed, with what it changed or added.
 * @param base the rows of the snapshot that match, in the order of `fields`; changed ones may be among them.
 */
export function overlaidRows(base: Rows, view: ChangedView, fields: readonly IndexField[]): Rows {
  return fields.length === 0 ? inAnyOrder(base, view) : inOrder(base, view, fields);
}
