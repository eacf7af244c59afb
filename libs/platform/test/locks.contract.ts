import type { Locks } from '../src';
import type { CreateTimed } from './timed';

/**
 * What every `Locks` promises.
 * @param ttlMs where time really passes, long enough that what passes between two calls does not matter
 */
export function itKeepsTheLocksContract(ttlMs: number, create: CreateTimed<Locks>): void {
  it('gives a name to one owner, who may take it again', async () => {
    const { subject: locks } = await create();
    expect(await locks.acquire(['book:1', 'book:2'], 'a', ttlMs)).toEqual(['book:1', 'book:2']);
    expect(await locks.acquire(['book:2', 'book:3'], 'b', ttlMs)).toEqual(['book:3']);
    expect(await locks.acquire(['book:3', 'book:1'], 'a', ttlMs)).toEqual(['book:1']);
    expect(await locks.acquire([], 'a', ttlMs)).toEqual([]);
  });

  it('gives a name to exactly one of those who ask at once', async () => {
    const { subject: locks } = await create();
    const owners = Array.from({ length: 20 }, (_, index) => `owner-${index}`);
    const names = ['x', 'y', 'z'];
    const held = await Promise.all(owners.map((owner) => locks.acquire(names, owner, ttlMs)));
    expect(held.flat().sort()).toEqual(names);
  });

  it('frees what is the owner’s alone', async () => {
    const { subject: locks } = await create();
    await locks.acquire(['x', 'y'], 'a', ttlMs);
    await locks.release(['x'], 'b');
    expect(await locks.acquire(['x'], 'b', ttlMs)).toEqual([]);
    await locks.release(['x', 'unknown'], 'a');
    expect(await locks.acquire(['x', 'y'], 'b', ttlMs)).toEqual(['x']);
  });

  it('prolongs what is still the owner’s, and says so', async () => {
    const { subject: locks, pass } = await create();
    await locks.acquire(['kept', 'lapsed'], 'a', ttlMs);
    expect(await locks.renew(['kept'], 'a', 3 * ttlMs)).toEqual(['kept']);
    expect(await locks.renew(['kept', 'never'], 'b', ttlMs)).toEqual([]);
    await pass(ttlMs);
    expect(await locks.renew(['kept', 'lapsed'], 'a', 3 * ttlMs)).toEqual(['kept']);
    expect(await locks.acquire(['kept', 'lapsed'], 'b', ttlMs)).toEqual(['lapsed']);
    expect(await locks.renew(['lapsed'], 'a', ttlMs)).toEqual([]);
  });

  it('serves more names at once than one command is given', async () => {
    const { subject: locks } = await create();
    const names = Array.from({ length: 1_201 }, (_, index) => `book:${index}`);
    await locks.acquire(['book:700'], 'b', ttlMs);
    const others = names.filter((name) => name !== 'book:700');
    expect(await locks.acquire(names, 'a', ttlMs)).toEqual(others);
    expect(await locks.renew(names, 'a', ttlMs)).toEqual(others);
    await locks.release(names, 'a');
    expect(await locks.acquire(names, 'b', ttlMs)).toEqual(names);
  });
}
