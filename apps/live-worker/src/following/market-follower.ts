import type { MicroPrice } from '@app/domain';
import type { LiveBook, MarketMessage } from '@app/contracts';
import {
  type BookEvent,
  type BookState,
  BookTracker,
  DEFAULT_RESTING_SETTINGS,
  type FeedEvent,
  type OrderBookSnapshot,
  type Print,
  printKey,
  PrintMemory,
  type TrackerSettings,
} from '@app/exchange';
import type { RestingMarket } from '@app/trading';
import { comparisonDueAt } from './comparison-due';
import type { FollowedMarket } from './followed-market';

/** What a follower does to the world; none of it waits or throws. */
export interface FollowerEffects {
  /** Tells everybody who listens. */
  publish(message: MarketMessage): void;
  /** The book others read is no longer what it was. */
  changed(): void;
  /** Asks the venue for the market's whole books again. */
  resubscribe(): void;
}

export interface FollowerOptions {
  /** Instance of the live-worker. */
  owner: string;
  /** Names this run of numbers. */
  epoch: string;
  /** The number published last by whoever followed the market before. */
  startSequence: number;
  settings: TrackerSettings;
  /** How long a market may be silent before its book is compared early, ms. */
  silenceMs: number;
}

/** How long a subscription may take to bring a whole book, ms. */
const SNAPSHOT_WITHIN_MS = 5_000;
/** How long a book may stand crossed, or otherwise in doubt, before a new one is asked for, ms: the messages that mend it may be on their way. */
const GRACE_MS = 500;
const FIRST_RECOVERY_PAUSE_MS = 1_000;
const LONGEST_RECOVERY_PAUSE_MS = 30_000;
/** A book that was live for so long has recovered, and the next recovery begins without a pause, ms. */
const RECOVERED_AFTER_MS = 30_000;

/** Time passes for every market about twice as often: after more than this without a moment the process was paused, and what came meanwhile is still to be read, ms. */
const PAUSED_AFTER_MS = 500;

/** How long a market to which orders come has to be compared, before its comparisons must be as young as those of markets with orders (A2), ms. */
const COMPARED_FOR_ORDERS_WITHIN_MS = 5_000;
const COMPARE_AGAIN_MS = 3_000;
const FIRST_COMPARISON_PAUSE_MS = 1_000;
const LONGEST_COMPARISON_PAUSE_MS = 30_000;

const NO_REST_BOOK = "Polymarket's own book of it cannot be found";
const ANNOUNCED = 'its result was announced';
export const ENDED_BY_OWNER = 'the process that followed it follows it no more';

/**
 * Keeps one market's book from what is heard of it, tells of it, and lets its resting orders meet it.
 *
 * Invariants: whatever is heard is applied in order, at once, to the book, then to the resting orders, then told; nothing is after the market ceased to be this instance's,
 * by the time of the event itself, so that what was received before a pause of the process and read after it counts for nothing. After a pause too short for that, quotes
 * that crossed resting orders before it have to last anew (F7). Reads no clock.
 */
export class MarketFollower {
  readonly #tracker: BookTracker;
  readonly #prints = new PrintMemory(DEFAULT_RESTING_SETTINGS.printMemoryMs);
  #resting: RestingMarket | null = null;
  #heldUntilMs = 0;
  #isEnded = false;
  /** When it heard something, or time passed, last. */
  #awakeAtMs = 0;
  #wasLive = false;
  #state: BookState;
  #stateSinceMs = 0;
  #lastTradePrice: MicroPrice | null = null;
  #hasOpenOrders = false;
  /** When the book is told that there are orders; null once it was, and while there are none. */
  #tellOrdersAtMs: number | null = null;
  #halt: string | null = null;
  #isResolved = false;

  /** When the stream told of the first outcome last. */
  #heardAtMs = 0;
  /** When the last whole book came that ended a loss. */
  #snapshotAtMs = 0;
  #isComparing = false;
  #comparedAtMs = 0;
  #compareNotBeforeMs = 0;
  #comparisonsFailed = 0;

  #recoverAtMs = 0;
  #recoveries = 0;

  constructor(
    readonly market: FollowedMarket,
    private readonly options: FollowerOptions,
    private readonly effects: FollowerEffects,
  ) {
    this.#tracker = new BookTracker(market, options.settings, options.startSequence);
    this.#state = this.#tracker.state;
  }

  get state(): BookState {
    return this.#state;
  }

  /** Why it is not live, as the end of the sentence "The order book is stale: ..."; null when it is. */
  get reason(): string | null {
    return this.#tracker.reason;
  }

  get resting(): RestingMarket | null {
    return this.#resting;
  }

  /** Whether somebody's orders rest in the market, or are on their way to it, as far as was told. */
  get hasOpenOrders(): boolean {
    return this.#hasOpenOrders;
  }

  get isEnded(): boolean {
    return this.#isEnded;
  }

  /** Whether the market is this instance's at a moment. */
  isHeld(atMs: number): boolean {
    return !this.#isEnded && atMs < this.#heldUntilMs;
  }

  /** The market is this instance's until then. */
  hold(untilMs: number): void {
    this.#heldUntilMs = untilMs;
  }

  /** Takes in what is heard of the book. */
  hear(event: FeedEvent): void {
    if (!this.#mayHear(event.atMs)) return;
    this.#note(event);
    this.#apply(event);
  }

  /** Takes in a public trade. Returns whether it is a new one. */
  hearPrint(print: Print, atMs: number): boolean {
    if (!this.#mayHear(atMs)) return false;
    if (!this.#prints.admit(printKey(this.market.conditionId, print), print.venueTimeMs)) return false;
    this.#lastTradePrice = print.price;
    this.#resting?.apply({ kind: 'print', atMs, ...print });
    this.effects.publish({ kind: 'print', epoch: this.options.epoch, atMs, print });
    if (this.#wasLive) this.effects.changed();
    return true;
  }

  /** Lets time pass: doubts that lasted are found out, waits of resting orders end, and a whole book is asked for where one is missing. */
  pass(atMs: number): void {
    if (!this.#mayHear(atMs)) return;
    this.#apply({ kind: 'clock', atMs });
    if (this.#tellOrdersAtMs !== null && atMs >= this.#tellOrdersAtMs) {
      this.#tellOrdersAtMs = null;
      this.#apply({ kind: 'interest', hasOpenOrders: true, atMs });
    }
    this.#resting?.apply({ kind: 'clock', atMs });
    this.#recover(atMs);
  }

  /** Says whether somebody's orders rest in the market, or are on their way to it. A book that was live does not cease to be so because they came: it is compared first. */
  expectOrders(hasOpenOrders: boolean, atMs: number): void {
    if (hasOpenOrders === this.#hasOpenOrders) return;
    this.#hasOpenOrders = hasOpenOrders;
    this.#tellOrdersAtMs = hasOpenOrders ? atMs + COMPARED_FOR_ORDERS_WITHIN_MS : null;
    if (!hasOpenOrders) this.hear({ kind: 'interest', hasOpenOrders, atMs });
  }

  /** Says why the market takes no orders, or, with null, that it takes them. What the stream said of its end stays. */
  setHalt(reason: string | null, atMs: number): void {
    if (reason === this.#halt) return;
    this.#halt = reason;
    if (reason !== null) this.hear({ kind: 'halted', reason, atMs });
    else if (!this.#isResolved) this.hear({ kind: 'resumed', atMs });
  }

  /** Takes in that the venue announced a result: nothing fills from now on. */
  hearResult(atMs: number): void {
    this.#isResolved = true;
    this.hear({ kind: 'halted', reason: ANNOUNCED, atMs });
  }

  /** Resting orders meet the book from now on. */
  attach(resting: RestingMarket, atMs: number): void {
    this.#resting = resting;
    const book = this.#tracker.snapshot(atMs);
    if (book !== null) resting.apply(book);
  }

  /** They meet it no more. Returns what was attached. */
  detach(): RestingMarket | null {
    const resting = this.#resting;
    this.#resting = null;
    return resting;
  }

  /** Ends it: nothing that comes later counts. */
  end(reason: string, atMs: number): void {
    if (this.#isEnded) return;
    this.#apply({ kind: 'lost', reason, atMs });
    this.#isEnded = true;
  }

  /** Whether its book is to be compared with one asked for over REST now. */
  isComparisonDue(atMs: number): boolean {
    if (this.#isEnded || this.#isComparing || atMs < this.#compareNotBeforeMs) return false;
    switch (this.#tracker.missing) {
      case 'stream':
      case 'snapshot':
        return false;
      case 'comparison':
        return true;
      case null: {
        const known = { comparedAtMs: this.#comparedAtMs, heardAtMs: this.#heardAtMs };
        const pace = { ...this.options.settings, silenceMs: this.options.silenceMs };
        return atMs >= comparisonDueAt(known, this.#hasOpenOrders, pace);
      }
    }
  }

  beginComparison(): void {
    this.#isComparing = true;
  }

  /** Takes in the first outcome's book as it was asked for over REST; null when the venue keeps none. Returns whether it could be compared. */
  compare(book: OrderBookSnapshot | null, askedAtMs: number, atMs: number): boolean {
    this.#isComparing = false;
    this.#comparisonsFailed = 0;
    this.#compareNotBeforeMs = atMs + COMPARE_AGAIN_MS;
    if (book === null) {
      this.hear({ kind: 'lost', reason: NO_REST_BOOK, atMs });
      return false;
    }
    const isOlderThanBook = askedAtMs < this.#snapshotAtMs;
    const mayHaveMoved = atMs - askedAtMs >= this.options.settings.mismatchLastsMs && this.#heardAtMs >= askedAtMs;
    if (isOlderThanBook || mayHaveMoved) {
      this.#compareNotBeforeMs = atMs;
      return false;
    }
    this.#comparedAtMs = atMs;
    this.hear({ kind: 'reconciled', outcomeIndex: 0, book, atMs });
    return true;
  }

  /** The book could not be asked for. */
  failComparison(atMs: number): void {
    this.#isComparing = false;
    this.#compareNotBeforeMs =
      atMs + pause(this.#comparisonsFailed, FIRST_COMPARISON_PAUSE_MS, LONGEST_COMPARISON_PAUSE_MS);
    this.#comparisonsFailed += 1;
  }

  /** The book as others may read it; null while it was never live. */
  liveBook(): LiveBook | null {
    const evidence = this.#wasLive ? this.#tracker.evidence(0) : null;
    if (evidence === null) return null;
    const { market, options } = this;
    const { book, state, reason, hash } = evidence;
    return {
      conditionId: market.conditionId,
      marketId: market.marketId,
      tokenIds: market.tokenIds,
      outcomes: market.outcomes,
      owner: options.owner,
      epoch: options.epoch,
      sequence: this.#tracker.sequence,
      state,
      reason,
      stateSinceMs: this.#stateSinceMs,
      bids: book.bids,
      asks: book.asks,
      tickSize: book.tickSize,
      minOrderSize: book.minOrderSize,
      negRisk: book.negRisk,
      lastTradePrice: this.#lastTradePrice,
      hash,
      venueTimeMs: book.venueTime.getTime(),
      receivedAtMs: evidence.receivedAt.getTime(),
    };
  }

  /** Tells anew how things stand, to who may have missed it. */
  tellAgain(atMs: number): void {
    if (this.#isEnded) return;
    const book = this.liveBook();
    if (book === null) return;
    if (book.state === 'live') this.effects.publish({ kind: 'book', book });
    else this.#tellState(atMs);
    this.effects.changed();
  }

  #mayHear(atMs: number): boolean {
    if (this.#isEnded) return false;
    if (atMs >= this.#heldUntilMs) {
      this.end(ENDED_BY_OWNER, atMs);
      return false;
    }
    if (atMs - this.#awakeAtMs > PAUSED_AFTER_MS) this.#resting?.apply({ kind: 'pause', atMs });
    this.#awakeAtMs = Math.max(this.#awakeAtMs, atMs);
    return true;
  }

  #note(event: FeedEvent): void {
    switch (event.kind) {
      case 'connected':
        this.#heardAtMs = event.atMs;
        this.#recoverAtMs = event.atMs + Math.max(SNAPSHOT_WITHIN_MS, this.#recoveryPauseMs());
        return;
      case 'book':
        if (event.outcomeIndex !== 0) return;
        this.#heardAtMs = event.atMs;
        this.#lastTradePrice ??= event.book.lastTradePrice;
        if (this.#tracker.missing !== 'snapshot') return;
        this.#snapshotAtMs = event.atMs;
        // What was compared before says nothing of this book.
        if (this.#comparisonsFailed === 0) this.#compareNotBeforeMs = event.atMs;
        return;
      case 'levels':
        if (event.changes.some(({ outcomeIndex }) => outcomeIndex === 0)) this.#heardAtMs = event.atMs;
        return;
      default:
        return;
    }
  }

  #apply(event: FeedEvent): void {
    const wasMissing = this.#tracker.missing;
    const told = this.#tracker.apply(event);
    const isLoss = this.#tracker.missing === 'snapshot' && wasMissing !== 'snapshot';
    if (isLoss && event.kind !== 'connected')
      this.#recoverAtMs = event.atMs + Math.max(GRACE_MS, this.#recoveryPauseMs());
    if (this.#state !== this.#tracker.state) {
      this.#state = this.#tracker.state;
      this.#stateSinceMs = event.atMs;
      if (this.#state === 'live') this.#wasLive = true;
    }
    for (const one of told) this.#tell(one);
  }

  #tell(event: BookEvent): void {
    this.#resting?.apply(event);
    switch (event.kind) {
      case 'snapshot': {
        const book = this.liveBook();
        if (book !== null) this.effects.publish({ kind: 'book', book });
        break;
      }
      case 'changes': {
        const { sequence, venueTimeMs, atMs, changes } = event;
        this.effects.publish({
          kind: 'changes',
          epoch: this.options.epoch,
          sequence: sequence ?? this.#tracker.sequence,
          venueTimeMs,
          atMs,
          changes,
        });
        break;
      }
      case 'gap':
        this.#tellState(event.atMs);
        break;
      case 'tick':
        break;
    }
    if (this.#wasLive) this.effects.changed();
  }

  #tellState(atMs: number): void {
    const { state, reason } = this.#tracker;
    this.effects.publish({ kind: 'state', epoch: this.options.epoch, state, reason, atMs });
  }

  #recover(atMs: number): void {
    if (this.#state === 'live' && atMs - this.#stateSinceMs >= RECOVERED_AFTER_MS) this.#recoveries = 0;
    if (this.#tracker.missing !== 'snapshot' || atMs < this.#recoverAtMs) return;
    this.#recoveries += 1;
    this.#recoverAtMs = atMs + Math.max(SNAPSHOT_WITHIN_MS, this.#recoveryPauseMs());
    this.effects.resubscribe();
  }

  #recoveryPauseMs(): number {
    return this.#recoveries === 0 ? 0 : pause(this.#recoveries - 1, FIRST_RECOVERY_PAUSE_MS, LONGEST_RECOVERY_PAUSE_MS);
  }
}

/** A pause that doubles with every time before, ms. */
function pause(timesBefore: number, firstMs: number, longestMs: number): number {
  return Math.min(longestMs, firstMs * 2 ** Math.min(timesBefore, 20));
}
