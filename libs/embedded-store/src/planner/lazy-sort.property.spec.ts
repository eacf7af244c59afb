import fc from 'fast-check';
import { LazySort } from './lazy-sort';

interface Row {
  key: number;
  arrival: number;
}

const byKey = (a: Row, b: Row): number => a.key - b.key;

/** Many rows from a few numbers, so that several runs and many equal keys come about. */
const manyRows = fc
  .record({ count: fc.integer({ min: 0, max: 12_000 }), keys: fc.integer({ min: 1, max: 50_000 }), seed: fc.nat() })
  .map(({ count, keys, seed }): Row[] =>
    Array.from({ length: count }, (_, arrival) => ({
      key: (Math.imul(arrival + seed, 2_654_435_761) >>> 0) % keys,
      arrival,
    })),
  );

function sortedLazily(rows: readonly Row[], keep?: number): Row[] {
  const sort = new LazySort(byKey, keep);
  for (const row of rows) {
    sort.add(row);
    if (sort.isOverfull) for (const step of sort.trim()) expect(step).toBeUndefined();
  }
  return [...sort.sorted()].flat();
}

describe('LazySort', () => {
  it('gives the order of a stable sort', () => {
    fc.assert(
      fc.property(manyRows, (rows) => {
        expect(sortedLazily(rows)).toEqual(rows.toSorted(byKey));
      }),
      { numRuns: 12 },
    );
  });

  it('keeps the least rows when it is to keep some', () => {
    fc.assert(
      fc.property(manyRows, fc.integer({ min: 0, max: 9_000 }), (rows, keep) => {
        expect(sortedLazily(rows, keep).slice(0, keep)).toEqual(rows.toSorted(byKey).slice(0, keep));
      }),
      { numRuns: 12 },
    );
  });

  it('lets go of rows once it holds far more than it keeps', () => {
    const sort = new LazySort(byKey, 10);
    for (let key = 10_000; key > 0; key -= 1) {
      sort.add({ key, arrival: 0 });
      if (sort.isOverfull) while (sort.trim().next().done !== true);
      expect(sort.isOverfull).toBe(false);
    }
    expect(sort.add({ key: 10_000, arrival: 0 })).toBe(false);
  });
});
