import fc from 'fast-check';
import { ownerOf } from './rendezvous';

const instances = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 20 }), { minLength: 1, maxLength: 8 });
const markets = fc.uniqueArray(
  fc
    .array(fc.constantFrom(...'0123456789abcdef'), { minLength: 64, maxLength: 64 })
    .map((digits) => `0x${digits.join('')}`),
  { minLength: 1, maxLength: 30 },
);

describe('ownerOf', () => {
  it('does not depend on the order of the instances', () => {
    fc.assert(
      fc.property(instances, markets, (all, ids) => {
        for (const id of ids) expect(ownerOf(id, [...all].reverse())).toBe(ownerOf(id, all));
      }),
    );
  });

  it('moves only the markets of an instance that goes', () => {
    fc.assert(
      fc.property(instances, markets, fc.nat(), (all, ids, pick) => {
        const gone = all[pick % all.length];
        const rest = all.filter((instance) => instance !== gone);
        for (const id of ids) {
          const before = ownerOf(id, all);
          if (before !== gone) expect(ownerOf(id, rest)).toBe(before);
        }
      }),
    );
  });

  it('shares markets out evenly', () => {
    const all = ['host-1:4711:a', 'host-1:4712:b', 'host-2:4711:c', 'host-3:9:d'];
    const counts = new Map(all.map((instance) => [instance, 0]));
    for (let market = 0; market < 4_000; market += 1) {
      const owner = ownerOf(`0x${market.toString(16).padStart(64, '0')}`, all)!;
      counts.set(owner, counts.get(owner)! + 1);
    }
    for (const count of counts.values()) expect(Math.abs(count - 1_000)).toBeLessThan(150);
  });

  it('is nobody when nobody is alive', () => {
    expect(ownerOf('0x1', [])).toBeNull();
  });
});
