import mongoose from 'mongoose';
import { startTestStore, type TestStore } from '@app/testing';

interface Wallet {
  owner: string;
  cash: number;
  history: { note: string }[];
}

interface Trade {
  owner: string;
  size: number;
}

const walletSchema = new mongoose.Schema<Wallet>(
  {
    owner: { type: String, required: true, unique: true },
    cash: { type: Number, required: true },
    history: [{ _id: false, note: String }],
  },
  { optimisticConcurrency: true },
);
const tradeSchema = new mongoose.Schema<Trade>({ owner: String, size: Number }, { versionKey: false });

describe('transactions of unmodified Mongoose over two databases', () => {
  let store: TestStore;
  let root: mongoose.Connection;
  let wallets: mongoose.Model<Wallet>;
  let trades: mongoose.Model<Trade>;

  beforeAll(async () => {
    store = await startTestStore();
    root = await mongoose.createConnection(store.uri).asPromise();
    wallets = root.useDb(`${store.databasePrefix}wallets`, { useCache: true }).model<Wallet>('Wallet', walletSchema);
    trades = root.useDb(`${store.databasePrefix}trades`, { useCache: true }).model<Trade>('Trade', tradeSchema);
    await Promise.all([wallets.init(), trades.init()]);
  });
  afterAll(async () => {
    await root.close();
    await store.stop();
  });
  beforeEach(async () => {
    await Promise.all([wallets.deleteMany({}), trades.deleteMany({})]);
    await wallets.create({ owner: 'ann', cash: 100 });
  });

  it('commits saved documents of both together', async () => {
    await root.transaction(async (session) => {
      const wallet = await wallets.findOne({ owner: 'ann' }).session(session).orFail();
      wallet.cash -= 40;
      wallet.history.push({ note: 'bought' });
      await wallet.save({ session });
      await trades.create([{ owner: 'ann', size: 40 }], { session });
      expect(await trades.countDocuments({ owner: 'ann' }).session(session)).toBe(1);
      expect(await trades.countDocuments({ owner: 'ann' })).toBe(0);
    });
    expect(await wallets.findOne({ owner: 'ann' }).lean()).toMatchObject({ cash: 60, history: [{ note: 'bought' }] });
    expect(await trades.find().select('-_id').lean()).toEqual([{ owner: 'ann', size: 40 }]);
  });

  it('takes everything back when the function throws', async () => {
    const trade = root.transaction(async (session) => {
      await wallets.updateOne({ owner: 'ann' }, { $inc: { cash: -40 } }, { session });
      await trades.insertMany([{ owner: 'ann', size: 40 }], { session });
      throw new Error('no deal');
    });
    await expect(trade).rejects.toThrow('no deal');
    expect(await wallets.findOne({ owner: 'ann' }).lean()).toMatchObject({ cash: 100 });
    expect(await trades.countDocuments()).toBe(0);
  });

  it('tells duplicates and leaves nothing of the transaction', async () => {
    const duplicate = root.transaction(async (session) => {
      await trades.create([{ owner: 'ann', size: 1 }], { session });
      await wallets.create([{ owner: 'ann', cash: 1 }], { session });
    });
    await expect(duplicate).rejects.toMatchObject({ code: 11000, keyValue: { owner: 'ann' } });
    expect(await trades.countDocuments()).toBe(0);
  });

  it('tries again after conflicts, so that no update is lost', async () => {
    await Promise.all(
      Array.from({ length: 6 }, () =>
        root.transaction(async (session) => {
          const wallet = await wallets.findOne({ owner: 'ann' }).session(session).orFail();
          wallet.cash += 1;
          await wallet.save({ session });
          await trades.create([{ owner: 'ann', size: 1 }], { session });
        }),
      ),
    );
    expect(await wallets.findOne({ owner: 'ann' }).lean()).toMatchObject({ cash: 106 });
    expect(await trades.countDocuments()).toBe(6);
  });

  it('can be run by hand with a session', async () => {
    const session = await root.startSession();
    session.startTransaction({ readConcern: { level: 'snapshot' }, writeConcern: { w: 'majority' } });
    await wallets.updateOne({ owner: 'bob' }, { $set: { cash: 5 } }, { session, upsert: true });
    await session.abortTransaction();
    expect(await wallets.countDocuments({ owner: 'bob' })).toBe(0);
    session.startTransaction();
    await wallets.updateOne({ owner: 'bob' }, { $set: { cash: 6 } }, { session, upsert: true });
    await session.commitTransaction();
    await session.endSession();
    expect(await wallets.findOne({ owner: 'bob' }).lean()).toMatchObject({ cash: 6 });
  });
});
