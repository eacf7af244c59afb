import { StoreError } from '../errors/store-error';
import type { ChangeLog } from './change-log';
import { SqliteFile, type SqlReader } from './sqlite-file';

/** Most snapshots open at once; each has a connection of its own. */
const SNAPSHOT_LIMIT = 200;

/** The data file as it was when the snapshot was opened, whatever is committed since. */
export interface Snapshot {
  readonly reader: SqlReader;
  /** Number of the last commit it sees. */
  readonly commit: number;
  close(): void;
}

/** Opens snapshots; their connections are kept for the next ones. */
export class Snapshots {
  readonly #all: SqliteFile[] = [];
  readonly #free: SqliteFile[] = [];

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
    let isOpen = true;
    return {
      reader: file,
      commit,
      close: () => {
        if (!isOpen) return;
        isOpen = false;
        this.changes.closeSnapshot(commit);
        file.exec('ROLLBACK');
        this.#free.push(file);
      },
    };
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
