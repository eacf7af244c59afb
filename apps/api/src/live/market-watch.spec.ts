import { encodeMarketMessage, type LiveBook, type MarketMessage, type ServerMessage } from '@app/contracts';
import { microPrice, microShares } from '@app/domain';
import { FollowedMarket, type Following } from '@app/live-data';
import { MarketWatch } from './market-watch';
import { type LiveSocket, Outbox } from './outbox';

const price = (cents: number): ReturnType<typeof microPrice> => microPrice(BigInt(cents * 10_000));
const shares = (size: number): ReturnType<typeof microShares> => microShares(BigInt(size * 1_000_000));

const BOOK: LiveBook = {
  conditionId: '0x1',
  marketId: 'will-it-rain',
  tokenIds: ['1', '2'],
  outcomes: ['Yes', 'No'],
  owner: 'worker:1',
  epoch: 'a',
  sequence: 1,
  state: 'live',
  reason: null,
  stateSinceMs: 0,
  bids: [{ price: price(45), size: shares(1) }],
  asks: [{ price: price(47), size: shares(1) }],
  tickSize: null,
  minOrderSize: null,
  negRisk: null,
  lastTradePrice: null,
  hash: null,
  venueTimeMs: 0,
  receivedAtMs: 0,
};

/** A socket whose network takes nothing while it is stuck. */
class StuckSocket implements LiveSocket {
  readonly readyState = 1;
  readonly told: ServerMessage[] = [];
  bufferedAmount = 0;
  isStuck = false;

  send(data: Buffer): void {
    this.told.push(JSON.parse(data.toString('utf8')) as ServerMessage);
    if (this.isStuck) this.bufferedAmount += data.length;
  }

  close(): void {
    throw new Error('nobody closes it');
  }

  terminate(): void {
    throw new Error('nobody terminates it');
  }

  ping(): void {
    throw new Error('nobody pings it');
  }

  types(): string[] {
    return this.told.map(({ type }) => type);
  }
}

function aWatch(): {
  socket: StuckSocket;
  watch: MarketWatch;
  missed: MarketWatch[];
  tell: (message: MarketMessage) => void;
} {
  const socket = new StuckSocket();
  const missed: MarketWatch[] = [];
  const outbox = new Outbox(socket, { behindBytes: 10, mostUnsentBytes: 1_000 }, () => {
    throw new Error('it is never so full');
  });
  const watch = new MarketWatch(
    outbox,
    (one) => missed.push(one),
    () => undefined,
  );
  const followed = new FollowedMarket(BOOK, {
    readBook: () => Promise.resolve(null),
    askBook: () => Promise.resolve(null),
    nowMs: () => 0,
    pause: () => Promise.resolve(),
    onFailure: (err) => {
      throw err;
    },
  });
  followed.listeners.add((news) => watch.hear(news));
  const tell = (message: MarketMessage): void => followed.receive(encodeMarketMessage(message));
  tell({ kind: 'book', book: BOOK });
  const following: Following = { followed, stop: () => undefined };
  watch.attach(following);
  return { socket, watch, missed, tell };
}

const change = (sequence: number, cents: number, size: number): MarketMessage => ({
  kind: 'changes',
  epoch: 'a',
  sequence,
  venueTimeMs: 0,
  atMs: 0,
  changes: [{ side: 'bid', price: price(cents), size: shares(size) }],
});

const trade: MarketMessage = {
  kind: 'print',
  epoch: 'a',
  atMs: 0,
  print: { price: price(46), size: shares(1), aggressor: 'buy', venueTimeMs: 0, transactionHash: null },
};

describe('MarketWatch', () => {
  it('tells a client that is behind nothing, and then the newest of everything', () => {
    const { socket, watch, missed, tell } = aWatch();
    watch.begin(0, ['book', 'price', 'trades']);
    expect(socket.types()).toEqual(['orderbook', 'price']);
    socket.isStuck = true;
    tell(change(2, 44, 1));
    for (let sequence = 3; sequence < 100; sequence += 1) tell(change(sequence, 46, sequence));
    tell(trade);
    tell(trade);
    expect(socket.types()).toEqual(['orderbook', 'price', 'book_delta']);
    expect(missed.length).toBeGreaterThan(0);
    expect(watch.catchUp()).toBe(false);

    socket.isStuck = false;
    socket.bufferedAmount = 0;
    expect(watch.catchUp()).toBe(true);
    expect(socket.told.slice(3)).toMatchObject([
      { type: 'resync', reason: 'slow', trades_missed: 2 },
      {
        type: 'orderbook',
        sequence: 99,
        data: { bids: [{ price: 0.46, size: 99 }, { price: 0.45 }, { price: 0.44 }] },
      },
      { type: 'price', best_bid: 0.46 },
    ]);
    tell(change(100, 46, 0));
    expect(socket.told.slice(6)).toMatchObject([
      { type: 'book_delta', sequence: 100 },
      { type: 'price', best_bid: 0.45 },
    ]);
  });

  it('goes on catching up where it had to stop', () => {
    const { socket, watch, tell } = aWatch();
    watch.begin(0, ['book']);
    watch.begin(1, ['book']);
    socket.bufferedAmount = 11;
    tell(change(2, 44, 1));
    socket.bufferedAmount = 0;
    socket.isStuck = true;
    expect(watch.catchUp()).toBe(false);
    expect(socket.types().slice(2)).toEqual(['resync', 'orderbook']);
    socket.bufferedAmount = 0;
    expect(watch.catchUp()).toBe(true);
    expect(socket.types().slice(4)).toEqual(['resync', 'orderbook']);
  });

  it('says of a client that missed trades alone how many', () => {
    const { socket, watch, tell } = aWatch();
    watch.begin(1, ['trades']);
    socket.bufferedAmount = 11;
    tell(trade);
    tell(change(2, 44, 1));
    socket.bufferedAmount = 0;
    expect(watch.catchUp()).toBe(true);
    expect(socket.told).toMatchObject([{ type: 'resync', token_id: '2', trades_missed: 1 }]);
  });

  it('tells a client that missed trades alone, and has the book, that anew as well', () => {
    const { socket, watch, tell } = aWatch();
    watch.begin(0, ['book', 'trades']);
    socket.bufferedAmount = 11;
    tell(trade);
    socket.bufferedAmount = 0;
    expect(watch.catchUp()).toBe(true);
    expect(socket.told).toMatchObject([
      { type: 'orderbook', sequence: 1 },
      { type: 'resync', trades_missed: 1 },
      { type: 'orderbook', sequence: 1 },
    ]);
  });

  it('is not done when what it told made the client fall behind again', () => {
    const { socket, watch, tell } = aWatch();
    watch.begin(0, ['book', 'price']);
    socket.bufferedAmount = 11;
    tell(change(2, 46, 1));
    socket.bufferedAmount = 0;
    socket.isStuck = true;
    expect(watch.catchUp()).toBe(false);
    socket.bufferedAmount = 0;
    expect(watch.catchUp()).toBe(true);
    expect(socket.types().slice(2)).toEqual(['resync', 'orderbook', 'price']);
  });

  it('tells of a channel that ended while the client was behind nothing', () => {
    const { socket, watch, tell } = aWatch();
    watch.begin(0, ['book', 'price', 'trades']);
    socket.bufferedAmount = 11;
    tell(change(2, 46, 1));
    watch.end(0, ['book', 'price']);
    socket.bufferedAmount = 0;
    expect(watch.catchUp()).toBe(true);
    expect(socket.types()).toEqual(['orderbook', 'price']);
  });

  it('tells who has the price alone how good the book is that it is of', () => {
    const { socket, watch, tell } = aWatch();
    watch.begin(0, ['price']);
    tell({ kind: 'state', epoch: 'a', state: 'stale', reason: 'no answer', atMs: 1 });
    socket.bufferedAmount = 11;
    tell({ kind: 'book', book: { ...BOOK, sequence: 2 } });
    socket.bufferedAmount = 0;
    watch.catchUp();
    expect(socket.told).toMatchObject([
      { type: 'book_state', state: 'live' },
      { type: 'price' },
      { type: 'book_state', state: 'stale', reason: 'no answer' },
      { type: 'book_state', state: 'live' },
      { type: 'price' },
    ]);
  });

  it('ends channels one by one, and is empty after the last', () => {
    const { socket, watch, tell } = aWatch();
    watch.begin(0, ['book', 'trades']);
    watch.end(0, ['book']);
    tell(change(2, 44, 1));
    tell(trade);
    expect(socket.types()).toEqual(['orderbook', 'trade']);
    expect(watch.isEmpty).toBe(false);
    watch.end(0, ['price', 'trades']);
    expect(watch.isEmpty).toBe(true);
  });
});
