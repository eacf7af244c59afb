import { closeSync, fsyncSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';

const LOCK_FILE = 'store.lock';

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
    readonly holder: StoreEndpoint,
  ) {
    super(`the data folder ${dataDir} is in use by process ${holder.pid}, which serves it at ${holder.uri}`);
    this.name = 'StoreLockedError';
  }
}

/** The connection string of a store at an address. */
export function storeUri(host: string, port: number): string {
  return `mongodb://${host.includes(':') ? `[${host}]` : host}:${port}/?replicaSet=embedded`;
}

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

/** Holds a data folder for one process. */
export class LockFile {
  private constructor(
    private readonly path: string,
    private readonly content: { pid: number; startedAt: string | null },
  ) {}

  /** Takes the folder, also from a process that has died. @throws StoreLockedError naming the holder. */
  static take(dataDir: string): LockFile {
    const path = join(dataDir, LOCK_FILE);
    const content = { pid: process.pid, startedAt: processStart(process.pid) };
    for (let attempt = 0; ; attempt += 1) {
      try {
        writeLock(path, 'wx', { ...content, host: '', port: 0 });
        return new LockFile(path, content);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
        const holder = readLock(path);
        if (holder !== null && isAlive(holder.pid, holder.startedAt)) throw new StoreLockedError(dataDir, holder);
        if (attempt === 3) throw new Error(`the lock ${path} cannot be taken`, { cause: error });
        rmSync(path, { force: true });
      }
    }
  }

  /** Tells others where the store listens. */
  announce(host: string, port: number): void {
    writeLock(this.path, 'w', { ...this.content, host, port });
  }

  release(): void {
    rmSync(this.path, { force: true });
  }
}

function writeLock(path: string, flags: 'w' | 'wx', content: object): void {
  const file = openSync(path, flags, 0o600);
  try {
    writeSync(file, `${JSON.stringify(content)}\n`);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
