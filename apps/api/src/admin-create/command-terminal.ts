import { StartError } from '@app/platform';
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';

/** Who sits at the command line, if anybody does. */
export interface CommandTerminal {
  /** Whether questions can be answered. */
  readonly isInteractive: boolean;
  /** Asks for one line without showing what is typed. @throws StartError when it is not answered */
  askHidden(question: string): Promise<string>;
  /** Asks for one line. @throws StartError when it is not answered */
  ask(question: string): Promise<string>;
  say(line: string): void;
}

/** The streams a terminal consists of; those of the process, or of a test. */
export interface TerminalStreams {
  input: NodeJS.ReadableStream & { isTTY?: boolean };
  output: NodeJS.WritableStream;
}

/** Returns the terminal over two streams. Questions go to `output`, so that standard output stays free for answers. */
export function openTerminal({ input, output }: TerminalStreams): CommandTerminal {
  const readLine = (question: string, shown: boolean): Promise<string> =>
    new Promise((resolve, reject) => {
      const unseen = new Writable({ write: (_chunk, _encoding, done) => done() });
      output.write(question);
      const reader = createInterface({ input, output: shown ? output : unseen, terminal: !shown, historySize: 0 });
      let answer: string | null = null;
      reader.on('SIGINT', () => reader.close());
      reader.once('line', (line) => {
        answer = line;
        reader.close();
      });
      reader.once('close', () => {
        if (!shown || answer === null) output.write('\n');
        if (answer === null) reject(new StartError('Nothing was changed.'));
        else resolve(answer);
      });
    });
  return {
    isInteractive: input.isTTY === true,
    askHidden: (question) => readLine(question, false),
    ask: (question) => readLine(question, true),
    say: (line) => void output.write(`${line}\n`),
  };
}
