import { DomainError } from '@app/domain';
import { MongooseError, mongo } from 'mongoose';

/** Error classes that mean "the store was not there", as opposed to "the store refused this". */
function isUnreachable(error: unknown): boolean {
  return (
    error instanceof mongo.MongoNetworkError ||
    error instanceof mongo.MongoServerSelectionError ||
    error instanceof mongo.MongoNotConnectedError ||
    error instanceof mongo.MongoTopologyClosedError ||
    error instanceof mongo.MongoClientClosedError ||
    (error instanceof MongooseError && error.name === 'MongooseServerSelectionError') ||
    (error instanceof MongooseError && /before initial connection|bufferCommands/.test(error.message))
  );
}

/**
 * Runs one conversation with the store.
 * @throws DomainError `STORE.UNAVAILABLE` when the store cannot be reached; every other error passes through unchanged.
 */
export async function storeCall<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (!isUnreachable(error)) throw error;
    throw new DomainError('STORE.UNAVAILABLE', 'The database cannot be reached; try again in a moment.', {
      retryAfterSeconds: 5,
      cause: error,
    });
  }
}

/** Whether a write was refused because a unique key is taken. */
export function isDuplicateKey(error: unknown): boolean {
  return error instanceof mongo.MongoServerError && error.code === 11000;
}
