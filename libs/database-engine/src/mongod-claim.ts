import { StartError } from '@app/platform';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { endProcess, findProcess } from './process-table';
import { REPLICA_SET } from './replica-set';

const CLAIM_FILE = 'mongod-process.json';
const ORPHAN_STOPS_WITHIN_MS = 15_000;

const mongodClaim = z.object({
  pid: z.number().int().positive(),
  /** Process id of who started it. */
  owner: z.number().int().positive(),
  port: z.number().int(),
});

/** Which mongod runs on a folder, for whom. Kept after a clean stop too, for the port: a set is tied to its address. */
export type MongodClaim = z.output<typeof mongodClaim>;

/** The folder of a mongod's own files. */
export function mongodDataDir(folder: string): string {
  return join(folder, 'mongod');
}

/** The connection string of a mongod this lib runs. */
export function mongodUri(port: number): string {
  return `mongodb://127.0.0.1:${port}/?replicaSet=${REPLICA_SET}`;
}

/** Returns the last claim on a folder; null when there is none that can be read. */
export function readClaim(folder: string): MongodClaim | null {
  try {
    return mongodClaim.parse(JSON.parse(readFileSync(join(folder, CLAIM_FILE), 'utf8')));
  } catch {
    // One cut off by a crash while it was written, or none: the mongod, if there is one, holds a lock of its own.
    return null;
  }
}

export function writeClaim(folder: string, claim: MongodClaim): void {
  writeFileSync(join(folder, CLAIM_FILE), `${JSON.stringify(claim)}\n`, { mode: 0o600 });
}

/** Returns the mongod that serves a folder for a process that is alive; null when there is none. */
export async function findServingMongod(folder: string): Promise<{ owner: number; uri: string } | null> {
  const found = await findClaimed(folder);
  return found === null || found.isOrphan ? null : { owner: found.claim.owner, uri: mongodUri(found.claim.port) };
}

/**
 * Stops a mongod of the folder whose process was killed.
 * @throws StartError when its process is alive: the folder is in use
 */
export async function stopOrphan(folder: string): Promise<void> {
  const found = await findClaimed(folder);
  if (found === null) return;
  const { claim, isOrphan } = found;
  if (!isOrphan) {
    throw new StartError(
      `The data folder ${folder} is in use by process ${claim.owner}, whose mongod serves it at ${mongodUri(claim.port)}.`,
    );
  }
  await endProcess(claim.pid, ORPHAN_STOPS_WITHIN_MS);
}

/** A process keeps its parent until that one is gone, so a mongod with another parent than it was started by is an orphan. */
async function findClaimed(folder: string): Promise<{ claim: MongodClaim; isOrphan: boolean } | null> {
  const claim = readClaim(folder);
  if (claim === null) return null;
  const running = await findProcess(claim.pid);
  if (running === null || !running.hasArgument(mongodDataDir(folder))) return null;
  return { claim, isOrphan: running.parentPid !== claim.owner };
}
