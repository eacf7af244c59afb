import type { BookStore } from '../src';
import type { CreateTimed } from './timed';

/**
 * What every `BookStore` promises.
 * @param ttlMs where time really passes, long enough that what passes between two calls does not matter
 */
export function itKeepsTheBookStoreContract(ttlMs: number, create: CreateTimed<BookStore>): void {
  it('answers the newest text of each market in the order asked, and null for those it has none of', async () => {
    const { subject: store } = await create();
    const first = { conditionId: '0xa', text: '{"bids":["450000"]}' };
    await store.put([first, { conditionId: '0xb', text: 'older' }], ttlMs);
    await store.put([{ conditionId: '0xb', text: 'newer' }], ttlMs);
    expect(await store.get(['0xb', '0xc', '0xa', '0xb'])).toEqual(['newer', null, first.text, 'newer']);
  });

  it('takes and gives nothing', async () => {
    const { subject: store } = await create();
    await store.put([], ttlMs);
    await store.keep([], ttlMs);
    await store.remove([]);
    expect(await store.get([])).toEqual([]);
  });

  it('gives back long texts of any characters', async () => {
    const { subject: store } = await create();
    const text = JSON.stringify({ outcome: 'São Paulo “50–50” 🗳', levels: Array.from({ length: 20_000 }, String) });
    await store.put([{ conditionId: '0xa', text }], ttlMs);
    expect(await store.get(['0xa'])).toEqual([text]);
  });

  it('serves more markets at once than one command is given', async () => {
    const { subject: store } = await create();
    const books = Array.from({ length: 1_201 }, (_, index) => ({ conditionId: `0x${index}`, text: `book ${index}` }));
    await store.put(books, ttlMs);
    expect(await store.get(books.map(({ conditionId }) => conditionId))).toEqual(books.map(({ text }) => text));
    await store.remove(books.slice(1).map(({ conditionId }) => conditionId));
    expect(await store.get(['0x0', '0x1', '0x1200'])).toEqual(['book 0', null, null]);
  });

  it('lets a book expire unless it is kept, and brings none back', async () => {
    const { subject: store, pass } = await create();
    await store.put(
      ['0xa', '0xb'].map((conditionId) => ({ conditionId, text: conditionId })),
      ttlMs,
    );
    await store.keep(['0xa', '0xc'], 3 * ttlMs);
    await pass(ttlMs);
    expect(await store.get(['0xa', '0xb', '0xc'])).toEqual(['0xa', null, null]);
    await store.keep(['0xb'], ttlMs);
    expect(await store.get(['0xb'])).toEqual([null]);
  });
}
