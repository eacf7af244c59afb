import type { mongo } from 'mongoose';
import { type Harness, startHarness } from './store-harness';

interface Note extends mongo.Document {
  _id: number;
  rank: number;
  text: string;
}

const COUNT = 17_000;

/** So many that orders are made in several runs and searches are ranked in several stretches. */
const notes: Note[] = Array.from({ length: COUNT }, (_, n) => ({
  _id: n,
  rank: (n * 7_919) % 5_003,
  text: `common ${'filler '.repeat((n * 31) % 40)}${n % 1_000 === 0 ? 'common common' : ''}`,
}));

const byRank = notes.toSorted((a, b) => a.rank - b.rank || b._id - a._id).map(({ _id }) => _id);

describe('orders of many documents', () => {
  let harness: Harness;
  let collection: mongo.Collection<Note>;
  const idsOf = async (cursor: mongo.FindCursor): Promise<number[]> =>
    (await cursor.toArray()).map(({ _id }: Note) => _id);

  beforeAll(async () => {
    harness = await startHarness();
    collection = harness.database().collection<Note>('notes');
    await collection.createIndex({ text: 'text' });
    await collection.insertMany(notes);
  });

  afterAll(() => harness.stop());

  it('sorts all of them without an index', async () => {
    const projection = { _id: 1 } as const;
    expect(await idsOf(collection.find({}, { projection }).sort({ rank: 1, _id: -1 }))).toEqual(byRank);
  });

  it.each([
    [0, 20],
    [5_000, 50],
    [COUNT - 10, 50],
    [COUNT, 1],
  ])('finds the page behind %i of %i', async (skip, limit) => {
    const page = collection.find({}, { projection: { _id: 1 } }).sort({ rank: 1, _id: -1 });
    expect(await idsOf(page.skip(skip).limit(limit))).toEqual(byRank.slice(skip, skip + limit));
  });

  it('ranks all hits of a common word', async () => {
    const found = await collection
      .find({ $text: { $search: 'common' } }, { projection: { _id: 1, score: { $meta: 'textScore' } } })
      .sort({ score: { $meta: 'textScore' }, _id: 1 })
      .toArray();
    expect(new Set(found.map(({ _id }) => _id)).size).toBe(COUNT);
    const inOrder = found.toSorted((a, b) => Number(b.score) - Number(a.score) || a._id - b._id);
    expect(found.map(({ _id }) => _id)).toEqual(inOrder.map(({ _id }) => _id));
  });

  it('finds the same best hits whether few or all are asked for', async () => {
    const best = (): mongo.FindCursor =>
      collection
        .find({ $text: { $search: 'common' }, rank: { $gte: 100 } }, { projection: { _id: 1 } })
        .sort({ score: { $meta: 'textScore' }, _id: 1 });
    const all = await idsOf(best());
    expect(all).toHaveLength(notes.filter(({ rank }) => rank >= 100).length);
    expect(await idsOf(best().limit(20))).toEqual(all.slice(0, 20));
  });

  it('counts filtered hits', async () => {
    const count = await collection.countDocuments({ $text: { $search: 'common' }, rank: { $lt: 10 } });
    expect(count).toBe(notes.filter(({ rank }) => rank < 10).length);
  });
});
