import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { findField } from '../documents/raw-document';
import { documentValue } from '../documents/raw-value';
import { StoreError } from '../errors/store-error';
import { CollectionRecord, IndexBuild, IndexRecord } from './catalog';
import { ChangeLog } from './change-log';
import { CommitPace } from './commit-pace';
import { Checkpointer } from './checkpointer';
import { type IndexDefinition, parseIndexDefinition, sameKeys } from './index-definition';
import { isCounted, migrate, setCounted } from './migrations';
import { type Snapshot, Snapshots } from './snapshots';
import { SqliteFile, type SqlReader, type SyncMode } from './sqlite-file';
import { textTable } from './text-table';
import { WriteLockedError, WriteLocks } from './write-locks';
import { WriteQueue } from './write-queue';
import { BsonWriter } from '../documents/bson-writer';

export const DATA_FILE = 'store.db';

/** How long a change of the catalog waits for transactions that have written the collection. */
const LOCK_WAIT_MS = 60_000;

const ID_INDEX_SPEC = new BsonWriter().beginObject('key').int32('_id', 1).end().string('name', '_id_').finish();

/**
 * The data file: catalog, documents and index entries of all databases. Every change happens between {@link begin} and
 * {@link commit} by the one writer the {@link queue} let in; what is kept in memory follows the file, also when a transaction is rolled
 * back. A transaction may stay open while others read: they get the last committed state from a connection beside it.
 */
export class Storage {
  /** The connection that writes, and sees what is not committed yet. */
  readonly file: SqliteFile;
  /** What everyone else reads from: always the committed state. */
  readonly reading: SqlReader = {
    all: (sql, parameters) => (this.#open ? this.#reader : this.file).all(sql, parameters),
    one: (sql, parameters) => (this.#open ? this.#reader : this.file).one(sql, parameters),
  };
  readonly queue = new WriteQueue();
  readonly pace = new CommitPace();
  readonly changes = new ChangeLog();
  readonly locks = new WriteLocks();
  readonly checkpoints: Checkpointer;
  readonly #reader: SqliteFile;
  readonly #snapshots: Snapshots;
  /** Collections by database and name. */
  readonly #databases = new Map<string, Map<string, CollectionRecord>>();
  /** By how much the open transaction changes the numbers of documents. */
  readonly #countChanges = new Map<CollectionRecord, number>();
  /** Whether the file has the numbers of documents too; writing them with every change would cost each commit a page. */
  #isCounted = true;
  #undo: (() => void)[] = [];
  #open = false;

  constructor(dataDir: string, sync: SyncMode) {
    this.file = new SqliteFile(join(dataDir, DATA_FILE), sync);
    this.checkpoints = new Checkpointer(join(dataDir, DATA_FILE), this.queue, () => this.file.checkpointByItself());
    try {
      migrate(this.file);
      this.#reader = new SqliteFile(join(dataDir, DATA_FILE), 'reader');
      this.#snapshots = new Snapshots(join(dataDir, DATA_FILE), this.changes, this.reading);
      this.#removeCutOffBuilds();
      this.#load();
    } catch (error) {
      this.file.close();
      throw error;
    }
  }

  /** Nobody was told that these indexes exist: the process that built them is gone. */
  #removeCutOffBuilds(): void {
    const cutOff = this.file.all<[number, string | null]>(
      'SELECT indexes.id, sqlite_schema.name FROM indexes LEFT JOIN sqlite_schema ' +
        "ON sqlite_schema.name IN ('i' || indexes.id, 't' || indexes.id) WHERE built_to IS NOT NULL",
      [],
    );
    if (cutOff.length === 0) return;
    this.file.forgetStatements();
    this.begin();
    for (const [id, table] of cutOff) {
      if (table !== null) this.file.exec(`DROP TABLE ${table}`);
      this.file.run('DELETE FROM indexes WHERE id=?', [id]);
    }
    this.commit();
  }

  #load(): void {
    this.#isCounted = isCounted(this.file);
    this.#databases.clear();
    const indexes = new Map<number, IndexRecord[]>();
    for (const [id, collectionId, spec, multikey] of this.file.all<[number, number, Buffer, string]>(
      'SELECT id, collection_id, spec, multikey FROM indexes ORDER BY id',
      [],
    )) {
      const definition = parseIndexDefinition(documentValue(spec));
      const record = new IndexRecord(
        id,
        definition,
        [...multikey].map((flag) => flag === '1'),
      );
      indexes.set(collectionId, [...(indexes.get(collectionId) ?? []), record]);
    }
    for (const [id, database, name, uuid, count] of this.file.all<[number, string, string, Buffer, number]>(
      'SELECT id, db, name, uuid, count FROM collections',
      [],
    )) {
      const nextRid = (this.file.one<[number | null]>(`SELECT max(rid) FROM d${id}`, [])?.[0] ?? 0) + 1;
      const record = new CollectionRecord(id, database, name, uuid, count, nextRid, indexes.get(id) ?? []);
      // Far quicker than counting the documents, which are long.
      if (!this.#isCounted)
        record.count = this.file.one<[number]>(`SELECT count(*) FROM ${record.idIndex.table}`, [])?.[0] ?? 0;
      this.#enter(record);
    }
  }

  /** True when the open transaction makes, changes or drops a collection: others must not read before it is committed. */
  get changesCatalog(): boolean {
    return this.changes.changesCatalog;
  }

  begin(): void {
    if (this.#open) throw new Error('a transaction is open already');
    this.file.exec('BEGIN IMMEDIATE');
    this.#open = true;
  }

  commit(): void {
    const isCounted = this.#isCounted && this.#countChanges.size === 0;
    this.#snapshots.pin();
    try {
      if (isCounted !== this.#isCounted) setCounted(this.file, isCounted);
      this.file.exec('COMMIT');
    } catch (error) {
      this.rollback();
      throw error;
    }
    this.#isCounted = isCounted;
    for (const [collection, by] of this.#countChanges) {
      this.#snapshots.noteCount(collection);
      collection.count += by;
    }
    this.#settle(true);
    this.checkpoints.afterCommit();
  }

  /** Takes back everything since {@link begin}, in the file and in memory. */
  rollback(): void {
    if (!this.#open) return;
    try {
      // SQLite takes a transaction back by itself on some failures, such as a full disk.
      if (this.file.inTransaction) this.file.exec('ROLLBACK');
    } finally {
      for (const undo of this.#undo.reverse()) undo();
      this.#settle(false);
    }
  }

  #settle(committed: boolean): void {
    this.#open = false;
    if (this.#undo.length > 0) this.#undo = [];
    if (this.#countChanges.size > 0) this.#countChanges.clear();
    this.changes.settle(committed);
  }

  /**
   * Waits for its turn and runs `change`, which must be short, as one transaction. What an open transaction of a client has locked
   * is waited for.
   * @throws StoreError LockTimeout when that takes longer than such a transaction may live.
   */
  async write<Result>(change: () => Result): Promise<Result> {
    const deadline = performance.now() + LOCK_WAIT_MS;
    for (;;) {
      try {
        return await this.#writeInTurn(change);
      } catch (error) {
        if (!(error instanceof WriteLockedError)) throw error;
        if (performance.now() > deadline) throw new StoreError('LockTimeout', 'open transactions hold the collection');
        await error.holder.ended;
      }
    }
  }

  async #writeInTurn<Result>(change: () => Result): Promise<Result> {
    await this.queue.enter();
    try {
      this.begin();
      const result = change();
      this.commit();
      return result;
    } catch (error) {
      this.rollback();
      throw error;
    } finally {
      this.queue.leave();
    }
  }

  /** The committed state as it is now, kept for reading. */
  openSnapshot(): Snapshot {
    return this.#snapshots.open();
  }

  /** Registers how a change of memory is taken back. */
  onRollback(undo: () => void): void {
    this.#undo.push(undo);
  }

  /** Changes the number of documents of a collection; others see it when the open transaction is committed. */
  adjustCount(collection: CollectionRecord, by: number): void {
    this.#countChanges.set(collection, (this.#countChanges.get(collection) ?? 0) + by);
  }

  /** Remembers that documents have arrays at a field of an index. */
  markMultikey(index: IndexRecord, field: number): void {
    if (index.multikey[field] !== false) return;
    index.multikey[field] = true;
    this.onRollback(() => {
      index.multikey[field] = false;
    });
    this.file.run('UPDATE indexes SET multikey=? WHERE id=?', [index.multikey.map(Number).join(''), index.id]);
  }

  #enter(collection: CollectionRecord): void {
    const { database, name } = collection;
    const collections = this.#databases.get(database) ?? new Map<string, CollectionRecord>();
    this.#databases.set(database, collections.set(name, collection));
  }

  #leave({ database, name }: CollectionRecord): void {
    const collections = this.#databases.get(database);
    collections?.delete(name);
    if (collections?.size === 0) this.#databases.delete(database);
  }

  find(database: string, name: string): CollectionRecord | null {
    return this.#databases.get(database)?.get(name) ?? null;
  }

  /** All collections, or those of one database, by name. */
  list(database?: string): CollectionRecord[] {
    const chosen =
      database === undefined
        ? [...this.#databases.values()]
        : [this.#databases.get(database) ?? new Map<string, CollectionRecord>()];
    return chosen
      .flatMap((collections) => [...collections.values()])
      .sort((a, b) => (a.namespace < b.namespace ? -1 : 1));
  }

  create(database: string, name: string): CollectionRecord {
    checkNewName(database, name);
    this.locks.checkCollection(`${database}.${name}`);
    return this.createForCommit(database, name);
  }

  /** Creates what a transaction that is being committed has drafted; drafts of others are in vain from then on. */
  createForCommit(database: string, name: string): CollectionRecord {
    const uuid = randomBytes(16);
    uuid[6] = ((uuid[6] ?? 0) & 0x0f) | 0x40;
    uuid[8] = ((uuid[8] ?? 0) & 0x3f) | 0x80;
    const id = this.#insertRow('INSERT INTO collections(db, name, uuid, count) VALUES(?,?,?,0)', [
      database,
      name,
      uuid,
    ]);
    this.file.exec(`CREATE TABLE d${id}(rid INTEGER PRIMARY KEY, doc BLOB NOT NULL)`);
    const collection = new CollectionRecord(id, database, name, uuid, 0, 1, []);
    this.#enter(collection);
    this.changes.noteNamespace(collection.namespace);
    this.onRollback(() => this.#leave(collection));
    this.#addIndex(collection, parseIndexDefinition(documentValue(ID_INDEX_SPEC)));
    return collection;
  }

  /** A collection that is nowhere yet: what {@link create} would make of it, without documents. */
  draft(database: string, name: string): CollectionRecord {
    checkNewName(database, name);
    const index = new IndexRecord(0, parseIndexDefinition(documentValue(ID_INDEX_SPEC)), []);
    return new CollectionRecord(0, database, name, Buffer.alloc(16), 0, 1, [index]);
  }

  #insertRow(sql: string, parameters: readonly (string | Buffer | number)[]): number {
    this.file.run(sql, parameters);
    return this.file.one<[number]>('SELECT last_insert_rowid()', [])?.[0] ?? 0;
  }

  /** Creates the table of an index of an empty collection. */
  #addIndex(collection: CollectionRecord, definition: IndexDefinition): void {
    const index = this.startIndex(collection, definition);
    this.finishIndex(collection, index);
  }

  /**
   * Creates the table of an index whose entries the caller is to write, while others change documents in between. Open transactions
   * are not disturbed before it is finished.
   */
  startIndex(collection: CollectionRecord, definition: IndexDefinition): IndexRecord {
    const build = new IndexBuild(0);
    const id = this.#insertRow('INSERT INTO indexes(collection_id, spec, multikey, built_to) VALUES(?,?,?,?)', [
      collection.id,
      definition.spec,
      definition.fields.map(() => '0').join(''),
      build.builtTo,
    ]);
    const index = new IndexRecord(id, definition, [], build);
    if (definition.weights === null) {
      this.file.exec(
        `CREATE TABLE ${index.table}(key BLOB NOT NULL, rid INTEGER NOT NULL, PRIMARY KEY(key, rid)) WITHOUT ROWID`,
      );
    } else {
      this.file.exec(`CREATE VIRTUAL TABLE ${index.table} USING ${textTable(definition.weights.length)}`);
    }
    const before = collection.building;
    collection.building = [...before, index];
    this.onRollback(() => {
      collection.building = before;
    });
    return index;
  }

  /** Notes that the documents below a record id have their entries. */
  advanceIndex({ id, build }: IndexRecord, builtTo: number): void {
    if (build === null) throw new Error('the index is built already');
    const before = build.builtTo;
    build.builtTo = builtTo;
    this.onRollback(() => {
      build.builtTo = before;
    });
    this.file.run('UPDATE indexes SET built_to=? WHERE id=?', [builtTo, id]);
  }

  /** Makes an index whose entries are complete one that can be used. The open transaction must be committed before anyone reads. */
  finishIndex(collection: CollectionRecord, index: IndexRecord): void {
    const { build } = index;
    this.file.run('UPDATE indexes SET built_to=NULL WHERE id=?', [index.id]);
    index.build = null;
    this.onRollback(() => {
      index.build = build;
    });
    this.#setIndexes(collection, [...collection.indexes, index], without(collection.building, index));
  }

  #setIndexes(collection: CollectionRecord, indexes: readonly IndexRecord[], building: readonly IndexRecord[]): void {
    const before = { indexes: collection.indexes, building: collection.building };
    Object.assign(collection, { indexes, building });
    this.changes.noteNamespace(collection.namespace);
    this.onRollback(() => Object.assign(collection, before));
  }

  /** An index of the collection, built or being built, that stands for the same definition, or null. @throws StoreError when one contradicts it. */
  findEquivalentIndex(collection: CollectionRecord, definition: IndexDefinition): IndexRecord | null {
    for (const index of collection.allIndexes) {
      const sameName = index.name === definition.name;
      const same = sameKeys(index.definition, definition);
      if (sameName && index.definition.spec.equals(definition.spec)) return index;
      // MongoDB treats an _id index as the one that exists, whatever its name.
      if (same && index === collection.idIndex) return index;
      if (sameName && !same) {
        throw new StoreError(
          'IndexKeySpecsConflict',
          `An existing index has the same name as the requested index but another key: ${definition.name}`,
        );
      }
      const samePartial = comparablePartial(index.definition).equals(comparablePartial(definition));
      if (same && samePartial) {
        throw new StoreError(
          'IndexOptionsConflict',
          `An equivalent index already exists with a different name or options: ${index.name}`,
        );
      }
      if (sameName)
        throw new StoreError('IndexKeySpecsConflict', `An existing index has the same name: ${definition.name}`);
    }
    return null;
  }

  dropIndex(collection: CollectionRecord, index: IndexRecord): void {
    if (index.build === null) this.locks.checkCollection(collection.namespace);
    this.file.forgetStatements();
    this.file.exec(`DROP TABLE ${index.table}`);
    this.file.run('DELETE FROM indexes WHERE id=?', [index.id]);
    this.#setIndexes(collection, without(collection.indexes, index), without(collection.building, index));
  }

  drop(collection: CollectionRecord): void {
    this.locks.checkCollection(collection.namespace);
    this.file.forgetStatements();
    for (const index of collection.allIndexes) this.file.exec(`DROP TABLE ${index.table}`);
    this.file.exec(`DROP TABLE ${collection.table}`);
    this.file.run('DELETE FROM indexes WHERE collection_id=?', [collection.id]);
    this.file.run('DELETE FROM collections WHERE id=?', [collection.id]);
    this.#countChanges.delete(collection);
    this.#leave(collection);
    this.changes.noteNamespace(collection.namespace);
    this.onRollback(() => this.#enter(collection));
  }

  #writeCounts(): void {
    if (this.#isCounted) return;
    try {
      this.begin();
      for (const { id, count } of this.list()) this.file.run('UPDATE collections SET count=? WHERE id=?', [count, id]);
      setCounted(this.file, true);
      this.commit();
    } catch {
      // The next start counts again.
      this.rollback();
    }
  }

  close(): void {
    void this.checkpoints.close();
    this.rollback();
    this.#snapshots.close();
    this.#reader.close();
    this.#writeCounts();
    this.file.emptyLog();
    this.file.close();
  }
}

const without = (indexes: readonly IndexRecord[], gone: IndexRecord): readonly IndexRecord[] =>
  indexes.filter((index) => index !== gone);

function comparablePartial({ spec }: IndexDefinition): Buffer {
  return findField(spec, 0, Buffer.from('partialFilterExpression'))?.body() ?? Buffer.alloc(0);
}

const MAX_NAMESPACE_BYTES = 255;

/** @throws StoreError InvalidNamespace when no collection can have that name. */
export function checkNamespace(database: string, name: string): void {
  if (database === '' || /[\s/\\."$\0]/.test(database) || Buffer.byteLength(database) > 63) {
    throw new StoreError('InvalidNamespace', `Invalid database name: '${database}'`);
  }
  const isTooLong = Buffer.byteLength(database) + 1 + Buffer.byteLength(name) > MAX_NAMESPACE_BYTES;
  if (name === '' || name.startsWith('.') || /[$\0]/.test(name) || isTooLong) {
    throw new StoreError('InvalidNamespace', `Invalid namespace specified '${database}.${name}'`);
  }
}

function checkNewName(database: string, name: string): void {
  checkNamespace(database, name);
  if (name.startsWith('system.'))
    throw new StoreError('InvalidNamespace', `collections named system.* are reserved: ${name}`);
}
