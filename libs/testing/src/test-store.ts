import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { appendShapesTo, startStore } from '@app/embedded-store';
import { MongoClient } from 'mongodb';

/** A database server for one test file. */
export interface TestStore {
  readonly uri: string;
  /** Put before every database name, so that files on one server stay apart; contains no dot and ends with `_`. */
  readonly databasePrefix: string;
  /** What tells a process to keep its data there. */
  readonly environment: { readonly MONGO_URI: string; readonly MONGO_DATABASE_PREFIX: string };
  /** Ends it; nothing of the file stays on a server it shared. */
  stop(): Promise<void>;
}

/** Names the server the whole run uses, `MONGO_URI` or the mongod that Jest's global setup started, under a prefix of its own; null without one. */
export function sharedTestStore(): TestStore | null {
  const uri = process.env.MONGO_URI || process.env.TEST_STORE_URI;
  if (!uri) return null;
  const databasePrefix = newPrefix();
  return testStore(uri, databasePrefix, () => dropDatabases(uri, databasePrefix));
}

/**
 * Names the server the whole run uses; without one, starts the embedded store on a folder of its own. That notes the shapes of the commands it is sent in
 * the folder `STORE_COMMAND_SHAPES_DIR`, when that is set.
 */
export async function startTestStore(): Promise<TestStore> {
  const shared = sharedTestStore();
  if (shared !== null) return shared;
  const dataDir = await mkdtemp(join(tmpdir(), 'papertrading-store-'));
  const shapesDir = process.env.STORE_COMMAND_SHAPES_DIR;
  const store = await startStore({ dataDir, ...(shapesDir ? { observe: appendShapesTo(shapesDir) } : {}) });
  return testStore(store.uri, newPrefix(), async () => {
    await store.close();
    await rm(dataDir, { recursive: true, force: true });
  });
}

function testStore(uri: string, databasePrefix: string, stop: () => Promise<void>): TestStore {
  return { uri, databasePrefix, environment: { MONGO_URI: uri, MONGO_DATABASE_PREFIX: databasePrefix }, stop };
}

function newPrefix(): string {
  return `t${randomBytes(5).toString('hex')}_`;
}

async function dropDatabases(uri: string, prefix: string): Promise<void> {
  const client = await MongoClient.connect(uri);
  try {
    const { databases } = await client.db('admin').admin().listDatabases({ nameOnly: true });
    for (const { name } of databases) if (name.startsWith(prefix)) await client.db(name).dropDatabase();
  } finally {
    await client.close();
  }
}
