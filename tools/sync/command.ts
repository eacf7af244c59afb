import { StartError } from '@app/platform';
import { parseArgs } from 'node:util';

const WHAT = ['full', 'incremental', 'status'] as const;

export interface SyncCommand {
  what: (typeof WHAT)[number];
  /** The demo's data instead of the real venue's. */
  demo: boolean;
}

/** Reads the command line. @throws StartError saying how it is used */
export function readCommand(args: readonly string[]): SyncCommand {
  const usage = 'usage: npm run sync -- --full | --incremental | --status [--demo]';
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        full: { type: 'boolean' },
        incremental: { type: 'boolean' },
        status: { type: 'boolean' },
        demo: { type: 'boolean' },
      },
    });
    const [what, ...others] = WHAT.filter((name) => values[name] === true);
    if (what !== undefined && others.length === 0) return { what, demo: values.demo === true };
  } catch (error) {
    throw new StartError(`${(error as Error).message}\n${usage}`);
  }
  throw new StartError(usage);
}
