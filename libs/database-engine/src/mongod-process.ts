import { StartError } from '@app/platform';
import { MongoClient } from 'mongodb';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { versionOf } from './database-address';
import { mongodDataDir, mongodUri, readClaim, writeClaim } from './mongod-claim';
import { lastWordsIn } from './mongod-log';
import { becomePrimary, REPLICA_SET } from './replica-set';

const READY_WITHIN_MS = 60_000;
const STOP_WITHIN_MS = 15_000;
const PORT_ATTEMPTS = 3;
const LOOK_EVERY_MS = 25;

/** What mongod exits with when it cannot listen. */
const ADDRESS_IN_USE = 48;

/** For one user: MongoDB's own defaults are half of the memory and 5 % of the disk. */
const CACHE_GIGABYTES = '0.5';
const OPLOG_MEGABYTES = '990';

export interface MongodEvents {
  /** It ended although nobody stopped it. Not called before it was ready. */
  onUnexpectedEnd(err: StartError): void;
}

/** Ends mongod, cleanly, when this process is gone: the other end of its input closes then, however this process ended. */
const GUARD = 'read -r _; kill -TERM "$1"';

/**
 * A mongod of this process's own on a data folder: primary of a set of one, on loopback, without authentication. It gets no signals
 * from the terminal, because this process stops it last; killed itself, this process leaves the stopping to a guard, and to the next start.
 */
export class MongodProcess {
  private isStopping = false;

  private constructor(
    private readonly child: ChildProcess,
    private readonly guard: ChildProcess | null,
    private readonly exited: Promise<string>,
    readonly pid: number,
    readonly uri: string,
    readonly version: string,
    readonly dataDir: string,
  ) {}

  /** @throws Error with the last words of mongod when it ends, or is not ready in time; the reason of `stopping` when aborted */
  static async start(
    binary: string,
    folder: string,
    events: MongodEvents,
    stopping: AbortSignal,
  ): Promise<MongodProcess> {
    // The port of the last time, when it is free: the set, and whoever was told it, find mongod there.
    for (let attempt = 1, wanted = readClaim(folder)?.port ?? 0; ; attempt += 1, wanted = 0) {
      const started = await this.startOn(await freePort(wanted), binary, folder, events, stopping);
      if (started instanceof MongodProcess) return started;
      if (attempt === PORT_ATTEMPTS) throw started;
    }
  }

  /** Starts on a port; answers an error when that is taken. */
  private static async startOn(
    port: number,
    binary: string,
    folder: string,
    events: MongodEvents,
    stopping: AbortSignal,
  ): Promise<MongodProcess | Error> {
    stopping.throwIfAborted();
    const dataDir = mongodDataDir(folder);
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    const logFile = join(folder, 'mongod.log');
    const child = spawnMongod(binary, dataDir, port, logFile);
    const ended = new AbortController();
    let exitCode: number | null = null;
    const exited = new Promise<string>((resolve) => {
      child.once('error', (err) => resolve(err.message));
      child.once('exit', (code, signal) => {
        exitCode = code;
        resolve(signal === null ? `exit code ${code}` : `signal ${signal}`);
      });
    });
    const describeEnd = (how: string): string =>
      [`mongod ended (${how}); its log is ${logFile}`, ...lastWordsIn(logFile).map((line) => `  ${line}`)].join('\n');
    void exited.then((how) => ended.abort(new Error(describeEnd(how))));

    const { pid } = child;
    if (pid === undefined) throw new Error(`${binary} does not run: ${await exited}`);
    writeClaim(folder, { pid, owner: process.pid, port });
    const guard = spawnGuard(pid);
    try {
      const tooLate = AbortSignal.timeout(READY_WITHIN_MS);
      const version = await untilPrimary(port, AbortSignal.any([stopping, ended.signal, tooLate]));
      const started = new MongodProcess(child, guard, exited, pid, mongodUri(port), version, dataDir);
      void exited.then((how) => {
        guard?.kill('SIGKILL');
        if (!started.isStopping) events.onUnexpectedEnd(new StartError(describeEnd(how)));
      });
      return started;
    } catch (err) {
      await end(child, guard, exited);
      stopping.throwIfAborted();
      if (exitCode === ADDRESS_IN_USE) return ended.signal.reason as Error;
      throw err instanceof DOMException && err.name === 'TimeoutError'
        ? new Error(`mongod was not ready within ${READY_WITHIN_MS / 1000} s; its log is ${logFile}`)
        : err;
    }
  }

  /** Stops mongod and waits; one that does not stop in time is ended, and recovers by its journal. Harmless when repeated. */
  async stop(): Promise<void> {
    this.isStopping = true;
    await end(this.child, this.guard, this.exited);
  }
}

function spawnMongod(binary: string, dataDir: string, port: number, logFile: string): ChildProcess {
  // A file of its own for each run rather than a pipe, which would break when this process is killed.
  const log = openSync(logFile, 'w', 0o600);
  try {
    return spawn(
      binary,
      [
        ...['--dbpath', dataDir],
        ...['--port', String(port)],
        ...['--bind_ip', '127.0.0.1'],
        ...['--replSet', REPLICA_SET],
        ...['--oplogSize', OPLOG_MEGABYTES],
        ...['--wiredTigerCacheSizeGB', CACHE_GIGABYTES],
      ],
      { stdio: ['ignore', log, log], detached: true },
    );
  } finally {
    closeSync(log);
  }
}

/** Where there is no shell (Windows) the next start has to stop an orphan. */
function spawnGuard(pid: number): ChildProcess | null {
  if (process.platform === 'win32') return null;
  const guard = spawn('/bin/sh', ['-c', GUARD, 'sh', String(pid)], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  guard.on('error', () => undefined);
  guard.unref();
  return guard;
}

/** Waits until somebody listens on a port of this machine. The driver would look only twice a second. */
async function untilListening(port: number, signal: AbortSignal): Promise<void> {
  for (;;) {
    const socket = connect(port, '127.0.0.1');
    const isOpen = await once(socket, 'connect').then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (isOpen) return;
    await delay(LOOK_EVERY_MS, undefined, { signal });
  }
}

/** Waits until it is the primary; returns its version. @throws the reason of `signal` when aborted */
async function untilPrimary(port: number, signal: AbortSignal): Promise<string> {
  const client = new MongoClient(`mongodb://127.0.0.1:${port}/?directConnection=true`);
  const given = once(signal, 'abort').then(() => Promise.reject(signal.reason as Error));
  try {
    signal.throwIfAborted();
    return await Promise.race([given, primaryVersion()]);
  } catch (err) {
    signal.throwIfAborted();
    throw err;
  } finally {
    await client.close();
  }

  async function primaryVersion(): Promise<string> {
    await untilListening(port, signal);
    await becomePrimary(client, `127.0.0.1:${port}`, signal);
    return versionOf(client);
  }
}

async function end(child: ChildProcess, guard: ChildProcess | null, exited: Promise<unknown>): Promise<void> {
  guard?.kill('SIGKILL');
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MS);
  await exited;
  clearTimeout(timer);
}

/** Returns a port nobody listens on: the one that is wanted, or another when it is taken or 0. */
async function freePort(wanted: number): Promise<number> {
  const server = createServer();
  try {
    server.listen(wanted, '127.0.0.1');
    await once(server, 'listening');
  } catch (err) {
    if (wanted === 0) throw err;
    return freePort(0);
  }
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
