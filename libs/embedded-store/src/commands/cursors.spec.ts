import { LargeAnswers } from './large-answers';
import { Cursor, type CursorSource } from './cursors';

const DOCUMENT = Buffer.from([5, 0, 0, 0, 0]);

function* pieces(count: number, size: number): Generator<Buffer[]> {
  for (let left = count; left > 0; left -= size) yield Array.from({ length: Math.min(size, left) }, () => DOCUMENT);
}

async function batchesOf(source: CursorSource, size: number): Promise<number[]> {
  const cursor = new Cursor('x.y', pieces(25_000, 256), source);
  const batches: number[] = [];
  do batches.push((await cursor.nextBatch(size, new LargeAnswers(1).place())).length);
  while (!cursor.isFinished());
  return batches;
}

describe('the batches of an answer', () => {
  it('have as many documents as were asked for', async () => {
    expect(await batchesOf({}, 9_000)).toEqual([9_000, 9_000, 7_000]);
  });

  it('have no more than can be put together quickly, unless the first is the whole answer', async () => {
    expect(await batchesOf({}, Infinity)).toEqual([10_000, 10_000, 5_000]);
    expect(await batchesOf({ single: true }, Infinity)).toEqual([25_000]);
  });
});
