import type { SyncState } from '@app/persistence';
import type { SyncProgress } from './sync-progress';
import { SyncReporter } from './sync-reporter';
import { Terminal } from './terminal';

const base: SyncProgress = {
  kind: 'full',
  runId: 'first',
  state: 'running',
  fetched: 0,
  written: 0,
  failed: 0,
  ratePerSecond: 0,
  percent: 0,
  etaSeconds: null,
  lastError: null,
};

/** Shows the states one after another and returns what was printed outside of a terminal. */
async function shown(states: (Partial<SyncProgress> | null)[]): Promise<string[]> {
  let text = '';
  let next: SyncProgress | null = null;
  const terminal = new Terminal({ write: (part) => (text += part) });
  const reporter = new SyncReporter({ find: () => Promise.resolve(next as SyncState | null) }, terminal);
  for (const state of states) {
    next = state === null ? null : { ...base, ...state };
    await reporter.poll();
  }
  return text.split('\n').filter((line) => line !== '');
}

describe('SyncReporter', () => {
  it('prints every ten percent once, and how it ended', async () => {
    const percents = [0, 4, 9.9, 10, 15, 31, 32, 40];
    const lines = await shown([
      ...percents.map((percent) => ({ percent })),
      { state: 'completed', fetched: 300, written: 300 },
    ]);
    expect(lines.map((line) => /(\d+)%/.exec(line)?.[1])).toEqual(['0', '10', '31', '40', undefined]);
    expect(lines.at(-1)).toBe('The full sync is complete: 300 markets read, 300 written.');
  });

  it('says nothing of a run that ended before, or of none', async () => {
    expect(await shown([null, { state: 'completed' }, { state: 'idle' }])).toEqual([]);
  });

  it('says how a run ended once', async () => {
    expect(await shown([{}, { state: 'failed' }, { state: 'failed' }])).toHaveLength(2);
  });

  it('starts anew with another run', async () => {
    const lines = await shown([{ percent: 50 }, { state: 'completed' }, { runId: 'second', percent: 0 }]);
    expect(lines).toHaveLength(3);
  });
});
