import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { mongo } from 'mongoose';
import { checkStore } from '@app/embedded-store';

const ROOT = resolve(__dirname, '../../..');

interface Outcome {
  readonly code: number | null;
  readonly lines: string[];
  readonly complaint: string;
}

/** Runs one of the tools beside the store as a process of its own, straight from the sources. */
async function runTool(name: 'check' | 'backup', ...args: string[]): Promise<Outcome> {
  const child = spawn(
    process.execPath,
    [join(ROOT, 'tools/ts.cjs'), join(ROOT, `apps/store/src/${name}.ts`), ...args],
    {
      env: { ...process.env, DATA_DIR: undefined },
    },
  );
  let said = '';
  let complaint = '';
  child.stdout.on('data', (text: Buffer) => (said += text.toString()));
  child.stderr.on('data', (text: Buffer) => (complaint += text.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, lines: said.split('\n').filter((line) => line !== ''), complaint };
}

interface Note {
  _id: number;
  n: number;
  tags: string[];
  text: string;
}

const note = (n: number): Note => ({ _id: n, n, tags: [`t${n % 7}`, 'all'], text: `note number ${n}` });

describe('care of the data of a store', () => {
  let folder: string;
  const running = new Set<ChildProcess>();
  const clients = new Set<mongo.MongoClient>();

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'store-care-'));
  });
  afterEach(async () => {
    for (const client of clients) await client.close();
    clients.clear();
    for (const child of running) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
    }
    running.clear();
    await rm(folder, { recursive: true, force: true });
  });

  /** Starts a store as a process; `limitKb` bounds every file it writes, as a full disk would. */
  async function start(dataDir: string, limitKb?: number): Promise<ChildProcess & { notes: mongo.Collection<Note> }> {
    const command = [join(ROOT, 'tools/ts.cjs'), join(ROOT, 'apps/store/src/main.ts'), '--data-dir', dataDir];
    const child =
      limitKb === undefined
        ? fork(command[0] ?? '', command.slice(1), { stdio: ['ignore', 'pipe', 'pipe', 'ipc'] })
        : spawn('bash', ['-c', `ulimit -f ${limitKb}; exec "$0" "$@"`, process.execPath, ...command], {
            stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
          });
    running.add(child);
    const [{ uri }] = (await once(child, 'message')) as [{ uri: string }];
    const client = await new mongo.MongoClient(uri, { retryWrites: false }).connect();
    clients.add(client);
    return Object.assign(child, { notes: client.db('care').collection<Note>('notes') });
  }

  it('copies a store that is written to; a store on the copy has every write acknowledged before', async () => {
    const { notes } = await start(join(folder, 'data'));
    await notes.createIndexes([{ key: { n: 1 }, unique: true }, { key: { tags: 1 } }, { key: { text: 'text' } }]);
    let acknowledged = 0;
    let isWriting = true;
    const writing = (async () => {
      for (let n = 0; isWriting; n += 20) {
        await notes.insertMany(Array.from({ length: 20 }, (_, at) => note(n + at)));
        acknowledged = n + 20;
      }
    })();
    while (acknowledged < 500) await notes.findOne({ _id: acknowledged });
    const before = acknowledged;
    const copy = join(folder, 'copy.db');
    const { code, lines } = await runTool('backup', '--data-dir', join(folder, 'data'), '--to', copy, '--check');
    const after = acknowledged;
    isWriting = false;
    await writing;
    expect([code, lines.at(-1)?.endsWith('nothing wrong')]).toEqual([0, true]);
    expect(after).toBeGreaterThan(before);
    expect((await readdir(folder)).sort()).toEqual(['copy.db', 'data']);

    await mkdir(join(folder, 'restored'));
    await copyFile(copy, join(folder, 'restored', 'store.db'));
    const restored = await start(join(folder, 'restored'));
    const found = await restored.notes.find().sort({ _id: 1 }).toArray();
    expect(found.length).toBeGreaterThanOrEqual(before);
    expect(found).toEqual(found.map((_, n) => note(n)));
    await restored.notes.insertOne(note(-1));
    expect(checkStore({ dataDir: join(folder, 'restored') })).toMatchObject({ indexes: 4, findings: 0 });
  });

  it('refuses to copy over a file, from nothing and into nothing, and leaves nothing half done', async () => {
    const { notes } = await start(join(folder, 'data'));
    await notes.insertOne(note(1));
    const taken = join(folder, 'taken.db');
    await writeFile(taken, 'mine');
    const over = await runTool('backup', '--data-dir', join(folder, 'data'), '--to', taken);
    expect([over.code, over.complaint]).toEqual([
      1,
      `${taken} is there already and is not written over; choose another name\n`,
    ]);
    expect((await stat(taken)).size).toBe(4);
    const from = await runTool('backup', '--data-dir', join(folder, 'none'), '--to', join(folder, 'a.db'));
    expect([from.code, from.complaint]).toEqual([1, `there is no data file at ${join(folder, 'none', 'store.db')}\n`]);
    const into = await runTool('backup', '--data-dir', join(folder, 'data'), '--to', join(folder, 'no', 'a.db'));
    expect([into.code, into.complaint]).toEqual([1, `the folder ${join(folder, 'no')} is not there; make it first\n`]);
    const unnamed = await runTool('backup', '--data-dir', join(folder, 'data'));
    expect([unnamed.code, unnamed.complaint]).toEqual([78, '--to must name the file to write\n']);
    expect((await readdir(folder)).sort()).toEqual(['data', 'taken.db']);
  });

  it('checks a folder that is served and a file, and tells by its exit code what it found', async () => {
    const { notes } = await start(join(folder, 'data'));
    await notes.createIndex({ tags: 1 });
    await notes.insertMany([note(1), note(2)]);
    const clean = await runTool('check', '--data-dir', join(folder, 'data'), '--json');
    expect([clean.code, clean.lines.map((line) => JSON.parse(line) as unknown)]).toMatchObject([
      0,
      [{ summary: { collections: 1, documents: 2, indexes: 2, entries: 6, findings: 0 } }],
    ]);
    await runTool('backup', '--data-dir', join(folder, 'data'), '--to', join(folder, 'copy.db'));
    await damage(join(folder, 'copy.db'));
    const damaged = await runTool('check', '--file', join(folder, 'copy.db'));
    expect([damaged.code, damaged.lines[0]]).toEqual([
      1,
      'care.notes: the collection counts 7 documents, but has 2 (count)',
    ]);
    expect(damaged.lines[1]).toMatch(
      /copy\.db, format \d+: 1 collections, 2 documents, 2 indexes, 6 entries; 1 findings$/,
    );
    const nothing = await runTool('check', '--data-dir', join(folder, 'none'));
    expect([nothing.code, nothing.complaint]).toEqual([
      2,
      `there is no data file at ${join(folder, 'none', 'store.db')}\n`,
    ]);
    const unnamed = await runTool('check');
    expect([unnamed.code, unnamed.complaint]).toEqual([
      78,
      '--data-dir (or DATA_DIR) or --file must say what to check\n',
    ]);
  });

  it('refuses writes with an error when the disk takes no more, goes on reading, and keeps all it acknowledged', async () => {
    const { notes } = await start(join(folder, 'data'), 6000);
    await notes.createIndex({ tags: 1 });
    const acknowledged: number[] = [];
    const fillUp = async (): Promise<void> => {
      for (let n = 0; ; n += 1) {
        await notes.insertOne({ ...note(n), text: 'x'.repeat(50_000) });
        acknowledged.push(n);
      }
    };
    await expect(fillUp()).rejects.toThrow(/the embedded store failed|no space is left/);
    expect(acknowledged.length).toBeGreaterThan(10);
    await expect(notes.updateMany({}, { $set: { tags: ['other'] } })).rejects.toThrow(
      /the embedded store failed|no space/,
    );
    expect(await notes.countDocuments({ tags: 'all' })).toBe(acknowledged.length);
    expect(await notes.estimatedDocumentCount()).toBe(acknowledged.length);
    expect(
      (
        await notes
          .find({}, { projection: { _id: 1 } })
          .sort({ _id: 1 })
          .toArray()
      ).map(({ _id }) => _id),
    ).toEqual(acknowledged);
    expect(checkStore({ dataDir: join(folder, 'data') })).toMatchObject({
      documents: acknowledged.length,
      findings: 0,
    });
    await mkdir(join(folder, 'roomy'));
    for (const name of ['store.db', 'store.db-wal'])
      await copyFile(join(folder, 'data', name), join(folder, 'roomy', name));
    const roomy = await start(join(folder, 'roomy'));
    expect(await roomy.notes.countDocuments()).toBe(acknowledged.length);
    await roomy.notes.insertOne(note(-1));
    expect(checkStore({ dataDir: join(folder, 'roomy') })).toMatchObject({
      documents: acknowledged.length + 1,
      findings: 0,
    });
  });
});

/** Makes the count of a collection wrong, behind the store's back. */
async function damage(file: string): Promise<void> {
  const script = `const d=new (require('libsql'))(process.argv[1]);d.exec('UPDATE collections SET count=7; UPDATE store_meta SET value=1 WHERE name=\\'counted\\'');d.close()`;
  const child = spawn(process.execPath, ['-e', script, file], { cwd: ROOT });
  expect(await once(child, 'exit')).toEqual([0, null]);
}
