import { SyncPartition, SyncState } from '@app/persistence';
import {
  endedState,
  estimateProgress,
  FAILURES_KEPT,
  findResumable,
  freshState,
  keepFailures,
  observedState,
  resumedState,
} from './run-plan';

const T0 = new Date('2026-11-22T10:00:00Z');
const T1 = new Date('2026-11-22T10:00:10Z');

function aRun(overrides: Partial<SyncState> = {}): SyncState {
  return { ...freshState({ kind: 'full' }, null, { id: 'run', now: T0, catalogueFilled: false }), ...overrides };
}

const partition = (overrides: Partial<SyncPartition>): SyncPartition => ({
  name: 'open',
  cursor: 'c',
  pages: 1,
  rows: 100,
  firstId: '1000',
  lastId: '1050',
  done: false,
  error: null,
  ...overrides,
});

describe('which run is gone on with', () => {
  it.each(['running', 'interrupted'] as const)('a full one left %s', (state) => {
    expect(findResumable(aRun({ state }), { kind: 'full' })?.runId).toBe('run');
    expect(findResumable(aRun({ state }), { kind: 'full', limit: 10 })?.runId).toBe('run');
  });

  it.each(['completed', 'failed'] as const)('not one that %s', (state) => {
    expect(findResumable(aRun({ state }), { kind: 'full' })).toBeNull();
  });

  it('not an incremental one, which is quick to start over', () => {
    expect(findResumable(aRun({ kind: 'incremental', state: 'interrupted' }), { kind: 'incremental' })).toBeNull();
  });

  it('a narrow one only when just that is asked', () => {
    const narrow = aRun({ state: 'interrupted', activeOnly: true });
    expect(findResumable(narrow, { kind: 'full' })).toBeNull();
    expect(findResumable(narrow, { kind: 'full', activeOnly: true })).not.toBeNull();
  });
});

describe('a fresh run', () => {
  it('reads open and closed markets, or only open ones', () => {
    const names = (state: SyncState): string[] => state.partitions.map(({ name }) => name);
    const run = { id: 'r', now: T0, catalogueFilled: true };
    expect(names(freshState({ kind: 'full' }, null, run))).toEqual(['open', 'closed']);
    expect(names(freshState({ kind: 'full', activeOnly: true }, null, run))).toEqual(['open']);
    expect(names(freshState({ kind: 'incremental' }, null, run))).toEqual(['open']);
  });

  it('remembers what the last complete one covered', () => {
    const previous = aRun({ coveredSince: T0, coveredRows: [{ name: 'open', rows: 9 }] });
    expect(freshState({ kind: 'full' }, previous, { id: 'r', now: T1, catalogueFilled: true })).toMatchObject({
      coveredSince: T0,
      coveredRows: [{ name: 'open', rows: 9 }],
      startedAt: T1,
      baseline: false,
    });
  });
});

it('a resumed run keeps its cursors, counters and start', () => {
  const previous = aRun({ state: 'interrupted', fetched: 300, partitions: [partition({ cursor: 'x' })] });
  expect(resumedState(previous, T1)).toMatchObject({
    state: 'running',
    fetched: 300,
    startedAt: T0,
    partitions: [{ cursor: 'x' }],
  });
});

describe('progress', () => {
  it('is the mean position between the first and the newest id, with rate and time left by the pace of this attempt', () => {
    const state = aRun({
      newestId: '1100',
      fetched: 1_000,
      partitions: [partition({ lastId: '1040' }), partition({ name: 'closed', lastId: '1060' })],
    });
    expect(estimateProgress(state, { at: T0, fetched: 500, percent: 25 }, T1)).toEqual({
      ratePerSecond: 50,
      percent: 50,
      etaSeconds: 20,
    });
  });

  it('is 100 only when every partition is done', () => {
    const almost = aRun({ newestId: '1050', partitions: [partition({}), partition({ done: true })] });
    expect(estimateProgress(almost, { at: T0, fetched: 0, percent: 0 }, T1).percent).toBe(99.9);
    const done = aRun({ newestId: null, partitions: [partition({ done: true })] });
    expect(estimateProgress(done, { at: T0, fetched: 0, percent: 0 }, T1)).toMatchObject({
      percent: 100,
      etaSeconds: 0,
    });
  });

  it('is measured by rows when a run is asked to be short, and unknown without anything to go by', () => {
    const short = aRun({ limit: 200, fetched: 50, partitions: [partition({ lastId: null })] });
    expect(estimateProgress(short, { at: T0, fetched: 0, percent: 0 }, T1).percent).toBe(25);
    const blind = aRun({ newestId: null, partitions: [partition({})] });
    expect(estimateProgress(blind, { at: T0, fetched: 0, percent: 0 }, T0)).toEqual({
      ratePerSecond: 0,
      percent: 0,
      etaSeconds: null,
    });
  });
});

describe('the end of a run', () => {
  it('covers what it read when it read everything', () => {
    expect(endedState(aRun({ partitions: [partition({ done: true, rows: 7 })] }), T1)).toMatchObject({
      state: 'completed',
      percent: 100,
      finishedAt: T1,
      coveredSince: T0,
      coveredRows: [{ name: 'open', rows: 7 }],
    });
  });

  it('is a failure with its reasons when a partition was given up', () => {
    const state = endedState(aRun({ percent: 40, partitions: [partition({ error: 'in circles' })] }), T1);
    expect(state).toMatchObject({ state: 'failed', percent: 40, lastError: 'in circles', coveredSince: null });
  });

  it.each([{ limit: 10 }, { activeOnly: true }])('leaves the coverage as it was after a narrow run: %j', (narrow) => {
    expect(endedState(aRun({ ...narrow, coveredSince: null }), T1)).toMatchObject({
      state: 'completed',
      coveredSince: null,
    });
  });
});

it('keeps the newest failures, a bounded number', () => {
  const many = Array.from({ length: FAILURES_KEPT + 5 }, (_, index) => ({ path: `p${index}`, reason: 'r', id: null }));
  const kept = keepFailures(many.slice(0, 3), many.slice(3));
  expect(kept).toHaveLength(FAILURES_KEPT);
  expect(kept.at(-1)?.path).toBe(`p${FAILURES_KEPT + 4}`);
});

describe('a state as it really is', () => {
  const lease = { holder: 'h', kind: 'full' as const, until: T1, token: 1 };

  it('is running only while somebody holds the right to', () => {
    expect(observedState(aRun(), lease, T0).state).toBe('running');
    expect(observedState(aRun(), lease, T1).state).toBe('interrupted');
    expect(observedState(aRun(), { ...lease, kind: 'incremental' }, T0).state).toBe('interrupted');
    expect(observedState(aRun(), null, T0)).toMatchObject({ state: 'interrupted', etaSeconds: null });
    expect(observedState(aRun({ state: 'completed' }), null, T0).state).toBe('completed');
  });
});
