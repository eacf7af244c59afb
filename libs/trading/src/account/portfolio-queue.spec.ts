import { PortfolioQueue } from './portfolio-queue';

/** A promise that is resolved from outside. */
function gate(): { opened: Promise<void>; open: () => void } {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open };
}

describe('PortfolioQueue', () => {
  it('lets one portfolio decide one thing at a time, in order', async () => {
    const queue = new PortfolioQueue();
    const first = gate();
    const done: string[] = [];
    const turns = [
      queue.run('a', async () => {
        await first.opened;
        done.push('first');
      }),
      queue.run('a', () => Promise.resolve(done.push('second'))),
      queue.run('b', () => Promise.resolve(done.push('other'))),
    ];
    await turns[2];
    expect(done).toEqual(['other']);
    first.open();
    await Promise.all(turns);
    expect(done).toEqual(['other', 'first', 'second']);
  });

  it('goes on after a decision that failed, and tells only the one who asked', async () => {
    const queue = new PortfolioQueue();
    const failing = queue.run('a', () => Promise.reject(new Error('not this one')));
    const next = queue.run('a', () => Promise.resolve('this one'));
    await expect(failing).rejects.toThrow('not this one');
    await expect(next).resolves.toBe('this one');
  });
});
