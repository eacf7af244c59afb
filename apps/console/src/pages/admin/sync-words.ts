import type { Schemas } from '../../api/client';
import type { Tone } from '../../ui/bits';
import { formatCount, formatSeconds } from '../../ui/format';

type SyncPass = Schemas['SyncPass'];
type RefreshJob = Schemas['MarketRefreshJob'];

export const MODE_NAMES: Readonly<Record<SyncPass['mode'], string>> = {
  full: 'Every market',
  incremental: 'Open markets',
};

/** How a pass or a refresh stands. */
export const STATE_WORDS: Readonly<Record<SyncPass['state'] | RefreshJob['state'], { word: string; tone: Tone }>> = {
  idle: { word: 'Has not run yet', tone: 'plain' },
  queued: { word: 'Waiting for a worker', tone: 'warn' },
  running: { word: 'Running', tone: 'good' },
  interrupted: { word: 'Interrupted, will go on', tone: 'warn' },
  completed: { word: 'Completed', tone: 'good' },
  failed: { word: 'Failed', tone: 'bad' },
};

/** How far a pass is and how long it still takes, in one line. */
export function describePace(pass: Pick<SyncPass, 'state' | 'percent' | 'rate_per_s' | 'eta_s'>): string {
  const percent = `${(pass.percent ?? 0).toFixed(1)}%`;
  if (pass.state !== 'running') return percent;
  const rate = pass.rate_per_s === null ? 'no pace yet' : `${formatCount(pass.rate_per_s)} markets/s`;
  const left = pass.eta_s === null ? 'time left not known yet' : `about ${formatSeconds(pass.eta_s)} left`;
  return `${percent} · ${rate} · ${left}`;
}

/** Seconds from the start to the end, or to now; null before the start. */
export function secondsTaken(
  { started_at, finished_at }: { started_at: string | null; finished_at: string | null },
  nowMs: number,
): number | null {
  if (started_at === null) return null;
  const end = finished_at === null ? nowMs : Date.parse(finished_at);
  return Math.max(0, (end - Date.parse(started_at)) / 1_000);
}
