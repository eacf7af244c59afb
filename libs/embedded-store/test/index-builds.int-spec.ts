import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { BSON } from 'bson';
import { mongo } from 'mongoose';
import { checkStore, type RunningStore, startStore } from '../src';
import { buildIndexes } from '../src/commands/index-builder';
import { documentValue } from '../src/documents/raw-value';
import type { CollectionRecord } from '../src/storage/catalog';
import { DocumentWriter } from '../src/storage/document-writer';
import { parseIndexDefinition } from '../src/storage/index-definition';
import { Storage } from '../src/storage/storage';
import { makeFolder, removeFolders, rowsOf, tamper } from './data-files';
import { failureOf } from './store-harness';

interface Thing {
  _id: number;
  code: number;
  tags: (string | number)[];
  parts?: { size: number }[];
  nick?: string;
  open: boolean;
  until: Date;
  title: string;
}

const thing = (n: number): Thing => ({
  _id: n,
  code: n,
  tags: [`t${n % 9}`, n % 4],
  ...(n % 2 === 0 ? { parts: [{ size: n % 6 }, { size: n % 5 }], nick: `n${n % 100}` } : {}),
  open: n % 3 === 0,
  until: new Date('2999-01-01T00:00:00Z'),
  title: `thing number ${n} of many, ${n % 2 === 0 ? 'even' : 'odd'}`,
});

const EVERY_KIND: mongo.IndexDescription[] = [
  { key: { code: 1 }, unique: true },
  { key: { open: -1, code: 1 } },
  { key: { tags: 1, code: -1 } },
  { key: { 'parts.size': 1 } },
  { key: { nick: 1 }, sparse: true },
  { key: { code: -1 }, name: 'open_codes', partialFilterExpression: { open: true } },
  { key: { until: 1 }, expireAfterSeconds: 60 },
  { key: { title: 'text' } },
];

/** All entries of all indexes by the index's name, text indexes word by word. */
function entriesOf(dataDir: string): Map<string, string[]> {
  return tamper(join(dataDir, 'store.db'), (file) => {
    const indexes = rowsOf(file, 'SELECT id, spec FROM indexes') as [number, Buffer][];
    return new Map(
      indexes.map(([id, spec]) => {
        const { name, weights } = BSON.deserialize(spec) as { name: string; weights?: object };
        if (weights !== undefined)
          file.exec(`CREATE VIRTUAL TABLE temp.words${id} USING fts5vocab('main', 't${id}', 'instance')`);
        const table = weights === undefined ? `i${id}` : `temp.words${id}`;
        return [
          name,
          rowsOf(file, `SELECT * FROM ${table}`)
            .map((row) => JSON.stringify(row))
            .sort(),
        ];
      }),
    );
  });
}

describe('building indexes while others work', () => {
  let dataDir: string;
  let store: RunningStore;
  let client: mongo.MongoClient;
  let things: mongo.Collection<Thing>;

  const fill = async (count: number): Promise<void> => {
    await things.insertMany(Array.from({ length: count }, (_, n) => thing(n)));
  };
  const indexNames = async (): Promise<string[]> => (await things.indexes()).map(({ name }) => name ?? '').sort();
  const untilBuilding = async (name: string): Promise<void> => {
    while (!(await indexNames()).includes(name));
  };

  beforeEach(async () => {
    dataDir = await makeFolder();
    store = await startStore({ dataDir });
    client = await new mongo.MongoClient(store.uri).connect();
    things = client.db('build').collection<Thing>('things');
  });
  afterEach(async () => {
    await client.close();
    await store.close();
    await removeFolders();
  });

  it('gives the same entries as on a quiet collection, for every kind, under inserts, updates and deletes', async () => {
    await fill(2500);
    let building = true;
    const created = things.createIndexes(EVERY_KIND).finally(() => {
      building = false;
    });
    const wanted = new Map(Array.from({ length: 2500 }, (_, n) => [n, thing(n)]));
    let writes = 0;
    for (let n = 0; building; n += 1) {
      const at = (n * 797) % 2500;
      const inserted = thing(10_000 + n);
      const changed = {
        tags: n % 2 === 0 ? [] : ['new', n],
        open: n % 5 === 0,
        title: `changed ${n}`,
        code: 50_000 + n,
      };
      await things.insertOne(inserted);
      wanted.set(inserted._id, inserted);
      const { matchedCount } = await things.updateOne({ _id: at }, { $set: changed, $unset: { nick: '' } });
      const before = { ...(wanted.get(at) ?? thing(at)) };
      delete before.nick;
      if (matchedCount === 1) wanted.set(at, { ...before, ...changed });
      await things.deleteOne({ _id: (at + 31) % 2500 });
      wanted.delete((at + 31) % 2500);
      expect(await things.countDocuments({ code: inserted.code })).toBe(1);
      writes += 3;
    }
    await created;
    expect(writes).toBeGreaterThan(5);
    expect(checkStore({ dataDir })).toMatchObject({ documents: wanted.size, indexes: 9, findings: 0 });
    expect(new Map((await things.find().toArray()).map((found) => [found._id, found]))).toEqual(wanted);
    const busy = entriesOf(dataDir);
    await things.dropIndexes();
    await things.createIndexes(EVERY_KIND);
    expect(entriesOf(dataDir)).toEqual(busy);
  });

  it('refuses a unique index over a key held twice with E11000 and leaves no index', async () => {
    await fill(1500);
    await things.updateOne({ _id: 1499 }, { $set: { code: 5 } });
    const error = await failureOf(things.createIndexes([{ key: { tags: 1 } }, { key: { code: 1 }, unique: true }]));
    expect([error.code, error.keyValue]).toEqual([11000, { code: 5 }]);
    expect(await indexNames()).toEqual(['_id_']);
    await things.insertOne(thing(5000));
    await things.updateOne({ _id: 1 }, { $set: { code: 5 } });
    expect(checkStore({ dataDir })).toMatchObject({ documents: 1501, indexes: 1, findings: 0 });
  });

  it('lets two clients ask for the same index and answers both when it is there', async () => {
    await fill(1500);
    const other = await new mongo.MongoClient(store.uri).connect();
    const same = other.db('build').collection<Thing>('things');
    const answers = await Promise.all([
      things.createIndexes([{ key: { tags: 1 } }, { key: { code: 1 } }]),
      same.createIndex({ code: 1 }),
      same.createIndex({ title: 1 }),
    ]);
    expect(answers).toEqual([['tags_1', 'code_1'], 'code_1', 'title_1']);
    expect(await indexNames()).toEqual(['_id_', 'code_1', 'tags_1', 'title_1']);
    expect(checkStore({ dataDir })).toMatchObject({ indexes: 4, findings: 0 });
    await other.close();
  });

  it('gives a second client that waits for a build its own refusal when the build fails', async () => {
    await fill(1500);
    await things.updateOne({ _id: 1499 }, { $set: { code: 5 } });
    const results = await Promise.all([
      failureOf(things.createIndex({ code: 1 }, { unique: true })),
      failureOf(things.createIndex({ code: 1 }, { unique: true })),
    ]);
    expect(results.map(({ code }) => code)).toEqual([11000, 11000]);
    expect(await indexNames()).toEqual(['_id_']);
  });

  it.each([
    ['the collection', () => things.drop(), 'build.things was dropped'],
    ['the database', () => client.db('build').dropDatabase(), 'build.things was dropped'],
    ['the index', () => things.dropIndex('title_text'), 'title_text was dropped'],
    ['all indexes', () => things.dropIndexes(), 'code_1 was dropped'],
  ])('ends a build when %s is dropped', async (what, drop, reason) => {
    await fill(2500);
    const refused = failureOf(things.createIndexes(EVERY_KIND));
    await untilBuilding('title_text');
    await drop();
    const error = await refused;
    expect([error.code, error.codeName, error.message]).toEqual([
      276,
      'IndexBuildAborted',
      `Index build aborted: ${reason}`,
    ]);
    const isThere = what.includes('index');
    expect(checkStore({ dataDir })).toMatchObject({
      collections: isThere ? 1 : 0,
      documents: isThere ? 2500 : 0,
      indexes: isThere ? 1 : 0,
      findings: 0,
    });
    await things.createIndexes(EVERY_KIND);
    expect(checkStore({ dataDir })).toMatchObject({ indexes: 9, findings: 0 });
  });

  it('takes in what transactions commit meanwhile, and refuses those that commit after it has ended', async () => {
    await fill(2500);
    let building = true;
    const created = things.createIndexes(EVERY_KIND).finally(() => {
      building = false;
    });
    await untilBuilding('title_text');
    const lasting = client.startSession();
    lasting.startTransaction();
    await things.insertOne({ ...thing(20_000), code: 1 }, { session: lasting });
    let committed = 0;
    for (let n = 0; building; n += 1) {
      await client.withSession((session) =>
        session.withTransaction(async () => {
          await things.insertOne(thing(10_000 + n), { session });
          await things.updateOne({ _id: n }, { $set: { tags: ['moved', n] } }, { session });
        }),
      );
      committed += 1;
    }
    await created;
    expect(committed).toBeGreaterThan(0);
    const error = await lasting.commitTransaction().catch((refusal: unknown) => refusal);
    expect(error).toBeInstanceOf(mongo.MongoServerError);
    expect((error as mongo.MongoServerError).hasErrorLabel('TransientTransactionError')).toBe(true);
    await lasting.endSession();
    expect(await things.countDocuments({ tags: 'moved' })).toBe(committed);
    expect(checkStore({ dataDir })).toMatchObject({ documents: 2500 + committed, indexes: 9, findings: 0 });
  });

  it('takes away at the next start what a process that was killed had not finished', async () => {
    await fill(2500);
    let copy = '';
    const created = things.createIndexes(EVERY_KIND);
    await untilBuilding('title_text');
    let marks: unknown[] = [];
    while (!marks.some((mark) => Number(mark) > 500)) {
      await things.insertOne({ ...thing(0), _id: 10_000 + marks.length + Math.random(), code: Math.random() });
      // What a process killed now leaves on the disk.
      copy = await makeFolder();
      for (const name of ['store.db', 'store.db-wal']) copyFileSync(join(dataDir, name), join(copy, name));
      marks = tamper(join(copy, 'store.db'), (file) => rowsOf(file, 'SELECT built_to FROM indexes').flat());
    }
    const unfinished = checkStore({ dataDir: copy });
    expect(unfinished).toMatchObject({ indexes: 9, findings: 0 });
    await created;
    const reborn = await startStore({ dataDir: copy });
    const again = await new mongo.MongoClient(reborn.uri).connect();
    const found = again.db('build').collection<Thing>('things');
    expect((await found.indexes()).map(({ name }) => name)).toEqual(['_id_']);
    expect(checkStore({ dataDir: copy })).toMatchObject({ documents: unfinished.documents, indexes: 1, findings: 0 });
    await found.createIndexes(EVERY_KIND);
    expect(checkStore({ dataDir: copy })).toMatchObject({ documents: unfinished.documents, indexes: 9, findings: 0 });
    await again.close();
    await reborn.close();
  });
});

describe('documents an index in the making could not hold', () => {
  let storage: Storage;
  let writer: DocumentWriter;
  let collection: CollectionRecord;
  let dataDir: string;

  const bytes = (document: object): Buffer => Buffer.from(BSON.serialize(document));
  const COUNT = 4000;

  /** Puts the document of a record id in place of the one that is there, as a writer between two pieces of a build does. */
  const replace = (rid: number, document: object): Promise<void> =>
    storage.write(() => {
      expect(collection.building).toHaveLength(1);
      const before = storage.file.one<[Buffer]>(`SELECT doc FROM ${collection.table} WHERE rid=?`, [rid])?.[0];
      writer.replace(collection, rid, before ?? Buffer.alloc(0), bytes(document), null);
    });

  const build = (spec: object): Promise<unknown> =>
    buildIndexes(
      { storage, writer, logger: { info: () => undefined, error: () => undefined } },
      { database: 'build', name: 'things', definitions: [parseIndexDefinition(documentValue(bytes(spec)))] },
    );

  beforeEach(async () => {
    dataDir = await makeFolder();
    storage = new Storage(dataDir, 'normal');
    writer = new DocumentWriter(storage);
    collection = await storage.write(() => storage.create('build', 'things'));
    await storage.write(() => {
      for (let n = 1; n <= COUNT; n += 1)
        writer.insert(collection, bytes({ _id: n, a: n, b: [n, -n], title: `number ${n}` }));
    });
  });
  afterEach(async () => {
    storage.close();
    await removeFolders();
  });

  it('may come and go before the end', async () => {
    const built = build({ key: { a: 1 }, name: 'a_1', unique: true });
    await Promise.all([replace(1, { _id: 1, a: 2 }), replace(2, { _id: 2, a: 1 })]);
    await built;
    expect(collection.indexes.map(({ name }) => name)).toEqual(['_id_', 'a_1']);
    expect(checkStore({ dataDir })).toMatchObject({ indexes: 2, findings: 0 });
    await expect(storage.write(() => writer.insert(collection, bytes({ _id: 0, a: 2 })))).rejects.toMatchObject({
      codeName: 'DuplicateKey',
    });
  });

  it('fail the build, not the writer, when they are still there: a unique key held twice', async () => {
    const built = build({ key: { a: 1 }, name: 'a_1', unique: true });
    const refused = expect(built).rejects.toMatchObject({ codeName: 'DuplicateKey' });
    await replace(1, { _id: 1, a: 2 });
    await refused;
    expect([collection.indexes.length, collection.building.length]).toEqual([1, 0]);
    expect(checkStore({ dataDir })).toMatchObject({ documents: COUNT, indexes: 1, findings: 0 });
  });

  it('fail the build, not the writer, when they are still there: arrays at two fields', async () => {
    const built = build({ key: { b: 1, c: 1 }, name: 'b_1_c_1' });
    const refused = expect(built).rejects.toMatchObject({ codeName: 'CannotIndexParallelArrays' });
    const parallel = { b: [1, 2], c: [3, 4] };
    await Promise.all([
      replace(1, { _id: 1, ...parallel }),
      replace(2, { _id: 2, ...parallel }),
      replace(1, { _id: 1, b: [1, 2], c: 3 }),
    ]);
    await refused;
    expect(checkStore({ dataDir })).toMatchObject({ documents: COUNT, indexes: 1, findings: 0 });
  });

  it('are entered when they have been put right', async () => {
    const built = build({ key: { b: 1, c: 1 }, name: 'b_1_c_1' });
    await Promise.all([replace(1, { _id: 1, b: [1, 2], c: [3, 4] }), replace(1, { _id: 1, b: [1, 2], c: 3 })]);
    await built;
    expect(checkStore({ dataDir })).toMatchObject({ documents: COUNT, indexes: 2, findings: 0 });
  });
});
