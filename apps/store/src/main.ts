import { parseArgs } from 'node:util';
import {
  appendShapesTo,
  DataFolderError,
  type RunningStore,
  startStore,
  StoreFormatError,
  StoreLockedError,
  type StoreLogger,
  type SyncMode,
} from '@app/embedded-store';
import { CONFIG_EXIT, isSettingError, lastWords, SettingError } from './command-line';

interface Settings {
  readonly dataDir: string;
  readonly host: string | undefined;
  readonly port: number;
  readonly sync: SyncMode;
  /** Folder to note the shapes of all commands in; undefined to note none. */
  readonly shapesDir: string | undefined;
}

function readPort(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new SettingError(`port must be 0 to 65535, found "${text}"`);
  return port;
}

function readSync(text: string): SyncMode {
  if (text !== 'normal' && text !== 'full')
    throw new SettingError(`STORE_SYNC must be "normal" or "full", found "${text}"`);
  return text;
}

/** Flags win over the environment. */
function readSettings(): Settings {
  const { values } = parseArgs({
    options: {
      'data-dir': { type: 'string' },
      host: { type: 'string' },
      port: { type: 'string' },
      sync: { type: 'string' },
    },
  });
  return {
    dataDir: values['data-dir'] ?? process.env.DATA_DIR ?? './data',
    host: values.host ?? process.env.STORE_HOST,
    port: readPort(values.port ?? process.env.STORE_PORT ?? '0'),
    sync: readSync(values.sync ?? process.env.STORE_SYNC ?? 'normal'),
    shapesDir: process.env.STORE_COMMAND_SHAPES_DIR || undefined,
  };
}

const write = (fields: object): void => void process.stdout.write(`${JSON.stringify(fields)}\n`);

const logger: StoreLogger = {
  info: (fields, msg) => write({ level: 'info', msg, ...fields }),
  error: ({ err, ...fields }: { err?: unknown }, msg) =>
    write({ level: 'error', msg, ...fields, err: err instanceof Error ? err.stack : err }),
};

/** How long the process may take to end by itself once everything is written down. */
const LAST_MS = 5_000;

/** Not by process.exit: SQLite closes its connections, and the last one takes the empty log away, only when the process ends by itself. */
function endByItself(): void {
  if (process.connected) process.disconnect();
  setTimeout(() => process.exit(), LAST_MS).unref();
}

function stopOnSignals(store: RunningStore): void {
  const stop = (): void => {
    void store.close().then(endByItself, (err: unknown) => {
      logger.error({ err }, 'store did not stop cleanly');
      process.exit(1);
    });
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  // A parent that dies, even by kill -9, closes the channel it opened to this process.
  if (process.connected) process.once('disconnect', stop);
}

async function main(): Promise<void> {
  const { dataDir, host, port, sync, shapesDir } = readSettings();
  const store = await startStore({
    dataDir,
    port,
    sync,
    logger,
    ...(host === undefined ? {} : { host }),
    ...(shapesDir === undefined ? {} : { observe: appendShapesTo(shapesDir) }),
  });
  stopOnSignals(store);
  write({ level: 'info', msg: 'store is ready', uri: store.uri, pid: process.pid, dataDir });
  if (process.connected) process.send?.({ ready: true, uri: store.uri });
}

main().catch((error: unknown) => {
  process.stderr.write(`${lastWords(error, [StoreLockedError, DataFolderError, StoreFormatError])}\n`);
  process.exit(isSettingError(error) ? CONFIG_EXIT : 1);
});
