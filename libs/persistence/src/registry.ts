import { mongo } from 'mongoose';
import { DATABASES, DatabaseDefinition, DatabaseName, DB_REGISTRY_COLLECTION } from './databases';
import { ensureCollection } from './ensure-indexes';
import { isDuplicateKey } from './store-call';

/** A database was written by newer code than this. */
export class SchemaTooNewError extends Error {
  constructor(database: string, found: number | null, known: number) {
    super(
      `${database} is at schema version ${found ?? 'unknown'}, this program knows up to ${known}: ` +
        'start the newer program, or point MONGO_URI at another server',
    );
    this.name = 'SchemaTooNewError';
  }
}

const METADATA_COLLECTION = '_metadata';
const REGISTRY_VERSION = 1;

/** Gives the database of each name, and the name it really has on the server. */
export interface NamedDatabases {
  db(name: DatabaseName): mongo.Db;
}

/**
 * Prepares all four databases at start: refuses those of newer code, writes `_metadata` and `db_registry`, ensures collections and indexes.
 * Safe to repeat and to run from several processes at once.
 * @throws SchemaTooNewError before anything was written to any of them.
 */
export async function prepareDatabases(
  databases: NamedDatabases,
  now: Date,
  definitions: readonly DatabaseDefinition[] = DATABASES,
): Promise<void> {
  for (const definition of definitions) await refuseNewer(databases.db(definition.name), definition);
  for (const definition of definitions) {
    const db = databases.db(definition.name);
    await claimVersion(db, definition, now);
    for (const collection of definition.collections) await ensureCollection(db, collection);
    await upsert(databases.db('system_db').collection(DB_REGISTRY_COLLECTION), definition.name, now, {
      database: db.databaseName,
      purpose: definition.purpose,
      collections: definition.collections.map((collection) => collection.name),
      database_schema_version: definition.schemaVersion,
      schema_version: REGISTRY_VERSION,
    });
  }
}

async function refuseNewer(db: mongo.Db, definition: DatabaseDefinition): Promise<void> {
  const metadata = await metadataOf(db).findOne({ _id: 'schema' });
  const found = metadata === null ? null : Number(metadata.schema_version);
  if (found !== null && found > definition.schemaVersion) {
    throw new SchemaTooNewError(db.databaseName, found, definition.schemaVersion);
  }
}

/** The version check again, but as part of the write: a newer process may have come in between. */
async function claimVersion(db: mongo.Db, definition: DatabaseDefinition, now: Date): Promise<void> {
  try {
    await metadataOf(db).updateOne(
      { _id: 'schema', schema_version: { $lte: definition.schemaVersion } },
      {
        $set: { purpose: definition.purpose, schema_version: definition.schemaVersion, updated_at: now },
        $setOnInsert: { created_at: now },
      },
      { upsert: true },
    );
  } catch (error) {
    if (!isDuplicateKey(error)) throw error;
    await refuseNewer(db, definition);
  }
}

interface MetadataRecord {
  _id: string;
  purpose: string;
  schema_version: number;
  created_at: Date;
  updated_at: Date;
}

function metadataOf(db: mongo.Db): mongo.Collection<MetadataRecord> {
  return db.collection<MetadataRecord>(METADATA_COLLECTION);
}

async function upsert(
  collection: mongo.Collection,
  id: string,
  now: Date,
  fields: Record<string, unknown>,
): Promise<void> {
  await collection.updateOne(
    { _id: id as unknown as mongo.ObjectId },
    { $set: { ...fields, updated_at: now }, $setOnInsert: { created_at: now } },
    { upsert: true },
  );
}
