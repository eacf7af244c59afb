import { DomainError } from '@app/domain';
import { StartError } from '@app/platform';

/** Returns a connection string without its user and password. */
export function withoutPassword(uri: string): string {
  return uri.replace(/\/\/[^@/]*@/, '//');
}

/** Returns a sentence about MONGO_URI when that is what an error is about, otherwise the error itself. */
export function explainStoreError(err: unknown, mongoUri: string | undefined): unknown {
  if (mongoUri === undefined || !(err instanceof DomainError) || err.code !== 'STORE.UNAVAILABLE') return err;
  const { cause } = err.details;
  const reason = cause instanceof Error ? cause.message : err.message;
  return new StartError(
    `The database at ${withoutPassword(mongoUri)} cannot be reached: ${reason}. ` +
      'Start it, correct MONGO_URI, or unset MONGO_URI to use the embedded store.',
    { cause: err },
  );
}
