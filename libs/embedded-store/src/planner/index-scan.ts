import type { IndexRecord } from '../storage/catalog';
import type { SqlReader } from '../storage/sqlite-file';
import type { IndexAccess, ScanRange } from './plan';

export type IndexEntry = readonly [key: Buffer, rid: number];

/** Reads one stretch of an index in one direction, piece by piece; nothing stays open between pieces. */
class RangeScan {
  #position: IndexEntry | null = null;
  #done = false;

  constructor(
    private readonly file: SqlReader,
    private readonly index: IndexRecord,
    readonly range: ScanRange,
    private readonly backward: boolean,
  ) {}

  get isDone(): boolean {
    return this.#done;
  }

  #read(limit: number, offset: number): IndexEntry[] {
    const { table } = this.index;
    const order = this.backward ? 'key DESC, rid DESC' : 'key, rid';
    const tail = `ORDER BY ${order} LIMIT ? OFFSET ?`;
    const { lower, upper } = this.range;
    const at = this.#position;
    if (at === null) {
      return this.file.all<IndexEntry>(`SELECT key, rid FROM ${table} WHERE key>=? AND key<? ${tail}`, [
        lower,
        upper,
        limit,
        offset,
      ]);
    }
    return this.backward
      ? this.file.all<IndexEntry>(`SELECT key, rid FROM ${table} WHERE key>=? AND (key,rid)<(?,?) ${tail}`, [
          lower,
          ...at,
          limit,
          offset,
        ])
      : this.file.all<IndexEntry>(`SELECT key, rid FROM ${table} WHERE (key,rid)>(?,?) AND key<? ${tail}`, [
          ...at,
          upper,
          limit,
          offset,
        ]);
  }

  /** The next entries, at most `limit`; fewer only at the end. */
  next(limit: number): IndexEntry[] {
    if (this.#done) return [];
    const entries = this.#read(limit, 0);
    this.#position = entries.at(-1) ?? this.#position;
    this.#done = entries.length < limit;
    return entries;
  }

  /** The entry `distance` places ahead (1 = the next), or null when the stretch ends before. The position stays. */
  peek(distance: number): IndexEntry | null {
    return this.#done ? null : (this.#read(1, distance - 1)[0] ?? null);
  }

  /** Continues behind an entry found by {@link peek}. */
  moveBehind(entry: IndexEntry): void {
    this.#position = entry;
  }

  /** Leaves the rest of the stretch unread. */
  finish(): void {
    this.#done = true;
  }

  count(): number {
    const { lower, upper } = this.range;
    return (
      this.file.one<[number]>(`SELECT count(*) FROM ${this.index.table} WHERE key>=? AND key<?`, [lower, upper])?.[0] ??
      0
    );
  }
}

/** Reads the entries an access names, in its order. */
export interface EntryScan {
  /** The next entries, at most `limit`; none only at the end. */
  next(limit: number): IndexEntry[];
  /** Passes over that many entries without reading them. */
  skip(count: number): void;
}

class SequentialScan implements EntryScan {
  readonly #scans: RangeScan[];
  #current = 0;

  constructor(scans: RangeScan[]) {
    this.#scans = scans;
  }

  next(limit: number): IndexEntry[] {
    const entries: IndexEntry[] = [];
    while (entries.length < limit) {
      const scan = this.#scans[this.#current];
      if (scan === undefined) break;
      entries.push(...scan.next(limit - entries.length));
      if (!scan.isDone) break;
      this.#current += 1;
    }
    return entries;
  }

  skip(count: number): void {
    let left = count;
    while (left > 0) {
      const scan = this.#scans[this.#current];
      if (scan === undefined) return;
      const target = scan.peek(left);
      if (target !== null) {
        scan.moveBehind(target);
        return;
      }
      left -= scan.count();
      this.#current += 1;
    }
  }
}

interface Head {
  readonly scan: RangeScan;
  buffer: IndexEntry[];
  at: number;
}

const MERGE_BUFFER = 64;

/** Reads several stretches side by side, so that their entries come out in one order. */
class MergedScan implements EntryScan {
  readonly #heads: Head[];

  constructor(
    scans: RangeScan[],
    private readonly backward: boolean,
  ) {
    this.#heads = scans.map((scan) => ({ scan, buffer: [], at: 0 }));
  }

  #compare(a: Head, left: IndexEntry, b: Head, right: IndexEntry): number {
    const order = left[0].compare(
      right[0],
      b.scan.range.mergeFrom,
      right[0].length,
      a.scan.range.mergeFrom,
      left[0].length,
    );
    return this.backward ? -order : order;
  }

  #peek(head: Head, limit: number): IndexEntry | undefined {
    if (head.at >= head.buffer.length && !head.scan.isDone) {
      head.buffer = head.scan.next(limit);
      head.at = 0;
    }
    return head.buffer[head.at];
  }

  next(limit: number): IndexEntry[] {
    const entries: IndexEntry[] = [];
    const portion = Math.min(MERGE_BUFFER, Math.max(2, limit));
    while (entries.length < limit) {
      let first: Head | null = null;
      let least: IndexEntry | undefined;
      for (const head of this.#heads) {
        const entry = this.#peek(head, portion);
        if (entry === undefined) continue;
        if (first === null || least === undefined || this.#compare(head, entry, first, least) < 0) {
          first = head;
          least = entry;
        }
      }
      if (first === null || least === undefined) break;
      first.at += 1;
      entries.push(least);
    }
    return entries;
  }

  /**
   * Looks `step` places ahead in every stretch. Whatever lies up to the least of these entries is at most `step` entries of each
   * stretch, so with step = count / stretches that stretch can move there safely. Must come before the first {@link next}.
   */
  skip(count: number): void {
    let left = count;
    let heads = this.#heads;
    while (left >= heads.length * 4 && heads.length > 0) {
      const step = Math.floor(left / heads.length);
      const targets = heads.map((head) => ({ head, target: head.scan.peek(step) }));
      const least = targets.reduce<{ head: Head; target: IndexEntry } | null>((best, { head, target }) => {
        if (target === null) return best;
        return best === null || this.#compare(head, target, best.head, best.target) < 0 ? { head, target } : best;
      }, null);
      if (least === null) {
        // Every stretch is shorter than the step: together they hold less than is to be skipped.
        for (const { scan } of heads) scan.finish();
        return;
      }
      least.head.scan.moveBehind(least.target);
      left -= step;
      heads = heads.filter(({ scan }) => !scan.isDone);
    }
    while (left > 0) {
      const skipped = this.next(Math.min(left, 1024)).length;
      if (skipped === 0) return;
      left -= skipped;
    }
  }
}

const KEYS_AT_ONCE = 250;

/** Looks many whole keys up, a batch of them at a time. */
class KeyScan implements EntryScan {
  readonly #waiting: IndexEntry[] = [];
  #at = 0;

  constructor(
    private readonly file: SqlReader,
    private readonly access: IndexAccess,
    private readonly ranges: readonly ScanRange[],
  ) {}

  next(limit: number): IndexEntry[] {
    while (this.#waiting.length < limit && this.#at < this.ranges.length) {
      const keys = this.ranges.slice(this.#at, this.#at + KEYS_AT_ONCE).map(({ lower }) => lower.toString('hex'));
      this.#at += keys.length;
      const order = this.access.backward ? 'key DESC, rid DESC' : 'key, rid';
      const sql = `SELECT key, rid FROM ${this.access.index.table} WHERE key IN (SELECT unhex(value) FROM json_each(?)) ORDER BY ${order}`;
      this.#waiting.push(...this.file.all<IndexEntry>(sql, [JSON.stringify(keys)]));
    }
    return this.#waiting.splice(0, limit);
  }

  skip(count: number): void {
    this.next(count);
  }
}

const FEW_KEYS = 4;

/** Opens the entries of an access for reading. */
export function openScan(file: SqlReader, access: IndexAccess): EntryScan {
  const ranges = access.backward && !access.merge ? [...access.ranges].reverse() : access.ranges;
  if (access.wholeKeys && !access.merge && ranges.length > FEW_KEYS) return new KeyScan(file, access, ranges);
  const scans = ranges.map((range) => new RangeScan(file, access.index, range, access.backward));
  return access.merge ? new MergedScan(scans, access.backward) : new SequentialScan(scans);
}

/** The number of index entries an access names. */
export function countEntries(file: SqlReader, { index, ranges }: IndexAccess): number {
  return ranges.reduce((sum, range) => sum + new RangeScan(file, index, range, false).count(), 0);
}
