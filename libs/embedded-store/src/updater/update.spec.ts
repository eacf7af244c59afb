import { BSON, Timestamp } from 'bson';
import fc from 'fast-check';
import {
  anyNumber,
  anyValue,
  decimal,
  decode,
  double,
  int,
  long,
  rawDocument,
  rawObject,
} from '../../test/bson-samples';
import { BsonWriter } from '../documents/bson-writer';
import { documentValue } from '../documents/raw-value';
import { StoreError } from '../errors/store-error';
import { parseFilter } from '../matcher/filter';
import { applyUpdate, parseUpdate, upsertDocument, withIdFirst } from './update';

function updated(before: Record<string, unknown>, change: Record<string, unknown>): Record<string, unknown> {
  return decode(applyUpdate(parseUpdate(rawObject(change)), rawDocument(before)));
}

function refusal(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof StoreError) return error.codeName;
  }
  throw new Error('the update was not refused');
}

const refused = (before: Record<string, unknown>, change: Record<string, unknown>): string =>
  refusal(() => updated(before, change));

describe('updates', () => {
  it('leave the bytes of untouched fields as they are', () => {
    const before = {
      _id: int(1),
      i: int(5),
      l: long(5),
      d: double(5),
      m: decimal('5.00'),
      z: double(-0),
      n: { deep: long(7), other: double(1) },
    };
    const after = updated(before, { $set: { 'n.deep': long(8) } });
    expect(BSON.serialize(after)).toEqual(BSON.serialize({ ...before, n: { deep: long(8), other: double(1) } }));
  });

  it('answer the same buffer when nothing changes', () => {
    const before = rawDocument({ _id: 1, a: int(1), b: { c: 'x' }, d: int(5) });
    const unchanged = { $set: { a: int(1), 'b.c': 'x' }, $inc: { d: int(0) }, $unset: { nothing: 1 } };
    expect(applyUpdate(parseUpdate(rawObject(unchanged)), before)).toBe(before);
  });

  it('come to the same on the bytes of a document and on the document taken apart', () => {
    const field = fc.constantFrom('a', 'b', 'ab', 'c', 'd');
    const change = fc.oneof(
      fc.record({ operator: fc.constantFrom('$set', '$unset', '$push'), operand: anyValue }),
      fc.record({ operator: fc.constant('$inc'), operand: anyNumber }),
    );
    const outcome = (before: Buffer, update: Record<string, unknown>): unknown => {
      try {
        return applyUpdate(parseUpdate(rawObject(update)), before);
      } catch (error) {
        if (error instanceof StoreError) return error.message;
        throw error;
      }
    };
    fc.assert(
      fc.property(
        fc.dictionary(field, anyValue, { maxKeys: 5 }),
        fc.dictionary(field, change, { minKeys: 1, maxKeys: 4 }),
        (fields, changes) => {
          const before = rawDocument({ _id: int(1), ...fields });
          const update: Record<string, Record<string, unknown>> = {};
          for (const [name, { operator, operand }] of Object.entries(changes))
            update[operator] = { ...update[operator], [name]: operand };
          // A dotted path that leads nowhere changes nothing, but for the way.
          const apart = { ...update, $unset: { ...update['$unset'], 'nothing.here': '' } };
          expect(outcome(before, update)).toEqual(outcome(before, apart));
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('tell the top-level fields they can change', () => {
    const touched = (update: Record<string, unknown>): unknown => {
      const parsed = parseUpdate(rawObject(update));
      return parsed.kind === 'operators' ? [...parsed.touched].sort() : null;
    };
    expect(touched({ $set: { 'a.b': 1, c: 2 }, $inc: { 'a.d': 1 }, $unset: { e: '' } })).toEqual(['a', 'c', 'e']);
    expect(touched({ $push: { 'l.0.m': 1 }, $setOnInsert: { f: 1 } })).toEqual(['f', 'l']);
  });

  it('count the unsetting of an array element that is null, and of none that is not there', () => {
    const before = rawDocument({ _id: 1, a: [int(1), null] });
    const after = applyUpdate(parseUpdate(rawObject({ $unset: { 'a.1': '' } })), before);
    expect(after.equals(before)).toBe(true);
    expect(after).not.toBe(before);
    expect(applyUpdate(parseUpdate(rawObject({ $unset: { 'a.2': '' } })), before)).toBe(before);
  });

  it('tell a change of type from no change', () => {
    expect(updated({ _id: 1, a: int(1) }, { $set: { a: double(1) } }).a).toEqual(double(1));
  });

  it.each([
    ['int32 plus int32', int(1), int(2), int(3)],
    ['int32 overflowing into int64', int(2147483647), int(1), long(2147483648n)],
    ['int64 plus int32', long(9007199254740993n), int(1), long(9007199254740994n)],
    ['double staying double', double(5), int(1), double(6)],
    ['int64 plus double', long(5), double(0.5), double(5.5)],
  ])('add %s', (_name, before, by, after) => {
    expect(updated({ _id: 1, n: before }, { $inc: { n: by } }).n).toEqual(after);
  });

  it('push values and keep the first or the last', () => {
    const after = (before: unknown, push: unknown): unknown => updated({ _id: 1, a: before }, { $push: { a: push } }).a;
    expect(after([int(1)], int(2))).toEqual([int(1), int(2)]);
    expect(updated({ _id: 1 }, { $push: { a: [int(2)] } }).a).toEqual([[int(2)]]);
    expect(after([int(1)], { $each: [int(2), 'x'] })).toEqual([int(1), int(2), 'x']);
    expect(after([int(1), int(2)], { $each: [int(3)], $slice: -2 })).toEqual([int(2), int(3)]);
    expect(after([int(1), int(2)], { $slice: long(1), $each: [int(3)] })).toEqual([int(1)]);
    expect(after([int(1), int(2)], { $each: [int(3)], $slice: double(0) })).toEqual([]);
    expect(after([int(1)], { $each: [], $slice: -5 })).toEqual([int(1)]);
    expect(after([], { $slice: int(1) })).toEqual([{ $slice: int(1) }]);
    expect(updated({ _id: 1 }, { $push: { 'h.points': { $each: [int(1), int(2)], $slice: -1 } } }).h).toEqual({
      points: [int(2)],
    });
    expect(updated({ _id: 1 }, { $push: { a: { $each: [] } } }).a).toEqual([]);
  });

  it('write arrays that are the same bytes as if pushed one by one', () => {
    const before = { _id: 1, a: [int(1), { b: long(2) }, 'x'] };
    const after = applyUpdate(
      parseUpdate(rawObject({ $push: { a: { $each: [double(3)], $slice: -3 } } })),
      rawDocument(before),
    );
    expect(after.equals(rawDocument({ _id: 1, a: [{ b: long(2) }, 'x', double(3)] }))).toBe(true);
  });

  it('accept names with a dollar below the top', () => {
    expect(updated({ _id: 1 }, { $set: { 'a.$b': int(1) } }).a).toEqual({ $b: int(1) });
    expect(updated({ _id: 1 }, { a: { $b: int(1) } }).a).toEqual({ $b: int(1) });
  });

  it('count a replacement as a change unless it is the stored document itself', () => {
    const before = rawDocument({ _id: 1, a: 1 });
    expect(applyUpdate(parseUpdate(rawObject({ _id: 1, a: 1 })), before)).toBe(before);
    const same = applyUpdate(parseUpdate(rawObject({ a: 1 })), before);
    expect(same).not.toBe(before);
    expect(same.equals(before)).toBe(true);
  });

  it('set a missing counter and grow arrays', () => {
    expect(updated({ _id: 1 }, { $inc: { 'a.b': int(2) } }).a).toEqual({ b: int(2) });
    expect(updated({ _id: 1, a: [int(1)] }, { $set: { 'a.2': int(3) } }).a).toEqual([int(1), null, int(3)]);
    expect(updated({ _id: 1, a: [int(1), int(2)] }, { $unset: { 'a.0': 1 } }).a).toEqual([null, int(2)]);
  });

  it('add new fields in the order of their names, as MongoDB has done since 5.0', () => {
    expect(Object.keys(updated({ _id: 1, m: 1 }, { $set: { z: 1, b: 2 }, $inc: { k: 1 } }))).toEqual([
      '_id',
      'm',
      'b',
      'k',
      'z',
    ]);
  });

  it('replace everything but the _id', () => {
    const after = updated({ _id: long(1), a: 1 }, { b: int(2) });
    expect([Object.keys(after), after._id]).toEqual([['_id', 'b'], long(1)]);
  });

  it.each([
    ['a path through a scalar', { a: 1 }, { $set: { 'a.b': 1 } }, 'PathNotViable'],
    ['a name inside an array', { a: [1] }, { $set: { 'a.b': 1 } }, 'PathNotViable'],
    ['two changes of one path', { a: 1 }, { $set: { a: 1 }, $inc: { a: 1 } }, 'ConflictingUpdateOperators'],
    ['a change inside a changed field', { a: 1 }, { $set: { a: 1, 'a.b': 1 } }, 'ConflictingUpdateOperators'],
    ['a new _id', { _id: 1 }, { $set: { _id: 2 } }, 'ImmutableField'],
    ['a replacement with a new _id', { _id: 1 }, { _id: 2, a: 1 }, 'ImmutableField'],
    ['an empty name', { a: 1 }, { $set: { 'a.': 1 } }, 'EmptyFieldName'],
    ['a name with a dollar at the top', { a: 1 }, { $set: { $b: 1 } }, 'DollarPrefixedFieldName'],
    ['a replacement with a name with a dollar', { a: 1 }, { a: 1, $b: 1 }, 'DollarPrefixedFieldName'],
    ['another type of the _id', { _id: int(1) }, { $set: { _id: double(1) } }, 'CommandNotSupported'],
    ['a replacement with another type of the _id', { _id: int(1) }, { _id: double(1) }, 'CommandNotSupported'],
    ['an _id taken away', { _id: 1 }, { $unset: { _id: 1 } }, 'ImmutableField'],
    ['an empty timestamp in a replacement', {}, { t: new Timestamp(0n) }, 'CommandNotSupported'],
    ['a gap too wide', { a: [] }, { $set: { 'a.1500001': 1 } }, 'CannotBackfillArray'],
    ['a position with leading zeros', { a: [1, 2] }, { $set: { 'a.01': 1 } }, 'CommandNotSupported'],
    ['a position with leading zeros to take away', { a: [1, 2] }, { $unset: { 'a.01': 1 } }, 'CommandNotSupported'],
    ['pushing to a scalar', { a: 1 }, { $push: { a: { $each: [] } } }, 'BadValue'],
    ['pushing to null', { a: null }, { $push: { a: 1 } }, 'BadValue'],
    ['pushing what is no list', { a: [] }, { $push: { a: { $each: 1 } } }, 'BadValue'],
    ['a slice that is no whole number', { a: [] }, { $push: { a: { $each: [1], $slice: 1.5 } } }, 'BadValue'],
    ['a push with an unknown clause', { a: [] }, { $push: { a: { $each: [1], x: 1 } } }, 'BadValue'],
    ['a sorted push', { a: [] }, { $push: { a: { $each: [1], $sort: 1 } } }, 'CommandNotSupported'],
    ['a push to a position', { a: [] }, { $push: { a: { $each: [1], $position: 0 } } }, 'CommandNotSupported'],
    ['more than 180 levels', {}, { $set: { [Array(180).fill('a').join('.')]: {} } }, 'Overflow'],
    ['adding to a text', { a: 'x' }, { $inc: { a: 1 } }, 'TypeMismatch'],
    ['adding a text', { a: 1 }, { $inc: { a: 'x' } }, 'TypeMismatch'],
    ['an int64 overflow', { a: long(2n ** 63n - 1n) }, { $inc: { a: int(1) } }, 'BadValue'],
    ['an unknown operator', { a: 1 }, { $foo: { a: 1 } }, 'CommandNotSupported'],
    ['a positional operator', { a: [1] }, { $set: { 'a.$[]': 1 } }, 'CommandNotSupported'],
    ['arithmetic on Decimal128', { a: decimal('1') }, { $inc: { a: 1 } }, 'CommandNotSupported'],
  ])('refuse %s', (_name, before, change, codeName) => {
    expect(refused({ _id: 1, ...before }, change)).toBe(codeName);
  });
});

describe('upserts', () => {
  const upserted = (filter: Record<string, unknown>, change: Record<string, unknown>): Record<string, unknown> =>
    decode(upsertDocument(parseUpdate(rawObject(change)), parseFilter(rawObject(filter))));

  it('start from the equalities of the filter', () => {
    const filter = { _id: 'k', 'a.b': 1, c: { $gt: 5 }, d: { $in: ['x'] }, $and: [{ e: 2 }] };
    expect(upserted(filter, { $set: { z: 1 }, $setOnInsert: { once: true } })).toEqual({
      _id: 'k',
      a: { b: int(1) },
      d: 'x',
      e: int(2),
      once: true,
      z: int(1),
    });
  });

  it('put the _id first, and refuse two of them', () => {
    expect(Object.keys(upserted({ a: 1 }, { $setOnInsert: { b: 1, _id: 'k' } }))).toEqual(['_id', 'a', 'b']);
    const twice = new BsonWriter().int32('_id', 1).int32('a', 1).int32('_id', 2).finish();
    expect(refusal(() => withIdFirst(documentValue(twice), null))).toBe('BadValue');
  });

  it('add the equalities of the filter in the order of their paths', () => {
    expect(Object.keys(upserted({ z: 1, b: 2, _id: 'k', 'a.c': 1 }, { $set: { m: 1 } }))).toEqual([
      '_id',
      'a',
      'b',
      'z',
      'm',
    ]);
  });

  it('accept names with a dollar, as inserts do', () => {
    expect(upserted({ _id: 1 }, { $set: { $x: int(1) } })).toEqual({ _id: int(1), $x: int(1) });
  });

  it('refuse what a filter says twice or only of a part of the _id', () => {
    expect(refusal(() => upserted({ a: 1, $and: [{ a: 2 }] }, { $set: { b: 1 } }))).toBe('NotSingleValueField');
    expect(refusal(() => upserted({ a: { b: 1 }, 'a.b': 1 }, { $set: { b: 1 } }))).toBe('NotSingleValueField');
    expect(refusal(() => upserted({ '_id.a': 1 }, { b: 1 }))).toBe('NotExactValueField');
    expect(upserted({ '_id.a': int(1) }, { $set: { b: int(1) } })).toEqual({ _id: { a: int(1) }, b: int(1) });
  });

  it('take only the _id from the filter when replacing', () => {
    expect(upserted({ _id: 'k', a: 1 }, { b: int(2) })).toEqual({ _id: 'k', b: int(2) });
  });

  it('refuse an _id other than the filter asked for', () => {
    expect(refusal(() => upserted({ _id: 1 }, { $setOnInsert: { _id: 2 } }))).toBe('ImmutableField');
    expect(refusal(() => upserted({ _id: 1 }, { _id: 2 }))).toBe('ImmutableField');
  });
});
