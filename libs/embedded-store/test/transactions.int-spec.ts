import { mongo } from 'mongoose';
import { type Harness, startHarness } from './store-harness';
import { WireClient } from './wire-client';

type Item = mongo.Document & { _id: string };
type Session = mongo.ClientSession;

describe('transactions', () => {
  jest.setTimeout(30_000);

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
      expect(await next.command({ ...commit, txnNumber: mongo.Long.fromNumber(6) })).toMatchObject({ code: 251 });
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
});
