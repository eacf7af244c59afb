import { decimal, double, long, rawDocument, rawObject } from '../../test/bson-samples';
import { parseFilter } from './filter';
import { compileFilter } from './matcher';

function matching(filter: Record<string, unknown>, values: readonly unknown[]): unknown[] {
  const matches = compileFilter(parseFilter(rawObject(filter)));
  return values.filter((a) => matches(rawDocument(a === undefined ? {} : { a })));
}

describe('positions in paths', () => {
  it('mean one element, which is not looked into at the end of a path', () => {
    const values = [[1], [[1, 2]], { 0: 1 }, { 0: [1] }, [{ 0: 1 }], [2, 1]];
    expect(matching({ 'a.0': 1 }, values)).toEqual([[1], { 0: 1 }, { 0: [1] }, [{ 0: 1 }]]);
    expect(matching({ 'a.0': [1, 2] }, values)).toEqual([[[1, 2]]]);
  });

  it('enter objects and arrays further down, not scalars', () => {
    const values = [[5], [null], [{ b: 1 }], [{ b: null }], [[{ b: 1 }]], []];
    expect(matching({ 'a.0.b': 1 }, values)).toEqual([[{ b: 1 }], [[{ b: 1 }]]]);
    expect(matching({ 'a.0.b': null }, values)).toEqual([[{ b: 1 }], [{ b: null }]]);
    expect(matching({ 'a.0.0': null }, [[5], [[null]]])).toEqual([[[null]]]);
  });
});

describe('numbers', () => {
  const values = [NaN, -0, 2 ** 53, long(2n ** 53n + 1n), decimal('9007199254740993'), decimal('NaN'), Infinity];

  it('are equal by exact value over all types', () => {
    expect(matching({ a: long(2n ** 53n + 1n) }, values)).toEqual([values[3], values[4]]);
    expect(matching({ a: double(2 ** 53) }, values)).toEqual([values[2]]);
    expect(matching({ a: decimal('0') }, values)).toEqual([-0]);
  });

  it('never order against NaN, which equals itself', () => {
    expect(matching({ a: NaN }, values)).toEqual([NaN, values[5]]);
    expect(matching({ a: { $gte: NaN } }, values)).toEqual([NaN, values[5]]);
    expect(matching({ a: { $gt: NaN } }, values)).toEqual([]);
    expect(matching({ a: { $lt: 1 } }, values)).toEqual([-0]);
  });
});

describe('null', () => {
  it('equals an absent field, but not an array that has no object with it', () => {
    const values = [undefined, null, 1, [], [null], [1], { b: null }, { b: 1 }, [{ b: 1 }, {}]];
    expect(matching({ a: null }, values)).toEqual([undefined, null, [null]]);
    expect(matching({ 'a.b': null }, values)).toEqual([undefined, null, 1, { b: null }, [{ b: 1 }, {}]]);
    expect(matching({ a: { $gt: null } }, values)).toEqual([]);
    expect(matching({ a: { $lte: null } }, values)).toEqual([undefined, null, [null]]);
  });
});
