import { SyncState } from '@app/persistence';
import { everythingComparedSince, lastComparedAt } from './sync-coverage';

const at = (text: string): Date => new Date(`2026-01-01T${text}:00Z`);

function passOver(names: ('open' | 'closed')[], coveredSince: Date | null): SyncState {
  return {
    kind: 'full',
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
    etaSeconds: null,
    startedAt: at('00:00'),
    progressedAt: at('00:00'),
    finishedAt: null,
    lastError: null,
    coveredSince,
    coveredRows: names.map((name) => ({ name, rows: 1 })),
  };
}

describe('when a market was last compared with the venue', () => {
  const full = passOver(['open', 'closed'], at('10:00'));
  const incremental = passOver(['open'], at('11:00'));
  const coverage = { full, incremental };

  it('is the later of its own record and the last pass over markets like it', () => {
    expect(lastComparedAt({ closed: false, lastSyncedAt: at('09:00') }, coverage)).toEqual(at('11:00'));
    expect(lastComparedAt({ closed: true, lastSyncedAt: at('09:00') }, coverage)).toEqual(at('10:00'));
    expect(lastComparedAt({ closed: true, lastSyncedAt: at('12:00') }, coverage)).toEqual(at('12:00'));
  });

  it('is its own record before any pass is complete', () => {
    const none = { full: passOver([], null), incremental: null };
    expect(lastComparedAt({ closed: false, lastSyncedAt: at('09:00') }, none)).toEqual(at('09:00'));
  });

  it('is told of everything only after a pass over open and closed markets', () => {
    expect(everythingComparedSince(coverage)).toEqual(at('10:00'));
    expect(everythingComparedSince({ full: passOver(['open'], at('10:00')), incremental })).toBeNull();
    expect(everythingComparedSince({ full: null, incremental })).toBeNull();
  });
});
