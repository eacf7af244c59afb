import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

type BinaryFinder = typeof import('mongodb-memory-server-core/lib/util/DryMongoBinary.js').DryMongoBinary;

const SILENT_FOR_MS = 15_000;
const LOOK_EVERY_MS = 250;

/** Where mongodb-memory-server keeps what it downloads; its MONGOMS_* settings apply. Loaded only when asked, and without its driver. */
async function binaryFinder(): Promise<BinaryFinder> {
  const { DryMongoBinary } = await import('mongodb-memory-server-core/lib/util/DryMongoBinary.js');
  return DryMongoBinary;
}

/** Returns the mongod in mongodb-memory-server's cache, or null. Uses no network. */
export async function cachedMongod(): Promise<string | null> {
  const finder = await binaryFinder();
  return (await finder.locateBinary(finder.getEnsuredOptions())) ?? null;
}

/** Downloads in a process of its own, which can be ended and keeps its progress to itself. */
const DOWNLOAD = `
  const { MongoBinary } = require(process.argv[1]);
  MongoBinary.getPath().then(
    (path) => process.send({ path }, () => process.exit(0)),
    (err) => process.send({ reason: err.message }, () => process.exit(1)),
  );
  process.on('disconnect', () => process.exit(1));`;

type DownloadReport = { path: string } | { reason: string };

/**
 * Downloads the mongod that mongodb-memory-server takes by default, with one retry, and returns where it is.
 * @param silentForMs how long nothing may arrive, milliseconds
 * @throws Error when that fails or nothing arrives; the reason of `stopping` when aborted
 */
export async function downloadMongod(stopping: AbortSignal, silentForMs = SILENT_FOR_MS): Promise<string> {
  stopping.throwIfAborted();
  const { downloadDir } = await (await binaryFinder()).generateOptions();
  const library = createRequire(__filename).resolve('mongodb-memory-server-core/lib/util/MongoBinary.js');
  const child = spawn(process.execPath, ['-e', DOWNLOAD, library], {
    env: { ...process.env, MONGOMS_RUNTIME_DOWNLOAD: 'true', MONGOMS_MAX_RETRIES: '2' },
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    detached: true,
  });
  const closed = once(child, 'close');
  const onStop = (): void => void child.kill('SIGKILL');
  stopping.addEventListener('abort', onStop);
  let report = { reason: 'the download ended without a result' } as DownloadReport;
  child.on('message', (message) => (report = message as DownloadReport));
  let arrived = -1;
  let lastArrival = performance.now();
  const watch = setInterval(
    () => {
      const now = bytesIn(downloadDir);
      if (now !== arrived) lastArrival = performance.now();
      arrived = now;
      if (performance.now() - lastArrival < silentForMs) return;
      report = { reason: `nothing arrived for ${silentForMs / 1000} s` };
      child.kill('SIGKILL');
    },
    Math.min(LOOK_EVERY_MS, silentForMs),
  );
  try {
    await closed;
  } finally {
    clearInterval(watch);
    stopping.removeEventListener('abort', onStop);
  }
  stopping.throwIfAborted();
  if ('path' in report) return report.path;
  throw new Error(`it could not be downloaded: ${report.reason}`);
}

function bytesIn(folder: string): number {
  try {
    return readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
  } catch {
    return 0;
  }
}
