import { BsonType, typeName } from '../documents/bson-type';
import type { RawValue } from '../documents/raw-value';
import { StoreError } from '../errors/store-error';
import type { Arguments } from './arguments';
import { okReply } from './replies';
import { type CommandHandler, type Engine, type Request, writeViewOf } from './request';
import { runStatements } from './statement-runner';
import {
  checkDeleteStatement,
  checkUpdateStatement,
  deleteStatement,
  insertStatement,
  readUpdateStatement,
  type StatementTarget,
  updateStatement,
} from './write-statements';

const WRITE_REFUSED = ['bypassDocumentValidation', 'let'];

function targetOf(engine: Engine, request: Request): StatementTarget {
  const { args, database } = request;
  return { view: writeViewOf(engine, request), database, name: args.string(args.subject) };
}

/** The statements of a command. One that is malformed fails the command before any is run. */
export function statementsOf(args: Arguments, name: string, check: (statement: RawValue) => void): readonly RawValue[] {
  const statements = args.list(name);
  for (const [index, statement] of statements.entries()) {
    if (statement.type !== BsonType.object)
      throw new StoreError(
        'TypeMismatch',
        `BSON field '${args.subject}.${name}.${index}' is the wrong type '${typeName(statement.type)}', expected type 'object'`,
      );
    check(statement);
  }
  return statements;
}

/** A value that is there, by what was checked before. */
export function present<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new Error('a statement is missing');
  return value;
}

export const insert: CommandHandler = async (engine, request) => {
  const { args } = request;
  args.allow(['insert', 'documents', 'ordered'], { refused: WRITE_REFUSED });
  const target = targetOf(engine, request);
  const documents = statementsOf(args, 'documents', () => undefined);
  const progress = await runStatements(engine, request, documents.length, (index) =>
    insertStatement(target, present(documents[index])),
  );
  return okReply((writer) => {
    writer.int32('n', progress.next - progress.errors.length);
    progress.writeErrorList(writer);
  });
};

export const update: CommandHandler = async (engine, request) => {
  const { args } = request;
  args.allow(['update', 'updates', 'ordered'], { refused: WRITE_REFUSED });
  const target = targetOf(engine, request);
  const statements = statementsOf(args, 'updates', checkUpdateStatement);
  const progress = await runStatements(engine, request, statements.length, (index) =>
    updateStatement(target, readUpdateStatement(present(statements[index])), request.retryKey !== undefined),
  );
  return okReply((writer) => {
    writer.int32('n', progress.matched).int32('nModified', progress.modified);
    progress.writeUpserted(writer);
    progress.writeErrorList(writer);
  });
};

export const remove: CommandHandler = async (engine, request) => {
  const { args } = request;
  args.allow(['delete', 'deletes', 'ordered'], { refused: WRITE_REFUSED });
  const target = targetOf(engine, request);
  const statements = statementsOf(args, 'deletes', checkDeleteStatement);
  const progress = await runStatements(engine, request, statements.length, (index) =>
    deleteStatement(target, present(statements[index]), request.retryKey !== undefined),
  );
  return okReply((writer) => {
    writer.int32('n', progress.matched);
    progress.writeErrorList(writer);
  });
};
