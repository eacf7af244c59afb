import { BsonType } from '../documents/bson-type';
import { stringOf } from '../documents/raw-value';
import { StoreError } from '../errors/store-error';
import { applyChanges } from '../transactions/apply-changes';
import { isTransient } from '../transactions/errors';
import { type RetryKey, sessionName } from '../transactions/sessions';
import type { Transaction } from '../transactions/transaction';
import { Arguments } from './arguments';
import { Breather } from './breather';
import { okReply } from './replies';
import type { CommandHandler, Engine, Request } from './request';

/** The commands a transaction may consist of. */
const IN_TRANSACTION = new Set([
  'find',
  'getMore',
  'killCursors',
  'aggregate',
  'distinct',
  'insert',
  'update',
  'delete',
  'findAndModify',
  'bulkWrite',
  'commitTransaction',
  'abortTransaction',
]);

const ENDING = new Set(['commitTransaction', 'abortTransaction']);

const READ_CONCERNS = new Set(['local', 'majority', 'snapshot']);

/** The session and number of a command, or null when it has none. */
export function retryKey(args: Arguments): RetryKey | null {
  const session = args.get('lsid');
  const number = args.get('txnNumber');
  if (session === null || number?.type !== BsonType.int64) return null;
  const own = Buffer.from(session.body());
  return { session: own, name: sessionName(own), number: number.bytes.readBigInt64LE(number.start) };
}

/** Which transaction a command belongs to, and whether it is its first. */
export interface TransactionAddress {
  readonly key: RetryKey;
  readonly starts: boolean;
}

function checkReadConcern(args: Arguments): void {
  const concern = args.document('readConcern');
  const level = concern === null ? null : new Arguments('readConcern', concern).get('level');
  if (level === null) return;
  if (level.type !== BsonType.string || !READ_CONCERNS.has(stringOf(level))) {
    throw new StoreError(
      'InvalidOptions',
      'The readConcern level of a transaction must be local, majority or snapshot',
    );
  }
}

/** The transaction a command names, or null when it runs on its own. @throws StoreError when the options make no sense or the command cannot be in one. */
export function transactionOf({ name, args }: Request): TransactionAddress | null {
  const starts = args.boolean('startTransaction');
  if (args.get('autocommit') === null) {
    if (starts) throw new StoreError('InvalidOptions', "'startTransaction' needs 'autocommit: false'");
    return null;
  }
  if (args.boolean('autocommit')) throw new StoreError('InvalidOptions', "'autocommit' must be false when it is given");
  const key = retryKey(args);
  if (key === null) throw new StoreError('InvalidOptions', "'autocommit' needs 'lsid' and a 'txnNumber' of type long");
  if (!IN_TRANSACTION.has(name)) {
    throw new StoreError('OperationNotSupportedInTransaction', `Cannot run '${name}' in a multi-document transaction.`);
  }
  if (starts && ENDING.has(name)) throw new StoreError('InvalidOptions', `${name} cannot start a transaction`);
  checkReadConcern(args);
  return { key, starts };
}

/** The labels of an error inside a transaction. */
export function transactionLabels(error: StoreError): string[] {
  return isTransient(error) ? ['TransientTransactionError'] : [];
}

/** Runs a command of a transaction in the turn of its session; whatever it is refused for aborts the transaction. */
export function runInTransaction(
  engine: Engine,
  request: Request,
  { key, starts }: TransactionAddress,
  handler: CommandHandler,
): Promise<Buffer> {
  const { transactions, sessions } = engine;
  return sessions.inTurn(key, async () => {
    if (ENDING.has(request.name)) return handler(engine, request);
    const transaction = starts ? transactions.start(key) : transactions.get(key);
    transactions.carry(key, request.connectionId);
    try {
      const reply = await handler(engine, { ...request, transaction });
      if (transaction.hasFailed) transactions.abort(key);
      return reply;
    } catch (error) {
      transactions.abort(key);
      throw error;
    } finally {
      transactions.abortIfDeserted(key);
    }
  });
}

/** Runs a retryable write; a transaction of its session that is still open is given up for it. */
export function runRetryable(
  engine: Engine,
  request: Request,
  key: RetryKey,
  handler: CommandHandler,
): Promise<Buffer> {
  return engine.sessions.inTurn(key, async () => {
    engine.transactions.admitWrite(key);
    return handler(engine, { ...request, retryKey: key });
  });
}

/** Writes a transaction down, all of it or nothing. Others read meanwhile, and see it when it is complete. */
async function writeDown(engine: Engine, key: RetryKey, transaction: Transaction): Promise<void> {
  const { storage, writer, sessions } = engine;
  await storage.queue.enter();
  try {
    transaction.prepareCommit();
    storage.locks.release(transaction);
    storage.begin();
    const breather = new Breather();
    const steps = applyChanges(storage, writer, transaction);
    while (steps.next().done !== true) {
      // A collection that is being made must not be seen before its documents.
      if (breather.isDue && !storage.changesCatalog) await breather.rest();
    }
    sessions.saveCommitted(key);
    storage.commit();
  } catch (error) {
    storage.rollback();
    throw error;
  } finally {
    storage.queue.leave();
  }
}

function ownKey({ name, args }: Request): RetryKey {
  const key = args.get('autocommit') === null ? null : retryKey(args);
  if (key === null) throw new StoreError('CommandFailed', `${name} must be run within a transaction`);
  return key;
}

export const commitTransaction: CommandHandler = async (engine, request) => {
  request.args.allow(['commitTransaction']);
  const key = ownKey(request);
  const { transactions } = engine;
  if (transactions.isCommitted(key)) return okReply();
  const transaction = transactions.get(key);
  try {
    await writeDown(engine, key, transaction);
  } catch (error) {
    transactions.abort(key);
    throw error;
  }
  transactions.markCommitted(key);
  return okReply();
};

export const abortTransaction: CommandHandler = (engine, request) => {
  request.args.allow(['abortTransaction']);
  const key = ownKey(request);
  // Asked for the refusal it gives when there is nothing to abort.
  engine.transactions.get(key);
  engine.transactions.abort(key);
  return okReply();
};
