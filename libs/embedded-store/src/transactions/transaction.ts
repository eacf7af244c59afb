import { StoreError, unsupported } from '../errors/store-error';
import { conjuncts } from '../matcher/filter';
import { compileFilter } from '../matcher/matcher';
import { type Plan, planQuery } from '../planner/plan';
import { cut, fetchDocument, fieldsIn, quickCount, type Rows, runPlan } from '../planner/run-plan';
import type { CollectionRecord } from '../storage/catalog';
import { changedFields, checkDocument, dependsOnAny, uniqueKeysOf } from '../storage/document-writer';
import { duplicateKeyError } from '../storage/duplicate-key';
import type { Snapshot } from '../storage/snapshots';
import type { Storage } from '../storage/storage';
import type { LockHolder } from '../storage/write-locks';
import { type Change, Overlay, type UniqueKey } from './overlay';
import { OverlayBudget } from './overlay-budget';
import { overlaidRows } from './overlay-rows';
import { type FindQuery, wantedBy, type WriteView } from './views';

const writeConflict = (): StoreError =>
  new StoreError('WriteConflict', 'Write conflict during plan execution: another operation changed the same document');

function* noRows(): Rows {
  // A collection that is made by the transaction has nothing in the snapshot.
}

/**
 * An open transaction: it reads the snapshot of its first command with its own changes laid over it. Nothing of it is in the data file
 * before it is committed. Writing takes the turn of a writer, so that what others have changed meanwhile is committed and can be seen as a conflict.
 */
export class Transaction implements WriteView, LockHolder {
  readonly ended: Promise<void>;
  #end: () => void = () => undefined;
  readonly #snapshot: Snapshot;
  readonly #overlays = new Map<string, Overlay>();
  #bytes = 0;
  #lastNew = 0;
  #hasFailed = false;

  constructor(
    private readonly storage: Storage,
    private readonly budget = new OverlayBudget(),
  ) {
    this.#snapshot = storage.openSnapshot();
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  /** What was changed, by collection. */
  get overlays(): Iterable<Overlay> {
    return this.#overlays.values();
  }

  /** True when a statement failed: the transaction is to be aborted when its command has been answered. */
  get hasFailed(): boolean {
    return this.#hasFailed;
  }

  fail(): void {
    this.#hasFailed = true;
  }

  /** Lets go of everything it holds and wakes who waits. */
  end(): void {
    this.#overlays.clear();
    this.#snapshot.close();
    this.budget.give(this.#bytes);
    this.storage.locks.release(this);
    this.#end();
  }

  /** @throws StoreError SnapshotUnavailable when the collection was made, dropped or indexed anew since the snapshot. */
  checkCatalog(namespace: string): void {
    if (!this.storage.changes.namespaceChangedSince(this.#snapshot.commit, namespace)) return;
    throw new StoreError(
      'SnapshotUnavailable',
      `Unable to read from a snapshot due to pending collection catalog changes of ${namespace}; please retry the operation`,
    );
  }

  /**
   * Lets go of the snapshot before the changes are written: SQLite cannot start its log anew while an older state is read. Nothing may be
   * read through the transaction afterwards.
   * @throws StoreError SnapshotUnavailable when a collection it has changed is not the one it has seen.
   */
  prepareCommit(): void {
    for (const { moment, collection } of this.overlays) if (moment > 0) this.checkCatalog(collection.namespace);
    this.#snapshot.close();
  }

  find(database: string, name: string): CollectionRecord | null {
    const found = this.storage.find(database, name);
    const namespace = found?.namespace ?? `${database}.${name}`;
    this.checkCatalog(namespace);
    return found ?? this.#overlays.get(namespace)?.collection ?? null;
  }

  /** A collection that is not there yet is made when the transaction is committed. */
  findOrCreate(database: string, name: string): CollectionRecord {
    const found = this.find(database, name);
    if (found !== null) return found;
    const overlay = new Overlay(this.storage.draft(database, name));
    this.#overlays.set(overlay.collection.namespace, overlay);
    return overlay.collection;
  }

  #isDraft({ database, name }: CollectionRecord): boolean {
    return this.storage.find(database, name) === null;
  }

  /** The changes of a collection, or null when there are none. */
  #changesOf({ namespace }: CollectionRecord): Overlay | null {
    const overlay = this.#overlays.get(namespace);
    return overlay === undefined || overlay.moment === 0 ? null : overlay;
  }

  #overlayOf(collection: CollectionRecord): Overlay {
    const overlay = this.#overlays.get(collection.namespace) ?? new Overlay(collection);
    this.#overlays.set(collection.namespace, overlay);
    return overlay;
  }

  plan(collection: CollectionRecord, query: FindQuery, needsScore = false): Plan {
    const { filter, sort, window } = query;
    if (this.#changesOf(collection) !== null && conjuncts(filter).some(({ kind }) => kind === 'text')) {
      throw unsupported(
        '$text on a collection the transaction has changed',
        'search first, or outside the transaction',
      );
    }
    if (this.#isDraft(collection)) {
      const memorySort = sort.length === 0 ? null : sort;
      return { collection, access: { kind: 'collection' }, residual: null, settled: false, memorySort, text: null };
    }
    return planQuery(this.#snapshot.reader, collection, { filter, sort, wanted: wantedBy(window), needsScore });
  }

  rows(plan: Plan, { filter, sort, window }: FindQuery): Rows {
    const overlay = this.#changesOf(plan.collection);
    if (overlay === null)
      return this.#isDraft(plan.collection) ? noRows() : runPlan(this.#snapshot.reader, plan, sort, window);
    const wanted = wantedBy(window);
    // Of the rows that lead the answer as many may be replaced as documents were changed.
    const base = { skip: 0, limit: wanted === null ? null : wanted + overlay.moment };
    const rows = this.#isDraft(plan.collection) ? noRows() : runPlan(this.#snapshot.reader, plan, sort, base);
    const matches = compileFilter(filter);
    const changed = overlay
      .candidates(filter)
      .filter(({ document }) => matches(document))
      .map((row) => ({ ...row, score: 0 }));
    return cut(overlaidRows(rows, { overlay, moment: overlay.moment, matches, changed }, fieldsIn(sort)), window);
  }

  quickCount(plan: Plan, { filter }: FindQuery): number | null {
    const { collection } = plan;
    const inSnapshot = this.#isDraft(collection) ? 0 : this.#countSnapshot(plan);
    const overlay = this.#changesOf(collection);
    if (overlay === null || inSnapshot === null) return inSnapshot;
    const matches = compileFilter(filter);
    let count = inSnapshot;
    for (const { document } of overlay.originals()) if (matches(document)) count -= 1;
    for (const { document } of overlay.candidates(filter)) if (matches(document)) count += 1;
    return count;
  }

  #countSnapshot(plan: Plan): number | null {
    if (plan.access.kind !== 'collection') return quickCount(this.#snapshot.reader, plan);
    return plan.settled ? this.#snapshot.countOf(plan.collection) : null;
  }

  fetch(collection: CollectionRecord, rid: number): Buffer | null {
    const changed = this.#changesOf(collection);
    const own = changed?.at(rid, changed.moment);
    return own === undefined ? fetchDocument(this.#snapshot.reader, collection, rid) : own;
  }

  insert(collection: CollectionRecord, document: Buffer): void {
    checkDocument(document);
    this.#lastNew -= 1;
    this.#change(collection, { rid: this.#lastNew, before: null, after: document, touched: null });
  }

  replace(
    collection: CollectionRecord,
    rid: number,
    before: Buffer,
    after: Buffer,
    touched: ReadonlySet<string> | null,
  ): void {
    checkDocument(after);
    this.#change(collection, { rid, before, after, touched });
  }

  remove(collection: CollectionRecord, rid: number, before: Buffer): void {
    this.#change(collection, { rid, before, after: null, touched: null });
  }

  /** Checks and locks first, so that a refused change leaves nothing behind. */
  #change(collection: CollectionRecord, change: Change): void {
    const { rid, before, after, touched } = change;
    const overlay = this.#overlayOf(collection);
    const changed = before === null || after === null ? null : (touched ?? changedFields(before, after));
    const keys = after === null ? [] : uniqueKeysOf(collection, after, changed);
    const { locks } = this.storage;
    if (rid > 0 && !overlay.isTouched(rid)) this.#checkDocumentFree(collection, rid);
    // A key the document had before is its own: nobody else can have changed it since.
    const claimed = changed === null ? keys : keys.filter(({ index }) => dependsOnAny(index, changed));
    for (const key of claimed) this.#checkKeyFree(overlay, rid, after ?? Buffer.alloc(0), key);
    this.#bytes = this.budget.take(this.#bytes, (before?.length ?? 0) + (after?.length ?? 0));
    if (rid > 0) locks.lockDocument(this, collection, rid);
    for (const { index, key } of claimed) locks.lockKey(this, collection.namespace, index.name, key);
    overlay.add(change, keys);
  }

  #checkDocumentFree(collection: CollectionRecord, rid: number): void {
    const { locks, changes } = this.storage;
    if (locks.documentHolder(collection, rid) !== null) throw writeConflict();
    if (changes.documentChangedSince(this.#snapshot.commit, collection, rid)) throw writeConflict();
  }

  /** A key taken in what the transaction sees is a duplicate; one taken by others since is a conflict. */
  #checkKeyFree(overlay: Overlay, rid: number, document: Buffer, unique: UniqueKey): void {
    const { collection } = overlay;
    const { index, key } = unique;
    const own = overlay.holderOf(unique);
    if (own === rid) return;
    if (own !== undefined) throw duplicateKeyError(collection, index, document, key);
    const { locks } = this.storage;
    const holder = locks.keyHolder(collection.namespace, index.name, key);
    const isTakenIn = (reader: Snapshot['reader']): boolean => {
      const other = reader.one<[number]>(index.selectOther, [key, rid])?.[0];
      return other !== undefined && !overlay.isTouched(other);
    };
    if (!this.#isDraft(collection)) {
      if (isTakenIn(this.#snapshot.reader)) throw duplicateKeyError(collection, index, document, key);
      if (!this.storage.changes.isLast(this.#snapshot.commit) && isTakenIn(this.storage.reading)) throw writeConflict();
    }
    if (holder !== null && holder !== this) throw writeConflict();
  }
}
