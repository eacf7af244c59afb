import { ObjectId } from 'bson';
import { BsonType, typeName } from '../documents/bson-type';
import { BsonWriter } from '../documents/bson-writer';
import { elementsOf, fieldsOf, findId } from '../documents/raw-document';
import { documentValue, objectIdValue, RawValue } from '../documents/raw-value';
import { StoreError } from '../errors/store-error';
import { type Filter, parseFilter } from '../matcher/filter';
import { compileFilter } from '../matcher/matcher';
import { fetchDocument, type Row, runPlan } from '../planner/run-plan';
import { compileProjection } from '../projector/projection';
import type { CollectionRecord } from '../storage/catalog';
import { applyUpdate, parseUpdate, type Update, upsertDocument, withIdFirst } from '../updater/update';
import { Arguments } from './arguments';
import { EVERYTHING, parseSort } from './query-arguments';
import { planFind, type FindQuery } from './read-commands';
import { okReply, writeErrorFields } from './replies';
import type { CommandHandler, Engine, Request } from './request';
import type { RetryKey } from './sessions';
import { WriteUnit } from './write-unit';

const MAX_STATEMENTS = 100_000;
const WRITE_REFUSED = ['bypassDocumentValidation', 'let'];
const STATEMENT_REFUSED = ['hint', 'collation', 'let', 'arrayFilters', 'c', 'sort', 'upsertSupplied', 'sampleId'];

/** What a command of many statements has done so far; it is what a repeated command goes on from. */
class Progress {
  next = 0;
  matched = 0;
  modified = 0;
  readonly upserted: { index: number; id: RawValue }[] = [];
  readonly errors: Buffer[] = [];

  static decode(saved: Buffer): Progress {
    const progress = new Progress();
    for (const [name, value] of fieldsOf(documentValue(saved))) {
      if (name === 'next' || name === 'matched' || name === 'modified')
        progress[name] = value.bytes.readInt32LE(value.start);
      else if (name === 'errors') progress.errors.push(...elementsOf(value).map((error) => error.body()));
      else if (name === 'upserted') {
        for (const entry of elementsOf(value)) {
          const [[, index], [, id]] = fieldsOf(entry) as [[string, RawValue], [string, RawValue]];
          progress.upserted.push({ index: index.bytes.readInt32LE(index.start), id });
        }
      }
    }
    return progress;
  }

  encode(): Buffer {
    const writer = new BsonWriter()
      .int32('next', this.next)
      .int32('matched', this.matched)
      .int32('modified', this.modified);
    this.writeUpserted(writer);
    this.#writeErrors(writer, 'errors');
    return writer.finish();
  }

  writeUpserted(writer: BsonWriter): void {
    if (this.upserted.length === 0) return;
    writer.beginArray('upserted');
    for (const [position, { index, id }] of this.upserted.entries()) {
      writer.beginObject(String(position)).int32('index', index).raw('_id', id).end();
    }
    writer.end();
  }

  #writeErrors(writer: BsonWriter, name: string): void {
    if (this.errors.length === 0) return;
    writer.beginArray(name);
    for (const [position, error] of this.errors.entries()) writer.document(String(position), error);
    writer.end();
  }

  writeErrorList(writer: BsonWriter): void {
    this.#writeErrors(writer, 'writeErrors');
  }

  addError(index: number, error: StoreError): void {
    const writer = new BsonWriter().int32('index', index).int32('code', error.code);
    writeErrorFields(writer, error);
    this.errors.push(writer.finish());
  }
}

/** The collection a write goes to, created inside the open transaction when it is not there. */
function collectionForWrite(engine: Engine, database: string, name: string): CollectionRecord {
  return engine.storage.find(database, name) ?? engine.storage.create(database, name);
}

function retryKey(args: Arguments): RetryKey | null {
  const session = args.get('lsid');
  const number = args.get('txnNumber');
  if (session === null || number?.type !== BsonType.int64) return null;
  return { session: Buffer.from(session.body()), number: number.bytes.readBigInt64LE(number.start) };
}

/** A step of a statement; 'rest' asks for a pause, after which the same statement is asked again. */
type Step = 'done' | 'rest';

type StatementRunner = (index: number, progress: Progress, unit: WriteUnit) => Step;

async function runStatements(
  engine: Engine,
  args: Arguments,
  count: number,
  prepare: (index: number) => StatementRunner,
): Promise<Progress> {
  if (count === 0 || count > MAX_STATEMENTS) {
    throw new StoreError(
      'InvalidLength',
      `Write batch sizes must be between 1 and ${MAX_STATEMENTS}. Got ${count} operations.`,
    );
  }
  const ordered = args.boolean('ordered', true);
  const key = retryKey(args);
  if (key === null) return runFrom(engine, { progress: new Progress(), key, count, ordered }, prepare);
  return engine.sessions.inTurn(key, () => {
    const saved = engine.sessions.progress(key);
    const progress = saved === null ? new Progress() : Progress.decode(Buffer.from(saved));
    return runFrom(engine, { progress, key, count, ordered }, prepare);
  });
}

interface Batch {
  readonly progress: Progress;
  readonly key: RetryKey | null;
  readonly count: number;
  readonly ordered: boolean;
}

/** Runs the statements that are left. */
async function runFrom(
  engine: Engine,
  { progress, key, count, ordered }: Batch,
  prepare: (index: number) => StatementRunner,
): Promise<Progress> {
  const run = async (unit: WriteUnit): Promise<Progress> => {
    let statement: StatementRunner | null = null;
    while (progress.next < count && !(ordered && progress.errors.length > 0)) {
      let step: Step = 'done';
      try {
        statement ??= prepare(progress.next);
        step = statement(progress.next, progress, unit);
      } catch (error) {
        if (!(error instanceof StoreError)) throw error;
        progress.addError(progress.next, error);
      }
      if (step === 'done') {
        statement = null;
        progress.next += 1;
      }
      if (step === 'rest' || unit.isDue) await unit.rest();
    }
    return progress;
  };
  return WriteUnit.run(engine.storage, run, () => {
    if (key !== null) engine.sessions.save(key, progress.encode());
  });
}

/** A document ready to be stored: `_id` first, made up when missing. */
function withId(document: RawValue): Buffer {
  const id = findId(document.bytes, document.start);
  return withIdFirst(document, id ?? objectIdValue(new ObjectId().id));
}

function checkInsertedId(document: Buffer): void {
  const type = findId(document)?.type;
  if (type === BsonType.array || type === BsonType.regex || type === BsonType.undefined) {
    throw new StoreError(
      'BadValue',
      `can't use ${typeName(type) === 'array' ? 'an array' : `a ${typeName(type)}`} for _id`,
    );
  }
}

export const insert: CommandHandler = async (engine, { args, database }) => {
  args.allow(['insert', 'documents', 'ordered'], { refused: WRITE_REFUSED });
  const name = args.string('insert');
  const documents = args.list('documents');
  const progress = await runStatements(engine, args, documents.length, (index) => () => {
    const document = documents[index];
    if (document?.type !== BsonType.object)
      throw new StoreError('TypeMismatch', `documents.${index} must be an object`);
    const ready = withId(document);
    checkInsertedId(ready);
    engine.writer.insert(collectionForWrite(engine, database, name), ready);
    return 'done';
  });
  return okReply((writer) => {
    writer.int32('n', progress.next - progress.errors.length);
    progress.writeErrorList(writer);
  });
};

/** Looks for the first document of a query, a piece at a time. */
class FirstMatch {
  readonly #rows: Iterator<Row[]>;
  row: Row | null = null;

  constructor(engine: Engine, collection: CollectionRecord, query: FindQuery) {
    const plan = planFind(engine.storage.file, collection, query);
    this.#rows = runPlan(engine.storage.file, plan, query.sort, query.window);
  }

  /** Returns 'done' with {@link row} set or left null, or 'rest' when it takes long. */
  search(unit: WriteUnit): Step {
    for (;;) {
      const piece = this.#rows.next();
      if (piece.done === true) return 'done';
      const [row] = piece.value;
      if (row !== undefined) {
        this.row = row;
        return 'done';
      }
      if (unit.isDue) return 'rest';
    }
  }
}

/** The record ids of all documents of a query, collected a piece at a time. */
class AllMatches {
  readonly #rows: Iterator<Row[]>;
  readonly rids: number[] = [];
  at = 0;
  #complete = false;

  constructor(engine: Engine, collection: CollectionRecord, query: FindQuery) {
    const plan = planFind(engine.storage.file, collection, query);
    this.#rows = runPlan(engine.storage.file, plan, query.sort, query.window);
  }

  search(unit: WriteUnit): Step {
    while (!this.#complete) {
      const piece = this.#rows.next();
      if (piece.done === true) this.#complete = true;
      else for (const { rid } of piece.value) this.rids.push(rid);
      if (unit.isDue && !this.#complete) return 'rest';
    }
    return 'done';
  }
}

interface UpdateStatement {
  readonly filter: Filter;
  readonly update: Update;
  readonly multi: boolean;
  readonly upsert: boolean;
}

function readUpdateStatement(document: RawValue): UpdateStatement {
  const args = new Arguments('updates', document);
  args.allow(['q', 'u', 'multi', 'upsert'], { refused: STATEMENT_REFUSED });
  const change = args.get('u');
  if (change === null) throw args.missing('u');
  const multi = args.boolean('multi');
  const update = parseUpdate(change);
  if (multi && update.kind === 'replacement')
    throw new StoreError('FailedToParse', 'multi update is not supported for replacement-style update');
  return { filter: parseFilter(args.document('q') ?? EVERYTHING), update, multi, upsert: args.boolean('upsert') };
}

function applyTo(
  engine: Engine,
  collection: CollectionRecord,
  row: { rid: number; document: Buffer },
  update: Update,
): Buffer {
  const after = applyUpdate(update, row.document);
  if (after !== row.document) engine.writer.replace(collection, row.rid, row.document, after);
  return after;
}

function insertUpsert(
  engine: Engine,
  collection: CollectionRecord,
  update: Update,
  filter: Filter,
): { document: Buffer; id: RawValue } {
  const document = withId(documentValue(upsertDocument(update, filter)));
  engine.writer.insert(collection, document);
  const id = findId(document);
  if (id === null) throw new Error('an upserted document has an _id');
  return { document, id };
}

function updateOne(engine: Engine, database: string, name: string, statement: UpdateStatement): StatementRunner {
  const { filter, update } = statement;
  let search: FirstMatch | null = null;
  let paused = false;
  return (index, progress, unit) => {
    const collection = engine.storage.find(database, name);
    if (collection !== null) {
      search ??= new FirstMatch(engine, collection, { filter, sort: [], window: { skip: 0, limit: 1 } });
      if (search.search(unit) === 'rest') {
        paused = true;
        return 'rest';
      }
      const row = search.row;
      if (row !== null) {
        if (paused && !stillMatches(engine, collection, row, filter)) {
          search = null;
          return 'rest';
        }
        if (applyTo(engine, collection, row, update) !== row.document) progress.modified += 1;
        progress.matched += 1;
        return 'done';
      }
    }
    if (!statement.upsert) return 'done';
    const { id } = insertUpsert(engine, collectionForWrite(engine, database, name), update, filter);
    progress.matched += 1;
    progress.upserted.push({ index, id });
    return 'done';
  };
}

/** After a pause the row may be gone or changed: it is read again. */
function stillMatches(engine: Engine, collection: CollectionRecord, row: Row, filter: Filter): boolean {
  const now = fetchDocument(engine.storage.file, collection, row.rid);
  return now !== null && now.equals(row.document) && compileFilter(filter)(now);
}

function updateMany(engine: Engine, database: string, name: string, statement: UpdateStatement): StatementRunner {
  const { filter, update } = statement;
  const matches = compileFilter(filter);
  let search: AllMatches | null = null;
  return (index, progress, unit) => {
    const collection = engine.storage.find(database, name);
    if (collection !== null) {
      search ??= new AllMatches(engine, collection, { filter, sort: [], window: { skip: 0, limit: null } });
      if (search.search(unit) === 'rest') return 'rest';
      while (search.at < search.rids.length) {
        const rid = search.rids[search.at] ?? 0;
        const document = fetchDocument(engine.storage.file, collection, rid);
        if (document !== null && matches(document)) {
          if (applyTo(engine, collection, { rid, document }, update) !== document) progress.modified += 1;
          progress.matched += 1;
        }
        search.at += 1;
        if (unit.isDue) return 'rest';
      }
      if (search.rids.length > 0) return 'done';
    }
    if (!statement.upsert) return 'done';
    const { id } = insertUpsert(engine, collectionForWrite(engine, database, name), update, filter);
    progress.matched += 1;
    progress.upserted.push({ index, id });
    return 'done';
  };
}

export const update: CommandHandler = async (engine, { args, database }) => {
  args.allow(['update', 'updates', 'ordered'], { refused: WRITE_REFUSED });
  const name = args.string('update');
  const statements = args.list('updates');
  const progress = await runStatements(engine, args, statements.length, (index) => {
    const document = statements[index];
    if (document === undefined) throw new Error('a statement is missing');
    const statement = readUpdateStatement(document);
    return statement.multi
      ? updateMany(engine, database, name, statement)
      : updateOne(engine, database, name, statement);
  });
  return okReply((writer) => {
    writer.int32('n', progress.matched).int32('nModified', progress.modified);
    progress.writeUpserted(writer);
    progress.writeErrorList(writer);
  });
};

function deleteStatement(
  engine: Engine,
  database: string,
  name: string,
  filter: Filter,
  limit: number | null,
): StatementRunner {
  const matches = compileFilter(filter);
  let search: AllMatches | null = null;
  return (_index, progress, unit) => {
    const collection = engine.storage.find(database, name);
    if (collection === null) return 'done';
    search ??= new AllMatches(engine, collection, { filter, sort: [], window: { skip: 0, limit } });
    if (search.search(unit) === 'rest') return 'rest';
    while (search.at < search.rids.length) {
      const rid = search.rids[search.at] ?? 0;
      const document = fetchDocument(engine.storage.file, collection, rid);
      if (document !== null && matches(document)) {
        engine.writer.remove(collection, rid, document);
        progress.matched += 1;
      }
      search.at += 1;
      if (unit.isDue) return 'rest';
    }
    return 'done';
  };
}

export const remove: CommandHandler = async (engine, { args, database }) => {
  args.allow(['delete', 'deletes', 'ordered'], { refused: WRITE_REFUSED });
  const name = args.string('delete');
  const statements = args.list('deletes');
  const progress = await runStatements(engine, args, statements.length, (index) => {
    const document = statements[index];
    if (document === undefined) throw new Error('a statement is missing');
    const statement = new Arguments('deletes', document);
    statement.allow(['q', 'limit'], { refused: STATEMENT_REFUSED });
    const limit = statement.integer('limit') ?? 0;
    if (limit !== 0 && limit !== 1)
      throw new StoreError('FailedToParse', `The limit field in delete objects must be 0 or 1. Got ${limit}`);
    const filter = parseFilter(statement.document('q') ?? EVERYTHING);
    return deleteStatement(engine, database, name, filter, limit === 0 ? null : 1);
  });
  return okReply((writer) => {
    writer.int32('n', progress.matched);
    progress.writeErrorList(writer);
  });
};

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

function modifyRow(
  engine: Engine,
  collection: CollectionRecord,
  row: Row,
  { update }: ModifyStatement,
): FoundAndModified {
  if (update === null) {
    engine.writer.remove(collection, row.rid, row.document);
    return { before: row.document, after: null, upsertedId: null };
  }
  return { before: row.document, after: applyTo(engine, collection, row, update), upsertedId: null };
}

/** Looks for the document and changes it, without a pause between the last look and the change. */
async function modifyOne(
  engine: Engine,
  database: string,
  statement: ModifyStatement,
  unit: WriteUnit,
): Promise<FoundAndModified> {
  const { query, update, upsert, name } = statement;
  for (;;) {
    const collection = engine.storage.find(database, name);
    const search = collection === null ? null : new FirstMatch(engine, collection, query);
    let paused = false;
    while (search?.search(unit) === 'rest') {
      paused = true;
      await unit.rest();
    }
    const row = search?.row ?? null;
    if (collection !== null && row !== null) {
      if (paused && !stillMatches(engine, collection, row, query.filter)) continue;
      return modifyRow(engine, collection, row, statement);
    }
    if (update === null || !upsert) return { before: null, after: null, upsertedId: null };
    const inserted = insertUpsert(engine, collectionForWrite(engine, database, name), update, query.filter);
    return { before: null, after: inserted.document, upsertedId: inserted.id };
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

export const findAndModify: CommandHandler = async (engine: Engine, { args, database }: Request) => {
  const statement = readModifyStatement(args);
  compileProjection(args.document('fields'));
  const key = retryKey(args);
  const run = async (): Promise<Buffer> => {
    const saved = key === null ? null : engine.sessions.progress(key);
    if (saved !== null) return saved;
    let reply: Buffer | null = null;
    await WriteUnit.run(
      engine.storage,
      async (unit) => {
        reply = modifyReply(await modifyOne(engine, database, statement, unit), args);
      },
      () => {
        if (key !== null && reply !== null) engine.sessions.save(key, reply);
      },
    );
    if (reply === null) throw new Error('findAndModify ended without a reply');
    return reply;
  };
  return key === null ? run() : engine.sessions.inTurn(key, run);
};
