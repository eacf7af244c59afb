import { MICRO, microPrice, microShares } from '@app/domain';
import fc from 'fast-check';
import { CONDITION_ID, NO_TOKEN, yesBook, YES_TOKEN } from '../../test/fixtures';
import { type BookLevel, type BookSide, mirrorLevels } from '../order-book';
import { DEFAULT_EXCHANGE_SETTINGS } from '../settings';
import { BookTracker } from './book-tracker';
import type { BookEvent, FeedEvent } from './feed-event';

type Levels = Record<BookSide, Map<bigint, bigint>>;

/** The book as plain maps, put in order when asked. */
const sorted = (levels: Levels): { bids: BookLevel[]; asks: BookLevel[] } => {
  const side = (of: Map<bigint, bigint>, best: 1 | -1): BookLevel[] =>
    [...of]
      .sort(([a], [b]) => (a < b ? -best : best))
      .map(([price, size]) => ({ price: microPrice(price), size: microShares(size) }));
  return { bids: side(levels.bid, -1), asks: side(levels.ask, 1) };
};

const sizes = fc.bigInt({ min: 0n, max: 5n }).map((size) => microShares(size * MICRO));
/** Bids 0.30 to 0.52, asks 0.48 to 0.70: they may cross. */
const levelChanges = fc
  .record({ side: fc.constantFrom<BookSide>('bid', 'ask'), step: fc.bigInt({ min: 0n, max: 22n }), size: sizes })
  .map(({ side, step, size }) => ({
    outcomeIndex: 0,
    side,
    price: microPrice((side === 'bid' ? 30n + step : 70n - step) * 10_000n),
    size,
    bestBid: null,
    bestAsk: null,
  }));

const messages = fc.array(levelChanges, { minLength: 1, maxLength: 4 });
const bookOf = (changes: { side: BookSide; price: bigint; size: bigint }[]) => {
  const levels: Levels = { bid: new Map(), ask: new Map() };
  for (const { side, price, size } of changes) if (size > 0n) levels[side].set(price, size);
  return yesBook(sorted(levels));
};

type Happening = FeedEvent extends infer Event ? (Event extends FeedEvent ? Omit<Event, 'atMs'> : never) : never;

const happenings: fc.Arbitrary<Happening> = fc.oneof(
  { weight: 12, arbitrary: messages.map((changes) => ({ kind: 'levels' as const, changes, venueTimeMs: 7 })) },
  {
    weight: 2,
    arbitrary: messages.map((changes) => ({ kind: 'book' as const, outcomeIndex: 0, book: bookOf(changes) })),
  },
  { weight: 2, arbitrary: fc.constant({ kind: 'ponged' as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'connected' as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'clock' as const }) },
  { weight: 1, arbitrary: fc.constantFrom({ kind: 'halted' as const, reason: 'why' }, { kind: 'resumed' as const }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      { kind: 'tick' as const, tickSize: microPrice(10_000n) },
      { kind: 'tick' as const, tickSize: microPrice(1_000n) },
    ),
  },
);

const stories = fc.array(fc.record({ waitMs: fc.integer({ min: 0, max: 4_000 }), event: happenings }), {
  minLength: 1,
  maxLength: 60,
});

/** Plays a story that begins with a live book; the REST book asked for each time is right. */
function* play(story: readonly { waitMs: number; event: Happening }[]) {
  const tracker = new BookTracker(
    { conditionId: CONDITION_ID, tokenIds: [YES_TOKEN, NO_TOKEN] },
    DEFAULT_EXCHANGE_SETTINGS,
  );
  const truth: Levels = { bid: new Map(), ask: new Map() };
  let atMs = 0;
  let isKnown = false;
  const start: Happening[] = [
    { kind: 'connected' },
    { kind: 'book', outcomeIndex: 0, book: bookOf([]) },
    { kind: 'reconciled', outcomeIndex: 0, book: bookOf([]) },
  ];
  for (const { waitMs, event } of [...start.map((first) => ({ waitMs: 0, event: first })), ...story]) {
    atMs += waitMs;
    const before = tracker.tickSize;
    const published = tracker.apply({ ...event, atMs });
    if (event.kind === 'connected' || (event.kind === 'tick' && event.tickSize !== before)) isKnown = false;
    if (event.kind === 'book') {
      isKnown = true;
      for (const side of ['bid', 'ask'] as const) {
        const levels = side === 'bid' ? event.book.bids : event.book.asks;
        truth[side] = new Map(levels.map(({ price, size }) => [price, size]));
      }
    }
    if (event.kind === 'levels' && isKnown) {
      for (const { side, price, size } of event.changes) {
        if (size === 0n) truth[side].delete(price);
        else truth[side].set(price, size);
      }
    }
    yield { tracker, published, truth: sorted(truth) };
  }
}

describe('BookTracker', () => {
  it('A1 has the book that its events make, best first; the second outcome sees its mirror image', () => {
    fc.assert(
      fc.property(stories, (story) => {
        for (const { tracker, truth } of play(story)) {
          const yes = tracker.evidence(0);
          const no = tracker.evidence(1);
          if (yes === null || no === null) continue;
          expect({ bids: yes.book.bids, asks: yes.book.asks }).toEqual(truth);
          expect(mirrorLevels(no.book)).toEqual(truth);
          expect(no.state).toBe(yes.state);
        }
      }),
    );
  });

  it('A2 is live only while it is neither crossed nor locked', () => {
    fc.assert(
      fc.property(stories, (story) => {
        for (const { tracker, truth } of play(story)) {
          const isCrossed = (truth.bids[0]?.price ?? 0n) >= (truth.asks[0]?.price ?? MICRO);
          if (isCrossed) expect(tracker.state).not.toBe('live');
          expect(tracker.reason === null).toBe(tracker.state === 'live');
        }
      }),
    );
  });

  it('numbers what it publishes without holes, and who follows it has the same book while it is live', () => {
    fc.assert(
      fc.property(stories, (story) => {
        const follower: Levels = { bid: new Map(), ask: new Map() };
        let sequence = 0;
        let isLive = false;
        for (const { tracker, published, truth } of play(story)) {
          for (const event of published) {
            isLive = follow(event, follower, isLive);
            if (event.kind !== 'snapshot' && event.kind !== 'changes') continue;
            sequence += 1;
            expect(event.sequence).toBe(sequence);
          }
          expect(isLive).toBe(tracker.state === 'live');
          expect(tracker.sequence).toBe(sequence);
          if (isLive) expect(sorted(follower)).toEqual(truth);
        }
      }),
    );
  });

  it('tells the same of the same events', () => {
    fc.assert(
      fc.property(stories, (story) => {
        const first = [...play(story)].map(({ published }) => published);
        expect([...play(story)].map(({ published }) => published)).toEqual(first);
      }),
    );
  });
});

function follow(event: BookEvent, book: Levels, isLive: boolean): boolean {
  switch (event.kind) {
    case 'snapshot':
      book.bid = new Map(event.bids.map(({ price, size }) => [price, size]));
      book.ask = new Map(event.asks.map(({ price, size }) => [price, size]));
      return true;
    case 'changes':
      expect(isLive).toBe(true);
      for (const { side, price, size } of event.changes) {
        if (size === 0n) book[side].delete(price);
        else book[side].set(price, size);
      }
      return true;
    case 'gap':
    case 'tick':
      return false;
  }
}
