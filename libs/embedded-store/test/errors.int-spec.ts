import { Binary, Code, Decimal128, Double, Long, MaxKey, ObjectId, Timestamp } from 'bson';
import type { mongo } from 'mongoose';
import { failureOf, type Harness, startHarness } from './store-harness';
import { WireClient } from './wire-client';

type Fields = Record<string, unknown>;

interface WriteError {
  index: number;
  code: number;
  errmsg: string;
  keyPattern?: Fields;
  keyValue?: Fields;
}

let harness: Harness;
let db: mongo.Db;

beforeAll(async () => {
  harness = await startHarness();
});
afterAll(() => harness.stop());
beforeEach(() => {
  db = harness.database();
});

/** Inserts as sent, with every error the server gave. */
async function writeErrors(command: Fields): Promise<WriteError[]> {
  const reply = (await db.command(command)) as { writeErrors?: WriteError[] };
  return reply.writeErrors ?? [];
}

const codesOf = (errors: readonly WriteError[]): [number, number][] => errors.map(({ index, code }) => [index, code]);

async function unique(key: Fields): Promise<void> {
  await db.command({ createIndexes: 'c', indexes: [{ key, name: 'by_key', unique: true }] });
}

const insert = (...documents: Fields[]): Promise<WriteError[]> => writeErrors({ insert: 'c', documents });

describe('duplicate keys', () => {
  it.each<[string, Fields, Fields, Fields, Fields, string]>([
    ['two fields', { a: 1, b: -1 }, { a: 1, b: 'x' }, { a: 1, b: 'x' }, { a: 1, b: 'x' }, '{ a: 1, b: "x" }'],
    ['a nested field', { 'a.b': 1 }, { a: { b: 1 } }, { a: { b: 1 } }, { 'a.b': 1 }, '{ a.b: 1 }'],
    ['an absent field', { a: 1 }, {}, {}, { a: null }, '{ a: null }'],
    ['an array element', { a: 1 }, { a: [1, 2] }, { a: [3, 2] }, { a: 2 }, '{ a: 2 }'],
    ['an array in an array', { a: 1 }, { a: [[1, 2]] }, { a: [[1, 2]] }, { a: [1, 2] }, '{ a: [ 1, 2 ] }'],
    [
      'a field in an array',
      { 'a.b': 1 },
      { a: [{ b: 1 }, { b: 2 }] },
      { a: [{}, { b: 2 }] },
      { 'a.b': 2 },
      '{ a.b: 2 }',
    ],
    [
      'an array behind a field',
      { b: 1, a: -1 },
      { a: [1, 2], b: 5 },
      { a: [2], b: 5 },
      { b: 5, a: 2 },
      '{ b: 5, a: 2 }',
    ],
  ])('name the key of %s', async (_name, key, first, second, keyValue, text) => {
    await unique(key);
    await insert({ _id: 1, ...first });
    expect(await insert({ _id: 2, ...second })).toEqual([
      {
        index: 0,
        code: 11000,
        keyPattern: key,
        keyValue,
        errmsg: `E11000 duplicate key error collection: ${db.databaseName}.c index: by_key dup key: ${text}`,
      },
    ]);
  });

  it.each<[unknown, string]>([
    ['a"b', '"a"b"'],
    [Long.fromBigInt(9007199254740993n), '9007199254740993'],
    [new Double(5), '5.0'],
    [new Double(-0), '-0.0'],
    [0.1 + 0.2, '0.3'],
    [1234567.125, '1234567.125'],
    [1e15, '1000000000000000.0'],
    [1.5e-7, '1.5e-07'],
    [Decimal128.fromString('1.50'), '1.50'],
    [true, 'true'],
    [new Date(5), 'new Date(5)'],
    [new ObjectId('0190b3c48d7a7c3e9f000123'), "ObjectId('0190b3c48d7a7c3e9f000123')"],
    [new Binary(Buffer.from('hi'), 5), 'BinData(5, 6869)'],
    [new Timestamp({ t: 5, i: 1 }), 'Timestamp(5, 1)'],
    [new MaxKey(), 'MaxKey'],
    [new Code('f()'), 'f()'],
    [{}, '{}'],
    [{ x: [], y: { z: null } }, '{ x: [], y: { z: null } }'],
  ])('print %p as MongoDB does', async (value, text) => {
    await insert({ _id: value });
    const [error] = await insert({ _id: value });
    expect(error?.errmsg).toBe(
      `E11000 duplicate key error collection: ${db.databaseName}.c index: _id_ dup key: { _id: ${text} }`,
    );
  });

  it('come from updates, upserts and findAndModify alike, and leave everything as it was', async () => {
    await unique({ a: 1 });
    await insert({ _id: 1, a: 1 }, { _id: 2, a: 2 });
    const u = { $set: { a: 1 } };
    const details = { code: 11000, keyPattern: { a: 1 }, keyValue: { a: 1 } };
    for (const updates of [
      [{ q: { _id: 2 }, u }],
      [{ q: { _id: 3 }, u, upsert: true }],
      [{ q: { _id: 2 }, u: { a: 1 } }],
    ])
      expect(await writeErrors({ update: 'c', updates })).toMatchObject([{ index: 0, ...details }]);
    for (const query of [{ _id: 2 }, { _id: 3 }]) {
      const failure = await failureOf(db.command({ findAndModify: 'c', query, update: u, upsert: true }));
      expect([failure.codeName, failure.errorLabels]).toEqual(['DuplicateKey', []]);
      expect(failure).toMatchObject(details);
    }
    expect(await db.collection('c').find().sort({ _id: 1 }).toArray()).toEqual([
      { _id: 1, a: 1 },
      { _id: 2, a: 2 },
    ]);
  });
});

describe('errors in batches', () => {
  const documents = [{ _id: 1 }, { _id: 1 }, { _id: { $x: 1 } }, { _id: 2 }, { _id: 1 }];
  const updates = [
    { q: { _id: 1 }, u: { $inc: { n: 1 } } },
    { q: { _id: 1 }, u: { $inc: { _id: 1 } } },
    { q: { _id: 1 }, u: { $set: { a: 1, 'a.b': 1 } } },
    { q: { _id: 1 }, u: { $set: { $x: 1 } } },
    { q: { _id: 1 }, u: { $set: { 'a.': 1 } } },
    { q: { _id: 1 }, u: { $inc: { 'n.m': 1 } } },
    { q: { _id: 1 }, u: { $inc: { n: 1 } } },
  ];

  it('stop an ordered batch at the first', async () => {
    expect(codesOf(await writeErrors({ insert: 'c', documents }))).toEqual([[1, 11000]]);
    expect(codesOf(await writeErrors({ update: 'c', updates }))).toEqual([[1, 66]]);
    expect(await db.collection('c').find().toArray()).toEqual([{ _id: 1, n: 1 }]);
  });

  it('are listed by index in an unordered batch, which runs to its end', async () => {
    expect(codesOf(await writeErrors({ insert: 'c', documents, ordered: false }))).toEqual([
      [1, 11000],
      [2, 52],
      [4, 11000],
    ]);
    expect(codesOf(await writeErrors({ update: 'c', updates, ordered: false }))).toEqual([
      [1, 66],
      [2, 40],
      [3, 52],
      [4, 56],
      [5, 28],
    ]);
    expect(await db.collection('c').find().toArray()).toEqual([{ _id: 1, n: 2 }, { _id: 2 }]);
  });
});

describe('an update of many that fails on the way', () => {
  it('keeps what it did and counts nothing', async () => {
    await insert({ _id: 1, n: 1 }, { _id: 2, n: 'x' }, { _id: 3, n: 1 });
    const reply = await db.command({ update: 'c', updates: [{ q: {}, u: { $inc: { n: 1 } }, multi: true }] });
    expect(reply).toMatchObject({ n: 0, nModified: 0, writeErrors: [{ index: 0, code: 14 }] });
    expect(await db.collection('c').find().toArray()).toEqual([
      { _id: 1, n: 2 },
      { _id: 2, n: 'x' },
      { _id: 3, n: 1 },
    ]);
  });
});

describe('documents that cannot be stored', () => {
  it.each<[string, unknown]>([
    ['an array', [1]],
    ['a regular expression', /a/],
  ])('have %s as _id', async (_name, id) => {
    expect(codesOf(await insert({ _id: id }))).toEqual([[0, 2]]);
  });

  it('have names of operators in their _id, which other fields may have', async () => {
    expect(codesOf(await insert({ _id: { a: { $b: 1 } } }))).toEqual([[0, 52]]);
    expect(await insert({ _id: 1, $a: 1, b: { $c: 1, '': 1, 'd.e': 1 } })).toEqual([]);
  });

  it('are greater than 16 MB', async () => {
    const text = 'x'.repeat(16 * 1024 * 1024 - 100);
    expect(await insert({ _id: 1, text })).toEqual([]);
    expect(await insert({ _id: 2, text: `${text}${'x'.repeat(100)}` })).toMatchObject([
      { code: 10334, errmsg: 'object to insert too large. size in bytes: 16777241, max size: 16777216' },
    ]);
    const grow = { q: { _id: 1 }, u: { $set: { more: 'x'.repeat(100) } } };
    expect(await writeErrors({ update: 'c', updates: [grow] })).toMatchObject([
      { code: 10334, errmsg: 'Resulting document after update is larger than 16777216' },
    ]);
  });

  it('are nested deeper than 180 levels by an update', async () => {
    const nested = (levels: number): Fields => {
      let value: Fields = {};
      for (let level = 1; level < levels; level += 1) value = { a: value };
      return value;
    };
    expect(await insert({ ...nested(180), _id: 1 })).toEqual([]);
    const deeper = { q: { _id: 1 }, u: { $set: { [`b${'.a'.repeat(100)}`]: nested(80) } } };
    expect(codesOf(await writeErrors({ update: 'c', updates: [deeper] }))).toEqual([[0, 15]]);
  });

  it('hold a timestamp the server would have to fill in', async () => {
    expect(codesOf(await insert({ _id: 1, at: new Timestamp(0n) }))).toEqual([[0, 115]]);
    expect(await insert({ _id: new Timestamp(0n), nested: { at: new Timestamp(0n) } })).toEqual([]);
  });
});

describe('commands that say what is wrong with them', () => {
  const ONE = { q: {}, u: { $set: { done: true } } };

  it.each<[string, Fields, string]>([
    ['a stage that is no object', { aggregate: 'c', pipeline: [5], cursor: {} }, 'TypeMismatch'],
    ['two stages in one', { aggregate: 'c', pipeline: [{ $match: {}, $limit: 1 }], cursor: {} }, 'Location40323'],
    ['a match that is no object', { aggregate: 'c', pipeline: [{ $match: 5 }], cursor: {} }, 'Location15959'],
    ['a limit of nothing', { aggregate: 'c', pipeline: [{ $limit: 0 }], cursor: {} }, 'Location15958'],
    ['a limit below nothing', { aggregate: 'c', pipeline: [{ $limit: -1 }], cursor: {} }, 'Location5107201'],
    ['half a limit', { aggregate: 'c', pipeline: [{ $limit: 1.5 }], cursor: {} }, 'Location5107201'],
    ['a skip that is no number', { aggregate: 'c', pipeline: [{ $skip: 'x' }], cursor: {} }, 'Location5107200'],
    [
      'a text search behind another stage',
      { aggregate: 'c', pipeline: [{ $sort: { a: 1 } }, { $match: { $text: { $search: 'x' } } }], cursor: {} },
      'Location17313',
    ],
    [
      'a text search behind another match',
      { aggregate: 'c', pipeline: [{ $match: { a: 1 } }, { $match: { a: 2, $text: { $search: 'x' } } }], cursor: {} },
      'Location17313',
    ],
    ['a group that is no object', { aggregate: 'c', pipeline: [{ $group: 5 }], cursor: {} }, 'Location15947'],
    ['a group without an _id', { aggregate: 'c', pipeline: [{ $group: {} }], cursor: {} }, 'Location15955'],
    ['a group of a value', { aggregate: 'c', pipeline: [{ $group: { _id: 1, a: 5 } }], cursor: {} }, 'Location40234'],
    [
      'a group by no operator',
      { aggregate: 'c', pipeline: [{ $group: { _id: 1, a: {} } }], cursor: {} },
      'Location40238',
    ],
    [
      'a group by an unknown word',
      { aggregate: 'c', pipeline: [{ $group: { _id: 1, a: { x: 1 } } }], cursor: {} },
      'Location15952',
    ],
    [
      'a group into a nested field',
      { aggregate: 'c', pipeline: [{ $group: { _id: 1, 'a.b': { $sum: 1 } } }], cursor: {} },
      'Location40235',
    ],
    [
      'a group into an operator',
      { aggregate: 'c', pipeline: [{ $group: { _id: 1, $a: { $sum: 1 } } }], cursor: {} },
      'Location40236',
    ],
    [
      'a group by a path that ends with a dot',
      { aggregate: 'c', pipeline: [{ $group: { _id: '$a.' } }], cursor: {} },
      'Location40353',
    ],
    [
      'a group by a path with a gap',
      { aggregate: 'c', pipeline: [{ $group: { _id: '$a..b' } }], cursor: {} },
      'Location15998',
    ],
    [
      'a sum of a path with an operator',
      { aggregate: 'c', pipeline: [{ $group: { _id: 1, n: { $sum: '$a.$b' } } }], cursor: {} },
      'Location16410',
    ],
    ['a cursor with an unknown option', { aggregate: 'c', pipeline: [], cursor: { size: 1 } }, 'Location40415'],
    ['an explained find with an unknown field', { explain: { find: 'c', nothing: 1 } }, 'Location40415'],
    ['an explained count by a hint', { explain: { count: 'c', hint: '_id_' } }, 'CommandNotSupported'],
    [
      'an explained pipeline in another language',
      { explain: { aggregate: 'c', pipeline: [], collation: { locale: 'fr' } } },
      'CommandNotSupported',
    ],
    ['an explanation of another kind', { explain: { find: 'c' }, verbosity: 'everything' }, 'BadValue'],
    ['a pipeline without a cursor', { aggregate: 'c', pipeline: [] }, 'FailedToParse'],
    ['a document that is none', { insert: 'c', documents: [{ _id: 1 }, 5] }, 'TypeMismatch'],
    ['an update without a filter', { update: 'c', updates: [ONE, { u: { $set: { a: 1 } } }] }, 'Location40414'],
    ['an update by no object', { update: 'c', updates: [ONE, { q: 5, u: {} }] }, 'TypeMismatch'],
    ['an update without a change', { update: 'c', updates: [ONE, { q: {} }] }, 'Location40414'],
    ['an update to no object', { update: 'c', updates: [ONE, { q: {}, u: 5 }] }, 'TypeMismatch'],
    ['an update that is none', { update: 'c', updates: [ONE, 5] }, 'TypeMismatch'],
    ['an update with an unknown field', { update: 'c', updates: [ONE, { q: {}, u: {}, x: 1 }] }, 'Location40415'],
    ['a removal without a filter', { delete: 'c', deletes: [{ limit: 0 }] }, 'Location40414'],
    ['a removal without a limit', { delete: 'c', deletes: [{ q: {} }] }, 'Location40414'],
    ['a removal of two', { delete: 'c', deletes: [{ q: {}, limit: 2 }] }, 'FailedToParse'],
    ['a write to a name with a dollar', { insert: 'a$b', documents: [{ _id: 1 }] }, 'InvalidNamespace'],
    ['a read of a name with a dollar', { find: 'a$b' }, 'InvalidNamespace'],
    ['a name too long', { find: 'a'.repeat(256) }, 'InvalidNamespace'],
    ['a sort by no number', { find: 'c', sort: { a: 'x' } }, 'Location15974'],
    ['a sort by two', { find: 'c', sort: { a: 2 } }, 'Location15975'],
    ['a sort by an empty name', { find: 'c', sort: { '': 1 } }, 'Location40352'],
    ['a sort by an operator', { find: 'c', sort: { $a: 1 } }, 'Location16410'],
    ['an empty list of branches', { find: 'c', filter: { $or: [] } }, 'BadValue'],
    ['a membership of no list', { find: 'c', filter: { a: { $in: 1 } } }, 'BadValue'],
    ['an operator among members', { find: 'c', filter: { a: { $in: [{ $gt: 1 }] } } }, 'BadValue'],
    ['a negative skip', { find: 'c', skip: -1 }, 'Location51024'],
    ['a negative limit', { find: 'c', limit: -1 }, 'Location51024'],
    ['less time than none', { find: 'c', maxTimeMS: -1 }, 'BadValue'],
    ['a time that is no number', { insert: 'c', documents: [{ _id: 1 }], maxTimeMS: 'x' }, 'TypeMismatch'],
    ['an unknown read concern', { find: 'c', readConcern: { level: 'newest' } }, 'BadValue'],
    ['a read concern that is no object', { find: 'c', readConcern: 'local' }, 'TypeMismatch'],
    ['a snapshot outside of a transaction', { find: 'c', readConcern: { level: 'snapshot' } }, 'CommandNotSupported'],
    [
      'more copies than there are',
      { insert: 'c', documents: [{ _id: 1 }], writeConcern: { w: 2 } },
      'CommandNotSupported',
    ],
    [
      'copies nobody has named',
      { update: 'c', updates: [ONE], writeConcern: { w: 'two rooms' } },
      'CommandNotSupported',
    ],
    [
      'a transaction number that is no long',
      { update: 'c', updates: [ONE], lsid: { id: 1 }, txnNumber: 1 },
      'TypeMismatch',
    ],
    ['an index on _id that falls', { createIndexes: 'c', indexes: [{ key: { _id: -1 }, name: 'x' }] }, 'BadValue'],
    [
      'an index on _id with an option',
      { createIndexes: 'c', indexes: [{ key: { _id: 1 }, name: 'x', expireAfterSeconds: 1 }] },
      'InvalidIndexSpecificationOption',
    ],
    [
      'an index on an empty name',
      { createIndexes: 'c', indexes: [{ key: { 'a.': 1 }, name: 'x' }] },
      'CannotCreateIndex',
    ],
    [
      'a text index on an empty name',
      { createIndexes: 'c', indexes: [{ key: { 'a..b': 'text' }, name: 'x' }] },
      'CannotCreateIndex',
    ],
    ['an index without a name', { createIndexes: 'c', indexes: [{ key: { a: 1 }, name: '' }] }, 'CannotCreateIndex'],
    ['an index with the name of all', { createIndexes: 'c', indexes: [{ key: { a: 1 }, name: '*' }] }, 'BadValue'],
    [
      'an index over too many fields',
      {
        createIndexes: 'c',
        indexes: [{ key: Object.fromEntries(Array.from({ length: 33 }, (_, n) => [`f${n}`, 1])), name: 'x' }],
      },
      'CannotCreateIndex',
    ],
    [
      'an index of an older version',
      { createIndexes: 'c', indexes: [{ key: { a: 1 }, name: 'x', v: 1 }] },
      'CommandNotSupported',
    ],
    [
      'a text index of an older version',
      { createIndexes: 'c', indexes: [{ key: { a: 'text' }, name: 'x', textIndexVersion: 2 }] },
      'CommandNotSupported',
    ],
    [
      'an index that expires after a century',
      { createIndexes: 'c', indexes: [{ key: { at: 1 }, name: 'x', expireAfterSeconds: 3_155_760_000 }] },
      'CannotCreateIndex',
    ],
    ['an unknown field', { find: 'c', nothing: 1 }, 'Location40415'],
    ['no documents', { insert: 'c' }, 'Location40414'],
    ['an empty list of documents', { insert: 'c', documents: [] }, 'InvalidLength'],
    ['neither an update nor a removal', { findAndModify: 'c', query: {} }, 'FailedToParse'],
    ['a name with a dollar', { create: 'a$b' }, 'InvalidNamespace'],
    ['a name that starts with a dot', { create: '.a' }, 'InvalidNamespace'],
    ['an empty name', { create: '' }, 'InvalidNamespace'],
    ['a reserved name', { create: 'system.x' }, 'InvalidNamespace'],
  ])('%s', async (_name, command, codeName) => {
    await insert({ _id: 0 });
    expect((await failureOf(db.command(command))).codeName).toBe(codeName);
    expect(await db.collection('c').find().toArray()).toEqual([{ _id: 0 }]);
  });

  it('do not take the name of a database for the beginning of a collection that is there', async () => {
    await harness.client.db('dotted').collection('a.b').insertOne({ n: 1 });
    const wire = await WireClient.connect(harness.store.port);
    const answer = await wire.command({ find: 'b', $db: 'dotted.a' });
    wire.close();
    expect(answer).toMatchObject({ ok: 0, codeName: 'InvalidNamespace' });
  });

  it('take any other name a collection can have', async () => {
    for (const name of ['a.', 'a..b', 'a b', 'é', 'a'.repeat(200)])
      expect(await writeErrors({ insert: name, documents: [{ _id: 1 }] })).toEqual([]);
  });

  it('carry no label that would make the driver try again', async () => {
    const failure = await failureOf(db.command({ find: 'c', filter: { a: { $where: 'x' } } }));
    expect([failure.codeName, failure.errorLabels]).toEqual(['CommandNotSupported', []]);
  });
});
