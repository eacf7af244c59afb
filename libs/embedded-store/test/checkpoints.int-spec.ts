import { open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { waitFor } from '@app/testing';
import { type Harness, startHarness } from './store-harness';

const MEGABYTE = 1024 * 1024;
const COUNT = 1_500;

/** How often the log of a data file was started anew, as its header counts. */
async function restartsOf(log: string): Promise<number> {
  const file = await open(log);
  try {
    const header = Buffer.alloc(16);
    await file.read(header, 0, header.length, 0);
    return header.readUInt32BE(12);
  } finally {
    await file.close();
  }
}

describe('checkpoints', () => {
  let harness: Harness;

  beforeAll(async () => {
    harness = await startHarness();
  });

  afterAll(() => harness.stop());

  it('brings what is written into the data file while the store runs', async () => {
    const notes = harness.client.db('checkpoints').collection<{ _id: number; text: string }>('notes');
    const text = 'x'.repeat(10_000);
    await notes.insertMany(Array.from({ length: COUNT }, (_, _id) => ({ _id, text })));

    await waitFor(async () => (await stat(join(harness.dataDir, 'store.db'))).size > 10 * MEGABYTE);
    expect(await notes.countDocuments({ text })).toBe(COUNT);

    await harness.restart();
    const again = harness.client.db('checkpoints').collection<{ _id: number; text: string }>('notes');
    expect(await again.countDocuments({ text })).toBe(COUNT);
  });

  it('starts a long log anew while clients go on writing, also in transactions', async () => {
    const notes = harness.client.db('checkpoints').collection<{ _id: string; text: string }>('more');
    const log = join(harness.dataDir, 'store.db-wal');
    const before = await restartsOf(log);
    const text = 'x'.repeat(100_000);
    let written = 0;
    const write = (): Promise<unknown> =>
      harness.client.withSession((session) =>
        session.withTransaction(async () => {
          for (let more = 0; more < 20; more += 1) {
            await notes.insertOne({ _id: String((written += 1)), text }, { session });
          }
        }),
      );
    await waitFor(async () => {
      await write();
      return (await restartsOf(log)) > before;
    });
    expect(await notes.countDocuments({ text })).toBe(written);
  });

  it('leaves nothing in the log when the store is closed', async () => {
    await harness.client.db('checkpoints').collection('last').insertOne({ n: 1 });
    await harness.store.close();
    expect((await stat(join(harness.dataDir, 'store.db-wal')).catch(() => ({ size: 0 }))).size).toBe(0);
    await harness.restart();
    expect(await harness.client.db('checkpoints').collection('last').countDocuments()).toBe(1);
  });
});
