import { SyncState } from '@app/persistence';
import { progressLine } from './progress-line';

const CLEAR_LINE = '\r\u001b[2K';

/** A line at the bottom of a terminal that is redrawn in place; other lines pass above it. Does nothing where output is no terminal. */
export class TerminalProgress {
  private shown = '';

  constructor(private readonly out: Pick<NodeJS.WriteStream, 'write' | 'isTTY' | 'columns'>) {}

  show(state: SyncState): void {
    if (!this.out.isTTY) return;
    this.shown = progressLine(state).slice(0, Math.max(20, (this.out.columns ?? 80) - 1));
    this.out.write(CLEAR_LINE + this.shown);
  }

  /** Prints text that ends in a line break above the progress. */
  write(text: string): void {
    this.out.write(this.shown === '' ? text : `${CLEAR_LINE}${text}${this.shown}`);
  }

  clear(): void {
    if (this.shown !== '') this.out.write(CLEAR_LINE);
    this.shown = '';
  }
}
