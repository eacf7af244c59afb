import { BsonType } from '../documents/bson-type';
import { RawValue } from '../documents/raw-value';
import { parseFilter } from '../matcher/filter';
import { compileFilter } from '../matcher/matcher';
import { BsonWriter } from '../documents/bson-writer';
import { documentValue } from '../documents/raw-value';
import type { CollectionRecord, IndexRecord } from '../storage/catalog';
import { consume } from './breather';
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
  const query = { filter, sort: [], window: { skip: 0, limit: null } };
  const rids: number[] = [];
  const { storage, committed } = engine;
  await consume(committed.rows(committed.plan(collection, query), query), (rows) => {
    for (const { rid } of rows) rids.push(rid);
  });
  return WriteUnit.run(storage, async (unit) => {
    let removed = 0;
    for (const rid of rids) {
      // The collection may have been dropped while others ran.
      if (storage.find(collection.database, collection.name) !== collection) return removed;
      const document = engine.file.fetch(collection, rid);
      const isExpired = document !== null && matches(document) && index.definition.matchesPartial?.(document) !== false;
      // What a transaction has changed is left to the next sweep.
      if (isExpired && storage.locks.documentHolder(collection, rid) === null) {
        engine.file.remove(collection, rid, document);
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
  engine.transactions.forgetIdle(now);
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
