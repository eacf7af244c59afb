import { StoreError, unsupported } from '../errors/store-error';
import { aggregate } from './aggregate-command';
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
import { explain } from './explain-command';
import { count, find, getMore, killCursors } from './read-commands';
import { errorReply, toStoreError } from './replies';
import type { CommandHandler, Engine, Request } from './request';
import { buildInfo, endSessions, hello, ping, serverStatus } from './server-commands';
import { findAndModify, insert, remove, update } from './write-commands';

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
  findAndModify,
  find,
  getMore,
  killCursors,
  count,
  aggregate,
  explain,
};

/** Names of the commands the store serves. */
export const SERVED_COMMANDS: readonly string[] = Object.keys(COMMANDS);

function refuseTransactions({ args, name }: Request): void {
  if (
    args.get('autocommit') !== null ||
    args.boolean('startTransaction') ||
    name === 'commitTransaction' ||
    name === 'abortTransaction'
  ) {
    throw unsupported('multi-document transactions', 'use single-document updates or a MongoDB server');
  }
}

/** Runs one command; every failure becomes an error reply. */
export async function dispatch(engine: Engine, request: Request): Promise<Buffer> {
  try {
    refuseTransactions(request);
    const handler = Object.hasOwn(COMMANDS, request.name) ? COMMANDS[request.name] : undefined;
    if (handler === undefined) throw new StoreError('CommandNotFound', `no such command: '${request.name}'`);
    return await handler(engine, request);
  } catch (error) {
    const refusal = toStoreError(error);
    if (refusal.codeName === 'InternalError')
      engine.logger.error({ err: error, command: request.name }, 'command failed');
    return errorReply(refusal);
  }
}
