import { BSON, Long } from 'bson';
import type { mongo } from 'mongoose';
import { statSync } from 'node:fs';
import { hostname, totalmem } from 'node:os';
import { join } from 'node:path';
import { type Harness, startHarness } from './store-harness';

const PAGE_BYTES = 16_384;

describe('what shells and browsers ask', () => {
  let harness: Harness;
  let admin: mongo.Db;

  beforeAll(async () => {
    harness = await startHarness();
    admin = harness.client.db('admin');
  });
  afterAll(() => harness.stop());

  it('answers what mongosh and Compass send when they connect', async () => {
    expect(await admin.command({ connectionStatus: 1, showPrivileges: true })).toEqual({
      authInfo: { authenticatedUsers: [], authenticatedUserRoles: [], authenticatedUserPrivileges: [] },
      ok: 1,
    });
    const { version } = await admin.command({ buildInfo: 1 });
    expect(await admin.command({ getParameter: 1, featureCompatibilityVersion: 1 })).toEqual({
      featureCompatibilityVersion: { version: String(version).slice(0, 3) },
      ok: 1,
    });
    expect(await admin.command({ getLog: 'startupWarnings' })).toEqual({ totalLinesWritten: 0, log: [], ok: 1 });
    const host = await admin.command({ hostInfo: 1 });
    expect(host).toMatchObject({ system: { hostname: hostname(), memSizeMB: Math.floor(totalmem() / 1_048_576) } });
    const { argv, parsed } = await admin.command({ getCmdLineOpts: 1 });
    expect(argv).toEqual(process.argv);
    expect(parsed).toEqual({ net: { bindIp: harness.store.host, port: harness.store.port } });
    expect(await admin.collection('atlascli').countDocuments()).toBe(0);
  });

  it.each([
    [{ atlasVersion: 1 }, 59],
    [{ top: 1 }, 59],
    [{ currentOp: 1 }, 59],
    [{ replSetGetStatus: 1 }, 59],
    [{ getLog: 'global' }, 96],
    [{ getParameter: 1 }, 72],
    [{ getParameter: 1, logLevel: 1 }, 40415],
    [{ dbStats: 1, scale: 0 }, 2],
    [{ aggregate: 1, pipeline: [{ $currentOp: {} }], cursor: {} }, 115],
  ])('refuses %j by name', async (command, code) => {
    await expect(admin.command(command)).rejects.toMatchObject({ code });
  });

  describe('sizes', () => {
    const documents = Array.from({ length: 3000 }, (_, n) => ({ _id: n, n, text: `number ${n} ${'x'.repeat(300)}` }));
    const bytes = documents.reduce((sum, document) => sum + BSON.calculateObjectSize(document), 0);
    let db: mongo.Db;

    beforeAll(async () => {
      db = harness.database();
      const items = db.collection<{ _id: number }>('items');
      await items.insertMany(documents);
      await items.createIndex({ n: 1 });
      await items.createIndex({ text: 'text' });
    });

    const statistics = async (stage: object, collection = 'items'): Promise<mongo.Document> => {
      const [first] = await db
        .collection(collection)
        .aggregate([{ $collStats: stage }])
        .toArray();
      return first as mongo.Document;
    };

    it('are those of the documents and of the pages they take', async () => {
      const found = await statistics({ storageStats: {}, count: {} });
      expect(found).toMatchObject({ ns: `${db.databaseName}.items`, count: 3000 });
      const { storageStats: stats } = found as { storageStats: Record<string, number> };
      expect(stats).toMatchObject({ size: bytes, count: 3000, avgObjSize: Math.floor(bytes / 3000), nindexes: 3 });
      expect(stats).toMatchObject({ capped: false, indexBuilds: [], scaleFactor: 1 });
      expect(stats['storageSize']).toBeGreaterThan(bytes);
      const sizes = stats['indexSizes'] as unknown as Record<string, number>;
      expect(Object.keys(sizes)).toEqual(['_id_', 'n_1', 'text_text']);
      for (const size of [...Object.values(sizes), stats['storageSize'] ?? 1]) {
        expect(size).toBeGreaterThan(0);
        expect(size % PAGE_BYTES).toBe(0);
      }
      expect(stats['totalIndexSize']).toBe(Object.values(sizes).reduce((sum, size) => sum + size, 0));
      expect(stats['totalSize']).toBe((stats['storageSize'] ?? 0) + (stats['totalIndexSize'] ?? 0));
    });

    it('add up over a database, and to no more than the files', async () => {
      const { storageStats: items } = await statistics({ storageStats: {} });
      const stats = await db.command({ dbStats: 1 }, { promoteLongs: false });
      expect(stats).toEqual({
        db: db.databaseName,
        collections: Long.fromNumber(1),
        views: Long.ZERO,
        objects: Long.fromNumber(3000),
        avgObjSize: new BSON.Double(bytes / 3000).value,
        dataSize: bytes,
        storageSize: items.storageSize,
        indexes: Long.fromNumber(3),
        indexSize: items.totalIndexSize,
        totalSize: items.totalSize,
        scaleFactor: Long.fromNumber(1),
        ok: 1,
      });
      const { databases, totalSize } = await admin.command({ listDatabases: 1 });
      expect(databases).toContainEqual({ name: db.databaseName, sizeOnDisk: items.totalSize, empty: false });
      const fileBytes = ['store.db', 'store.db-wal'].map((file) => statSync(join(harness.dataDir, file)).size);
      expect(totalSize).toBeLessThan((fileBytes[0] ?? 0) + (fileBytes[1] ?? 0));
    });

    it('come in the unit that is asked for', async () => {
      const { storageStats } = await statistics({ storageStats: { scale: 1024 } });
      expect(storageStats).toMatchObject({ size: Math.floor(bytes / 1024), scaleFactor: 1024 });
      expect(await db.command({ dbStats: 1, scale: 1024 })).toMatchObject({
        dataSize: bytes / 1024,
        scaleFactor: 1024,
      });
    });

    it('are none of a database that is not there', async () => {
      const nothing = await harness.client.db('nowhere').command({ dbStats: 1 });
      expect(nothing).toMatchObject({ collections: 0, objects: 0, avgObjSize: 0, dataSize: 0, totalSize: 0, ok: 1 });
    });

    it('are refused of a collection that is not there, and where they make no sense', async () => {
      await expect(statistics({ storageStats: {} }, 'gone')).rejects.toMatchObject({ code: 26 });
      await expect(statistics({ latencyStats: {} })).rejects.toMatchObject({ code: 115 });
      await expect(statistics({ storageStats: { scale: 0 } })).rejects.toMatchObject({ code: 2 });
      const second = db.collection('items').aggregate([{ $match: {} }, { $collStats: {} }]);
      await expect(second.toArray()).rejects.toMatchObject({ code: 40602 });
      await harness.client.withSession(async (session) => {
        session.startTransaction();
        const inside = db.collection('items').aggregate([{ $collStats: {} }], { session });
        await expect(inside.toArray()).rejects.toMatchObject({ code: 263 });
        await session.abortTransaction();
      });
    });
  });
});
