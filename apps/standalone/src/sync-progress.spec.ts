import { outcomeLine, progressLine, type SyncProgress } from './sync-progress';

const run: SyncProgress = {
  kind: 'full',
  runId: 'r',
  state: 'running',
  fetched: 9_600,
  written: 9_500,
  failed: 0,
  ratePerSecond: 811.6,
  percent: 48.9,
  etaSeconds: 11.2,
  lastError: null,
};

describe('progressLine', () => {
  it('shows how far the run is', () => {
    expect(progressLine(run)).toBe('full sync [############------------]  48% 9,600 markets, 812/s, 12 s left');
  });

  it.each([
    [
      { percent: 0, ratePerSecond: 0, etaSeconds: null, fetched: 0 },
      'full sync [------------------------]   0% 0 markets',
    ],
    [{ percent: 120, etaSeconds: 600 }, 'full sync [########################] 100% 9,600 markets, 812/s, 10 min left'],
  ])('draws the ends of %p', (change, expected) => {
    expect(progressLine({ ...run, ...change })).toBe(expected);
  });
});

describe('outcomeLine', () => {
  it('says nothing while the run goes on', () => {
    expect(outcomeLine(run)).toBeNull();
  });

  it.each([
    ['completed', 'The full sync is complete: 9,600 markets read, 9,500 written, 2 could not be understood.'],
    ['interrupted', 'The full sync stopped after 9,600 markets; it goes on from there.'],
    ['failed', 'The full sync failed after 9,600 markets: timeout. It is tried again.'],
  ] as const)('ends a run that %s with a sentence', (state, sentence) => {
    expect(outcomeLine({ ...run, state, failed: 2, lastError: 'timeout' })).toBe(sentence);
  });
});
