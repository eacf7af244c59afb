import { Connection, mongo } from 'mongoose';
import { isDuplicateKey } from '../store-call';
import { type StoreTransaction, within } from '../store-transaction';

type Stored = mongo.Document & { _id: string };

/** One write, in the driver's words. */
export type Write =
  | { readonly name: 'insertOne'; readonly document: Stored }
  | {
      readonly name: 'replaceOne';
      readonly filter: mongo.Filter<Stored>;
      readonly replacement: Stored;
      readonly upsert?: boolean;
    }
  | {
      readonly name: 'updateOne';
      readonly filter: mongo.Filter<Stored>;
      readonly update: mongo.UpdateFilter<Stored>;
      readonly upsert?: boolean;
    };

/** Writes to one collection, and what their outcomes mean. */
export interface WriteBatch {
  readonly collection: string;
  readonly writes: readonly Write[];
  /** Says what it means that so many documents to change are not there; left out, it means nothing. */
  readonly missing?: (count: number) => Error;
  /** Says what it means that a unique key is taken, by the server's message; null, or left out: nothing expected. */
  readonly taken?: (message: string) => Error | null;
}

/** MongoDB 8's, the first with `bulkWrite`. */
const BULK_WRITE_WIRE_VERSION = 25;

/** Sends the writes of a transaction: all in one command where the server takes it, else in one for each collection. */
export class BatchWriter {
  private answer: Promise<boolean> | null = null;

  constructor(private readonly connection: Connection) {}

  /**
   * Sends batches in their order.
   * @throws what the first batch that failed says of it, or the server's error; the transaction is over then
   */
  async write(batches: readonly WriteBatch[], transaction: StoreTransaction): Promise<void> {
    const filled = batches.filter(({ writes }) => writes.length > 0);
    if (filled.length === 0) return;
    if (await this.takesBulkWrite()) return this.writeAtOnce(filled, transaction);
    for (const batch of filled) await this.writeBatch(batch, transaction);
  }

  private async takesBulkWrite(): Promise<boolean> {
    this.answer ??= this.askForBulkWrite();
    try {
      return await this.answer;
    } catch (error) {
      this.answer = null;
      throw error;
    }
  }

  private async askForBulkWrite(): Promise<boolean> {
    const hello: { maxWireVersion?: unknown } = await this.connection.getClient().db('admin').command({ hello: 1 });
    return Number(hello.maxWireVersion) >= BULK_WRITE_WIRE_VERSION;
  }

  private async writeAtOnce(batches: readonly WriteBatch[], transaction: StoreTransaction): Promise<void> {
    const models = batches.flatMap(({ collection, writes }) =>
      writes.map((write) => ({ ...write, namespace: `${this.connection.name}.${collection}` })),
    );
    const { result, failure } = await this.bulkWrite(models, transaction);
    let first = 0;
    for (const { writes, missing, taken } of batches) {
      const indexes = writes.map((_, at) => first + at);
      first += writes.length;
      const error = indexes.map((index) => failure?.writeErrors.get(index)).find((one) => one !== undefined);
      if (error !== undefined) {
        const meaning = error.code === 11000 ? taken?.(error.message) : null;
        throw meaning ?? new Error(`a write was refused: ${error.message}`, { cause: failure });
      }
      const absent = indexes.filter((index) => result?.updateResults?.get(index)?.matchedCount !== 1).length;
      if (missing !== undefined && absent > 0) throw missing(absent);
    }
    if (failure !== undefined) throw failure;
  }

  private async bulkWrite(
    models: mongo.ClientBulkWriteModel<Record<string, Stored>>[],
    transaction: StoreTransaction,
  ): Promise<{ result: mongo.ClientBulkWriteResult | undefined; failure?: mongo.MongoClientBulkWriteError }> {
    try {
      const options = { ...within(transaction), ordered: true, verboseResults: true };
      return { result: await this.connection.getClient().bulkWrite<Record<string, Stored>>(models, options) };
    } catch (error) {
      if (!(error instanceof mongo.MongoClientBulkWriteError)) throw error;
      // What refuses the command as a whole is wrapped without its labels, which say whether to try the transaction again.
      if (error.cause instanceof Error) throw error.cause;
      return { result: error.partialResult, failure: error };
    }
  }

  private async writeBatch(
    { collection, writes, missing, taken }: WriteBatch,
    transaction: StoreTransaction,
  ): Promise<void> {
    const target = this.connection.getClient().db(this.connection.name).collection<Stored>(collection);
    let matched: number;
    try {
      ({ matchedCount: matched } = await target.bulkWrite(writes.map(toOperation), within(transaction)));
    } catch (error) {
      const meaning = isDuplicateKey(error) ? taken?.(String(error)) : null;
      if (meaning) throw meaning;
      throw error;
    }
    if (missing !== undefined && matched < writes.length) throw missing(writes.length - matched);
  }
}

function toOperation(write: Write): mongo.AnyBulkWriteOperation<Stored> {
  switch (write.name) {
    case 'insertOne':
      return { insertOne: { document: write.document } };
    case 'replaceOne':
      return { replaceOne: write };
    case 'updateOne':
      return { updateOne: write };
  }
}

/** Makes the batch that inserts documents. */
export function insertions(collection: string, documents: readonly Stored[]): WriteBatch {
  return { collection, writes: documents.map((document) => ({ name: 'insertOne', document })) };
}

/** Makes the batch that replaces documents, and with `upsert` stores those that are new. */
export function replacements(
  collection: string,
  documents: readonly Stored[],
  { upsert }: { upsert: boolean },
): WriteBatch {
  const writes = documents.map((replacement): Write => ({
    name: 'replaceOne',
    filter: { _id: replacement._id },
    replacement,
    upsert,
  }));
  if (upsert) return { collection, writes };
  return { collection, writes, missing: (count) => new Error(`${count} of ${collection} to change are not there`) };
}
