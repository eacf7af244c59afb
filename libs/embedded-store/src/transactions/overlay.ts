import { BsonType } from '../documents/bson-type';
import type { RawValue } from '../documents/raw-value';
import { encodeValue } from '../keys/key-writer';
import { conjuncts, type Filter } from '../matcher/filter';
import type { CollectionRecord, IndexRecord } from '../storage/catalog';

/** One step of a transaction on one collection. `before` is null for a new document, `after` for a removed one. */
export interface Change {
  readonly rid: number;
  readonly before: Buffer | null;
  readonly after: Buffer | null;
  /** The top-level fields that may differ; null when that is not known. */
  readonly touched: ReadonlySet<string> | null;
}

/** A key that only one document may have. */
export interface UniqueKey {
  readonly index: IndexRecord;
  readonly key: Buffer;
}

interface Version {
  readonly moment: number;
  readonly document: Buffer | null;
}

const keyName = (index: IndexRecord, key: Buffer): string => `${index.id}:${key.toString('latin1')}`;

/** Whether equality with the value is equality of its key, so that a document is found by it. */
function isFoundByKey({ type }: RawValue): boolean {
  return (
    type === BsonType.string ||
    type === BsonType.objectId ||
    type === BsonType.int32 ||
    type === BsonType.int64 ||
    type === BsonType.date
  );
}

/**
 * What a transaction has changed in one collection, over the snapshot it reads. Moments are numbers of changes: a view of an earlier
 * moment does not see the later ones. New documents have negative record ids here.
 */
export class Overlay {
  readonly changes: Change[] = [];
  readonly #versions = new Map<number, Version[]>();
  /** Which document holds a unique key now; the keys are those of changed documents alone. */
  readonly #holders = new Map<string, number>();
  readonly #keys = new Map<number, readonly UniqueKey[]>();

  constructor(readonly collection: CollectionRecord) {}

  get moment(): number {
    return this.changes.length;
  }

  isTouched(rid: number): boolean {
    return this.#versions.has(rid);
  }

  /** The changed document as it was at a moment, null when it was removed, undefined when it was as in the snapshot. */
  at(rid: number, moment: number): Buffer | null | undefined {
    return this.#versions.get(rid)?.findLast((version) => version.moment <= moment)?.document;
  }

  /** The document that holds a key, or undefined when no changed document does. */
  holderOf({ index, key }: UniqueKey): number | undefined {
    return this.#holders.get(keyName(index, key));
  }

  /** Adds a change; `keys` are those the document claims after it. */
  add(change: Change, keys: readonly UniqueKey[]): void {
    this.changes.push(change);
    const versions = this.#versions.get(change.rid) ?? [];
    versions.push({ moment: this.moment, document: change.after });
    this.#versions.set(change.rid, versions);
    for (const { index, key } of this.#keys.get(change.rid) ?? []) this.#holders.delete(keyName(index, key));
    for (const { index, key } of keys) this.#holders.set(keyName(index, key), change.rid);
    this.#keys.set(change.rid, keys);
  }

  /** Changed documents of the snapshot, with what they were there. */
  *originals(): Generator<{ rid: number; document: Buffer }> {
    const seen = new Set<number>();
    for (const { rid, before } of this.changes) {
      if (rid > 0 && before !== null && !seen.has(rid)) yield { rid, document: before };
      seen.add(rid);
    }
  }

  /** The changed documents there are now and that a filter could match, in the order in which they were first changed. */
  candidates(filter: Filter): { rid: number; document: Buffer }[] {
    const only = this.#foundByKey(filter);
    const rids = only === null ? [...this.#versions.keys()] : only;
    return rids.flatMap((rid) => {
      const document = this.at(rid, this.moment);
      return document === null || document === undefined ? [] : [{ rid, document }];
    });
  }

  /** The documents an equality on a unique field leaves, or null when the filter has none. */
  #foundByKey(filter: Filter): number[] | null {
    const { collection } = this;
    for (const clause of conjuncts(filter)) {
      if (clause.kind !== 'compare' || clause.operator !== '$eq' || !isFoundByKey(clause.value)) continue;
      const index = collection.indexes.find(
        (candidate) =>
          holdsEveryDocument(collection, candidate) &&
          candidate.definition.fields.length === 1 &&
          candidate.definition.fields[0]?.path.text === clause.path.text,
      );
      if (index === undefined) continue;
      const key = encodeValue(clause.value, index.definition.fields[0]?.descending);
      const holder = this.holderOf({ index, key });
      return holder === undefined ? [] : [holder];
    }
    return null;
  }
}

function holdsEveryDocument(collection: CollectionRecord, index: IndexRecord): boolean {
  const { unique, sparse, partial } = index.definition;
  return index === collection.idIndex || (unique && !sparse && partial === null);
}
