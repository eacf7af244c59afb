import { randomBytes } from 'node:crypto';
import { StoreError } from '../errors/store-error';
import type { CollectionRecord } from '../storage/catalog';
import type { LargeAnswerPlace } from '../wire/large-answers';
import type { Transaction } from '../transactions/transaction';
import { Breather } from './breather';

/** Idle cursors are dropped after this long. */
export const CURSOR_IDLE_MS = 10 * 60_000;
const BATCH_BYTES = 16 * 1024 * 1024;
/** An answer that grows beyond this is made by few commands at a time. */
const LARGE_BYTES = 1024 * 1024;
const CURSOR_LIMIT = 10_000;

/** What the documents of a cursor come from. */
export interface CursorSource {
  /** The collection, when it is one: it tells how long its documents are. */
  readonly collection?: CollectionRecord | undefined;
  readonly transaction?: Transaction | undefined;
}

/** An answer that is handed out in batches. */
export class Cursor {
  #waiting: readonly Buffer[] = [];
  #at = 0;
  #exhausted = false;
  usedAt = Date.now();

  constructor(
    readonly namespace: string,
    private readonly pieces: Iterator<readonly Buffer[]>,
    private readonly source: CursorSource = {},
  ) {}

  /** The transaction it was opened in and lives as long as. */
  get transaction(): Transaction | null {
    return this.source.transaction ?? null;
  }

  /** The next documents: at most `size`, and at most 16 MB unless a single one is larger. */
  async nextBatch(size: number, place: LargeAnswerPlace): Promise<Buffer[]> {
    const batch: Buffer[] = [];
    const breather = new Breather();
    let bytes = 0;
    while (batch.length < size) {
      const document = this.#waiting[this.#at];
      if (document === undefined) {
        if (this.#exhausted) break;
        if (bytes + (this.source.collection?.meanBytes ?? 0) > LARGE_BYTES) await place.enter();
        this.#readOn();
        if (breather.isDue) await breather.rest();
        continue;
      }
      if (bytes + document.length > BATCH_BYTES && batch.length > 0) break;
      bytes += document.length;
      batch.push(document);
      this.#at += 1;
    }
    this.usedAt = Date.now();
    return batch;
  }

  #readOn(): void {
    const piece = this.pieces.next();
    this.#exhausted = piece.done === true;
    this.#waiting = piece.done === true ? [] : piece.value;
    this.#at = 0;
  }

  /** True when nothing is left, looking one piece ahead if need be. */
  isFinished(): boolean {
    while (!this.#exhausted && this.#at >= this.#waiting.length) {
      this.#readOn();
      // An empty piece may be one of many: leave the rest to the next batch.
      if (!this.#exhausted && this.#waiting.length === 0) return false;
    }
    return this.#exhausted && this.#at >= this.#waiting.length;
  }

  close(): void {
    this.pieces.return?.();
    this.#waiting = [];
    this.#exhausted = true;
  }
}

/** The cursors clients have not read to the end. */
export class CursorTable {
  readonly #cursors = new Map<bigint, Cursor>();

  get size(): number {
    return this.#cursors.size;
  }

  /** Keeps a cursor and returns its id. */
  keep(cursor: Cursor): bigint {
    if (this.#cursors.size >= CURSOR_LIMIT)
      throw new StoreError('BadValue', `too many open cursors (${CURSOR_LIMIT}); close some`);
    const id = randomBytes(8).readBigUInt64BE() >> 1n || 1n;
    this.#cursors.set(id, cursor);
    return id;
  }

  get(id: bigint): Cursor {
    const cursor = this.#cursors.get(id);
    if (cursor === undefined) throw new StoreError('CursorNotFound', `cursor id ${id} not found`);
    return cursor;
  }

  kill(id: bigint): boolean {
    this.#cursors.get(id)?.close();
    return this.#cursors.delete(id);
  }

  /** Drops the cursors that were opened in a transaction. */
  killAllOf(transaction: Transaction): void {
    for (const [id, cursor] of this.#cursors) if (cursor.transaction === transaction) this.kill(id);
  }

  dropIdle(now: number): void {
    for (const [id, cursor] of this.#cursors) if (now - cursor.usedAt > CURSOR_IDLE_MS) this.kill(id);
  }
}
