import { ObjectId } from 'bson';
import { BsonType, typeName } from '../documents/bson-type';
import { findId } from '../documents/raw-document';
import { documentValue, objectIdValue, type RawValue } from '../documents/raw-value';
import { StoreError } from '../errors/store-error';
import { type Filter, parseFilter } from '../matcher/filter';
import { compileFilter, type Matcher } from '../matcher/matcher';
import type { Row, Rows } from '../planner/run-plan';
import type { CollectionRecord } from '../storage/catalog';
import type { FindQuery, WriteView } from '../transactions/views';
import { applyUpdate, parseUpdate, type Update, upsertDocument, withIdFirst } from '../updater/update';
import { Arguments } from './arguments';
import type { Progress } from './write-progress';
import type { WriteUnit } from './write-unit';

const STATEMENT_REFUSED = ['hint', 'collation', 'let', 'arrayFilters', 'c', 'sort', 'upsertSupplied', 'sampleId'];

/** @throws StoreError when a retryable write is about many documents: its repetition could not tell how far it came. */
function checkRepeatable(isRetryable: boolean, isAboutMany: boolean, option: string): void {
  if (isRetryable && isAboutMany) throw new StoreError('InvalidOptions', `Cannot use retryable writes with ${option}`);
}

/** A step of a statement; 'rest' asks for a pause, after which the same statement is asked again. */
export type Step = 'done' | 'rest';

/** One statement of a write command. It can be asked again after a pause and when it met a lock. */
export type StatementRunner = (index: number, progress: Progress, unit: WriteUnit) => Step;

/** The collection a statement is about. */
export interface StatementTarget {
  readonly view: WriteView;
  readonly database: string;
  readonly name: string;
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

/** Inserts one document of an insert command. */
export function insertStatement({ view, database, name }: StatementTarget, document: RawValue): StatementRunner {
  return () => {
    const ready = withId(document);
    checkInsertedId(ready);
    view.insert(view.findOrCreate(database, name), ready);
    return 'done';
  };
}

/** Looks for the first document of a query, a piece at a time. */
export class FirstMatch {
  #rows: Rows | null = null;
  #paused = false;

  constructor(
    private readonly view: WriteView,
    private readonly query: FindQuery,
  ) {}

  /** The document as it is now, or null when there is none, or 'rest' when it takes long. The next call looks anew. */
  find(collection: CollectionRecord, unit: WriteUnit): Row | null | 'rest' {
    this.#rows ??= this.view.rows(this.view.plan(collection, this.query), this.query);
    for (;;) {
      const piece = this.#rows.next();
      const row = piece.done === true ? null : piece.value[0];
      if (row !== undefined) return this.#conclude(row);
      if (unit.isDue) {
        this.#paused = true;
        return 'rest';
      }
    }
  }

  /** What was found by an index entry read before a pause may match no longer. */
  #conclude(row: Row | null): Row | null | 'rest' {
    const isStale = row !== null && this.#paused && !compileFilter(this.query.filter)(row.document);
    this.#rows = null;
    this.#paused = false;
    return isStale ? 'rest' : row;
  }
}

/** Goes through all documents of a query: collects their record ids first, so that none is met twice, a piece at a time. */
class EveryMatch {
  #rows: Rows | null = null;
  readonly #rids: number[] = [];
  #at = 0;
  #isComplete = false;
  readonly #matches: Matcher;

  constructor(
    private readonly view: WriteView,
    private readonly filter: Filter,
  ) {
    this.#matches = compileFilter(filter);
  }

  get found(): number {
    return this.#rids.length;
  }

  #collect(collection: CollectionRecord, unit: WriteUnit): Step {
    const query = { filter: this.filter, sort: [], window: { skip: 0, limit: null } };
    this.#rows ??= this.view.rows(this.view.plan(collection, query), query);
    while (!this.#isComplete) {
      const piece = this.#rows.next();
      if (piece.done === true) this.#isComplete = true;
      else for (const { rid } of piece.value) this.#rids.push(rid);
      if (unit.isDue && !this.#isComplete) return 'rest';
    }
    return 'done';
  }

  /** Hands those that still match to `take`; one for which it throws is next again. */
  step(collection: CollectionRecord, unit: WriteUnit, take: (rid: number, document: Buffer) => void): Step {
    if (this.#collect(collection, unit) === 'rest') return 'rest';
    for (let rid = this.#rids[this.#at]; rid !== undefined; rid = this.#rids[this.#at]) {
      const document = this.view.fetch(collection, rid);
      if (document !== null && this.#matches(document)) take(rid, document);
      this.#at += 1;
      if (unit.isDue) return 'rest';
    }
    return 'done';
  }
}

/** One statement of an update command. */
export interface UpdateStatement {
  readonly filter: Filter;
  readonly update: Update;
  readonly multi: boolean;
  readonly upsert: boolean;
}

/** What a command calls the fields of its update statements. */
export interface UpdateWording {
  readonly subject: string;
  readonly filter: string;
  readonly change: string;
  /** Fields of statements that say something else. */
  readonly others: readonly string[];
}

const UPDATE_COMMAND: UpdateWording = { subject: 'update.updates', filter: 'q', change: 'u', others: [] };

/** Checks the fields of one update statement, which are refused with the whole command. */
export function checkUpdateStatement(document: RawValue, wording: UpdateWording = UPDATE_COMMAND): void {
  const args = new Arguments(wording.subject, document);
  args.allow([wording.filter, wording.change, 'multi', 'upsert', ...wording.others], { refused: STATEMENT_REFUSED });
  args.required(wording.filter);
  args.document(wording.filter);
  const change = args.required(wording.change);
  if (change.type !== BsonType.object && change.type !== BsonType.array)
    throw new StoreError(
      'TypeMismatch',
      `BSON field '${wording.subject}.${wording.change}' is the wrong type '${typeName(change.type)}', expected type 'object' or 'array'`,
    );
}

/** Reads one update statement. */
export function readUpdateStatement(
  document: RawValue,
  { subject, filter, change }: UpdateWording = UPDATE_COMMAND,
): UpdateStatement {
  const args = new Arguments(subject, document);
  const multi = args.boolean('multi');
  const update = parseUpdate(args.required(change));
  if (multi && update.kind === 'replacement')
    throw new StoreError('FailedToParse', 'multi update is not supported for replacement-style update');
  return { filter: parseFilter(args.required(filter)), update, multi, upsert: args.boolean('upsert') };
}

/** Changes a document; returns the one that came in when nothing changes. */
export function applyTo(
  view: WriteView,
  collection: CollectionRecord,
  { rid, document }: { rid: number; document: Buffer },
  update: Update,
): Buffer {
  const after = applyUpdate(update, document);
  if (after !== document)
    view.replace(collection, rid, document, after, update.kind === 'operators' ? update.touched : null);
  return after;
}

/** Inserts what an upsert that found nothing makes of its filter and update. */
export function insertUpsert(
  view: WriteView,
  collection: CollectionRecord,
  update: Update,
  filter: Filter,
): { document: Buffer; id: RawValue } {
  const document = withId(documentValue(upsertDocument(update, filter)));
  view.insert(collection, document);
  const id = findId(document);
  if (id === null) throw new Error('an upserted document has an _id');
  return { document, id };
}

function upsert(target: StatementTarget, { filter, update }: UpdateStatement, index: number, progress: Progress): void {
  const { view, database, name } = target;
  const { id } = insertUpsert(view, view.findOrCreate(database, name), update, filter);
  progress.matched += 1;
  progress.upserted.push({ index, id });
}

function updateOne(target: StatementTarget, statement: UpdateStatement): StatementRunner {
  const { view, database, name } = target;
  const search = new FirstMatch(view, { filter: statement.filter, sort: [], window: { skip: 0, limit: 1 } });
  return (index, progress, unit) => {
    const collection = view.find(database, name);
    const row = collection === null ? null : search.find(collection, unit);
    if (row === 'rest') return 'rest';
    if (collection !== null && row !== null) {
      if (applyTo(view, collection, row, statement.update) !== row.document) progress.modified += 1;
      progress.matched += 1;
    } else if (statement.upsert) upsert(target, statement, index, progress);
    return 'done';
  };
}

function updateMany(target: StatementTarget, statement: UpdateStatement): StatementRunner {
  const { view, database, name } = target;
  const matches = new EveryMatch(view, statement.filter);
  return (index, progress, unit) => {
    const collection = view.find(database, name);
    if (collection !== null) {
      const step = matches.step(collection, unit, (rid, document) => {
        if (applyTo(view, collection, { rid, document }, statement.update) !== document) progress.modified += 1;
        progress.matched += 1;
      });
      if (step === 'rest') return 'rest';
    }
    if (matches.found === 0 && statement.upsert) upsert(target, statement, index, progress);
    return 'done';
  };
}

export function updateStatement(
  target: StatementTarget,
  statement: UpdateStatement,
  isRetryable: boolean,
): StatementRunner {
  checkRepeatable(isRetryable, statement.multi, 'multi=true');
  return statement.multi ? updateMany(target, statement) : updateOne(target, statement);
}

function deleteOne({ view, database, name }: StatementTarget, filter: Filter): StatementRunner {
  const search = new FirstMatch(view, { filter, sort: [], window: { skip: 0, limit: 1 } });
  return (_index, progress, unit) => {
    const collection = view.find(database, name);
    const row = collection === null ? null : search.find(collection, unit);
    if (row === 'rest') return 'rest';
    if (collection === null || row === null) return 'done';
    view.remove(collection, row.rid, row.document);
    progress.matched += 1;
    return 'done';
  };
}

function deleteMany({ view, database, name }: StatementTarget, filter: Filter): StatementRunner {
  const matches = new EveryMatch(view, filter);
  return (_index, progress, unit) => {
    const collection = view.find(database, name);
    if (collection === null) return 'done';
    return matches.step(collection, unit, (rid, document) => {
      view.remove(collection, rid, document);
      progress.matched += 1;
    });
  };
}

/** Checks the fields of one statement of a delete command, which are refused with the whole command. */
export function checkDeleteStatement(document: RawValue): void {
  const args = new Arguments('delete.deletes', document);
  args.allow(['q', 'limit'], { refused: STATEMENT_REFUSED });
  args.required('q');
  args.document('q');
  args.required('limit');
  const limit = args.integer('limit');
  if (limit !== 0 && limit !== 1)
    throw new StoreError('FailedToParse', `The limit field in delete objects must be 0 or 1. Got ${limit}`);
}

/** Reads and prepares one statement of a delete command. */
export function deleteStatement(target: StatementTarget, document: RawValue, isRetryable: boolean): StatementRunner {
  const args = new Arguments('delete.deletes', document);
  const filter = parseFilter(args.required('q'));
  const isAboutMany = args.integer('limit') === 0;
  checkRepeatable(isRetryable, isAboutMany, 'limit=0');
  return isAboutMany ? deleteMany(target, filter) : deleteOne(target, filter);
}
