import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { mongo } from 'mongoose';
import { startStore } from '../src';
import { makeFolder, removeFolders, rowsOf, tamper } from './data-files';
import { type Harness, startHarness } from './store-harness';

describe('the numbers of documents', () => {
  let harness: Harness;

  beforeAll(async () => {
    harness = await startHarness();
  });
  afterAll(async () => {
    await harness.stop();
    await removeFolders();
  });

  const items = (): mongo.Collection<{ _id: number }> => harness.client.db('counts').collection('items');
  const fill = async (from: number, count: number): Promise<void> => {
    await items().insertMany(Array.from({ length: count }, (_, at) => ({ _id: from + at })));
  };
  const inFile = (folder: string): unknown =>
    tamper(join(folder, 'store.db'), (file) => [
      rowsOf(file, "SELECT count FROM collections WHERE name='items'").flat(),
      rowsOf(file, "SELECT value FROM store_meta WHERE name='counted'").flat(),
    ]);

  it('are in the file after a clean stop, and are told without counting at the next start', async () => {
    await fill(0, 300);
    await items().deleteMany({ _id: { $lt: 20 } });
    await harness.store.close();
    expect(inFile(harness.dataDir)).toEqual([[280], [1]]);
    await harness.restart();
    expect(await items().estimatedDocumentCount()).toBe(280);
    await items().updateOne({ _id: 50 }, { $set: { n: 1 } });
    await harness.store.close();
    expect(inFile(harness.dataDir)).toEqual([[280], [1]]);
    await harness.restart();
  });

  it('are counted anew after a store was killed, also when it had been stopped cleanly before', async () => {
    await fill(1_000, 50);
    // What a process killed now leaves on the disk.
    const copy = await makeFolder();
    for (const name of ['store.db', 'store.db-wal']) copyFileSync(join(harness.dataDir, name), join(copy, name));
    const reborn = await startStore({ dataDir: copy });
    const client = await new mongo.MongoClient(reborn.uri).connect();
    expect(await client.db('counts').collection('items').estimatedDocumentCount()).toBe(330);
    await client.close();
    await reborn.close();
    expect(inFile(copy)).toEqual([[330], [1]]);
  });

  it('stay those of its snapshot in a transaction, with what it has changed itself', async () => {
    await harness.client.withSession(async (session) => {
      session.startTransaction();
      expect(await items().countDocuments({}, { session })).toBe(330);
      await fill(2_000, 7);
      await items().deleteOne({ _id: 1_000 });
      expect(await items().countDocuments({}, { session })).toBe(330);
      await items().insertOne({ _id: 3_000 }, { session });
      expect(await items().countDocuments({}, { session })).toBe(331);
      await session.abortTransaction();
    });
    expect([await items().countDocuments(), await items().estimatedDocumentCount()]).toEqual([336, 336]);
  });
});
