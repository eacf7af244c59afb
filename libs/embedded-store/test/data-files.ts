import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import Database from 'libsql';

/** A folder of its own for one test, taken away by {@link removeFolders}. */
const folders: string[] = [];

export async function makeFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'embedded-store-data-'));
  folders.push(folder);
  return folder;
}

export async function removeFolders(): Promise<void> {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
}

/** A data folder with the file a store of format 1 wrote: `shop.goods` with every kind of index, `other.events`, `other.empty`. */
export async function makeFormatOneFolder(): Promise<string> {
  const folder = await makeFolder();
  const packed = await readFile(join(__dirname, 'fixtures/format-1.store.db.gz'));
  await writeFile(join(folder, 'store.db'), gunzipSync(packed));
  return folder;
}

/** Works on a data file behind the store's back; no store may be writing it. */
export function tamper<Result>(dataFile: string, work: (database: InstanceType<typeof Database>) => Result): Result {
  const database = new Database(dataFile);
  try {
    return work(database);
  } finally {
    database.close();
  }
}

/** All rows a statement gives. */
export function rowsOf(database: InstanceType<typeof Database>, sql: string): unknown[][] {
  return database.prepare(sql).raw(true).all() as unknown[][];
}
