import type { UserRecord } from '@app/persistence';
import { IdentityCache } from './identity-cache';

const at = (ms: number): Date => new Date(ms);
const aUser = (tokenVersion: number): UserRecord => ({ id: 'u1', tokenVersion }) as UserRecord;

describe('IdentityCache', () => {
  it('reads a user once in its time, for all who ask', async () => {
    let reads = 0;
    const cache = new IdentityCache(() => Promise.resolve(aUser((reads += 1))), 1_000);
    const both = await Promise.all([cache.get('u1', at(0)), cache.get('u1', at(999))]);
    expect(both.map((user) => user?.tokenVersion)).toEqual([1, 1]);
    expect((await cache.get('u1', at(1_000)))?.tokenVersion).toBe(2);
    cache.drop('u1');
    expect((await cache.get('u1', at(1_000)))?.tokenVersion).toBe(3);
  });

  it('remembers nothing that was read at a later time, by a clock that was set back since', async () => {
    let reads = 0;
    const cache = new IdentityCache(() => Promise.resolve(aUser((reads += 1))), 1_000);
    await cache.get('u1', at(3_600_000));
    expect((await cache.get('u1', at(0)))?.tokenVersion).toBe(2);
    expect((await cache.get('u1', at(999)))?.tokenVersion).toBe(2);
  });

  it('remembers nothing at all when nothing may be old', async () => {
    let reads = 0;
    const cache = new IdentityCache(() => Promise.resolve(aUser((reads += 1))), 0);
    const both = await Promise.all([cache.get('u1', at(5)), cache.get('u1', at(5))]);
    expect(both.map((user) => user?.tokenVersion)).toEqual([1, 2]);
    expect((await cache.get('u1', at(4)))?.tokenVersion).toBe(3);
  });

  it('does not remember a read that was under way when the user was changed', async () => {
    const answers: ((user: UserRecord) => void)[] = [];
    const cache = new IdentityCache(() => new Promise((resolve) => answers.push(resolve)), 1_000);
    const early = cache.get('u1', at(0));
    cache.drop('u1');
    answers[0]?.(aUser(1));
    expect((await early)?.tokenVersion).toBe(1);
    const late = cache.get('u1', at(1));
    answers[1]?.(aUser(2));
    expect((await late)?.tokenVersion).toBe(2);
  });

  it('does not remember a failure', async () => {
    let isAway = true;
    const cache = new IdentityCache(
      () => (isAway ? Promise.reject(new Error('away')) : Promise.resolve(aUser(1))),
      1_000,
    );
    await expect(cache.get('u1', at(0))).rejects.toThrow('away');
    isAway = false;
    expect((await cache.get('u1', at(1)))?.tokenVersion).toBe(1);
  });
});
