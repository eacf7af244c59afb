/** The part of a writable stream the terminal needs. */
export interface TerminalOutput {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

const CLEAR_LINE = '\r\u001b[2K';

/** Lines that scroll by, and below them at most one status line that is redrawn in place. Without a terminal there is none. */
export class Terminal {
  private status = '';

  constructor(private readonly output: TerminalOutput) {}

  get isInteractive(): boolean {
    return this.output.isTTY === true;
  }

  get columns(): number {
    return this.output.columns ?? 80;
  }

  line(text: string): void {
    this.output.write(this.status === '' ? `${text}\n` : `${CLEAR_LINE}${text}\n${this.status}`);
  }

  /** Shows or, with an empty text, removes the status line. Does nothing outside of a terminal. */
  setStatus(text: string): void {
    if (!this.isInteractive || text === this.status) return;
    this.status = text.slice(0, this.columns - 1);
    this.output.write(CLEAR_LINE + this.status);
  }
}
