import type { SyncState } from '@app/persistence';

const BAR_WIDTH = 24;

/** What the reporter needs to know of a run. */
export type SyncProgress = Pick<
  SyncState,
  | 'kind'
  | 'runId'
  | 'state'
  | 'fetched'
  | 'written'
  | 'failed'
  | 'ratePerSecond'
  | 'percent'
  | 'etaSeconds'
  | 'lastError'
>;

/** Returns one line such as `full sync [#####-----]  48% 9,600 markets, 812/s, 12 s left`. */
export function progressLine(run: SyncProgress): string {
  const filled = Math.round((Math.min(100, Math.max(0, run.percent)) / 100) * BAR_WIDTH);
  const bar = '#'.repeat(filled) + '-'.repeat(BAR_WIDTH - filled);
  const left = run.etaSeconds === null ? '' : `, ${duration(run.etaSeconds)} left`;
  const rate = run.ratePerSecond > 0 ? `, ${Math.round(run.ratePerSecond).toLocaleString('en-US')}/s` : '';
  const percent = `${Math.floor(Math.min(100, run.percent))}%`.padStart(4);
  return `${run.kind} sync [${bar}] ${percent} ${run.fetched.toLocaleString('en-US')} markets${rate}${left}`;
}

/** Returns the sentence that ends a run's progress, or null while it goes on. */
export function outcomeLine(run: SyncProgress): string | null {
  const count = run.fetched.toLocaleString('en-US');
  const refused = run.failed > 0 ? `, ${run.failed.toLocaleString('en-US')} could not be understood` : '';
  switch (run.state) {
    case 'completed':
      return `The ${run.kind} sync is complete: ${count} markets read, ${run.written.toLocaleString('en-US')} written${refused}.`;
    case 'failed':
      return `The ${run.kind} sync failed after ${count} markets: ${run.lastError ?? 'no reason is known'}. It is tried again.`;
    case 'interrupted':
      return `The ${run.kind} sync stopped after ${count} markets; it goes on from there.`;
    case 'idle':
    case 'running':
      return null;
  }
}

function duration(seconds: number): string {
  if (seconds < 90) return `${Math.ceil(seconds)} s`;
  return `${Math.ceil(seconds / 60)} min`;
}
