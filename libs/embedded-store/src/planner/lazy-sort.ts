/** Rows sorted in one go: a few milliseconds of work. */
const RUN = 4096;
/** Merged rows handed over at a time. */
const PIECE = 256;

/** One sorted run and how far the merge has read it. */
interface Head<Row> {
  readonly rows: readonly Row[];
  /** Position of the run: of equal rows the one added first comes first. */
  readonly run: number;
  at: number;
  row: Row;
}

/**
 * Puts rows in order without ever working long in one go: they are sorted in runs, and the runs are merged while they are read. Of more
 * rows than `keep` only the least are kept. Equal rows come in the order they were added.
 */
export class LazySort<Row> {
  #runs: Row[][] = [];
  #current: Row[] = [];
  #count = 0;
  #bound: Row | null = null;

  constructor(
    private readonly compare: (a: Row, b: Row) => number,
    private readonly keep: number = Infinity,
  ) {}

  /** Takes a row; false when enough rows that come before it are known. */
  add(row: Row): boolean {
    if (this.#bound !== null && this.compare(row, this.#bound) >= 0) return false;
    this.#current.push(row);
    this.#count += 1;
    if (this.#current.length >= RUN) this.#closeRun();
    return true;
  }

  #closeRun(): void {
    if (this.#current.length === 0) return;
    this.#runs.push(this.#current.sort(this.compare));
    this.#current = [];
  }

  /** True when {@link trim} would let go of many rows. */
  get isOverfull(): boolean {
    return this.#count >= 2 * this.keep + RUN;
  }

  /** Lets go of all but the least rows, in steps; nothing may be added meanwhile. */
  *trim(): Generator<undefined, readonly Row[], undefined> {
    const kept: Row[] = [];
    for (const piece of this.sorted()) {
      kept.push(...piece.slice(0, this.keep - kept.length));
      if (kept.length >= this.keep) break;
      yield undefined;
    }
    this.#runs = [kept];
    this.#count = kept.length;
    this.#bound = kept.at(-1) ?? null;
    return kept;
  }

  /** All rows in order, a piece at a time. Nothing may be added afterwards, except behind a {@link trim}. */
  *sorted(): Generator<Row[], void, undefined> {
    this.#closeRun();
    const heap = new Heap(this.compare);
    for (const [run, rows] of this.#runs.entries()) {
      const [row] = rows;
      if (row !== undefined) heap.push({ rows, run, at: 0, row });
    }
    let piece: Row[] = [];
    for (let head = heap.least; head !== undefined; head = heap.least) {
      piece.push(head.row);
      heap.advanceLeast();
      if (piece.length === PIECE) {
        yield piece;
        piece = [];
      }
    }
    if (piece.length > 0) yield piece;
  }
}

/** The heads of the runs, the least on top. */
class Heap<Row> {
  readonly #heads: Head<Row>[] = [];

  constructor(private readonly compare: (a: Row, b: Row) => number) {}

  get least(): Head<Row> | undefined {
    return this.#heads[0];
  }

  #isBefore(a: Head<Row>, b: Head<Row>): boolean {
    return (this.compare(a.row, b.row) || a.run - b.run) < 0;
  }

  push(head: Head<Row>): void {
    const heads = this.#heads;
    let at = heads.length;
    heads.push(head);
    while (at > 0) {
      const above = (at - 1) >> 1;
      const parent = heads[above];
      if (parent === undefined || !this.#isBefore(head, parent)) break;
      heads[at] = parent;
      at = above;
    }
    heads[at] = head;
  }

  /** Moves the run on top to its next row, or takes it out at its end. */
  advanceLeast(): void {
    const [top] = this.#heads;
    if (top === undefined) return;
    top.at += 1;
    const next = top.rows[top.at];
    if (next !== undefined) {
      top.row = next;
      this.#sink(top);
      return;
    }
    const last = this.#heads.pop();
    if (last !== undefined && last !== top) this.#sink(last);
  }

  #sink(head: Head<Row>): void {
    const heads = this.#heads;
    let at = 0;
    for (;;) {
      const left = heads[2 * at + 1];
      if (left === undefined) break;
      const right = heads[2 * at + 2];
      const useRight = right !== undefined && this.#isBefore(right, left);
      const child = useRight ? right : left;
      if (!this.#isBefore(child, head)) break;
      heads[at] = child;
      at = 2 * at + (useRight ? 2 : 1);
    }
    heads[at] = head;
  }
}
