import { Connection } from 'mongoose';
import { DatabaseName, databaseConnection, openConnection, prepareDatabases } from '@app/persistence';
import { startTestStore } from '@app/testing';

/** The four databases, prepared, on the test store under names of their own. */
export interface TestDatabases {
  uri: string;
  databasePrefix: string;
  connection(name: DatabaseName): Connection;
  empty(name: DatabaseName, collection: string): Promise<void>;
  /** Names of the indexes the store says it would use. */
  indexesUsed(name: DatabaseName, collection: string, filter: object, sort: object): Promise<string[]>;
  close(): Promise<void>;
}

export async function openTestDatabases(): Promise<TestDatabases> {
  const store = await startTestStore();
  const root = await openConnection({ uri: store.uri });
  const db = (name: DatabaseName): ReturnType<ReturnType<Connection['getClient']>['db']> =>
    root.getClient().db(`${store.databasePrefix}${name}`);
  await prepareDatabases({ db }, new Date());
  return {
    uri: store.uri,
    databasePrefix: store.databasePrefix,
    connection: (name) => databaseConnection(root, name, store.databasePrefix),
    empty: async (name, collection) => void (await db(name).collection(collection).deleteMany({})),
    indexesUsed: async (name, collection, filter, sort) => {
      const plan: unknown = await db(name)
        .collection(collection)
        .find(filter)
        .sort(sort as never)
        .explain();
      return [...JSON.stringify(plan).matchAll(/"indexName":"([^"]+)"/g)].map((match) => match[1] ?? '');
    },
    close: async () => {
      await root.close();
      await store.stop();
    },
  };
}
