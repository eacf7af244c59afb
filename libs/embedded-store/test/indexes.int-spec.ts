import { Long } from 'bson';
import { mongo } from 'mongoose';
import { waitFor } from '@app/testing';
import { startStore } from '../src';
import { failureOf, type Harness, planOf, startHarness } from './store-harness';

type Market = mongo.Document & { _id: string };

const EITHER = { $in: [false, true] };

function market(n: number): Market {
  return {
    _id: `m${String(n).padStart(4, '0')}`,
    closed: n % 3 === 0,
    active: n % 2 === 0,
    volume: Long.fromNumber((n * 7919) % 1000),
    end: new Date(n * 1000),
    tags: [`t${n % 10}`, `t${(n * 3) % 10}`, 'all'],
    question: n % 5 === 0 ? 'Will bitcoin rise' : 'Will rain fall',
    description: n % 7 === 0 ? 'about bitcoin and rain' : 'about weather',
  };
}

describe('indexes', () => {
  let harness: Harness;
  let markets: mongo.Collection<Market>;
  const all = Array.from({ length: 1000 }, (_, n) => market(n));

  /** The same query over plain JavaScript. */
  const expected = (matches: (m: Market) => boolean, sign: 1 | -1 = -1): string[] =>
    all
      .filter(matches)
      .sort((a, b) => sign * (Number(a.volume) - Number(b.volume)) || (sign === -1 ? 1 : -1) * (a._id < b._id ? -1 : 1))
      .map(({ _id }) => _id);
  const ids = (documents: Market[]): string[] => documents.map(({ _id }) => _id);

  beforeAll(async () => {
    harness = await startHarness();
    markets = harness.database().collection<Market>('markets');
    await markets.createIndex({ closed: 1, active: 1, volume: -1, _id: 1 });
    await markets.createIndex({ tags: 1, volume: -1, _id: 1 });
    await markets.createIndex({ end: 1 });
    await markets.createIndex({ question: 'text', description: 'text' }, { weights: { question: 10, description: 1 } });
    await markets.insertMany(all);
  });
  afterAll(() => harness.stop());

  it('merge the ranges of $in in the order of the sort, forward and backward', async () => {
    const filter = { closed: EITHER, active: EITHER };
    for (const [sort, sign] of [
      [{ volume: -1, _id: 1 }, -1],
      [{ volume: 1, _id: -1 }, 1],
    ] as const) {
      const query = (): mongo.FindCursor => markets.find(filter).sort(sort);
      expect(await planOf(query())).toMatchObject({
        stage: 'SORT_MERGE',
        ranges: 4,
        direction: sign === -1 ? 'forward' : 'backward',
      });
      const order = expected(() => true, sign);
      expect(ids((await query().toArray()) as Market[])).toEqual(order);
      for (const skip of [0, 1, 7, 250, 667, 668, 990, 999, 1000, 5000]) {
        expect([skip, ids((await query().skip(skip).limit(20).toArray()) as Market[])]).toEqual([
          skip,
          order.slice(skip, skip + 20),
        ]);
      }
    }
  });

  it('serve one range without a merge and resume it over batches', async () => {
    const query = markets.find({ closed: false, active: true }).sort({ volume: -1, _id: 1 }).batchSize(11);
    expect(await planOf(query.clone())).toMatchObject({ stage: 'IXSCAN', ranges: 1 });
    expect(ids(await query.toArray())).toEqual(expected((m) => m.closed === false && m.active === true));
  });

  it('count ranges exactly', async () => {
    for (const [filter, matches] of [
      [{ closed: EITHER, active: EITHER }, () => true],
      [{ closed: false, active: EITHER }, (m: Market) => m.closed === false],
      [
        { closed: EITHER, active: true, volume: { $gte: Long.fromNumber(200), $lt: Long.fromNumber(700) } },
        (m: Market) => m.active === true && Number(m.volume) >= 200 && Number(m.volume) < 700,
      ],
      [{ tags: 't3', closed: EITHER, active: EITHER }, (m: Market) => (m.tags as string[]).includes('t3')],
      [
        { tags: 't3', closed: true, active: EITHER },
        (m: Market) => m.closed === true && (m.tags as string[]).includes('t3'),
      ],
      [
        { tags: { $in: ['t1', 't3'] } },
        (m: Market) => (m.tags as string[]).some((tag) => tag === 't1' || tag === 't3'),
      ],
      [
        { end: { $gt: new Date(5000), $lte: new Date(100_000) } },
        (m: Market) => Number(m.end) > 5000 && Number(m.end) <= 100_000,
      ],
      [
        { $or: [{ end: new Date(5000) }, { _id: 'm0007' }, { end: new Date(5000), closed: false }] },
        (m: Market) => m._id === 'm0005' || m._id === 'm0007',
      ],
    ] as [mongo.Filter<Market>, (m: Market) => boolean][]) {
      expect([filter, await markets.countDocuments(filter)]).toEqual([filter, all.filter(matches).length]);
    }
  });

  it('serve a multikey equality and keep the order behind it', async () => {
    const query = markets.find({ tags: 't3', closed: EITHER, active: EITHER }).sort({ volume: -1, _id: 1 });
    expect(await planOf(query.clone())).toMatchObject({
      stage: 'IXSCAN',
      indexName: 'tags_1_volume_-1__id_1',
      isMultiKey: true,
    });
    expect(ids(await query.skip(10).limit(30).toArray())).toEqual(
      expected((m) => (m.tags as string[]).includes('t3')).slice(10, 40),
    );
  });

  it('see at once that a clause is no longer true for all documents', async () => {
    await markets.insertOne({ ...market(5000), _id: 'odd', closed: null, tags: ['t3'] });
    const filter = { tags: 't3', closed: EITHER, active: EITHER };
    expect(await markets.countDocuments(filter)).toBe(all.filter((m) => (m.tags as string[]).includes('t3')).length);
    expect(ids(await markets.find(filter).toArray())).not.toContain('odd');
    await markets.deleteOne({ _id: 'odd' });
  });

  it('follow updates, replacements and deletions', async () => {
    const collection = harness.database().collection<Market>('moving');
    await collection.createIndexes([
      { key: { tags: 1 } },
      { key: { n: 1 }, sparse: true },
      { key: { question: 'text' } },
    ]);
    await collection.insertOne({ _id: 'a', tags: ['x', 'y'], n: 1, question: 'red apple' });
    await collection.updateOne({ _id: 'a' }, { $set: { tags: ['y', 'z'] }, $unset: { n: 1 } });
    const find = (filter: mongo.Filter<Market>): Promise<number> => collection.countDocuments(filter);
    expect([await find({ tags: 'x' }), await find({ tags: 'z' }), await find({ n: 1 })]).toEqual([0, 1, 0]);
    expect(await find({ n: null })).toBe(1);
    await collection.replaceOne({ _id: 'a' }, { tags: 'w', question: 'green pear' });
    expect([await find({ tags: 'z' }), await find({ tags: 'w' })]).toEqual([0, 1]);
    expect([await find({ $text: { $search: 'apple' } }), await find({ $text: { $search: 'pears' } })]).toEqual([0, 1]);
    await collection.deleteOne({ _id: 'a' });
    expect([await find({ tags: 'w' }), await find({ $text: { $search: 'pear' } }), await find({})]).toEqual([0, 0, 0]);
  });

  it('rank text by weight, break ties by the next key, and combine with filters and other orders', async () => {
    const score = { $meta: 'textScore' } as const;
    const ranked = await markets
      .find({ $text: { $search: 'bitcoin' }, closed: EITHER, active: EITHER }, { projection: { score } })
      .sort({ score, _id: 1 })
      .toArray();
    const inQuestion = (id: string): boolean => Number(id.slice(1)) % 5 === 0;
    expect(ranked.length).toBe(all.filter((_, n) => n % 5 === 0 || n % 7 === 0).length);
    const firstOther = ranked.findIndex(({ _id }) => !inQuestion(_id));
    expect(ranked.slice(firstOther).some(({ _id }) => inQuestion(_id))).toBe(false);
    expect(ranked.every(({ score: own }, at) => at === 0 || Number(own) <= Number(ranked[at - 1]!.score))).toBe(true);
    for (const [at, row] of ranked.entries())
      if (at > 0 && row.score === ranked[at - 1]!.score) expect(row._id > ranked[at - 1]!._id).toBe(true);
    const hasBitcoin = (m: Market): boolean => `${String(m.question)} ${String(m.description)}`.includes('bitcoin');
    const byVolume = markets
      .find({ $text: { $search: 'bitcoin' }, closed: false, active: EITHER })
      .sort({ volume: -1, _id: 1 });
    expect(ids(await byVolume.skip(5).limit(40).toArray())).toEqual(
      expected((m) => hasBitcoin(m) && m.closed === false).slice(5, 45),
    );
    expect(await markets.countDocuments({ $text: { $search: 'bitcoin' }, closed: EITHER, active: EITHER })).toBe(
      all.filter(hasBitcoin).length,
    );
    expect(await markets.countDocuments({ $text: { $search: '"bitcoin and rain" -rise' } })).toBe(
      all.filter((_, n) => n % 7 === 0 && n % 5 !== 0).length,
    );
    expect(await markets.countDocuments({ $text: { $search: 'will' } })).toBe(0);
  });

  it('find phrases as they stand, in whatever order and number they are asked for', async () => {
    const notes = harness.database().collection<{ _id: number; text: string; tags?: string[] }>('notes');
    await notes.createIndexes([{ key: { text: 'text', tags: 'text' } }, { key: { _id: 1, text: 1 } }]);
    await notes.insertMany([
      { _id: 1, text: 'the coffee shop of tea' },
      { _id: 2, text: 'Coffee shops are nice' },
      { _id: 3, text: 'to be or not to be' },
      { _id: 4, text: 'Café Zürich, New Yorkers', tags: ['tea', 'coffee', 'shop'] },
    ]);
    const found = async (search: string): Promise<number[][]> => {
      const filter = { $text: { $search: search } };
      const sorts = [{ _id: 1 }, { text: 1 }, { score: { $meta: 'textScore' } }] as const;
      const answers = await Promise.all(sorts.map((sort) => notes.find(filter).sort(sort).toArray()));
      answers.push(await notes.find(filter).toArray());
      expect(await notes.countDocuments(filter)).toBe(answers[0]?.length);
      return answers.map((documents) => documents.map(({ _id }) => _id).sort());
    };
    const inEveryOrder = (...wanted: number[]): number[][] => Array<number[]>(4).fill(wanted);
    expect(await found('"coffee shop"')).toEqual(inEveryOrder(1, 2));
    expect(await found('"coffee shops"')).toEqual(inEveryOrder(2));
    expect(await found('coffee -"coffee shops"')).toEqual(inEveryOrder(1, 4));
    expect(await found('"new york"')).toEqual(inEveryOrder(4));
    expect(await found('"cafe zurich"')).toEqual(inEveryOrder(4));
    expect(await found('"to be"')).toEqual(inEveryOrder());
  });

  it('walk an index in order when a search finds much and little is wanted', async () => {
    const query = (): mongo.FindCursor =>
      markets
        .find({ $text: { $search: 'weather' }, closed: EITHER, active: EITHER })
        .sort({ volume: -1, _id: 1 })
        .limit(10);
    expect(await planOf(query())).toMatchObject({
      inputStage: { stage: 'SORT_MERGE', textIndexName: 'question_text_description_text' },
    });
    expect(ids((await query().toArray()) as Market[])).toEqual(
      expected((m) => m.description === 'about weather').slice(0, 10),
    );
    const without = markets
      .find({ $text: { $search: 'weather -"rain fall"' }, closed: EITHER, active: EITHER })
      .sort({ volume: -1, _id: 1 });
    expect(ids(await without.limit(10).toArray())).toEqual(
      expected((m) => m.description === 'about weather' && m.question === 'Will bitcoin rise').slice(0, 10),
    );
  });

  it('keep partial unique indexes to the documents they are about', async () => {
    const collection = harness.database().collection('partial');
    await collection.createIndex({ code: 1 }, { unique: true, partialFilterExpression: { code: { $exists: true } } });
    await collection.createIndex(
      { kind: 1 },
      { unique: true, partialFilterExpression: { state: { $in: ['queued', 'running'] } } },
    );
    await collection.insertMany([
      { kind: 'a', state: 'done' },
      { kind: 'a', state: 'done' },
      { kind: 'a', state: 'queued' },
    ]);
    expect((await failureOf(collection.insertOne({ kind: 'a', state: 'running' }))).keyValue).toEqual({ kind: 'a' });
    await collection.updateMany({ state: 'queued' }, { $set: { state: 'done' } });
    await collection.insertOne({ kind: 'a', state: 'running', code: 'c' });
    expect((await failureOf(collection.updateMany({ state: 'done' }, { $set: { code: 'c' } }))).code).toBe(11000);
    expect(await planOf(collection.find({ code: 'c' }))).toMatchObject({ stage: 'IXSCAN', indexName: 'code_1' });
    expect(await planOf(collection.find({ kind: 'a' }))).toMatchObject({ stage: 'COLLSCAN' });
    expect(await collection.countDocuments({ code: null })).toBe(3);
  });

  it('are not made when documents contradict them, and leave nothing behind', async () => {
    const collection = harness.database().collection('late');
    await collection.insertMany([
      { n: 1, t: 'red' },
      { n: 1, t: 'blue' },
    ]);
    expect((await failureOf(collection.createIndex({ n: 1 }, { unique: true }))).code).toBe(11000);
    expect((await collection.indexes()).length).toBe(1);
    await collection.createIndex({ t: 'text' });
    expect(await collection.countDocuments({ $text: { $search: 'red' } })).toBe(1);
    expect((await failureOf(collection.createIndex({ n: 1, t: 1 }, { name: '_id_' }))).codeName).toBe(
      'IndexKeySpecsConflict',
    );
    await collection.createIndex({ n: 1 });
    expect((await failureOf(collection.createIndex({ n: 1 }, { unique: true, name: 'other' }))).codeName).toBe(
      'IndexOptionsConflict',
    );
    await collection.dropIndex('n_1');
    expect((await failureOf(collection.dropIndex('n_1'))).codeName).toBe('IndexNotFound');
  });

  it('refuse two arrays in one document and say which', async () => {
    const collection = harness.database().collection('parallel');
    await collection.createIndex({ a: 1, b: 1 });
    expect((await failureOf(collection.insertOne({ a: [1], b: [2] }))).code).toBe(171);
    expect(await collection.countDocuments()).toBe(0);
  });

  it('answer the same through an index on arrays and without one', async () => {
    const database = harness.database();
    const [plain, indexed] = [database.collection('plain'), database.collection('indexed')];
    await indexed.createIndex({ a: 1 });
    const values = [null, 1, 2, 5, [], [1, 5], [null], [2, 9], 'x', ['x', 3], { b: 1 }, undefined];
    const documents = values.map((a, at) => (a === undefined ? { at } : { at, a }));
    await plain.insertMany(documents);
    await indexed.insertMany(documents);
    const filters = [
      { a: 1 },
      { a: null },
      { a: { $in: [null, 5] } },
      { a: { $gt: 1, $lt: 5 } },
      { a: { $gte: 2 } },
      { a: [] },
      { a: [1, 5] },
      { a: { $ne: 1 } },
      { a: { $exists: false } },
      { a: { $lt: 'y' } },
    ];
    for (const filter of filters) {
      const [one, other] = await Promise.all([plain, indexed].map((c) => c.find(filter).sort({ at: 1 }).toArray()));
      expect([filter, other!.map(({ at }) => at as number)]).toEqual([filter, one!.map(({ at }) => at as number)]);
    }
  });

  it('find the one document of a unique key, whatever else is asked of it', async () => {
    const items = harness.database().collection<Market>('points');
    await items.createIndex({ slug: -1 }, { unique: true, sparse: true });
    await items.createIndex({ aliases: 1 }, { unique: true, partialFilterExpression: { aliases: { $exists: true } } });
    await items.insertMany([
      { _id: 'a', slug: 1, n: 1 },
      { _id: 'b', slug: '1', n: 2, aliases: ['x', 'y'] },
      { _id: 'c', slug: null, n: 3 },
      { _id: 'd', n: 4, aliases: [] },
    ]);
    const found = async (filter: mongo.Filter<Market>): Promise<string[]> =>
      ids(await items.find(filter).sort({ _id: 1 }).toArray());
    const first = async (filter: mongo.Filter<Market>): Promise<string | undefined> =>
      (await items.findOne(filter))?._id;
    for (const [filter, answer] of [
      [{ slug: Long.ONE }, ['a']],
      [{ slug: 1.5 }, []],
      [{ slug: '1', n: 2 }, ['b']],
      [{ slug: '1', n: 1 }, []],
      [{ _id: 'b', slug: '1' }, ['b']],
      [{ _id: 'b', slug: 1 }, []],
      [{ _id: 'b', n: { $in: [1, 2] } }, ['b']],
      [{ $and: [{ _id: 'a' }, { _id: 'b' }] }, []],
      [{ slug: null }, ['c', 'd']],
      [{ aliases: 'y' }, ['b']],
      [{ $or: [{ _id: 'a' }, { slug: '1' }] }, ['a', 'b']],
    ] as [mongo.Filter<Market>, string[]][]) {
      expect([filter, await found(filter), await items.countDocuments(filter)]).toEqual([
        filter,
        answer,
        answer.length,
      ]);
      expect([filter, await first(filter)]).toEqual([filter, answer[0]]);
    }
    expect(await planOf(items.find({ slug: '1' }))).toMatchObject({ stage: 'IXSCAN', indexName: 'slug_-1', ranges: 1 });
    expect(await items.find({ slug: '1' }).skip(1).toArray()).toEqual([]);
    expect(await items.countDocuments({ slug: '1' }, { skip: 1 })).toBe(0);
    expect((await items.deleteMany({ slug: '1' })).deletedCount).toBe(1);
    expect(await found({ slug: '1' })).toEqual([]);
  });

  it('are found however many other fields were named since they were made', async () => {
    const items = harness.database().collection('fields');
    await items.createIndex({ seldom: 1 });
    await items.insertOne({ seldom: 1 });
    for (let n = 0; n < 2_500; n += 500) {
      const names = Array.from({ length: 500 }, (_, index) => `named.f${n + index}`);
      await items.findOne({ $or: names.map((name) => ({ [name]: 1 })) });
    }
    expect(await planOf(items.find({ seldom: 1 }))).toMatchObject({ stage: 'IXSCAN', indexName: 'seldom_1' });
  });

  it('remove documents whose time is over when the store starts', async () => {
    const dbName = harness.database().databaseName;
    const sessions = harness.client.db(dbName).collection('sessions');
    await sessions.createIndex({ at: 1 }, { expireAfterSeconds: 60 });
    await sessions.insertMany([{ at: new Date(0) }, { at: new Date() }, { at: 'no date' }, {}]);
    await harness.restart();
    const reopened = harness.client.db(dbName).collection('sessions');
    await waitFor(async () => (await reopened.countDocuments()) === 3);
    expect(await reopened.countDocuments({ at: new Date(0) })).toBe(0);
  });

  it('belong to one process per folder', async () => {
    await expect(startStore({ dataDir: harness.dataDir })).rejects.toMatchObject({
      name: 'StoreLockedError',
      holder: { pid: process.pid, port: harness.store.port, uri: harness.store.uri },
    });
  });
});
