import { SyncKind, SyncState } from '@app/persistence';
import { dueSync, RESUME_AFTER_MS, RETRY_FAILED_AFTER_MS } from './schedule';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const SCHEDULE = { incrementalEveryMs: 5 * MINUTE, fullEveryMs: 24 * HOUR };
const START = new Date('2026-11-22T00:00:00Z');
const after = (ms: number): Date => new Date(START.getTime() + ms);

/** A run that started at START. */
function aState(kind: SyncKind, overrides: Partial<SyncState> = {}): SyncState {
  return {
    kind,
    runId: 'r',
    state: 'completed',
    activeOnly: false,
    limit: null,
    baseline: false,
    partitions: [],
    newestId: null,
    fetched: 0,
    written: 0,
    unchanged: 0,
    failed: 0,
    duplicates: 0,
    failures: [],
    ratePerSecond: 0,
    percent: 100,
    etaSeconds: 0,
    startedAt: START,
    progressedAt: START,
    finishedAt: START,
    lastError: null,
    coveredSince: START,
    coveredRows: [],
    ...overrides,
  };
}

const full = (overrides: Partial<SyncState> = {}): SyncState => aState('full', overrides);
const incremental = (overrides: Partial<SyncState> = {}): SyncState => aState('incremental', overrides);
const due = (f: SyncState | null, i: SyncState | null, ms: number, atOnce = false): SyncKind | null =>
  dueSync(f, i, SCHEDULE, after(ms), atOnce);

describe('what is due', () => {
  it('a full sync first, when there never was a complete one', () => {
    expect(due(null, null, 0)).toBe('full');
    expect(due(full({ limit: 10, coveredSince: null }), incremental(), 0)).toBe('full');
  });

  it('an incremental one every five minutes, a full one every day', () => {
    expect(due(full(), null, 0)).toBe('incremental');
    expect(due(full(), incremental(), 5 * MINUTE - 1)).toBeNull();
    expect(due(full(), incremental(), 5 * MINUTE)).toBe('incremental');
    expect(due(full(), incremental(), 24 * HOUR)).toBe('full');
  });

  it('an interrupted full one at once when the process starts, else after a while, and nothing before it', () => {
    const interrupted = full({ state: 'interrupted' });
    expect(due(interrupted, incremental(), 1, true)).toBe('full');
    expect(due(interrupted, incremental(), RESUME_AFTER_MS - 1)).toBeNull();
    expect(due(interrupted, incremental(), RESUME_AFTER_MS)).toBe('full');
  });

  it('a failed full one an hour later, incremental ones meanwhile', () => {
    const failed = full({ state: 'failed' });
    expect(due(failed, incremental(), 5 * MINUTE)).toBe('incremental');
    expect(due(failed, incremental(), RETRY_FAILED_AFTER_MS)).toBe('full');
  });

  it('a failed incremental one again soon, but not at once', () => {
    const failed = incremental({ state: 'failed', coveredSince: null, progressedAt: after(10 * MINUTE) });
    expect(due(full(), failed, 10 * MINUTE + 1)).toBeNull();
    expect(due(full(), failed, 11 * MINUTE)).toBe('incremental');
  });
});
