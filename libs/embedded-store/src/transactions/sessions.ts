import { BsonWriter } from '../documents/bson-writer';
import { StoreError } from '../errors/store-error';
import type { Storage } from '../storage/storage';

/** Progress of retryable writes is forgotten after this long without use. */
export const SESSION_MS = 30 * 60_000;

/** What is saved for a transaction that was committed. */
const COMMITTED = new BsonWriter().boolean('committed', true).finish();

/** Sessions whose progress is kept in memory too; of others, and of long progress, only the file knows. */
const KEPT_SESSIONS = 1000;
const KEPT_BYTES = 1024;

interface Saved {
  readonly number: bigint;
  readonly progress: Buffer;
}

/** Names one attempt of a retryable write, or a transaction: the session and the number within it. */
export interface RetryKey {
  readonly session: Buffer;
  /** The session as a text to look it up by. */
  readonly name: string;
  readonly number: bigint;
}

/** A session as a text to look it up by. */
export const sessionName = (session: Buffer): string => session.toString('latin1');

/** The refusal of a number that is lower than the last one of its session. */
export function tooOld(number: bigint, last: bigint): StoreError {
  return new StoreError('TransactionTooOld', `txnNumber ${number} is older than ${last}, the last of its session`);
}

/** The refusal of a retryable write that has the number of a transaction. */
export function numberOfTransaction(number: bigint): StoreError {
  return new StoreError('Location50768', `a transaction of this session has the txnNumber ${number} already`);
}

/**
 * Remembers for every session how far its last retryable write came. The progress is saved in the transaction of the write
 * itself, so a write that is sent again, even after a crash, is continued or answered, never done twice.
 */
export class Sessions {
  readonly #running = new Map<string, Promise<unknown>>();
  /** The newest saved progress of sessions, those used last at the end. */
  readonly #kept = new Map<string, Saved>();

  constructor(private readonly storage: Storage) {}

  #saved({ session, name }: Omit<RetryKey, 'number'>): Saved | null {
    const kept = this.#kept.get(name);
    if (kept !== undefined) return kept;
    // As text, as they are saved: the driver would pass numbers on as doubles, which round the highest ones.
    const row = this.storage.reading.one<[string, Buffer]>(
      'SELECT CAST(txn AS TEXT), progress FROM sessions WHERE lsid=?',
      [session],
    );
    return row === undefined ? null : { number: BigInt(row[0]), progress: row[1] };
  }

  /** The progress saved for this write, or null when it is new. @throws StoreError when a later write was seen. */
  progress(key: RetryKey): Buffer | null {
    const { number } = key;
    const saved = this.#saved(key);
    if (saved === null || saved.number < number) return null;
    if (saved.number > number) throw tooOld(number, saved.number);
    if (saved.progress.equals(COMMITTED)) throw numberOfTransaction(number);
    return saved.progress;
  }

  /** The number of the last write or transaction that was saved for a session, or null. */
  lastNumber(key: Omit<RetryKey, 'number'>): bigint | null {
    return this.#saved(key)?.number ?? null;
  }

  /** Whether the transaction of that number was committed and none came after it. */
  isCommitted(key: RetryKey): boolean {
    const saved = this.#saved(key);
    return saved?.number === key.number && saved.progress.equals(COMMITTED);
  }

  /** Saves within the open transaction that the transaction of that number is committed. */
  saveCommitted(key: RetryKey): void {
    this.save(key, COMMITTED);
  }

  /** Saves progress within the open transaction. */
  save({ session, name, number }: RetryKey, progress: Buffer): void {
    this.#keep(name, { number, progress });
    this.storage.file.write(
      'INSERT INTO sessions(lsid, txn, progress, used_at) VALUES(?,CAST(? AS INTEGER),?,?) ' +
        'ON CONFLICT(lsid) DO UPDATE SET txn=excluded.txn, progress=excluded.progress, used_at=excluded.used_at',
      [session, String(number), progress, Date.now()],
    );
  }

  /** Keeps what is saved until the open transaction is taken back; only commands of the same session ask, and they wait for this one. */
  #keep(name: string, saved: Saved): void {
    this.storage.onRollback(() => this.#kept.delete(name));
    this.#kept.delete(name);
    if (saved.progress.length > KEPT_BYTES) return;
    this.#kept.set(name, saved);
    if (this.#kept.size <= KEPT_SESSIONS) return;
    for (const oldest of this.#kept.keys()) {
      this.#kept.delete(oldest);
      return;
    }
  }

  async end(session: Buffer): Promise<void> {
    await this.storage.write(() => {
      this.#kept.delete(sessionName(session));
      return this.storage.file.run('DELETE FROM sessions WHERE lsid=?', [session]);
    });
  }

  async forgetIdle(now: number): Promise<void> {
    await this.storage.write(() => {
      this.#kept.clear();
      return this.storage.file.run('DELETE FROM sessions WHERE used_at<?', [now - SESSION_MS]);
    });
  }

  /** Runs the writes and transactions of one session one after the other, so a repeated one finds the first one's outcome. */
  inTurn<Result>({ name }: Pick<RetryKey, 'name'>, run: () => Promise<Result>): Promise<Result> {
    const before = this.#running.get(name);
    // What became of the one before is not this one's concern.
    const turn = before === undefined ? run() : before.then(run, run);
    this.#running.set(name, turn);
    const leave = (): void => {
      if (this.#running.get(name) === turn) this.#running.delete(name);
    };
    turn.then(leave, leave);
    return turn;
  }
}
