import { DomainError } from '@app/domain';

/**
 * Waits for a call of what processes share.
 * @throws DomainError `STORE.UNAVAILABLE` when it cannot be reached; RangeErrors, the caller's own, as they are
 */
export async function reached<Value>(call: Promise<Value>): Promise<Value> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof RangeError) throw error;
    const message = 'Live data cannot be reached at the moment. Try again in a few seconds.';
    throw new DomainError('STORE.UNAVAILABLE', message, { cause: error });
  }
}
