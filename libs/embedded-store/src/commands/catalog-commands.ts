import { stringOf } from '../documents/raw-value';
import { BsonType } from '../documents/bson-type';
import { BsonWriter } from '../documents/bson-writer';
import { StoreError } from '../errors/store-error';
import { parseFilter } from '../matcher/filter';
import { compileFilter } from '../matcher/matcher';
import { keyPattern, parseIndexDefinition, parseNewIndex } from '../storage/index-definition';
import type { CollectionRecord, IndexRecord } from '../storage/catalog';
import type { Arguments } from './arguments';
import { buildIndexes } from './index-builder';
import { EVERYTHING } from './query-arguments';
import { openCursor } from './read-commands';
import { okReply } from './replies';
import { databaseBytes } from './statistics-commands';
import type { CommandHandler, Engine } from './request';

const CREATE_REFUSED = [
  'capped',
  'size',
  'max',
  'validator',
  'validationLevel',
  'validationAction',
  'timeseries',
  'clusteredIndex',
  'expireAfterSeconds',
  'viewOn',
  'pipeline',
  'collation',
  'changeStreamPreAndPostImages',
  'encryptedFields',
  'storageEngine',
  'indexOptionDefaults',
];

const MEBIBYTE = 1_048_576;

function existing(engine: Engine, database: string, name: string): CollectionRecord {
  const collection = engine.storage.find(database, name);
  if (collection === null) throw new StoreError('NamespaceNotFound', `ns does not exist: ${database}.${name}`);
  return collection;
}

export const create: CommandHandler = async (engine, { args, database }) => {
  args.allow(['create'], { refused: CREATE_REFUSED });
  const name = args.string('create');
  await engine.storage.write(() => {
    if (engine.storage.find(database, name) !== null) {
      throw new StoreError('NamespaceExists', `Collection ${database}.${name} already exists.`);
    }
    engine.storage.create(database, name);
  });
  return okReply();
};

export const createIndexes: CommandHandler = async (engine, { args, database }) => {
  args.allow(['createIndexes', 'indexes']);
  const name = args.string('createIndexes');
  const definitions = args.list('indexes').map(parseNewIndex);
  if (definitions.length === 0) throw new StoreError('BadValue', 'Must specify at least one index to create');
  const { createdCollection, before, after } = await buildIndexes(engine, { database, name, definitions });
  return okReply((writer) =>
    writer
      .int32('numIndexesBefore', before)
      .int32('numIndexesAfter', after)
      .boolean('createdCollectionAutomatically', createdCollection),
  );
};

export const listIndexes: CommandHandler = (engine, { args, database, place }) => {
  args.allow(['listIndexes', 'cursor']);
  const collection = existing(engine, database, args.string('listIndexes'));
  const specs = collection.allIndexes.map(({ definition }) => definition.spec);
  return openCursor(engine, collection.namespace, [specs][Symbol.iterator](), Infinity, { single: true, place });
};

function namesToDrop(args: Arguments, collection: CollectionRecord): string[] {
  const wanted = args.get('index');
  if (wanted?.type === BsonType.string) {
    const name = stringOf(wanted);
    return name === '*' ? collection.allIndexes.slice(1).map((index) => index.name) : [name];
  }
  if (wanted?.type === BsonType.array) return args.list('index').map(stringOf);
  if (wanted?.type === BsonType.object) {
    const key = JSON.stringify(keyPattern(parseIndexDefinition(documentWithKey(wanted.body()))));
    return collection.allIndexes
      .filter(({ definition }) => JSON.stringify(keyPattern(definition)) === key)
      .map((index) => index.name);
  }
  throw args.missing('index');
}

function documentWithKey(key: Buffer): Parameters<typeof parseIndexDefinition>[0] {
  const bytes = new BsonWriter().document('key', key).finish();
  return { ...EVERYTHING, bytes, start: 0, end: bytes.length } as typeof EVERYTHING;
}

function indexesToDrop(args: Arguments, collection: CollectionRecord): IndexRecord[] {
  const found = namesToDrop(args, collection).map((name) => {
    const index = collection.allIndexes.find((candidate) => candidate.name === name);
    if (index === undefined) throw new StoreError('IndexNotFound', `index not found with name [${name}]`);
    if (index === collection.idIndex) throw new StoreError('InvalidOptions', 'cannot drop _id index');
    return index;
  });
  if (found.length === 0) throw new StoreError('IndexNotFound', "can't find index with that key");
  return found;
}

export const dropIndexes: CommandHandler = async (engine, { args, database }) => {
  args.allow(['dropIndexes', 'index']);
  const before = await engine.storage.write(() => {
    const collection = existing(engine, database, args.string('dropIndexes'));
    const indexesBefore = collection.allIndexes.length;
    for (const index of indexesToDrop(args, collection)) engine.storage.dropIndex(collection, index);
    return indexesBefore;
  });
  return okReply((writer) => writer.int32('nIndexesWas', before));
};

export const drop: CommandHandler = async (engine, { args, database }) => {
  args.allow(['drop']);
  const { namespace, allIndexes } = await engine.storage.write(() => {
    const collection = existing(engine, database, args.string('drop'));
    engine.storage.drop(collection);
    return collection;
  });
  return okReply((writer) => writer.int32('nIndexesWas', allIndexes.length).string('ns', namespace));
};

export const dropDatabase: CommandHandler = async (engine, { args, database }) => {
  args.allow(['dropDatabase']);
  await engine.storage.write(() => {
    for (const collection of engine.storage.list(database)) engine.storage.drop(collection);
  });
  return okReply((writer) => writer.string('dropped', database));
};

function collectionEntry(collection: CollectionRecord, nameOnly: boolean): Buffer {
  const writer = new BsonWriter().string('name', collection.name).string('type', 'collection');
  if (nameOnly) return writer.finish();
  writer.beginObject('options').end();
  const uuid = Buffer.concat([Buffer.from([16, 0, 0, 0, 4]), collection.uuid]);
  writer.beginObject('info').boolean('readOnly', false).rawBody('uuid', BsonType.binary, uuid, 0, uuid.length).end();
  return writer.document('idIndex', collection.idIndex.definition.spec).finish();
}

export const listCollections: CommandHandler = (engine, { args, database, place }) => {
  args.allow(['listCollections', 'filter', 'nameOnly', 'cursor'], { ignored: ['authorizedCollections'] });
  const matches = compileFilter(parseFilter(args.document('filter') ?? EVERYTHING));
  const entries = engine.storage
    .list(database)
    .map((collection) => collectionEntry(collection, args.boolean('nameOnly')));
  return openCursor(
    engine,
    `${database}.$cmd.listCollections`,
    [entries.filter(matches)][Symbol.iterator](),
    Infinity,
    { single: true, place },
  );
};

export const listDatabases: CommandHandler = async (engine, { args }) => {
  args.allow(['listDatabases', 'filter', 'nameOnly'], { ignored: ['authorizedDatabases'] });
  const matches = compileFilter(parseFilter(args.document('filter') ?? EVERYTHING));
  const nameOnly = args.boolean('nameOnly');
  const names = [...new Set(engine.storage.list().map(({ database }) => database))];
  const entries: Buffer[] = [];
  let total = 0;
  for (const name of names) {
    const writer = new BsonWriter().string('name', name);
    const bytes = nameOnly ? 0 : await databaseBytes(engine, name);
    if (!nameOnly) writer.int64('sizeOnDisk', BigInt(bytes)).boolean('empty', false);
    const entry = writer.finish();
    if (!matches(entry)) continue;
    entries.push(entry);
    total += bytes;
  }
  return okReply((writer) => {
    writer.beginArray('databases');
    for (const [position, entry] of entries.entries()) writer.document(String(position), entry);
    writer.end();
    if (nameOnly) return;
    writer.int64('totalSize', BigInt(total)).int64('totalSizeMb', BigInt(Math.floor(total / MEBIBYTE)));
  });
};
