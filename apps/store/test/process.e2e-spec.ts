import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mongo } from 'mongoose';
import { checkStore, readStoreEndpoint } from '@app/embedded-store';
import { endProcess, launchStore, startStoreProcess, type StoreProcess } from './store-process';

describe('the store as a process', () => {
  let dataDir: string;
  const running = new Set<ChildProcess>();

  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'store-process-'));
  });
  afterEach(async () => {
    for (const child of running) await endProcess(child, 'SIGKILL');
    running.clear();
    await rm(dataDir, { recursive: true, force: true });
  });

  async function start(...flags: string[]): Promise<StoreProcess> {
    const started = await startStoreProcess(['--data-dir', dataDir, ...flags]);
    running.add(started.child);
    return started;
  }

  /** Starts one that will not come up; resolves with how it ended and what it said. */
  async function refused(flags: readonly string[], env = process.env): Promise<{ code: number; complaint: string }> {
    const child = launchStore(['--data-dir', dataDir, ...flags], env);
    running.add(child);
    let complaint = '';
    child.stderr?.on('data', (text: Buffer) => (complaint += text.toString()));
    const [code] = (await once(child, 'close')) as [number];
    return { code, complaint };
  }

  it('tells where it listens, refuses a second one on the folder, and leaves nothing behind when told to stop', async () => {
    expect(await readStoreEndpoint(dataDir)).toBeNull();
    const { child, uri } = await start();
    expect(await readStoreEndpoint(dataDir)).toMatchObject({ pid: child.pid, uri });
    const { code, complaint } = await refused([]);
    expect([code, complaint]).toEqual([1, expect.stringContaining(`process ${child.pid}, which serves it at ${uri}`)]);
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
    expect(await readStoreEndpoint(dataDir)).toBeNull();
  });

  it('leaves all data in one file when it is told to stop', async () => {
    const { child, uri } = await start();
    const client = await new mongo.MongoClient(uri).connect();
    const notes = client.db('process').collection('notes');
    await client.withSession((session) =>
      session.withTransaction(() => notes.insertOne({ text: 'kept' }, { session })),
    );
    await client.close();
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
    expect(await readdir(dataDir)).toEqual(['store.db', 'store.guard']);
    expect(checkStore({ dataDir })).toMatchObject({ documents: 1, findings: 0 });
  });

  it('takes the folder over from a process that was killed, one of many that try', async () => {
    const first = await start();
    await endProcess(first.child, 'SIGKILL');
    expect(await readStoreEndpoint(dataDir)).toBeNull();
    const outcomes = await Promise.allSettled(Array.from({ length: 4 }, () => start()));
    const taken = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value.child.pid] : []));
    expect(taken).toEqual([(await readStoreEndpoint(dataDir))?.pid]);
  });

  it('stops when its parent is gone', async () => {
    const { child } = await start();
    const exited = once(child, 'exit');
    child.disconnect();
    expect(await exited).toEqual([0, null]);
  });

  it.each([
    ['--port x', ['--port', 'x'], {}, 'port must be 0 to 65535, found "x"'],
    ['STORE_SYNC=hard', [], { STORE_SYNC: 'hard' }, 'STORE_SYNC must be "normal" or "full", found "hard"'],
  ])('names the bad setting %s and ends with 78', async (_setting, flags, env, wanted) => {
    const { code, complaint } = await refused(flags, { ...process.env, ...env });
    expect([code, complaint]).toEqual([78, expect.stringContaining(wanted)]);
  });
});
