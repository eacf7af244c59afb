import type { Interest, InterestStore } from '../src';
import type { CreateTimed } from './timed';

/**
 * What every `InterestStore` promises.
 * @param ttlMs where time really passes, long enough that what passes between two calls does not matter
 */
export function itKeepsTheInterestStoreContract(ttlMs: number, create: CreateTimed<InterestStore>): void {
  const wants = (holder: string, ...subjects: string[]): Interest[] => subjects.map((subject) => ({ subject, holder }));
  const inOrder = (interests: Interest[]): string[] =>
    interests.map(({ subject, holder }) => `${subject} for ${holder}`).sort();

  it('knows who wants what, each once', async () => {
    const { subject: store } = await create();
    await store.add([...wants('user:1', '0xb/2', '0xa/1'), ...wants('socket:7', '0xa/1')], ttlMs);
    await store.add(wants('user:1', '0xa/1'), ttlMs);
    await store.add([], ttlMs);
    expect(inOrder(await store.list())).toEqual(['0xa/1 for socket:7', '0xa/1 for user:1', '0xb/2 for user:1']);
    expect(await store.listOf('user:1')).toEqual(['0xa/1', '0xb/2']);
    expect(await store.listOf('nobody')).toEqual([]);
  });

  it('withdraws one holder’s interest, never another’s', async () => {
    const { subject: store } = await create();
    await store.add([...wants('user:1', 'a', 'b', 'c'), ...wants('user:2', 'a', 'b')], ttlMs);
    await store.remove([...wants('user:1', 'a', 'unknown'), ...wants('nobody', 'a')]);
    expect(await store.listOf('user:1')).toEqual(['b', 'c']);
    expect(await store.removeAll('user:1')).toEqual(['b', 'c']);
    expect(await store.removeAll('user:1')).toEqual([]);
    expect(inOrder(await store.list())).toEqual(['a for user:2', 'b for user:2']);
    expect(await store.listOf('user:2')).toEqual(['a', 'b']);
  });

  it('lets an interest expire unless it is renewed, and no renewal shortens one', async () => {
    const { subject: store, pass } = await create();
    await store.add(wants('user:1', 'renewed', 'lapsed', 'long'), ttlMs);
    await store.add(wants('user:1', 'renewed', 'long'), 4 * ttlMs);
    await store.add(wants('user:1', 'long'), ttlMs);
    await store.add(wants('user:2', 'lapsed'), ttlMs);
    await pass(ttlMs);
    expect(inOrder(await store.list())).toEqual(['long for user:1', 'renewed for user:1']);
    expect(await store.listOf('user:1')).toEqual(['long', 'renewed']);
    expect(await store.listOf('user:2')).toEqual([]);
    expect(await store.removeAll('user:2')).toEqual([]);
    await store.add(wants('user:2', 'lapsed'), ttlMs);
    expect(await store.removeAll('user:2')).toEqual(['lapsed']);
  });

  it('prolongs what is there, and brings back nothing that is withdrawn or expired', async () => {
    const { subject: store, pass } = await create();
    await store.add(wants('user:1', 'kept', 'lapsed', 'withdrawn'), ttlMs);
    await store.add(wants('user:2', 'long'), 4 * ttlMs);
    await store.remove(wants('user:1', 'withdrawn'));
    await store.prolong([...wants('user:1', 'kept', 'withdrawn'), ...wants('nobody', 'kept')], 4 * ttlMs);
    await store.prolong(wants('user:2', 'long'), ttlMs);
    await pass(ttlMs);
    await store.prolong(wants('user:1', 'lapsed'), 4 * ttlMs);
    expect(inOrder(await store.list())).toEqual(['kept for user:1', 'long for user:2']);
    expect(await store.listOf('user:1')).toEqual(['kept']);
    expect(await store.listOf('nobody')).toEqual([]);
  });

  it('serves more interests at once than one command is given', async () => {
    const { subject: store } = await create();
    const subjects = Array.from({ length: 1_201 }, (_, index) => `0x${index}/${index}`).sort();
    await store.add(wants('user:1', ...subjects), ttlMs);
    expect(await store.listOf('user:1')).toEqual(subjects);
    await store.remove(wants('user:1', ...subjects.slice(1)));
    expect(inOrder(await store.list())).toEqual([`${subjects[0]} for user:1`]);
  });

  it.each([
    { subject: 'a|b', holder: 'user:1' },
    { subject: 'a', holder: 'user|1' },
    { subject: '', holder: 'user:1' },
    { subject: 'a', holder: '' },
  ])('refuses %j, whose parts could not be told apart', async (bad) => {
    const { subject: store } = await create();
    await expect(store.add([{ subject: 'good', holder: 'user:1' }, bad], ttlMs)).rejects.toThrow(RangeError);
    expect(await store.list()).toEqual([]);
  });
}
