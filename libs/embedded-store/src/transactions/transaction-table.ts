import { StoreError } from '../errors/store-error';
import type { Storage } from '../storage/storage';
import { OverlayBudget } from './overlay-budget';
import { numberOfTransaction, type RetryKey, type Sessions, SESSION_MS, tooOld } from './sessions';
import { Transaction } from './transaction';

/** An open transaction is aborted after this long, as in MongoDB. */
export const TRANSACTION_LIFETIME_MS = 60_000;

type Outcome = 'open' | 'committed' | 'aborted';

interface SessionState {
  readonly key: RetryKey;
  readonly transaction: Transaction;
  /** Connections that have carried its commands and are still open. */
  readonly connections: Set<number>;
  readonly expiry: NodeJS.Timeout;
  outcome: Outcome;
  usedAt: number;
}

export interface TransactionTableOptions {
  readonly storage: Storage;
  readonly sessions: Sessions;
  /** Called when a transaction has ended, either way. */
  readonly onEnd: (transaction: Transaction) => void;
  readonly lifetimeMs?: number;
}

/**
 * The last transaction of every session. Everything here but {@link connectionClosed} is called in the turn of the session, so no command
 * of a transaction runs while it is ended.
 */
export class TransactionTable {
  readonly #states = new Map<string, SessionState>();
  readonly #connected = new Set<number>();
  readonly #budget = new OverlayBudget();

  constructor(private readonly options: TransactionTableOptions) {}

  /** Opens a transaction; one of the session that is still open is aborted. @throws StoreError when the number was used already. */
  start(key: RetryKey): Transaction {
    this.#admit(key);
    const { storage, sessions, lifetimeMs = TRANSACTION_LIFETIME_MS } = this.options;
    const saved = sessions.lastNumber(key);
    if (saved !== null && saved > key.number) throw tooOld(key.number, saved);
    if (saved === key.number || this.#stateOf(key) !== null) {
      throw new StoreError(
        'Location50911',
        `Cannot start a transaction at txnNumber ${key.number}: it was used already`,
      );
    }
    const transaction = new Transaction(storage, this.#budget);
    const expiry = setTimeout(() => void this.#abortInTurn(key), lifetimeMs);
    expiry.unref();
    this.#states.set(key.name, {
      key,
      transaction,
      connections: new Set(),
      expiry,
      outcome: 'open',
      usedAt: Date.now(),
    });
    return transaction;
  }

  /** The open transaction of that number. @throws StoreError when it is not open. */
  get(key: RetryKey): Transaction {
    this.#admit(key);
    const state = this.#stateOf(key);
    if (state?.outcome !== 'open') throw this.#notOpen(key, state);
    state.usedAt = Date.now();
    return state.transaction;
  }

  #notOpen(key: RetryKey, state: SessionState | null): StoreError {
    const { number } = key;
    const saved = this.options.sessions.lastNumber(key);
    if (saved !== null && saved > number) return tooOld(number, saved);
    if (state?.outcome === 'committed') {
      return new StoreError('TransactionCommitted', `Transaction with { txnNumber: ${number} } has been committed.`);
    }
    const message =
      state === null
        ? `Given transaction number ${number} does not match any in-progress transactions.`
        : `Transaction with { txnNumber: ${number} } has been aborted.`;
    return new StoreError('NoSuchTransaction', message);
  }

  /** Notes that a connection carries the transaction's commands. */
  carry(key: RetryKey, connection: number): void {
    if (this.#connected.has(connection)) this.#stateOf(key)?.connections.add(connection);
  }

  /** Whether the transaction of that number was committed, in this process or before. */
  isCommitted(key: RetryKey): boolean {
    const state = this.#stateOf(key);
    return state === null ? this.options.sessions.isCommitted(key) : state.outcome === 'committed';
  }

  /** Ends a transaction whose changes are in the data file. */
  markCommitted(key: RetryKey): void {
    this.#end(this.#stateOf(key), 'committed');
  }

  /** Throws a transaction's changes away, if it is open. */
  abort(key: RetryKey): void {
    this.#end(this.#stateOf(key), 'aborted');
  }

  /** Aborts a transaction that nobody can go on with: all its connections are closed. */
  abortIfDeserted(key: RetryKey): void {
    if (this.#stateOf(key)?.connections.size === 0) this.abort(key);
  }

  /** Makes way for a retryable write of the session. @throws StoreError when its number was used or is too old. */
  admitWrite(key: RetryKey): void {
    this.#admit(key);
    if (this.#stateOf(key) !== null) throw numberOfTransaction(key.number);
  }

  /** Aborts the session's older transaction; a newer one refuses the command. */
  #admit(key: RetryKey): void {
    const state = this.#states.get(key.name);
    if (state === undefined) return;
    if (state.key.number > key.number) throw tooOld(key.number, state.key.number);
    if (state.key.number < key.number) this.#end(state, 'aborted');
  }

  /** The state of the transaction with that very number. */
  #stateOf(key: RetryKey): SessionState | null {
    const state = this.#states.get(key.name);
    return state?.key.number === key.number ? state : null;
  }

  #end(state: SessionState | null, outcome: Outcome): void {
    if (state?.outcome !== 'open') return;
    state.outcome = outcome;
    clearTimeout(state.expiry);
    state.transaction.end();
    this.options.onEnd(state.transaction);
  }

  async #abortInTurn(key: RetryKey): Promise<void> {
    await this.options.sessions.inTurn(key, () => Promise.resolve(this.abort(key)));
  }

  /** Aborts the session's open transaction and forgets the session. */
  endSession({ name }: Pick<RetryKey, 'name'>): void {
    this.#end(this.#states.get(name) ?? null, 'aborted');
    this.#states.delete(name);
  }

  forgetIdle(now: number): void {
    for (const [name, { outcome, usedAt }] of this.#states) {
      if (outcome !== 'open' && now - usedAt > SESSION_MS) this.#states.delete(name);
    }
  }

  connectionOpened(connection: number): void {
    this.#connected.add(connection);
  }

  /** Aborts the transactions whose last connection this was, once their command under way has ended. */
  connectionClosed(connection: number): void {
    this.#connected.delete(connection);
    for (const { key, connections, outcome } of this.#states.values()) {
      if (connections.delete(connection) && connections.size === 0 && outcome === 'open') void this.#abortInTurn(key);
    }
  }

  /** Aborts everything that is open. */
  close(): void {
    for (const state of this.#states.values()) this.#end(state, 'aborted');
  }
}
