import { WriteQueue } from './write-queue';

describe('the turns of writers', () => {
  it('come in the order of asking, one at a time', async () => {
    const queue = new WriteQueue();
    const log: string[] = [];
    await queue.enter();
    const turns = ['a', 'b', 'c'].map(async (name) => {
      await queue.enter();
      log.push(`${name} in`);
      await Promise.resolve();
      log.push(`${name} out`);
      queue.leave();
    });
    expect([queue.hasWaiters, log]).toEqual([true, []]);
    queue.leave();
    await Promise.all(turns);
    expect(log).toEqual(['a in', 'a out', 'b in', 'b out', 'c in', 'c out']);
    expect(queue.hasWaiters).toBe(false);
  });

  it('pass over nobody who comes when the last one leaves', async () => {
    const queue = new WriteQueue();
    await queue.enter();
    queue.leave();
    await queue.enter();
    const late = queue.enter();
    queue.leave();
    await late;
    expect(queue.hasWaiters).toBe(false);
  });
});
