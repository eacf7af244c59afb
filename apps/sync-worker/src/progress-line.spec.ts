import { SyncState } from '@app/persistence';
import { progressLine, summaryLine } from './progress-line';
import { TerminalProgress } from './terminal-progress';

const aState = (overrides: Partial<SyncState>): SyncState =>
  ({
    kind: 'full',
    state: 'running',
    percent: 50,
    fetched: 12_345,
    written: 12_000,
    unchanged: 340,
    failed: 5,
    ratePerSecond: 812.5,
    etaSeconds: 75,
    lastError: null,
    ...overrides,
  }) as SyncState;

describe('progress in words', () => {
  it('shows how far, how fast and how long', () => {
    expect(progressLine(aState({}))).toBe(
      'full sync [############------------]  50.0 % · 12,345 read · 812.5/s · 75 s left',
    );
    expect(progressLine(aState({ etaSeconds: 3_600 }))).toContain('60 min left');
    expect(progressLine(aState({ etaSeconds: null, lastError: 'the venue is away' }))).toContain(
      '/s · the venue is away',
    );
  });

  it.each([
    ['completed', null, 'full sync complete: 12,345 read, 12,000 written, 340 unchanged, 5 refused'],
    [
      'failed',
      'in circles',
      'full sync failed after 12,345 read, 12,000 written, 340 unchanged, 5 refused: in circles',
    ],
  ] as const)('sums a run up that %s', (state, lastError, line) =>
    expect(summaryLine(aState({ state, lastError }))).toBe(line),
  );
});

describe('TerminalProgress', () => {
  const terminal = (isTTY: boolean): { written: string[]; progress: TerminalProgress } => {
    const written: string[] = [];
    const write = (text: string | Uint8Array): boolean => written.push(String(text)) > 0;
    return { written, progress: new TerminalProgress({ write, isTTY, columns: 40 }) };
  };

  it('redraws one line, cut to the width, and lets others pass above it', () => {
    const { written, progress } = terminal(true);
    progress.show(aState({}));
    progress.write('a line\n');
    progress.clear();
    const shown = progressLine(aState({})).slice(0, 39);
    expect(written).toEqual([`\r\u001b[2K${shown}`, `\r\u001b[2Ka line\n${shown}`, '\r\u001b[2K']);
  });

  it('draws nothing where there is no terminal', () => {
    const { written, progress } = terminal(false);
    progress.show(aState({}));
    progress.clear();
    expect(written).toEqual([]);
  });
});
