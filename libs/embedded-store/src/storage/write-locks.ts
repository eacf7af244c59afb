import type { CollectionRecord } from './catalog';

/** An open transaction that keeps others from writing what it has changed. */
export interface LockHolder {
  /** Fulfilled when it has let go of everything. */
  readonly ended: Promise<void>;
}

/** A write met what an open transaction has changed; nothing was written, and it can be tried again when the transaction has ended. */
export class WriteLockedError extends Error {
  constructor(readonly holder: LockHolder) {
    super('the document, key or collection is locked by an open transaction');
    this.name = 'WriteLockedError';
  }
}

const documentName = ({ id }: CollectionRecord, rid: number): string => `${id}:${rid}`;

const keyName = (namespace: string, index: string, key: Buffer): string =>
  `${namespace}\0${index}\0${key.toString('latin1')}`;

/** Which documents, unique keys and collections the open transactions have written; who comes later waits or gives up. */
export class WriteLocks {
  readonly #documents = new Map<string, LockHolder>();
  readonly #keys = new Map<string, LockHolder>();
  readonly #collections = new Map<string, Set<LockHolder>>();
  readonly #names = new Map<LockHolder, Set<string>>();

  /** True when no transaction has written anything. */
  get isEmpty(): boolean {
    return this.#names.size === 0;
  }

  documentHolder(collection: CollectionRecord, rid: number): LockHolder | null {
    return this.isEmpty ? null : (this.#documents.get(documentName(collection, rid)) ?? null);
  }

  keyHolder(namespace: string, index: string, key: Buffer): LockHolder | null {
    return this.isEmpty ? null : (this.#keys.get(keyName(namespace, index, key)) ?? null);
  }

  lockDocument(holder: LockHolder, collection: CollectionRecord, rid: number): void {
    this.#take(this.#documents, documentName(collection, rid), holder);
    this.#lockCollection(holder, collection.namespace);
  }

  lockKey(holder: LockHolder, namespace: string, index: string, key: Buffer): void {
    this.#take(this.#keys, keyName(namespace, index, key), holder);
    this.#lockCollection(holder, namespace);
  }

  #take(locks: Map<string, LockHolder>, name: string, holder: LockHolder): void {
    locks.set(name, holder);
    const names = this.#names.get(holder) ?? new Set<string>();
    this.#names.set(holder, names.add(name));
  }

  #lockCollection(holder: LockHolder, namespace: string): void {
    const holders = this.#collections.get(namespace) ?? new Set<LockHolder>();
    this.#collections.set(namespace, holders.add(holder));
  }

  release(holder: LockHolder): void {
    for (const name of this.#names.get(holder) ?? []) {
      this.#documents.delete(name);
      this.#keys.delete(name);
    }
    this.#names.delete(holder);
    for (const [namespace, holders] of this.#collections) {
      holders.delete(holder);
      if (holders.size === 0) this.#collections.delete(namespace);
    }
  }

  /** @throws WriteLockedError when an open transaction has changed or removed the document. */
  checkDocument(collection: CollectionRecord, rid: number): void {
    refuse(this.documentHolder(collection, rid));
  }

  /** @throws WriteLockedError when an open transaction has given the unique key to a document. */
  checkKey(namespace: string, index: string, key: Buffer): void {
    refuse(this.keyHolder(namespace, index, key));
  }

  /** A transaction that has written the collection, or null. */
  collectionHolder(namespace: string): LockHolder | null {
    const [first] = this.#collections.get(namespace) ?? [];
    return first ?? null;
  }

  /** @throws WriteLockedError when an open transaction has written the collection. */
  checkCollection(namespace: string): void {
    refuse(this.collectionHolder(namespace));
  }
}

function refuse(holder: LockHolder | null): void {
  if (holder !== null) throw new WriteLockedError(holder);
}
