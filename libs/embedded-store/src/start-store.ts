import { CursorTable } from './commands/cursors';
import { sweep, SWEEP_SECONDS } from './commands/housekeeping';
import type { Engine, StoreLogger } from './commands/request';
import { prepareDataFolder } from './storage/data-folder';
import { DocumentWriter } from './storage/document-writer';
import { LockFile, storeUri } from './storage/lock-file';
import type { SyncMode } from './storage/sqlite-file';
import { Storage } from './storage/storage';
import { CommittedView, FileView } from './transactions/committed-view';
import { Sessions } from './transactions/sessions';
import { TransactionTable } from './transactions/transaction-table';
import type { CommandShape } from './shapes/command-shape';
import { Listener, type WireLimits } from './wire/listener';

export interface StoreOptions {
  /** Folder of the data file; made when missing. */
  readonly dataDir: string;
  /** Address to listen on; loopback unless told otherwise. */
  readonly host?: string;
  /** Port to listen on; 0 takes a free one. */
  readonly port?: number;
  /** `normal` survives kill -9; `full` also the loss of power. */
  readonly sync?: SyncMode;
  readonly logger?: StoreLogger;
  /** Told the shape of every command a client sends, before it runs; nothing is spent on shapes without it. */
  readonly observe?: (shape: CommandShape) => void;
  /** What clients may take of the process, where the usual limits do not fit. */
  readonly limits?: Partial<WireLimits>;
  /** The clock those limits go by, in milliseconds. */
  readonly now?: () => number;
}

/** A store that serves clients. */
export interface RunningStore {
  readonly uri: string;
  readonly host: string;
  readonly port: number;
  /** Hangs up on all clients, writes everything down and gives the data folder free. */
  close(): Promise<void>;
}

const SILENT: StoreLogger = { info: () => undefined, error: () => undefined };

/**
 * Starts a store on a data folder: a server that speaks MongoDB's wire protocol.
 * @throws StoreLockedError when another process serves the folder, DataFolderError when it cannot be written, StoreFormatError when
 * its data file is not one this store reads.
 */
export async function startStore({
  dataDir,
  host = '127.0.0.1',
  port = 0,
  sync = 'normal',
  logger = SILENT,
  observe,
  limits,
  now,
}: StoreOptions): Promise<RunningStore> {
  prepareDataFolder(dataDir);
  const lock = LockFile.take(dataDir);
  let storage: Storage | null = null;
  try {
    storage = new Storage(dataDir, sync);
    const listener = new Listener({ limits, now, observe });
    const boundPort = await listener.listen(host, port);
    const writer = new DocumentWriter(storage);
    const cursors = new CursorTable();
    const sessions = new Sessions(storage);
    const engine: Engine = {
      storage,
      writer,
      cursors,
      sessions,
      transactions: new TransactionTable({ storage, sessions, onEnd: (ended) => cursors.killAllOf(ended) }),
      committed: new CommittedView(storage),
      file: new FileView(storage, writer),
      host,
      port: boundPort,
      startedAt: new Date(),
      logger,
      connectionCount: () => listener.size,
    };
    listener.serve(engine);
    lock.announce(host, boundPort);
    const upkeep = startUpkeep(engine);
    return {
      uri: storeUri(host, boundPort),
      host,
      port: boundPort,
      close: closeOnce(engine, listener, upkeep, lock),
    };
  } catch (error) {
    storage?.close();
    lock.release();
    throw error;
  }
}

/** Sweeps at once and then every minute; returns how to stop. */
function startUpkeep(engine: Engine): () => Promise<void> {
  let running: Promise<void> = Promise.resolve();
  const run = (): void => {
    running = running
      .then(() => sweep(engine, Date.now()))
      .catch((err: unknown) => engine.logger.error({ err }, 'upkeep failed'));
  };
  run();
  const timer = setInterval(run, SWEEP_SECONDS * 1000);
  timer.unref();
  return async () => {
    clearInterval(timer);
    await running;
  };
}

function closeOnce(
  engine: Engine,
  listener: Listener,
  stopUpkeep: () => Promise<void>,
  lock: LockFile,
): () => Promise<void> {
  let closing: Promise<void> | null = null;
  const close = async (): Promise<void> => {
    await stopUpkeep();
    await listener.close();
    engine.transactions.close();
    await engine.storage.checkpoints.close();
    engine.storage.close();
    lock.release();
  };
  return () => (closing ??= close());
}
