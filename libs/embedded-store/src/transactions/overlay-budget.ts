import { StoreError } from '../errors/store-error';

/** Most bytes of documents one transaction may write. */
export const TRANSACTION_BYTES = 100 * 1024 * 1024;

/** Most bytes that all open transactions may hold together. */
const ALL_BYTES = 256 * 1024 * 1024;

/** Counts what open transactions hold in memory. */
export class OverlayBudget {
  #held = 0;

  constructor(private readonly limit = ALL_BYTES) {}

  /**
   * Adds bytes to a transaction that holds `own` so far; returns what it holds then.
   * @throws StoreError when the transaction or all together would hold too many.
   */
  take(own: number, bytes: number): number {
    if (own + bytes > TRANSACTION_BYTES) {
      throw new StoreError('TransactionTooLarge', `a transaction may write ${TRANSACTION_BYTES} bytes; use several`);
    }
    if (this.#held + bytes > this.limit) {
      throw new StoreError('TemporarilyUnavailable', `open transactions hold more than ${this.limit} bytes`);
    }
    this.#held += bytes;
    return own + bytes;
  }

  give(bytes: number): void {
    this.#held -= bytes;
  }
}
