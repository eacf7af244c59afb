import fc from 'fast-check';
import { type BookAnswer, bookHash } from '../world/books';
import { acceptsOrders } from '../world/market-state';
import { World } from '../world/world';
import type { Frame } from './frame';
import { LiveMarket } from './live-market';

const EPOCH = new Date('2026-11-01T12:00:00Z');
const MARKETS = 200;

function newWorld(seed: number): World {
  return new World({ seed, markets: MARKETS, epoch: EPOCH });
}

const moving = newWorld(3)
  .markets.filter((market) => market.shape === 'standard' && market.outcomes.length === 2)
  .filter((market) => acceptsOrders(market, EPOCH.getTime() / 1000))
  .map(({ index }) => index);

const anyMarket = fc.constantFrom(...moving);

/** A market of a fresh world that makes so many moves, its clock going on after each. */
function* play(index: number, moves: number, seconds = 0): Generator<readonly Frame[], LiveMarket> {
  const world = newWorld(3);
  const live = new LiveMarket(world, world.market(index));
  live.followers = 1;
  yield live.catchUp();
  for (let move = 0; move < moves; move += 1) {
    yield live.step();
    world.advance(seconds);
  }
  return live;
}

function run(index: number, moves: number, seconds = 0): { frames: Frame[]; live: LiveMarket } {
  const frames: Frame[] = [];
  const playing = play(index, moves, seconds);
  for (let next = playing.next(); ; next = playing.next()) {
    if (next.done === true) return { frames, live: next.value };
    frames.push(...next.value);
  }
}

interface Message {
  event_type: string;
  asset_id: string;
  timestamp: string;
  price_changes: { asset_id: string; price: string; size: string; side: string; best_bid: string; best_ask: string }[];
  bids: { price: string; size: string }[];
  asks: { price: string; size: string }[];
}

const parsed = (frame: Frame): Message => JSON.parse(frame.text) as Message;

/** What somebody who believes every message has of a token, and the best prices they were told last. */
class Listener {
  private readonly sides = { BUY: new Map<string, string>(), SELL: new Map<string, string>() };
  told: { best_bid: string; best_ask: string } | null = null;

  constructor(private readonly tokenId: string) {}

  hear(frame: Frame): void {
    const message = parsed(frame);
    if (frame.event === 'book' && message.asset_id === this.tokenId) {
      this.sides.BUY = new Map(message.bids.map(({ price, size }) => [price, size]));
      this.sides.SELL = new Map(message.asks.map(({ price, size }) => [price, size]));
    }
    if (frame.event !== 'price_change') return;
    for (const change of message.price_changes) {
      if (change.asset_id !== this.tokenId) continue;
      const levels = change.side === 'BUY' ? this.sides.BUY : this.sides.SELL;
      if (change.size === '0') levels.delete(change.price);
      else levels.set(change.price, change.size);
      this.told = change;
    }
  }

  levels(side: 'BUY' | 'SELL'): { price: string; size: string }[] {
    const sorted = [...this.sides[side]].sort(([a], [b]) => (side === 'BUY' ? 1 : -1) * (Number(a) - Number(b)));
    return sorted.map(([price, size]) => ({ price, size }));
  }
}

describe('a market that moves', () => {
  it('is what somebody has who heard everything, through either token, and its hash verifies', () => {
    fc.assert(
      fc.property(anyMarket, fc.integer({ min: 1, max: 150 }), fc.constantFrom(0, 1), (index, moves, outcome) => {
        const { frames, live } = run(index, moves);
        const book = live.book(outcome) as BookAnswer;
        const listener = new Listener(book.asset_id);
        frames.forEach((frame) => listener.hear(frame));
        expect(listener.levels('BUY')).toEqual(book.bids);
        expect(listener.levels('SELL')).toEqual(book.asks);
        expect(book.hash).toBe(bookHash(book));
        if (listener.told === null) return;
        expect(listener.told.best_bid).toBe(book.bids.at(-1)?.price ?? '0');
        expect(listener.told.best_ask).toBe(book.asks.at(-1)?.price ?? '1');
      }),
      { numRuns: 40 },
    );
  });

  it('stays on its tick grid, is never crossed, and keeps levels on both sides once it has them', () => {
    fc.assert(
      fc.property(anyMarket, fc.constantFrom(0, 1, 60, 3_600), (index, seconds) => {
        const world = newWorld(3);
        const market = world.market(index);
        const live = new LiveMarket(world, market);
        live.followers = 1;
        live.catchUp();
        const had = live.book(0);
        for (let move = 0; move < 100; move += 1) {
          live.step();
          world.advance(seconds);
          const book = live.book(0);
          if (book === null) return;
          const [bid, ask] = [book.bids.at(-1), book.asks.at(-1)];
          if (bid !== undefined && ask !== undefined) expect(Number(bid.price)).toBeLessThan(Number(ask.price));
          const levels = [...book.bids, ...book.asks];
          expect(levels.filter(({ price }) => Math.round(Number(price) * 1e6) % market.tickMicro !== 0)).toEqual([]);
          expect(levels.filter(({ size }) => Number(size) <= 0)).toEqual([]);
          if ((had?.bids.length ?? 0) >= 3) expect(book.bids.length).toBeGreaterThan(0);
          if ((had?.asks.length ?? 0) >= 3) expect(book.asks.length).toBeGreaterThan(0);
        }
      }),
      { numRuns: 20 },
    );
  });

  it('moves the same way from the same seed', () => {
    fc.assert(
      fc.property(anyMarket, fc.integer({ min: 1, max: 200 }), (index, moves) => {
        expect(run(index, moves).frames).toEqual(run(index, moves).frames);
      }),
      { numRuns: 10 },
    );
  });

  it('tells time that never runs back', () => {
    const { frames } = run(moving[0]!, 300, 0.05);
    const times = frames.map((frame) => Number(parsed(frame).timestamp));
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(times.at(-1)).toBeGreaterThan(times[0]!);
  });

  it('has tens of changes for each trade, and no transaction twice', () => {
    const { frames } = run(moving[1]!, 6_000);
    const changes = frames.filter(({ event }) => event === 'price_change').length;
    const prints = frames.filter(({ event }) => event === 'last_trade_price');
    const transactions = new Set(
      prints.map((print) => (JSON.parse(print.text) as Record<string, string>)['transaction_hash']),
    );
    expect(changes / transactions.size).toBeGreaterThan(15);
    expect(changes / transactions.size).toBeLessThan(60);
  });

  it('goes where the world’s price goes', () => {
    for (const index of moving.slice(0, 6)) {
      const world = newWorld(3);
      const market = world.market(index);
      const live = new LiveMarket(world, market);
      live.followers = 1;
      live.catchUp();
      const before = Number(live.book(0)?.bids.at(-1)?.price ?? 0);
      // The price moves without being set: the walk takes the book along, trade by trade.
      market.baseLogit += before > 0.5 ? -1 : 1;
      for (let move = 0; move < 3_000; move += 1) live.step();
      const book = live.book(0)!;
      const mid = (Number(book.bids.at(-1)?.price ?? 0) + Number(book.asks.at(-1)?.price ?? 1)) / 2;
      const own = new LiveMarket(world, market);
      own.catchUp();
      const wanted = own.book(0)!;
      const target = (Number(wanted.bids.at(-1)?.price ?? 0) + Number(wanted.asks.at(-1)?.price ?? 1)) / 2;
      expect(Math.abs(mid - target)).toBeLessThan(Math.max(0.01, market.tickMicro / 1e6) * 7);
    }
  });
});
