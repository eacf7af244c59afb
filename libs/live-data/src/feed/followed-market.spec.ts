import { encodeMarketMessage, type LiveBook, type MarketMessage } from '@app/contracts';
import { microPrice, microShares } from '@app/domain';
import { FollowedMarket } from './followed-market';
import type { FeedNews } from './market-feed';

const level = (cents: number, size: number): LiveBook['bids'][number] => ({
  price: microPrice(BigInt(cents * 10_000)),
  size: microShares(BigInt(size)),
});

function aBook(sequence: number, overrides: Partial<LiveBook> = {}): LiveBook {
  return {
    conditionId: '0x1',
    marketId: 'will-it-rain',
    tokenIds: ['1', '2'],
    outcomes: ['Yes', 'No'],
    owner: 'worker:1',
    epoch: 'a',
    sequence,
    state: 'live',
    reason: null,
    stateSinceMs: 0,
    bids: [level(45, sequence)],
    asks: [],
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

const change = (sequence: number, epoch = 'a'): MarketMessage => ({
  kind: 'changes',
  epoch,
  sequence,
  venueTimeMs: 0,
  atMs: 0,
  changes: [{ side: 'bid', ...level(45, sequence) }],
});

/** A followed market whose store and time are the test's. */
class World {
  stored: LiveBook | null = null;
  rest: LiveBook | null = null;
  nowMs = 0;
  reads = 0;
  asks = 0;
  pauses: number[] = [];
  /** Called while the market waits to read again. */
  onPause: (times: number) => void = () => undefined;
  readonly news: FeedNews[] = [];
  readonly followed = new FollowedMarket(aBook(0), {
    readBook: () => {
      this.reads += 1;
      return Promise.resolve(this.stored);
    },
    askBook: async () => {
      this.asks += 1;
      await new Promise(setImmediate);
      return this.rest;
    },
    nowMs: () => this.nowMs,
    pause: (ms) => {
      this.pauses.push(ms);
      this.onPause(this.pauses.length);
      return Promise.resolve();
    },
    onFailure: (err) => {
      throw err;
    },
  });

  constructor() {
    this.followed.listeners.add((news) => this.news.push(news));
  }

  tell(...messages: MarketMessage[]): void {
    messages.forEach((message) => this.followed.receive(encodeMarketMessage(message)));
  }

  get told(): (string | number | null)[] {
    return this.news.map((news) => {
      if (news.kind === 'changes') return news.sequence;
      return news.kind === 'book' ? (news.anewBecause ?? 'book') : news.kind;
    });
  }
}

/** A market that has its first book. */
async function following(sequence = 1): Promise<World> {
  const world = new World();
  world.stored = aBook(sequence);
  await world.followed.load();
  world.news.length = 0;
  return world;
}

describe('FollowedMarket', () => {
  it('begins from the stored book and what was told meanwhile', async () => {
    const world = new World();
    world.stored = aBook(4);
    const loaded = world.followed.load();
    world.tell(change(3), change(4), change(5), change(6));
    await loaded;
    expect(world.told).toEqual(['restart', 5, 6]);
    expect(world.followed.feed.sequence).toBe(6);
  });

  describe('while nobody follows it', () => {
    const restBook = (): LiveBook =>
      aBook(0, { epoch: '', state: 'recovering', reason: 'its stream is only beginning' });
    const isBeginning = (reason: string): MarketMessage => ({
      kind: 'state',
      epoch: 'a',
      state: 'recovering',
      reason,
      atMs: 0,
    });

    /** Until what is asked for over REST has come. */
    async function answered(): Promise<void> {
      await new Promise(setImmediate);
      await new Promise(setImmediate);
    }

    async function shownOverRest(): Promise<World> {
      const world = new World();
      world.rest = restBook();
      await world.followed.load();
      await answered();
      return world;
    }

    it('shows a book over REST, until somebody does and not after', async () => {
      const world = await shownOverRest();
      expect(world.followed.feed.source).toBe('rest');
      world.tell({ kind: 'book', book: aBook(1) });
      expect([world.told, world.followed.feed.source]).toEqual([['restart', 'restart'], 'stream']);
    });

    it('keeps the book over REST, and tells it once, when its follower says that the stream is only beginning', async () => {
      const world = await shownOverRest();
      for (const reason of ['no snapshot of it has arrived yet', 'it has not been compared yet']) {
        world.tell(isBeginning(reason));
        await answered();
      }
      expect([world.told, world.followed.feed.source]).toEqual([['restart'], 'rest']);
    });

    it('asks for it over REST once, and tells it once, when its follower says so before the answer', async () => {
      const world = new World();
      world.rest = restBook();
      await world.followed.load();
      world.tell(isBeginning('no snapshot of it has arrived yet'));
      await answered();
      await answered();
      expect([world.told, world.asks]).toEqual([['restart'], 1]);
    });

    it('begins anew with a newer book over REST: nothing was lost', async () => {
      const world = await shownOverRest();
      world.nowMs = 60_000;
      world.followed.check(null);
      await answered();
      expect([world.told, world.asks]).toEqual([['restart', 'restart'], 2]);
    });
  });

  it('reads the store again while it is older than what was missed', async () => {
    const world = await following();
    world.onPause = (times) => {
      if (times === 3) world.stored = aBook(3);
    };
    world.tell(change(3), change(4));
    await new Promise(setImmediate);
    expect([world.told, world.pauses]).toEqual([
      ['gap', 4],
      [10, 20, 40],
    ]);
  });

  it('believes the book no more when the store has nothing newer, and begins anew with the next message', async () => {
    const world = await following();
    world.tell(change(3));
    await new Promise(setImmediate);
    expect(world.told).toEqual(['state']);
    expect(world.followed.feed).toMatchObject({
      state: 'recovering',
      reason: 'changes of it were lost on the way here',
    });
    world.stored = aBook(4);
    world.tell(change(5));
    await new Promise(setImmediate);
    expect(world.told).toEqual(['state', 'gap', 5]);
    expect(world.followed.feed.state).toBe('live');
  });

  it('keeps to its follower when one that is none any more goes on talking', async () => {
    const world = await following(5);
    world.tell(change(6, 'older'));
    await new Promise(setImmediate);
    world.tell(change(6));
    expect([world.told, world.pauses]).toEqual([[6], []]);
  });

  it('takes over from the store what nobody told, once it has been quiet', async () => {
    const world = await following();
    world.tell(change(2));
    world.followed.check(aBook(3));
    expect(world.told).toEqual([2]);
    world.nowMs = 1_000;
    world.followed.check(aBook(3));
    world.followed.check(aBook(3, { state: 'recovering', reason: 'it is in doubt', stateSinceMs: 7 }));
    world.followed.check(aBook(3, { state: 'recovering', reason: 'it is in doubt', stateSinceMs: 7 }));
    world.followed.check(null);
    expect(world.told).toEqual([2, 'gap', 'state', 'state']);
    expect(world.followed.feed).toMatchObject({
      state: 'stale',
      reason: 'nobody is heard of who follows it',
    });
  });

  it('leaves a market halted that nobody follows any more, for it may have ended, until somebody follows it', async () => {
    const world = await following();
    world.tell({ kind: 'state', epoch: 'a', state: 'halted', reason: 'it is closed', atMs: 1 });
    world.nowMs = 1_000;
    world.followed.check(null);
    expect(world.told).toEqual(['state']);
    expect(world.followed.feed).toMatchObject({ state: 'halted', reason: 'it is closed' });
    world.tell({ kind: 'book', book: aBook(1, { epoch: 'b' }) });
    expect(world.followed.feed.state).toBe('live');
  });

  it('believes a follower no more that is gone, though it stored less than it told', async () => {
    const world = await following(5);
    world.nowMs = 1_000;
    world.followed.check(aBook(4));
    expect(world.told).toEqual([]);
    world.followed.check(aBook(4, { state: 'stale', reason: 'its follower is gone' }));
    expect(world.told).toEqual(['state']);
    expect(world.followed.feed).toMatchObject({ sequence: 5, state: 'stale', reason: 'its follower is gone' });
  });

  it('tells nothing after its end', async () => {
    const world = await following();
    world.followed.end();
    world.tell(change(2));
    world.followed.check(aBook(9));
    await world.followed.load();
    expect([world.told, world.reads]).toEqual([[], 1]);
  });
});
