import type { CollectionRecord } from '../storage/catalog';
import type { DocumentWriter } from '../storage/document-writer';
import type { Storage } from '../storage/storage';
import type { Change } from './overlay';
import type { Transaction } from './transaction';

/** Carries out one change; `stored` knows the record ids that new documents got. */
function apply(
  writer: DocumentWriter,
  collection: CollectionRecord,
  change: Change,
  stored: Map<number, number>,
): void {
  const { rid, before, after, touched } = change;
  const storedRid = stored.get(rid) ?? rid;
  if (before === null) {
    if (after !== null) stored.set(rid, writer.insert(collection, after));
  } else if (after === null) writer.remove(collection, storedRid, before);
  else writer.replace(collection, storedRid, before, after, touched);
}

/**
 * Carries out what a transaction has changed, in its order, inside the SQLite transaction the caller opened; every step is one change. It
 * must have been prepared and its locks released before, in the same turn of the writer, so that nobody comes in between.
 */
export function* applyChanges(storage: Storage, writer: DocumentWriter, transaction: Transaction): Generator<void> {
  for (const overlay of transaction.overlays) {
    if (overlay.moment === 0) continue;
    const { database, name } = overlay.collection;
    const target = storage.find(database, name) ?? storage.createForCommit(database, name);
    const stored = new Map<number, number>();
    for (const change of overlay.changes) {
      apply(writer, target, change, stored);
      yield;
    }
  }
}
