import { StoreError } from '../errors/store-error';
import type { Storage } from '../storage/storage';

/** Progress of retryable writes is forgotten after this long without use. */
export const SESSION_MS = 30 * 60_000;

/** Names one attempt of a retryable write: the session and the number of the write within it. */
export interface RetryKey {
  readonly session: Buffer;
  readonly number: bigint;
}

/**
 * Remembers for every session how far its last retryable write came. The progress is saved in the transaction of the write
 * itself, so a write that is sent again, even after a crash, is continued or answered, never done twice.
 */
export class Sessions {
  readonly #running = new Map<string, Promise<void>>();

  constructor(private readonly storage: Storage) {}

  /** The progress saved for this write, or null when it is new. @throws StoreError when a later write was seen. */
  progress({ session, number }: RetryKey): Buffer | null {
    const row = this.storage.reading.one<[number, Buffer]>('SELECT txn, progress FROM sessions WHERE lsid=?', [
      session,
    ]);
    if (row === undefined || BigInt(row[0]) < number) return null;
    if (BigInt(row[0]) > number) {
      throw new StoreError(
        'TransactionTooOld',
        `retryable write ${number} is older than ${row[0]}, the last of its session`,
      );
    }
    return row[1];
  }

  /** Saves progress within the open transaction. */
  save({ session, number }: RetryKey, progress: Buffer): void {
    this.storage.file.run(
      'INSERT INTO sessions(lsid, txn, progress, used_at) VALUES(?,?,?,?) ' +
        'ON CONFLICT(lsid) DO UPDATE SET txn=excluded.txn, progress=excluded.progress, used_at=excluded.used_at',
      [session, Number(number), progress, Date.now()],
    );
  }

  async end(session: Buffer): Promise<void> {
    await this.storage.write(() => this.storage.file.run('DELETE FROM sessions WHERE lsid=?', [session]));
  }

  async forgetIdle(now: number): Promise<void> {
    await this.storage.write(() => this.storage.file.run('DELETE FROM sessions WHERE used_at<?', [now - SESSION_MS]));
  }

  /** Runs the writes of one session one after the other, so a repeated one finds the first one's outcome. */
  async inTurn<Result>({ session }: RetryKey, run: () => Promise<Result>): Promise<Result> {
    const key = session.toString('latin1');
    const before = this.#running.get(key);
    const turn = (before ?? Promise.resolve()).then(run);
    const settled = turn.then(
      () => undefined,
      () => undefined,
    );
    this.#running.set(key, settled);
    try {
      return await turn;
    } finally {
      if (this.#running.get(key) === settled) this.#running.delete(key);
    }
  }
}
