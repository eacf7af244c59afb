import { okReply } from './replies';
import { type CommandHandler, type Engine, type Request, writeViewOf } from './request';
import { runStatements } from './statement-runner';
import {
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

function present<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new Error('a statement is missing');
  return value;
}

export const insert: CommandHandler = async (engine, request) => {
  const { args } = request;
  args.allow(['insert', 'documents', 'ordered'], { refused: WRITE_REFUSED });
  const target = targetOf(engine, request);
  const documents = args.list('documents');
  const progress = await runStatements(engine, request, documents.length, (index) =>
    insertStatement(target, documents[index]),
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
  const statements = args.list('updates');
  const progress = await runStatements(engine, request, statements.length, (index) =>
    updateStatement(target, readUpdateStatement(present(statements[index]))),
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
  const statements = args.list('deletes');
  const progress = await runStatements(engine, request, statements.length, (index) =>
    deleteStatement(target, present(statements[index])),
  );
  return okReply((writer) => {
    writer.int32('n', progress.matched);
    progress.writeErrorList(writer);
  });
};
