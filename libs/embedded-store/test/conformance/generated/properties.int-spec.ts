import { Int32 } from 'bson';
import type { mongo } from 'mongoose';
import { type IndexField, sortKey } from '../../../src/keys/index-keys';
import { fieldPath } from '../../../src/documents/field-path';
import { rawDocument } from '../../bson-samples';
import { type Harness, startHarness } from '../../store-harness';
import { Choices } from './choices';
import { type Dataset, type Fields, makeDataset } from './dataset';
import { canonical, RAW_TYPES } from '../extended-json';
import { clause, filter, totalSort } from './filters';

const SEED = 2_718;
const DATASETS = 9;
const QUERIES = 14;

/** The same documents in two collections: one with indexes, one without. */
interface Twins {
  readonly dataset: Dataset;
  readonly queries: readonly Fields[];
  readonly sorts: readonly Fields[];
}

describe('the store agrees with itself', () => {
  let harness: Harness;
  let db: mongo.Db;
  let twins: Twins[];

  const find = async (collection: string, rest: Fields): Promise<Fields[]> => {
    const reply = await db.command({ find: collection, batchSize: 1000, ...rest }, RAW_TYPES);
    return (reply.cursor as { firstBatch: Fields[] }).firstBatch;
  };
  const count = async (collection: string, query: Fields): Promise<number> =>
    Number((await db.command({ count: collection, query })).n);
  const texts = (documents: readonly unknown[]): string[] => documents.map(canonical);
  const asSet = (documents: readonly unknown[]): string[] => texts(documents).sort();

  /** Calls back for every query of every dataset; `plain` names the collection without indexes. */
  async function forEach(
    check: (twin: { indexed: string; plain: string; dataset: Dataset }, query: Fields, sort: Fields) => Promise<void>,
  ): Promise<void> {
    for (const { dataset, queries, sorts } of twins) {
      const { name } = dataset;
      for (const [position, query] of queries.entries()) {
        await check({ indexed: name, plain: `${name}_plain`, dataset }, query, sorts[position] ?? {});
      }
    }
  }

  beforeAll(async () => {
    harness = await startHarness();
    db = harness.database();
    twins = Array.from({ length: DATASETS }, (_, position) => {
      // Every third dataset would have no index.
      const dataset = makeDataset(new Choices(SEED, position), `t${position}`, position * 3);
      const choices = new Choices(SEED, position, 1);
      return {
        dataset,
        queries: choices.times(QUERIES, () => filter(choices, dataset)),
        sorts: choices.times(QUERIES, () => totalSort(choices, dataset)),
      };
    });
    for (const { dataset } of twins) {
      await db.command({ createIndexes: dataset.name, indexes: dataset.indexes });
      await db.command({ insert: dataset.name, documents: dataset.documents });
      await db.command({ insert: `${dataset.name}_plain`, documents: dataset.documents });
    }
  });
  afterAll(() => harness.stop());

  it('reads the same through indexes as through the whole collection', async () => {
    await forEach(async ({ indexed, plain }, query, sort) => {
      const context = canonical(query);
      expect([context, asSet(await find(indexed, { filter: query }))]).toEqual([
        context,
        asSet(await find(plain, { filter: query })),
      ]);
      const ordered = { filter: query, sort };
      expect([context, texts(await find(indexed, ordered))]).toEqual([context, texts(await find(plain, ordered))]);
    });
  });

  it('counts what it finds', async () => {
    await forEach(async ({ indexed, plain }, query) => {
      const found = await find(plain, { filter: query });
      expect([canonical(query), await count(indexed, query)]).toEqual([canonical(query), found.length]);
      const pipeline = [{ $match: query }, { $group: { _id: null, n: { $sum: 1 } } }];
      const reply = await db.command({ aggregate: indexed, pipeline, cursor: {} });
      const [group] = (reply.cursor as { firstBatch: { n: number }[] }).firstBatch;
      expect([canonical(query), group?.n ?? 0]).toEqual([canonical(query), found.length]);
    });
  });

  it('cuts pages out of the whole answer', async () => {
    await forEach(async ({ indexed, plain }, query, sort) => {
      const whole = texts(await find(plain, { filter: query, sort }));
      for (const [skip, limit] of [
        [0, 3],
        [2, 4],
        [whole.length, 2],
      ] as const) {
        const page = await find(indexed, { filter: query, sort, skip: new Int32(skip), limit: new Int32(limit) });
        expect([canonical(query), texts(page)]).toEqual([canonical(query), whole.slice(skip, skip + limit)]);
      }
    });
  });

  it('orders by the bytes of its sort keys', async () => {
    await forEach(async ({ indexed }, query, sort) => {
      const fields: IndexField[] = Object.entries(sort).map(([path, direction]) => ({
        path: fieldPath(path),
        descending: Number(direction) < 0,
      }));
      const keys = (await find(indexed, { filter: query, sort })).map((document) =>
        sortKey(rawDocument(document), fields).toString('hex'),
      );
      expect([canonical(sort), keys]).toEqual([canonical(sort), [...keys].sort()]);
    });
  });

  it('finds with $or what either side finds, with $and what both do, and with $nin what $in leaves', async () => {
    await forEach(async ({ indexed, plain, dataset }, left) => {
      const choices = new Choices(SEED, canonical(left).length);
      const right = clause(choices, dataset);
      const ids = async (collection: string, query: Fields): Promise<Set<string>> =>
        new Set((await find(collection, { filter: query })).map(({ _id }) => canonical(_id)));
      const [a, b] = [await ids(plain, left), await ids(plain, right)];
      const either = await ids(indexed, { $or: [left, right] });
      const both = await ids(indexed, { $and: [left, right] });
      expect([canonical([left, right]), [...either].sort()]).toEqual([
        canonical([left, right]),
        [...new Set([...a, ...b])].sort(),
      ]);
      expect([...both].sort()).toEqual([...a].filter((id) => b.has(id)).sort());
      const values = dataset.documents.slice(0, 3).flatMap(({ k, n }) => [k, n].filter((value) => value !== undefined));
      const inside = await ids(indexed, { n: { $in: values } });
      const outside = await ids(indexed, { n: { $nin: values } });
      expect(inside.size + outside.size).toBe(dataset.documents.length);
    });
  });
});
