import { PassThrough } from 'node:stream';
import { openTerminal } from './command-terminal';

describe('the terminal of a command', () => {
  function start(): { input: PassThrough; shown: () => string; terminal: ReturnType<typeof openTerminal> } {
    const input = new PassThrough();
    const output = new PassThrough();
    let shown = '';
    output.on('data', (chunk: Buffer) => (shown += chunk.toString()));
    return { input, shown: () => shown, terminal: openTerminal({ input, output }) };
  }

  it('does not show what is typed for a hidden question', async () => {
    const { input, shown, terminal } = start();
    const answer = terminal.askHidden('Password: ');
    input.write('correct horse\n');
    expect(await answer).toBe('correct horse');
    expect(shown()).toBe('Password: \n');
  });

  it('keeps the spaces around what is typed', async () => {
    const { input, terminal } = start();
    const answer = terminal.askHidden('Password: ');
    input.write('  two spaces  \n');
    expect(await answer).toBe('  two spaces  ');
  });

  it('asks one question after the other', async () => {
    const { input, terminal } = start();
    const first = terminal.askHidden('Once: ');
    input.write('one\n');
    expect(await first).toBe('one');
    const second = terminal.ask('Again: ');
    input.write('two\n');
    expect(await second).toBe('two');
  });

  it.each([
    ['Ctrl-C', '\u0003'],
    ['Ctrl-D', '\u0004'],
  ])('gives up at %s', async (_key, typed) => {
    const { input, terminal } = start();
    const answer = terminal.askHidden('Password: ');
    input.write(typed);
    await expect(answer).rejects.toThrow('Nothing was changed.');
  });

  it('gives up when the input ends', async () => {
    const { input, terminal } = start();
    const answer = terminal.ask('Promote? ');
    input.end();
    await expect(answer).rejects.toThrow('Nothing was changed.');
  });

  it('is not interactive without a TTY', () => {
    expect(start().terminal.isInteractive).toBe(false);
  });
});
