import { BSON, Long, ObjectId } from 'bson';
import { fieldsOf } from '../documents/raw-document';
import { BsonType } from '../documents/bson-type';
import { okReply } from './replies';
import { sessionName } from '../transactions/sessions';
import type { CommandHandler } from './request';

const SET_NAME = 'embedded';
/** MongoDB 8's, the first that has `bulkWrite`; commands and answers are otherwise those of {@link SERVER_VERSION}. */
const MAX_WIRE_VERSION = 25;
export const SERVER_VERSION = '7.0.0';

function serialized(reply: Record<string, unknown>): Buffer {
  return Buffer.from(BSON.serialize(reply));
}

/** What hello and ismaster answer: a replica set of one, so that the driver uses sessions and retryable writes. */
export function helloReply(me: string, connectionId: number, askedOldStyle: boolean): Buffer {
  return serialized({
    helloOk: true,
    isWritablePrimary: true,
    ...(askedOldStyle ? { ismaster: true } : {}),
    setName: SET_NAME,
    setVersion: 1,
    secondary: false,
    hosts: [me],
    primary: me,
    me,
    electionId: new ObjectId('7fffffff0000000000000001'),
    lastWrite: { lastWriteDate: new Date() },
    maxBsonObjectSize: 16_777_216,
    maxMessageSizeBytes: 48_000_000,
    maxWriteBatchSize: 100_000,
    localTime: new Date(),
    logicalSessionTimeoutMinutes: 30,
    connectionId,
    minWireVersion: 0,
    maxWireVersion: MAX_WIRE_VERSION,
    readOnly: false,
    ok: 1,
  });
}

export const hello: CommandHandler = (_engine, { address, connectionId, name }) =>
  helloReply(address, connectionId, name !== 'hello');

export const ping: CommandHandler = () => okReply();

export const buildInfo: CommandHandler = () =>
  serialized({
    version: SERVER_VERSION,
    versionArray: [...SERVER_VERSION.split('.').map(Number), 0],
    gitVersion: 'embedded-store',
    modules: ['embedded-store'],
    storageEngines: ['sqlite'],
    bits: 64,
    debug: false,
    maxBsonObjectSize: 16_777_216,
    ok: 1,
  });

export const endSessions: CommandHandler = async (engine, { args }) => {
  const { sessions, transactions } = engine;
  for (const given of args.list('endSessions')) {
    if (given.type !== BsonType.object || fieldsOf(given).length !== 1) continue;
    const session = Buffer.from(given.body());
    const key = { name: sessionName(session) };
    await sessions.inTurn(key, async () => {
      transactions.endSession(key);
      await sessions.end(session);
    });
  }
  return okReply();
};

export const serverStatus: CommandHandler = (engine) => {
  const { rss, heapUsed } = process.memoryUsage();
  const uptimeMs = Date.now() - engine.startedAt.getTime();
  return serialized({
    host: `${engine.host}:${engine.port}`,
    version: SERVER_VERSION,
    process: 'embedded-store',
    pid: Long.fromNumber(process.pid),
    uptime: uptimeMs / 1000,
    uptimeMillis: Long.fromNumber(uptimeMs),
    localTime: new Date(),
    connections: { current: engine.connectionCount() },
    mem: { resident: Math.round(rss / 1_048_576), heapUsed: Math.round(heapUsed / 1_048_576) },
    metrics: { cursor: { open: { total: Long.fromNumber(engine.cursors.size) } } },
    storageEngine: { name: 'sqlite', persistent: true },
    ok: 1,
  });
};
