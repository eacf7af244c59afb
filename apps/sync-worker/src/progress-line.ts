import { SyncState } from '@app/persistence';

const BAR_WIDTH = 24;
const count = (value: number): string => value.toLocaleString('en-US');

/** Returns one line on how far a run is, such as `full sync [#####-----]  48.0 % · 9,600 read · 812/s · 12 s left`. */
export function progressLine(state: SyncState): string {
  const filled = Math.round((state.percent / 100) * BAR_WIDTH);
  const bar = '#'.repeat(filled) + '-'.repeat(BAR_WIDTH - filled);
  const parts = [
    `${state.kind} sync [${bar}] ${state.percent.toFixed(1).padStart(5)} %`,
    `${count(state.fetched)} read`,
    `${count(state.ratePerSecond)}/s`,
    ...(state.etaSeconds === null ? [] : [`${duration(state.etaSeconds)} left`]),
    ...(state.lastError === null ? [] : [state.lastError]),
  ];
  return parts.join(' · ');
}

/** Returns what a run did, or how far it came, in one sentence. */
export function summaryLine(state: SyncState): string {
  const numbers =
    `${count(state.fetched)} read, ${count(state.written)} written, ${count(state.unchanged)} unchanged, ` +
    `${count(state.failed)} refused`;
  const reason = state.lastError === null ? '' : `: ${state.lastError}`;
  switch (state.state) {
    case 'completed':
      return `${state.kind} sync complete: ${numbers}`;
    case 'failed':
      return `${state.kind} sync failed after ${numbers}${reason}`;
    case 'interrupted':
      return `${state.kind} sync interrupted after ${numbers}${reason}; the next one goes on from there`;
    case 'running':
      return progressLine(state);
    case 'idle':
      return `${state.kind} sync has not run yet`;
  }
}

function duration(seconds: number): string {
  if (seconds < 90) return `${seconds} s`;
  if (seconds < 5_400) return `${Math.round(seconds / 60)} min`;
  return `${(seconds / 3_600).toFixed(1)} h`;
}
