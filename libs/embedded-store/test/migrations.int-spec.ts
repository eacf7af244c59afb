import { copyFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { Binary, Long } from 'bson';
import { mongo } from 'mongoose';
import { checkStore, type RunningStore, startStore } from '../src';
import { FORMAT_VERSION, migrate, type Migration, MIGRATIONS, StoreFormatError } from '../src/storage/migrations';
import { SqliteFile } from '../src/storage/sqlite-file';
import { makeFolder, makeFormatOneFolder, removeFolders, rowsOf, tamper } from './data-files';
import { failureOf } from './store-harness';
import { WireClient } from './wire-client';

const dataFile = (folder: string): string => join(folder, 'store.db');

const formatOf = (folder: string): unknown =>
  tamper(dataFile(folder), (file) => rowsOf(file, "SELECT value FROM store_meta WHERE name='format'")[0]?.[0]);

/** Every row of every table that holds documents or entries, as text. */
function contentOf(folder: string): string[] {
  return tamper(dataFile(folder), (file) => {
    const tables = rowsOf(
      file,
      "SELECT name FROM sqlite_schema WHERE type='table' AND name GLOB '[di][0-9]*' ORDER BY name",
    );
    return tables.flatMap(([name]) =>
      rowsOf(file, `SELECT * FROM ${String(name)}`).map((row) => `${String(name)} ${JSON.stringify(row)}`),
    );
  });
}

describe('the format of the data file', () => {
  let store: RunningStore | null = null;

  afterEach(async () => {
    await store?.close();
    store = null;
    await removeFolders();
  });

  it('brings a file of format 1 to the newest with all documents, entries and counts', async () => {
    const folder = await makeFormatOneFolder();
    const before = contentOf(folder);
    expect([formatOf(folder), before.length > 800]).toEqual([1, true]);
    store = await startStore({ dataDir: folder });
    const client = await new mongo.MongoClient(store.uri).connect();
    const goods = client.db('shop').collection('goods');
    const indexes = await goods.indexes();
    expect(indexes.map(({ name }) => name)).toEqual([
      '_id_',
      'slug_1',
      'price_-1_slug_1',
      'tags_1',
      'parts.size_1',
      'nick_1',
      'open_1_price_1',
      'until_1',
      'title_text_note_text',
    ]);
    expect(await goods.estimatedDocumentCount()).toBe(118);
    expect(await goods.find().toArray()).toHaveLength(118);
    expect(await goods.findOne({ slug: 'slug-5' })).toMatchObject({
      sold: 1,
      title: 'Will item 5 be running by 2005?',
    });
    expect(await goods.countDocuments({ $text: { $search: 'zurich' } })).toBe(12);
    expect((await failureOf(goods.insertOne({ slug: 'slug-5' }))).code).toBe(11000);
    expect(await client.db('other').collection('events').countDocuments()).toBe(2);
    expect((await client.db('other').listCollections().toArray()).map(({ name }) => name).sort()).toEqual([
      'empty',
      'events',
    ]);
    await client.close();
    await store.close();
    expect([formatOf(folder), contentOf(folder)]).toEqual([FORMAT_VERSION, before]);
    expect(checkStore({ dataDir: folder })).toMatchObject({ documents: 120, indexes: 11, findings: 0 });
  });

  it('answers a retryable write that was done in format 1 and sent again, without doing it twice', async () => {
    store = await startStore({ dataDir: await makeFormatOneFolder() });
    const wire = await WireClient.connect(store.port);
    const reply = await wire.command({
      update: 'goods',
      updates: [
        { q: { slug: 'slug-5' }, u: { $inc: { sold: 1 } } },
        { q: { _id: 'new' }, u: { $set: { slug: 'new' } }, upsert: true },
      ],
      lsid: { id: new Binary(Buffer.from('00112233445566778899aabbccddeeff', 'hex'), 4) },
      txnNumber: Long.fromNumber(7),
      $db: 'shop',
    });
    expect(reply).toMatchObject({ ok: 1, n: 2, nModified: 1, upserted: [{ index: 1, _id: 'new' }] });
    const found = await wire.command({ find: 'goods', filter: { slug: 'slug-5' }, $db: 'shop' });
    expect(found).toMatchObject({ cursor: { firstBatch: [{ sold: 1 }] } });
    wire.close();
  });

  it('refuses a file of a newer format, naming both and what to do, and leaves it alone', async () => {
    const folder = await makeFormatOneFolder();
    tamper(dataFile(folder), (file) => file.exec("UPDATE store_meta SET value=99 WHERE name='format'"));
    const before = contentOf(folder);
    await expect(startStore({ dataDir: folder })).rejects.toThrow(
      new StoreFormatError(
        `the data file has format 99, made by a newer store; this store reads up to format ${FORMAT_VERSION}: ` +
          'start the newer version on it, or restore a backup made with this one',
      ),
    );
    expect([formatOf(folder), contentOf(folder)]).toEqual([99, before]);
    expect(existsSync(join(folder, 'store.lock'))).toBe(false);
  });

  it('refuses the database of something else', async () => {
    const folder = await makeFolder();
    tamper(dataFile(folder), (file) => file.exec('CREATE TABLE music(song TEXT)'));
    await expect(startStore({ dataDir: folder })).rejects.toThrow(/not the data file of a store/);
    expect(tamper(dataFile(folder), (file) => rowsOf(file, 'SELECT name FROM sqlite_schema'))).toEqual([['music']]);
  });

  it('makes an empty file straight in the newest format', async () => {
    const folder = await makeFolder();
    const file = new SqliteFile(dataFile(folder), 'normal');
    const applied: string[] = [];
    migrate(
      file,
      MIGRATIONS.map((step) => ({ ...step, apply: () => applied.push(step.name) })),
    );
    file.close();
    expect([formatOf(folder), applied]).toEqual([FORMAT_VERSION, []]);
  });

  it('has steps that follow one on another', () => {
    expect(MIGRATIONS.map(({ from }) => from)).toEqual(MIGRATIONS.map((_, at) => at + 1));
  });

  it('leaves the version before, whole, when it is cut off in the middle of a step', async () => {
    const folder = await makeFormatOneFolder();
    const dead = await makeFolder();
    const cutOff: Migration = {
      from: FORMAT_VERSION,
      name: 'half a step',
      apply: (file) => {
        file.exec('CREATE TABLE half(a); DROP TABLE sessions; UPDATE collections SET count=0');
        // What a process killed here leaves on the disk.
        for (const name of ['store.db', 'store.db-wal']) copyFileSync(join(folder, name), join(dead, name));
        throw new Error('cut off');
      },
    };
    const file = new SqliteFile(dataFile(folder), 'normal');
    expect(() => migrate(file, [...MIGRATIONS, cutOff])).toThrow('cut off');
    file.close();
    for (const left of [folder, dead]) {
      expect(formatOf(left)).toBe(FORMAT_VERSION);
      store = await startStore({ dataDir: left });
      const client = await new mongo.MongoClient(store.uri).connect();
      expect(await client.db('shop').collection('goods').estimatedDocumentCount()).toBe(118);
      await client.close();
      await store.close();
    }
    const names = tamper(dataFile(dead), (found) => rowsOf(found, 'SELECT name FROM sqlite_schema').flat());
    expect([names.includes('half'), names.includes('sessions')]).toEqual([false, true]);
  });
});
