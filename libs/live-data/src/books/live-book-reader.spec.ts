import { encodeLiveBook, type LiveBook } from '@app/contracts';
import { type BookStore, InProcessBookStore, InProcessLeases } from '@app/platform';
import { ManualClock } from '@app/testing';
import { Logger } from '@nestjs/common';
import { aLiveBook } from '../../test/live-book';
import { LIVE_WORKER_ROLE, LiveBookReader } from './live-book-reader';

/** A store that can be taken away. */
class LosableBookStore extends InProcessBookStore {
  isLost = false;
  asked = 0;

  override get(conditionIds: readonly string[]): ReturnType<BookStore['get']> {
    this.asked += 1;
    return this.isLost ? Promise.reject(new Error('connection is closed')) : super.get(conditionIds);
  }
}

beforeAll(() => {
  Logger.overrideLogger(false);
});

describe('LiveBookReader', () => {
  let clock: ManualClock;
  let store: LosableBookStore;
  let leases: InProcessLeases;
  let reader: LiveBookReader;

  beforeEach(async () => {
    clock = new ManualClock();
    store = new LosableBookStore(clock);
    leases = new InProcessLeases(clock);
    reader = new LiveBookReader(store, leases, clock);
    await leases.hold(LIVE_WORKER_ROLE, 'host:1', 6_000);
  });

  const keep = (...books: LiveBook[]): Promise<void> =>
    store.put(
      books.map((book) => ({ conditionId: book.conditionId, text: encodeLiveBook(book) })),
      60_000,
    );

  it('reads what the owner keeps, and nothing of a market nobody follows', async () => {
    const book = aLiveBook();
    await keep(book);
    expect(await reader.read('0xa')).toEqual(book);
    expect(await reader.read('0xb')).toBeNull();
  });

  it('reads several in the order asked', async () => {
    const [a, b] = [aLiveBook(), aLiveBook({ conditionId: '0xb', state: 'halted', reason: 'it takes no orders' })];
    await keep(a, b);
    expect(await reader.readMany(['0xb', '0xc', '0xa'])).toEqual([b, null, a]);
    expect(await reader.readMany([])).toEqual([]);
  });

  it.each(['live', 'recovering', 'halted'] as const)(
    'A3 calls a %s book stale once its owner’s lease is gone, with the levels it had',
    async (state) => {
      const book = aLiveBook({ state, reason: state === 'live' ? null : 'some reason' });
      await keep(book);
      clock.advance(6_000);
      expect(await reader.read('0xa')).toEqual({
        ...book,
        state: 'stale',
        reason: 'the process that follows it does not answer',
        stateSinceMs: book.receivedAtMs,
      });
      await leases.hold(LIVE_WORKER_ROLE, 'host:2', 6_000);
      expect(await reader.read('0xa')).toMatchObject({ state: 'stale' });
      await leases.hold(LIVE_WORKER_ROLE, 'host:1', 6_000);
      expect(await reader.read('0xa')).toEqual(book);
    },
  );

  it('believes no lease of another role', async () => {
    await keep(aLiveBook({ owner: 'host:3' }));
    await leases.hold('api', 'host:3', 6_000);
    expect(await reader.read('0xa')).toMatchObject({ state: 'stale' });
  });

  it.each([
    ['what is no book', '{"condition_id":"0xa"}'],
    ['another market’s book', encodeLiveBook(aLiveBook({ conditionId: '0xb' }))],
  ])('takes %s for none', async (_title, text) => {
    await store.put([{ conditionId: '0xa', text }], 60_000);
    expect(await reader.read('0xa')).toBeNull();
  });

  it('knows of no followed market while the store is away, and asks it once a second', async () => {
    await keep(aLiveBook());
    store.isLost = true;
    for (let ask = 0; ask < 10; ask += 1) expect(await reader.read('0xa')).toBeNull();
    expect(store.asked).toBe(1);
    clock.advance(1_000);
    expect(await reader.readMany(['0xa', '0xb'])).toEqual([null, null]);
    expect(store.asked).toBe(2);
    store.isLost = false;
    clock.advance(1_000);
    expect(await reader.read('0xa')).not.toBeNull();
  });
});
