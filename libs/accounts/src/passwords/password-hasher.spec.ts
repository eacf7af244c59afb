import type { DomainError } from '@app/domain';
import { PasswordHasher } from './password-hasher';

const CHEAP = { memoryKib: 8, iterations: 1, parallelism: 1 };

describe('PasswordHasher', () => {
  it('makes Argon2id hashes that fit their password alone', async () => {
    const hasher = await PasswordHasher.create(CHEAP);
    const hash = await hasher.hash('correct horse');
    expect(hash).toMatch(/^\$argon2id\$v=19\$m=8,t=1,p=1\$/);
    expect(await hasher.verify(hash, 'correct horse')).toBe(true);
    expect(await hasher.verify(hash, 'Correct horse')).toBe(false);
    expect(await hasher.hash('correct horse')).not.toBe(hash);
  });

  it('takes the same text for the same password however it is composed', async () => {
    const hasher = await PasswordHasher.create(CHEAP);
    expect(await hasher.verify(await hasher.hash('cafe\u0301 au lait'), 'caf\u00e9 au lait')).toBe(true);
  });

  it('has a hash of nobody that costs what others do', async () => {
    const hasher = await PasswordHasher.create(CHEAP);
    expect(hasher.needsRehash(hasher.dummyHash)).toBe(false);
    expect(await hasher.verify(hasher.dummyHash, '')).toBe(false);
  });

  it.each([{ memoryKib: 16 }, { iterations: 2 }, { parallelism: 2, memoryKib: 16 }])(
    'knows a hash made at another cost: %j',
    async (change) => {
      const [before, after] = await Promise.all([
        PasswordHasher.create(CHEAP),
        PasswordHasher.create({ ...CHEAP, ...change }),
      ]);
      const hash = await before.hash('correct horse');
      expect([before.needsRehash(hash), after.needsRehash(hash)]).toEqual([false, true]);
      expect(await after.verify(hash, 'correct horse')).toBe(true);
    },
  );

  it('turns work away when too much waits', async () => {
    const hasher = await PasswordHasher.create(CHEAP);
    const outcomes = await Promise.allSettled(Array.from({ length: 200 }, () => hasher.hash('correct horse')));
    const refusals = outcomes.flatMap((one) => (one.status === 'rejected' ? [one.reason as DomainError] : []));
    expect(new Set(refusals.map(({ code }) => code))).toEqual(new Set(['AUTH.BUSY']));
    expect(await hasher.verify(await hasher.hash('x'), 'x')).toBe(true);
  });
});
