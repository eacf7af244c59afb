import { mongo } from 'mongoose';
import { CollectionDefinition, IndexDefinition } from './index-definition';

/** An index exists with another definition than the code's and cannot be replaced without risk. */
export class IndexConflictError extends Error {
  constructor(collection: string, index: IndexDefinition, found: string) {
    super(
      `index ${index.name} of ${collection} should be ${describe(index)} but is ${found}; ` +
        'replacing a unique index could let duplicates in, so drop it by hand while nothing writes, then start again',
    );
    this.name = 'IndexConflictError';
  }
}

const NAMESPACE_EXISTS = 48;
const NAMESPACE_NOT_FOUND = 26;

/**
 * Makes a collection carry its indexes; safe to repeat and to run from several processes at once.
 * An index whose definition changed is rebuilt, unless it is unique and the collection holds documents. Indexes under other names are left alone.
 * @throws IndexConflictError when a changed unique index cannot be rebuilt safely.
 */
export async function ensureCollection(db: mongo.Db, definition: CollectionDefinition): Promise<void> {
  try {
    await db.createCollection(definition.name);
  } catch (error) {
    if (!(error instanceof mongo.MongoServerError) || error.code !== NAMESPACE_EXISTS) throw error;
  }
  const collection = db.collection(definition.name);
  const existing = new Map((await listIndexes(collection)).map((index) => [index.name, index]));
  for (const index of definition.indexes) {
    const found = existing.get(index.name);
    if (found !== undefined) {
      if (describeStored(found) === describe(index)) continue;
      const empty = (await collection.estimatedDocumentCount()) === 0;
      if ((index.unique === true || found.unique === true) && !empty) {
        throw new IndexConflictError(definition.name, index, describeStored(found));
      }
      await collection.dropIndex(index.name);
    }
    await collection.createIndex(index.key, {
      name: index.name,
      ...(index.unique === undefined ? {} : { unique: index.unique }),
      ...(index.partialFilterExpression === undefined
        ? {}
        : { partialFilterExpression: index.partialFilterExpression }),
      ...(index.expireAfterSeconds === undefined ? {} : { expireAfterSeconds: index.expireAfterSeconds }),
      ...(index.weights === undefined ? {} : { weights: index.weights }),
    });
  }
}

async function listIndexes(collection: mongo.Collection): Promise<mongo.IndexDescriptionInfo[]> {
  try {
    return await collection.indexes();
  } catch (error) {
    if (error instanceof mongo.MongoServerError && error.code === NAMESPACE_NOT_FOUND) return [];
    throw error;
  }
}

function describe(index: IndexDefinition): string {
  const isText = Object.values(index.key).includes('text');
  const textFields = Object.entries(index.key).filter(([, kind]) => kind === 'text');
  const weights = isText
    ? sorted({ ...Object.fromEntries(textFields.map(([field]) => [field, 1])), ...index.weights })
    : null;
  return JSON.stringify({
    key: isText ? 'text' : index.key,
    unique: index.unique === true,
    partial: index.partialFilterExpression ?? null,
    expires: index.expireAfterSeconds ?? null,
    weights,
  });
}

function describeStored(index: mongo.IndexDescriptionInfo): string {
  const key = index.key as Record<string, unknown>;
  const isText = Object.values(key).includes('text');
  return JSON.stringify({
    key: isText ? 'text' : Object.fromEntries(Object.entries(key).map(([field, kind]) => [field, Number(kind)])),
    unique: index.unique === true,
    partial: (index.partialFilterExpression as unknown) ?? null,
    expires: index.expireAfterSeconds === undefined ? null : Number(index.expireAfterSeconds),
    weights: isText ? sorted(index.weights as Record<string, number>) : null,
  });
}

function sorted(weights: Record<string, number>): [string, number][] {
  return Object.entries(weights)
    .map(([field, weight]): [string, number] => [field, Number(weight)])
    .sort(([a], [b]) => (a < b ? -1 : 1));
}
