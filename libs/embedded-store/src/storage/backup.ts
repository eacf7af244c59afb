import { closeSync, existsSync, fsyncSync, linkSync, openSync, rmSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { dataFileOf, openForReading } from './check';

/** The backup was not begun or not kept; nothing is left of it. */
export class BackupRefusedError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'BackupRefusedError';
  }
}

export interface Backup {
  readonly file: string;
  readonly format: number;
  readonly bytes: number;
}

function refuseTarget(target: string): void {
  const folder = dirname(target);
  if (!existsSync(folder)) throw new BackupRefusedError(`the folder ${folder} is not there; make it first`);
  // A log that lies there would be taken for the log of the copy.
  for (const path of [target, `${target}-wal`, `${target}-journal`]) {
    if (existsSync(path))
      throw new BackupRefusedError(`${path} is there already and is not written over; choose another name`);
  }
}

function flush(path: string): void {
  const descriptor = openSync(path, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/**
 * Copies the data file of a folder as it is at one moment, also while a store serves it: a reader of its own that holds nobody up.
 * The copy gets its name only when it is whole, on the disk, and opens. Put as `store.db` into an empty folder it is a data folder.
 * @throws BackupRefusedError when something bears that name, StoreUnreadableError when there is nothing to copy.
 */
export function backupStore(dataDir: string, to: string): Backup {
  const target = resolve(to);
  const { file, format } = openForReading(dataFileOf({ dataDir }));
  const partial = `${target}.${process.pid}.partial`;
  try {
    refuseTarget(target);
    rmSync(partial, { force: true });
    file.run('VACUUM INTO ?', [partial]);
    openForReading(partial).file.close();
    flush(partial);
    // Unlike a rename, a link never takes the place of a file that has come to be there in the meantime.
    linkSync(partial, target);
    flush(dirname(target));
    return { file: target, format, bytes: statSync(target).size };
  } finally {
    file.close();
    rmSync(partial, { force: true });
  }
}
