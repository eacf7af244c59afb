import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';

const POLL_MS = 20;

/** A process as the system lists it. */
export interface ListedProcess {
  readonly parentPid: number;
  hasArgument(argument: string): boolean;
}

/** Returns a process that runs; null when none does, or where the system does not tell (Windows). */
export async function findProcess(pid: number): Promise<ListedProcess | null> {
  if (process.platform === 'linux') return readProc(pid);
  if (process.platform === 'win32') return null;
  try {
    const { stdout } = await promisify(execFile)('ps', ['-o', 'ppid=,command=', '-p', String(pid)]);
    const [, parent, command] = /^\s*(\d+)\s+(.*)$/s.exec(stdout) ?? [];
    if (parent === undefined || command === undefined) return null;
    return { parentPid: Number(parent), hasArgument: (argument) => command.includes(argument) };
  } catch {
    return null;
  }
}

function readProc(pid: number): ListedProcess | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name in brackets may hold anything; state and parent follow it.
    const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (state === 'Z' || parent === undefined) return null;
    const commandLine = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
    return { parentPid: Number(parent), hasArgument: (argument) => commandLine.includes(argument) };
  } catch {
    return null;
  }
}

/** Asks a process to stop, waits, and ends it when it takes longer than `withinMs`. */
export async function endProcess(pid: number, withinMs: number): Promise<void> {
  for (const [signal, waitMs] of [
    ['SIGTERM', withinMs],
    ['SIGKILL', withinMs],
  ] as const) {
    try {
      process.kill(pid, signal);
    } catch {
      return;
    }
    const deadline = performance.now() + waitMs;
    while (performance.now() < deadline) {
      if ((await findProcess(pid)) === null) return;
      await delay(POLL_MS);
    }
  }
}
