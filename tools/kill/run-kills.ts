import { runProcess, StartError } from '@app/platform';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const ROOT = join(__dirname, '..', '..');

/** A test that kills built processes, run from the command line. */
export interface KillCommand<Option extends string> {
  /** The apps it needs, which are built first. */
  apps: readonly string[];
  /** Its options, whole numbers from 0, and what they are when left out; `--seed` is one of every such command. */
  defaults: Readonly<Record<Option, number>>;
  /** Says what is about to happen. */
  begin: (options: Record<Option | 'seed', number>) => string;
  /** Kills, and says what came of it. */
  run: (options: Record<Option | 'seed', number>, print: (line: string) => void) => Promise<KillOutcome>;
}

export interface KillOutcome {
  /** What was done, in numbers; the time it took goes in front. */
  summary: string;
  /** What holds when there are no problems. */
  proven: string;
  problems: readonly string[];
}

/** The built bundle of an app. */
export function bundleOf(app: string): string {
  return join(ROOT, 'dist/apps', app, 'main.js');
}

/** Builds, kills and tells; the process fails when something was not in order. */
export function runKills<Option extends string>(command: KillCommand<Option>): void {
  void runProcess(() => {
    const options = readOptions(command.defaults);
    const print = (line: string): void => void process.stdout.write(`${line}\n`);
    const finished = (async (): Promise<void> => {
      for (const app of command.apps) {
        execFileSync(process.execPath, [join(ROOT, 'node_modules/@nestjs/cli/bin/nest.js'), 'build', app], {
          cwd: ROOT,
          stdio: 'inherit',
        });
      }
      print(`${command.begin(options)}, seed ${options.seed}`);
      const startedAt = performance.now();
      const { summary, proven, problems } = await command.run(options, print);
      const seconds = Math.round((performance.now() - startedAt) / 1000);
      print(`${seconds} s: ${summary}; ${problems.length === 0 ? proven : 'PROBLEMS:'}`);
      problems.forEach(print);
      if (problems.length > 0) throw new StartError(`${problems.length} problems; repeat with --seed ${options.seed}`);
    })();
    return Promise.resolve({ finished, stop: () => Promise.resolve() });
  });
}

function readOptions<Option extends string>(
  defaults: Readonly<Record<Option, number>>,
): Record<Option | 'seed', number> {
  const all: Record<string, number> = { ...defaults, seed: Date.now() % 1_000_000 };
  const names = Object.keys(all);
  const { values } = parseArgs({
    options: Object.fromEntries(names.map((name) => [name, { type: 'string' as const }])),
  });
  return Object.fromEntries(names.map((name) => [name, whole(name, String(values[name] ?? all[name]))])) as Record<
    Option | 'seed',
    number
  >;
}

function whole(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0)
    throw new StartError(`--${name} must be a whole number, found ${text}`);
  return value;
}
