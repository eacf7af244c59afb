import type { SyncStateRepository } from '@app/persistence';
import { outcomeLine, progressLine } from './sync-progress';
import type { Terminal } from './terminal';

const POLL_MS = 500;
const PLAIN_STEP_PERCENT = 10;

/** Shows the full sync while it runs: a bar in a terminal, a line every ten percent elsewhere, and a sentence at its end. */
export class SyncReporter {
  private timer: NodeJS.Timeout | undefined;
  private isStopped = false;
  private runningId: string | null = null;
  private nextPlainPercent = 0;

  constructor(
    private readonly states: Pick<SyncStateRepository, 'find'>,
    private readonly terminal: Terminal,
  ) {}

  start(): void {
    this.timer = setTimeout(() => {
      // A store that does not answer is reported by those who need it; the bar stands still meanwhile.
      void this.poll()
        .catch(() => undefined)
        .finally(() => {
          if (!this.isStopped) this.start();
        });
    }, POLL_MS);
  }

  stop(): void {
    this.isStopped = true;
    clearTimeout(this.timer);
    this.terminal.setStatus('');
  }

  /** Looks once at the full sync and shows what changed. */
  async poll(): Promise<void> {
    const run = await this.states.find('full');
    if (run === null || this.isStopped) return;
    if (run.state === 'running') {
      if (this.runningId !== run.runId) this.nextPlainPercent = 0;
      this.runningId = run.runId;
      this.showProgress(progressLine(run), run.percent);
      return;
    }
    const outcome = this.runningId === run.runId ? outcomeLine(run) : null;
    if (outcome === null) return;
    this.runningId = null;
    this.terminal.setStatus('');
    this.terminal.line(outcome);
  }

  private showProgress(line: string, percent: number): void {
    if (this.terminal.isInteractive) {
      this.terminal.setStatus(line);
    } else if (percent >= this.nextPlainPercent) {
      this.terminal.line(line);
      this.nextPlainPercent = Math.floor(percent / PLAIN_STEP_PERCENT) * PLAIN_STEP_PERCENT + PLAIN_STEP_PERCENT;
    }
  }
}
