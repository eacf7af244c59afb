import type { CollectionRecord } from './catalog';

const LEAST_PRUNED = 10_000;

/**
 * Remembers which commit last changed a document or a collection's place in the catalog, for as long as a snapshot is open that is
 * older than that commit. Commits are numbered from the start of the process.
 */
export class ChangeLog {
  #last = 0;
  /** How many snapshots are open of each commit, oldest first. */
  readonly #snapshots = new Map<number, number>();
  #openDocuments: [collection: CollectionRecord, rid: number][] = [];
  #openNamespaces: string[] = [];
  readonly #documents = new Map<CollectionRecord, Map<number, number>>();
  readonly #namespaces = new Map<string, number>();
  #size = 0;
  #pruneAt = LEAST_PRUNED;

  /** True when the open transaction changes the catalog. */
  get changesCatalog(): boolean {
    return this.#openNamespaces.length > 0;
  }

  noteDocument(collection: CollectionRecord, rid: number): void {
    this.#openDocuments.push([collection, rid]);
  }

  /** Notes that a collection is made, dropped or gets other indexes. */
  noteNamespace(namespace: string): void {
    this.#openNamespaces.push(namespace);
  }

  /** Ends the open transaction. */
  settle(committed: boolean): void {
    if (committed) {
      this.#last += 1;
      if (this.#snapshots.size > 0) this.#keep();
    }
    if (this.#openDocuments.length > 0) this.#openDocuments = [];
    if (this.#openNamespaces.length > 0) this.#openNamespaces = [];
  }

  #keep(): void {
    for (const [collection, rid] of this.#openDocuments) {
      const changes = this.#documents.get(collection) ?? new Map<number, number>();
      this.#documents.set(collection, changes);
      if (!changes.has(rid)) this.#size += 1;
      changes.set(rid, this.#last);
    }
    for (const namespace of this.#openNamespaces) this.#namespaces.set(namespace, this.#last);
    if (this.#size > this.#pruneAt) this.#prune();
  }

  #prune(): void {
    const [oldest = this.#last] = this.#snapshots.keys();
    this.#size = 0;
    for (const [collection, changes] of this.#documents) {
      for (const [rid, commit] of changes) if (commit <= oldest) changes.delete(rid);
      if (changes.size === 0) this.#documents.delete(collection);
      this.#size += changes.size;
    }
    for (const [namespace, commit] of this.#namespaces) if (commit <= oldest) this.#namespaces.delete(namespace);
    this.#pruneAt = Math.max(LEAST_PRUNED, this.#size * 2);
  }

  /** Keeps changes from now on; returns the number of the last commit. */
  openSnapshot(): number {
    this.#snapshots.set(this.#last, (this.#snapshots.get(this.#last) ?? 0) + 1);
    return this.#last;
  }

  closeSnapshot(commit: number): void {
    const others = (this.#snapshots.get(commit) ?? 0) - 1;
    if (others > 0) this.#snapshots.set(commit, others);
    else this.#snapshots.delete(commit);
    if (this.#snapshots.size > 0) return;
    this.#documents.clear();
    this.#namespaces.clear();
    this.#size = 0;
    this.#pruneAt = LEAST_PRUNED;
  }

  /** Whether nothing was committed since a snapshot was opened. */
  isLast(snapshot: number): boolean {
    return this.#last === snapshot;
  }

  /** Whether a later commit than that of the snapshot changed or removed the document. */
  documentChangedSince(snapshot: number, collection: CollectionRecord, rid: number): boolean {
    return (this.#documents.get(collection)?.get(rid) ?? 0) > snapshot;
  }

  namespaceChangedSince(snapshot: number, namespace: string): boolean {
    return (this.#namespaces.get(namespace) ?? 0) > snapshot;
  }
}
