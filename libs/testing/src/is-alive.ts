import { readFileSync } from 'node:fs';

/** Whether a process still runs. One that has ended counts as ended at once, however long its parent takes to notice. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  return stateOf(pid) !== 'Z';
}

/** Letter of a process's state; null where the system does not tell. */
function stateOf(pid: number): string | null {
  try {
    return /\) (\w) /.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1] ?? null;
  } catch {
    return null;
  }
}
