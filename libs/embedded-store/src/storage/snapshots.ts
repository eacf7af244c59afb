import { StoreError } from '../errors/store-error';
import type { CollectionRecord } from './catalog';
import type { ChangeLog } from './change-log';
import { SqliteFile, type SqlReader } from './sqlite-file';

/** Most snapshots open at once; each has a connection of its own. */
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

/** Opens snapshots; their connections are kept for the next ones. */
export class Snapshots {
  readonly #all: SqliteFile[] = [];
  readonly #free: SqliteFile[] = [];
  /** What the collections that have changed since counted, for each open snapshot. */
  readonly #counts = new Set<Map<CollectionRecord, number>>();

  constructor(
    private readonly path: string,
    private readonly changes: ChangeLog,
  ) {}

  /** @throws StoreError when too many are open. */
  open(): Snapshot {
    const file = this.#free.pop() ?? this.#connect();
    file.exec('BEGIN');
    // SQLite takes the snapshot at the first read, not at BEGIN.
    file.one('SELECT 1 FROM store_meta LIMIT 1', []);
    const commit = this.changes.openSnapshot();
    const counts = new Map<CollectionRecord, number>();
    this.#counts.add(counts);
    let isOpen = true;
    return {
      reader: file,
      commit,
      countOf: (collection) => counts.get(collection) ?? collection.count,
      close: () => {
        if (!isOpen) return;
        isOpen = false;
        this.#counts.delete(counts);
        this.changes.closeSnapshot(commit);
        file.exec('ROLLBACK');
        this.#free.push(file);
      },
    };
  }

  /** Keeps the number of documents of a collection for the open snapshots, before it changes. */
  noteCount(collection: CollectionRecord): void {
    for (const counts of this.#counts) if (!counts.has(collection)) counts.set(collection, collection.count);
  }

  #connect(): SqliteFile {
    if (this.#all.length >= SNAPSHOT_LIMIT) {
      throw new StoreError('TemporarilyUnavailable', `more than ${SNAPSHOT_LIMIT} transactions are open; end some`);
    }
    const file = new SqliteFile(this.path, 'reader');
    this.#all.push(file);
    return file;
  }

  close(): void {
    for (const file of this.#all) file.close();
  }
}
