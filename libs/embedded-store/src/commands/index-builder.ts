import { StoreError } from '../errors/store-error';
import { fetchDocument } from '../planner/run-plan';
import type { CollectionRecord, IndexBuild, IndexRecord } from '../storage/catalog';
import type { IndexDefinition } from '../storage/index-definition';
import type { Engine } from './request';
import { WriteUnit } from './write-unit';

/** Documents read in one go; between two pieces others may run. */
const PIECE = 16;

/** What createIndexes did. */
export interface IndexOutcome {
  readonly createdCollection: boolean;
  readonly before: number;
  readonly after: number;
}

/** What createIndexes asks for. */
export interface IndexTarget {
  readonly database: string;
  readonly name: string;
  readonly definitions: readonly IndexDefinition[];
}

type IndexEngine = Pick<Engine, 'storage' | 'writer' | 'logger'>;

interface Work {
  readonly collection: CollectionRecord;
  readonly indexes: readonly IndexRecord[];
  readonly builds: readonly IndexBuild[];
}

/** Ends the build when a drop took the collection or one of the indexes away while others ran. */
function refuseWhenGone({ storage }: IndexEngine, { collection, indexes }: Work): void {
  if (storage.find(collection.database, collection.name) !== collection) {
    throw new StoreError('IndexBuildAborted', `Index build aborted: ${collection.namespace} was dropped`);
  }
  const gone = indexes.find((index) => !collection.building.includes(index));
  if (gone !== undefined) throw new StoreError('IndexBuildAborted', `Index build aborted: ${gone.name} was dropped`);
}

/** What keeps the build from starting: another build of an index that is asked for, or a transaction that has written the collection. */
function obstacle({ storage }: IndexEngine, { database, name, definitions }: IndexTarget): Promise<void> | null {
  const collection = storage.find(database, name);
  const known = definitions.map((definition) =>
    collection === null ? null : storage.findEquivalentIndex(collection, definition),
  );
  const other = known.find((index) => (index?.build ?? null) !== null);
  if (other?.build) return other.build.ended;
  return known.includes(null) ? (storage.locks.collectionHolder(`${database}.${name}`)?.ended ?? null) : null;
}

/** Waits until the indexes that are asked for are there, or are this command's to build. */
async function waitForOthers(engine: IndexEngine, unit: WriteUnit, target: IndexTarget): Promise<void> {
  for (let ended = obstacle(engine, target); ended !== null; ended = obstacle(engine, target))
    await unit.giveWay(ended);
}

function startMissing(
  { storage }: IndexEngine,
  collection: CollectionRecord,
  definitions: readonly IndexDefinition[],
): IndexRecord[] {
  return definitions.flatMap((definition) => {
    if (storage.findEquivalentIndex(collection, definition) !== null) return [];
    if (definition.weights !== null && collection.allIndexes.some((index) => index.definition.weights !== null)) {
      throw new StoreError('IndexOptionsConflict', 'only one text index per collection is allowed');
    }
    return [storage.startIndex(collection, definition)];
  });
}

/** Writes the entries of all documents there are, in the order of their record ids, letting others run in between. */
async function fill(engine: IndexEngine, unit: WriteUnit, work: Work): Promise<void> {
  const { storage, writer } = engine;
  const { collection, indexes } = work;
  for (let after = 0; ;) {
    const rows = storage.file.all<[number, Buffer]>(
      `SELECT rid, doc FROM ${collection.table} WHERE rid>? ORDER BY rid LIMIT ${PIECE}`,
      [after],
    );
    const last = rows.at(-1);
    if (last === undefined) return;
    for (const [rid, document] of rows) {
      for (const index of indexes) writer.indexDocument(collection, index, rid, document);
    }
    after = last[0];
    for (const index of indexes) storage.advanceIndex(index, after + 1);
    if (unit.isDue) {
      await unit.rest();
      refuseWhenGone(engine, work);
    }
  }
}

/** Looks again at the documents that were written with keys the index may not have. @throws StoreError when one still has such. */
function judgeSuspects({ storage, writer }: IndexEngine, { collection, indexes }: Work): void {
  for (const index of indexes) {
    for (const rid of index.build?.suspects ?? []) {
      const document = fetchDocument(storage.file, collection, rid);
      if (document !== null) writer.checkIndexable(collection, index, rid, document);
    }
  }
}

/** Takes away what a build has left that did not come to its end. */
async function discard({ storage, logger }: IndexEngine, { collection, indexes }: Work): Promise<void> {
  try {
    await storage.write(() => {
      if (storage.find(collection.database, collection.name) !== collection) return;
      for (const index of indexes) if (collection.building.includes(index)) storage.dropIndex(collection, index);
    });
  } catch (err) {
    // The build's own failure is what the client must hear; what is left over goes at the next start.
    logger.error({ err, collection: collection.namespace }, 'an unfinished index could not be taken away');
  }
}

/** Starts, fills and finishes within the turns of one unit; `onStart` hears what must be taken away when it fails. */
async function build(
  engine: IndexEngine,
  unit: WriteUnit,
  { database, name, definitions }: IndexTarget,
  onStart: (work: Work) => void,
): Promise<IndexOutcome> {
  const { storage } = engine;
  await waitForOthers(engine, unit, { database, name, definitions });
  const found = storage.find(database, name);
  const collection = found ?? storage.create(database, name);
  const before = collection.allIndexes.length;
  const indexes = startMissing(engine, collection, definitions);
  const work = { collection, indexes, builds: indexes.flatMap((index) => index.build ?? []) };
  onStart(work);
  await fill(engine, unit, work);
  judgeSuspects(engine, work);
  for (const index of indexes) storage.finishIndex(collection, index);
  const outcome = { createdCollection: found === null, before, after: collection.allIndexes.length };
  // Commits before anyone else runs: readers must not meet the indexes earlier.
  if (indexes.length > 0) await unit.rest();
  return outcome;
}

/**
 * Builds the indexes of a collection that are not there yet, while others read and write: readers do not use them before all are
 * complete, writers look after the entries of the documents the builder has passed. All of them come to be, or none.
 * @throws StoreError DuplicateKey when a unique key is held twice, IndexBuildAborted when collection or index are dropped meanwhile.
 */
export async function buildIndexes(engine: IndexEngine, target: IndexTarget): Promise<IndexOutcome> {
  const started: Work[] = [];
  try {
    return await WriteUnit.run(engine.storage, (unit) => build(engine, unit, target, (work) => started.push(work)));
  } catch (error) {
    for (const work of started) await discard(engine, work);
    throw error;
  } finally {
    for (const { builds } of started) for (const { end } of builds) end();
  }
}
