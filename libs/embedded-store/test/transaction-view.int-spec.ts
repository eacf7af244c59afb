import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BSON } from 'bson';
import fc from 'fast-check';
import { parseSort } from '../src/commands/query-arguments';
import { documentValue, type RawValue } from '../src/documents/raw-value';
import { parseFilter } from '../src/matcher/filter';
import type { CollectionRecord } from '../src/storage/catalog';
import { DocumentWriter } from '../src/storage/document-writer';
import { parseIndexDefinition } from '../src/storage/index-definition';
import { Storage } from '../src/storage/storage';
import { applyChanges } from '../src/transactions/apply-changes';
import { CommittedView, FileView } from '../src/transactions/committed-view';
import { Transaction } from '../src/transactions/transaction';
import type { FindQuery, ReadView, WriteView } from '../src/transactions/views';

interface Item {
  readonly _id: number;
  readonly n: number;
  readonly tags: readonly number[];
}

type Change =
  | { readonly kind: 'insert'; readonly item: Item }
  | { readonly kind: 'set'; readonly least: number; readonly n: number; readonly tags: readonly number[] }
  | { readonly kind: 'remove'; readonly tag: number };

interface Question {
  readonly filter: Record<string, unknown>;
  readonly matches: (item: Item) => boolean;
}

const small = fc.integer({ min: 0, max: 5 });
const tags = fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 3 });
const item = fc.record({ _id: fc.integer({ min: 0, max: 40 }), n: small, tags });
const change: fc.Arbitrary<Change> = fc.oneof(
  fc.record({ kind: fc.constant('insert' as const), item }),
  fc.record({ kind: fc.constant('set' as const), least: small, n: small, tags }),
  fc.record({ kind: fc.constant('remove' as const), tag: fc.integer({ min: 0, max: 3 }) }),
);
const question: fc.Arbitrary<Question> = fc.oneof(
  fc.constant({ filter: {}, matches: () => true }),
  small.map((n) => ({ filter: { n }, matches: (found: Item) => found.n === n })),
  small.map((n) => ({ filter: { n: { $gte: n } }, matches: (found: Item) => found.n >= n })),
  small.map((tag) => ({ filter: { tags: tag }, matches: (found: Item) => found.tags.includes(tag) })),
  fc.integer({ min: 0, max: 40 }).map((_id) => ({ filter: { _id }, matches: (found: Item) => found._id === _id })),
  fc.tuple(small, small).map(([n, tag]) => ({
    filter: { $or: [{ n }, { tags: tag }] },
    matches: (found: Item) => found.n === n || found.tags.includes(tag),
  })),
);
const sorts: readonly Record<string, 1 | -1>[] = [{ n: 1, _id: 1 }, { n: -1, _id: 1 }, { _id: -1 }];
const asking = fc.record({
  question,
  sort: fc.constantFrom(...sorts),
  skip: fc.integer({ min: 0, max: 4 }),
  limit: fc.option(fc.integer({ min: 1, max: 6 })),
});

const raw = (document: object): RawValue => documentValue(Buffer.from(BSON.serialize(document)));
const bytes = (document: object): Buffer => Buffer.from(BSON.serialize(document));
const itemOf = (document: Buffer): Item => BSON.deserialize(document) as Item;

function everything(filter: object): FindQuery {
  return { filter: parseFilter(raw(filter)), sort: [], window: { skip: 0, limit: null } };
}

function readAll(view: ReadView, collection: CollectionRecord, query: FindQuery): { rid: number; document: Buffer }[] {
  return [...view.rows(view.plan(collection, query), query)].flat();
}

/** Makes a change of what the view shows; an item whose _id is there is left out. */
function carryOut(view: WriteView, collection: CollectionRecord, made: Change): void {
  if (made.kind === 'insert') {
    const isThere = readAll(view, collection, everything({ _id: made.item._id })).length > 0;
    if (!isThere) view.insert(collection, bytes(made.item));
    return;
  }
  const filter = made.kind === 'set' ? { n: { $gte: made.least } } : { tags: made.tag };
  for (const { rid, document } of readAll(view, collection, everything(filter))) {
    if (made.kind === 'remove') view.remove(collection, rid, document);
    else
      view.replace(collection, rid, document, bytes({ _id: itemOf(document)._id, n: made.n, tags: made.tags }), null);
  }
}

function modelled(model: ReadonlyMap<number, Item>, made: Change): Map<number, Item> {
  const next = new Map(model);
  if (made.kind === 'insert' && !next.has(made.item._id)) next.set(made.item._id, made.item);
  for (const found of model.values()) {
    if (made.kind === 'set' && found.n >= made.least)
      next.set(found._id, { _id: found._id, n: made.n, tags: made.tags });
    if (made.kind === 'remove' && found.tags.includes(made.tag)) next.delete(found._id);
  }
  return next;
}

function inOrder(items: Item[], sort: Record<string, 1 | -1>): Item[] {
  const fields = Object.entries(sort) as [keyof Item & ('n' | '_id'), 1 | -1][];
  return items.sort((a, b) => fields.reduce((order, [field, way]) => order || (a[field] - b[field]) * way, 0));
}

function expectAnswers(
  view: ReadView,
  collection: CollectionRecord,
  model: ReadonlyMap<number, Item>,
  {
    question: { filter, matches },
    sort,
    skip,
    limit,
  }: { question: Question; sort: Record<string, 1 | -1>; skip: number; limit: number | null },
): void {
  const matching = [...model.values()].filter(matches);
  const wanted = inOrder([...matching], sort).slice(skip, limit === null ? undefined : skip + limit);
  const query = { ...everything(filter), sort: parseSort(raw(sort)), window: { skip, limit } };
  expect(readAll(view, collection, query).map(({ document }) => itemOf(document))).toEqual(wanted);
  const unsorted = readAll(view, collection, everything(filter)).map(({ document }) => itemOf(document));
  expect(inOrder(unsorted, { _id: 1 })).toEqual(inOrder([...matching], { _id: 1 }));
  const all = everything(filter);
  const quick = view.quickCount(view.plan(collection, all), all);
  expect(quick ?? matching.length).toBe(matching.length);
}

describe('what a transaction sees', () => {
  let folder: string;
  let storage: Storage;
  let writer: DocumentWriter;
  let collections = 0;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'transaction-view-'));
    storage = new Storage(folder, 'normal');
    writer = new DocumentWriter(storage);
  });
  afterAll(() => {
    storage.close();
    rmSync(folder, { recursive: true });
  });

  function collectionWith(items: readonly Item[]): { collection: CollectionRecord; model: Map<number, Item> } {
    storage.begin();
    const collection = storage.create('views', `items${(collections += 1)}`);
    for (const key of [{ n: 1 }, { tags: 1, n: -1 }]) {
      storage.finishIndex(collection, storage.startIndex(collection, parseIndexDefinition(raw({ key }))));
    }
    const model = new Map<number, Item>();
    for (const one of items) {
      if (model.has(one._id)) continue;
      writer.insert(collection, bytes(one));
      model.set(one._id, one);
    }
    storage.commit();
    return { collection, model };
  }

  it('is what a plain model says, and is what is there once committed', () => {
    const cases = fc.record({
      before: fc.array(item, { maxLength: 25 }),
      steps: fc.array(fc.tuple(change, asking), { minLength: 1, maxLength: 8 }),
      others: fc.array(item, { maxLength: 5 }),
      isNew: fc.boolean(),
    });
    fc.assert(
      fc.property(cases, ({ before, steps, others, isNew }) => {
        const { collection: known, model: start } = collectionWith(before);
        const transaction = new Transaction(storage);
        const collection = isNew ? transaction.findOrCreate('views', `new${collections}`) : known;
        let model = isNew ? new Map<number, Item>() : start;
        // What others add now is not in the snapshot; ids of their own keep out of the way.
        const added = others.map((other, position) => ({ ...other, _id: 100 + position }));
        storage.begin();
        for (const other of added) writer.insert(known, bytes(other));
        storage.commit();
        const committed = new Map([...start, ...added.map((other) => [other._id, other] as const)]);
        for (const [made, asked] of steps) {
          carryOut(transaction, collection, made);
          model = modelled(model, made);
          expectAnswers(transaction, collection, model, asked);
        }
        for (const [, asked] of steps) expectAnswers(new CommittedView(storage), known, committed, asked);
        storage.locks.release(transaction);
        storage.begin();
        const changes = applyChanges(storage, writer, transaction);
        while (changes.next().done !== true);
        storage.commit();
        transaction.end();
        const name = isNew ? `new${collections}` : known.name;
        const written = new FileView(storage, writer).find('views', name);
        if (written === null) {
          expect(model.size).toBe(0);
          return;
        }
        if (!isNew) for (const other of added) model.set(other._id, other);
        for (const [, asked] of steps) expectAnswers(new CommittedView(storage), written, model, asked);
        expect(written.count).toBe(model.size);
      }),
      { numRuns: 50 },
    );
  });
});
