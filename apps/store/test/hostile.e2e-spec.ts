import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mongo } from 'mongoose';
import { waitFor } from '@app/testing';
import { endProcess, startStoreProcess, type StoreProcess } from './store-process';

const MEGABYTE = 1024 * 1024;
/** What unfinished messages and unread answers may take together, and a wide margin for garbage not yet collected. */
const MOST_GROWTH_MB = 256 + 400;
/** At a peak: of 1,500 MB of answers made at once, more may wait to be collected on a busy machine. */
const PEAK_GROWTH_MB = 256 + 800;

/** The start of a message that says it is 40 MB long, with the first of them. */
function beginning(megabytes: number): Buffer {
  const bytes = Buffer.alloc(megabytes * MEGABYTE);
  bytes.writeInt32LE(40 * MEGABYTE, 0);
  bytes.writeInt32LE(2013, 12);
  return bytes;
}

function find(collection: string): Buffer {
  const body = mongo.BSON.serialize({ find: collection, $db: 'hostile' });
  const header = Buffer.alloc(21);
  header.writeInt32LE(21 + body.length, 0);
  header.writeInt32LE(2013, 12);
  return Buffer.concat([header, body]);
}

describe('a store among hostile clients', () => {
  let dataDir: string;
  let store: StoreProcess;
  let client: mongo.MongoClient;
  const sockets: Socket[] = [];

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'store-hostile-'));
    store = await startStoreProcess(['--data-dir', dataDir]);
    client = await new mongo.MongoClient(store.uri).connect();
    const pad = new mongo.Binary(Buffer.alloc(5 * MEGABYTE));
    for (let _id = 0; _id < 3; _id += 1)
      await client.db('hostile').collection<{ _id: number; pad: mongo.Binary }>('big').insertOne({ _id, pad });
  });
  afterAll(async () => {
    for (const socket of sockets) socket.destroy();
    await client.close();
    await endProcess(store.child, 'SIGKILL');
    await rm(dataDir, { recursive: true, force: true });
  });

  async function attack(count: number, bytes: Buffer): Promise<Socket[]> {
    const port = Number(new URL(store.uri).port);
    const made = Array.from({ length: count }, () => {
      const socket = connect({ host: '127.0.0.1', port });
      socket.on('error', () => socket.destroy());
      return socket;
    });
    sockets.push(...made);
    await Promise.all(made.map((socket) => once(socket, 'connect')));
    for (const socket of made) socket.write(bytes);
    return made;
  }
  async function status(): Promise<{ residentMb: number; connections: number }> {
    const { mem, connections } = (await client.db('admin').command({ serverStatus: 1 })) as {
      mem: { resident: number };
      connections: { current: number };
    };
    return { residentMb: mem.resident, connections: connections.current };
  }
  const isServing = async (): Promise<boolean> =>
    (await client.db('hostile').collection('c').insertOne({ at: new Date() })).acknowledged;

  it('lives and keeps its memory when hundreds send halves of huge messages and read no answers', async () => {
    const before = await status();
    const halves = await attack(120, beginning(6));
    for (const socket of halves) socket.resume();
    // 720 MB were sent; what does not fit is hung up on.
    await waitFor(() => halves.filter(({ destroyed }) => destroyed).length >= 120 - 43, { deadlineMs: 30_000 });
    expect(await isServing()).toBe(true);
    const during = await status();
    for (const socket of halves) socket.destroy();
    await waitFor(async () => (await status()).connections <= before.connections + 2, { deadlineMs: 30_000 });

    // 1,500 MB of answers are due at once, each to a client that does not read it; what does not fit is hung up on.
    const deaf = await attack(100, find('big'));
    for (const socket of deaf) socket.pause();
    let most = 0;
    await waitFor(
      async () => {
        const { residentMb, connections } = await status();
        most = Math.max(most, residentMb);
        return connections <= before.connections + 2 + 20;
      },
      { deadlineMs: 30_000 },
    );
    expect(await isServing()).toBe(true);
    expect(during.residentMb - before.residentMb).toBeLessThanOrEqual(MOST_GROWTH_MB);
    expect(most - before.residentMb).toBeLessThanOrEqual(PEAK_GROWTH_MB);
    await waitFor(async () => (await status()).residentMb - before.residentMb <= MOST_GROWTH_MB, {
      deadlineMs: 30_000,
      what: 'the memory given back, while as many as fit still do not read',
    });
    for (const socket of deaf) socket.destroy();
  });

  it('serves next to a thousand connections that say nothing', async () => {
    await attack(1_000, Buffer.alloc(0));
    await waitFor(async () => (await status()).connections >= 1_000, { deadlineMs: 30_000 });
    expect(await isServing()).toBe(true);
    expect(store.child.exitCode).toBeNull();
  });
});
