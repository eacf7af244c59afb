import { statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';
import type { WriteQueue } from './write-queue';

/** Longest that committed pages wait in the log, once it is worth the work. */
const INTERVAL_MS = 400;
/** A log this small waits for the store to close, which empties it. */
const SMALL_LOG_BYTES = 4 * 1024 * 1024;
/** A log of so many pages is started anew: written over from its beginning, which costs half of making it longer. */
const LONG_LOG_PAGES = 2000;

/** What a checkpoint has come to: pages the log has, and how many of them are in the data file. */
type Outcome = readonly [logged: number, moved: number];

const NOTHING: Outcome = [0, 0];

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
    let outcome = [0, 0];
    try {
      const [, logged, moved] = checkpoint.get([]);
      outcome = [logged, moved];
    } catch {
      // What a full or broken disk means for the data is for the writer to say, at its next commit.
    }
    parentPort.postMessage(outcome);
  });
`;

/**
 * Moves committed pages from the log into the data file beside the work: waiting for the disk there would hold up every client. Reads
 * and writes go on meanwhile, but for the last pages of a long log: for those the thread takes the turn of a writer, a few milliseconds,
 * because SQLite starts the log anew only when all of it was moved. It starts its thread only when the log has grown, and nothing is
 * lost when it never runs.
 */
export class Checkpointer {
  #thread: Worker | null = null;
  #timer: NodeJS.Timeout | null = null;
  #running: Promise<void> | null = null;
  #isWanted = false;
  #isClosed = false;
  #longFrom = LONG_LOG_PAGES;
  #answer: (outcome: Outcome) => void = () => undefined;

  constructor(
    private readonly path: string,
    private readonly queue: WriteQueue,
    /** Told when there is no thread any more: the writer has to empty the log itself from then on. */
    private readonly onLost: () => void,
  ) {}

  /** To be called after each commit. */
  afterCommit(): void {
    if (this.#timer !== null || this.#isClosed) return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#start();
    }, INTERVAL_MS).unref();
  }

  #start(): void {
    if (this.#running !== null) {
      this.#isWanted = true;
      return;
    }
    const log = statSync(`${this.path}-wal`, { throwIfNoEntry: false });
    if (log === undefined || log.size < SMALL_LOG_BYTES) return;
    this.#running = this.#run().finally(() => {
      this.#running = null;
      if (this.#isWanted) this.afterCommit();
      this.#isWanted = false;
    });
  }

  async #run(): Promise<void> {
    const [logged] = await this.#checkpoint();
    if (logged < this.#longFrom) return;
    // What was written during the first takes less time than the first.
    await this.#checkpoint();
    await this.queue.enter();
    try {
      const [all, moved] = await this.#checkpoint();
      // Someone still reads an older state: until the log has grown by as much again there is nothing to be gained.
      this.#longFrom = moved < all ? all + LONG_LOG_PAGES : LONG_LOG_PAGES;
    } finally {
      this.queue.leave();
    }
  }

  #checkpoint(): Promise<Outcome> {
    if (this.#isClosed) return Promise.resolve(NOTHING);
    const thread = (this.#thread ??= this.#startThread());
    return new Promise((resolve) => {
      this.#answer = resolve;
      thread.postMessage('checkpoint');
    });
  }

  #startThread(): Worker {
    const driver = createRequire(__filename).resolve('libsql');
    const thread = new Worker(THREAD, {
      eval: true,
      execArgv: [],
      workerData: { driver, path: this.path },
      resourceLimits: { maxOldGenerationSizeMb: 32, maxYoungGenerationSizeMb: 4 },
    });
    thread.unref();
    thread.on('message', (outcome: Outcome) => this.#answer(outcome));
    thread.on('error', () => {
      this.#isClosed = true;
      this.#answer(NOTHING);
      this.onLost();
    });
    return thread;
  }

  /** Waits for what is under way and ends the thread. */
  async close(): Promise<void> {
    this.#isClosed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    await this.#running;
    const thread = this.#thread;
    this.#thread = null;
    if (thread === null || thread.threadId === -1) return;
    const ended = new Promise((resolve) => thread.once('exit', resolve));
    thread.ref();
    thread.postMessage('close');
    await ended;
  }
}
