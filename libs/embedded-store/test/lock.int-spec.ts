import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readStoreEndpoint, type RunningStore, startStore, StoreLockedError } from '../src';
import { SqliteFile } from '../src/storage/sqlite-file';

describe('one process for one data folder', () => {
  let dataDir: string;
  const running: RunningStore[] = [];

  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'store-lock-'));
  });
  afterEach(async () => {
    await Promise.all(running.splice(0).map((store) => store.close()));
    await rm(dataDir, { recursive: true, force: true });
  });

  async function start(): Promise<RunningStore> {
    const store = await startStore({ dataDir });
    running.push(store);
    return store;
  }
  const lockFile = (): string => join(dataDir, 'store.lock');

  it('refuses a second one by name and address of the first', async () => {
    const { uri, port } = await start();
    const refusal = await startStore({ dataDir }).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(StoreLockedError);
    expect((refusal as StoreLockedError).holder).toMatchObject({ pid: process.pid, port, uri });
    expect((refusal as StoreLockedError).message).toContain(`process ${process.pid}, which serves it at ${uri}`);
    expect(await readStoreEndpoint(dataDir)).toMatchObject({ port });
  });

  it('lets one of many that start at once have it', async () => {
    const starts = await Promise.allSettled(Array.from({ length: 5 }, start));
    expect(starts.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const outcome of starts)
      if (outcome.status === 'rejected') expect(outcome.reason).toBeInstanceOf(StoreLockedError);
  });

  it.each([
    ['a process that is gone', { pid: 2 ** 22 + 1, host: '127.0.0.1', port: 1, startedAt: null }],
    ['a process whose number another one has now', { pid: process.pid, host: '127.0.0.1', port: 1, startedAt: '1' }],
    ['this very process, which serves nothing', { pid: process.pid, host: '127.0.0.1', port: 1, startedAt: null }],
  ])('takes the folder over from %s', async (_whose, content) => {
    await writeFile(lockFile(), JSON.stringify(content));
    const { port } = await start();
    expect(await readStoreEndpoint(dataDir)).toMatchObject({ pid: process.pid, port });
  });

  it.each([
    ['is empty', ''],
    ['is half written', '{"pid":12'],
    ['says nothing that makes sense', '{"pid":"x","host":5}'],
  ])('takes a lock file that %s for nobody', async (_how, content) => {
    await writeFile(lockFile(), content);
    expect(await readStoreEndpoint(dataDir)).toBeNull();
    const { port } = await start();
    expect(JSON.parse(await readFile(lockFile(), 'utf8'))).toMatchObject({ pid: process.pid, port });
  });

  it('gives the folder free when it stops', async () => {
    const first = await start();
    await first.close();
    expect([existsSync(lockFile()), await readStoreEndpoint(dataDir)]).toEqual([false, null]);
    await expect(start()).resolves.toMatchObject({ host: '127.0.0.1' });
  });
});

describe('how hard a commit is pushed to the disk', () => {
  it.each([
    ['normal', 1],
    ['full', 2],
  ] as const)('is what STORE_SYNC=%s says', async (sync, level) => {
    const folder = await mkdtemp(join(tmpdir(), 'store-sync-'));
    const file = new SqliteFile(join(folder, 'store.db'), sync);
    expect([file.one('PRAGMA synchronous', []), file.one('PRAGMA journal_mode', [])]).toEqual([[level], ['wal']]);
    file.close();
    await rm(folder, { recursive: true });
  });
});
