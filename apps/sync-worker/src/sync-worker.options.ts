import { SyncSchedule } from './schedule';
import { SyncWorkerEnv } from './sync-worker.env';
import { TerminalProgress } from './terminal-progress';

export const SYNC_WORKER_OPTIONS = Symbol('SYNC_WORKER_OPTIONS');

export interface SyncWorkerOptions {
  /** Markets per database batch. */
  batchSize: number;
  schedule: SyncSchedule;
  /** Where progress is drawn; in the log when absent. */
  progress?: TerminalProgress;
}

/** The worker's options from parsed variables. */
export function syncWorkerOptions(
  env: Pick<SyncWorkerEnv, 'SYNC_BATCH_SIZE' | 'SYNC_INTERVAL_MINUTES' | 'FULL_SYNC_INTERVAL_HOURS'>,
): SyncWorkerOptions {
  return {
    batchSize: env.SYNC_BATCH_SIZE,
    schedule: {
      incrementalEveryMs: env.SYNC_INTERVAL_MINUTES * 60_000,
      fullEveryMs: env.FULL_SYNC_INTERVAL_HOURS * 3_600_000,
    },
  };
}
