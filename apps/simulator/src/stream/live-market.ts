import { type BookAnswer, decimal, type Level, showsBook, worldBook, worldMoment, writeBook } from '../world/books';
import { type MarketState, phaseAt } from '../world/market-state';
import { fairPrice } from '../world/prices';
import { hash2, Random } from '../world/random';
import * as ids from '../world/venue-ids';
import type { World } from '../world/world';
import { bookText, type EventType, type Frame } from './frame';
import { type Aggressor, difference, type LevelSet, LiveBook } from './live-book';
import { nextMove } from './order-flow';

const MICRO = 1_000_000;
/** How far the book's own mood takes it from the world's price, in ticks. */
const DRIFT_MAX = 3;
/** Every so many prints one price comes without its leading zero. */
const BARE_PRICE_EVERY = 8;
/** How often the sizes of a trade are told before it. */
const CHANGES_FIRST = 0.25;

/** One trade as the channel tells it, in its own token's terms. */
export interface PrintTerms {
  outcome: number;
  /** The taker's. */
  side: Aggressor;
  /** Micro-units. */
  price: number;
  size: number;
}

/** Who hears of a change: everybody, the stream without it being so, or nobody although it is so. */
export type Told = 'truly' | 'stream_only' | 'silently';

/**
 * One market while it moves. Its book starts as the world's own and changes by the flow, by the control port and by the world. It keeps no
 * book while the venue shows none.
 *
 * Invariants: the same seed and the same calls give the same frames; `book()` is what somebody who heard all of them has.
 */
export class LiveMarket {
  /** Subscriptions to one of its tokens. */
  followers = 0;
  steps = 0;
  prints = 0;
  private orders = 0;
  private drift = 0;
  private content: LiveBook | null = null;
  /** The world's own state the book was last brought in line with. */
  private basis = '';
  private tick: number;
  private fixedPrice: number | null;
  private announced: MarketState['payout'] = 'none';
  private wasOpen = false;
  private taker: Aggressor | null = null;
  private readonly random: Random;
  private readonly tokenIds: readonly [string, string];
  private readonly conditionId: string;

  constructor(
    private readonly world: World,
    readonly market: MarketState,
  ) {
    this.random = new Random(hash2(world.seed ^ 0xf10e, market.index));
    const [first = '', second = ''] = world.tokenIds(market);
    this.tokenIds = [first, second];
    this.conditionId = world.conditionId(market);
    this.tick = market.tickMicro;
    this.fixedPrice = market.fixedPriceMicro;
    if (phaseAt(market, world.now()) === 'closed') this.announced = market.payout;
  }

  /** One outcome's book; null where the venue shows none. */
  book(outcome: number): BookAnswer | null {
    const { content, tokenIds } = this;
    if (content === null || !this.isOpen) return null;
    const tokenId = tokenIds[outcome] ?? '';
    return writeBook(this.market, outcome, { conditionId: this.conditionId, tokenId }, content);
  }

  /** The last trade since it moves, in the first outcome's price and the taker's own side; null before the first. */
  get lastTrade(): { micro: number; side: Aggressor } | null {
    const { content, taker } = this;
    return content === null || taker === null ? null : { micro: content.lastTradeMicro, side: taker };
  }

  /** Forgets its book when nobody follows it and the world's own price has moved on. */
  release(): void {
    if (this.followers > 0 || this.content === null || this.basis === this.worldState()) return;
    this.content = null;
    this.taker = null;
  }

  /** From here on the world's own book is the starting point again, with its next move. */
  settle(): void {
    this.basis = this.worldState();
  }

  /** Takes over what the world has become meanwhile. */
  catchUp(): Frame[] {
    const { market } = this;
    const frames: Frame[] = [];
    const { isOpen } = this;
    if (isOpen) this.meetWorld(frames);
    this.wasOpen = isOpen;
    if (phaseAt(market, this.world.now()) !== 'closed') this.announced = 'none';
    else if (this.announced !== market.payout) {
      this.announced = market.payout;
      if (typeof market.payout === 'number') frames.push(this.resolvedFrame(market.payout));
    }
    return frames;
  }

  /** The flow makes one move. */
  step(): Frame[] {
    const frames = this.catchUp();
    const { content, random } = this;
    if (content === null || !this.isOpen) return frames;
    this.steps += 1;
    if (random.chance(0.1)) this.drift = Math.max(-DRIFT_MAX, Math.min(DRIFT_MAX, this.drift + random.int(-1, 1)));
    const target = fairPrice(this.market, this.world.now()) + this.drift * this.tick;
    const move = nextMove(content, target, this.tick, random);
    if (move.kind === 'levels') frames.push(...this.changeFrames(content, move.sets));
    else {
      const outcome = random.int(0, 1);
      const taker = { outcome, side: seenFrom(move.aggressor, outcome) };
      frames.push(...this.tradeFrames(content, taker, move.size, null).frames);
    }
    return frames;
  }

  /** Sets levels, in the first outcome's terms. */
  setLevels(sets: readonly LevelSet[], told: Told): Frame[] {
    const content = this.opened();
    if (told === 'stream_only') {
      const phantom = new LiveBook(content);
      return this.changeFrames(phantom, sets);
    }
    const frames = this.changeFrames(content, sets);
    return told === 'silently' ? [] : frames;
  }

  /** Replaces the whole book and tells it as a book. */
  replace(bids: readonly Level[], asks: readonly Level[], told: Told): Frame[] {
    const content = this.opened();
    const target = told === 'stream_only' ? new LiveBook(content) : content;
    for (const set of difference(target, { bids, asks })) target.set(set);
    target.changedAtMs = this.nextMs(target);
    if (told === 'silently') return [];
    return this.bookFrames(target);
  }

  /** Somebody takes, in their own token's terms. @param limit worst price of that token, micro-units */
  trade(terms: Omit<PrintTerms, 'price'>, limit: number | null): { frames: Frame[]; prints: PrintTerms[] } {
    return this.tradeFrames(this.opened(), terms, terms.size, limit);
  }

  /** Tells of a trade that took nothing of the book. */
  print(terms: PrintTerms): Frame[] {
    const content = this.opened();
    content.changedAtMs = this.nextMs(content);
    content.lastTradeMicro = canonical(terms.price, terms.outcome);
    this.taker = terms.side;
    return [this.printFrame(terms, content.changedAtMs, this.nextTransaction())];
  }

  /** The bid that would meet the best ask; null without asks. */
  crossing(size: number): LevelSet | null {
    const ask = this.content?.asks[0];
    return ask === undefined ? null : { side: 'bid', price: ask.price, size };
  }

  /** Names a winner without the market being resolved. */
  announce(outcome: number): Frame[] {
    return [this.resolvedFrame(outcome)];
  }

  private get isOpen(): boolean {
    return showsBook(this.market, this.world.now());
  }

  private opened(): LiveBook {
    if (this.content === null) throw new RangeError(`${this.market.slug} shows no book`);
    return this.content;
  }

  private worldState(): string {
    const { market, world } = this;
    return `${worldMoment(market, world.now())}:${market.fixedPriceMicro}:${market.tickMicro}`;
  }

  private meetWorld(frames: Frame[]): void {
    const { market, content } = this;
    if (content === null) return this.open(frames);
    if (market.fixedPriceMicro !== this.fixedPrice) {
      this.fixedPrice = market.fixedPriceMicro;
      this.drift = 0;
      const own = worldBook(market, this.world.now());
      if (own !== null) frames.push(...this.changeFrames(content, difference(content, own)));
    }
    if (market.tickMicro !== this.tick) {
      const before = this.tick;
      this.tick = market.tickMicro;
      frames.push(...this.changeFrames(content, difference(content, onGrid(content, this.tick))));
      content.changedAtMs = this.nextMs(content);
      for (const tokenId of this.tokenIds) frames.push(this.tickFrame(tokenId, before, content.changedAtMs));
    }
    if (!this.wasOpen) frames.push(...this.bookFrames(content));
  }

  private open(frames: Frame[]): void {
    const own = worldBook(this.market, this.world.now());
    if (own === null) return;
    this.content = new LiveBook(own);
    this.tick = this.market.tickMicro;
    this.fixedPrice = this.market.fixedPriceMicro;
    this.drift = 0;
    this.settle();
    frames.push(...this.bookFrames(this.content));
  }

  private changeFrames(content: LiveBook, sets: readonly LevelSet[]): Frame[] {
    const before = bestOf(content);
    const made = sets.filter((set) => content.set(set));
    if (made.length === 0) return [];
    content.changedAtMs = this.nextMs(content);
    return this.changesTold(content, made, before);
  }

  private changesTold(content: LiveBook, made: readonly LevelSet[], before: Best): Frame[] {
    const best = bestOf(content);
    const isMoved = best.bid !== before.bid || best.ask !== before.ask;
    return [this.priceChangeFrame(content, made), ...(isMoved ? this.bestFrames(content) : [])];
  }

  private tradeFrames(
    content: LiveBook,
    taker: { outcome: number; side: Aggressor },
    size: number,
    limit: number | null,
  ): { frames: Frame[]; prints: PrintTerms[] } {
    const { outcome, side } = taker;
    const aggressor = seenFrom(side, outcome);
    const before = bestOf(content);
    const taken = content.take(aggressor, size, limit === null ? null : canonical(limit, outcome));
    const last = taken.at(-1);
    if (last === undefined) return { frames: [], prints: [] };
    content.changedAtMs = this.nextMs(content);
    content.lastTradeMicro = last.price;
    this.taker = side;
    const transaction = this.nextTransaction();
    const prints = taken.map((level): PrintTerms => {
      return { outcome, side, price: canonical(level.price, outcome), size: level.size };
    });
    const told = prints.map((print) => this.printFrame(print, content.changedAtMs, transaction));
    const book = aggressor === 'BUY' ? 'ask' : 'bid';
    const sets = taken.map(({ price }): LevelSet => ({ side: book, price, size: content.sizeAt(book, price) }));
    const changes = this.changesTold(content, sets, before);
    const order = this.random.chance(CHANGES_FIRST) ? [...changes, ...told] : [...told, ...changes];
    return { frames: [...order, ...this.bookFrames(content)], prints };
  }

  /** The moment of a change: the world's clock, never before the last one. */
  private nextMs(content: LiveBook): number {
    return Math.max(content.changedAtMs, Math.floor(this.world.nowMs()));
  }

  private nextTransaction(): string {
    this.prints += 1;
    return ids.conditionId(hash2(this.world.seed ^ 0x7a, this.market.index), this.prints);
  }

  private frame(event: EventType, tokenIds: readonly string[], message: object): Frame {
    const isCustom = event === 'best_bid_ask' || event === 'market_resolved';
    const text = JSON.stringify({ ...message, event_type: event });
    return { event, slug: this.market.slug, tokenIds, isCustom, text };
  }

  private bookFrames(content: LiveBook): Frame[] {
    return this.tokenIds.map((tokenId, outcome): Frame => {
      const book = writeBook(this.market, outcome, { conditionId: this.conditionId, tokenId }, content);
      return { event: 'book', slug: this.market.slug, tokenIds: [tokenId], isCustom: false, text: bookText(book) };
    });
  }

  private priceChangeFrame(content: LiveBook, sets: readonly LevelSet[]): Frame {
    const changes = sets.flatMap(({ side, price, size }) => {
      this.orders += 1;
      const hash = ids.address(this.world.seed, hash2(this.market.seed, this.orders)).slice(2);
      return this.tokenIds.map((asset_id, outcome) => ({
        asset_id,
        price: decimal(canonical(price, outcome)),
        size: decimal(size),
        side: (side === 'bid') === (outcome === 0) ? 'BUY' : 'SELL',
        hash,
        ...bestTexts(content, outcome),
      }));
    });
    const timestamp = content.changedAtMs.toString();
    return this.frame('price_change', this.tokenIds, {
      market: this.conditionId,
      price_changes: changes,
      timestamp,
    });
  }

  private bestFrames(content: LiveBook): Frame[] {
    return this.tokenIds.map((asset_id, outcome) => {
      const best = bestTexts(content, outcome);
      const spread = Math.round((Number(best.best_ask) - Number(best.best_bid)) * MICRO);
      return this.frame('best_bid_ask', [asset_id], {
        market: this.conditionId,
        asset_id,
        ...best,
        spread: decimal(spread),
        timestamp: content.changedAtMs.toString(),
      });
    });
  }

  private printFrame(terms: PrintTerms, atMs: number, transaction_hash: string): Frame {
    const asset_id = this.tokenIds[terms.outcome] ?? '';
    const price = decimal(terms.price);
    return this.frame('last_trade_price', [asset_id], {
      market: this.conditionId,
      asset_id,
      price: this.prints % BARE_PRICE_EVERY === 0 ? price.replace(/^0\./, '.') : price,
      size: decimal(terms.size),
      side: terms.side,
      fee_rate_bps: this.market.event.fees === null ? '0' : '1000',
      timestamp: atMs.toString(),
      transaction_hash,
    });
  }

  private tickFrame(asset_id: string, before: number, atMs: number): Frame {
    return this.frame('tick_size_change', [asset_id], {
      market: this.conditionId,
      asset_id,
      old_tick_size: decimal(before),
      new_tick_size: decimal(this.tick),
      timestamp: atMs.toString(),
    });
  }

  private resolvedFrame(outcome: number): Frame {
    const { market } = this;
    return this.frame('market_resolved', this.tokenIds, {
      id: market.id.toString(),
      market: this.conditionId,
      assets_ids: this.tokenIds,
      winning_asset_id: this.tokenIds[outcome],
      winning_outcome: market.outcomes[outcome],
      event_message: eventMessage(market),
      timestamp: Math.floor(this.world.nowMs()).toString(),
      tags: market.event.tags.map(({ slug }) => slug),
    });
  }
}

/** What the channel says of a market's event. */
export function eventMessage({ event }: MarketState): Record<string, string> {
  const { id, slug, title, rules } = event;
  return { id: id.toString(), ticker: slug, slug, title, description: rules };
}

/** A taker's side in the first outcome's terms, told in those of another; and back. */
function seenFrom(side: Aggressor, outcome: number): Aggressor {
  if (outcome === 0) return side;
  return side === 'BUY' ? 'SELL' : 'BUY';
}

/** A price of one outcome in the first one's terms; and back. */
function canonical(price: number, outcome: number): number {
  return outcome === 0 ? price : MICRO - price;
}

interface Best {
  bid: number;
  ask: number;
}

function bestOf(content: LiveBook): Best {
  return { bid: content.bids[0]?.price ?? 0, ask: content.asks[0]?.price ?? MICRO };
}

/** Best prices as the channel tells them: an empty side is 0, or 1. */
function bestTexts(content: LiveBook, outcome: number): { best_bid: string; best_ask: string } {
  const { bid, ask } = bestOf(content);
  return outcome === 0
    ? { best_bid: decimal(bid), best_ask: decimal(ask) }
    : { best_bid: decimal(MICRO - ask), best_ask: decimal(MICRO - bid) };
}

/** The levels moved outwards to a tick grid, those that meet there joined. */
function onGrid(content: LiveBook, tick: number): { bids: Level[]; asks: Level[] } {
  const gather = (levels: readonly Level[], towards: (ticks: number) => number): Level[] => {
    const sizes = new Map<number, number>();
    for (const { price, size } of levels) {
      const at = towards(price / tick) * tick;
      if (at >= tick && at <= MICRO - tick) sizes.set(at, (sizes.get(at) ?? 0) + size);
    }
    return [...sizes].map(([price, size]) => ({ price, size }));
  };
  return { bids: gather(content.bids, Math.floor), asks: gather(content.asks, Math.ceil) };
}
