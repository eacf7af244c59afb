import { mongo } from 'mongoose';
import { type Harness, startHarness } from './store-harness';

type Item = mongo.Document & { _id: number };

const DOCUMENTS = 10_000;
const NOTE = 'x'.repeat(300);

/** What another client got done while something long ran. */
interface Meanwhile {
  pings: number;
  reads: number;
  inserts: number;
}

describe('clients beside a long command', () => {
  let harness: Harness;
  let other: mongo.MongoClient;
  let items: mongo.Collection<Item>;

  beforeAll(async () => {
    harness = await startHarness();
    other = await new mongo.MongoClient(harness.store.uri).connect();
    items = harness.database().collection<Item>('items');
    await items.createIndex({ group: 1 });
  });
  afterAll(async () => {
    await other.close();
    await harness.stop();
  });

  /** Pings, reads by id and inserts, one after the other, until the long command ends. */
  async function meanwhile(long: Promise<unknown>, seen: (item: Item) => void): Promise<Meanwhile> {
    const done: Meanwhile = { pings: 0, reads: 0, inserts: 0 };
    const database = other.db(items.dbName);
    const state = { running: true };
    const ended = long.finally(() => {
      state.running = false;
    });
    while (state.running) {
      await database.command({ ping: 1 });
      done.pings += Number(state.running);
      const item = await database.collection<Item>('items').findOne({ _id: done.reads % 50 });
      done.reads += Number(state.running);
      if (item !== null) seen(item);
      await database.collection('notes').insertOne({ n: done.inserts });
      done.inserts += Number(state.running);
    }
    await ended;
    return done;
  }

  function expectManyOf(done: Meanwhile): void {
    for (const count of Object.values(done)) expect(count).toBeGreaterThanOrEqual(5);
  }

  it('are answered while tens of thousands of documents are upserted', async () => {
    const upserts = Array.from({ length: DOCUMENTS }, (_, _id) => ({
      updateOne: { filter: { _id }, update: { $set: { group: _id % 10, n: 0, note: NOTE } }, upsert: true },
    }));
    const counts: number[] = [];
    const done = await meanwhile(items.bulkWrite(upserts, { ordered: false }), (item) => counts.push(Number(item.n)));
    expectManyOf(done);
    expect(new Set(counts)).toEqual(new Set([0]));
    expect(await items.estimatedDocumentCount()).toBe(DOCUMENTS);
    expect(await items.countDocuments({ group: { $gte: 0 } })).toBe(DOCUMENTS);
    expect(await harness.client.db(items.dbName).collection('notes').countDocuments()).toBeGreaterThanOrEqual(5);
  });

  it('are answered while all documents are updated, and never see a change go away again', async () => {
    const seen = new Map<number, number[]>();
    const done = await meanwhile(items.updateMany({}, { $inc: { n: 1 } }), ({ _id, n }) => {
      seen.set(_id, [...(seen.get(_id) ?? []), Number(n)]);
    });
    expectManyOf(done);
    for (const values of seen.values()) expect(values).toEqual([...values].sort((a, b) => a - b));
    expect(await items.countDocuments({ n: 1 })).toBe(DOCUMENTS);
  });

  it('are answered while a collection is scanned and sorted', async () => {
    const scan = items
      .find({ note: { $nin: Array.from({ length: 300 }, (_, n) => `missing ${n}`) } })
      .sort({ n: 1, _id: -1 })
      .limit(10)
      .toArray();
    const done = await meanwhile(scan, () => undefined);
    // A scan in one go would leave them two answers: the one it came too late for, and one beside its own.
    expect(done.pings + done.reads + done.inserts).toBeGreaterThanOrEqual(4);
    expect((await scan).map(({ _id }) => _id)).toEqual(Array.from({ length: 10 }, (_, n) => DOCUMENTS - 1 - n));
  });

  it('take turns when both write', async () => {
    const order: string[] = [];
    const long = items.updateMany({}, { $inc: { n: 1 } }).then(() => order.push('long'));
    const rival = other
      .db(items.dbName)
      .collection<Item>('rivals')
      .bulkWrite(Array.from({ length: 500 }, (_, _id) => ({ insertOne: { document: { _id } } })))
      .then(() => order.push('short'));
    await Promise.all([long, rival]);
    expect(order).toEqual(['short', 'long']);
    expect(await items.countDocuments({ n: 2 })).toBe(DOCUMENTS);
  });

  it('read a long answer across commits of others', async () => {
    const cursor = items.find({}, { batchSize: 500 }).sort({ _id: 1 });
    const ids: number[] = [];
    const update = other
      .db(items.dbName)
      .collection<Item>('items')
      .updateMany({}, { $inc: { n: 1 } });
    for await (const { _id } of cursor) ids.push(_id);
    await update;
    expect(ids).toEqual(Array.from({ length: DOCUMENTS }, (_, n) => n));
  });
});
