import { StoreError } from '../errors/store-error';
import type { CollectionRecord } from './catalog';
import type { ChangeLog } from './change-log';
import { SqliteFile, type SqlReader } from './sqlite-file';

/** Most snapshots open at once; each may need a connection of its own. */
const SNAPSHOT_LIMIT = 200;

/** The data file as it was when the snapshot was opened, whatever is committed since. */
export interface Snapshot {
  readonly reader: SqlReader;
  /** Number of the last commit it sees. */
  readonly commit: number;
  /** The number of documents of a collection. */
  countOf(collection: CollectionRecord): number;
  close(): void;
}

/** Where a snapshot is read: like everyone's reads at first, on a connection of its own once something else is to be committed. */
class OpenSnapshot {
  /** What the collections that have changed since counted. */
  readonly #counts = new Map<CollectionRecord, number>();
  #file: SqliteFile | null = null;
  #failure: unknown = null;

  constructor(private readonly committed: SqlReader) {}

  readonly reader: SqlReader = {
    all: (sql, parameters) => this.#source().all(sql, parameters),
    one: (sql, parameters) => this.#source().one(sql, parameters),
  };

  #source(): SqlReader {
    if (this.#failure !== null) {
      throw new StoreError('SnapshotUnavailable', 'the snapshot of the transaction could not be kept; try again');
    }
    return this.#file ?? this.committed;
  }

  /** Keeps the committed state on a connection; a failure is for the reader to learn, not for who commits. */
  pin(connect: () => SqliteFile): void {
    if (this.#file !== null || this.#failure !== null) return;
    try {
      const file = connect();
      this.#file = file;
      file.exec('BEGIN');
      // SQLite takes the snapshot at the first read, not at BEGIN.
      file.one('SELECT 1 FROM store_meta LIMIT 1', []);
    } catch (error) {
      this.#failure = error;
    }
  }

  noteCount(collection: CollectionRecord): void {
    if (!this.#counts.has(collection)) this.#counts.set(collection, collection.count);
  }

  countOf(collection: CollectionRecord): number {
    return this.#counts.get(collection) ?? collection.count;
  }

  /** Ends it; returns its connection, when it had one. */
  close(): SqliteFile | null {
    if (this.#file?.inTransaction === true) this.#file.exec('ROLLBACK');
    return this.#file;
  }
}

/**
 * Opens snapshots. One costs nothing before somebody else commits: what is committed is what it sees. Connections are kept for the next
 * ones.
 */
export class Snapshots {
  readonly #connections: SqliteFile[] = [];
  readonly #free: SqliteFile[] = [];
  readonly #open = new Set<OpenSnapshot>();

  constructor(
    private readonly path: string,
    private readonly changes: ChangeLog,
    /** Reads what is committed. */
    private readonly committed: SqlReader,
  ) {}

  /** @throws StoreError when too many are open. */
  open(): Snapshot {
    if (this.#open.size >= SNAPSHOT_LIMIT) {
      throw new StoreError('TemporarilyUnavailable', `more than ${SNAPSHOT_LIMIT} transactions are open; end some`);
    }
    const snapshot = new OpenSnapshot(this.committed);
    const commit = this.changes.openSnapshot();
    this.#open.add(snapshot);
    return {
      reader: snapshot.reader,
      commit,
      countOf: (collection) => snapshot.countOf(collection),
      close: () => {
        if (!this.#open.delete(snapshot)) return;
        this.changes.closeSnapshot(commit);
        const file = snapshot.close();
        if (file !== null) this.#free.push(file);
      },
    };
  }

  /** To be called before every commit: keeps what the open snapshots see. */
  pin(): void {
    for (const snapshot of this.#open) snapshot.pin(() => this.#free.pop() ?? this.#connect());
  }

  /** Keeps the number of documents of a collection for the open snapshots, before it changes. */
  noteCount(collection: CollectionRecord): void {
    for (const snapshot of this.#open) snapshot.noteCount(collection);
  }

  #connect(): SqliteFile {
    const file = new SqliteFile(this.path, 'reader');
    this.#connections.push(file);
    return file;
  }

  close(): void {
    for (const file of this.#connections) file.close();
  }
}
