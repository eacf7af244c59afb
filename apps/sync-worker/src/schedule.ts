import { SyncKind, SyncState } from '@app/persistence';

/** How often each sync runs, milliseconds from the start of one complete run to the start of the next. */
export interface SyncSchedule {
  incrementalEveryMs: number;
  fullEveryMs: number;
}

/** Wait before a run the venue interrupted is taken up again, milliseconds. */
export const RESUME_AFTER_MS = 15_000;
/** Longest wait before a run that failed is tried again, milliseconds. */
export const RETRY_FAILED_AFTER_MS = 3_600_000;
const RETRY_INCREMENTAL_AFTER_MS = 60_000;

/**
 * Decides which sync is due now; null when none is. It goes by what is stored, so restarts and replicas change nothing.
 * The first full sync and one that was interrupted go before everything; incremental ones wait until a full one has ended.
 * @param resumeAtOnce true at the start of a process, when a run left unfinished is its own or a dead process's
 */
export function dueSync(
  full: SyncState | null,
  incremental: SyncState | null,
  schedule: SyncSchedule,
  now: Date,
  resumeAtOnce: boolean,
): SyncKind | null {
  if (fullDueAt(full, schedule, resumeAtOnce) <= now.getTime()) return 'full';
  if (full === null || full.state === 'interrupted' || full.state === 'running') return null;
  return incrementalDueAt(incremental, schedule) <= now.getTime() ? 'incremental' : null;
}

function fullDueAt(full: SyncState | null, schedule: SyncSchedule, resumeAtOnce: boolean): number {
  if (full === null) return 0;
  switch (full.state) {
    case 'running':
    case 'interrupted':
      return resumeAtOnce ? 0 : full.progressedAt.getTime() + RESUME_AFTER_MS;
    case 'failed':
      return full.progressedAt.getTime() + Math.min(RETRY_FAILED_AFTER_MS, schedule.fullEveryMs);
    case 'idle':
    case 'completed':
      return full.coveredSince === null ? 0 : full.coveredSince.getTime() + schedule.fullEveryMs;
  }
}

function incrementalDueAt(incremental: SyncState | null, schedule: SyncSchedule): number {
  if (incremental === null) return 0;
  const covered = incremental.coveredSince?.getTime() ?? 0;
  const regular = covered + schedule.incrementalEveryMs;
  if (incremental.state === 'completed') return regular;
  const retry = incremental.progressedAt.getTime() + Math.min(RETRY_INCREMENTAL_AFTER_MS, schedule.incrementalEveryMs);
  return Math.max(regular, retry);
}
