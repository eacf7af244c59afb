export { StoreLockedError, type StoreEndpoint, readStoreEndpoint } from './storage/lock-file';
export { type RunningStore, startStore, type StoreOptions } from './start-store';
export type { StoreLogger } from './commands/request';
export type { SyncMode } from './storage/sqlite-file';
export { CLOSED_LIST, type ClosedListEntry, type ClosedListKind } from './closed-list';
export { SERVED_COMMANDS } from './commands/dispatcher';
export { checkStore, type CheckTarget, StoreUnreadableError } from './storage/check';
export type { CheckSummary, Finding, FindingKind } from './storage/check-report';
