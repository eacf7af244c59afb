import { accessSync, constants, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';

const FILES = ['store.db', 'store.db-wal', 'store.db-shm', 'store.lock', 'store.guard'];

/** The data folder cannot be used: it cannot be made, read or written. */
export class DataFolderError extends Error {
  constructor(
    readonly dataDir: string,
    cause: unknown,
  ) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    super(
      `the data folder ${dataDir} cannot be written (${reason}); give this user the right to, or name another folder`,
      {
        cause,
      },
    );
    this.name = 'DataFolderError';
  }
}

/** Makes the data folder when it is missing. @throws DataFolderError when it, or a file of the store in it, cannot be written. */
export function prepareDataFolder(dataDir: string): void {
  try {
    mkdirSync(dataDir, { recursive: true });
    accessSync(dataDir, constants.R_OK | constants.W_OK | constants.X_OK);
    for (const path of FILES.map((name) => join(dataDir, name))) {
      if (existsSync(path)) accessSync(path, constants.R_OK | constants.W_OK);
    }
  } catch (error) {
    throw new DataFolderError(dataDir, error);
  }
}
