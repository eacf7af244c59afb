import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

const ROOT = join(__dirname, '../..');

/** A process of the benchmark's own that tells what it is reachable by. */
export interface BenchChild {
  readonly ready: Record<string, unknown>;
  readonly pid: number;
  /** Sends a message and waits for the next one that comes back. */
  ask(message: object): Promise<unknown>;
  stop(): Promise<void>;
}

/** Starts a TypeScript file, or a built JavaScript one, as a process and waits until it says that it is ready. */
export async function startChild(
  file: string,
  args: readonly string[],
  options: { env?: NodeJS.ProcessEnv; firstMessage?: unknown } = {},
): Promise<BenchChild> {
  const command = [join(ROOT, file), ...args];
  if (file.endsWith('.ts')) command.unshift(join(ROOT, 'tools/ts.cjs'));
  const child: ChildProcess = fork(command[0] ?? '', command.slice(1), {
    cwd: ROOT,
    env: { ...process.env, NODE_ENV: 'production', ...options.env },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  if (options.firstMessage !== undefined) child.send(options.firstMessage as object);
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`${file} ended with code ${String(code)} before it was ready`);
  });
  ended.catch(() => undefined);
  const [ready] = (await Promise.race([once(child, 'message'), ended])) as [Record<string, unknown>];
  return {
    ready,
    pid: child.pid ?? 0,
    async ask(message) {
      const answer = once(child, 'message');
      child.send(message);
      return ((await answer) as [unknown])[0];
    },
    async stop() {
      if (child.exitCode !== null) return;
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}
