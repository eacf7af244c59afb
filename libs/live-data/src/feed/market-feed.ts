import type { LiveBook, MarketMessage } from '@app/contracts';
import {
  BOOK_SIDES,
  type BookLevel,
  type BookSide,
  type BookState,
  LevelBook,
  type LevelChange,
  type Print,
  sizeAt,
} from '@app/exchange';
import { microShares } from '@app/domain';

/** What a market is called, and its two tokens. */
export interface FeedMarket {
  conditionId: string;
  /** Slug. */
  marketId: string;
  tokenIds: readonly [string, string];
  outcomes: readonly [string, string];
}

/** What changed for those who watch a market. `isPriceMoved` when a best price did, or the last trade where a side is empty. */
export type FeedNews =
  /** The whole book. `anewBecause` when its number does not follow the one before: something was lost, or its numbers begin anew. */
  | { kind: 'book'; anewBecause: 'gap' | 'restart' | null; isPriceMoved: boolean }
  | {
      kind: 'changes';
      sequence: number;
      venueTimeMs: number;
      changes: readonly LevelChange[];
      isPriceMoved: boolean;
    }
  /** How far the book can be believed. */
  | { kind: 'state'; isPriceMoved: false }
  | { kind: 'print'; print: Print; isPriceMoved: boolean };

/** Where the book came from: followed, asked for over REST until it is, or nowhere yet. */
export type FeedSource = 'stream' | 'rest' | 'none';

/** Epoch of a book nobody follows. */
const NO_EPOCH = '';
const NOT_YET = 'no snapshot of it has arrived yet';

/**
 * One market's book as the messages of its follower tell it. Pure: answers what each message means for those who watch.
 *
 * Invariants: changes are told only with the number after the last one told; whatever else happens to the numbers is told as a whole book that begins anew; a message that
 * was seen before, or is older, changes nothing.
 */
export class MarketFeed {
  readonly #levels = new LevelBook();
  #head: LiveBook;
  #source: FeedSource = 'none';

  /** @param nowMs since when nothing is known of it */
  constructor(market: FeedMarket, nowMs: number) {
    this.#head = {
      ...market,
      owner: '',
      epoch: NO_EPOCH,
      sequence: 0,
      state: 'recovering',
      reason: NOT_YET,
      stateSinceMs: nowMs,
      bids: [],
      asks: [],
      tickSize: null,
      minOrderSize: null,
      negRisk: null,
      lastTradePrice: null,
      hash: null,
      venueTimeMs: 0,
      receivedAtMs: 0,
    };
  }

  /** The book as it is now; it changes with the next message. Without levels while the source is `none`. */
  get book(): LiveBook {
    return { ...this.#head, bids: this.#levels.bids, asks: this.#levels.asks };
  }

  get source(): FeedSource {
    return this.#source;
  }

  get epoch(): string {
    return this.#head.epoch;
  }

  get sequence(): number {
    return this.#head.sequence;
  }

  get state(): BookState {
    return this.#head.state;
  }

  get reason(): string | null {
    return this.#head.reason;
  }

  /** Takes a message in. Answers what it means, in order; `behind` when something before it is missing and nothing was taken in. */
  accept(message: MarketMessage): FeedNews[] | 'behind' {
    if (message.kind === 'print') return [this.#print(message.print)];
    if (message.kind === 'book') return this.#replace(message.book);
    if (message.epoch !== this.#head.epoch) return 'behind';
    if (message.kind === 'state') return this.restate(message.state, message.reason, message.atMs);
    if (message.sequence <= this.#head.sequence) return [];
    if (message.sequence !== this.#head.sequence + 1) return 'behind';
    // Changes are published only while the book is live.
    const restated = this.restate('live', null, message.atMs);
    return [...restated, this.#change(message)];
  }

  /** Begins anew from a book, whatever was known. */
  adopt(book: LiveBook, source: Exclude<FeedSource, 'none'>): FeedNews {
    // Books over REST have no numbers: none of them can have been lost.
    const isGap = source === 'stream' && this.#source === 'stream' && book.epoch === this.#head.epoch;
    this.#take(book, source);
    return { kind: 'book', anewBecause: isGap ? 'gap' : 'restart', isPriceMoved: true };
  }

  /** Sets how far the book can be believed. Answers the news, if it is any. */
  restate(state: BookState, reason: string | null, atMs: number): FeedNews[] {
    if (state === this.#head.state && reason === this.#head.reason) return [];
    this.#head = { ...this.#head, state, reason, stateSinceMs: atMs };
    return [{ kind: 'state', isPriceMoved: false }];
  }

  #replace(book: LiveBook): FeedNews[] {
    const { epoch, sequence, state } = this.#head;
    if (book.epoch !== epoch || book.sequence > sequence + 1) return [this.adopt(book, 'stream')];
    if (book.sequence <= sequence) return [];
    const changes = state === 'live' && book.state === 'live' ? differences(this.#levels, book) : null;
    const before = this.#top();
    this.#take(book, 'stream');
    const isPriceMoved = this.#top() !== before;
    return changes === null
      ? [{ kind: 'book', anewBecause: null, isPriceMoved }]
      : [{ kind: 'changes', sequence: book.sequence, venueTimeMs: book.venueTimeMs, changes, isPriceMoved }];
  }

  #change(message: Extract<MarketMessage, { kind: 'changes' }>): FeedNews {
    const { sequence, venueTimeMs, changes } = message;
    const before = this.#top();
    for (const { side, price, size } of changes) this.#levels.set(side, price, size);
    this.#head = { ...this.#head, sequence, venueTimeMs, receivedAtMs: message.atMs, hash: null };
    return { kind: 'changes', sequence, venueTimeMs, changes, isPriceMoved: this.#top() !== before };
  }

  #print(print: Print): FeedNews {
    const before = this.#top();
    this.#head = { ...this.#head, lastTradePrice: print.price };
    return { kind: 'print', print, isPriceMoved: this.#top() !== before };
  }

  #take(book: LiveBook, source: FeedSource): void {
    this.#levels.replace(book.bids, book.asks);
    this.#head = { ...book, bids: [], asks: [] };
    this.#source = source;
  }

  /** What a price for display is made of. */
  #top(): string {
    const bid = this.#levels.bids[0]?.price ?? null;
    const ask = this.#levels.asks[0]?.price ?? null;
    return `${bid}:${ask}:${bid === null || ask === null ? this.#head.lastTradePrice : ''}`;
  }
}

/** Returns what makes the one book the other. */
function differences(from: LevelBook, to: Pick<LiveBook, 'bids' | 'asks'>): LevelChange[] {
  const changes: LevelChange[] = [];
  for (const side of BOOK_SIDES) {
    for (const { price, size } of levelsOf(to, side)) {
      if (sizeAt(from, side, price) !== size) changes.push({ side, price, size });
    }
    for (const { price } of levelsOf(from, side)) {
      if (sizeAt(to, side, price) === 0n) changes.push({ side, price, size: microShares(0n) });
    }
  }
  return changes;
}

function levelsOf(book: Pick<LiveBook, 'bids' | 'asks'>, side: BookSide): readonly BookLevel[] {
  return side === 'bid' ? book.bids : book.asks;
}
