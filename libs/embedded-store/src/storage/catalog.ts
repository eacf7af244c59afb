import type { IndexDefinition } from './index-definition';

/** An index in the making. The documents have their entries from the first on up to a mark that the builder moves. */
export class IndexBuild {
  /**
   * Documents that writers gave keys the index may not have, such as a unique one that is taken: they are judged again at the end,
   * because the index must not refuse anything before it is there.
   */
  readonly suspects = new Set<number>();
  /** Ends when the build does, either way. */
  readonly ended: Promise<void>;
  readonly end: () => void;

  constructor(
    /** Documents whose record id lies below it have their entries, the others have none. */
    public builtTo: number,
  ) {
    let end: () => void = () => undefined;
    this.ended = new Promise((resolve) => {
      end = resolve;
    });
    this.end = end;
  }
}

/**
 * One index as it stands in the data file. Texts of statements that every command needs are made once: the same text again is found at
 * once among the prepared statements, a new one has to be put together, hashed and compared.
 */
export class IndexRecord {
  /** The table of its entries. */
  readonly table: string;
  readonly insertEntry: string;
  readonly deleteEntry: string;
  /** The record id under a key, of a document other than the given one. */
  readonly selectOther: string;
  #selectDocument: string | null = null;
  /** Per field: whether any document ever had an array there. */
  readonly multikey: boolean[];

  constructor(
    readonly id: number,
    readonly definition: IndexDefinition,
    multikey: readonly boolean[],
    /** Set while the index is being built. */
    public build: IndexBuild | null = null,
  ) {
    this.multikey = definition.fields.map((_, position) => multikey[position] ?? false);
    this.table = definition.weights === null ? `i${id}` : `t${id}`;
    this.insertEntry = `INSERT INTO ${this.table} VALUES(?,?)`;
    this.deleteEntry = `DELETE FROM ${this.table} WHERE key=? AND rid=?`;
    this.selectOther = `SELECT rid FROM ${this.table} WHERE key=? AND rid<>? LIMIT 1`;
  }

  get name(): string {
    return this.definition.name;
  }

  /** Whether a document under this record id has its entries. */
  covers(rid: number): boolean {
    return this.build === null || rid < this.build.builtTo;
  }

  /** Documents and record ids under a key; `documents` is the table of its collection's documents. */
  selectDocument(documents: string): string {
    return (this.#selectDocument ??= `SELECT doc, rid FROM ${this.table} CROSS JOIN ${documents} USING(rid) WHERE key=?`);
  }
}

/** One collection as it stands in the data file, with its counters. */
export class CollectionRecord {
  /** About how long its documents are, by what was read last; null before anything was read. */
  meanBytes: number | null = null;
  readonly namespace: string;
  /** The table of its documents. */
  readonly table: string;
  readonly insertDocument: string;
  readonly updateDocument: string;
  readonly deleteDocument: string;
  readonly selectDocument: string;

  constructor(
    readonly id: number,
    readonly database: string,
    readonly name: string,
    readonly uuid: Buffer,
    public count: number,
    public nextRid: number,
    /** The indexes that can be used. */
    public indexes: readonly IndexRecord[],
    /** The indexes that are being built: writers look after them, readers must not. */
    public building: readonly IndexRecord[] = [],
  ) {
    this.namespace = `${database}.${name}`;
    this.table = `d${id}`;
    this.insertDocument = `INSERT INTO ${this.table} VALUES(?,?)`;
    this.updateDocument = `UPDATE ${this.table} SET doc=? WHERE rid=?`;
    this.deleteDocument = `DELETE FROM ${this.table} WHERE rid=?`;
    this.selectDocument = `SELECT doc FROM ${this.table} WHERE rid=?`;
  }

  get allIndexes(): readonly IndexRecord[] {
    return this.building.length === 0 ? this.indexes : [...this.indexes, ...this.building];
  }

  get textIndex(): IndexRecord | null {
    return this.indexes.find(({ definition }) => definition.weights !== null) ?? null;
  }

  /** The index on `_id`, which every collection has. */
  get idIndex(): IndexRecord {
    const [first] = this.indexes;
    if (first === undefined) throw new Error(`collection ${this.namespace} has lost its _id index`);
    return first;
  }
}
