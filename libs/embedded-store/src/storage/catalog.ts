import type { IndexDefinition } from './index-definition';

/** One index as it stands in the data file. */
export class IndexRecord {
  /** Per field: whether any document ever had an array there. */
  readonly multikey: boolean[];

  constructor(
    readonly id: number,
    readonly definition: IndexDefinition,
    multikey: readonly boolean[],
    /** While the index is being built: documents whose record id lies below it have their entries, others have none. Then null. */
    public builtTo: number | null = null,
  ) {
    this.multikey = definition.fields.map((_, position) => multikey[position] ?? false);
  }

  get name(): string {
    return this.definition.name;
  }

  /** Whether a document under this record id has its entries. */
  covers(rid: number): boolean {
    return this.builtTo === null || rid < this.builtTo;
  }

  /** The table of its entries. */
  get table(): string {
    return this.definition.weights === null ? `i${this.id}` : `t${this.id}`;
  }
}

/** One collection as it stands in the data file, with its counters. */
export class CollectionRecord {
  constructor(
    readonly id: number,
    readonly database: string,
    readonly name: string,
    readonly uuid: Buffer,
    public count: number,
    public nextRid: number,
    public indexes: readonly IndexRecord[],
  ) {}

  get namespace(): string {
    return `${this.database}.${this.name}`;
  }

  get table(): string {
    return `d${this.id}`;
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
