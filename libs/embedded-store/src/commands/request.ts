import type { Storage } from '../storage/storage';
import type { DocumentWriter } from '../storage/document-writer';
import type { Arguments } from './arguments';
import type { CursorTable } from './cursors';
import type { Sessions } from './sessions';

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
}

export type CommandHandler = (engine: Engine, request: Request) => Buffer | Promise<Buffer>;
