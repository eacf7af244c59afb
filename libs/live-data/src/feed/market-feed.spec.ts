import type { LiveBook, MarketMessage } from '@app/contracts';
import { microPrice, microShares } from '@app/domain';
import { type BookLevel, LevelBook, type LevelChange, type Print } from '@app/exchange';
import fc from 'fast-check';
import { type FeedMarket, type FeedNews, MarketFeed } from './market-feed';

const MARKET: FeedMarket = {
  conditionId: '0x1',
  marketId: 'will-it-rain',
  tokenIds: ['1', '2'],
  outcomes: ['Yes', 'No'],
};

const level = (cents: number, size: number): BookLevel => ({
  price: microPrice(BigInt(cents * 10_000)),
  size: microShares(BigInt(size)),
});
const bid = (cents: number, size: number): LevelChange => ({ side: 'bid', ...level(cents, size) });

function aBook(overrides: Partial<LiveBook> = {}): LiveBook {
  return {
    ...MARKET,
    owner: 'worker:1',
    epoch: 'a',
    sequence: 1,
    state: 'live',
    reason: null,
    stateSinceMs: 0,
    bids: [level(45, 100)],
    asks: [level(47, 80)],
    tickSize: null,
    minOrderSize: null,
    negRisk: null,
    lastTradePrice: null,
    hash: null,
    venueTimeMs: 0,
    receivedAtMs: 0,
    ...overrides,
  };
}

const changes = (sequence: number, epoch: string, ...made: LevelChange[]): MarketMessage => ({
  kind: 'changes',
  epoch,
  sequence,
  venueTimeMs: sequence,
  atMs: sequence,
  changes: made,
});

function aFeed(): MarketFeed {
  const feed = new MarketFeed(MARKET, 0);
  feed.adopt(aBook(), 'stream');
  return feed;
}

describe('MarketFeed', () => {
  it('has no book before it is told one, and says so', () => {
    const feed = new MarketFeed(MARKET, 7);
    expect([feed.source, feed.state, feed.sequence]).toEqual(['none', 'recovering', 0]);
    expect(feed.accept(changes(1, 'a', bid(45, 1)))).toBe('behind');
    expect(feed.accept({ kind: 'book', book: aBook() })).toMatchObject([{ kind: 'book', anewBecause: 'restart' }]);
    expect(feed.book).toEqual(aBook());
  });

  it('takes the next change in, and tells whether a best price moved', () => {
    const feed = aFeed();
    expect(feed.accept(changes(2, 'a', bid(44, 5)))).toEqual([
      { kind: 'changes', sequence: 2, venueTimeMs: 2, changes: [bid(44, 5)], isPriceMoved: false },
    ]);
    expect(feed.accept(changes(3, 'a', bid(46, 5)))).toMatchObject([{ sequence: 3, isPriceMoved: true }]);
    expect(feed.book.bids).toEqual([level(46, 5), level(45, 100), level(44, 5)]);
  });

  it('passes over what it has, and is behind when something is missing', () => {
    const feed = aFeed();
    expect(feed.accept(changes(1, 'a', bid(45, 1)))).toEqual([]);
    expect(feed.accept({ kind: 'book', book: aBook({ bids: [] }) })).toEqual([]);
    expect(feed.accept(changes(3, 'a', bid(45, 1)))).toBe('behind');
    expect(feed.accept(changes(2, 'b', bid(45, 1)))).toBe('behind');
    expect(feed.book).toEqual(aBook());
  });

  it('begins anew from a whole book after a hole or of another follower', () => {
    const feed = aFeed();
    expect(feed.accept({ kind: 'book', book: aBook({ sequence: 5 }) })).toMatchObject([{ anewBecause: 'gap' }]);
    expect(feed.accept({ kind: 'book', book: aBook({ sequence: 6, epoch: 'b' }) })).toMatchObject([
      { anewBecause: 'restart' },
    ]);
    expect(feed.accept(changes(7, 'a', bid(45, 1)))).toBe('behind');
  });

  it('tells the next whole book of a live market as the changes it is', () => {
    const feed = aFeed();
    const next = aBook({ sequence: 2, bids: [level(46, 1)], asks: [level(47, 81)] });
    expect(feed.accept({ kind: 'book', book: next })).toEqual([
      {
        kind: 'changes',
        sequence: 2,
        venueTimeMs: 0,
        changes: [bid(46, 1), bid(45, 0), { side: 'ask', ...level(47, 81) }],
        isPriceMoved: true,
      },
    ]);
  });

  it('tells states, and the book that follows a gap as a whole', () => {
    const feed = aFeed();
    const stale: MarketMessage = { kind: 'state', epoch: 'a', state: 'stale', reason: 'no answer', atMs: 9 };
    expect(feed.accept(stale)).toEqual([{ kind: 'state', isPriceMoved: false }]);
    expect(feed.accept(stale)).toEqual([]);
    expect([feed.book.state, feed.book.reason, feed.book.stateSinceMs]).toEqual(['stale', 'no answer', 9]);
    expect(feed.accept({ kind: 'book', book: aBook({ sequence: 2 }) })).toMatchObject([
      { kind: 'book', anewBecause: null },
    ]);
    expect(feed.state).toBe('live');
  });

  it('takes a change for the sign that the book is live again', () => {
    const feed = aFeed();
    feed.restate('stale', 'nobody is heard of', 1);
    expect(feed.accept(changes(2, 'a', bid(44, 1)))).toMatchObject([{ kind: 'state' }, { kind: 'changes' }]);
    expect(feed.state).toBe('live');
  });

  it('tells trades whatever is known of the book, and the price they make where a side is empty', () => {
    const print: Print = { ...level(46, 5), aggressor: 'buy', venueTimeMs: 1, transactionHash: null };
    const message: MarketMessage = { kind: 'print', epoch: 'z', atMs: 1, print };
    expect(aFeed().accept(message)).toEqual([{ kind: 'print', print, isPriceMoved: false }]);
    const feed = new MarketFeed(MARKET, 0);
    expect(feed.accept(message)).toEqual([{ kind: 'print', print, isPriceMoved: true }]);
  });

  it('makes of whatever was lost, repeated or late the follower’s book, under numbers without holes', () => {
    const step = fc.record({
      cents: fc.integer({ min: 1, max: 60 }),
      size: fc.integer({ min: 0, max: 3 }),
      fate: fc.constantFrom('told', 'told', 'told', 'lost', 'twice', 'whole', 'gap', 'handover'),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const truth = new LevelBook();
        let stands = aBook();
        truth.replace(stands.bids, stands.asks);
        const feed = aFeed();
        const told = new LevelBook();
        told.replace(stands.bids, stands.asks);
        let toldSequence = stands.sequence;
        const hear = (news: readonly FeedNews[]): void => {
          for (const one of news) {
            if (one.kind === 'book') {
              if (one.anewBecause === null) expect(feed.sequence).toBe(toldSequence + 1);
              told.replace(feed.book.bids, feed.book.asks);
              toldSequence = feed.sequence;
            } else if (one.kind === 'changes') {
              expect(one.sequence).toBe(toldSequence + 1);
              toldSequence = one.sequence;
              one.changes.forEach(({ side, price, size }) => told.set(side, price, size));
            }
          }
        };
        const tell = (message: MarketMessage): void => {
          const news = feed.accept(message);
          hear(news === 'behind' ? [feed.adopt(stands, 'stream')] : news);
        };
        for (const { cents, size, fate } of steps) {
          const change = bid(cents, size);
          truth.set(change.side, change.price, change.size);
          const sequence = stands.sequence + 1;
          const epoch = fate === 'handover' ? `${stands.epoch}+` : stands.epoch;
          stands = { ...stands, epoch, sequence, bids: [...truth.bids], asks: [...truth.asks] };
          if (fate === 'gap') tell({ kind: 'state', epoch, state: 'stale', reason: 'a gap', atMs: sequence });
          if (fate === 'whole' || fate === 'gap' || fate === 'handover') tell({ kind: 'book', book: stands });
          else if (fate !== 'lost') tell(changes(sequence, epoch, change));
          if (fate === 'twice') tell(changes(sequence, epoch, change));
        }
        stands = { ...stands, sequence: stands.sequence + 1 };
        tell({ kind: 'book', book: stands });
        expect([told.bids, told.asks]).toEqual([truth.bids, truth.asks]);
        expect([feed.book.bids, feed.book.asks]).toEqual([truth.bids, truth.asks]);
      }),
    );
  });
});
