import { BsonType } from '../documents/bson-type';
import { FieldCursor, findId } from '../documents/raw-document';
import type { RawValue } from '../documents/raw-value';
import { StoreError } from '../errors/store-error';
import { encodeValue } from '../keys/key-writer';
import type { CollectionRecord, IndexRecord } from './catalog';
import { duplicateKeyError } from './duplicate-key';
import { keysOf, textsOf } from './index-entries';
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

function checkDocument(document: Buffer): void {
  if (document.length > MAX_DOCUMENT_BYTES) {
    throw new StoreError('BSONObjectTooLarge', `BSONObj size ${document.length} is above ${MAX_DOCUMENT_BYTES} bytes`);
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
function changedFields(before: Buffer, after: Buffer): Set<string> {
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
 */
export class DocumentWriter {
  constructor(private readonly storage: Storage) {}

  /** Stores a new document and returns its record id. @throws StoreError DuplicateKey and others, nothing written then. */
  insert(collection: CollectionRecord, document: Buffer): number {
    checkDocument(document);
    const rid = collection.nextRid;
    const changes: IndexChange[] = [];
    const texts: TextChange[] = [];
    for (const index of collection.indexes) {
      if (index.definition.weights !== null) {
        const added = textsOf(index.definition, document);
        if (added !== null) texts.push({ index, added, removed: false });
      } else {
        const { keys, multikeyField } = keysOf(index.definition, document);
        if (keys.length > 0) changes.push({ index, added: keys, removed: [], multikeyField });
      }
    }
    this.#checkUnique(collection, document, changes, rid);
    collection.nextRid = rid + 1;
    this.storage.file.run(`INSERT INTO ${collection.table} VALUES(?,?)`, [rid, document]);
    this.#apply(changes, texts, rid);
    this.storage.adjustCount(collection, 1);
    return rid;
  }

  /** Puts a document in the place of another with the same `_id`. */
  replace(collection: CollectionRecord, rid: number, before: Buffer, after: Buffer): void {
    checkDocument(after);
    const changed = changedFields(before, after);
    const changes: IndexChange[] = [];
    const texts: TextChange[] = [];
    for (const index of collection.indexes) {
      if (!dependsOnAny(index, changed)) continue;
      if (index.definition.weights !== null) {
        const change = textChange(index, before, after);
        if (change !== null) texts.push(change);
        continue;
      }
      const old = keysOf(index.definition, before).keys;
      const { keys, multikeyField } = keysOf(index.definition, after);
      const added = missingFrom(keys, old);
      const removed = missingFrom(old, keys);
      if (added.length > 0 || removed.length > 0) changes.push({ index, added, removed, multikeyField });
    }
    this.#checkUnique(collection, after, changes, rid);
    this.storage.changes.noteDocument(collection, rid);
    this.storage.file.run(`UPDATE ${collection.table} SET doc=? WHERE rid=?`, [after, rid]);
    this.#apply(changes, texts, rid);
  }

  remove(collection: CollectionRecord, rid: number, document: Buffer): void {
    const changes: IndexChange[] = [];
    const texts: TextChange[] = [];
    for (const index of collection.indexes) {
      if (index.definition.weights !== null) {
        if (textsOf(index.definition, document) !== null) texts.push({ index, added: null, removed: true });
      } else changes.push({ index, added: [], removed: keysOf(index.definition, document).keys, multikeyField: -1 });
    }
    this.storage.changes.noteDocument(collection, rid);
    this.storage.file.run(`DELETE FROM ${collection.table} WHERE rid=?`, [rid]);
    this.#apply(changes, texts, rid);
    this.storage.adjustCount(collection, -1);
  }

  /** Writes the entries of one index for a document that is stored already. */
  indexDocument(collection: CollectionRecord, index: IndexRecord, rid: number, document: Buffer): void {
    if (index.definition.weights !== null) {
      const added = textsOf(index.definition, document);
      if (added !== null) this.#apply([], [{ index, added, removed: false }], rid);
      return;
    }
    const { keys, multikeyField } = keysOf(index.definition, document);
    const changes = [{ index, added: keys, removed: [], multikeyField }];
    this.#checkUnique(collection, document, changes, rid);
    this.#apply(changes, [], rid);
  }

  #checkUnique(collection: CollectionRecord, document: Buffer, changes: readonly IndexChange[], rid: number): void {
    for (const { index, added } of changes) {
      if (!index.definition.unique && index !== collection.idIndex) continue;
      for (const key of added) {
        const holders = this.storage.file.all<[number]>(`SELECT rid FROM ${index.table} WHERE key=?`, [key]);
        if (holders.some(([holder]) => holder !== rid)) throw duplicateKeyError(collection, index, document, key);
      }
    }
  }

  #apply(changes: readonly IndexChange[], texts: readonly TextChange[], rid: number): void {
    const { file } = this.storage;
    for (const { index, added, removed, multikeyField } of changes) {
      for (const key of removed) file.run(`DELETE FROM ${index.table} WHERE key=? AND rid=?`, [key, rid]);
      for (const key of added) file.run(`INSERT INTO ${index.table} VALUES(?,?)`, [key, rid]);
      if (multikeyField !== -1) this.storage.markMultikey(index, multikeyField);
    }
    for (const { index, added, removed } of texts) {
      if (removed) file.run(`DELETE FROM ${index.table} WHERE rowid=?`, [rid]);
      if (added === null) continue;
      const { columns, places } = textColumns(added.length);
      file.run(`INSERT INTO ${index.table}(rowid,${columns}) VALUES(?,${places})`, [rid, ...added]);
    }
  }

  /** The record id of the document with that `_id`, or null. */
  findRidById(collection: CollectionRecord, id: RawValue): number | null {
    const rows = this.storage.file.all<[number]>(`SELECT rid FROM ${collection.idIndex.table} WHERE key=?`, [
      encodeValue(id),
    ]);
    return rows[0]?.[0] ?? null;
  }
}

function dependsOnAny(index: IndexRecord, changed: ReadonlySet<string>): boolean {
  for (const name of index.definition.dependsOn) if (changed.has(name)) return true;
  return false;
}

function textChange(index: IndexRecord, before: Buffer, after: Buffer): TextChange | null {
  const old = textsOf(index.definition, before);
  const added = textsOf(index.definition, after);
  const same = old === added || (old !== null && added !== null && old.every((text, at) => text === added[at]));
  return same ? null : { index, added, removed: old !== null };
}
