import { type Plan, planQuery } from '../planner/plan';
import { fetchDocument, quickCount, type Rows, runPlan } from '../planner/run-plan';
import type { CollectionRecord } from '../storage/catalog';
import type { DocumentWriter } from '../storage/document-writer';
import type { SqlReader } from '../storage/sqlite-file';
import type { Storage } from '../storage/storage';
import { type FindQuery, type ReadView, wantedBy, type WriteView } from './views';

/** What is committed, as it is at every single look. */
export class CommittedView implements ReadView {
  constructor(
    protected readonly storage: Storage,
    private readonly reader: SqlReader = storage.reading,
  ) {}

  find(database: string, name: string): CollectionRecord | null {
    return this.storage.find(database, name);
  }

  plan(collection: CollectionRecord, { filter, sort, window }: FindQuery, needsScore = false): Plan {
    return planQuery(this.reader, collection, { filter, sort, wanted: wantedBy(window), needsScore });
  }

  rows(plan: Plan, { sort, window }: FindQuery): Rows {
    return runPlan(this.reader, plan, sort, window);
  }

  quickCount(plan: Plan): number | null {
    return quickCount(this.reader, plan);
  }

  fetch(collection: CollectionRecord, rid: number): Buffer | null {
    return fetchDocument(this.reader, collection, rid);
  }
}

/** The data file itself, for the writer whose turn it is: it sees its own changes before they are committed. */
export class FileView extends CommittedView implements WriteView {
  constructor(
    storage: Storage,
    private readonly writer: DocumentWriter,
  ) {
    super(storage, storage.file);
  }

  findOrCreate(database: string, name: string): CollectionRecord {
    return this.storage.find(database, name) ?? this.storage.create(database, name);
  }

  insert(collection: CollectionRecord, document: Buffer): void {
    this.writer.insert(collection, document);
  }

  replace(
    collection: CollectionRecord,
    rid: number,
    before: Buffer,
    after: Buffer,
    touched: ReadonlySet<string> | null,
  ): void {
    this.writer.replace(collection, rid, before, after, touched);
  }

  remove(collection: CollectionRecord, rid: number, before: Buffer): void {
    this.writer.remove(collection, rid, before);
  }
}
