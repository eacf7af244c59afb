import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { OrderBookSnapshot } from '@app/exchange';
import type { StreamRecorder } from '@app/polymarket';
import { type RecordedLine, writeRecordedLine } from './recorded-line';

const compress = promisify(gzip);

/** Characters that are compressed and written together. */
const BATCH_LENGTH = 256 * 1024;
/** Lines wait no longer than this for company: what a killed process takes with it. */
const FLUSH_AFTER_MS = 1_000;
/** Characters that may wait for a slow disk. */
const WAITING_LENGTH = 64 * 2 ** 20;
const DAY_LENGTH = '2026-11-23'.length;

export interface RecordingOptions {
  folder: string;
  /** Of the process: several record into one folder. Letters, digits and hyphens. */
  instance: string;
  /** Told when a batch could not be written, once until one could. */
  onFailure?: (error: unknown) => void;
  /** Most characters waiting to be written; 64 Mi unless told. */
  waitingLength?: number;
}

export interface RecordingStats {
  lines: number;
  /** Compressed, on disk. */
  bytes: number;
  /** Lines not kept, because the disk was slow or refused them. */
  lostLines: number;
}

interface Batch {
  day: string;
  text: string;
  lines: number;
  /** Lines lost before, as it says. */
  marked: number;
}

/** The file that is written to. */
interface RecordingFile {
  day: string;
  handle: FileHandle;
  /** Bytes of the whole members in it. */
  length: number;
}

/**
 * Keeps what the venue sent, line by line, in files `<day>.<instance>.jsonl.gz` of a folder. A file is a row of whole gzip members, each written at once: of a process that is killed
 * at any moment the file is readable up to its last member, and at most a second is missing. A file that is there already is never written to again.
 *
 * Recording never holds anything up: what the disk does not take in time is dropped, counted, and its place marked. Days are UTC, by time of receipt.
 */
export class StreamRecording implements StreamRecorder {
  private readonly markets = new Map<string, readonly [string, string]>();
  private readonly connections = new Map<number, Set<string>>();
  private readonly waitingLength: number;
  private day = '';
  private lines: string[] = [];
  private length = 0;
  private readonly queue: Batch[] = [];
  private queued = 0;
  private writing: Promise<void> | null = null;
  private timer: NodeJS.Timeout | null = null;
  private file: RecordingFile | null = null;
  /** Lines lost since the last that was kept, and those that the lines not yet given to the disk say are lost. */
  private unmarked = 0;
  private marked = 0;
  private isFailing = false;
  private isClosed = false;
  private readonly counts: RecordingStats = { lines: 0, bytes: 0, lostLines: 0 };

  constructor(private readonly options: RecordingOptions) {
    this.waitingLength = options.waitingLength ?? WAITING_LENGTH;
  }

  frame(connection: number, frame: string, atMs: number): void {
    this.append({ atMs, kind: 'frame', connection, frame });
  }

  connected(connection: number, tokenIds: readonly string[], atMs: number): void {
    this.append({ atMs, kind: 'connected', connection, tokenIds });
    const tokens = this.connections.get(connection) ?? new Set();
    for (const tokenId of tokenIds) tokens.add(tokenId);
    this.connections.set(connection, tokens);
  }

  disconnected(connection: number, tokenIds: readonly string[] | null, reason: string, atMs: number): void {
    this.append({ atMs, kind: 'disconnected', connection, tokenIds, reason });
    const tokens = this.connections.get(connection);
    for (const tokenId of tokenIds ?? []) tokens?.delete(tokenId);
    if (tokenIds === null || tokens?.size === 0) this.connections.delete(connection);
  }

  /** A market is followed from now on. */
  follow(conditionId: string, tokenIds: readonly [string, string], atMs: number): void {
    this.append({ atMs, kind: 'market', conditionId, tokenIds });
    this.markets.set(conditionId, tokenIds);
  }

  unfollow(conditionId: string): void {
    this.markets.delete(conditionId);
  }

  /** A book came over REST, to compare. */
  reconciled(book: OrderBookSnapshot, atMs: number): void {
    this.append({ atMs, kind: 'book', book });
  }

  /** A book was asked for over REST, to compare, and the venue keeps none. */
  foundNoBook(tokenId: string, atMs: number): void {
    this.append({ atMs, kind: 'no_book', tokenId });
  }

  stats(): RecordingStats {
    return { ...this.counts };
  }

  /** Resolves when everything so far is written, or lost. */
  async flush(): Promise<void> {
    this.cut();
    await this.writing;
  }

  /** Writes what is left and closes the file. Nothing is kept afterwards. */
  async close(): Promise<void> {
    this.isClosed = true;
    await this.flush();
    await this.closeFile();
  }

  private append(line: RecordedLine): void {
    if (this.isClosed) return;
    const day = new Date(line.atMs).toISOString().slice(0, DAY_LENGTH);
    if (day !== this.day) {
      this.cut();
      const isFirst = this.day === '';
      this.day = day;
      if (!isFirst) this.begin(line.atMs);
    }
    if (this.queued + this.length > this.waitingLength) {
      this.lose(1);
      return;
    }
    if (this.unmarked > 0) {
      const lines = this.unmarked;
      this.marked += lines;
      this.unmarked = 0;
      this.keep({ atMs: line.atMs, kind: 'lost', lines });
      // What was lost may have said who is on which connection.
      this.begin(line.atMs);
    }
    this.keep(line);
  }

  /** Says what one has to know to read on from here. */
  private begin(atMs: number): void {
    for (const [conditionId, tokenIds] of this.markets) this.keep({ atMs, kind: 'market', conditionId, tokenIds });
    for (const [connection, tokens] of this.connections) {
      this.keep({ atMs, kind: 'continues', connection, tokenIds: [...tokens] });
    }
  }

  private keep(line: RecordedLine): void {
    const text = writeRecordedLine(line);
    this.lines.push(text);
    this.length += text.length;
    if (this.length >= BATCH_LENGTH) this.cut();
    else this.timer ??= setTimeout(() => this.cut(), FLUSH_AFTER_MS).unref();
  }

  /** Gives the lines so far to the disk. */
  private cut(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    if (this.lines.length === 0) return;
    this.queue.push({ day: this.day, text: this.lines.join(''), lines: this.lines.length, marked: this.marked });
    this.marked = 0;
    this.queued += this.length;
    this.lines = [];
    this.length = 0;
    this.writing ??= this.write();
  }

  private async write(): Promise<void> {
    for (let batch = this.queue.shift(); batch !== undefined; batch = this.queue.shift()) {
      try {
        const bytes = await compress(batch.text);
        const file = await this.fileOf(batch.day);
        await file.handle.appendFile(bytes);
        file.length += bytes.length;
        this.counts.lines += batch.lines;
        this.counts.bytes += bytes.length;
        this.isFailing = false;
      } catch (error) {
        this.lose(batch.lines);
        this.unmarked += batch.marked;
        this.fail(error);
        await this.rewind();
      }
      this.queued -= batch.text.length;
    }
    this.writing = null;
  }

  private lose(lines: number): void {
    this.counts.lostLines += lines;
    this.unmarked += lines;
  }

  private async fileOf(day: string): Promise<RecordingFile> {
    if (this.file?.day === day) return this.file;
    await this.closeFile();
    const { folder, instance } = this.options;
    await mkdir(folder, { recursive: true });
    for (let number = 0; ; number += 1) {
      const name = `${day}.${instance}${number === 0 ? '' : `.${number}`}.jsonl.gz`;
      const handle = await openNew(join(folder, name));
      if (handle === null) continue;
      this.file = { day, handle, length: 0 };
      return this.file;
    }
  }

  /** What was written of a member may end in the middle, and nothing may follow there: it is taken back, or else the file ends. */
  private async rewind(): Promise<void> {
    try {
      await this.file?.handle.truncate(this.file.length);
    } catch {
      await this.closeFile();
    }
  }

  private async closeFile(): Promise<void> {
    const { file } = this;
    this.file = null;
    await file?.handle.close().catch((error: unknown) => this.fail(error));
  }

  private fail(error: unknown): void {
    if (!this.isFailing) this.options.onFailure?.(error);
    this.isFailing = true;
  }
}

/** Creates a file; null when there is one of that name. */
async function openNew(path: string): Promise<FileHandle | null> {
  try {
    return await open(path, 'ax');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return null;
    throw error;
  }
}
