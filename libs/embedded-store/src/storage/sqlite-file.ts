import Database from 'libsql';

export type SqlValue = number | bigint | string | Buffer | null;

interface Prepared {
  all(parameters: readonly SqlValue[]): unknown[];
  get(parameters: readonly SqlValue[]): unknown;
  run(parameters: readonly SqlValue[]): { changes: number };
  raw(toggle: boolean): this;
}

/** How hard a commit is pushed to the disk: `normal` survives the death of the process, `full` also the loss of power. */
export type SyncMode = 'normal' | 'full';

/** What reading needs: whole answers of single statements, so that nothing stays open in between. */
export interface SqlReader {
  /** All rows, each an array of its columns. */
  all<Row extends readonly SqlValue[]>(sql: string, parameters: readonly SqlValue[]): Row[];
  /** The only row of a query that has at most one. */
  one<Row extends readonly SqlValue[]>(sql: string, parameters: readonly SqlValue[]): Row | undefined;
}

/** What a connection is for: the only one that changes the file, with how hard it commits, or one that reads beside it. */
export type SqliteRole = SyncMode | 'reader';

const STATEMENT_LIMIT = 1000;
const WRITER_CACHE_KB = 40_960;
const READER_CACHE_KB = 2048;
const MAPPED_BYTES = 33_554_432;

function settingsOf(role: SqliteRole): string[] {
  const common = ['temp_store=MEMORY', 'busy_timeout=5000'];
  // Only the writer's connection maps the file: what several map counts as the process's memory several times.
  if (role === 'reader') return [...common, `cache_size=-${READER_CACHE_KB}`, 'query_only=ON'];
  return [
    // The page size counts only before the first table exists.
    'page_size=16384',
    'journal_mode=WAL',
    `synchronous=${role.toUpperCase()}`,
    ...common,
    `mmap_size=${MAPPED_BYTES}`,
    `cache_size=-${WRITER_CACHE_KB}`,
    // Checkpoints run in a thread of their own.
    'wal_autocheckpoint=0',
    'journal_size_limit=67108864',
  ];
}

/**
 * One connection to the data file. Parameters always travel as one array: the driver reads a lone buffer as an object of
 * named parameters, and rows are always read to the end so that no statement stays open and holds the log back.
 */
export class SqliteFile implements SqlReader {
  readonly #database: InstanceType<typeof Database>;
  #closed = false;
  readonly #statements = new Map<string, Prepared>();

  constructor(path: string, role: SqliteRole) {
    this.#database = new Database(path);
    for (const setting of settingsOf(role)) this.#database.exec(`PRAGMA ${setting}`);
  }

  #prepared(sql: string, reads: boolean): Prepared {
    // The driver ends the process when a closed file is used.
    if (this.#closed) throw new Error('the data file is closed');
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    if (this.#statements.size >= STATEMENT_LIMIT) this.#statements.clear();
    const statement = this.#database.prepare(sql) as unknown as Prepared;
    if (reads) statement.raw(true);
    this.#statements.set(sql, statement);
    return statement;
  }

  all<Row extends readonly SqlValue[]>(sql: string, parameters: readonly SqlValue[]): Row[] {
    return this.#prepared(sql, true).all(parameters) as Row[];
  }

  one<Row extends readonly SqlValue[]>(sql: string, parameters: readonly SqlValue[]): Row | undefined {
    return this.#prepared(sql, true).get(parameters) as Row | undefined;
  }

  /** Runs a statement that writes and answers nothing; the driver's account of a {@link run} costs as much as a short statement. */
  write(sql: string, parameters: readonly SqlValue[]): void {
    try {
      this.#prepared(sql, false).get(parameters);
    } catch (error) {
      // A statement read in this way tells of its failure once more when it is used again.
      this.#statements.delete(sql);
      throw error;
    }
  }

  /** Runs a statement that writes; returns how many rows it changed. */
  run(sql: string, parameters: readonly SqlValue[]): number {
    return this.#prepared(sql, false).run(parameters).changes;
  }

  exec(sql: string): void {
    if (this.#closed) throw new Error('the data file is closed');
    this.#database.exec(sql);
  }

  get inTransaction(): boolean {
    return !this.#closed && this.#database.inTransaction;
  }

  /** Moves everything into the data file, so that it alone holds the data; as much as can be where others still read. */
  emptyLog(): void {
    try {
      this.exec('PRAGMA busy_timeout=0; PRAGMA wal_checkpoint(TRUNCATE)');
    } catch {
      // Nothing is lost: the next start reads the log.
    }
  }

  /** From now on a commit that finds a long log moves it into the data file, and its caller waits for that. */
  checkpointByItself(): void {
    if (!this.#closed) this.exec('PRAGMA wal_autocheckpoint=4000');
  }

  /** Lets go of all prepared statements; tables can only be dropped then. */
  forgetStatements(): void {
    this.#statements.clear();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.forgetStatements();
    this.#database.close();
  }
}
