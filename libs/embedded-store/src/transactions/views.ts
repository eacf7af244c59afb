import type { Filter } from '../matcher/filter';
import type { Plan, SortPart } from '../planner/plan';
import type { Rows, Window } from '../planner/run-plan';
import type { CollectionRecord } from '../storage/catalog';

/** What a find asks for. */
export interface FindQuery {
  readonly filter: Filter;
  readonly sort: readonly SortPart[];
  readonly window: Window;
}

/** The documents a command reads: what is committed, or what a transaction sees. */
export interface ReadView {
  find(database: string, name: string): CollectionRecord | null;
  plan(collection: CollectionRecord, query: FindQuery, needsScore?: boolean): Plan;
  /** The documents of a plan made for this query, in its order and within its window. */
  rows(plan: Plan, query: FindQuery): Rows;
  /** The number of documents the filter matches, when it can be told without reading them all, otherwise null. */
  quickCount(plan: Plan, query: FindQuery): number | null;
  fetch(collection: CollectionRecord, rid: number): Buffer | null;
}

/** A view that is also written to; what was written is seen by the next read. */
export interface WriteView extends ReadView {
  findOrCreate(database: string, name: string): CollectionRecord;
  insert(collection: CollectionRecord, document: Buffer): void;
  /** @param touched the top-level fields that may differ; null when that is not known. */
  replace(
    collection: CollectionRecord,
    rid: number,
    before: Buffer,
    after: Buffer,
    touched: ReadonlySet<string> | null,
  ): void;
  remove(collection: CollectionRecord, rid: number, before: Buffer): void;
}

/** How many documents a query wants at most, skipped ones included; null for all. */
export function wantedBy({ skip, limit }: Window): number | null {
  return limit === null ? null : skip + limit;
}
