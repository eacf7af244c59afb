import type { MicroPrice } from '@app/domain';
import { CONDITION_ID, levels, NO_TOKEN, noBook, price, shares, YES_TOKEN, yesBook } from '../../test/fixtures';
import type { BookSide, OrderBookSnapshot } from '../order-book';
import { RestingBook } from '../resting/resting-book';
import { BookTracker } from './book-tracker';
import type { BookEvent, FeedEvent, TokenLevelChange } from './feed-event';

const SETTINGS = {
  reconcileWithinMs: 60_000,
  reconcileIdleWithinMs: 600_000,
  pingIntervalMs: 10_000,
  mismatchLastsMs: 2_000,
};

type Told = FeedEvent extends infer Event ? (Event extends FeedEvent ? Omit<Event, 'atMs'> : never) : never;

/** A tracker that is told what happens when, in seconds. */
class Feed {
  readonly tracker: BookTracker;

  constructor(startSequence?: number) {
    this.tracker = new BookTracker(
      { conditionId: CONDITION_ID, tokenIds: [YES_TOKEN, NO_TOKEN] },
      SETTINGS,
      startSequence,
    );
  }

  at(seconds: number, event: Told): readonly BookEvent[] {
    return this.tracker.apply({ ...event, atMs: seconds * 1_000 });
  }

  /** Connected, with a book that was compared: live at the second 0. */
  static live(book: OrderBookSnapshot = BOOK): Feed {
    const feed = new Feed();
    feed.at(0, { kind: 'connected' });
    feed.at(0, { kind: 'book', outcomeIndex: 0, book });
    feed.at(0, { kind: 'reconciled', outcomeIndex: 0, book });
    return feed;
  }

  get state(): string {
    const { state, reason } = this.tracker;
    return reason === null ? state : `${state}: ${reason}`;
  }
}

const BOOK = yesBook({ bids: levels('10@0.4', '20@0.39'), asks: levels('30@0.43', '40@0.45') }, { hash: 'aa' });

const change = (
  side: BookSide,
  level: string,
  more: { outcomeIndex?: number; bestBid?: MicroPrice; bestAsk?: MicroPrice } = {},
): TokenLevelChange => {
  const [size = '', at = ''] = level.split('@');
  const best = { bestBid: more.bestBid ?? null, bestAsk: more.bestAsk ?? null };
  return { outcomeIndex: more.outcomeIndex ?? 0, side, price: price(at), size: shares(size), ...best };
};

const changes = (...all: TokenLevelChange[]): Told => ({ kind: 'levels', changes: all, venueTimeMs: 123 });

describe('A1 the canonical book', () => {
  it('is that of the first outcome, and the second one sees it mirrored', () => {
    const { tracker } = Feed.live();
    expect(tracker.evidence(0)).toMatchObject({
      state: 'live',
      reason: null,
      source: 'stream',
      sequence: 1,
      hash: 'aa',
      receivedAt: new Date(0),
      book: { tokenId: YES_TOKEN, bids: BOOK.bids, asks: BOOK.asks },
    });
    expect(tracker.evidence(1)?.book).toMatchObject({
      tokenId: NO_TOKEN,
      hash: null,
      bids: levels('30@0.57', '40@0.55'),
      asks: levels('10@0.6', '20@0.61'),
    });
  });

  it('changes level by level; size 0 removes a level', () => {
    const feed = Feed.live();
    const published = feed.at(
      1,
      changes(change('bid', '0@0.4'), change('bid', '7@0.41'), change('ask', '5@0.44'), change('ask', '0@0.9')),
    );
    expect(published).toEqual([
      {
        kind: 'changes',
        atMs: 1_000,
        venueTimeMs: 123,
        sequence: 2,
        changes: [
          { side: 'bid', price: price('0.4'), size: 0n },
          { side: 'bid', price: price('0.41'), size: shares('7') },
          { side: 'ask', price: price('0.44'), size: shares('5') },
        ],
      },
    ]);
    expect(feed.tracker.evidence(0)).toMatchObject({
      hash: null,
      sequence: 2,
      receivedAt: new Date(1_000),
      book: {
        bids: levels('7@0.41', '20@0.39'),
        asks: levels('30@0.43', '5@0.44', '40@0.45'),
        venueTime: new Date(123),
      },
    });
  });

  it('given out once stays as it was', () => {
    const feed = Feed.live();
    const before = feed.tracker.evidence(0);
    expect(feed.tracker.evidence(0)?.book).toBe(before?.book);
    const [published] = feed.at(1, { kind: 'book', outcomeIndex: 0, book: BOOK });
    feed.at(2, changes(change('bid', '99@0.4'), change('bid', '1@0.2'), change('ask', '0@0.43')));
    expect(before?.book).toMatchObject({ bids: BOOK.bids, asks: BOOK.asks });
    expect(published).toMatchObject({ bids: BOOK.bids, asks: BOOK.asks });
    expect(feed.tracker.evidence(0)?.book.bids).toEqual(levels('99@0.4', '20@0.39', '1@0.2'));
  });

  it('takes a snapshot while live as a whole', () => {
    const feed = Feed.live();
    const next = yesBook({ bids: levels('1@0.4'), asks: levels('2@0.43') }, { hash: 'bb' });
    expect(feed.at(1, { kind: 'book', outcomeIndex: 0, book: next })).toMatchObject([
      { kind: 'snapshot', sequence: 2, hash: 'bb', bids: levels('1@0.4'), asks: levels('2@0.43') },
    ]);
  });

  it('says nothing of what changes nothing', () => {
    const feed = Feed.live();
    expect(feed.at(1, changes(change('bid', '10@0.4'), change('ask', '0@0.6')))).toEqual([]);
    expect(feed.at(2, { kind: 'ponged' })).toEqual([]);
    expect(feed.tracker.sequence).toBe(1);
  });
});

describe('A2 a book is live', () => {
  it('only after a snapshot since it connected, and a comparison', () => {
    const feed = new Feed();
    expect(feed.tracker.evidence(0)).toBeNull();
    expect(feed.state).toBe('stale: its stream is not connected');
    expect(feed.at(0, { kind: 'connected' })).toEqual([
      { kind: 'gap', atMs: 0, state: 'recovering', reason: 'no snapshot of it has arrived yet' },
    ]);
    expect(feed.at(1, changes(change('bid', '10@0.4')))).toEqual([]);
    feed.at(2, { kind: 'book', outcomeIndex: 0, book: BOOK });
    expect(feed.state).toBe("recovering: it has not been compared with Polymarket's own book yet");
    expect(feed.at(3, { kind: 'reconciled', outcomeIndex: 0, book: BOOK })).toEqual([
      {
        kind: 'snapshot',
        atMs: 3_000,
        venueTimeMs: BOOK.venueTime.getTime(),
        bids: BOOK.bids,
        asks: BOOK.asks,
        sequence: 1,
        hash: 'aa',
      },
    ]);
    expect(feed.state).toBe('live');
  });

  it('until it disconnects; and again with a new snapshot', () => {
    const feed = Feed.live();
    expect(feed.at(1, { kind: 'disconnected', reason: 'its stream closed with code 1006' })).toEqual([
      { kind: 'gap', atMs: 1_000, state: 'stale', reason: 'its stream closed with code 1006' },
    ]);
    feed.at(2, { kind: 'connected' });
    expect(feed.state).toBe('recovering: no snapshot of it has arrived yet');
    expect(feed.at(3, { kind: 'book', outcomeIndex: 0, book: BOOK })).toMatchObject([
      { kind: 'snapshot', sequence: 2 },
    ]);
  });

  it('while the stream answered within two ping intervals; quiet alone does not matter', () => {
    const feed = Feed.live();
    feed.at(20, { kind: 'clock' });
    expect(feed.state).toBe('live');
    expect(feed.at(20.001, { kind: 'clock' })).toMatchObject([{ kind: 'gap', state: 'stale' }]);
    expect(feed.state).toBe('stale: its stream does not answer');
    expect(feed.at(21, { kind: 'ponged' })).toMatchObject([{ kind: 'snapshot', sequence: 2 }]);
    feed.at(41, { kind: 'ponged' });
    expect(feed.state).toBe('live');
  });

  it('while it was compared lately: within a minute with open orders, ten without', () => {
    const feed = Feed.live();
    const pingAt = (seconds: number): void => void feed.at(seconds, { kind: 'ponged' });
    for (let seconds = 10; seconds <= 60; seconds += 10) pingAt(seconds);
    feed.at(61, { kind: 'clock' });
    expect(feed.state).toBe('live');
    feed.at(61, { kind: 'interest', hasOpenOrders: true });
    expect(feed.state).toBe("stale: it was last compared with Polymarket's own book too long ago");
    feed.at(62, { kind: 'reconciled', outcomeIndex: 1, book: noBook(BOOK) });
    expect(feed.state).toBe('live');
    feed.at(63, { kind: 'interest', hasOpenOrders: false });
    for (let seconds = 70; seconds <= 662; seconds += 10) pingAt(seconds);
    feed.at(662, { kind: 'ponged' });
    expect(feed.state).toBe('live');
    feed.at(662.001, { kind: 'clock' });
    expect(feed.state).toContain('stale: it was last compared');
  });

  it.each([
    ['crossed', '1@0.44'],
    ['locked', '1@0.43'],
  ])('while it is not %s', (_, bid) => {
    const feed = Feed.live();
    expect(feed.at(1, changes(change('bid', bid)))).toEqual([
      { kind: 'gap', atMs: 1_000, state: 'recovering', reason: 'its best bid is not below its best ask' },
    ]);
    const [at = ''] = bid.split('@').slice(1);
    expect(feed.at(1, changes(change('bid', `0@${at}`)))).toMatchObject([{ kind: 'snapshot', sequence: 2 }]);
  });

  it('until its tick size changes, which begins a new epoch', () => {
    const feed = Feed.live();
    expect(feed.at(1, { kind: 'tick', tickSize: price('0.001') })).toEqual([
      { kind: 'tick', atMs: 1_000, tickSize: price('0.001') },
      {
        kind: 'gap',
        atMs: 1_000,
        state: 'recovering',
        reason: 'its tick size changed, and no snapshot of it has arrived since',
      },
    ]);
    expect(feed.at(1, changes(change('bid', '5@0.405')))).toEqual([]);
    const finer = yesBook({ bids: levels('10@0.405'), asks: levels('30@0.43') });
    expect(feed.at(2, { kind: 'book', outcomeIndex: 0, book: finer })).toMatchObject([
      { kind: 'snapshot', sequence: 2 },
    ]);
    // The other token's feed tells of the same change.
    expect(feed.at(2, { kind: 'tick', tickSize: price('0.001') })).toEqual([]);
    expect(feed.state).toBe('live');
    expect(feed.tracker.evidence(1)?.book.tickSize).toBe(price('0.001'));
  });

  it('until something is known to be lost', () => {
    const feed = Feed.live();
    feed.at(1, { kind: 'lost', reason: 'a message of it could not be read' });
    expect(feed.state).toBe('recovering: a message of it could not be read');
  });
});

describe('A2 reconciliation', () => {
  const other = yesBook({ bids: levels('10@0.4', '20@0.39'), asks: levels('31@0.43', '40@0.45') });

  it('that differs for longer than a mismatch may last ends the book, until a snapshot and an equal comparison come', () => {
    const feed = Feed.live();
    feed.at(10, { kind: 'reconciled', outcomeIndex: 0, book: other });
    feed.at(11.999, { kind: 'clock' });
    expect(feed.state).toBe('live');
    expect(feed.at(12, { kind: 'clock' })).toEqual([
      {
        kind: 'gap',
        atMs: 12_000,
        state: 'recovering',
        reason: "it differs from Polymarket's own book at the ask 0.43",
      },
    ]);
    feed.at(13, { kind: 'book', outcomeIndex: 0, book: other });
    expect(feed.state).toContain('recovering: it has not been compared');
    feed.at(14, { kind: 'reconciled', outcomeIndex: 0, book: other });
    expect(feed.state).toBe('live');
  });

  it('that is ahead of the stream is right once the stream follows', () => {
    const feed = Feed.live();
    feed.at(0, { kind: 'interest', hasOpenOrders: true });
    for (const seconds of [20, 40, 50]) feed.at(seconds, { kind: 'ponged' });
    feed.at(50, { kind: 'reconciled', outcomeIndex: 0, book: other });
    feed.at(50.5, changes(change('ask', '31@0.43')));
    feed.at(70, { kind: 'ponged' });
    feed.at(90, { kind: 'ponged' });
    feed.at(100, { kind: 'ponged' });
    feed.at(110, { kind: 'clock' });
    expect(feed.state).toBe('live');
    feed.at(110.001, { kind: 'clock' });
    expect(feed.state).toContain('stale: it was last compared');
  });

  it('that is behind the stream does not count against what changed just now', () => {
    const feed = Feed.live();
    feed.at(10, changes(change('ask', '31@0.43'), change('ask', '0@0.45'), change('bid', '1@0.38')));
    feed.at(10.5, { kind: 'reconciled', outcomeIndex: 0, book: BOOK });
    feed.at(15, { kind: 'clock' });
    expect(feed.state).toBe('live');
    // Later the same book is wrong.
    feed.at(16, { kind: 'reconciled', outcomeIndex: 0, book: BOOK });
    feed.at(18, { kind: 'clock' });
    expect(feed.state).toContain("recovering: it differs from Polymarket's own book at the ");
  });

  it('that is behind a snapshot does not count against what the snapshot changed', () => {
    const feed = Feed.live();
    feed.at(10, { kind: 'book', outcomeIndex: 0, book: yesBook({ bids: levels('9@0.4'), asks: BOOK.asks }) });
    feed.at(10.5, { kind: 'reconciled', outcomeIndex: 0, book: BOOK });
    feed.at(15, { kind: 'clock' });
    expect(feed.state).toBe('live');
  });

  it('sees levels that are missing here, and there', () => {
    for (const book of [
      yesBook({ bids: [...BOOK.bids, ...levels('1@0.1')], asks: BOOK.asks }),
      yesBook({ bids: BOOK.bids.slice(0, 1), asks: BOOK.asks }),
    ]) {
      const feed = Feed.live();
      feed.at(10, { kind: 'reconciled', outcomeIndex: 0, book });
      feed.at(12, { kind: 'clock' });
      expect(feed.state).toContain("it differs from Polymarket's own book at the bid 0.");
    }
  });
});

describe('B1 the complementary check', () => {
  const both = (yes: string, no: string): Told =>
    changes(change('bid', `${yes}@0.4`), change('ask', `${no}@0.6`, { outcomeIndex: 1 }));

  it('is quiet while the second outcome shows the mirror image', () => {
    const feed = Feed.live();
    feed.at(1, both('15', '15'));
    feed.at(1, {
      kind: 'book',
      outcomeIndex: 1,
      book: noBook(yesBook({ ...BOOK, bids: levels('15@0.4', '20@0.39') })),
    });
    feed.at(9, { kind: 'clock' });
    expect(feed.state).toBe('live');
  });

  it('makes the book recovering when the two differ for long', () => {
    const feed = Feed.live();
    // The second outcome's feed tells of a change that the first one's never did.
    feed.at(5, changes(change('ask', '16@0.6', { outcomeIndex: 1 })));
    feed.at(6.9, { kind: 'clock' });
    expect(feed.state).toBe('live');
    feed.at(7, { kind: 'clock' });
    expect(feed.state).toBe('recovering: the books of its two outcomes differ at the bid 0.4');
    feed.at(8, { kind: 'book', outcomeIndex: 0, book: BOOK });
    expect(feed.state).toBe('live');
  });

  it('makes it recovering when a whole book of the second outcome differs for long', () => {
    const feed = Feed.live();
    const other = yesBook({ ...BOOK, asks: levels('30@0.43', '41@0.45') });
    feed.at(5, { kind: 'book', outcomeIndex: 1, book: noBook(other) });
    feed.at(6.9, { kind: 'clock' });
    expect(feed.state).toBe('live');
    feed.at(7, { kind: 'clock' });
    expect(feed.state).toBe('recovering: the books of its two outcomes differ at the ask 0.45');
  });

  it('forgives a difference that passes', () => {
    const feed = Feed.live();
    feed.at(5, changes(change('ask', '16@0.6', { outcomeIndex: 1 })));
    feed.at(6, changes(change('bid', '16@0.4')));
    feed.at(9, { kind: 'clock' });
    expect(feed.state).toBe('live');
  });

  it('never adds the second outcome to the book', () => {
    const feed = Feed.live();
    expect(feed.at(1, changes(change('bid', '500@0.57', { outcomeIndex: 1 })))).toEqual([]);
    expect(feed.tracker.evidence(0)?.book).toMatchObject({ bids: BOOK.bids, asks: BOOK.asks });
  });
});

describe('best prices told with a change', () => {
  const told = (bestBid: string, bestAsk: string): { bestBid: MicroPrice; bestAsk: MicroPrice } => ({
    bestBid: price(bestBid),
    bestAsk: price(bestAsk),
  });

  it('that differ from the book for long show that a message was lost', () => {
    const feed = Feed.live();
    feed.at(5, changes(change('bid', '21@0.39', told('0.41', '0.43'))));
    feed.at(6.999, { kind: 'clock' });
    expect(feed.state).toBe('live');
    feed.at(7, { kind: 'clock' });
    expect(feed.state).toBe('recovering: its best prices are not those the venue tells');
  });

  it('that agree again are forgiven', () => {
    const feed = Feed.live();
    feed.at(5, changes(change('bid', '21@0.39', told('0.41', '0.43'))));
    feed.at(6, changes(change('bid', '5@0.41', told('0.41', '0.43'))));
    feed.at(9, { kind: 'clock' });
    expect(feed.state).toBe('live');
  });

  it('of an empty side are told as 0 and 1', () => {
    const feed = Feed.live(yesBook({ bids: levels('10@0.4'), asks: levels('30@0.43') }));
    feed.at(5, changes(change('bid', '0@0.4', told('0', '0.43')), change('ask', '0@0.43', told('0', '1'))));
    feed.at(9, { kind: 'clock' });
    expect(feed.state).toBe('live');
  });
});

describe('A3 halted', () => {
  it('goes before every other state, and ends with it', () => {
    const feed = Feed.live();
    expect(feed.at(1, { kind: 'halted', reason: 'the venue restarts' })).toMatchObject([
      { kind: 'gap', state: 'halted' },
    ]);
    feed.at(2, changes(change('bid', '11@0.4')));
    expect(feed.state).toBe('halted: the venue restarts');
    expect(feed.at(3, { kind: 'resumed' })).toMatchObject([
      { kind: 'snapshot', sequence: 2, bids: levels('11@0.4', '20@0.39') },
    ]);
  });
});

describe('A2 what a book waits for', () => {
  it('is the stream, then a whole book, then the comparison', () => {
    const feed = new Feed();
    const waits = [feed.tracker.missing];
    feed.at(0, { kind: 'connected' });
    waits.push(feed.tracker.missing);
    feed.at(0, { kind: 'book', outcomeIndex: 0, book: BOOK });
    waits.push(feed.tracker.missing);
    feed.at(0, { kind: 'reconciled', outcomeIndex: 0, book: BOOK });
    waits.push(feed.tracker.missing);
    feed.at(1, changes(change('bid', '1@0.43')));
    waits.push(feed.tracker.missing);
    expect(waits).toEqual(['stream', 'snapshot', 'comparison', null, 'snapshot']);
  });
});

describe('A5 what is published', () => {
  it('goes on from the number of who tracked the market before', () => {
    const feed = new Feed(41);
    feed.at(0, { kind: 'connected' });
    feed.at(0, { kind: 'book', outcomeIndex: 0, book: BOOK });
    expect(feed.tracker.sequence).toBe(41);
    expect(feed.at(0, { kind: 'reconciled', outcomeIndex: 0, book: BOOK })).toMatchObject([{ sequence: 42 }]);
    expect(feed.at(1, changes(change('bid', '11@0.4')))).toMatchObject([{ sequence: 43 }]);
  });

  it('can be begun with at any moment while it is live, and takes no number for it', () => {
    const feed = new Feed();
    expect(feed.tracker.snapshot(0)).toBeNull();
    const live = Feed.live();
    live.at(1, changes(change('bid', '11@0.4')));
    const { bids, asks } = { bids: levels('11@0.4', '20@0.39'), asks: BOOK.asks };
    expect(live.tracker.snapshot(2_000)).toMatchObject({ kind: 'snapshot', atMs: 2_000, sequence: 2, bids, asks });
    expect(live.at(3, changes(change('bid', '12@0.4')))).toMatchObject([{ sequence: 3 }]);
  });

  it('is what a resting book understands', () => {
    const feed = new Feed();
    const resting = new RestingBook(CONDITION_ID);
    const told = (seconds: number, event: Told): string => {
      for (const published of feed.at(seconds, event)) resting.apply(published);
      return resting.bookState.state;
    };
    expect(told(0, { kind: 'connected' })).toBe('recovering');
    told(0, { kind: 'book', outcomeIndex: 0, book: BOOK });
    expect(told(1, { kind: 'reconciled', outcomeIndex: 0, book: BOOK })).toBe('live');
    expect(told(2, changes(change('bid', '11@0.4')))).toBe('live');
    expect(told(3, { kind: 'tick', tickSize: price('0.001') })).toBe('recovering');
    expect(told(4, { kind: 'book', outcomeIndex: 0, book: BOOK })).toBe('live');
    expect(told(5, { kind: 'disconnected', reason: 'it broke' })).toBe('stale');
  });
});
