import { BsonType } from '../documents/bson-type';
import { FieldCursor, findId } from '../documents/raw-document';
import { StoreError } from '../errors/store-error';
import type { DocumentKeys } from '../keys/index-keys';
import type { CollectionRecord, IndexRecord } from './catalog';
import { duplicateKeyError } from './duplicate-key';
import { keysOf, NO_KEYS, textsOf } from './index-entries';
import type { Storage } from './storage';
import { textColumns } from './text-table';

/** The largest document MongoDB stores, in bytes. */
export const MAX_DOCUMENT_BYTES = 16 * 1024 * 1024;

interface IndexChange {
  readonly index: IndexRecord;
  readonly added: readonly Buffer[];
  readonly removed: readonly Buffer[];
  readonly multikeyField: number;
}

interface TextChange {
  readonly index: IndexRecord;
  readonly added: readonly string[] | null;
  readonly removed: boolean;
}

export function checkDocument(document: Buffer, isNew = true): void {
  if (document.length > MAX_DOCUMENT_BYTES) {
    const message = isNew
      ? `object to insert too large. size in bytes: ${document.length}, max size: ${MAX_DOCUMENT_BYTES}`
      : `Resulting document after update is larger than ${MAX_DOCUMENT_BYTES}`;
    throw new StoreError('BSONObjectTooLarge', message);
  }
  const id = findId(document);
  if (id === null) throw new Error('a document reached the storage without an _id');
  if (id.type === BsonType.array || id.type === BsonType.regex || id.type === BsonType.undefined) {
    throw new StoreError('InvalidIdField', "The '_id' value cannot be an array, a regular expression or undefined");
  }
}

const missingFrom = (keys: readonly Buffer[], others: readonly Buffer[]): Buffer[] =>
  keys.filter((key) => !others.some((other) => other.equals(key)));

/** Names of the top-level fields whose bytes differ between two documents. */
export function changedFields(before: Buffer, after: Buffer): Set<string> {
  const changed = new Set<string>();
  const old = new FieldCursor(before);
  const next = new FieldCursor(after);
  for (;;) {
    const hasOld = old.advance();
    const hasNext = next.advance();
    if (!hasOld && !hasNext) return changed;
    if (hasOld && hasNext && before.compare(after, next.fieldStart, next.end, old.fieldStart, old.end) === 0) continue;
    if (hasOld && hasNext && before.compare(after, next.nameStart, next.nameEnd, old.nameStart, old.nameEnd) === 0) {
      changed.add(next.name());
      continue;
    }
    // From here on the fields stand in another order: every one left counts as changed.
    for (let more = hasOld; more; more = old.advance()) changed.add(old.name());
    for (let more = hasNext; more; more = next.advance()) changed.add(next.name());
    return changed;
  }
}

/**
 * Writes documents with their index entries, inside the transaction the caller opened. Everything that can be refused is
 * checked before the first row is written, so a refused statement leaves nothing behind. Entries that do not change are not touched.
 * What an open transaction has locked is refused with a WriteLockedError.
 */
export class DocumentWriter {
  constructor(private readonly storage: Storage) {}

  /** Stores a new document and returns its record id. @throws StoreError DuplicateKey and others, nothing written then. */
  insert(collection: CollectionRecord, document: Buffer): number {
    checkDocument(document);
    const rid = collection.nextRid;
    const changes: IndexChange[] = [];
    const texts: TextChange[] = [];
    for (const index of maintained(collection, rid)) {
      if (index.definition.weights !== null) {
        const added = textsOf(index.definition, document);
        if (added !== null) texts.push({ index, added, removed: false });
      } else {
        const { keys, multikeyField } = keysFor(index, rid, document);
        if (keys.length > 0) changes.push({ index, added: keys, removed: [], multikeyField });
      }
    }
    this.#checkUnique(collection, document, changes, rid);
    this.#checkKeyLocks(collection, changes);
    collection.nextRid = rid + 1;
    this.storage.file.write(collection.insertDocument, [rid, document]);
    this.#apply(changes, texts, rid);
    this.storage.adjustCount(collection, 1);
    return rid;
  }

  /**
   * Puts a document in the place of another with the same `_id`.
   * @param touched the top-level fields that may differ; null when that is not known.
   */
  replace(
    collection: CollectionRecord,
    rid: number,
    before: Buffer,
    after: Buffer,
    touched: ReadonlySet<string> | null,
  ): void {
    checkDocument(after, false);
    const changed = touched ?? changedFields(before, after);
    const changes: IndexChange[] = [];
    const texts: TextChange[] = [];
    for (const index of maintained(collection, rid)) {
      if (!dependsOnAny(index, changed)) continue;
      if (index.definition.weights !== null) {
        const change = textChange(index, before, after);
        if (change !== null) texts.push(change);
        continue;
      }
      const old = keysFor(index, rid, before).keys;
      const { keys, multikeyField } = keysFor(index, rid, after);
      const added = missingFrom(keys, old);
      const removed = missingFrom(old, keys);
      if (added.length > 0 || removed.length > 0) changes.push({ index, added, removed, multikeyField });
    }
    this.#checkUnique(collection, after, changes, rid);
    this.storage.locks.checkDocument(collection, rid);
    this.#checkKeyLocks(collection, changes);
    this.storage.changes.noteDocument(collection, rid);
    this.storage.file.write(collection.updateDocument, [after, rid]);
    this.#apply(changes, texts, rid);
  }

  remove(collection: CollectionRecord, rid: number, document: Buffer): void {
    const changes: IndexChange[] = [];
    const texts: TextChange[] = [];
    for (const index of maintained(collection, rid)) {
      if (index.definition.weights !== null) {
        if (textsOf(index.definition, document) !== null) texts.push({ index, added: null, removed: true });
      } else changes.push({ index, added: [], removed: keysFor(index, rid, document).keys, multikeyField: -1 });
    }
    this.storage.locks.checkDocument(collection, rid);
    this.storage.changes.noteDocument(collection, rid);
    this.storage.file.write(collection.deleteDocument, [rid]);
    this.#apply(changes, texts, rid);
    this.storage.adjustCount(collection, -1);
  }

  /** Writes the entries a stored document has in an index that is being built. @throws StoreError when it cannot be in the index. */
  indexDocument(collection: CollectionRecord, index: IndexRecord, rid: number, document: Buffer): void {
    if (index.definition.weights !== null) {
      const added = textsOf(index.definition, document);
      if (added !== null) this.#apply([], [{ index, added, removed: false }], rid);
      return;
    }
    const { keys, multikeyField } = this.checkIndexable(collection, index, rid, document);
    this.#apply([{ index, added: keys, removed: [], multikeyField }], [], rid);
  }

  /** The keys of a document in an ordered index. @throws StoreError when it cannot be in the index. */
  checkIndexable(collection: CollectionRecord, index: IndexRecord, rid: number, document: Buffer): DocumentKeys {
    const found = keysOf(index.definition, document);
    const taken = isUnique(collection, index) ? this.#takenKey(index, found.keys, rid) : undefined;
    if (taken !== undefined) throw duplicateKeyError(collection, index, document, taken);
    return found;
  }

  #checkUnique(collection: CollectionRecord, document: Buffer, changes: readonly IndexChange[], rid: number): void {
    for (const { index, added } of changes) {
      if (!isUnique(collection, index)) continue;
      const taken = this.#takenKey(index, added, rid);
      if (taken === undefined) continue;
      if (index.build === null) throw duplicateKeyError(collection, index, document, taken);
      index.build.suspects.add(rid);
    }
  }

  /** The first of the keys that another document holds. */
  #takenKey(index: IndexRecord, keys: readonly Buffer[], rid: number): Buffer | undefined {
    return keys.find((key) => this.storage.file.one(index.selectOther, [key, rid]) !== undefined);
  }

  #checkKeyLocks(collection: CollectionRecord, changes: readonly IndexChange[]): void {
    const { locks } = this.storage;
    if (locks.isEmpty) return;
    for (const { index, added } of changes) {
      if (!isUnique(collection, index)) continue;
      for (const key of added) locks.checkKey(collection.namespace, index.name, key);
    }
  }

  #apply(changes: readonly IndexChange[], texts: readonly TextChange[], rid: number): void {
    const { file } = this.storage;
    for (const { index, added, removed, multikeyField } of changes) {
      for (const key of removed) file.write(index.deleteEntry, [key, rid]);
      for (const key of added) file.write(index.insertEntry, [key, rid]);
      if (multikeyField !== -1) this.storage.markMultikey(index, multikeyField);
    }
    for (const { index, added, removed } of texts) {
      if (removed) file.write(`DELETE FROM ${index.table} WHERE rowid=?`, [rid]);
      if (added === null) continue;
      const { columns, places } = textColumns(added.length);
      file.write(`INSERT INTO ${index.table}(rowid,${columns}) VALUES(?,${places})`, [rid, ...added]);
    }
  }
}

/**
 * The keys a document claims for itself alone.
 * @param changed the top-level fields that differ from a document that was in the indexes; null for a new one.
 * @throws StoreError when it cannot be in one of the indexes.
 */
export function uniqueKeysOf(
  collection: CollectionRecord,
  document: Buffer,
  changed: ReadonlySet<string> | null,
): { index: IndexRecord; key: Buffer }[] {
  const claimed: { index: IndexRecord; key: Buffer }[] = [];
  for (const index of collection.indexes) {
    if (index.definition.weights !== null) continue;
    const claims = isUnique(collection, index);
    if (!claims && changed !== null && !dependsOnAny(index, changed)) continue;
    const { keys } = keysOf(index.definition, document);
    if (claims) for (const key of keys) claimed.push({ index, key });
  }
  return claimed;
}

const isUnique = (collection: CollectionRecord, index: IndexRecord): boolean =>
  index.definition.unique || index === collection.idIndex;

/** The indexes in which the document under a record id has entries, or is to get them from who writes it. */
function maintained(collection: CollectionRecord, rid: number): readonly IndexRecord[] {
  return collection.building.length === 0
    ? collection.indexes
    : collection.allIndexes.filter((index) => index.covers(rid));
}

/** The keys of a document; one that cannot be in an index that is being built has none there until that is judged at the end. */
function keysFor({ definition, build }: IndexRecord, rid: number, document: Buffer): DocumentKeys {
  try {
    return keysOf(definition, document);
  } catch (error) {
    if (build === null || !(error instanceof StoreError)) throw error;
    build.suspects.add(rid);
    return NO_KEYS;
  }
}

export function dependsOnAny(index: IndexRecord, changed: ReadonlySet<string>): boolean {
  for (const name of index.definition.dependsOn) if (changed.has(name)) return true;
  return false;
}

function textChange(index: IndexRecord, before: Buffer, after: Buffer): TextChange | null {
  const old = textsOf(index.definition, before);
  const added = textsOf(index.definition, after);
  const same = old === added || (old !== null && added !== null && old.every((text, at) => text === added[at]));
  return same ? null : { index, added, removed: old !== null };
}
