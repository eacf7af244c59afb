import { SyncFailure, SyncKind, SyncLease, SyncPartition, SyncPartitionName, SyncState } from '@app/persistence';

/** What a run is asked to read. */
export interface SyncRequest {
  kind: SyncKind;
  /** A full sync of open markets only. */
  activeOnly?: boolean;
  /** At most this many markets; null or absent for all. */
  limit?: number | null;
}

/** Failures kept with their reason; the rest is only counted. */
export const FAILURES_KEPT = 50;

/** The last state, if its run stopped on the way and the request is covered by going on with it; else null. */
export function findResumable(previous: SyncState | null, request: SyncRequest): SyncState | null {
  if (previous === null || previous.kind !== 'full') return null;
  if (previous.state !== 'running' && previous.state !== 'interrupted') return null;
  const isWhole = !previous.activeOnly && previous.limit === null;
  const isSame = previous.activeOnly === (request.activeOnly ?? false) && previous.limit === (request.limit ?? null);
  return isWhole || isSame ? previous : null;
}

/** Returns the state a fresh run starts with. `previous` is the last run of the kind, whose coverage stays known. */
export function freshState(
  request: SyncRequest,
  previous: SyncState | null,
  run: { id: string; now: Date; catalogueFilled: boolean },
): SyncState {
  const activeOnly = request.kind === 'incremental' || (request.activeOnly ?? false);
  const names: SyncPartitionName[] = activeOnly ? ['open'] : ['open', 'closed'];
  return {
    kind: request.kind,
    runId: run.id,
    state: 'running',
    activeOnly,
    limit: request.limit ?? null,
    baseline: !run.catalogueFilled,
    partitions: names.map((name) => ({
      name,
      cursor: null,
      pages: 0,
      rows: 0,
      lastId: null,
      firstId: null,
      done: false,
      error: null,
    })),
    newestId: null,
    fetched: 0,
    written: 0,
    unchanged: 0,
    failed: 0,
    duplicates: 0,
    failures: [],
    ratePerSecond: 0,
    percent: 0,
    etaSeconds: null,
    startedAt: run.now,
    progressedAt: run.now,
    finishedAt: null,
    lastError: null,
    coveredSince: previous?.coveredSince ?? null,
    coveredRows: previous?.coveredRows ?? [],
  };
}

/** Returns an interrupted run's state as it goes on. */
export function resumedState(previous: SyncState, now: Date): SyncState {
  return { ...previous, state: 'running', ratePerSecond: 0, etaSeconds: null, progressedAt: now, finishedAt: null };
}

/** Where this attempt began, to measure its pace. */
export interface AttemptStart {
  at: Date;
  fetched: number;
  percent: number;
}

/**
 * Returns rate, percent and time left. Percent is the mean over the partitions of how far the last stored id stands between the partition's first and the venue's newest,
 * below 100 until all are done; the time left supposes the pace of this attempt.
 */
export function estimateProgress(
  state: Pick<SyncState, 'partitions' | 'newestId' | 'fetched' | 'limit'>,
  attempt: AttemptStart,
  now: Date,
): Pick<SyncState, 'ratePerSecond' | 'percent' | 'etaSeconds'> {
  const elapsed = (now.getTime() - attempt.at.getTime()) / 1000;
  const ratePerSecond = elapsed > 0 ? round((state.fetched - attempt.fetched) / elapsed, 1) : 0;
  const allDone = state.partitions.every((partition) => partition.done);
  const byPosition =
    state.partitions.reduce((sum, partition) => sum + position(partition, state.newestId), 0) / state.partitions.length;
  const byLimit = state.limit === null ? 0 : Math.min(100, (state.fetched / state.limit) * 100);
  const percent = allDone ? 100 : Math.min(99.9, round(Math.max(byPosition, byLimit), 1));
  const gained = percent - attempt.percent;
  const etaSeconds = allDone ? 0 : gained > 0 && elapsed > 0 ? Math.round((elapsed * (100 - percent)) / gained) : null;
  return { ratePerSecond, percent, etaSeconds };
}

function position(partition: SyncPartition, newestId: string | null): number {
  if (partition.done) return 100;
  if (partition.lastId === null || partition.firstId === null || newestId === null) return 0;
  const first = BigInt(partition.firstId);
  const way = BigInt(newestId) - first;
  // Everything read so far is newer than what was newest at the start.
  if (way <= 0n) return 100;
  return Math.min(100, Number(((BigInt(partition.lastId) - first) * 10_000n) / way) / 100);
}

function round(value: number, digits: number): number {
  const factor = 10 ** digits;
  return Math.round(value * factor) / factor;
}

/** Adds failures to those kept, the newest last, at most {@link FAILURES_KEPT}. */
export function keepFailures(kept: readonly SyncFailure[], more: readonly SyncFailure[]): SyncFailure[] {
  return [...kept, ...more].slice(-FAILURES_KEPT);
}

/** Returns the state of a run that ended: completed when every partition was read to its end, else failed. */
export function endedState(state: SyncState, now: Date): SyncState {
  const errors = state.partitions.flatMap((partition) => (partition.error === null ? [] : [partition.error]));
  const failed = errors.length > 0;
  const coversAll = !failed && state.limit === null && (state.kind === 'incremental' || !state.activeOnly);
  return {
    ...state,
    state: failed ? 'failed' : 'completed',
    percent: failed ? state.percent : 100,
    etaSeconds: failed ? null : 0,
    finishedAt: now,
    progressedAt: now,
    lastError: failed ? errors.join('; ') : null,
    coveredSince: coversAll ? state.startedAt : state.coveredSince,
    coveredRows: coversAll
      ? state.partitions.map((partition) => ({ name: partition.name, rows: partition.rows }))
      : state.coveredRows,
  };
}

/** Returns a state as it really is: what says it is running, though nobody holds the right to, was interrupted. */
export function observedState(state: SyncState, lease: SyncLease | null, now: Date): SyncState {
  const isHeld = lease !== null && lease.kind === state.kind && lease.until > now;
  return state.state === 'running' && !isHeld ? { ...state, state: 'interrupted', etaSeconds: null } : state;
}
