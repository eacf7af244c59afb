import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { waitFor } from '@app/testing';
import { type Harness, startHarness } from './store-harness';

const MEGABYTE = 1024 * 1024;
const COUNT = 1_500;

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
});
