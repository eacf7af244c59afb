import { CommitPace } from '../storage/commit-pace';
import type { Storage } from '../storage/storage';
import type { DocumentWriter } from '../storage/document-writer';
import type { Arguments } from './arguments';
import type { CursorTable } from './cursors';
import type { CommittedView, FileView } from '../transactions/committed-view';
import type { RetryKey, Sessions } from '../transactions/sessions';
import type { Transaction } from '../transactions/transaction';
import type { TransactionTable } from '../transactions/transaction-table';
import type { ReadView, WriteView } from '../transactions/views';
import type { LargeAnswerPlace } from './large-answers';
import type { UnitTarget } from './write-unit';

/** Where log lines go; the server never writes to the console by itself. */
export interface StoreLogger {
  info(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** What commands work with. */
export interface Engine {
  readonly storage: Storage;
  readonly writer: DocumentWriter;
  readonly cursors: CursorTable;
  readonly sessions: Sessions;
  readonly transactions: TransactionTable;
  /** What commands outside transactions read. */
  readonly committed: CommittedView;
  /** What commands outside transactions write to, in their turn. */
  readonly file: FileView;
  readonly host: string;
  readonly port: number;
  readonly startedAt: Date;
  readonly logger: StoreLogger;
  connectionCount(): number;
}

/** One command as it came in. */
export interface Request {
  readonly name: string;
  readonly database: string;
  readonly args: Arguments;
  readonly connectionId: number;
  /** `host:port` the client has reached the store under, which it is told to use. */
  readonly address: string;
  /** To be entered before an answer grows large. */
  readonly place: LargeAnswerPlace;
  /** The transaction it is part of. */
  readonly transaction: Transaction | undefined;
  /** The attempt of a retryable write it is. */
  readonly retryKey: RetryKey | undefined;
}

export type CommandHandler = (engine: Engine, request: Request) => Buffer | Promise<Buffer>;

/** What a command reads. */
export function readViewOf(engine: Engine, { transaction }: Request): ReadView {
  return transaction ?? engine.committed;
}

/** What a command writes to, in its turn. */
export function writeViewOf(engine: Engine, { transaction }: Request): WriteView {
  return transaction ?? engine.file;
}

/** A transaction writes to the file when it is committed: until then it only takes its turns. */
export function unitTargetOf({ storage }: Engine, { transaction }: Request): UnitTarget {
  if (transaction === undefined) return storage;
  const nothing = (): void => undefined;
  const pace = new CommitPace();
  return { queue: storage.queue, pace, changesCatalog: false, begin: nothing, commit: nothing, rollback: nothing };
}
