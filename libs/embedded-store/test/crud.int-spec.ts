import { Binary, Decimal128, Double, Int32, Long, ObjectId, Timestamp } from 'bson';
import { mongo } from 'mongoose';
import { failureOf, type Harness, startHarness } from './store-harness';

// Projections and orders by name need open documents.
type Item = mongo.Document & { _id: string };

describe('the store through the official driver', () => {
  let harness: Harness;
  let items: mongo.Collection<Item>;

  beforeAll(async () => {
    harness = await startHarness();
  });
  afterAll(() => harness.stop());
  beforeEach(() => {
    items = harness.database().collection<Item>('items');
  });

  it('keeps every type as it was written', async () => {
    const document = {
      _id: 'types',
      int: new Int32(5),
      long: Long.fromString('9007199254740993'),
      double: new Double(5),
      minusZero: new Double(-0),
      nan: new Double(NaN),
      decimal: Decimal128.fromString('5.00'),
      date: new Date(-1),
      id: new ObjectId(),
      binary: new Binary(Buffer.from('bytes'), 5),
      timestamp: new Timestamp({ t: 7, i: 9 }),
      nothing: null,
      nested: { list: [new Int32(1), { deep: new Double(1) }, []] },
    };
    await items.insertOne(document);
    await items.updateOne({ _id: 'types' }, { $set: { touched: true } });
    const found = await items.findOne({ _id: 'types' }, { promoteValues: false });
    expect(mongo.BSON.serialize(found!)).toEqual(mongo.BSON.serialize({ ...document, touched: true }));
  });

  it('makes up ids and puts them first', async () => {
    const anonymous = harness.database().collection('anonymous');
    const reply = await harness.client.db(anonymous.dbName).command({ insert: 'anonymous', documents: [{ a: 1 }] });
    const [found] = await anonymous.find().toArray();
    expect([reply.n, Object.keys(found!), found!._id instanceof ObjectId]).toEqual([1, ['_id', 'a'], true]);
  });

  it('answers an ordered batch up to its first error and an unordered one to the end', async () => {
    await items.createIndex({ slug: 1 }, { unique: true });
    const batch = [
      { _id: '1', slug: 'a' },
      { _id: '2', slug: 'a' },
      { _id: '3', slug: 'b' },
      { _id: '1', slug: 'c' },
    ];
    const ordered = (await items.insertMany(batch).catch((error: unknown) => error)) as mongo.MongoBulkWriteError;
    expect([ordered.code, ordered.insertedCount, await items.countDocuments()]).toEqual([11000, 1, 1]);
    await items.deleteMany({});
    const unordered = (await items
      .insertMany(batch, { ordered: false })
      .catch((error: unknown) => error)) as mongo.MongoBulkWriteError;
    const errors = unordered.writeErrors as mongo.WriteError[];
    expect([unordered.insertedCount, errors.map(({ index, code }) => [index, code])]).toEqual([
      2,
      [
        [1, 11000],
        [3, 11000],
      ],
    ]);
    expect(errors[0]!.errmsg).toBe(
      `E11000 duplicate key error collection: ${items.namespace} index: slug_1 dup key: { slug: "a" }`,
    );
  });

  it('carries a mixed bulk write out and counts it', async () => {
    await items.insertMany([
      { _id: 'a', n: 1 },
      { _id: 'b', n: 1 },
      { _id: 'c', n: 1 },
    ]);
    const result = await items.bulkWrite(
      [
        { updateOne: { filter: { _id: 'a' }, update: { $inc: { n: 1 } } } },
        { updateOne: { filter: { _id: 'b' }, update: { $set: { n: 1 } } } },
        { replaceOne: { filter: { _id: 'd' }, replacement: { n: 9 }, upsert: true } },
        { deleteOne: { filter: { _id: 'c' } } },
        { insertOne: { document: { _id: 'e', n: 5 } } },
        { updateMany: { filter: { n: { $gte: 5 } }, update: { $set: { big: true } } } },
      ],
      { ordered: true },
    );
    expect(result).toMatchObject({
      matchedCount: 4,
      modifiedCount: 3,
      deletedCount: 1,
      insertedCount: 1,
      upsertedCount: 1,
      upsertedIds: { 2: 'd' },
    });
    expect(await items.find().sort({ _id: 1 }).toArray()).toEqual([
      { _id: 'a', n: 2 },
      { _id: 'b', n: 1 },
      { _id: 'd', n: 9, big: true },
      { _id: 'e', n: 5, big: true },
    ]);
  });

  it('finds and modifies one document, by order, before or after', async () => {
    await items.insertMany([
      { _id: 'a', n: 2 },
      { _id: 'b', n: 1 },
    ]);
    expect(await items.findOneAndUpdate({}, { $inc: { n: 10 } }, { sort: { n: 1 }, returnDocument: 'after' })).toEqual({
      _id: 'b',
      n: 11,
    });
    expect(await items.findOneAndUpdate({ _id: 'a' }, { $set: { n: 3 } }, { projection: { n: 1, _id: 0 } })).toEqual({
      n: 2,
    });
    expect(await items.findOneAndUpdate({ _id: 'x' }, { $set: { n: 3 } }, { upsert: true })).toBeNull();
    expect(await items.findOneAndDelete({ _id: 'x' })).toEqual({ _id: 'x', n: 3 });
    expect(await items.findOneAndReplace({ _id: 'a' }, { m: 1 }, { returnDocument: 'after' })).toEqual({
      _id: 'a',
      m: 1,
    });
    await items.createIndex({ m: 1 }, { unique: true });
    const failure = await failureOf(items.findOneAndUpdate({ _id: 'b' }, { $set: { m: 1 } }));
    expect([failure.code, failure.keyValue, failure.keyPattern]).toEqual([11000, { m: 1 }, { m: 1 }]);
  });

  it('hands a long answer out in batches and forgets killed cursors', async () => {
    await items.insertMany(Array.from({ length: 500 }, (_, n) => ({ _id: String(n).padStart(3, '0'), n })));
    const read = await items.find().sort({ _id: 1 }).batchSize(7).toArray();
    expect(read.map(({ n }) => Number(n))).toEqual(Array.from({ length: 500 }, (_, n) => n));
    const cursor = items.find().batchSize(10);
    await cursor.next();
    const { id } = cursor;
    await cursor.close();
    const failure = await failureOf(harness.client.db(items.dbName).command({ getMore: id, collection: 'items' }));
    expect([failure.code, failure.codeName]).toEqual([43, 'CursorNotFound']);
    expect((await items.find().limit(5).skip(3).toArray()).length).toBe(5);
  });

  it('tells the driver why a document is refused whole', async () => {
    let nested: mongo.Document = {};
    for (let depth = 0; depth < 300; depth += 1) nested = { a: nested };
    expect((await failureOf(items.insertOne({ _id: 'deep', nested }))).codeName).toBe('Overflow');
    expect(await items.countDocuments()).toBe(0);
  });

  it('tells a reader that its collection was dropped', async () => {
    await items.insertMany(Array.from({ length: 600 }, (_, n) => ({ _id: String(n) })));
    const cursor = items.find().batchSize(5);
    await cursor.next();
    await items.drop();
    expect((await failureOf(cursor.toArray())).codeName).toBe('QueryPlanKilled');
    expect(await items.countDocuments()).toBe(0);
  });

  it('aggregates, counts and lists distinct values', async () => {
    await items.insertMany([
      { _id: 'a', kind: 'x', n: 1, v: Long.fromNumber(5), tags: ['p', 'q'] },
      { _id: 'b', kind: 'y', n: 2.5, v: Long.fromNumber(7), tags: ['q'] },
      { _id: 'c', kind: 'x', n: 3, v: null },
    ]);
    const groups = await items
      .aggregate([
        { $match: { _id: { $in: ['a', 'b', 'c'] } } },
        {
          $group: {
            _id: '$kind',
            count: { $sum: 1 },
            sum: { $sum: '$n' },
            least: { $min: '$v' },
            most: { $max: '$n' },
          },
        },
        { $sort: { sum: -1 } },
      ])
      .toArray();
    expect(groups).toEqual([
      { _id: 'x', count: 2, sum: 4, least: 5, most: 3 },
      { _id: 'y', count: 1, sum: 2.5, least: 7, most: 2.5 },
    ]);
    const stages = (...pipeline: object[]): Promise<unknown[]> => items.aggregate(pipeline).toArray();
    expect(await stages({ $match: { kind: 'x' } }, { $count: 'n' })).toEqual([{ n: 2 }]);
    expect(await stages({ $match: { kind: 'none' } }, { $count: 'n' })).toEqual([]);
    expect(await stages({ $sort: { n: -1 } }, { $limit: 2 }, { $project: { n: 1 } })).toEqual([
      { _id: 'c', n: 3 },
      { _id: 'b', n: 2.5 },
    ]);
    expect(await stages({ $limit: 2 }, { $sort: { n: -1 } }, { $project: { _id: 1 } })).toEqual([
      { _id: 'b' },
      { _id: 'a' },
    ]);
    expect(await items.countDocuments({ kind: 'none' })).toBe(0);
    expect(await items.countDocuments({ kind: 'x' }, { skip: 1 })).toBe(1);
    expect(await items.estimatedDocumentCount()).toBe(3);
    expect(await items.distinct('tags')).toEqual(['p', 'q']);
    expect(await items.distinct('n', { kind: 'x' })).toEqual([1, 3]);
    expect((await failureOf(items.distinct('tags.0'))).message).toContain('the array position in tags.0');
  });

  it('remembers documents, counts and indexes across a restart', async () => {
    const { dbName } = items;
    await items.createIndex({ n: -1 }, { name: 'by_n' });
    await items.insertOne({ _id: 'kept', n: 1 });
    await harness.restart();
    const reopened = harness.client.db(dbName).collection<Item>('items');
    expect(await reopened.find({ n: 1 }).toArray()).toEqual([{ _id: 'kept', n: 1 }]);
    expect(await reopened.indexes()).toEqual([
      { v: 2, key: { _id: 1 }, name: '_id_' },
      { v: 2, key: { n: -1 }, name: 'by_n' },
    ]);
    expect(await reopened.estimatedDocumentCount()).toBe(1);
  });

  it('refuses by name what it does not serve', async () => {
    await items.insertOne({ _id: 'a', n: 1 });
    const database = harness.client.db(items.dbName);
    const refusals: [Promise<unknown>, RegExp][] = [
      [items.find({ n: { $regex: 'x' } }).toArray(), /\$regex/],
      [items.find({}, { projection: { n: { $slice: 1 } } }).toArray(), /projection/],
      [items.find({}).collation({ locale: 'en' }).toArray(), /collation/],
      [items.find({}).hint('n_1').toArray(), /hint/],
      [items.updateOne({ _id: 'a' }, [{ $set: { n: 1 } }]), /pipeline/],
      [items.updateOne({ _id: 'a' }, { $mul: { n: 2 } }), /\$mul/],
      [
        items.aggregate([{ $lookup: { from: 'x', as: 'y', localField: 'a', foreignField: 'b' } }]).toArray(),
        /\$lookup/,
      ],
      [items.aggregate([{ $group: { _id: null, n: { $avg: '$n' } } }]).toArray(), /\$avg/],
      [items.createIndex({ n: '2dsphere' }), /2dsphere/],
      [database.createCollection('capped', { capped: true, size: 1000 }), /capped/],
      [database.command({ collMod: 'items' }), /no such command/],
      [database.command({ find: 'items', frobnicate: 1 }), /unknown field/],
    ];
    for (const [call, message] of refusals) expect((await failureOf(call)).message).toMatch(message);
    expect(await items.findOne({ _id: 'a' })).toEqual({ _id: 'a', n: 1 });
  });
});
