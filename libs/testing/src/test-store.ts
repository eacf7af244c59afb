import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { appendShapesTo, startStore } from '@app/embedded-store';

/** A database server for one test file. */
export interface TestStore {
  readonly uri: string;
  /** Put before every database name, so that files on one server stay apart; contains no dot and ends with `_`. */
  readonly databasePrefix: string;
  stop(): Promise<void>;
}

/**
 * Names the server the whole run uses, `MONGO_URI` or the mongod that Jest's global setup started; without one, starts the embedded store on
 * a folder of its own. That notes the shapes of the commands it is sent in the folder `STORE_COMMAND_SHAPES_DIR`, when that is set.
 */
export async function startTestStore(): Promise<TestStore> {
  const databasePrefix = `t${randomBytes(5).toString('hex')}_`;
  const shared = process.env.MONGO_URI || process.env.TEST_STORE_URI;
  if (shared) return { uri: shared, databasePrefix, stop: () => Promise.resolve() };
  const dataDir = await mkdtemp(join(tmpdir(), 'papertrading-store-'));
  const shapesDir = process.env.STORE_COMMAND_SHAPES_DIR;
  const store = await startStore({ dataDir, ...(shapesDir ? { observe: appendShapesTo(shapesDir) } : {}) });
  return {
    uri: store.uri,
    databasePrefix,
    stop: async () => {
      await store.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
