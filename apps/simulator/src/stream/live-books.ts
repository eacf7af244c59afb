import { type BookAnswer, bookAt } from '../world/books';
import { hasOrderBook, type MarketState } from '../world/market-state';
import type { World } from '../world/world';
import type { Frame, StreamSource } from './frame';
import type { Aggressor } from './live-book';
import { LiveMarket } from './live-market';
import { newMarketFrame } from './new-market';

/** The books of the world that move: those somebody subscribed to, or the control port touched. All others stay the world's own. */
export class LiveBooks implements StreamSource {
  private readonly live = new Map<number, LiveMarket>();
  private listener: ((frames: readonly Frame[]) => void) | null = null;

  constructor(private readonly world: World) {}

  listen(listener: (frames: readonly Frame[]) => void): void {
    this.listener = listener;
  }

  follow(tokenId: string): BookAnswer | null {
    const owner = this.world.findByTokenId(tokenId);
    if (owner === null || !this.canMove(owner.market)) return null;
    const live = this.of(owner.market);
    live.followers += 1;
    return live.book(owner.outcome);
  }

  unfollow(tokenId: string): void {
    const owner = this.world.findByTokenId(tokenId);
    const live = owner === null ? undefined : this.live.get(owner.market.index);
    if (live === undefined || live.followers === 0) return;
    live.followers -= 1;
    if (live.followers === 0) live.settle();
  }

  /** What REST answers: the same book the stream tells. */
  book(market: MarketState, outcome: number, tokenId: string): BookAnswer | null {
    if (this.live.has(market.index)) return this.of(market).book(outcome);
    return bookAt(market, outcome, { conditionId: this.world.conditionId(market), tokenId }, this.world.now());
  }

  /** The last trade of a market that moves; null before the first. */
  lastTrade(market: MarketState): { micro: number; side: Aggressor } | null {
    return this.live.has(market.index) ? this.of(market).lastTrade : null;
  }

  /** Whether a market can have a book that moves, now or later. */
  canMove(market: MarketState): boolean {
    return hasOrderBook(market) && market.outcomes.length === 2;
  }

  /** A market as it moves, brought in line with the world. @throws RangeError when it can have no book */
  of(market: MarketState): LiveMarket {
    if (!this.canMove(market)) throw new RangeError(`${market.slug} has no order book`);
    let live = this.live.get(market.index);
    if (live === undefined) {
      live = new LiveMarket(this.world, market);
      this.live.set(market.index, live);
    }
    live.release();
    this.tell(live.catchUp());
    return live;
  }

  /** Markets somebody is subscribed to, in the order of the world. */
  followed(): LiveMarket[] {
    return [...this.live.values()]
      .filter(({ followers }) => followers > 0)
      .sort((a, b) => a.market.index - b.market.index);
  }

  /** The flow makes so many moves in a market. */
  step(live: LiveMarket, count: number): void {
    for (let done = 0; done < count; done += 1) this.tell(live.step());
  }

  /** Tells whoever follows what the world has become meanwhile. */
  refresh(): void {
    for (const live of this.live.values()) if (live.followers > 0) this.tell(live.catchUp());
  }

  announceNew(markets: readonly MarketState[]): void {
    this.tell(markets.map((market) => newMarketFrame(this.world, market)));
  }

  tell(frames: readonly Frame[]): void {
    if (frames.length > 0) this.listener?.(frames);
  }
}
