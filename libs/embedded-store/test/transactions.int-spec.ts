import { mongo } from 'mongoose';
import { failureOf, type Harness, startHarness } from './store-harness';
import { WireClient } from './wire-client';

type Item = mongo.Document & { _id: string };
type Session = mongo.ClientSession;

describe('transactions', () => {
  let harness: Harness;
  let database: mongo.Db;
  let items: mongo.Collection<Item>;
  let others: mongo.Collection<Item>;
  const sessions: Session[] = [];

  beforeAll(async () => {
    harness = await startHarness();
  });
  afterAll(() => harness.stop());
  beforeEach(async () => {
    database = harness.database();
    items = database.collection<Item>('items');
    others = harness.client.db(`${database.databaseName}_other`).collection<Item>('others');
    await items.createIndex({ slug: 1 }, { unique: true, sparse: true });
    await items.createIndex({ n: 1 });
    await items.insertMany([
      { _id: 'a', n: 1 },
      { _id: 'b', n: 2 },
      { _id: 'c', n: 3 },
    ]);
    await others.insertOne({ _id: 'x', n: 10 });
  });
  afterEach(async () => {
    for (const session of sessions.splice(0)) await session.endSession();
  });

  /** A session with an open transaction whose snapshot is taken. */
  async function begin(): Promise<Session> {
    const session = harness.client.startSession();
    sessions.push(session);
    session.startTransaction();
    await items.findOne({ _id: 'none' }, { session });
    return session;
  }

  const numbers = async (session?: Session): Promise<unknown[]> =>
    (
      await items
        .find({}, session === undefined ? {} : { session })
        .sort({ _id: 1 })
        .toArray()
    ).map(({ n }) => n as unknown);

  describe('commit and abort', () => {
    it('shows everything at once, in two databases, when committed', async () => {
      const session = await begin();
      await items.updateOne({ _id: 'a' }, { $inc: { n: 10 } }, { session });
      await others.insertOne({ _id: 'y', n: 1 }, { session });
      await items.deleteOne({ _id: 'c' }, { session });
      expect([await numbers(), await others.countDocuments()]).toEqual([[1, 2, 3], 1]);
      expect([await numbers(session), await others.countDocuments({}, { session })]).toEqual([[11, 2], 2]);
      await session.commitTransaction();
      expect([await numbers(), await others.countDocuments()]).toEqual([[11, 2], 2]);
      expect([await items.estimatedDocumentCount(), await others.estimatedDocumentCount()]).toEqual([2, 2]);
    });

    it('leaves nothing behind when aborted', async () => {
      const session = await begin();
      await items.updateMany({}, { $inc: { n: 10 } }, { session });
      await items.insertOne({ _id: 'd', slug: 'free' }, { session });
      await session.abortTransaction();
      expect([await numbers(), await items.countDocuments({ n: { $gt: 3 } })]).toEqual([[1, 2, 3], 0]);
      await items.insertOne({ _id: 'd', slug: 'free', n: 4 });
      expect(await numbers()).toEqual([1, 2, 3, 4]);
    });

    it('answers a repeated commit, also after a restart', async () => {
      const client = await WireClient.connect(harness.store.port);
      const common = {
        lsid: { id: new mongo.UUID() },
        txnNumber: mongo.Long.fromNumber(7),
        autocommit: false,
      };
      const $db = database.databaseName;
      const write = { update: 'items', updates: [{ q: { _id: 'a' }, u: { $inc: { n: 1 } } }], $db };
      const commit = { commitTransaction: 1, $db: 'admin', ...common };
      expect(await client.command({ ...write, startTransaction: true, ...common })).toMatchObject({ n: 1, ok: 1 });
      expect(await client.command(commit)).toMatchObject({ ok: 1 });
      expect(await client.command(commit)).toMatchObject({ ok: 1 });
      expect(await client.command({ abortTransaction: 1, $db: 'admin', ...common })).toMatchObject({ code: 256 });
      client.close();
      await harness.restart();
      const next = await WireClient.connect(harness.store.port);
      expect(await next.command(commit)).toMatchObject({ ok: 1 });
      expect(await next.command({ ...commit, txnNumber: mongo.Long.fromNumber(6) })).toMatchObject({ code: 225 });
      expect(await next.command({ ...commit, txnNumber: mongo.Long.fromNumber(8) })).toMatchObject({ code: 251 });
      next.close();
      const reopened = harness.client.db($db).collection<Item>('items');
      expect(await reopened.findOne({ _id: 'a' })).toEqual({ _id: 'a', n: 2 });
    });

    it('makes a collection that is not there when it is committed', async () => {
      const fresh = database.collection<Item>('fresh');
      const session = await begin();
      await fresh.insertOne({ _id: '1', n: 1 }, { session });
      await fresh.updateOne({ _id: '1' }, { $set: { n: 2 } }, { session });
      expect(await fresh.findOne({ n: 2 }, { session })).toEqual({ _id: '1', n: 2 });
      expect(await database.listCollections({ name: 'fresh' }).toArray()).toEqual([]);
      await session.commitTransaction();
      expect(await fresh.find().toArray()).toEqual([{ _id: '1', n: 2 }]);
    });
  });

  describe('reading', () => {
    it('lists distinct values with its own changes, and others without', async () => {
      const session = await begin();
      await items.updateOne({ _id: 'a' }, { $set: { n: 3 } }, { session });
      expect(await items.distinct('n', {}, { session })).toEqual([2, 3]);
      expect(await items.distinct('n')).toEqual([1, 2, 3]);
    });

    it('sees its own changes in sorts, windows, counts and index scans', async () => {
      const session = await begin();
      await items.updateOne({ _id: 'a' }, { $set: { n: 5 } }, { session });
      await items.deleteOne({ _id: 'b' }, { session });
      await items.insertMany(
        [
          { _id: 'd', n: 4 },
          { _id: 'e', n: 0 },
        ],
        { session },
      );
      const ids = async (cursor: mongo.FindCursor<mongo.WithId<Item>>): Promise<string[]> =>
        (await cursor.toArray()).map(({ _id }) => _id);
      expect(await ids(items.find({}, { session }).sort({ n: 1 }))).toEqual(['e', 'c', 'd', 'a']);
      expect(await ids(items.find({}, { session }).sort({ n: -1 }).skip(1).limit(2))).toEqual(['d', 'c']);
      expect(await ids(items.find({ n: { $gte: 4 } }, { session }).sort({ _id: 1 }))).toEqual(['a', 'd']);
      expect(await ids(items.find({ n: { $in: [1, 2, 3] } }, { session }))).toEqual(['c']);
      expect(await ids(items.find({ _id: 'b' }, { session }))).toEqual([]);
      expect((await ids(items.find({}, { session }))).sort()).toEqual(['a', 'c', 'd', 'e']);
      expect(await items.countDocuments({}, { session })).toBe(4);
      expect(await items.countDocuments({ n: { $gt: 3 } }, { session })).toBe(2);
      expect(await items.countDocuments({ n: { $gt: 3 } }, { session, skip: 1, limit: 5 })).toBe(1);
      const sum = [{ $group: { _id: null, n: { $sum: '$n' } } }];
      expect(await items.aggregate(sum, { session }).toArray()).toEqual([{ _id: null, n: 12 }]);
      expect(await items.distinct('n', { n: { $gt: 2 } }, { session })).toEqual([3, 4, 5]);
      expect(await items.find().sort({ _id: 1 }).toArray()).toHaveLength(3);
    });

    it('keeps its snapshot while others write, phantoms included', async () => {
      const session = await begin();
      await items.updateMany({}, { $inc: { n: 100 } });
      await items.insertOne({ _id: 'phantom', n: 2 });
      await items.deleteOne({ _id: 'c' });
      await others.insertOne({ _id: 'phantom', n: 2 });
      expect(await numbers(session)).toEqual([1, 2, 3]);
      expect(await items.countDocuments({}, { session })).toBe(3);
      expect(await items.countDocuments({ n: { $lt: 100 } }, { session })).toBe(3);
      expect(await items.find({ n: 2 }, { session }).toArray()).toHaveLength(1);
      expect(await others.countDocuments({}, { session })).toBe(1);
      await session.commitTransaction();
      expect(await numbers()).toEqual([101, 102, 2]);
    });

    it('gives a cursor the state in which it was opened, and ends it with the transaction', async () => {
      await items.insertMany(Array.from({ length: 50 }, (_, n) => ({ _id: `m${String(n).padStart(2, '0')}`, n: 50 })));
      const session = await begin();
      await items.updateMany({ n: 50 }, { $set: { n: 51 } }, { session });
      const cursor = items.find({ n: 51 }, { session, batchSize: 10 }).sort({ _id: 1 });
      await cursor.next();
      const { id } = cursor;
      const more = { getMore: id, collection: 'items', batchSize: 5 };
      expect(await failureOf(database.command(more))).toMatchObject({ code: 50740 });
      await items.updateMany({ n: 51 }, { $set: { n: 52 } }, { session });
      const rest = await cursor.toArray();
      expect(rest.map(({ n }) => n as number)).toEqual(new Array(49).fill(51));
      const second = items.find({ n: 52 }, { session, batchSize: 10 });
      await second.next();
      const { id: secondId } = second;
      await session.abortTransaction();
      expect(await failureOf(database.command({ ...more, getMore: secondId }))).toMatchObject({ code: 43 });
    });

    it('searches text where it has changed nothing, and refuses by name where it has', async () => {
      await others.createIndex({ word: 'text' });
      await others.insertOne({ _id: 'w', word: 'lantern' });
      const session = await begin();
      const search = { $text: { $search: 'lantern' } };
      expect(await others.find(search, { session }).toArray()).toHaveLength(1);
      await others.insertOne({ _id: 'v', word: 'lantern' }, { session });
      const refusal = await failureOf(others.find(search, { session }).toArray());
      expect([refusal.codeName, refusal.message]).toEqual([
        'CommandNotSupported',
        expect.stringContaining('$text on a collection the transaction has changed'),
      ]);
    });
  });

  describe('conflicts', () => {
    const transient = { code: 112, codeName: 'WriteConflict', errorLabels: ['TransientTransactionError'] };

    const labelled = ({ code, codeName, errorLabels }: mongo.MongoServerError): object => ({
      code,
      codeName,
      errorLabels,
    });

    it('prevent lost updates: the first writer wins, at once or when it committed since', async () => {
      const [first, second, third] = [await begin(), await begin(), await begin()];
      await items.updateOne({ _id: 'a' }, { $inc: { n: 1 } }, { session: first });
      const rival = items.updateOne({ _id: 'a' }, { $inc: { n: 1 } }, { session: second });
      expect(labelled(await failureOf(rival))).toEqual(transient);
      await first.commitTransaction();
      const late = items.findOneAndUpdate({ _id: 'a' }, { $inc: { n: 1 } }, { session: third });
      expect(labelled(await failureOf(late))).toEqual(transient);
      expect(await items.findOne({ _id: 'a' })).toEqual({ _id: 'a', n: 2 });
    });

    it('come from writes outside of transactions too, and from deletions', async () => {
      const [first, second] = [await begin(), await begin()];
      await items.updateOne({ _id: 'a' }, { $inc: { n: 1 } });
      await items.deleteOne({ _id: 'b' });
      expect(labelled(await failureOf(items.deleteOne({ _id: 'a' }, { session: first })))).toEqual(transient);
      const update = items.updateOne({ _id: 'b' }, { $inc: { n: 1 } }, { session: second });
      expect(labelled(await failureOf(update))).toEqual(transient);
    });

    it('come from a change that was taken back by another one', async () => {
      const session = await begin();
      await items.updateOne({ _id: 'a' }, { $inc: { n: 1 } });
      await items.updateOne({ _id: 'a' }, { $inc: { n: -1 } });
      const update = items.updateOne({ _id: 'a' }, { $inc: { n: 1 } }, { session });
      expect(labelled(await failureOf(update))).toEqual(transient);
    });

    it('do not come from updates that change nothing', async () => {
      const [first, second] = [await begin(), await begin()];
      await items.updateOne({ _id: 'a' }, { $set: { n: 1 } }, { session: first });
      await items.updateOne({ _id: 'a' }, { $set: { n: 7 } }, { session: second });
      await second.commitTransaction();
      await first.commitTransaction();
      expect(await numbers()).toEqual([7, 2, 3]);
    });

    it('allow write skew, as snapshot isolation does', async () => {
      const [first, second] = [await begin(), await begin()];
      for (const [session, own, other] of [
        [first, 'a', 'b'],
        [second, 'b', 'a'],
      ] as const) {
        const read = await items.findOne({ _id: other }, { session });
        await items.updateOne({ _id: own }, { $set: { n: -Number(read?.n) } }, { session });
      }
      await first.commitTransaction();
      await second.commitTransaction();
      expect(await numbers()).toEqual([-2, -1, 3]);
    });

    it('are duplicates when a unique key is taken in what the transaction sees', async () => {
      await items.insertOne({ _id: 'd', slug: 'taken' });
      const first = await begin();
      const duplicate = await failureOf(items.insertOne({ _id: 'e', slug: 'taken' }, { session: first }));
      expect([duplicate.code, duplicate.keyValue]).toEqual([11000, { slug: 'taken' }]);
      expect(await failureOf(items.findOne({}, { session: first }))).toMatchObject({
        code: 251,
        errorLabels: ['TransientTransactionError'],
      });
      const second = await begin();
      await items.insertOne({ _id: 'f', slug: 'own' }, { session: second });
      const own = await failureOf(items.updateOne({ _id: 'a' }, { $set: { slug: 'own' } }, { session: second }));
      expect(own.code).toBe(11000);
      const third = await begin();
      await items.deleteOne({ _id: 'd' });
      // What the snapshot still holds stays taken for the transaction.
      const gone = await failureOf(items.insertOne({ _id: 'g', slug: 'taken' }, { session: third }));
      expect(gone.code).toBe(11000);
    });

    it('are duplicates when an update takes a key, and lock the key it takes', async () => {
      await items.updateOne({ _id: 'a' }, { $set: { slug: 'one', 'deep.n': 1 } });
      const first = await begin();
      await items.updateOne({ _id: 'b' }, { $set: { slug: 'two', n: 5 } }, { session: first });
      await items.updateOne({ _id: 'b' }, { $inc: { n: 1 }, $set: { 'deep.n': 2 } }, { session: first });
      const second = await begin();
      const rival = items.updateOne({ _id: 'c' }, { $set: { slug: 'two' } }, { session: second });
      expect(labelled(await failureOf(rival))).toEqual(transient);
      await first.commitTransaction();
      expect(await items.findOne({ slug: 'two' })).toEqual({ _id: 'b', n: 6, slug: 'two', deep: { n: 2 } });
      expect((await items.find({ n: 6 }).toArray()).map(({ _id }) => _id)).toEqual(['b']);
      const third = await begin();
      const taken = items.updateOne({ _id: 'b' }, { $set: { slug: 'one' } }, { session: third });
      expect((await failureOf(taken)).keyValue).toEqual({ slug: 'one' });
    });

    it('come from a unique key taken by others since the snapshot', async () => {
      const [first, second, third] = [await begin(), await begin(), await begin()];
      await items.insertOne({ _id: 'd', slug: 'new' }, { session: first });
      const rival = items.insertOne({ _id: 'e', slug: 'new' }, { session: second });
      expect(labelled(await failureOf(rival))).toEqual(transient);
      await first.commitTransaction();
      const late = items.updateOne({ _id: 'a' }, { $set: { slug: 'new' } }, { session: third });
      expect(labelled(await failureOf(late))).toEqual(transient);
    });

    it('do not come from keys that move between the documents of one transaction', async () => {
      await items.updateOne({ _id: 'a' }, { $set: { slug: '1' } });
      await items.updateOne({ _id: 'b' }, { $set: { slug: '2' } });
      const session = await begin();
      await items.updateOne({ _id: 'a' }, { $set: { slug: 'aside' } }, { session });
      await items.updateOne({ _id: 'b' }, { $set: { slug: '1' } }, { session });
      await items.updateOne({ _id: 'a' }, { $set: { slug: '2' } }, { session });
      await items.deleteOne({ _id: 'b' }, { session });
      await items.insertOne({ _id: 'b', slug: '1', n: 9 }, { session });
      await session.commitTransaction();
      const slugs = await items
        .find({ slug: { $gt: '' } })
        .sort({ slug: 1 })
        .toArray();
      expect(slugs.map(({ _id }) => _id)).toEqual(['b', 'a']);
    });

    it('make withTransaction try again until it wins', async () => {
      await Promise.all(
        Array.from({ length: 8 }, () =>
          harness.client.withSession((session) =>
            session.withTransaction(async () => {
              const item = await items.findOne({ _id: 'a' }, { session });
              await items.updateOne({ _id: 'a' }, { $set: { n: Number(item?.n) + 1 } }, { session });
            }),
          ),
        ),
      );
      expect(await items.findOne({ _id: 'a' })).toEqual({ _id: 'a', n: 9 });
    });

    it('come from a collection that two transactions make: the first to commit wins', async () => {
      const fresh = database.collection<Item>('fresh');
      const [first, second] = [await begin(), await begin()];
      await fresh.insertOne({ _id: '1' }, { session: first });
      await fresh.insertOne({ _id: '2' }, { session: second });
      await first.commitTransaction();
      expect(labelled(await failureOf(second.commitTransaction()))).toMatchObject({
        code: 246,
        errorLabels: ['TransientTransactionError'],
      });
      expect(await fresh.find().toArray()).toEqual([{ _id: '1' }]);
      await Promise.all(
        Array.from({ length: 6 }, (_, n) =>
          harness.client.withSession((session) =>
            session.withTransaction(() => database.collection<Item>('fresher').insertOne({ _id: `${n}` }, { session })),
          ),
        ),
      );
      expect(await database.collection('fresher').countDocuments()).toBe(6);
    });

    it('come from a collection that was made, dropped or indexed since the snapshot', async () => {
      const [first, second, third] = [await begin(), await begin(), await begin()];
      await items.createIndex({ n: -1 });
      const unavailable = { code: 246, codeName: 'SnapshotUnavailable', errorLabels: ['TransientTransactionError'] };
      expect(labelled(await failureOf(items.findOne({}, { session: first })))).toEqual(unavailable);
      await others.drop();
      expect(labelled(await failureOf(others.findOne({}, { session: second })))).toEqual(unavailable);
      await database.createCollection('late');
      const late = database.collection('late').insertOne({}, { session: third });
      expect(labelled(await failureOf(late))).toEqual(unavailable);
    });
  });

  describe('what meets a lock from outside of transactions', () => {
    /** Whether something settles before a round trip of another command. */
    async function isWaiting(call: Promise<unknown>): Promise<boolean> {
      const state = { settled: false };
      call.then(
        () => (state.settled = true),
        () => (state.settled = true),
      );
      for (let trips = 0; trips < 5; trips += 1) await database.command({ ping: 1 });
      return !state.settled;
    }

    it('waits for the end and goes on with what is committed; others go on at once', async () => {
      const session = await begin();
      await items.updateOne({ _id: 'a' }, { $set: { n: 50 } }, { session });
      const update = items.updateOne({ _id: 'a' }, { $inc: { n: 1 } });
      const found = items.findOneAndUpdate({ _id: 'a' }, { $inc: { n: 1 } }, { returnDocument: 'after' });
      const many = items.updateMany({ n: { $gte: 0 } }, { $inc: { m: 1 } });
      expect(await isWaiting(Promise.race([update, found, many]))).toBe(true);
      expect(await items.findOne({ _id: 'a' })).toEqual({ _id: 'a', n: 1 });
      await items.updateOne({ _id: 'b' }, { $set: { other: true } });
      await session.commitTransaction();
      const [, after] = await Promise.all([update, found, many]);
      expect(after?.n).toBeGreaterThan(50);
      const expected = { _id: 'a', n: 52, m: 1 };
      expect(await items.findOne({ _id: 'a' })).toEqual(expected);
      expect(await items.countDocuments({ m: 1 })).toBe(3);
    });

    it('waits for a unique key: refused when it is committed, free when it is aborted', async () => {
      const [first, second] = [await begin(), await begin()];
      await items.insertOne({ _id: 'd', slug: 'one' }, { session: first });
      await items.insertOne({ _id: 'e', slug: 'two' }, { session: second });
      const one = items.insertOne({ _id: 'f', slug: 'one' }).catch((error: unknown) => error);
      const two = items.insertOne({ _id: 'g', slug: 'two' });
      expect(await isWaiting(Promise.race([one, two]))).toBe(true);
      await first.commitTransaction();
      expect(await one).toMatchObject({ code: 11000, keyValue: { slug: 'one' } });
      await second.abortTransaction();
      expect((await two).insertedId).toBe('g');
    });

    it('waits with an upsert and then updates what the transaction made', async () => {
      const session = await begin();
      await items.insertOne({ _id: 'd', slug: 'made', n: 1 }, { session });
      const upsert = items.updateOne({ slug: 'made' }, { $inc: { n: 1 } }, { upsert: true });
      expect(await isWaiting(upsert)).toBe(true);
      await session.commitTransaction();
      expect(await upsert).toMatchObject({ matchedCount: 1, upsertedCount: 0 });
      expect(await items.findOne({ slug: 'made' })).toEqual({ _id: 'd', slug: 'made', n: 2 });
    });

    it('keeps changes of the catalog waiting', async () => {
      const session = await begin();
      await items.updateOne({ _id: 'a' }, { $set: { n: 50 } }, { session });
      const index = items.createIndex({ n: 1, slug: 1 });
      expect(await isWaiting(index)).toBe(true);
      await session.commitTransaction();
      expect(await index).toBe('n_1_slug_1');
      expect(await items.countDocuments({ n: 50, slug: null })).toBe(1);

      const next = await begin();
      await items.insertOne({ _id: 'd', n: 50 }, { session: next });
      const drop = database.dropCollection('items');
      expect(await isWaiting(drop)).toBe(true);
      await next.abortTransaction();
      expect([await drop, await items.countDocuments()]).toEqual([true, 0]);
    });
  });

  describe('the protocol', () => {
    let client: WireClient;

    beforeEach(async () => {
      client = await WireClient.connect(harness.store.port);
    });
    afterEach(() => client.close());

    interface Own {
      readonly lsid: { readonly id: mongo.UUID };
      readonly common: Record<string, unknown>;
      command(command: Record<string, unknown>): Promise<Record<string, unknown> | null>;
    }

    /** A session that sends its commands by hand. */
    function own(number: number, lsid = { id: new mongo.UUID() }): Own {
      const common = { lsid, txnNumber: mongo.Long.fromNumber(number), autocommit: false };
      return {
        lsid,
        common,
        command: (command) => client.command({ ...command, $db: command.$db ?? database.databaseName, ...common }),
      };
    }

    const first = (command: Record<string, unknown>): Record<string, unknown> => ({
      ...command,
      startTransaction: true,
    });
    const setA = (n: number): Record<string, unknown> => ({
      update: 'items',
      updates: [{ q: { _id: 'a' }, u: { $set: { n } } }],
    });
    const find = { find: 'items', filter: {} };
    const noSuch = { ok: 0, code: 251, errorLabels: ['TransientTransactionError'] };

    it('aborts on any error and answers NoSuchTransaction from then on', async () => {
      const session = own(1);
      expect(await session.command(first(setA(9)))).toMatchObject({ ok: 1, n: 1 });
      expect(await session.command({ find: 'items', filter: { $nonsense: 1 } })).toMatchObject({ ok: 0 });
      expect(await session.command(find)).toMatchObject(noSuch);
      expect(await session.command({ commitTransaction: 1, $db: 'admin' })).toMatchObject(noSuch);
      expect(await session.command({ abortTransaction: 1, $db: 'admin' })).toMatchObject(noSuch);
      expect(await numbers()).toEqual([1, 2, 3]);
    });

    it('answers a failed write inside the reply, and aborts', async () => {
      const session = own(1);
      await session.command(first(find));
      const documents = [{ _id: 'a' }, { _id: 'z' }];
      expect(await session.command({ insert: 'items', documents, ordered: false })).toMatchObject({
        ok: 1,
        n: 0,
        writeErrors: [{ index: 0, code: 11000 }],
      });
      expect(await session.command(find)).toMatchObject(noSuch);
    });

    it('takes a higher number for the end of the older transaction, and refuses a lower one', async () => {
      const older = own(5);
      await older.command(first(setA(9)));
      const newer = own(6, older.lsid);
      expect(await newer.command(first(setA(7)))).toMatchObject({ ok: 1 });
      expect(await older.command(find)).toMatchObject({ ok: 0, code: 225 });
      expect(await newer.command(first(find))).toMatchObject({ ok: 0, code: 50911 });
      const retryable = {
        ...setA(4),
        $db: database.databaseName,
        lsid: older.lsid,
        txnNumber: mongo.Long.fromNumber(7),
      };
      expect(await client.command(retryable)).toMatchObject({ ok: 1, n: 1 });
      expect(await newer.command(find)).toMatchObject({ ok: 0, code: 225 });
      expect(await numbers()).toEqual([4, 2, 3]);
    });

    it('refuses what cannot be in a transaction, which stays open', async () => {
      const session = own(1);
      await session.command(first(setA(9)));
      for (const command of [{ count: 'items' }, { drop: 'items' }, { create: 'more' }, { explain: find }]) {
        expect(await session.command(command)).toMatchObject({ ok: 0, codeName: 'OperationNotSupportedInTransaction' });
      }
      expect(await session.command({ commitTransaction: 1, $db: 'admin' })).toMatchObject({ ok: 1 });
      expect(await numbers()).toEqual([9, 2, 3]);
    });

    it('refuses options that make no sense', async () => {
      const { lsid, common } = own(1);
      const $db = database.databaseName;
      expect(await client.command({ ...find, $db, startTransaction: true, lsid })).toMatchObject({ code: 72 });
      expect(await client.command({ ...find, $db, lsid, autocommit: false })).toMatchObject({ code: 72 });
      expect(await client.command({ ...find, $db, ...common, autocommit: true })).toMatchObject({ code: 72 });
      expect(await client.command({ commitTransaction: 1, $db: 'admin', lsid })).toMatchObject({ code: 125 });
      const readConcern = { level: 'linearizable' };
      expect(await client.command({ ...first(find), $db, ...common, readConcern })).toMatchObject({ code: 72 });
      for (const level of ['local', 'majority', 'snapshot']) {
        const session = own(1);
        expect(await session.command({ ...first(find), readConcern: { level } })).toMatchObject({ ok: 1 });
      }
    });

    it('ends with its session and with its last connection', async () => {
      const ended = own(1);
      await ended.command(first(setA(9)));
      await client.command({ endSessions: [ended.lsid], $db: 'admin' });
      expect(await ended.command(find)).toMatchObject(noSuch);

      const deserted = own(1);
      await deserted.command(first(setA(8)));
      client.close();
      // Waits for the lock of the transaction that nobody can end any more.
      await items.updateOne({ _id: 'a' }, { $inc: { n: 1 } });
      expect(await numbers()).toEqual([2, 2, 3]);
    });
  });
});
