import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'libsql';

const LOCK_FILE = 'store.lock';
const GUARD_FILE = 'store.guard';

/** How long the name of a holder is waited for. */
const NAME_LOOKS = 20;
const NAME_WAIT_MS = 50;

/** Where a running store listens. */
export interface StoreEndpoint {
  readonly pid: number;
  readonly host: string;
  readonly port: number;
  readonly uri: string;
}

/** The data folder belongs to another process that is alive. */
export class StoreLockedError extends Error {
  constructor(
    readonly dataDir: string,
    /** Null when the other one has only just taken the folder, or is about to let it go. */
    readonly holder: StoreEndpoint | null,
    options?: ErrorOptions,
  ) {
    super(`the data folder ${dataDir} is in use by ${describe(holder)}`, options);
    this.name = 'StoreLockedError';
  }
}

function describe(holder: StoreEndpoint | null): string {
  if (holder === null) return 'another process';
  if (holder.port === 0) return `process ${holder.pid}, which is starting`;
  return `process ${holder.pid}, which serves it at ${holder.uri}`;
}

/** An address as connection strings and hello have it. */
export const hostAndPort = (host: string, port: number): string => `${host.includes(':') ? `[${host}]` : host}:${port}`;

/** The connection string of a store at an address. */
export const storeUri = (host: string, port: number): string =>
  `mongodb://${hostAndPort(host, port)}/?replicaSet=embedded`;

/** When a process started, in clock ticks since boot, so that a reused process id is not taken for the old process; null where unknown. */
function processStart(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null;
  } catch {
    return null;
  }
}

function isAlive(pid: number, startedAt: string | null): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  const start = processStart(pid);
  return startedAt === null || start === null || start === startedAt;
}

interface LockContent extends StoreEndpoint {
  readonly startedAt: string | null;
}

function readLock(path: string): LockContent | null {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  try {
    const { pid, host, port, startedAt } = JSON.parse(text) as Partial<LockContent>;
    if (typeof pid !== 'number' || typeof host !== 'string' || typeof port !== 'number') return null;
    return { pid, host, port, uri: storeUri(host, port), startedAt: startedAt ?? null };
  } catch {
    // A lock cut off by a crash while it was written belongs to nobody.
    return null;
  }
}

/** The store that serves a data folder now, or null when none is alive. */
export function readStoreEndpoint(dataDir: string): Promise<StoreEndpoint | null> {
  const lock = readLock(join(dataDir, LOCK_FILE));
  if (lock === null || lock.port === 0 || !isAlive(lock.pid, lock.startedAt)) return Promise.resolve(null);
  const { pid, host, port, uri } = lock;
  return Promise.resolve({ pid, host, port, uri });
}

/** Waits without letting anything else run; only for moments at the start of a process. */
function sleep(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

/** Who holds a folder right now. One that has only just taken it may not have written its name yet. */
function holderOf(path: string): LockContent | null {
  for (let look = 0; look < NAME_LOOKS; look += 1) {
    const holder = readLock(path);
    if (holder !== null && isAlive(holder.pid, holder.startedAt)) return holder;
    sleep(NAME_WAIT_MS);
  }
  return null;
}

/**
 * Holds a data folder for one process. What holds is a lock of the operating system, through SQLite, on a file of its own: it ends with the
 * process whatever ends it, so nothing stale is left and no two can take it over at once. The lock file beside it only says who and where.
 */
export class LockFile {
  private constructor(
    private readonly path: string,
    private readonly guard: InstanceType<typeof Database>,
    private readonly content: { pid: number; startedAt: string | null },
  ) {}

  /** Takes the folder, also after a process that has died. @throws StoreLockedError naming the holder. */
  static take(dataDir: string): LockFile {
    const path = join(dataDir, LOCK_FILE);
    const guard = new Database(join(dataDir, GUARD_FILE));
    try {
      guard.exec('PRAGMA busy_timeout=0; PRAGMA journal_mode=MEMORY; BEGIN EXCLUSIVE');
    } catch (error) {
      guard.close();
      if (!/database is locked/.test(error instanceof Error ? error.message : '')) throw error;
      throw new StoreLockedError(dataDir, holderOf(path), { cause: error });
    }
    const lock = new LockFile(path, guard, { pid: process.pid, startedAt: processStart(process.pid) });
    try {
      lock.announce('', 0);
    } catch (error) {
      guard.close();
      throw error;
    }
    return lock;
  }

  /** Tells others where the store listens. */
  announce(host: string, port: number): void {
    writeLock(this.path, { ...this.content, host, port });
  }

  release(): void {
    rmSync(this.path, { force: true });
    this.guard.close();
  }
}

/** Replaces the file at once, so that nobody reads half of it. */
function writeLock(path: string, content: object): void {
  const next = `${path}.new`;
  const file = openSync(next, 'w', 0o600);
  try {
    writeSync(file, `${JSON.stringify(content)}\n`);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(next, path);
}
