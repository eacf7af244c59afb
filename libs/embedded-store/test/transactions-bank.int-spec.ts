import { mongo } from 'mongoose';
import { type Harness, startHarness } from './store-harness';

interface Account {
  _id: number;
  balance: number;
}

interface Entry {
  account: number;
  amount: number;
}

const CLIENTS = 16;
const ACCOUNTS = 12;
const OPENING = 100;
const TOTAL = ACCOUNTS * OPENING;
const DURATION_MS = 3_000;

/** What clients throw to take a transfer back. */
class ChangedMind extends Error {}

describe('sixteen clients that transfer money', () => {
  let harness: Harness;
  let clients: mongo.MongoClient[];
  let name: string;

  beforeAll(async () => {
    harness = await startHarness();
    name = harness.database().databaseName;
    clients = await Promise.all(
      Array.from({ length: CLIENTS }, () => new mongo.MongoClient(harness.store.uri, { maxPoolSize: 2 }).connect()),
    );
    await accountsOf(harness.client).insertMany(
      Array.from({ length: ACCOUNTS }, (_, _id) => ({ _id, balance: OPENING })),
    );
    await ledgerOf(harness.client).createIndex({ account: 1 });
  });
  afterAll(async () => {
    await Promise.all(clients.map((client) => client.close()));
    await harness.stop();
  });

  const accountsOf = (client: mongo.MongoClient): mongo.Collection<Account> => client.db(name).collection('accounts');
  const ledgerOf = (client: mongo.MongoClient): mongo.Collection<Entry> =>
    client.db(`${name}_ledger`).collection('entries');
  const any = (count: number): number => Math.floor(Math.random() * count);

  async function transfer(client: mongo.MongoClient, session: mongo.ClientSession): Promise<void> {
    const [from, to, amount] = [any(ACCOUNTS), any(ACCOUNTS), 1 + any(30)];
    const debit = await accountsOf(client).updateOne(
      { _id: from, balance: { $gte: amount } },
      { $inc: { balance: -amount } },
      { session },
    );
    if (debit.modifiedCount === 0) throw new ChangedMind();
    await accountsOf(client).findOneAndUpdate({ _id: to }, { $inc: { balance: amount } }, { session });
    if (Math.random() < 0.2) throw new ChangedMind();
    await ledgerOf(client).insertMany(
      [
        { account: from, amount: -amount },
        { account: to, amount },
      ],
      { session },
    );
  }

  async function total(client: mongo.MongoClient, session?: mongo.ClientSession): Promise<number> {
    const sum = [{ $group: { _id: null, sum: { $sum: '$balance' } } }];
    const options = session === undefined ? {} : { session };
    const [first] = await accountsOf(client).aggregate<{ sum: number }>(sum, options).toArray();
    return first?.sum ?? 0;
  }

  /** The sum by account of accounts and ledger, read one after the other in one transaction. */
  async function readsAgree(client: mongo.MongoClient, session: mongo.ClientSession): Promise<boolean> {
    const before = await total(client, session);
    const account = any(ACCOUNTS);
    const entries = await ledgerOf(client).find({ account }, { session }).toArray();
    const found = await accountsOf(client).findOne({ _id: account }, { session });
    const booked = entries.reduce((sum, { amount }) => sum + amount, OPENING);
    return before === TOTAL && found?.balance === booked && (await total(client, session)) === TOTAL;
  }

  it('never see or make another sum', async () => {
    const done = { transfers: 0, changedMinds: 0, wrongReads: 0, reads: 0 };
    const end = performance.now() + DURATION_MS;
    await Promise.all(
      clients.map(async (client) => {
        while (performance.now() < end) {
          await client.withSession(async (session) => {
            try {
              await session.withTransaction(() => transfer(client, session));
              done.transfers += 1;
            } catch (error) {
              if (!(error instanceof ChangedMind)) throw error;
              done.changedMinds += 1;
            }
            if (Math.random() < 0.3) {
              const agree = await session.withTransaction(() => readsAgree(client, session));
              done.reads += 1;
              done.wrongReads += Number(!agree);
            }
            if (Math.random() < 0.1) done.wrongReads += Number((await total(client)) !== TOTAL);
          });
        }
      }),
    );
    expect(done.wrongReads).toBe(0);
    for (const count of [done.transfers, done.changedMinds, done.reads]) expect(count).toBeGreaterThan(0);
    const entries = await ledgerOf(harness.client).find().toArray();
    expect(entries).toHaveLength(done.transfers * 2);
    for (const { _id, balance } of await accountsOf(harness.client).find().toArray()) {
      const booked = entries
        .filter(({ account }) => account === _id)
        .reduce((sum, { amount }) => sum + amount, OPENING);
      expect([_id, balance >= 0, balance]).toEqual([_id, true, booked]);
    }
    expect(await total(harness.client)).toBe(TOTAL);
  });
});
