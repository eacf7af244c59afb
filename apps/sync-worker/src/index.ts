export { syncByHand, type SyncByHandCommand, type SyncByHandConfig } from './by-hand';
export { syncWorkerEnv } from './sync-worker.env';
export { SyncWorkerModule } from './sync-worker.module';
export { syncWorkerOptions, type SyncWorkerOptions } from './sync-worker.options';
export { TerminalProgress } from './terminal-progress';
