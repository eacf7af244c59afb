import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { mongo } from 'mongoose';

const ROOT = resolve(__dirname, '../../..');
const KILLS = 3;
const CLIENTS = 4;
const ACCOUNTS = 8;
const OPENING = 1000;

interface Account {
  _id: number;
  balance: number;
}

interface Entry {
  transfer: string;
  account: number;
  amount: number;
}

const accountsOf = (client: mongo.MongoClient): mongo.Collection<Account> =>
  client.db('bank').collection<Account>('accounts');
const entriesOf = (client: mongo.MongoClient): mongo.Collection<Entry> =>
  client.db('ledger').collection<Entry>('entries');

/** Transfers until the store dies; returns the names of the transfers whose commit was acknowledged. */
async function transferUntilDeath(uri: string, name: string): Promise<string[]> {
  const client = new mongo.MongoClient(uri, { serverSelectionTimeoutMS: 300 });
  const acknowledged: string[] = [];
  try {
    for (let n = 0; ; n += 1) {
      const transfer = `${name}-${n}`;
      const [from, to] = [n % ACCOUNTS, (n * 3 + 1) % ACCOUNTS];
      await client.withSession((session) =>
        session.withTransaction(async () => {
          await accountsOf(client).updateOne({ _id: from }, { $inc: { balance: -1 } }, { session });
          await entriesOf(client).insertOne({ transfer, account: from, amount: -1 }, { session });
          await accountsOf(client).updateOne({ _id: to }, { $inc: { balance: 1 } }, { session });
          await entriesOf(client).insertOne({ transfer, account: to, amount: 1 }, { session });
        }),
      );
      acknowledged.push(transfer);
    }
  } catch (error) {
    if (!(error instanceof mongo.MongoError)) throw error;
  } finally {
    await client.close();
  }
  return acknowledged;
}

describe('transactions of a store that is killed', () => {
  let dataDir: string;
  let child: ChildProcess;

  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'store-transactions-'));
  });
  afterEach(async () => {
    await kill();
    await rm(dataDir, { recursive: true, force: true });
  });

  async function start(): Promise<string> {
    child = fork(join(ROOT, 'tools/ts.cjs'), [join(ROOT, 'apps/store/src/main.ts'), '--data-dir', dataDir], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    const [ready] = (await once(child, 'message')) as [{ uri: string }];
    return ready.uri;
  }

  async function kill(): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  }

  /** Waits until a number of transfers was committed since a moment. */
  async function committed(client: mongo.MongoClient, before: number, wanted: number): Promise<void> {
    while ((await entriesOf(client).estimatedDocumentCount()) < before + 2 * wanted)
      await client.db('bank').command({ ping: 1 });
  }

  async function expectWhole(client: mongo.MongoClient, acknowledged: readonly string[]): Promise<void> {
    const accounts = await accountsOf(client).find().sort({ _id: 1 }).toArray();
    const entries = await entriesOf(client).find().toArray();
    const booked = accounts.map(({ _id }) =>
      entries.filter(({ account }) => account === _id).reduce((sum, { amount }) => sum + amount, OPENING),
    );
    expect(accounts.map(({ balance }) => balance)).toEqual(booked);
    const halves = new Map<string, number>();
    for (const { transfer } of entries) halves.set(transfer, (halves.get(transfer) ?? 0) + 1);
    expect([...halves.values()].every((count) => count === 2)).toBe(true);
    expect(acknowledged.filter((transfer) => !halves.has(transfer))).toEqual([]);
    expect(await entriesOf(client).countDocuments({ transfer: { $gt: '' } })).toBe(entries.length);
    expect(await entriesOf(client).estimatedDocumentCount()).toBe(entries.length);
  }

  it('are there whole or not at all, and all that were acknowledged', async () => {
    const acknowledged: string[] = [];
    for (let round = 0; round < KILLS; round += 1) {
      const uri = await start();
      const client = await new mongo.MongoClient(uri, { serverSelectionTimeoutMS: 2_000 }).connect();
      if (round === 0) {
        await accountsOf(client).insertMany(Array.from({ length: ACCOUNTS }, (_, _id) => ({ _id, balance: OPENING })));
        await entriesOf(client).createIndex({ transfer: 1, amount: 1 }, { unique: true });
      }
      await expectWhole(client, acknowledged);
      const before = await entriesOf(client).estimatedDocumentCount();
      const transfers = Array.from({ length: CLIENTS }, (_, n) => transferUntilDeath(uri, `${round}-${n}`));
      await committed(client, before, 20);
      await kill();
      await client.close();
      acknowledged.push(...(await Promise.all(transfers)).flat());
    }
    const client = await new mongo.MongoClient(await start()).connect();
    await expectWhole(client, acknowledged);
    expect(acknowledged.length).toBeGreaterThanOrEqual(KILLS * 10);
    await client.close();
  });
});
