import { BsonType } from '../documents/bson-type';
import { StoreError } from '../errors/store-error';
import { checkNamespace } from '../storage/storage';
import { aggregate } from './aggregate-command';
import { bulkWrite } from './bulk-write';
import {
  create,
  createIndexes,
  drop,
  dropDatabase,
  dropIndexes,
  listCollections,
  listDatabases,
  listIndexes,
} from './catalog-commands';
import { checkCommonOptions } from './common-options';
import { connectionStatus, getCmdLineOpts, getLog, getParameter, hostInfo } from './diagnostic-commands';
import { distinct } from './distinct-command';
import { explain } from './explain-command';
import { findAndModify } from './find-and-modify-command';
import { count, find, getMore, killCursors } from './read-commands';
import { errorReply, toStoreError } from './replies';
import type { CommandHandler, Engine, Request } from './request';
import { buildInfo, endSessions, hello, ping, serverStatus } from './server-commands';
import { dbStats } from './statistics-commands';
import {
  abortTransaction,
  commitTransaction,
  retryKey,
  runInTransaction,
  runRetryable,
  transactionLabels,
  transactionOf,
} from './transaction-commands';
import { insert, remove, update } from './write-commands';

/** Every command the store serves. Anything else is answered with CommandNotFound. */
const COMMANDS: Readonly<Record<string, CommandHandler>> = {
  hello,
  ismaster: hello,
  ping,
  buildInfo,
  serverStatus,
  endSessions,
  create,
  createIndexes,
  listIndexes,
  dropIndexes,
  listCollections,
  listDatabases,
  drop,
  dropDatabase,
  insert,
  update,
  delete: remove,
  bulkWrite,
  findAndModify,
  find,
  getMore,
  killCursors,
  count,
  distinct,
  aggregate,
  explain,
  dbStats,
  connectionStatus,
  hostInfo,
  getCmdLineOpts,
  getParameter,
  getLog,
  commitTransaction,
  abortTransaction,
};

/** Names of the commands the store serves. */
export const SERVED_COMMANDS: readonly string[] = Object.keys(COMMANDS);

/** A command that refuses a collection no client may name. */
const checked =
  (name: string, handler: CommandHandler): CommandHandler =>
  (engine, request) => {
    const target = request.args.get(name);
    if (target?.type === BsonType.string) {
      const collection = request.args.string(name);
      // One that is there has a name that collections can have.
      if (engine.storage.find(request.database, collection) === null) checkNamespace(request.database, collection);
    }
    return handler(engine, request);
  };

const HANDLERS = new Map(Object.entries(COMMANDS).map(([name, handler]) => [name, checked(name, handler)]));

function run(engine: Engine, request: Request): Buffer | Promise<Buffer> {
  const { name, args } = request;
  const handler = HANDLERS.get(name);
  if (handler === undefined) throw new StoreError('CommandNotFound', `no such command: '${name}'`);
  checkCommonOptions(args);
  const transaction = transactionOf(request);
  if (transaction !== null) return runInTransaction(engine, request, transaction, handler);
  const key = retryKey(args);
  return key === null ? handler(engine, request) : runRetryable(engine, request, key, handler);
}

function failureReply(engine: Engine, request: Request, error: unknown): Buffer {
  const refusal = toStoreError(error);
  if (refusal.codeName === 'InternalError')
    engine.logger.error({ err: error, command: request.name }, 'command failed');
  const isInTransaction = request.args.get('autocommit') !== null;
  return errorReply(refusal, isInTransaction ? transactionLabels(refusal) : []);
}

/** Runs one command; every failure becomes an error reply. */
export function dispatch(engine: Engine, request: Request): Buffer | Promise<Buffer> {
  try {
    const reply = run(engine, request);
    return reply instanceof Promise ? reply.catch((error: unknown) => failureReply(engine, request, error)) : reply;
  } catch (error) {
    return failureReply(engine, request, error);
  }
}
