import type { StoreError } from '../errors/store-error';

/** Errors after which a transaction as a whole may be tried again: nothing of it was or will be written. */
const TRANSIENT = new Set<string>([
  'WriteConflict',
  'LockTimeout',
  'NoSuchTransaction',
  'SnapshotUnavailable',
  'TemporarilyUnavailable',
]);

export function isTransient({ codeName }: StoreError): boolean {
  return TRANSIENT.has(codeName);
}
