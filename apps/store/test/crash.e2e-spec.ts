import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { mongo } from 'mongoose';
import { readStoreEndpoint } from '@app/embedded-store';
import { waitFor } from '@app/testing';

const ROOT = resolve(__dirname, '../../..');
const KILLS = Number(process.env.STORE_KILLS ?? 6);

/** Starts the store as a process of its own, straight from the sources. */
function launch(dataDir: string): ChildProcess {
  return fork(join(ROOT, 'tools/ts.cjs'), [join(ROOT, 'apps/store/src/main.ts'), '--data-dir', dataDir], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
}

async function startProcess(dataDir: string): Promise<{ child: ChildProcess; uri: string }> {
  const child = launch(dataDir);
  const [ready] = (await once(child, 'message')) as [{ ready: boolean; uri: string }];
  return { child, uri: ready.uri };
}

async function kill(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  const exited = once(child, 'exit');
  child.kill(signal);
  await exited;
}

interface Entry {
  _id: string;
  n: number;
  parity: string;
  tags: string[];
  note: string;
}

/** Writes batches until the store dies; returns what was acknowledged: the highest n per id. */
async function writeUntilDeath(uri: string, round: number): Promise<Map<string, number>> {
  const client = new mongo.MongoClient(uri, { retryWrites: false, serverSelectionTimeoutMS: 500 });
  const entries = client.db('crash').collection<Entry>('entries');
  const acknowledged = new Map<string, number>();
  try {
    for (let n = 0; ; n += 1) {
      const ids = Array.from({ length: 40 }, (_, at) => `e${(round * 31 + n * 7 + at) % 400}`);
      const value = round * 1_000_000 + n;
      const fields = {
        n: value,
        parity: value % 2 === 0 ? 'even' : 'odd',
        tags: [`t${value % 5}`, 'all'],
        note: `note number${value % 3}`,
      };
      await entries.bulkWrite(
        ids.map((_id) => ({ updateOne: { filter: { _id }, update: { $set: fields }, upsert: true } })),
        { ordered: false },
      );
      for (const id of ids) acknowledged.set(id, value);
    }
  } catch (error) {
    if (!(error instanceof mongo.MongoError)) throw error;
  } finally {
    await client.close();
  }
  return acknowledged;
}

describe('the store as a process', () => {
  let dataDir: string;
  const running = new Set<ChildProcess>();

  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'store-process-'));
  });
  afterEach(async () => {
    for (const child of running) if (child.exitCode === null && child.signalCode === null) await kill(child, 'SIGKILL');
    running.clear();
    await rm(dataDir, { recursive: true, force: true });
  });

  async function start(): Promise<{ child: ChildProcess; uri: string }> {
    const started = await startProcess(dataDir);
    running.add(started.child);
    return started;
  }

  it(`loses no acknowledged write and no index entry over ${KILLS} kills with -9`, async () => {
    const known = new Map<string, number>();
    for (let round = 1; round <= KILLS; round += 1) {
      const { child, uri } = await start();
      const client = await new mongo.MongoClient(uri).connect();
      const entries = client.db('crash').collection<Entry>('entries');
      await entries.createIndexes([
        { key: { n: 1, _id: 1 } },
        { key: { parity: 1, n: -1 } },
        { key: { tags: 1 } },
        { key: { note: 'text' } },
      ]);
      const before = await entries.estimatedDocumentCount();
      const writing = writeUntilDeath(uri, round);
      // A different moment each round: after so many changed documents, whatever is under way then.
      await waitFor(
        async () => (await entries.countDocuments({ n: { $gte: round * 1_000_000 } })) >= Math.min(399, 45 * round),
        { deadlineMs: 30_000 },
      );
      await client.close();
      await kill(child, 'SIGKILL');
      for (const [id, n] of await writing) known.set(id, n);
      expect([round, known.size >= before]).toEqual([round, true]);

      const reborn = await start();
      const checking = await new mongo.MongoClient(reborn.uri).connect();
      const after = checking.db('crash').collection<Entry>('entries');
      const stored = await after.find().toArray();
      const lost = [...known].filter(([id, n]) => (stored.find(({ _id }) => _id === id)?.n ?? -1) < n);
      expect([round, lost]).toEqual([round, []]);
      for (const { _id, n } of stored) known.set(_id, n);
      const size = stored.length;
      expect([
        await after.estimatedDocumentCount(),
        await after.countDocuments({ n: { $gte: 0 } }),
        await after.countDocuments({ parity: { $in: ['even', 'odd'] } }),
      ]).toEqual([size, size, size]);
      expect([
        await after.countDocuments({ tags: 'all' }),
        await after.countDocuments({ $text: { $search: 'note' } }),
      ]).toEqual([size, size]);
      for (const tag of ['t0', 't3'])
        expect(await after.countDocuments({ tags: tag })).toBe(stored.filter(({ tags }) => tags.includes(tag)).length);
      expect(await after.countDocuments({ $text: { $search: 'number1' } })).toBe(
        stored.filter(({ note }) => note === 'note number1').length,
      );
      await checking.close();
      await kill(reborn.child, 'SIGTERM');
    }
  }, 120_000);

  it('tells where it listens, refuses a second one on the folder, and leaves nothing behind when told to stop', async () => {
    expect(await readStoreEndpoint(dataDir)).toBeNull();
    const { child, uri } = await start();
    expect(await readStoreEndpoint(dataDir)).toMatchObject({ pid: child.pid, uri });
    const second = launch(dataDir);
    running.add(second);
    let complaint = '';
    second.stderr?.on('data', (text: Buffer) => (complaint += text.toString()));
    expect(await once(second, 'exit')).toEqual([1, null]);
    expect(complaint).toContain(`process ${child.pid}`);
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
    expect(await readStoreEndpoint(dataDir)).toBeNull();
  });

  it('takes the folder over from a process that was killed', async () => {
    const first = await start();
    await kill(first.child, 'SIGKILL');
    expect(await readStoreEndpoint(dataDir)).toBeNull();
    const next = await start();
    expect(await readStoreEndpoint(dataDir)).toMatchObject({ pid: next.child.pid });
  });

  it('stops when its parent is gone', async () => {
    const { child } = await start();
    const exited = once(child, 'exit');
    child.disconnect();
    expect(await exited).toEqual([0, null]);
  });

  it('names a bad setting and ends with 78', async () => {
    const child = fork(
      join(ROOT, 'tools/ts.cjs'),
      [join(ROOT, 'apps/store/src/main.ts'), '--data-dir', dataDir, '--port', 'x'],
      { stdio: ['ignore', 'pipe', 'pipe', 'ipc'] },
    );
    running.add(child);
    let complaint = '';
    child.stderr?.on('data', (text: Buffer) => (complaint += text.toString()));
    expect(await once(child, 'exit')).toEqual([78, null]);
    expect(complaint).toContain('port must be 0 to 65535, found "x"');
  });
});
