import { mongo } from 'mongoose';
import { type Harness, startHarness } from './store-harness';
import { WireClient } from './wire-client';

type Item = mongo.Document & { _id: string };
type Models = mongo.ClientBulkWriteModel<Record<string, Item>>[];

describe('bulkWrite', () => {
  let harness: Harness;
  let items: mongo.Collection<Item>;
  let others: mongo.Collection<Item>;
  let $db: string;

  beforeAll(async () => {
    harness = await startHarness();
  });
  afterAll(() => harness.stop());
  beforeEach(async () => {
    const database = harness.database();
    $db = database.databaseName;
    items = database.collection<Item>('items');
    others = harness.client.db(`${$db}_other`).collection<Item>('others');
    await items.createIndex({ slug: 1 }, { unique: true, sparse: true });
    await items.insertMany([
      { _id: 'a', n: 1, slug: 'first' },
      { _id: 'b', n: 2 },
    ]);
  });

  const all = (collection: mongo.Collection<Item>, session?: mongo.ClientSession): Promise<Item[]> =>
    collection
      .find({}, session === undefined ? {} : { session })
      .sort({ _id: 1 })
      .toArray();

  const insert = (_id: string, fields: object = {}): Models[number] => ({
    namespace: items.namespace,
    name: 'insertOne',
    document: { _id, ...fields },
  });

  const write = (models: Models, options?: mongo.ClientBulkWriteOptions): Promise<mongo.ClientBulkWriteResult> =>
    harness.client.bulkWrite<Record<string, Item>>(models, options);

  async function failureOf(call: Promise<unknown>): Promise<mongo.MongoClientBulkWriteError> {
    const error: unknown = await call.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    if (error instanceof mongo.MongoClientBulkWriteError) return error;
    throw new Error('the call did not fail as a bulk write', { cause: error });
  }

  /** Sends a command as it is, and hangs up. */
  async function send(command: Record<string, unknown>): Promise<Record<string, unknown> | null> {
    const client = await WireClient.connect(harness.store.port);
    try {
      return await client.command({ ...command, $db: command['$db'] ?? 'admin' });
    } finally {
      client.close();
    }
  }

  it('is announced by the wire version that brought it', async () => {
    expect(await harness.client.db('admin').command({ hello: 1 })).toMatchObject({ maxWireVersion: 25 });
  });

  it('inserts, replaces, updates and upserts over collections and databases', async () => {
    const models: Models = [
      insert('c', { n: 3 }),
      { namespace: items.namespace, name: 'replaceOne', filter: { _id: 'a' }, replacement: { _id: 'a', n: 10 } },
      { namespace: items.namespace, name: 'updateMany', filter: {}, update: { $inc: { n: 1 } } },
      { namespace: items.namespace, name: 'updateOne', filter: { _id: 'b' }, update: { $set: { n: 3 } } },
      {
        namespace: others.namespace,
        name: 'updateOne',
        filter: { _id: 'x' },
        update: { $set: { n: 5 }, $setOnInsert: { made: true } },
        upsert: true,
      },
      {
        namespace: others.namespace,
        name: 'replaceOne',
        filter: { _id: 'y', n: { $lte: 1 } },
        replacement: { _id: 'y', n: 1 },
        upsert: true,
      },
      { namespace: others.namespace, name: 'updateOne', filter: { _id: 'nobody' }, update: { $set: { n: 1 } } },
    ];
    const result = await write(models, { verboseResults: true });
    expect(result).toMatchObject({
      insertedCount: 1,
      matchedCount: 5,
      modifiedCount: 4,
      upsertedCount: 2,
      deletedCount: 0,
    });
    expect([...(result.insertResults ?? [])]).toEqual([[0, { insertedId: 'c' }]]);
    expect([...(result.updateResults ?? [])]).toEqual([
      [1, { matchedCount: 1, modifiedCount: 1, didUpsert: false }],
      [2, { matchedCount: 3, modifiedCount: 3, didUpsert: false }],
      [3, { matchedCount: 1, modifiedCount: 0, didUpsert: false }],
      [4, { matchedCount: 1, modifiedCount: 0, didUpsert: true, upsertedId: 'x' }],
      [5, { matchedCount: 1, modifiedCount: 0, didUpsert: true, upsertedId: 'y' }],
      [6, { matchedCount: 0, modifiedCount: 0, didUpsert: false }],
    ]);
    expect(await all(items)).toEqual([
      { _id: 'a', n: 11 },
      { _id: 'b', n: 3 },
      { _id: 'c', n: 4 },
    ]);
    expect(await all(others)).toEqual([
      { _id: 'x', made: true, n: 5 },
      { _id: 'y', n: 1 },
    ]);
  });

  it('in order stops at the first failure, and says which it was', async () => {
    const models = [insert('c'), insert('d', { slug: 'first' }), insert('e')];
    const error = await failureOf(write(models, { verboseResults: true }));
    expect([...error.writeErrors]).toEqual([
      [
        1,
        {
          code: 11000,
          message: `E11000 duplicate key error collection: ${items.namespace} index: slug_1 dup key: { slug: "first" }`,
        },
      ],
    ]);
    expect(error.partialResult).toMatchObject({ insertedCount: 1 });
    expect((await all(items)).map(({ _id }) => _id)).toEqual(['a', 'b', 'c']);
  });

  it('out of order does everything that can be done', async () => {
    const models: Models = [
      insert('a'),
      insert('c'),
      { namespace: items.namespace, name: 'updateOne', filter: { _id: 'b' }, update: { $set: { slug: 'first' } } },
      { namespace: items.namespace, name: 'updateOne', filter: { _id: 'b' }, update: { $set: { slug: 'second' } } },
    ];
    const error = await failureOf(write(models, { ordered: false, verboseResults: true }));
    expect([...error.writeErrors].map(([index, { code }]) => [index, code])).toEqual([
      [0, 11000],
      [2, 11000],
    ]);
    expect(error.partialResult).toMatchObject({ insertedCount: 1, matchedCount: 1, modifiedCount: 1 });
    expect([...(error.partialResult?.updateResults ?? [])]).toEqual([
      [3, { matchedCount: 1, modifiedCount: 1, didUpsert: false }],
    ]);
    expect(await all(items)).toEqual([
      { _id: 'a', n: 1, slug: 'first' },
      { _id: 'b', n: 2, slug: 'second' },
      { _id: 'c' },
    ]);
  });

  it.each([false, true])('answers in the fields of MongoDB, errorsOnly %s', async (errorsOnly) => {
    const ops = [
      { insert: 1, document: { _id: 'x' } },
      { update: 0, filter: { _id: 'b' }, updateMods: { $set: { slug: 'first' } } },
      { update: 1, filter: { _id: 'y' }, updateMods: { n: 1 }, upsert: true },
    ];
    const nsInfo = [{ ns: items.namespace }, { ns: others.namespace }];
    const done = { ok: 1, idx: 0, n: 1 };
    const failed = {
      ok: 0,
      idx: 1,
      code: 11000,
      errmsg: `E11000 duplicate key error collection: ${items.namespace} index: slug_1 dup key: { slug: "first" }`,
      keyPattern: { slug: 1 },
      keyValue: { slug: 'first' },
      n: 0,
      nModified: 0,
    };
    const upserted = { ok: 1, idx: 2, n: 1, nModified: 0, upserted: { index: 0, _id: 'y' } };
    const reply = await send({ bulkWrite: 1, ops, nsInfo, ordered: false, errorsOnly });
    expect(reply).toEqual({
      cursor: {
        firstBatch: errorsOnly ? [failed] : [done, failed, upserted],
        id: 0,
        ns: 'admin.$cmd.bulkWrite',
      },
      nErrors: 1,
      nInserted: 1,
      nMatched: 0,
      nModified: 0,
      nUpserted: 1,
      nDeleted: 0,
      ok: 1,
    });
  });

  it('hands out results of more than one answer', async () => {
    const long = 'x'.repeat(10_000);
    const models = Array.from({ length: 1000 }, (_, index) => insert(`${long}${index}`));
    await write(models);
    const error = await failureOf(write(models, { ordered: false }));
    expect(error.writeErrors.size).toBe(1000);
    expect(error.partialResult).toMatchObject({ insertedCount: 0 });
  });

  describe('sent again', () => {
    const numbered = (txnNumber: number, lsid: object): Record<string, unknown> => ({
      bulkWrite: 1,
      ops: [
        { update: 0, filter: { _id: 'a' }, updateMods: { $inc: { n: 1 } } },
        { update: 0, filter: { _id: 'z' }, updateMods: { $inc: { n: 1 } }, upsert: true },
        { insert: 0, document: { _id: 'c' } },
        { update: 0, filter: { n: { $gt: 0 } }, updateMods: { $inc: { n: 1 } }, multi: true },
      ],
      nsInfo: [{ ns: items.namespace }],
      lsid,
      txnNumber: mongo.Long.fromNumber(txnNumber),
    });

    it('is answered as the first time and done once, also after a restart', async () => {
      const command = numbered(1, { id: new mongo.UUID() });
      const first = await send(command);
      expect(first).toMatchObject({ nErrors: 1, nInserted: 1, nMatched: 1, nModified: 1, nUpserted: 1, ok: 1 });
      expect(await send(command)).toEqual(first);
      await harness.restart();
      expect(await send(command)).toEqual(first);
      const reopened = harness.client.db($db).collection<Item>('items');
      expect((await all(reopened)).map(({ _id, n }) => [_id, n as unknown])).toEqual([
        ['a', 2],
        ['b', 2],
        ['c', undefined],
        ['z', 1],
      ]);
    });

    it('may not change many documents', async () => {
      const reply = await send(numbered(1, { id: new mongo.UUID() }));
      const { firstBatch } = (reply as { cursor: { firstBatch: unknown[] } }).cursor;
      expect(firstBatch[3]).toEqual({
        ok: 0,
        idx: 3,
        code: 72,
        errmsg: 'Cannot use retryable writes with multi=true',
        n: 0,
        nModified: 0,
      });
    });
  });

  describe('in a transaction', () => {
    const withSession = (work: (session: mongo.ClientSession) => Promise<void>): Promise<void> =>
      harness.client.withSession(async (session) => {
        session.startTransaction();
        await work(session);
      });

    const both = (): Models => [
      { namespace: items.namespace, name: 'updateOne', filter: { _id: 'a' }, update: { $inc: { n: 1 } } },
      { namespace: others.namespace, name: 'insertOne', document: { _id: 'x' } },
    ];

    it('shows everything at once when committed', () =>
      withSession(async (session) => {
        await write(both(), { session });
        expect([(await all(items))[0]?.['n'], await all(others)]).toEqual([1, []]);
        expect([(await all(items, session))[0]?.['n'], await all(others, session)]).toEqual([2, [{ _id: 'x' }]]);
        await session.commitTransaction();
        expect([(await all(items))[0]?.['n'], await all(others)]).toEqual([2, [{ _id: 'x' }]]);
      }));

    it.each([true, false])('ends it at the first failure, ordered %s', (ordered) =>
      withSession(async (session) => {
        const models = [...both(), insert('b'), insert('c')];
        const error = await failureOf(write(models, { session, ordered, verboseResults: true }));
        expect([...error.writeErrors].map(([index, { code }]) => [index, code])).toEqual([[2, 11000]]);
        expect(error.partialResult?.updateResults?.get(0)).toMatchObject({ matchedCount: 1 });
        await expect(session.commitTransaction()).rejects.toMatchObject({ code: 251 });
        expect([(await all(items)).length, (await all(items))[0]?.['n'], await all(others)]).toEqual([2, 1, []]);
      }),
    );

    it('that another one was quicker with is refused as a whole, to be tried again', () =>
      withSession(async (quicker) => {
        await items.updateOne({ _id: 'b' }, { $inc: { n: 5 } }, { session: quicker });
        const models = (): Models => [
          ...both(),
          { namespace: items.namespace, name: 'updateOne', filter: { _id: 'b' }, update: { $inc: { n: 1 } } },
        ];
        let attempts = 0;
        await harness.client.withSession((session) =>
          session.withTransaction(async () => {
            attempts += 1;
            const outcome = write(models(), { session });
            if (attempts > 1) return void (await outcome);
            const { cause } = await failureOf(outcome);
            expect(cause).toMatchObject({ code: 112, errorLabels: ['TransientTransactionError'] });
            await quicker.commitTransaction();
            throw cause as Error;
          }),
        );
        expect(attempts).toBe(2);
        expect((await all(items)).map(({ n }) => n as unknown)).toEqual([2, 8]);
        expect(await all(others)).toEqual([{ _id: 'x' }]);
      }));
  });

  it('waits for what a transaction has locked', async () => {
    const session = harness.client.startSession();
    session.startTransaction();
    await items.updateOne({ _id: 'a' }, { $inc: { n: 10 } }, { session });
    const waiting = write([
      insert('c'),
      { namespace: items.namespace, name: 'updateOne', filter: { _id: 'a' }, update: { $inc: { n: 1 } } },
    ]);
    // What came before it is committed as it begins to wait.
    while ((await items.countDocuments({ _id: 'c' })) === 0) await harness.client.db('admin').command({ ping: 1 });
    expect(await items.findOne({ _id: 'a' })).toMatchObject({ n: 1 });
    await session.commitTransaction();
    await session.endSession();
    expect(await waiting).toMatchObject({ insertedCount: 1, matchedCount: 1 });
    expect((await all(items)).map(({ n }) => n as unknown)).toEqual([12, 2, undefined]);
  });

  describe('refuses', () => {
    const update = { update: 0, filter: {}, updateMods: { $set: { n: 1 } } };
    it.each<[string, object, number, RegExp]>([
      ['no operations', { ops: [] }, 16, /between 1 and/],
      ['an operation that is none', { ops: [{ replace: 0 }] }, 40415, /bulkWrite\.ops\.replace/],
      ['deletes', { ops: [{ delete: 0, filter: {}, multi: false }] }, 115, /delete operations/],
      ['a collection that is not named', { ops: [{ insert: 1, document: {} }] }, 2, /nsInfo entry 1/],
      ['an insert of nothing', { ops: [{ insert: 0 }] }, 40414, /document/],
      ['an update of nothing', { ops: [{ update: 0, filter: {} }] }, 40414, /updateMods/],
      ['hints', { ops: [{ ...update, hint: { a: 1 } }] }, 115, /hint/],
      ['collations', { ops: [{ ...update, collation: { locale: 'en' } }] }, 115, /collation/],
      ['array filters', { ops: [{ ...update, arrayFilters: [{ a: 1 }] }] }, 115, /arrayFilters/],
      ['sorts', { ops: [{ ...update, sort: { a: 1 } }] }, 115, /sort/],
      ['variables', { let: { a: 1 } }, 115, /let/],
      ['statement numbers', { stmtIds: [1] }, 115, /stmtIds/],
      ['what it does not know', { comment: 'x' }, 40415, /comment/],
      ['names that are none', { nsInfo: [{ ns: 'items' }] }, 73, /namespace/],
      ['encrypted collections', { nsInfo: [{ ns: 'a.b', encryptionInformation: { a: 1 } }] }, 115, /encryption/],
      ['other databases than admin', { $db: 'test' }, 13, /admin database/],
    ])('%s', async (_, change, code, message) => {
      const command = { bulkWrite: 1, ops: [update], nsInfo: [{ ns: items.namespace }], ...change };
      expect(await send(command)).toMatchObject({ ok: 0, code, errmsg: expect.stringMatching(message) as unknown });
      expect((await all(items)).map(({ n }) => n as unknown)).toEqual([1, 2]);
    });

    it('updates by pipelines, one by one', async () => {
      const ops = [{ ...update, updateMods: [{ $set: { n: 1 } }] }, update];
      const reply = await send({ bulkWrite: 1, ops, nsInfo: [{ ns: items.namespace }], ordered: false });
      expect(reply).toMatchObject({
        nErrors: 1,
        nMatched: 1,
        cursor: { firstBatch: [{ ok: 0, idx: 0, code: 115 }, {}] },
      });
    });
  });
});
