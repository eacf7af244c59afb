import { BsonType } from '../documents/bson-type';
import type { RawValue } from '../documents/raw-value';
import { StoreError } from '../errors/store-error';
import { parseFilter } from '../matcher/filter';
import { compileProjection } from '../projector/projection';
import { WriteLockedError } from '../storage/write-locks';
import type { FindQuery, WriteView } from '../transactions/views';
import { parseUpdate, type Update } from '../updater/update';
import type { Arguments } from './arguments';
import { EVERYTHING, parseSort } from './query-arguments';
import { okReply } from './replies';
import { type CommandHandler, unitTargetOf, writeViewOf } from './request';
import { applyTo, FirstMatch, insertUpsert } from './write-statements';
import { WriteUnit } from './write-unit';

interface FoundAndModified {
  readonly before: Buffer | null;
  readonly after: Buffer | null;
  readonly upsertedId: RawValue | null;
}

interface ModifyStatement {
  readonly name: string;
  readonly query: FindQuery;
  readonly removes: boolean;
  readonly update: Update | null;
  readonly upsert: boolean;
}

function readModifyStatement(args: Arguments): ModifyStatement {
  args.allow([args.subject, 'query', 'sort', 'remove', 'update', 'new', 'fields', 'upsert'], {
    refused: ['hint', 'collation', 'arrayFilters', 'bypassDocumentValidation', 'let'],
  });
  const removes = args.boolean('remove');
  const change = args.get('update');
  const upsert = args.boolean('upsert');
  if (removes === (change !== null))
    throw new StoreError(
      'FailedToParse',
      removes ? 'Cannot specify both an update and remove=true' : 'Either an update or remove=true must be specified',
    );
  if (removes && (upsert || args.boolean('new')))
    throw new StoreError('FailedToParse', 'Cannot specify both upsert or new and remove=true');
  return {
    name: args.string(args.subject),
    query: {
      filter: parseFilter(args.document('query') ?? EVERYTHING),
      sort: parseSort(args.document('sort')),
      window: { skip: 0, limit: 1 },
    },
    removes,
    update: change === null ? null : parseUpdate(change),
    upsert,
  };
}

type Look = FoundAndModified | 'rest';

/** Looks for the document and changes it, without a pause between the last look and the change. */
function modifyOnce(
  view: WriteView,
  database: string,
  statement: ModifyStatement,
  search: FirstMatch,
  unit: WriteUnit,
): Look {
  const { query, update, upsert, name } = statement;
  const collection = view.find(database, name);
  const row = collection === null ? null : search.find(collection, unit);
  if (row === 'rest') return 'rest';
  if (collection !== null && row !== null) {
    if (update !== null) {
      return { before: row.document, after: applyTo(view, collection, row, update), upsertedId: null };
    }
    view.remove(collection, row.rid, row.document);
    return { before: row.document, after: null, upsertedId: null };
  }
  if (update === null || !upsert) return { before: null, after: null, upsertedId: null };
  const inserted = insertUpsert(view, view.findOrCreate(database, name), update, query.filter);
  return { before: null, after: inserted.document, upsertedId: inserted.id };
}

async function modifyOne(
  view: WriteView,
  database: string,
  statement: ModifyStatement,
  unit: WriteUnit,
): Promise<FoundAndModified> {
  const search = new FirstMatch(view, statement.query);
  for (;;) {
    try {
      const found = modifyOnce(view, database, statement, search, unit);
      if (found !== 'rest') return found;
      await unit.rest();
    } catch (error) {
      if (!(error instanceof WriteLockedError)) throw error;
      await unit.giveWay(error.holder.ended);
    }
  }
}

function modifyReply({ before, after, upsertedId }: FoundAndModified, args: Arguments): Buffer {
  const project = compileProjection(args.document('fields'));
  const chosen = args.boolean('new') ? after : before;
  const value = chosen !== null && project !== null ? project(chosen, 0) : chosen;
  return okReply((writer) => {
    writer.beginObject('lastErrorObject').int32('n', before !== null || upsertedId !== null ? 1 : 0);
    if (!args.boolean('remove')) writer.boolean('updatedExisting', before !== null);
    if (upsertedId !== null) writer.raw('upserted', upsertedId);
    writer.end();
    if (value === null) writer.rawBody('value', BsonType.null, Buffer.alloc(0), 0, 0);
    else writer.document('value', value);
  });
}

export const findAndModify: CommandHandler = async (engine, request) => {
  const { args, database, retryKey: key } = request;
  const statement = readModifyStatement(args);
  compileProjection(args.document('fields'));
  const saved = key === undefined ? null : engine.sessions.progress(key);
  if (saved !== null) return saved;
  let reply: Buffer | null = null;
  await WriteUnit.run(
    unitTargetOf(engine, request),
    async (unit) => {
      reply = modifyReply(await modifyOne(writeViewOf(engine, request), database, statement, unit), args);
    },
    () => {
      if (key !== undefined && reply !== null) engine.sessions.save(key, reply);
    },
  );
  if (reply === null) throw new Error('findAndModify ended without a reply');
  return reply;
};
