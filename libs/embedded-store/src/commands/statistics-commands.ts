import { BSON, Long } from 'bson';
import type { CollectionStatistics } from '../aggregation/pipeline';
import { StoreError } from '../errors/store-error';
import type { CollectionRecord } from '../storage/catalog';
import { type CollectionSizes, measureCollection } from '../storage/sizes';
import { Breather } from './breather';
import { okReply } from './replies';
import type { CommandHandler, Engine } from './request';

const sum = (values: Iterable<number>): number => [...values].reduce((total, value) => total + value, 0);

/** Measures a collection while others run. */
async function sizesOf(engine: Engine, collection: CollectionRecord): Promise<CollectionSizes> {
  const breather = new Breather();
  const measuring = measureCollection(engine.storage.reading, collection);
  for (;;) {
    const step = measuring.next();
    if (step.done === true) return step.value;
    if (breather.isDue) await breather.rest();
  }
}

/** Bytes of the data file that the collections of a database and their indexes take. */
export async function databaseBytes(engine: Engine, database: string): Promise<number> {
  let total = 0;
  for (const collection of engine.storage.list(database)) {
    const { storage, indexes } = await sizesOf(engine, collection);
    total += storage + sum(indexes.values());
  }
  return total;
}

export const dbStats: CommandHandler = async (engine, { args, database }) => {
  args.allow(['dbStats', 'scale']);
  const scale = readScale(args.integer('scale'));
  const collections = engine.storage.list(database);
  let objects = 0;
  let dataSize = 0;
  let storageSize = 0;
  let indexes = 0;
  let indexSize = 0;
  for (const collection of collections) {
    const sizes = await sizesOf(engine, collection);
    objects += collection.count;
    dataSize += sizes.documents;
    storageSize += sizes.storage;
    indexes += sizes.indexes.size;
    indexSize += sum(sizes.indexes.values());
  }
  return okReply((writer) =>
    writer
      .string('db', database)
      .int64('collections', BigInt(collections.length))
      .int64('views', 0n)
      .int64('objects', BigInt(objects))
      .double('avgObjSize', objects === 0 ? 0 : dataSize / objects)
      .double('dataSize', dataSize / scale)
      .double('storageSize', storageSize / scale)
      .int64('indexes', BigInt(indexes))
      .double('indexSize', indexSize / scale)
      .double('totalSize', (storageSize + indexSize) / scale)
      .int64('scaleFactor', BigInt(scale)),
  );
};

/** What sizes are divided by. @throws StoreError unless it is at least 1 */
export function readScale(scale: number | null): number {
  if (scale === null) return 1;
  if (scale >= 1) return scale;
  throw new StoreError('BadValue', `BSON field 'scale' value must be >= 1, actual value '${scale}'`);
}

/** Bytes in units of a scale, int32 where they fit, as MongoDB answers them. */
function scaled(bytes: number, scale: number): number | Long {
  const value = Math.floor(bytes / scale);
  return value < 2 ** 31 ? value : Long.fromNumber(value);
}

async function storageStats(engine: Engine, collection: CollectionRecord, scale: number): Promise<object> {
  const { documents, storage, indexes } = await sizesOf(engine, collection);
  const { count } = collection;
  const indexBytes = sum(indexes.values());
  return {
    size: scaled(documents, scale),
    count,
    ...(count === 0 ? {} : { avgObjSize: Math.floor(documents / count) }),
    storageSize: scaled(storage, scale),
    capped: false,
    nindexes: indexes.size,
    indexBuilds: collection.indexes.filter(({ build }) => build !== null).map(({ name }) => name),
    totalIndexSize: scaled(indexBytes, scale),
    totalSize: scaled(storage + indexBytes, scale),
    indexSizes: Object.fromEntries([...indexes].map(([name, bytes]) => [name, scaled(bytes, scale)])),
    scaleFactor: scale,
  };
}

/**
 * The document of a `$collStats` stage.
 * @throws StoreError when there is no such collection
 */
export async function collectionStatistics(
  engine: Engine,
  database: string,
  name: string,
  { storageScale, withCount }: CollectionStatistics,
): Promise<Buffer> {
  const collection = engine.storage.find(database, name);
  if (collection === null && (withCount || storageScale !== null)) {
    const what = storageScale === null ? 'count' : 'storageStats';
    throw new StoreError(
      'NamespaceNotFound',
      `Unable to retrieve ${what} in $collStats stage :: caused by :: Collection [${database}.${name}] not found.`,
    );
  }
  const document: Record<string, unknown> = {
    ns: `${database}.${name}`,
    host: `${engine.host}:${engine.port}`,
    localTime: new Date(),
  };
  if (collection !== null && storageScale !== null)
    document.storageStats = await storageStats(engine, collection, storageScale);
  if (collection !== null && withCount) document.count = collection.count;
  return Buffer.from(BSON.serialize(document));
}
