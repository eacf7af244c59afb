import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BSON } from 'bson';
import { checkStore, DataFolderError, startStore } from '../src';
import { toStoreError } from '../src/commands/replies';
import { DocumentWriter } from '../src/storage/document-writer';
import { parseIndexDefinition } from '../src/storage/index-definition';
import { documentValue } from '../src/documents/raw-value';
import { Storage } from '../src/storage/storage';
import { makeFolder, removeFolders } from './data-files';

const bytes = (document: object): Buffer => Buffer.from(BSON.serialize(document));

afterEach(removeFolders);

describe('a full disk', () => {
  it('refuses the write, takes it back in the file and in memory, and leaves reading and later writes as they were', async () => {
    const dataDir = await makeFolder();
    const storage = new Storage(dataDir, 'normal');
    const writer = new DocumentWriter(storage);
    const collection = await storage.write(() => {
      const created = storage.create('full', 'notes');
      const tags = storage.startIndex(
        created,
        parseIndexDefinition(documentValue(bytes({ key: { tags: 1 }, name: 'tags_1' }))),
      );
      storage.finishIndex(created, tags);
      return created;
    });
    const insert = (n: number, size: number): Promise<number> =>
      storage.write(() => writer.insert(collection, bytes({ _id: n, tags: [n, 'all'], text: 'x'.repeat(size) })));
    await insert(1, 10);
    const [pages] = storage.file.one<[number]>('PRAGMA page_count', []) ?? [0];
    storage.file.exec(`PRAGMA max_page_count=${pages + 2}`);
    const failure: unknown = await insert(2, 100_000).catch((error: unknown) => error);
    expect(toStoreError(failure)).toMatchObject({ codeName: 'OutOfDiskSpace', code: 14031 });
    expect([collection.count, storage.file.inTransaction]).toEqual([1, false]);
    expect(storage.reading.all(`SELECT rid FROM ${collection.table}`, [])).toEqual([[1]]);
    expect(checkStore({ dataDir })).toMatchObject({ documents: 1, entries: 3, findings: 0 });
    await insert(3, 10);
    storage.file.exec('PRAGMA max_page_count=1000000');
    await insert(2, 100_000);
    expect(collection.count).toBe(3);
    expect(checkStore({ dataDir })).toMatchObject({ documents: 3, entries: 9, findings: 0 });
    storage.close();
  });
});

describe('a data folder that cannot be written', () => {
  const refused = (dataDir: string): Promise<unknown> => startStore({ dataDir }).catch((error: unknown) => error);

  it('is refused by name when a file lies in its way', async () => {
    const folder = await makeFolder();
    await writeFile(join(folder, 'file'), '');
    for (const dataDir of [join(folder, 'file'), join(folder, 'file', 'below')]) {
      const error = await refused(dataDir);
      expect(error).toBeInstanceOf(DataFolderError);
      expect((error as Error).message).toContain(`the data folder ${dataDir} cannot be written`);
    }
  });

  const isRoot = process.getuid?.() === 0;
  (isRoot ? it.skip : it)(
    `is refused by name without the rights${isRoot ? ' (not asked: root has them all)' : ''}`,
    async () => {
      const folder = await makeFolder();
      const dataDir = join(folder, 'data');
      await mkdir(dataDir);
      await chmod(dataDir, 0o500);
      expect(await refused(dataDir)).toBeInstanceOf(DataFolderError);
      await chmod(dataDir, 0o700);
      await (await startStore({ dataDir })).close();
      await chmod(join(dataDir, 'store.db'), 0o400);
      expect(await refused(dataDir)).toBeInstanceOf(DataFolderError);
      await chmod(join(dataDir, 'store.db'), 0o600);
      await (await startStore({ dataDir })).close();
    },
  );
});
