import { BsonType } from '../documents/bson-type';
import { RawValue } from '../documents/raw-value';
import { parseFilter } from '../matcher/filter';
import { compileFilter } from '../matcher/matcher';
import { BsonWriter } from '../documents/bson-writer';
import { documentValue } from '../documents/raw-value';
import { fetchDocument, runPlan } from '../planner/run-plan';
import type { CollectionRecord, IndexRecord } from '../storage/catalog';
import { consume } from './breather';
import { planFind } from './read-commands';
import type { Engine } from './request';
import { WriteUnit } from './write-unit';

/** Seconds between two sweeps for expired documents, as MongoDB has it. */
export const SWEEP_SECONDS = 60;

function dateValue(time: number): RawValue {
  const body = Buffer.allocUnsafe(8);
  body.writeBigInt64LE(BigInt(Math.floor(time)));
  return new RawValue(BsonType.date, body, 0, 8);
}

/** Deletes the documents of one collection whose time is over by one TTL index. */
async function expire(
  engine: Engine,
  collection: CollectionRecord,
  index: IndexRecord,
  seconds: number,
  now: number,
): Promise<number> {
  const [field] = index.definition.fields;
  if (field === undefined) return 0;
  const bound = new BsonWriter().raw('$lt', dateValue(now - seconds * 1000)).finish();
  const filter = parseFilter(documentValue(new BsonWriter().document(field.path.text, bound).finish()));
  const matches = compileFilter(filter);
  const window = { skip: 0, limit: null };
  const rids: number[] = [];
  const { reading } = engine.storage;
  await consume(runPlan(reading, planFind(reading, collection, { filter, sort: [], window }), [], window), (rows) => {
    for (const { rid } of rows) rids.push(rid);
  });
  return WriteUnit.run(engine.storage, async (unit) => {
    let removed = 0;
    for (const rid of rids) {
      // The collection may have been dropped while others ran.
      if (engine.storage.find(collection.database, collection.name) !== collection) return removed;
      const document = fetchDocument(engine.storage.file, collection, rid);
      const { matchesPartial } = index.definition;
      if (document !== null && matches(document) && matchesPartial?.(document) !== false) {
        engine.writer.remove(collection, rid, document);
        removed += 1;
      }
      if (unit.isDue) await unit.rest();
    }
    return removed;
  });
}

/** One round of upkeep: expired documents, idle cursors, forgotten sessions. */
export async function sweep(engine: Engine, now: number): Promise<void> {
  engine.cursors.dropIdle(now);
  await engine.sessions.forgetIdle(now);
  for (const collection of engine.storage.list()) {
    for (const index of collection.indexes) {
      const { expireAfterSeconds } = index.definition;
      if (expireAfterSeconds === null) continue;
      const removed = await expire(engine, collection, index, expireAfterSeconds, now);
      if (removed > 0)
        engine.logger.info(
          { collection: collection.namespace, index: index.name, removed },
          'expired documents removed',
        );
    }
  }
}
