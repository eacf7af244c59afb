import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mongo } from 'mongoose';
import { type RunningStore, startStore } from '../src';

/** A store on a folder of its own, with a client of the official driver. */
export interface Harness {
  readonly dataDir: string;
  readonly store: RunningStore;
  readonly client: mongo.MongoClient;
  /** A database no other test uses. */
  database(): mongo.Db;
  /** Stops the store and starts another on the same folder. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export async function startHarness(): Promise<Harness> {
  const dataDir = await mkdtemp(join(tmpdir(), 'embedded-store-'));
  let store = await startStore({ dataDir });
  let client = await new mongo.MongoClient(store.uri).connect();
  let databases = 0;
  return {
    dataDir,
    get store() {
      return store;
    },
    get client() {
      return client;
    },
    database: () => client.db(`test_${(databases += 1)}`),
    restart: async () => {
      await client.close();
      await store.close();
      store = await startStore({ dataDir });
      client = await new mongo.MongoClient(store.uri).connect();
    },
    stop: async () => {
      await client.close();
      await store.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** The winning plan of a find, with nested stages as the explain command gives them. */
export async function planOf(cursor: mongo.FindCursor): Promise<Record<string, unknown>> {
  const { queryPlanner } = (await cursor.explain()) as { queryPlanner: { winningPlan: Record<string, unknown> } };
  return queryPlanner.winningPlan;
}

/** The server's error of a rejected call. */
export async function failureOf(call: Promise<unknown>): Promise<mongo.MongoServerError> {
  try {
    await call;
  } catch (error) {
    if (error instanceof mongo.MongoServerError) return error;
    throw error;
  }
  throw new Error('the call was not refused');
}
