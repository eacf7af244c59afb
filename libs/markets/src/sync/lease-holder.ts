import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';

/** Who holds a lease: a process on a machine. The instance tells two processes apart that had the same number one after another. */
export interface LeaseHolder {
  host: string;
  pid: number;
  instance: string;
}

const INSTANCE = randomUUID();

/** This process. */
export function thisProcess(): LeaseHolder {
  return { host: hostname(), pid: process.pid, instance: INSTANCE };
}

export function formatHolder(holder: LeaseHolder): string {
  return `${holder.host}:${holder.pid}:${holder.instance}`;
}

/** Returns the holder a text names; null when it names none. */
export function parseHolder(text: string): LeaseHolder | null {
  const match = /^(.+):(\d+):([^:]+)$/.exec(text);
  const [, host, pid, instance] = match ?? [];
  if (host === undefined || pid === undefined || instance === undefined) return null;
  return { host, pid: Number(pid), instance };
}

/**
 * Whether a holder is certainly gone, seen from this process: it ran on this machine and its process no longer exists, or its number
 * is now this process's own. Of other machines nothing is certain; their leases run out.
 */
export function isCertainlyGone(
  holder: LeaseHolder,
  self: LeaseHolder,
  isAlive: (pid: number) => boolean = processExists,
): boolean {
  if (holder.host !== self.host) return false;
  if (holder.pid === self.pid) return holder.instance !== self.instance;
  return !isAlive(holder.pid);
}

function processExists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
