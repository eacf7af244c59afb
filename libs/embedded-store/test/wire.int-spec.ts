import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BSON } from 'bson';
import { mongo } from 'mongoose';
import { startStore } from '../src';
import { type Harness, startHarness } from './store-harness';
import { message, WireClient } from './wire-client';

const PING = { ping: 1, $db: 'admin' };

describe('the wire', () => {
  let harness: Harness;
  const clients: WireClient[] = [];

  beforeAll(async () => {
    harness = await startHarness();
  });
  afterEach(() => clients.splice(0).forEach((client) => client.close()));
  afterAll(() => harness.stop());

  async function connect(): Promise<WireClient> {
    const client = await WireClient.connect(harness.store.port);
    clients.push(client);
    return client;
  }

  const withLength = (bytes: Buffer, length: number): Buffer => {
    bytes.writeInt32LE(length, 0);
    return bytes;
  };
  const withOpCode = (bytes: Buffer, opCode: number): Buffer => {
    bytes.writeInt32LE(opCode, 12);
    return bytes;
  };
  const withByte = (bytes: Buffer, at: number, byte: number): Buffer => {
    bytes[at] = byte;
    return bytes;
  };

  it.each([
    ['a length below the header', withLength(message(PING), 10)],
    ['a negative length', withLength(message(PING), -1)],
    ['a length of 2 GB', withLength(message(PING), 0x7fffffff)],
    ['an unknown operation', withOpCode(message(PING), 2012)],
    ['garbage', Buffer.alloc(64, 0xee)],
    ['an unknown required flag', withByte(message(PING), 16, 0x40)],
    ['a section of unknown kind', withByte(message(PING), 20, 9)],
    ['a body with a wrong inner length', withByte(message(PING), 21, 200)],
    ['a header alone', withLength(message(PING).subarray(0, 16), 16)],
  ])('answers %s with an error, hangs up, and goes on serving others', async (_name, bytes) => {
    const client = await connect();
    client.write(bytes);
    expect(await client.reply()).toMatchObject({ ok: 0 });
    expect(await client.reply()).toBeNull();
    expect(await (await connect()).command(PING)).toEqual({ ok: 1 });
  });

  it('waits for the rest of a message, however it is cut', async () => {
    const client = await connect();
    for (const byte of message(PING)) client.write(Buffer.from([byte]));
    expect(await client.reply()).toEqual({ ok: 1 });
    client.write(Buffer.concat([message(PING), message({ hello: 1, $db: 'admin' }), message(PING)]));
    expect([await client.reply(), await client.reply(), await client.reply()]).toMatchObject([
      { ok: 1 },
      { helloOk: true },
      { ok: 1 },
    ]);
  });

  it('survives a client that leaves in the middle of a message', async () => {
    const client = await connect();
    client.write(message(PING).subarray(0, 20));
    client.close();
    expect(await (await connect()).command(PING)).toEqual({ ok: 1 });
  });

  it('refuses documents nested too deep', async () => {
    let nested: Record<string, unknown> = {};
    for (let depth = 0; depth < 1000; depth += 1) nested = { a: nested };
    const client = await connect();
    expect(await client.command({ insert: 'c', documents: [nested], $db: 'deep' })).toMatchObject({
      ok: 0,
      codeName: 'Overflow',
    });
  });

  it('answers malformed commands with an error and keeps the connection', async () => {
    const client = await connect();
    expect(await client.command({ frobnicate: 1, $db: 'x' })).toMatchObject({
      ok: 0,
      code: 59,
      codeName: 'CommandNotFound',
    });
    expect(await client.command({ ping: 1 })).toMatchObject({ ok: 0 });
    expect(await client.command({ find: 5, $db: 'x' })).toMatchObject({ ok: 0, code: 14 });
    expect(await client.command({ find: 'c', filter: 1, $db: 'x' })).toMatchObject({ ok: 0, code: 14 });
    expect(await client.command({ insert: 'c', documents: [], $db: 'x' })).toMatchObject({ ok: 0, code: 16 });
    expect(await client.command({ insert: 'a$b', documents: [{}], $db: 'x' })).toMatchObject({ ok: 0, code: 73 });
    expect(await client.command(PING)).toEqual({ ok: 1 });
  });

  it('sends no reply to a message that wants none', async () => {
    const client = await connect();
    const silent = message({ insert: 'c', documents: [{ _id: 1 }], $db: 'silent' });
    silent.writeUInt32LE(2, 16);
    client.write(silent);
    expect(await client.command({ count: 'c', $db: 'silent' })).toMatchObject({ n: 1, ok: 1 });
  });

  it('gives the key of a duplicate in its error', async () => {
    const client = await connect();
    const insert = { insert: 'c', documents: [{ _id: 1, a: { b: 'x' } }, { _id: 1 }], $db: 'dup' };
    expect(await client.command(insert)).toMatchObject({
      n: 1,
      writeErrors: [
        {
          index: 1,
          code: 11000,
          keyPattern: { _id: 1 },
          keyValue: { _id: 1 },
          errmsg: 'E11000 duplicate key error collection: dup.c index: _id_ dup key: { _id: 1 }',
        },
      ],
    });
  });

  it('answers a repeated retryable write without doing it twice', async () => {
    const client = await connect();
    const lsid = { id: new BSON.UUID() };
    const numbered = (txnNumber: number): Record<string, unknown> => ({
      $db: 'retry',
      lsid,
      txnNumber: BSON.Long.fromNumber(txnNumber),
    });
    const increment = {
      update: 'c',
      updates: [{ q: { _id: 'n' }, u: { $inc: { n: 1 } }, upsert: true }],
      ...numbered(3),
    };
    const upserted = { n: 1, nModified: 0, upserted: [{ index: 0, _id: 'n' }], ok: 1 };
    expect([await client.command(increment), await client.command(increment)]).toEqual([upserted, upserted]);
    const modify = { findAndModify: 'c', query: { _id: 'n' }, update: { $inc: { n: 1 } }, new: true, ...numbered(4) };
    for (const reply of [await client.command(modify), await client.command(modify)])
      expect(reply).toMatchObject({ value: { _id: 'n', n: 2 } });
    expect(await client.command(increment)).toMatchObject({ ok: 0, codeName: 'TransactionTooOld' });
    const insert = {
      insert: 'c',
      documents: [{ _id: 'once' }, { _id: 'n' }, { _id: 'twice' }],
      ordered: false,
      ...numbered(5),
    };
    const first = await client.command(insert);
    expect(first).toMatchObject({ n: 2, writeErrors: [{ index: 1, code: 11000 }] });
    await harness.restart();
    expect(await (await connect()).command(insert)).toEqual(first);
  });

  it('tells the highest numbers of a session apart, also after a restart', async () => {
    const lsid = { id: new BSON.UUID() };
    const increment = (txnNumber: bigint): Record<string, unknown> => ({
      update: 'high',
      updates: [{ q: { _id: 'n' }, u: { $inc: { n: 1 } }, upsert: true }],
      $db: 'retry',
      lsid,
      txnNumber: BSON.Long.fromBigInt(txnNumber),
    });
    const highest = 2n ** 63n - 2n;
    const first = await (await connect()).command(increment(highest));
    await harness.restart();
    const client = await connect();
    expect(await client.command(increment(highest))).toEqual(first);
    expect(await client.command(increment(highest + 1n))).toMatchObject({ n: 1, nModified: 1 });
    expect(await client.command(increment(highest))).toMatchObject({ codeName: 'TransactionTooOld' });
  });

  it('refuses a retryable write of many documents, which could not be continued', async () => {
    const client = await connect();
    const numbered = { $db: 'many', lsid: { id: new BSON.UUID() }, txnNumber: BSON.Long.fromNumber(1) };
    await client.command({ insert: 'c', documents: [{ _id: 1 }, { _id: 2 }], $db: 'many' });
    const update = { update: 'c', updates: [{ q: {}, u: { $set: { a: 1 } }, multi: true }], ...numbered };
    const remove = { delete: 'c', deletes: [{ q: {}, limit: 0 }], ...numbered, txnNumber: BSON.Long.fromNumber(2) };
    for (const command of [update, remove])
      expect(await client.command(command)).toMatchObject({ n: 0, writeErrors: [{ index: 0, code: 72 }] });
    expect(await client.command({ count: 'c', query: { a: null }, $db: 'many' })).toMatchObject({ n: 2 });
  });

  it('keeps the writes of many clients apart, also when two repeat one write at once', async () => {
    const counters = Array.from({ length: 8 }, () => connect());
    const lsid = { id: new BSON.UUID() };
    const work = counters.map(async (connecting, at) => {
      const client = await connecting;
      for (let round = 1; round <= 20; round += 1) {
        const updates = Array.from({ length: 30 }, (_, n) => ({ q: { _id: n }, u: { $inc: { n: 1 } }, upsert: true }));
        await client.command({ update: 'c', updates, $db: 'many' });
        await client.command({
          findAndModify: 'c',
          query: { _id: 'f' },
          update: { $inc: { n: 1 } },
          upsert: true,
          $db: 'many',
        });
        await client.command({
          insert: 'c',
          documents: [{ _id: `${at}-${round}` }, { _id: 0 }],
          ordered: false,
          $db: 'many',
        });
        const repeated = { q: { _id: 'once' }, u: { $inc: { n: 1 } }, upsert: true };
        await client.command({
          update: 'c',
          updates: [repeated],
          $db: 'many',
          lsid,
          txnNumber: BSON.Long.fromNumber(1),
        });
      }
    });
    await Promise.all(work);
    const all = harness.client.db('many').collection<{ _id: string | number; n?: number }>('c');
    expect(await all.countDocuments({ _id: { $in: Array.from({ length: 30 }, (_, n) => n) }, n: 160 })).toBe(30);
    expect(await all.findOne({ _id: 'f' })).toEqual({ _id: 'f', n: 160 });
    expect(await all.findOne({ _id: 'once' })).toEqual({ _id: 'once', n: 1 });
    expect([await all.countDocuments(), await all.estimatedDocumentCount()]).toEqual([192, 192]);
  });

  it.each(['0.0.0.0', '::'])(
    'tells clients the address they have reached it under when it listens on %s',
    async (host) => {
      const dataDir = await mkdtemp(join(tmpdir(), 'wire-'));
      const open = await startStore({ dataDir, host }).catch((error: unknown) => error as NodeJS.ErrnoException);
      // A machine without IPv6 has nothing to tell.
      if (open instanceof Error) {
        expect([
          ['::', 'EAFNOSUPPORT'],
          ['::', 'EADDRNOTAVAIL'],
        ]).toContainEqual([host, open.code]);
        return;
      }
      const reached = `127.0.0.1:${open.port}`;
      const driver = new mongo.MongoClient(`mongodb://${reached}/?replicaSet=embedded`, {
        serverSelectionTimeoutMS: 5_000,
      });
      try {
        const { hosts, me, primary } = await driver.db('admin').command({ hello: 1 });
        expect([hosts, me, primary]).toEqual([[reached], reached, reached]);
      } finally {
        await driver.close();
        await open.close();
        await rm(dataDir, { recursive: true });
      }
    },
  );

  it('holds a thousand idle connections', async () => {
    await Promise.all(Array.from({ length: 1000 }, connect));
    expect(await (await connect()).command(PING)).toEqual({ ok: 1 });
  });
});
