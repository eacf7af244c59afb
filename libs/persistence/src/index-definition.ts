/** A filter an index can be limited by: the kinds every supported server understands. */
export type PartialFilter = Record<string, { $exists: true } | string | number | boolean>;

/** One index of a collection, and why it exists. */
export interface IndexDefinition {
  name: string;
  key: Record<string, 1 | -1 | 'text'>;
  /** The query it serves. */
  serves: string;
  unique?: boolean;
  partialFilterExpression?: PartialFilter;
  /** Seconds after the date in the key's only field when a document may be removed. */
  expireAfterSeconds?: number;
  /** Weights of a text index. */
  weights?: Record<string, number>;
}

/** One collection of a database. */
export interface CollectionDefinition {
  name: string;
  indexes: readonly IndexDefinition[];
}
