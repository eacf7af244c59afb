import type { CollectionRecord, IndexRecord } from '../storage/catalog';
import type { SqlReader, SqlValue } from '../storage/sqlite-file';
import type { IndexAccess, ScanRange } from './plan';
import { type Row, ROWS_IN_ONE, storedRows } from './stored-rows';

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
    /** The table of the documents. */
    private readonly documents: string,
  ) {}

  get isDone(): boolean {
    return this.#done;
  }

  /** What is left of the stretch, as the end of a statement and its first parameters. */
  #rest(): { sql: string; parameters: SqlValue[] } {
    const { lower, upper } = this.range;
    const at = this.#position;
    const order = this.backward ? 'ORDER BY key DESC, rid DESC' : 'ORDER BY key, rid';
    if (at === null) return { sql: `WHERE key>=? AND key<? ${order}`, parameters: [lower, upper] };
    return this.backward
      ? { sql: `WHERE key>=? AND (key,rid)<(?,?) ${order}`, parameters: [lower, ...at] }
      : { sql: `WHERE (key,rid)>(?,?) AND key<? ${order}`, parameters: [...at, upper] };
  }

  #read(limit: number, offset: number): IndexEntry[] {
    const { sql, parameters } = this.#rest();
    return this.file.all<IndexEntry>(`SELECT key, rid FROM ${this.index.table} ${sql} LIMIT ? OFFSET ?`, [
      ...parameters,
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

  /** The documents of the next entries, at most `limit`; fewer only at the end. */
  nextDocuments(limit: number): Row[] {
    if (this.#done) return [];
    const { sql, parameters } = this.#rest();
    const entries = `SELECT key, rid FROM ${this.index.table} ${sql} LIMIT ?`;
    // The last key is the greatest or the least one, and its record id the last of the list. As text it is cheaper to hand over.
    const columns = limit === 1 ? 'doc, rid, hex(key)' : `${ROWS_IN_ONE}, hex(${this.backward ? 'min' : 'max'}(key))`;
    const found = this.file.one<readonly [documents: Buffer | null, rids: SqlValue, lastKey: string]>(
      `SELECT ${columns} FROM (${entries}) CROSS JOIN ${this.documents} USING(rid)`,
      [...parameters, limit],
    );
    const rows = storedRows(found);
    const lastKey = found?.[2];
    const lastRid = rows.at(-1)?.rid;
    if (lastKey !== undefined && lastRid !== undefined) this.#position = [Buffer.from(lastKey, 'hex'), lastRid];
    this.#done = rows.length < limit;
    return rows;
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
    return countRange(this.file, this.index, this.range);
  }
}

function countRange(file: SqlReader, { table }: IndexRecord, { lower, upper }: ScanRange): number {
  return file.one<[number]>(`SELECT count(*) FROM ${table} WHERE key>=? AND key<?`, [lower, upper])?.[0] ?? 0;
}

/** Reads the entries an access names, in its order. */
export interface EntryScan {
  /** The next entries, at most `limit`; none only at the end. */
  next(limit: number): IndexEntry[];
  /** The documents of the next entries, at most `limit` and none only at the end; null where entries must be read alone. */
  readonly nextDocuments: ((limit: number) => Row[]) | null;
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
    return this.#collect(limit, (scan, wanted) => scan.next(wanted));
  }

  nextDocuments = (limit: number): Row[] => this.#collect(limit, (scan, wanted) => scan.nextDocuments(wanted));

  #collect<Item>(limit: number, read: (scan: RangeScan, wanted: number) => Item[]): Item[] {
    const items: Item[] = [];
    while (items.length < limit) {
      const scan = this.#scans[this.#current];
      if (scan === undefined) break;
      items.push(...read(scan, limit - items.length));
      if (!scan.isDone) break;
      this.#current += 1;
    }
    return items;
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
  readonly nextDocuments = null;
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
  readonly nextDocuments = null;
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

/** Looks one key up that no two documents have. */
class PointScan implements EntryScan {
  #isDone = false;

  constructor(
    private readonly file: SqlReader,
    private readonly index: IndexRecord,
    private readonly key: Buffer,
    /** The table of the documents. */
    private readonly documents: string,
  ) {}

  next(): IndexEntry[] {
    return this.nextDocuments().map(({ rid }) => [this.key, rid]);
  }

  nextDocuments = (): Row[] => {
    if (this.#isDone) return [];
    this.#isDone = true;
    const found = this.file.one<[Buffer, number]>(this.index.selectDocument(this.documents), [this.key]);
    return found === undefined ? [] : [{ rid: found[1], document: found[0], score: 0 }];
  };

  skip(count: number): void {
    this.#isDone ||= count > 0;
  }
}

const FEW_KEYS = 4;

/** Opens the entries of an access to a collection for reading. */
export function openScan(file: SqlReader, access: IndexAccess, { table, idIndex }: CollectionRecord): EntryScan {
  const { index } = access;
  const [only, another] = access.ranges;
  const isUnique = index.definition.unique || index === idIndex;
  if (access.wholeKeys && isUnique && only !== undefined && another === undefined)
    return new PointScan(file, index, only.lower, table);
  const ranges = access.backward && !access.merge ? [...access.ranges].reverse() : access.ranges;
  if (access.wholeKeys && !access.merge && ranges.length > FEW_KEYS) return new KeyScan(file, access, ranges);
  const scans = ranges.map((range) => new RangeScan(file, access.index, range, access.backward, table));
  return access.merge ? new MergedScan(scans, access.backward) : new SequentialScan(scans);
}

/** The number of index entries an access names. */
export function countEntries(file: SqlReader, { index, ranges }: IndexAccess): number {
  return ranges.reduce((sum, range) => sum + countRange(file, index, range), 0);
}
