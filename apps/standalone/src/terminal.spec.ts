import { Terminal } from './terminal';

class Screen {
  text = '';

  constructor(
    readonly isTTY: boolean,
    readonly columns = 80,
  ) {}

  write(text: string): void {
    this.text += text;
  }

  /** What a person sees: every line after its redraws. */
  lines(): string[] {
    return this.text.split('\n').map((line) => line.split('\r\u001b[2K').at(-1) ?? '');
  }
}

describe('Terminal', () => {
  it('keeps the status below the lines', () => {
    const screen = new Screen(true);
    const terminal = new Terminal(screen);
    terminal.line('first');
    terminal.setStatus('10%');
    terminal.line('second');
    terminal.setStatus('20%');
    expect(screen.lines()).toEqual(['first', 'second', '20%']);
    terminal.setStatus('');
    expect(screen.lines()).toEqual(['first', 'second', '']);
  });

  it('cuts a status that would wrap', () => {
    const screen = new Screen(true, 10);
    new Terminal(screen).setStatus('0123456789abc');
    expect(screen.lines()).toEqual(['012345678']);
  });

  it('writes no status and no escape sequences outside of a terminal', () => {
    const screen = new Screen(false);
    const terminal = new Terminal(screen);
    terminal.setStatus('10%');
    terminal.line('first');
    expect(screen.text).toBe('first\n');
  });
});
