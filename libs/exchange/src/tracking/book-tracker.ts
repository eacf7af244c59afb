import { MICRO, type MicroPrice, type MicroShares, microShares } from '@app/domain';
import type { BookEvidence, BookState } from '../book-evidence';
import { canonicalLevels, canonicalPrice, canonicalSide } from '../canonical';
import { BOOK_SIDES, type BookLevel, type BookSide, type OrderBookSnapshot, sizeAt } from '../order-book';
import type { LevelChange } from '../resting/resting-event';
import type { ExchangeSettings } from '../settings';
import type { BookEvent, FeedEvent, TokenLevelChange } from './feed-event';
import { LevelBook } from './level-book';
import { levelKey, type SuspectOrigin, Suspects } from './suspects';

/**
 * One market's canonical book as the feed tells it, and how far it can be believed (A1 to A5, B1 to B3). The first outcome's feed makes the
 * book; the second's, and books asked for over REST, are compared with it. Reads no clock: every event says when it was.
 *
 * Invariants: the same events give the same book and the same answers; what is published is numbered without holes, from 1 or from where another
 * tracker of the market left off, and only while the book is live; a book that becomes live again is published whole.
 *
 * Known limitation: the venue numbers nothing, so a lost message shows only by its consequences: another best price, another size in the
 * second outcome's feed, or in the next REST book.
 */
export interface TrackedMarket {
  conditionId: string;
  /** Of the first and the second outcome. */
  tokenIds: readonly [string, string];
}

export type TrackerSettings = Pick<
  ExchangeSettings,
  'reconcileWithinMs' | 'reconcileIdleWithinMs' | 'pingIntervalMs' | 'mismatchLastsMs'
>;

const NO_SNAPSHOT_YET = 'no snapshot of it has arrived yet';
const NOT_CONNECTED = 'its stream is not connected';
const CROSSED = 'its best bid is not below its best ask';
const NOT_COMPARED = "it has not been compared with Polymarket's own book yet";
const COMPARED_LONG_AGO = "it was last compared with Polymarket's own book too long ago";
const TICK_CHANGED = 'its tick size changed, and no snapshot of it has arrived since';
const NO_ANSWER = 'its stream does not answer';
const BEST_DIFFERS = 'its best prices are not those the venue tells';
const NOTHING: readonly BookEvent[] = [];

interface Freshness {
  readonly state: BookState;
  readonly reason: string | null;
}

const LIVE: Freshness = { state: 'live', reason: null };

export class BookTracker {
  readonly #book = new LevelBook();
  readonly #suspects = new Suspects();
  /** When each level changed last, the latest last; no further back than a mismatch lasts. */
  readonly #changedAtMs = new Map<number, number>();
  #nowMs = 0;

  /** Why the stream is not connected; null when it is. */
  #disconnected: string | null = NOT_CONNECTED;
  /** Why the levels are not the whole book; null when they are. */
  #unknown: string | null = NO_SNAPSHOT_YET;
  #halted: string | null = null;
  #hasOpenOrders = false;
  #pongedAtMs = 0;
  #comparedAtMs: number | null = null;
  /** When a REST book came that differed where it may be ahead: it counts as equal once those levels changed. */
  #comparingSinceMs: number | null = null;
  #bestDiffersSinceMs: number | null = null;

  #sequence: number;
  #freshness: Freshness = { state: 'stale', reason: NOT_CONNECTED };
  #tickSize: MicroPrice | null = null;
  /** The last snapshot, for what is not levels. */
  #snapshot: OrderBookSnapshot | null = null;
  #hash: string | null = null;
  #venueTimeMs = 0;
  #receivedAtMs = 0;
  /** The books given out since the last change, by outcome. */
  readonly #given: [OrderBookSnapshot | null, OrderBookSnapshot | null] = [null, null];

  /** @param startSequence the number published last by whoever tracked the market before; what this one publishes follows it */
  constructor(
    readonly market: TrackedMarket,
    private readonly settings: TrackerSettings,
    startSequence = 0,
  ) {
    this.#sequence = startSequence;
  }

  /** Number of the last published state; before the first, the one it starts from. */
  get sequence(): number {
    return this.#sequence;
  }

  get state(): BookState {
    return this.#freshness.state;
  }

  /** Why it is not live, as the end of the sentence "The order book is stale: ..."; null when it is. */
  get reason(): string | null {
    return this.#freshness.reason;
  }

  get tickSize(): MicroPrice | null {
    return this.#tickSize;
  }

  /** What it waits for: the stream, a whole book, or the comparison with one asked for over REST; null for none of them. */
  get missing(): 'stream' | 'snapshot' | 'comparison' | null {
    if (this.#disconnected !== null) return 'stream';
    if (this.#unknown !== null || this.#book.isCrossed) return 'snapshot';
    return this.#comparedAtMs === null ? 'comparison' : null;
  }

  /** The whole book as an event, for who begins to trade against it now; null while it is not live. It takes no number of its own. */
  snapshot(atMs: number): Extract<BookEvent, { kind: 'snapshot' }> | null {
    return this.#freshness.state === 'live' ? this.#whole(Math.max(atMs, this.#nowMs)) : null;
  }

  /** Takes in one event and tells those who trade against the book what it means for them, in order. */
  apply(event: FeedEvent): readonly BookEvent[] {
    const atMs = Math.max(event.atMs, this.#nowMs);
    this.#nowMs = atMs;
    const before = this.#freshness;
    const change = this.#take(event, atMs);
    if (change !== null) this.#given.fill(null);
    const after = this.#judge(atMs);
    const isNews = after.state !== before.state || after.reason !== before.reason;
    if (isNews) this.#freshness = after;
    if (change === null && !isNews) return NOTHING;

    const published: BookEvent[] = [];
    if (change === 'tick' && this.#tickSize !== null) {
      published.push({ kind: 'tick', atMs, tickSize: this.#tickSize });
    }
    if (after.state !== 'live') {
      if (isNews) published.push({ kind: 'gap', atMs, state: after.state, reason: after.reason ?? NOT_CONNECTED });
    } else if (before.state !== 'live' || !Array.isArray(change)) {
      this.#sequence += 1;
      published.push(this.#whole(atMs));
    } else {
      this.#sequence += 1;
      const sequence = this.#sequence;
      published.push({ kind: 'changes', atMs, venueTimeMs: this.#venueTimeMs, changes: change, sequence });
    }
    return published;
  }

  /** The book of one outcome as it is now, and how far it can be believed; null before the first snapshot. */
  evidence(outcomeIndex: 0 | 1): BookEvidence | null {
    const book = this.#given[outcomeIndex] ?? this.#copy(outcomeIndex);
    if (book === null) return null;
    this.#given[outcomeIndex] = book;
    const { state, reason } = this.#freshness;
    const receivedAt = new Date(this.#receivedAtMs);
    return { state, reason, book, source: 'stream', sequence: this.#sequence, hash: book.hash, receivedAt };
  }

  /** Takes an event in. Answers what of the book it changed; null for nothing. */
  #take(event: FeedEvent, atMs: number): Change | null {
    switch (event.kind) {
      case 'connected':
        this.#disconnected = null;
        this.#pongedAtMs = atMs;
        return this.#lose(NO_SNAPSHOT_YET);
      case 'disconnected':
        this.#disconnected = event.reason;
        return this.#lose(NO_SNAPSHOT_YET);
      case 'lost':
        return this.#lose(event.reason);
      case 'ponged':
        this.#pongedAtMs = atMs;
        return null;
      case 'book':
        return event.outcomeIndex === 0
          ? this.#replace(event.book, atMs)
          : this.#compare(event.book, event.outcomeIndex, 'complement', atMs);
      case 'levels':
        return this.#change(event.changes, event.venueTimeMs, atMs);
      case 'tick':
        // Each token's feed tells of it; the second time it is known, and the snapshot that followed the first stays.
        if (event.tickSize === this.#tickSize) return null;
        this.#tickSize = event.tickSize;
        this.#lose(TICK_CHANGED);
        return 'tick';
      case 'reconciled':
        return this.#reconcile(event.book, event.outcomeIndex, atMs);
      case 'halted':
        this.#halted = event.reason;
        return null;
      case 'resumed':
        this.#halted = null;
        return null;
      case 'interest':
        this.#hasOpenOrders = event.hasOpenOrders;
        return null;
      case 'clock':
        return null;
    }
  }

  /** From here on the levels are not the whole book, until a snapshot comes. */
  #lose(reason: string): null {
    this.#unknown = reason;
    this.#forgetDoubts();
    return null;
  }

  #forgetDoubts(): void {
    this.#suspects.clear();
    this.#comparingSinceMs = null;
    this.#bestDiffersSinceMs = null;
  }

  #replace(book: OrderBookSnapshot, atMs: number): Change {
    if (this.#unknown === null) this.#markDifferences(book, atMs);
    this.#book.replace(book.bids, book.asks);
    this.#unknown = null;
    this.#forgetDoubts();
    this.#snapshot = book;
    this.#hash = book.hash;
    this.#tickSize = book.tickSize ?? this.#tickSize;
    this.#venueTimeMs = book.venueTime.getTime();
    this.#receivedAtMs = atMs;
    return 'whole';
  }

  #change(changes: readonly TokenLevelChange[], venueTimeMs: number, atMs: number): Change | null {
    if (this.#unknown !== null) return null;
    const made: LevelChange[] = [];
    let last: TokenLevelChange | null = null;
    for (const change of changes) {
      if (change.outcomeIndex !== 0) continue;
      const { side, price, size } = change;
      last = change;
      this.#suspects.settle(side, price);
      if (!this.#book.set(side, price, size)) continue;
      this.#mark(side, price, atMs);
      made.push({ side, price, size });
    }
    for (const { outcomeIndex, side, price, size } of changes) {
      if (outcomeIndex === 0) continue;
      this.#compareLevel(
        canonicalSide(side, outcomeIndex),
        canonicalPrice(price, outcomeIndex),
        size,
        'complement',
        atMs,
      );
    }
    if (last !== null) {
      const agrees = isBest(last.bestBid, this.#book.bids[0]) && isBest(last.bestAsk, this.#book.asks[0]);
      this.#bestDiffersSinceMs = agrees ? null : (this.#bestDiffersSinceMs ?? atMs);
    }
    this.#forgetOldMarks(atMs);
    if (made.length === 0) return null;
    this.#hash = null;
    this.#venueTimeMs = venueTimeMs;
    this.#receivedAtMs = atMs;
    return made;
  }

  /** Compares a book asked for over REST (A2). One that differs where it may be ahead of the stream is given time. */
  #reconcile(book: OrderBookSnapshot, outcomeIndex: number, atMs: number): null {
    if (this.#unknown !== null) return null;
    this.#compare(book, outcomeIndex, 'rest', atMs);
    if (this.#suspects.hasRest) this.#comparingSinceMs = atMs;
    else this.#comparedAtMs = atMs;
    return null;
  }

  #compare(book: OrderBookSnapshot, outcomeIndex: number, origin: SuspectOrigin, atMs: number): null {
    if (this.#unknown !== null) return null;
    const theirs = canonicalLevels(book, outcomeIndex);
    for (const side of BOOK_SIDES) {
      for (const { price, size } of levelsOf(theirs, side)) this.#compareLevel(side, price, size, origin, atMs);
      for (const { price } of levelsOf(this.#book, side)) {
        if (sizeAt(theirs, side, price) === 0n) this.#compareLevel(side, price, NO_SHARES, origin, atMs);
      }
    }
    return null;
  }

  #compareLevel(side: BookSide, price: MicroPrice, theirs: MicroShares, origin: SuspectOrigin, atMs: number): void {
    const own = sizeAt(this.#book, side, price);
    if (own === theirs) {
      this.#suspects.settle(side, price);
      return;
    }
    // The other view may be the slower one, and show what was there before.
    const changedAtMs = this.#changedAtMs.get(levelKey(side, price));
    if (changedAtMs !== undefined && atMs - changedAtMs < this.settings.mismatchLastsMs) return;
    this.#suspects.suspect(side, price, origin, atMs);
  }

  #judge(atMs: number): Freshness {
    this.#convict(atMs);
    if (this.#halted !== null) return { state: 'halted', reason: this.#halted };
    if (this.#disconnected !== null) return { state: 'stale', reason: this.#disconnected };
    if (this.#unknown !== null) return { state: 'recovering', reason: this.#unknown };
    if (this.#book.isCrossed) return { state: 'recovering', reason: CROSSED };
    const { pingIntervalMs, reconcileWithinMs, reconcileIdleWithinMs } = this.settings;
    if (atMs - this.#pongedAtMs > 2 * pingIntervalMs) return { state: 'stale', reason: NO_ANSWER };
    if (this.#comparedAtMs === null) return { state: 'recovering', reason: NOT_COMPARED };
    const withinMs = this.#hasOpenOrders ? reconcileWithinMs : reconcileIdleWithinMs;
    return atMs - this.#comparedAtMs > withinMs ? { state: 'stale', reason: COMPARED_LONG_AGO } : LIVE;
  }

  /** Turns doubts that lasted into knowledge. */
  #convict(atMs: number): void {
    if (this.#comparingSinceMs !== null && !this.#suspects.hasRest) {
      this.#comparedAtMs = this.#comparingSinceMs;
      this.#comparingSinceMs = null;
    }
    const { mismatchLastsMs } = this.settings;
    const verdict = this.#suspects.verdict(atMs, mismatchLastsMs);
    if (verdict !== null) {
      if (verdict.origin === 'rest') this.#comparedAtMs = null;
      this.#lose(verdict.reason);
    } else if (this.#bestDiffersSinceMs !== null && atMs - this.#bestDiffersSinceMs >= mismatchLastsMs) {
      this.#lose(BEST_DIFFERS);
    }
  }

  #markDifferences(book: OrderBookSnapshot, atMs: number): void {
    for (const side of BOOK_SIDES) {
      for (const { price, size } of levelsOf(book, side)) {
        if (sizeAt(this.#book, side, price) !== size) this.#mark(side, price, atMs);
      }
      for (const { price } of levelsOf(this.#book, side)) {
        if (sizeAt(book, side, price) === 0n) this.#mark(side, price, atMs);
      }
    }
    this.#forgetOldMarks(atMs);
  }

  #mark(side: BookSide, price: MicroPrice, atMs: number): void {
    const key = levelKey(side, price);
    this.#changedAtMs.delete(key);
    this.#changedAtMs.set(key, atMs);
  }

  #forgetOldMarks(atMs: number): void {
    for (const [key, changedAtMs] of this.#changedAtMs) {
      if (atMs - changedAtMs < this.settings.mismatchLastsMs) return;
      this.#changedAtMs.delete(key);
    }
  }

  #whole(atMs: number): Extract<BookEvent, { kind: 'snapshot' }> {
    return {
      kind: 'snapshot',
      atMs,
      venueTimeMs: this.#venueTimeMs,
      bids: [...this.#book.bids],
      asks: [...this.#book.asks],
      sequence: this.#sequence,
      hash: this.#hash,
    };
  }

  #copy(outcomeIndex: 0 | 1): OrderBookSnapshot | null {
    if (this.#snapshot === null) return null;
    const { bids, asks } = canonicalLevels(this.#book, outcomeIndex);
    return {
      ...this.#snapshot,
      tokenId: this.market.tokenIds[outcomeIndex],
      conditionId: this.market.conditionId,
      bids: [...bids],
      asks: [...asks],
      tickSize: this.#tickSize,
      hash: outcomeIndex === 0 ? this.#hash : null,
      venueTime: new Date(this.#venueTimeMs),
    };
  }
}

/** What of the book an event changed: all of it, the tick size, or some levels. */
type Change = 'whole' | 'tick' | LevelChange[];

const NO_SHARES = microShares(0n);

function levelsOf(
  book: { bids: readonly BookLevel[]; asks: readonly BookLevel[] },
  side: BookSide,
): readonly BookLevel[] {
  return side === 'bid' ? book.bids : book.asks;
}

/** Whether a best price is what the venue tells; it tells an empty side as 0 or 1, and sometimes nothing. */
function isBest(told: MicroPrice | null, best: BookLevel | undefined): boolean {
  if (told === null) return true;
  return told === 0n || told === MICRO ? best === undefined : best?.price === told;
}
