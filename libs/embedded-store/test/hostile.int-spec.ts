import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BSON, ObjectId } from 'bson';
import fc from 'fast-check';
import { waitFor } from '@app/testing';
import { type RunningStore, startStore, type StoreOptions } from '../src';
import { MAX_ELEMENTS } from '../src/documents/raw-document';
import { message, WireClient } from './wire-client';

const PING = { ping: 1, $db: 'admin' };
const MEGABYTE = 1024 * 1024;

const int32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value);
  return bytes;
};
const name = (text: string): Buffer => Buffer.from(`${text}\0`);
const field = (type: number, key: string, ...body: Buffer[]): Buffer =>
  Buffer.concat([Buffer.from([type]), name(key), ...body]);
const text = (key: string, value: string): Buffer => field(2, key, int32(value.length + 1), name(value));
const object = (...fields: Buffer[]): Buffer => {
  const body = Buffer.concat(fields);
  return Buffer.concat([int32(body.length + 5), body, Buffer.from([0])]);
};

/** A frame of any operation and flags around whatever bytes. */
function frame(payload: Buffer, { opCode = 2013, length = payload.length + 16 } = {}): Buffer {
  return Buffer.concat([int32(length), int32(7), int32(0), int32(opCode), payload]);
}
const withFlags = (flags: number, ...sections: Buffer[]): Buffer => frame(Buffer.concat([int32(flags), ...sections]));
const sections = (...parts: Buffer[]): Buffer => withFlags(0, ...parts);
const body = (document: Buffer): Buffer => Buffer.concat([Buffer.from([0]), document]);
const sequence = (key: string, documents: Buffer, length = 4 + key.length + 1 + documents.length): Buffer =>
  Buffer.concat([Buffer.from([1]), int32(length), name(key), documents]);
/** A command with one more field of raw bytes. */
const withField = (bytes: Buffer): Buffer => sections(body(object(text('ping', '1'), bytes, text('$db', 'admin'))));
const pingBody = Buffer.from(BSON.serialize(PING));
const insertBody = Buffer.from(BSON.serialize({ insert: 'c', $db: 'hostile' }));
const plain = Buffer.from(BSON.serialize({ a: 1 }));

function nested(depth: number): Buffer {
  // Built from the inside out would copy everything at each level: lengths are written ahead instead.
  const levels = Array.from({ length: depth }, (_, level) =>
    Buffer.concat([int32(5 + 8 * (depth - level)), field(3, 'a')]),
  );
  return Buffer.concat([...levels, object(), Buffer.alloc(depth)]);
}

/** Each ends with an error in MongoDB's shape and a closed connection. */
const MALFORMED: [what: string, bytes: Buffer][] = [
  ['length 0', frame(pingBody, { length: 0 })],
  ['length -1', frame(pingBody, { length: -1 })],
  ['length 15', frame(pingBody, { length: 15 })],
  ['length 48,000,001', frame(pingBody, { length: 48_000_001 })],
  ['length 2^31-1', frame(pingBody, { length: 0x7fffffff })],
  ['length -2^31', frame(pingBody, { length: -0x80000000 })],
  ['a header alone', frame(Buffer.alloc(0))],
  ['OP_REPLY from a client', frame(pingBody, { opCode: 1 })],
  ['OP_INSERT', frame(pingBody, { opCode: 2002 })],
  ['OP_COMPRESSED', frame(pingBody, { opCode: 2012 })],
  ['operation code 0', frame(pingBody, { opCode: 0 })],
  [
    'OP_QUERY of a collection',
    frame(Buffer.concat([int32(0), name('db.c'), int32(0), int32(1), object()]), { opCode: 2004 }),
  ],
  ['OP_QUERY without an end of its name', frame(Buffer.alloc(40, 0x61), { opCode: 2004 })],
  ['OP_QUERY cut off', frame(int32(0), { opCode: 2004 })],
  ['no section', sections()],
  ['only a sequence', sections(sequence('documents', plain))],
  ['two bodies', sections(body(pingBody), body(pingBody))],
  ['a section of kind 2', sections(body(pingBody), Buffer.from([2]))],
  ['a section of kind 255', sections(Buffer.from([255]), pingBody)],
  ['two sequences of one name', sections(body(insertBody), sequence('documents', plain), sequence('documents', plain))],
  ['a sequence beyond the frame', sections(body(insertBody), sequence('documents', plain, 10_000))],
  ['a sequence of length 0', sections(body(insertBody), sequence('documents', plain, 0))],
  ['a sequence of length -5', sections(body(insertBody), sequence('documents', plain, -5))],
  [
    'a sequence that ends within a document',
    sections(body(insertBody), sequence('documents', plain, 4 + 10 + plain.length - 1)),
  ],
  [
    'a sequence without an end of its name',
    sections(body(insertBody), Buffer.concat([Buffer.from([1]), int32(8), Buffer.alloc(4, 0x61)])),
  ],
  ['a sequence cut off', sections(body(insertBody), Buffer.from([1, 9]))],
  [
    'a sequence of 100,001 documents',
    sections(body(insertBody), sequence('documents', Buffer.concat(Array<Buffer>(100_001).fill(object())))),
  ],
  ['a command without a name', sections(body(object()))],
  ['a checksum', withFlags(1, body(pingBody), int32(0))],
  ['an unknown required flag', withFlags(8, body(pingBody))],
  ['a body longer than the frame', sections(body(object(text('ping', '1')).fill(100, 0, 1)))],
  ['a body of length 4', sections(body(int32(4)))],
  ['a body of length -1', sections(body(Buffer.concat([int32(-1), Buffer.alloc(8)])))],
  ['a body above 16 MB', sections(body(object(field(5, 'b', int32(17 * MEGABYTE), Buffer.alloc(17 * MEGABYTE + 1)))))],
  ['a body without its terminator', sections(body(Buffer.concat([int32(8), field(10, 'a'), Buffer.from([1])])))],
  ['bytes behind the terminator', sections(body(object(Buffer.from([0, 1, 2]))))],
  ['a name without an end', sections(body(object(Buffer.from([10, 0x61, 0x61]))))],
  ['a name that is not UTF-8', withField(field(10, 'a').fill(0xc3, 1, 2))],
  ['a string that is not UTF-8', withField(field(2, 'a', int32(2), Buffer.from([0xff, 0])))],
  ['a string of length 0', withField(field(2, 'a', int32(0), Buffer.from([0])))],
  ['a string of length -1', withField(field(2, 'a', int32(-1), Buffer.from([0])))],
  ['a string longer than its document', withField(field(2, 'a', int32(1_000_000), Buffer.from([0])))],
  ['a string without its zero', withField(field(2, 'a', int32(2), Buffer.from([0x61, 0x61])))],
  ['a binary longer than its document', withField(field(5, 'a', int32(1_000_000), Buffer.from([0, 0])))],
  ['a binary of length -1', withField(field(5, 'a', int32(-1), Buffer.from([0])))],
  ['a boolean 2', withField(field(8, 'a', Buffer.from([2])))],
  ['an inner document longer than the outer', withField(field(3, 'a', int32(1_000_000), Buffer.from([0])))],
  ['an inner document of length 0', withField(field(3, 'a', int32(0)))],
  ['code whose scope lies', withField(field(15, 'a', int32(30), int32(2), name('x'), object(), Buffer.alloc(16)))],
  ['a regular expression without an end', sections(body(object(Buffer.from([11, 0x61, 0, 0x61, 0x61]))))],
  ['type 20', withField(field(20, 'a', Buffer.alloc(8)))],
  ['type 200', withField(field(200, 'a', Buffer.alloc(8)))],
  ['1,000 documents in one another', withField(field(3, 'a', nested(1_000)))],
  ['100,000 documents in one another', withField(field(3, 'a', nested(100_000)))],
  [
    'millions of fields in few bytes',
    withField(field(4, 'a', object(Buffer.alloc(2 * MAX_ELEMENTS + 2, Buffer.from([10, 0]))))),
  ],
];

describe('hostile clients', () => {
  let dataDir: string;
  let store: RunningStore;
  let running: RunningStore[];
  const sockets: Socket[] = [];
  let witness: WireClient;

  async function start(options: Partial<StoreOptions> = {}): Promise<RunningStore> {
    const folder = join(dataDir, String(running.length));
    const started = await startStore({ dataDir: folder, ...options });
    running.push(started);
    return started;
  }
  async function client({ port } = store): Promise<WireClient> {
    const made = await WireClient.connect(port);
    sockets.push(made.socket);
    return made;
  }
  async function socket({ port } = store): Promise<Socket> {
    const made = connect({ host: '127.0.0.1', port });
    made.on('error', () => made.destroy());
    sockets.push(made);
    await once(made, 'connect');
    return made;
  }
  const gone = (made: Socket): Promise<unknown> => waitFor(() => made.destroyed, { deadlineMs: 20_000 });

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'hostile-'));
    running = [];
    store = await start();
    witness = await WireClient.connect(store.port);
  });
  afterEach(() => sockets.splice(0).forEach((made) => made.destroy()));
  afterAll(async () => {
    witness.close();
    await Promise.all(running.map((one) => one.close()));
    await rm(dataDir, { recursive: true, force: true });
  });
  // Whatever happened: somebody else, who was there before, is served on the same connection.
  afterEach(async () => expect(await witness.command(PING)).toEqual({ ok: 1 }));

  it.each(MALFORMED)('are told and cut off after %s', async (_what, bytes) => {
    const hostile = await client();
    hostile.write(bytes);
    const reply = await hostile.reply();
    expect([reply?.ok, typeof reply?.codeName, typeof reply?.errmsg]).toEqual([0, 'string', 'string']);
    expect(await hostile.reply()).toBeNull();
  });

  it.each([
    ['no $db', { ping: 1 }],
    ['a number for $db', { ping: 1, $db: 5 }],
    ['a list for $db', { ping: 1, $db: ['x'] }],
    ['an unknown command', { frobnicate: 1, $db: 'x' }],
    ['a command named as a property of all objects', { constructor: 1, $db: 'x' }],
    ['a prototype for a command', { ['__proto__x']: 1, $db: 'x' }],
    ['a database with a zero in its name', { insert: 'c', documents: [{}], $db: 'a\0b' }],
    ['an unknown option', { insert: 'c', documents: [{ _id: 1 }], $db: 'hostile', twice: 1 }],
    ['an object for a collection', { find: { a: 1 }, $db: 'x' }],
    ['a document for a list', { insert: 'c', documents: { a: 1 }, $db: 'x' }],
    ['numbers for documents', { insert: 'c', documents: [1, 2], $db: 'x' }],
    ['a text for a session', { ping: 1, lsid: 'x', txnNumber: 1, $db: 'x' }],
    ['a cursor nobody opened', { getMore: BSON.Long.fromNumber(99), collection: 'c', $db: 'x' }],
    ['a negative limit of a batch', { find: 'c', batchSize: -1, $db: 'x' }],
  ])('get an answer after %s, and keep the connection', async (_what, command) => {
    const hostile = await client();
    const reply = await hostile.command(command);
    expect(reply).not.toBeNull();
    expect(await hostile.command(PING)).toEqual({ ok: 1 });
  });

  it('cannot store a document with two _id', async () => {
    const hostile = await client();
    const twice = object(field(16, '_id', int32(1)), field(16, '_id', int32(2)));
    hostile.write(sections(body(insertBody), sequence('documents', twice)));
    expect(await hostile.reply()).toMatchObject({ n: 0, writeErrors: [{ index: 0, code: 2 }] });
    expect(await hostile.command({ count: 'c', query: { _id: { $in: [1, 2] } }, $db: 'hostile' })).toMatchObject({
      n: 0,
    });
  });

  it('get arrays back with the keys they gave them', async () => {
    const hostile = await client();
    const odd = object(
      field(16, '_id', int32(77)),
      field(4, 'a', object(field(16, '5', int32(1)), field(16, 'x', int32(2)))),
    );
    hostile.write(sections(body(insertBody), sequence('documents', odd)));
    expect(await hostile.reply()).toMatchObject({ n: 1 });
    expect(await hostile.command({ count: 'c', query: { _id: 77, a: 2 }, $db: 'hostile' })).toMatchObject({ n: 1 });
  });

  it('may cut a message anywhere and send thousands at once', async () => {
    const hostile = await client();
    for (const byte of message({ ...PING, pad: undefined })) hostile.write(Buffer.from([byte]));
    expect(await hostile.reply()).toEqual({ ok: 1 });
    hostile.write(Buffer.concat(Array<Buffer>(5_000).fill(message(PING))));
    for (let reply = 0; reply < 5_000; reply += 1) expect(await hostile.reply()).toEqual({ ok: 1 });
  });

  it('that want no reply get none, also for nonsense', async () => {
    const hostile = await client();
    for (const command of [PING, { frobnicate: 1, $db: 'x' }])
      hostile.write(withFlags(2, body(Buffer.from(BSON.serialize(command)))));
    expect(await hostile.command({ hello: 1, $db: 'admin' })).toMatchObject({ helloOk: true });
  });

  it('that fall silent within a message are hung up on after a while, others are not', async () => {
    let now = 0;
    const patient = await start({ limits: { lookMs: 5 }, now: () => now });
    const [half, idle, slow] = [await client(patient), await client(patient), await client(patient)];
    half.write(message(PING).subarray(0, 20));
    slow.write(message(PING).subarray(0, 20));
    expect(await idle.command(PING)).toEqual({ ok: 1 });
    now = 50_000;
    slow.write(message(PING).subarray(20, 21));
    expect(await idle.command(PING)).toEqual({ ok: 1 });
    now = 61_000;
    await gone(half.socket);
    slow.write(message(PING).subarray(21));
    expect([await slow.reply(), await idle.command(PING)]).toEqual([{ ok: 1 }, { ok: 1 }]);
  });

  it('cannot fill the memory with halves of messages', async () => {
    const tight = await start({ limits: { bufferedBytes: 8 * MEGABYTE } });
    const normal = await client(tight);
    const half = frame(Buffer.alloc(3 * MEGABYTE), { length: 40 * MEGABYTE });
    const greedy = await Promise.all(Array.from({ length: 6 }, () => socket(tight)));
    for (const one of greedy) one.write(half);
    // Two of them fit.
    await waitFor(() => greedy.filter((one) => one.destroyed).length >= 4, { deadlineMs: 20_000 });
    expect(await normal.command(PING)).toEqual({ ok: 1 });
    for (const one of greedy) one.destroy();
    const whole = await client(tight);
    const pad = new BSON.Binary(Buffer.alloc(6 * MEGABYTE));
    await waitFor(
      async () => (await whole.command({ insert: 'c', documents: [{ _id: new ObjectId(), pad }], $db: 'x' }))?.n === 1,
      { deadlineMs: 20_000 },
    );
  });

  it('that do not read their answers cannot fill the memory, and are hung up on after a while', async () => {
    let now = 0;
    const tight = await start({ limits: { bufferedBytes: 24 * MEGABYTE, lookMs: 5 }, now: () => now });
    const writer = await client(tight);
    const pad = new BSON.Binary(Buffer.alloc(5 * MEGABYTE));
    for (let n = 0; n < 3; n += 1) await writer.command({ insert: 'c', documents: [{ _id: n, pad }], $db: 'x' });
    const deaf = await Promise.all(Array.from({ length: 5 }, () => socket(tight)));
    for (const one of deaf) {
      one.pause();
      one.write(message({ find: 'c', filter: {}, $db: 'x' }));
    }
    // A closed socket shows only to who reads: their number tells how many are left.
    const left = async (): Promise<number> => {
      const status = await writer.command({ serverStatus: 1, $db: 'admin' });
      return Number((status?.connections as { current: number }).current) - 1;
    };
    await waitFor(async () => (await left()) <= 2, { deadlineMs: 20_000 });
    // Who reads gets its answer, at the cost of who does not.
    const patient = await client(tight);
    expect(await patient.command({ find: 'c', filter: {}, $db: 'x' })).toMatchObject({
      cursor: { firstBatch: [{ _id: 0 }, { _id: 1 }, { _id: 2 }] },
    });
    patient.close();
    await waitFor(
      async () => {
        now += 601_000;
        return (await left()) === 0;
      },
      { deadlineMs: 20_000 },
    );
  });

  it('beyond the limit of connections are refused, and the log says so once', async () => {
    const lines: string[] = [];
    const logger = { info: () => undefined, error: (_fields: object, line: string) => void lines.push(line) };
    const small = await start({ limits: { connections: 20 }, logger });
    const kept = await Promise.all(Array.from({ length: 20 }, () => client(small)));
    const flood = await Promise.all(Array.from({ length: 60 }, () => socket(small)));
    for (const one of flood) one.resume();
    await waitFor(() => flood.every((one) => one.destroyed), { deadlineMs: 20_000 });
    expect(lines).toHaveLength(1);
    expect(await kept[19]!.command(PING)).toEqual({ ok: 1 });
    kept[0]!.close();
    await waitFor(
      async () => {
        const next = await client(small);
        next.write(message(PING));
        return (await next.reply()) !== null;
      },
      { deadlineMs: 20_000 },
    );
  });

  it('may keep a thousand connections that say nothing', async () => {
    await Promise.all(Array.from({ length: 1_000 }, () => socket()));
    expect(await (await client()).command({ insert: 'c', documents: [{ n: 1 }], $db: 'crowd' })).toMatchObject({
      n: 1,
    });
  });

  it('get an error or are hung up on for whatever they change in a message (random)', async () => {
    const samples = [
      message({ find: 'c', filter: { a: { $in: [1, 'x'] }, $or: [{ b: null }] }, sort: { a: 1 }, $db: 'fuzz' }),
      message({ insert: 'c', documents: [{ a: [1, { b: 'x' }], d: new Date(0) }], $db: 'fuzz' }),
      message({ update: 'c', updates: [{ q: { a: 1 }, u: { $set: { 'a.b': 2 } }, upsert: true }], $db: 'fuzz' }),
      message({ aggregate: 'c', pipeline: [{ $group: { _id: 1, n: { $sum: 1 } } }], cursor: {}, $db: 'fuzz' }),
      message({ createIndexes: 'c', indexes: [{ key: { a: 1 }, name: 'a' }], $db: 'fuzz' }),
      sections(body(insertBody), sequence('documents', Buffer.concat([plain, plain]))),
    ];
    const change = fc.record({
      at: fc.nat({ max: 400 }),
      bytes: fc.uint8Array({ minLength: 1, maxLength: 4 }),
      how: fc.constantFrom('replace', 'insert', 'remove'),
    });
    const input = fc.tuple(fc.constantFrom(...samples), fc.array(change, { minLength: 1, maxLength: 4 }));
    await fc.assert(
      fc.asyncProperty(input, async ([sample, changes]) => {
        let bytes = sample;
        for (const { at, bytes: some, how } of changes) {
          // The length stays right mostly, so that what lies behind it is reached.
          const place = at % bytes.length;
          const end = how === 'insert' ? place : Math.min(bytes.length, place + some.length);
          bytes = Buffer.concat([
            bytes.subarray(0, place),
            how === 'remove' ? Buffer.alloc(0) : some,
            bytes.subarray(end),
          ]);
        }
        bytes = Buffer.from(bytes);
        if (changes[0] !== undefined && changes[0].at % 8 !== 0 && bytes.length >= 16)
          bytes.writeInt32LE(bytes.length, 0);
        const hostile = await WireClient.connect(store.port);
        hostile.socket.end(bytes);
        for (let reply = await hostile.reply(); reply !== null; reply = await hostile.reply())
          expect([0, 1]).toContain(reply.ok);
        hostile.close();
        expect(await witness.command(PING)).toEqual({ ok: 1 });
      }),
      { numRuns: 300 },
    );
  });
});
