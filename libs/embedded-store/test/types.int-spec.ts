import { Binary, BSON, BSONRegExp, BSONSymbol, Code, MaxKey, MinKey, ObjectId, Timestamp, UUID } from 'bson';
import fc from 'fast-check';
import type { mongo } from 'mongoose';
import { typeClass } from '../src/documents/bson-type';
import { anyValue, ASCENDING, decimal, double, int, long, raw } from './bson-samples';
import { failureOf, type Harness, startHarness } from './store-harness';

type Fields = Record<string, unknown>;

const RAW_TYPES = { promoteValues: false, bsonRegExp: true } as const;

let harness: Harness;

beforeAll(async () => {
  harness = await startHarness();
});
afterAll(() => harness.stop());

const bytesOf = (fields: Fields): string => Buffer.from(BSON.serialize(fields)).toString('hex');

/** The stored documents as hexadecimal BSON, in the order of their ids. */
async function stored(db: mongo.Db): Promise<string[]> {
  const reply = await db.command({ find: 'c', sort: { _id: 1 }, batchSize: 1000 }, RAW_TYPES);
  return (reply.cursor as { firstBatch: Fields[] }).firstBatch.map(bytesOf);
}

/** The server fills in empty timestamps at the top of a document, so the store refuses them there. */
const isEmptyTimestamp = (value: unknown): boolean => value instanceof Timestamp && value.isZero();

const top = anyValue.filter((value) => !isEmptyTimestamp(value));
const content = fc.dictionary(fc.constantFrom('a', 'b', 'ab', 'é', '', '$x', 'x.y', '0'), top, { maxKeys: 4 });

const ONE_OF_EACH: Fields = {
  int: int(5),
  long: long(9007199254740993n),
  longest: long(-(2n ** 63n)),
  smallLong: long(5),
  double: double(5),
  minusZero: double(-0),
  nan: double(NaN),
  infinity: double(Infinity),
  minusInfinity: double(-Infinity),
  decimal: decimal('5.00'),
  tiniest: decimal('1E-6176'),
  minusZeroDecimal: decimal('-0E+3'),
  date: new Date(-1),
  earliest: new Date(-8.64e15),
  id: new ObjectId(),
  function: new Binary(Buffer.from('f'), 1),
  uuid: new UUID('0190b3c4-8d7a-7c3e-9f00-012300000000'),
  own: new Binary(Buffer.from([0, 255]), 128),
  emptyBinary: new Binary(Buffer.alloc(0), 0),
  regex: new BSONRegExp('^a/"b', 'imx'),
  timestamp: new Timestamp({ t: 4294967295, i: 1 }),
  code: new Code('f()'),
  scoped: new Code('f()', { x: int(1) }),
  symbol: new BSONSymbol('s'),
  least: new MinKey(),
  greatest: new MaxKey(),
  nothing: null,
  yes: true,
  text: 'a\u0000b😀',
  nested: { list: [int(1), [], {}, [null, [double(1)]]], object: { object: { n: long(1) } } },
};

describe('values of every type', () => {
  it('come back byte for byte after insert, update of another field and replacement', async () => {
    const db = harness.database();
    const _id = int(1);
    await db.command({ insert: 'c', documents: [{ _id, ...ONE_OF_EACH }] });
    expect(await stored(db)).toEqual([bytesOf({ _id, ...ONE_OF_EACH })]);
    const change = { $set: { zzz: int(1), 'nested.other': int(2) }, $inc: { smallLong: int(1) } };
    await db.command({ update: 'c', updates: [{ q: { _id }, u: change }] });
    const nested = { ...(ONE_OF_EACH.nested as Fields), other: int(2) };
    expect(await stored(db)).toEqual([bytesOf({ _id, ...ONE_OF_EACH, smallLong: long(6), nested, zzz: int(1) })]);
    await db.command({ update: 'c', updates: [{ q: { _id }, u: ONE_OF_EACH }] });
    expect(await stored(db)).toEqual([bytesOf({ _id, ...ONE_OF_EACH })]);
    const fields = Object.entries(ONE_OF_EACH).map(([name, value]) => ({
      q: { _id, [name]: value },
      u: { $set: { n: name } },
    }));
    const found = await db.command({ update: 'c', updates: fields.filter(({ q }) => isFilterable(q)) });
    expect(found.n).toBe(fields.filter(({ q }) => isFilterable(q)).length);
  });

  it('survive whatever they stand in', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(content, { minLength: 1, maxLength: 12 }), async (contents) => {
        const db = harness.database();
        const documents = contents.map((fields, at) => ({ _id: int(at), ...fields }));
        await db.command({ insert: 'c', documents });
        expect(await stored(db)).toEqual(documents.map(bytesOf));
        await db.command({ update: 'c', updates: [{ q: {}, u: { $set: { zzz: int(1) } }, multi: true }] });
        expect(await stored(db)).toEqual(documents.map((fields) => bytesOf({ ...fields, zzz: int(1) })));
        await db.command({ update: 'c', updates: [{ q: {}, u: { $unset: { zzz: 1 } }, multi: true }] });
        expect(await stored(db)).toEqual(documents.map(bytesOf));
        const turned = contents.map((fields) => Object.fromEntries(Object.entries(fields).reverse()));
        const replaceable = turned.map((fields) =>
          Object.fromEntries(Object.entries(fields).filter(([name]) => name !== '$x')),
        );
        const updates = replaceable.map((fields, at) => ({ q: { _id: int(at) }, u: fields }));
        await db.command({ update: 'c', updates });
        expect(await stored(db)).toEqual(replaceable.map((fields, at) => bytesOf({ _id: int(at), ...fields })));
      }),
      { numRuns: 15 },
    );
  });

  it('are told apart: null from absent, by the type they have', async () => {
    const db = harness.database();
    await db.command({ insert: 'c', documents: [{ _id: 1, a: null }, { _id: 2 }, { _id: 3, a: 0 }] });
    const ids = async (filter: Fields): Promise<unknown[]> =>
      (await db.collection('c').find(filter).sort({ _id: 1 }).toArray()).map(({ _id }) => _id);
    expect(await ids({ a: null })).toEqual([1, 2]);
    expect(await ids({ a: { $exists: true } })).toEqual([1, 3]);
    expect(await ids({ a: { $ne: null } })).toEqual([3]);
    const [found] = await db
      .collection('c')
      .find({ _id: 2 as never })
      .toArray();
    expect(Object.keys(found!)).toEqual(['_id']);
  });
});

const NOT_FILTERS: readonly unknown[] = [BSONRegExp, MinKey, MaxKey];

/** Some types are refused as operands of a filter. */
function isFilterable(filter: Fields): boolean {
  return Object.values(filter).every(
    (value) =>
      !NOT_FILTERS.some((type) => value instanceof (type as new () => unknown)) &&
      !(value instanceof Code && value.scope !== null),
  );
}

describe('the order of types', () => {
  const isPlain = (value: unknown): boolean => !Array.isArray(value);
  const values = ASCENDING.filter(isPlain);
  let plain: mongo.Db;
  let indexed: mongo.Db;

  beforeAll(async () => {
    [plain, indexed] = [harness.database(), harness.database()];
    const keys = [{ v: 1 }, { v: -1, _id: 1 }].map((key, at) => ({ key, name: `by_${at}` }));
    await indexed.command({ createIndexes: 'c', indexes: keys });
    // Stored in an order that says nothing.
    const documents = values
      .map((v, _id) => ({ _id: int(_id), v }))
      .sort((a, b) => (a._id.value % 7) - (b._id.value % 7));
    for (const db of [plain, indexed]) await db.command({ insert: 'c', documents });
  });

  async function ids(db: mongo.Db, filter: Fields, sort: Fields): Promise<number[]> {
    const { cursor } = await db.command({ find: 'c', filter, sort, batchSize: 1000 });
    return (cursor as { firstBatch: { _id: number }[] }).firstBatch.map(({ _id }) => _id);
  }

  it('is that of the manual in a sort, with an index and without', async () => {
    const ascending = values.map((_, at) => at);
    for (const db of [plain, indexed]) {
      expect(await ids(db, {}, { v: 1 })).toEqual(ascending);
      expect(await ids(db, {}, { v: -1, _id: 1 })).toEqual([...ascending].reverse());
    }
  });

  it('is refused by name of code with a scope, which is kept where no order is asked for', async () => {
    const db = harness.database();
    const documents = [new Code('b', {}), new Code('a', { x: 1 })].map((v, _id) => ({ _id, v }));
    await db.command({ insert: 'c', documents });
    expect(await stored(db)).toHaveLength(2);
    const group = (field: Fields): Fields => ({ aggregate: 'c', pipeline: [{ $group: field }], cursor: {} });
    for (const command of [
      { find: 'c', sort: { v: 1 } },
      { distinct: 'c', key: 'v' },
      group({ _id: '$v' }),
      group({ _id: null, least: { $min: '$v' } }),
      { createIndexes: 'c', indexes: [{ key: { v: 1 }, name: 'by_v' }] },
    ])
      expect((await failureOf(db.command(command))).codeName).toBe('CommandNotSupported');
    expect((await db.command({ listIndexes: 'c' })).cursor).toMatchObject({ firstBatch: [{ name: '_id_' }] });
  });

  it('keeps ranges within the type of their bound, with an index and without', async () => {
    const isNaN = (value: unknown): boolean => bytesOf({ value }) === bytesOf({ value: double(NaN) });
    const operators = { $lt: -1, $lte: -1, $gt: 1, $gte: 1 } as const;
    for (const [at, bound] of values.entries()) {
      if (at % 4 !== 0 || !isFilterable({ bound }) || isNaN(bound)) continue;
      const kind = typeClass(raw(bound).type);
      const same = values
        .map((value, id) => ({ value, id }))
        .filter(({ value }) => typeClass(raw(value).type) === kind && !isNaN(value));
      for (const [operator, side] of Object.entries(operators)) {
        const expected = same.filter(({ id }) => Math.sign(id - at) === side || (id === at && operator.endsWith('e')));
        const filter = { v: { [operator]: bound } };
        const both = [await ids(plain, filter, { v: 1 }), await ids(indexed, filter, { v: 1 })];
        expect([at, operator, ...both]).toEqual([
          at,
          operator,
          expected.map(({ id }) => id),
          expected.map(({ id }) => id),
        ]);
      }
    }
  });
});
