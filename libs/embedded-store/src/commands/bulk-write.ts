import { BsonWriter } from '../documents/bson-writer';
import { fieldsOf } from '../documents/raw-document';
import { documentValue, type RawValue } from '../documents/raw-value';
import { StoreError, unsupported } from '../errors/store-error';
import { checkNamespace } from '../storage/storage';
import { Arguments } from './arguments';
import { Cursor } from './cursors';
import { cursorReply } from './replies';
import { type CommandHandler, type Request, writeViewOf } from './request';
import { runStatements } from './statement-runner';
import { present, statementsOf } from './write-commands';
import type { Progress } from './write-progress';
import {
  checkUpdateStatement,
  insertStatement,
  readUpdateStatement,
  type StatementRunner,
  type StatementTarget,
  updateStatement,
  type UpdateWording,
} from './write-statements';

const REFUSED = ['bypassEmptyTsReplacement', 'let', 'cursor', 'stmtId', 'stmtIds'];
/** There are no validators to bypass; the driver sends it every time. */
const IGNORED = ['bypassDocumentValidation'];
const NAMESPACE = 'admin.$cmd.bulkWrite';
const RESULTS_AT_ONCE = 1000;

const UPDATE_OPERATION: UpdateWording = {
  subject: 'bulkWrite.ops',
  filter: 'filter',
  change: 'updateMods',
  others: ['update'],
};

/** Where the operations with its number in `nsInfo` write. */
type Namespace = Pick<StatementTarget, 'database' | 'name'>;

interface Operation {
  readonly kind: 'insert' | 'update';
  readonly namespace: Namespace;
  readonly document: RawValue;
}

function readNamespace(entry: RawValue): Namespace {
  const args = new Arguments('bulkWrite.nsInfo', entry);
  args.allow(['ns'], { refused: ['collectionUUID', 'encryptionInformation'] });
  const text = args.string('ns');
  const dot = text.indexOf('.');
  const namespace = { database: dot < 0 ? text : text.slice(0, dot), name: dot < 0 ? '' : text.slice(dot + 1) };
  checkNamespace(namespace.database, namespace.name);
  return namespace;
}

function kindOf(operation: RawValue): Operation['kind'] {
  const name = fieldsOf(operation)[0]?.[0] ?? '';
  if (name === 'insert' || name === 'update') return name;
  if (name === 'delete') throw unsupported('delete operations of bulkWrite', 'use the delete command');
  throw new StoreError('Location40415', `BSON field 'bulkWrite.ops.${name}' is an unknown field.`);
}

/** Reads one operation. What is malformed is refused with the whole command. */
function readOperation(document: RawValue, namespaces: readonly Namespace[]): Operation {
  const kind = kindOf(document);
  const args = new Arguments('bulkWrite.ops', document);
  if (kind === 'update') checkUpdateStatement(document, UPDATE_OPERATION);
  else {
    args.allow(['insert', 'document']);
    args.required('document');
    args.document('document');
  }
  const number = args.integer(kind) ?? -1;
  const namespace = namespaces[number];
  if (namespace === undefined)
    throw new StoreError(
      'BadValue',
      `the operation names nsInfo entry ${number}, of which there are ${namespaces.length}`,
    );
  return { kind, namespace, document };
}

/** Notes what an update came to, for replies that tell it of each operation. */
function noted(run: StatementRunner): StatementRunner {
  return (index, progress, unit) => {
    const step = run(index, progress, unit);
    if (step === 'done') progress.marks.push({ matched: progress.matched, modified: progress.modified });
    return step;
  };
}

function prepareOperation(
  target: StatementTarget,
  { kind, document }: Operation,
  { retryKey }: Request,
): StatementRunner {
  if (kind === 'insert') return insertStatement(target, new Arguments('bulkWrite.ops', document).required('document'));
  return updateStatement(target, readUpdateStatement(document, UPDATE_OPERATION), retryKey !== undefined);
}

/** The result of an operation that failed: its code and message, then their details. */
function failureResult(index: number, kind: Operation['kind'], error: RawValue): Buffer {
  const writer = new BsonWriter().double('ok', 0).int32('idx', index);
  const fields = fieldsOf(error).filter(([name]) => name !== 'index');
  const isMain = ([name]: [string, RawValue]): boolean => name === 'code' || name === 'errmsg';
  for (const [name, value] of fields.filter(isMain)) writer.raw(name, value);
  for (const [name, value] of fields.filter((field) => !isMain(field))) writer.raw(name, value);
  writer.int32('n', 0);
  if (kind === 'update') writer.int32('nModified', 0);
  return writer.finish();
}

function failuresOf({ errors }: Progress): Map<number, RawValue> {
  return new Map(
    errors.map((bytes) => {
      const error = documentValue(bytes);
      const [, index] = present(fieldsOf(error)[0]);
      return [index.bytes.readInt32LE(index.start), error];
    }),
  );
}

/** The results of the operations that were run, in their order. */
function* resultsOf(
  operations: readonly Operation[],
  progress: Progress,
  failures: ReadonlyMap<number, RawValue>,
  errorsOnly: boolean,
): Generator<Buffer[]> {
  const marks = progress.marks.values();
  const upserted = new Map(progress.upserted.map(({ index, id }) => [index, id]));
  let before = { matched: 0, modified: 0 };
  let piece: Buffer[] = [];
  for (const [index, { kind }] of operations.slice(0, progress.next).entries()) {
    const failure = failures.get(index);
    if (failure !== undefined) piece.push(failureResult(index, kind, failure));
    else if (!errorsOnly) {
      const writer = new BsonWriter(64).double('ok', 1).int32('idx', index);
      if (kind === 'insert') writer.int32('n', 1);
      else {
        const after = present(marks.next().value);
        writer.int32('n', after.matched - before.matched).int32('nModified', after.modified - before.modified);
        before = after;
        const id = upserted.get(index);
        if (id !== undefined) writer.beginObject('upserted').int32('index', 0).raw('_id', id).end();
      }
      piece.push(writer.finish());
    }
    if (piece.length < RESULTS_AT_ONCE) continue;
    yield piece;
    piece = [];
  }
  yield piece;
}

/** Inserts and updates over several collections and databases in one command, as MongoDB 8 has it. */
export const bulkWrite: CommandHandler = async (engine, request) => {
  const { args, database, place, transaction } = request;
  args.allow(['bulkWrite', 'ops', 'nsInfo', 'ordered', 'errorsOnly'], { ignored: IGNORED, refused: REFUSED });
  if (database !== 'admin')
    throw new StoreError('Unauthorized', 'bulkWrite may only be run against the admin database.');
  const namespaces = statementsOf(args, 'nsInfo', () => undefined).map(readNamespace);
  const operations = statementsOf(args, 'ops', () => undefined).map((entry) => readOperation(entry, namespaces));
  const errorsOnly = args.boolean('errorsOnly');
  const view = writeViewOf(engine, request);
  const progress = await runStatements(engine, request, operations.length, (index) => {
    const operation = present(operations[index]);
    const runner = prepareOperation({ view, ...operation.namespace }, operation, request);
    return errorsOnly || operation.kind === 'insert' ? runner : noted(runner);
  });

  const failures = failuresOf(progress);
  const inserted = operations
    .slice(0, progress.next)
    .filter(({ kind }, index) => kind === 'insert' && !failures.has(index)).length;
  const cursor = new Cursor(NAMESPACE, resultsOf(operations, progress, failures, errorsOnly), { transaction });
  const batch = await cursor.nextBatch(Infinity, place);
  const id = cursor.isFinished() ? 0n : engine.cursors.keep(cursor);
  return cursorReply('firstBatch', NAMESPACE, id, batch, (writer) =>
    writer
      .int32('nErrors', failures.size)
      .int32('nInserted', inserted)
      .int32('nMatched', progress.matched - progress.upserted.length)
      .int32('nModified', progress.modified)
      .int32('nUpserted', progress.upserted.length)
      .int32('nDeleted', 0),
  );
};
