import mongoose from 'mongoose';
import { type Harness, startHarness } from './store-harness';

interface Order {
  slug: string;
  volume?: bigint;
  note?: string;
  tags?: string[];
  legs?: { token: string; size: number }[];
  expiresAt?: Date;
  updated_at?: Date;
}

const orderSchema = new mongoose.Schema<Order>(
  {
    slug: { type: String, required: true, unique: true },
    volume: { type: BigInt, index: true },
    note: String,
    tags: [String],
    legs: [{ _id: false, token: String, size: Number }],
    expiresAt: { type: Date, expires: 3600 },
  },
  { timestamps: { createdAt: 'created_at', updatedAt: 'updated_at' }, versionKey: false },
);
orderSchema.index({ note: 'text' });

describe('unmodified Mongoose on the store', () => {
  let harness: Harness;
  let root: mongoose.Connection;

  beforeAll(async () => {
    harness = await startHarness();
    root = await mongoose.createConnection(harness.store.uri).asPromise();
  });
  afterAll(async () => {
    await root.close();
    await harness.stop();
  });

  function orders(name: string): mongoose.Model<Order> {
    return root.useDb(name, { useCache: true }).model<Order>('Order', orderSchema);
  }

  it('makes its indexes once and finds nothing to change', async () => {
    const Order = orders('indexes');
    await Order.init();
    const names = Object.keys(await Order.collection.indexInformation()).sort();
    expect(names).toEqual(['_id_', 'expiresAt_1', 'note_text', 'slug_1', 'volume_1']);
    expect(await Order.syncIndexes()).toEqual([]);
    expect(await Order.diffIndexes()).toEqual({ toDrop: [], toCreate: [] });
    await Order.createCollection();
  });

  it('saves, changes and reads documents with BigInt amounts', async () => {
    const Order = orders('documents');
    await Order.init();
    const order = await Order.create({
      slug: 'a',
      volume: 9007199254740993n,
      legs: [{ token: 't', size: 1.5 }],
      tags: ['x'],
    });
    order.note = 'changed';
    order.set('legs.0.size', 2);
    await order.save();
    const found = await Order.findOne({ slug: 'a' }).select('slug volume note legs').lean();
    expect(found).toMatchObject({
      slug: 'a',
      note: 'changed',
      legs: [{ token: 't', size: 2 }],
    });
    expect(String(found?.volume)).toBe('9007199254740993');
    await expect(Order.create({ slug: 'a' })).rejects.toMatchObject({ code: 11000, keyValue: { slug: 'a' } });
  });

  it('writes in bulk with timestamps and counts', async () => {
    const Order = orders('bulk');
    await Order.init();
    const writes = Array.from({ length: 1200 }, (_, n) => ({
      updateOne: {
        filter: { slug: `s${n}` },
        update: { $set: { volume: BigInt(n), note: n % 2 === 0 ? 'even number' : 'odd number' } },
        upsert: true,
      },
    }));
    expect(await Order.bulkWrite(writes, { ordered: false })).toMatchObject({ upsertedCount: 1200 });
    expect(await Order.bulkWrite(writes, { ordered: false, timestamps: false })).toMatchObject({
      matchedCount: 1200,
      modifiedCount: 0,
    });
    expect([await Order.countDocuments({ volume: { $gte: 1000n } }), await Order.estimatedDocumentCount()]).toEqual([
      200, 1200,
    ]);
    expect(await Order.countDocuments({ $text: { $search: 'even' } })).toBe(600);
    const found = await Order.findOneAndUpdate(
      { slug: 's5' },
      { $inc: { volume: 1n } },
      { returnDocument: 'after' },
    ).lean();
    expect([Number(found?.volume), found?.updated_at instanceof Date]).toEqual([6, true]);
    let streamed = 0;
    for await (const order of Order.find().sort({ volume: 1 }).lean().cursor({ batchSize: 100 }))
      streamed += order.slug ? 1 : 0;
    expect(streamed).toBe(1200);
    expect(await Order.deleteMany({ volume: { $lt: 100n } })).toMatchObject({ deletedCount: 100 });
  });
});
