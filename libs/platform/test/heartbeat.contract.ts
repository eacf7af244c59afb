import type { HeartbeatStore } from '../src';

/** What every `HeartbeatStore` promises. */
export function itKeepsTheHeartbeatContract(create: () => Promise<HeartbeatStore> | HeartbeatStore): void {
  it('knows nobody at first', async () => {
    const store = await create();
    expect(await store.list()).toEqual([]);
  });

  it('keeps the newest heartbeat of each process, by name', async () => {
    const store = await create();
    const first = new Date('2026-02-07T10:00:00.000Z');
    const second = new Date('2026-02-07T10:00:05.000Z');
    await store.beat('sync-worker:b', first, { task: 'full' });
    await store.beat('sync-worker:a', first);
    await store.beat('sync-worker:b', second, { task: 'incremental', percent: 12.5 });
    expect(await store.list()).toEqual([
      { process: 'sync-worker:a', at: first, detail: {} },
      { process: 'sync-worker:b', at: second, detail: { task: 'incremental', percent: 12.5 } },
    ]);
  });

  it('forgets a process that ended, and no other, until it beats again', async () => {
    const store = await create();
    for (const process of ['worker:a', 'worker:b']) await store.beat(process, new Date(0));
    await store.end('worker:a');
    await store.end('worker:c');
    expect((await store.list()).map(({ process }) => process)).toEqual(['worker:b']);
    await store.beat('worker:a', new Date(0));
    expect(await store.list()).toHaveLength(2);
  });

  it('hands out copies', async () => {
    const store = await create();
    const detail = { task: 'full' };
    await store.beat('worker', new Date(0), detail);
    detail.task = 'changed';
    for (const heartbeat of await store.list()) heartbeat.detail['task'] = 'changed too';
    expect(await store.list()).toMatchObject([{ detail: { task: 'full' } }]);
  });
}
