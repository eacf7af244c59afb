import { statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';

/** Longest that committed pages wait in the log, once it is worth the work. */
const INTERVAL_MS = 400;
/** A log this small waits for the store to close, which empties it. */
const SMALL_LOG_BYTES = 4 * 1024 * 1024;

/** Runs in a thread of its own, as plain JavaScript: it has to start alike from the built bundle and from the sources. */
const THREAD = `
  const { parentPort, workerData } = require('node:worker_threads');
  const Database = require(workerData.driver);
  const database = new Database(workerData.path);
  const checkpoint = database.prepare('PRAGMA wal_checkpoint(PASSIVE)').raw(true);
  parentPort.on('message', (wish) => {
    if (wish === 'close') {
      database.close();
      parentPort.close();
      return;
    }
    try {
      checkpoint.all([]);
    } catch {
      // What a full or broken disk means for the data is for the writer to say, at its next commit.
    }
    parentPort.postMessage('done');
  });
`;

/**
 * Moves committed pages from the log into the data file beside the work: waiting for the disk there would hold up every client. Reads
 * and writes go on meanwhile. It starts its thread only when the log has grown, and nothing is lost when it never runs.
 */
export class Checkpointer {
  #thread: Worker | null = null;
  #timer: NodeJS.Timeout | null = null;
  #isRunning = false;
  #isWanted = false;
  #isClosed = false;

  constructor(private readonly path: string) {}

  /** To be called after each commit. */
  afterCommit(): void {
    if (this.#timer !== null || this.#isClosed) return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#run();
    }, INTERVAL_MS).unref();
  }

  #run(): void {
    if (this.#isRunning) {
      this.#isWanted = true;
      return;
    }
    const log = statSync(`${this.path}-wal`, { throwIfNoEntry: false });
    if (log === undefined || log.size < SMALL_LOG_BYTES) return;
    this.#isRunning = true;
    this.#thread ??= this.#start();
    this.#thread.postMessage('checkpoint');
  }

  #start(): Worker {
    const driver = createRequire(__filename).resolve('libsql');
    const thread = new Worker(THREAD, {
      eval: true,
      execArgv: [],
      workerData: { driver, path: this.path },
      resourceLimits: { maxOldGenerationSizeMb: 32, maxYoungGenerationSizeMb: 4 },
    });
    thread.unref();
    thread.on('message', () => {
      this.#isRunning = false;
      if (!this.#isWanted) return;
      this.#isWanted = false;
      this.afterCommit();
    });
    // Without the thread the writer empties the log itself, later and in one go.
    thread.on('error', () => {
      this.#isClosed = true;
    });
    return thread;
  }

  /** Waits for what is under way and ends the thread. */
  async close(): Promise<void> {
    this.#isClosed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    const thread = this.#thread;
    this.#thread = null;
    if (thread === null || thread.threadId === -1) return;
    const ended = new Promise((resolve) => thread.once('exit', resolve));
    thread.ref();
    thread.postMessage('close');
    await ended;
  }
}
