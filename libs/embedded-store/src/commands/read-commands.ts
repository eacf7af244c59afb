import { stringOf, type RawValue } from '../documents/raw-value';
import { BsonType } from '../documents/bson-type';
import { FieldCursor } from '../documents/raw-document';
import { StoreError } from '../errors/store-error';
import { parseFilter } from '../matcher/filter';
import type { Rows } from '../planner/run-plan';
import { compileProjection, wantsScore } from '../projector/projection';
import type { CollectionRecord } from '../storage/catalog';
import type { Transaction } from '../transactions/transaction';
import type { FindQuery, ReadView } from '../transactions/views';
import type { LargeAnswerPlace } from './large-answers';
import type { Arguments } from './arguments';
import { consume } from './breather';
import { Cursor, type CursorSource } from './cursors';
import { EVERYTHING, notNegative, parseSort } from './query-arguments';
import { cursorReply, okReply } from './replies';
import { type CommandHandler, type Engine, readViewOf } from './request';

const FIRST_BATCH = 101;

const READ_REFUSED = [
  'allowDiskUse',
  'noCursorTimeout',
  'allowPartialResults',
  'hint',
  'collation',
  'let',
  'min',
  'max',
  'returnKey',
  'showRecordId',
  'tailable',
  'awaitData',
  'oplogReplay',
];

/** The filter, order and window of a find, a count or a distinct; a count takes a negative limit for a positive one. */
export function readFindQuery(args: Arguments, filterName: 'filter' | 'query' = 'filter'): FindQuery {
  const skip = notNegative('skip', args.integer('skip')) ?? 0;
  const asked = args.integer('limit');
  const limit = Math.abs((filterName === 'filter' ? notNegative('limit', asked) : asked) ?? 0);
  return {
    filter: parseFilter(args.document(filterName) ?? EVERYTHING),
    sort: parseSort(args.document('sort')),
    window: { skip, limit: limit === 0 ? null : limit },
  };
}

function* projected(rows: Rows, projection: RawValue | null): Generator<Buffer[]> {
  const project = compileProjection(projection);
  for (const piece of rows) {
    yield project === null
      ? piece.map(({ document }) => document)
      : piece.map(({ document, score }) => project(document, score));
  }
}

/** Answers with the first batch and keeps the rest under a cursor. */
export async function openCursor(
  engine: Engine,
  namespace: string,
  documents: Iterator<readonly Buffer[]>,
  batchSize: number,
  { place, ...source }: CursorSource & { readonly place: LargeAnswerPlace },
): Promise<Buffer> {
  const cursor = new Cursor(namespace, documents, source);
  const batch = await cursor.nextBatch(batchSize, place);
  if (source.single === true || cursor.isFinished()) {
    cursor.close();
    return cursorReply('firstBatch', namespace, 0n, batch);
  }
  return cursorReply('firstBatch', namespace, engine.cursors.keep(cursor), batch);
}

/** Refuses what a find does not take. */
export const allowFind = (args: Arguments): void =>
  args.allow(['find', 'filter', 'sort', 'projection', 'skip', 'limit', 'batchSize', 'singleBatch'], {
    refused: READ_REFUSED,
  });

/** Refuses what a count does not take. */
export const allowCount = (args: Arguments): void =>
  args.allow(['count', 'query', 'skip', 'limit'], { refused: ['hint', 'collation'] });

export const find: CommandHandler = async (engine, request) => {
  const { args, database, transaction, place } = request;
  allowFind(args);
  const name = args.string('find');
  const query = readFindQuery(args);
  // Documents in memory may be projected long after the message they were asked by is gone.
  const projection = args.document('projection');
  compileProjection(projection);
  const view = readViewOf(engine, request);
  const collection = view.find(database, name);
  const batchSize = notNegative('batchSize', args.integer('batchSize')) ?? FIRST_BATCH;
  const single = args.boolean('singleBatch');
  if (collection === null) return cursorReply('firstBatch', `${database}.${name}`, 0n, []);
  const needsScore = wantsScore(projection);
  const plan = view.plan(collection, query, needsScore);
  if (needsScore && plan.text === null)
    throw new StoreError('BadValue', 'query requires text score metadata, but it is not available');
  const documents = projected(view.rows(plan, query), projection);
  return openCursor(engine, collection.namespace, documents, batchSize, {
    single,
    transaction,
    place,
    collection,
  });
};

/** @throws StoreError unless the cursor was opened where it is read: in the same transaction, or outside of any. */
function checkOwner(id: bigint, cursor: Cursor, transaction: Transaction | null): void {
  if (cursor.transaction === transaction) return;
  if (transaction === null) {
    throw new StoreError('Location50740', `Cannot run getMore on cursor ${id}, opened in a transaction, outside of it`);
  }
  throw cursor.transaction === null
    ? new StoreError('Location50739', `Cannot run getMore on cursor ${id}, not opened in a transaction, in one`)
    : new StoreError('Location50741', `Cannot run getMore on cursor ${id}, opened in another transaction`);
}

export const getMore: CommandHandler = async (engine, { args, database, transaction, place }) => {
  args.allow(['getMore', 'collection', 'batchSize']);
  const given = args.get('getMore');
  if (given?.type !== BsonType.int64) throw new StoreError('TypeMismatch', 'getMore needs a cursor id of type long');
  const id = given.bytes.readBigInt64LE(given.start);
  const cursor = engine.cursors.get(id);
  if (cursor.namespace !== `${database}.${args.string('collection')}`) {
    throw new StoreError('BadValue', `cursor ${id} belongs to ${cursor.namespace}`);
  }
  checkOwner(id, cursor, transaction ?? null);
  const batchSize = notNegative('batchSize', args.integer('batchSize')) ?? 0;
  try {
    const batch = await cursor.nextBatch(batchSize === 0 ? Infinity : batchSize, place);
    const finished = cursor.isFinished();
    if (finished) engine.cursors.kill(id);
    return cursorReply('nextBatch', cursor.namespace, finished ? 0n : id, batch);
  } catch (error) {
    engine.cursors.kill(id);
    throw error;
  }
};

export const killCursors: CommandHandler = (engine, { args }) => {
  args.allow(['killCursors', 'cursors']);
  const ids = args.list('cursors');
  const killed = ids.filter(
    (id) => id.type === BsonType.int64 && engine.cursors.kill(id.bytes.readBigInt64LE(id.start)),
  );
  const list = (
    writer: Parameters<Parameters<typeof okReply>[0] & object>[0],
    name: string,
    values: readonly RawValue[],
  ): void => {
    writer.beginArray(name);
    for (const [position, value] of values.entries()) writer.raw(String(position), value);
    writer.end();
  };
  return okReply((writer) => {
    list(writer, 'cursorsKilled', killed);
    list(
      writer,
      'cursorsNotFound',
      ids.filter((id) => !killed.includes(id)),
    );
    list(writer, 'cursorsAlive', []);
    list(writer, 'cursorsUnknown', []);
  });
};

/** Counts the documents of a query within its window, reading them only when no index can count them. */
export async function countDocuments(
  view: ReadView,
  collection: CollectionRecord,
  { filter, window }: Omit<FindQuery, 'sort'>,
): Promise<number> {
  const query = { filter, window, sort: [] };
  const plan = view.plan(collection, query);
  const quick = view.quickCount(plan, query);
  if (quick !== null) return Math.max(0, Math.min(quick - window.skip, window.limit ?? Infinity));
  let count = 0;
  await consume(view.rows(plan, query), (rows) => {
    count += rows.length;
  });
  return count;
}

export const count: CommandHandler = async (engine, { args, database }) => {
  allowCount(args);
  const { filter, window } = readFindQuery(args, 'query');
  const collection = engine.storage.find(database, args.string('count'));
  const n = collection === null ? 0 : await countDocuments(engine.committed, collection, { filter, window });
  return okReply((writer) => writer.int32('n', n));
};

function firstField(document: RawValue): FieldCursor {
  const cursor = new FieldCursor(document.bytes, document.start);
  if (!cursor.advance()) throw new StoreError('FailedToParse', 'an empty document is no command');
  return cursor;
}

/** The name of a document's first field, which names the command. */
export function firstName(document: RawValue): string {
  return firstField(document).name();
}

/** The first field of a document and its text, for commands that wrap another. */
export function commandName(document: RawValue): { name: string; target: string } {
  const cursor = firstField(document);
  return { name: cursor.name(), target: cursor.type === BsonType.string ? stringOf(cursor.value()) : '' };
}
