import { BoundedQueue } from './bounded-queue';

describe('BoundedQueue', () => {
  it('gives items in order and null after the last', async () => {
    const queue = new BoundedQueue<number>(5);
    await queue.push(1);
    await queue.push(2);
    queue.close();
    expect([await queue.take(), await queue.take(), await queue.take()]).toEqual([1, 2, null]);
  });

  it('lets a consumer wait for an item', async () => {
    const queue = new BoundedQueue<string>(1);
    const taken = queue.take();
    await queue.push('late');
    expect(await taken).toBe('late');
  });

  it('never holds more than its capacity, whoever pushes', async () => {
    const queue = new BoundedQueue<number>(2);
    let inside = 0;
    let most = 0;
    const producers = Array.from({ length: 3 }, async (_, producer) => {
      for (let item = 0; item < 20; item += 1) {
        await queue.push(producer * 100 + item);
        inside += 1;
        most = Math.max(most, inside);
      }
    });
    const done = Promise.all(producers).then(() => queue.close());
    const taken: number[] = [];
    for (let item = await queue.take(); item !== null; item = await queue.take()) {
      inside -= 1;
      taken.push(item);
    }
    await done;
    expect(taken).toHaveLength(60);
    expect(most).toBeLessThanOrEqual(3);
  });

  it('fails both sides at once', async () => {
    const queue = new BoundedQueue<number>(1);
    await queue.push(1);
    const waiting = queue.push(2);
    queue.fail(new Error('broken'));
    await expect(waiting).rejects.toThrow('broken');
    await expect(queue.take()).rejects.toThrow('broken');
    await expect(queue.push(3)).rejects.toThrow('broken');
  });
});
