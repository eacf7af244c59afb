import { ClientSession, Connection, mongo } from 'mongoose';
import { storeCall } from './store-call';

declare const MADE_HERE: unique symbol;

/** A transaction under way; handed to the repositories whose writes belong to it. */
export interface StoreTransaction {
  readonly [MADE_HERE]: true;
}

/** Writes over several collections and databases that happen together or not at all. */
export class StoreTransactions {
  constructor(private readonly connection: Connection) {}

  /**
   * Runs work whose writes all carry the given transaction, and commits them. The work runs again when another writer was first, so it
   * must have no effects of its own; inside it, calls are awaited one after the other. An error ends it with nothing written.
   */
  async run<T>(work: (transaction: StoreTransaction) => Promise<T>): Promise<T> {
    return storeCall(() =>
      this.connection
        .getClient()
        .withSession((session) => session.withTransaction(() => work(session as unknown as StoreTransaction))),
    );
  }
}

/** Returns the options that put a call into a transaction; none outside of one. */
export function within(transaction?: StoreTransaction): { session?: ClientSession } {
  return transaction === undefined ? {} : { session: transaction as unknown as mongo.ClientSession };
}
