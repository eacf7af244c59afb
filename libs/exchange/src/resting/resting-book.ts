import { formatMicro, MICRO, type MicroPrice, microPrice, microShares } from '@app/domain';
import type { BookState } from '../book-evidence';
import { DEFAULT_EXCHANGE_SETTINGS, type ExchangeSettings } from '../settings';
import type { ConsumedLevel } from '../taking/consumed-liquidity';
import { CrossedQuotes } from './crossed-quotes';
import {
  type Entry,
  Ladder,
  type LadderIndex,
  type Level,
  MEETING_SUM,
  NO_RUNG,
  NOT_CROSSED,
  otherOf,
  type Sharer,
  unused,
  use,
  USED_UP,
} from './ladder';
import { printKey, PrintMemory } from './print-memory';
import { cancelledAhead } from './queue-weight';
import { levelStates, orderState, placeOf, restingOrder, restoreLevel } from './resting-codec';
import type {
  CrossedLevel,
  MakerFill,
  OrderEnded,
  Print,
  RestingEvent,
  RestingOrder,
  RestingOutcome,
  RestingView,
  TakenLevel,
} from './resting-event';
import type { RestingBookState, RestingOrderState } from './resting-state';

/**
 * The resting side of the fill model (F1 to F10): every portfolio's resting orders in one market, moved by the public book and its prints.
 *
 * A state machine: the same events give the same outcomes to the last digit, on any machine. It reads no clock and draws no random number;
 * sizes are bigint micro-shares, and the one logarithm (F5) is computed in whole numbers.
 *
 * Invariants: the fills of one portfolio from one print never exceed its size, through either outcome (F4), except under `ideal`, which is
 * naive on purpose; nothing fills while the book is not live (A3); every fill is at its order's limit (F8); what stands ahead of an order
 * never grows (F6).
 *
 * Known limitations. Prints carry the venue's clock and orders ours: an order placed while the clocks differ may miss, or see, the prints of
 * that difference. A print that reaches us after its order was cancelled fills nothing. What the venue does with a resting order whose price
 * left the tick grid is not documented: here it goes on resting.
 */

/** The constants the resting side uses, in milliseconds. */
export interface RestingSettings extends Pick<ExchangeSettings, 'crossedWaitMs' | 'gtdStopsBeforeMs'> {
  /** How long a print is remembered, to know it again (B2). */
  printMemoryMs: number;
}

export const DEFAULT_RESTING_SETTINGS: RestingSettings = {
  crossedWaitMs: DEFAULT_EXCHANGE_SETTINGS.crossedWaitMs,
  gtdStopsBeforeMs: DEFAULT_EXCHANGE_SETTINGS.gtdStopsBeforeMs,
  printMemoryMs: 300_000,
};

const NOTHING: readonly RestingOutcome[] = [];
const NEVER = Number.POSITIVE_INFINITY;
const NO_SNAPSHOT_YET = 'no snapshot of it has arrived yet';
const CROSSED = 'its best bid is not below its best ask';
/** What tells that nothing was known of the quotes for a while: their waits are not ended by it. */
const LEAVES_QUOTES_IN_DOUBT: ReadonlySet<RestingEvent['kind']> = new Set(['gap', 'tick', 'close', 'pause']);

/** What fills an order. */
interface FillEvidence {
  readonly rule: MakerFill['rule'];
  readonly print: Print | null;
  readonly printKey: string | null;
  readonly queueAhead: bigint;
  readonly crossed: readonly CrossedLevel[];
  readonly tradedAtMs: number;
  readonly decidedAtMs: number;
}

export class RestingBook {
  readonly conditionId: string;
  readonly #settings: RestingSettings;
  readonly #ladders: readonly [Ladder, Ladder] = [new Ladder(), new Ladder()];
  readonly #entries = new Map<string, Entry>();
  readonly #sharers = new Map<string, Sharer>();
  readonly #quotes: CrossedQuotes;
  #prints: PrintMemory;
  #nowMs = 0;
  #nextStopMs = NEVER;
  #nextNumber = 1;
  #printNumber = 0;
  #snapshotNumber = 0;

  /** Whether a snapshot came since the last gap. */
  #isKnown = false;
  #state: BookState = 'recovering';
  #reason: string | null = NO_SNAPSHOT_YET;
  #closedBecause: string | null = null;
  /** Prints dated until then tell of a time when the book was not live. */
  #evidenceFromMs = 0;
  #sequence: number | null = null;
  #hash: string | null = null;
  #venueTimeMs = 0;
  #receivedAtMs = 0;

  #outcomes: RestingOutcome[] = [];

  constructor(conditionId: string, settings: RestingSettings = DEFAULT_RESTING_SETTINGS) {
    this.conditionId = conditionId;
    this.#settings = settings;
    this.#quotes = new CrossedQuotes(this.#ladders, settings.crossedWaitMs);
    this.#prints = new PrintMemory(settings.printMemoryMs);
  }

  /**
   * Lets one thing happen and tells what became of it, in order.
   * @throws RangeError for an order that cannot rest; Error for one that rests already. Both leave everything as it was.
   */
  apply(event: RestingEvent): readonly RestingOutcome[] {
    if (event.kind === 'place' || event.kind === 'replace') this.#check(event.order);
    const atMs = Math.max(event.atMs, this.#nowMs);
    this.#advance(atMs, !LEAVES_QUOTES_IN_DOUBT.has(event.kind));
    this.#nowMs = atMs;
    this.#take(event);
    this.#advance(atMs, true);
    if (this.#outcomes.length === 0) return NOTHING;
    const outcomes = this.#outcomes;
    this.#outcomes = [];
    return outcomes;
  }

  /** Whether the book can fill orders; if not, why, as the end of the sentence "The order book is stale: ...". */
  get bookState(): { state: BookState; reason: string | null } {
    return { state: this.#state, reason: this.#reason };
  }

  get orderCount(): number {
    return this.#entries.size;
  }

  /** How an order stands; null when it does not rest here. */
  find(orderId: string): RestingView | null {
    const entry = this.#entries.get(orderId);
    if (entry === undefined) return null;
    const { order, remaining, ahead, aheadAtEntry, crossedSinceMs, stopsAtMs } = entry;
    return {
      order,
      remaining: microShares(remaining),
      queueAhead: ahead === null ? null : microShares(ahead),
      queueAheadAtEntry: aheadAtEntry === null ? null : microShares(aheadAtEntry),
      crossedSinceMs: crossedSinceMs === NOT_CROSSED || crossedSinceMs === USED_UP ? null : crossedSinceMs,
      stopsAtMs: stopsAtMs === NEVER ? null : stopsAtMs,
    };
  }

  /** All there is to know, as plain JSON; {@link RestingBook.restore} goes on from it. */
  state(): RestingBookState {
    return {
      version: 1,
      conditionId: this.conditionId,
      nowMs: this.#nowMs,
      book: {
        isKnown: this.#isKnown,
        state: this.#state,
        reason: this.#reason,
        closedBecause: this.#closedBecause,
        evidenceFromMs: this.#evidenceFromMs,
        sequence: this.#sequence,
        hash: this.#hash,
        venueTimeMs: this.#venueTimeMs,
        receivedAtMs: this.#receivedAtMs,
      },
      ladders: [levelStates(this.#ladders[0]), levelStates(this.#ladders[1])],
      orders: [...this.#entries.values()].map(orderState),
      nextNumber: this.#nextNumber,
      prints: this.#prints.entries(),
    };
  }

  /** Builds the book a state was taken of. The settings may be others: they hold from here on. */
  static restore(state: RestingBookState, settings: RestingSettings = DEFAULT_RESTING_SETTINGS): RestingBook {
    const book = new RestingBook(state.conditionId, settings);
    book.#nowMs = state.nowMs;
    book.#nextNumber = state.nextNumber;
    book.#prints = new PrintMemory(settings.printMemoryMs, state.prints);
    book.#isKnown = state.book.isKnown;
    book.#state = state.book.state;
    book.#reason = state.book.reason;
    book.#closedBecause = state.book.closedBecause;
    book.#evidenceFromMs = state.book.evidenceFromMs;
    book.#sequence = state.book.sequence;
    book.#hash = state.book.hash;
    book.#venueTimeMs = state.book.venueTimeMs;
    book.#receivedAtMs = state.book.receivedAtMs;
    for (const index of [0, 1] as const) {
      for (const level of state.ladders[index]) restoreLevel(book.#ladders[index], level);
    }
    for (const order of state.orders) book.#restoreOrder(order);
    if (book.#state === 'live') book.#watchQuotes();
    return book;
  }

  #take(event: RestingEvent): void {
    switch (event.kind) {
      case 'snapshot':
        return this.#takeSnapshot(event);
      case 'changes':
        return this.#takeChanges(event);
      case 'print':
        return this.#takePrint(event);
      case 'tick':
        return this.#lose(
          'recovering',
          `its tick size became ${formatMicro(event.tickSize)}, and no snapshot has come since`,
        );
      case 'gap':
        return this.#lose(event.state, event.reason);
      case 'place':
        return this.#place(event.order, this.#closedBecause);
      case 'replace':
        return this.#replace(event.orderId, event.order);
      case 'cancel':
        return this.#end(event.orderId, 'cancelled', event.reason, this.#nowMs);
      case 'taken':
        return this.#countTaken(event.portfolioId, event.levels);
      case 'consumed':
        return this.#countConsumed(event.portfolioId, event.levels);
      case 'close':
        return this.#close(event.reason);
      case 'clock':
        return;
      case 'pause':
        this.#quotes.clear();
        if (this.#state === 'live') this.#watchQuotes();
    }
  }

  /** Lets what falls due until a moment happen, in order of time; what stops an order goes before what would fill it. */
  #advance(toMs: number, isConfirmed: boolean): void {
    for (;;) {
      const quoteMs = isConfirmed ? this.#quotes.nextDueMs : NEVER;
      if (this.#nextStopMs > toMs && quoteMs > toMs) return;
      if (this.#nextStopMs <= quoteMs) this.#stop(this.#nextStopMs);
      else for (const entry of this.#quotes.takeDue(quoteMs)) this.#fillFromQuote(entry, quoteMs);
    }
  }

  #takeSnapshot(event: Extract<RestingEvent, { kind: 'snapshot' }>): void {
    this.#snapshotNumber += 1;
    for (const index of [0, 1] as const) {
      const ladder = this.#ladders[index];
      for (const { price, size } of index === 0 ? event.bids : event.asks) {
        const level = ladder.at(rungOf(index, price));
        level.snapshot = this.#snapshotNumber;
        this.#resize(index, level, size, event.venueTimeMs);
      }
      for (const rung of [...ladder.displayed]) {
        const level = ladder.at(rung);
        if (level.snapshot !== this.#snapshotNumber) this.#resize(index, level, 0n, event.venueTimeMs);
      }
    }
    this.#isKnown = this.#closedBecause === null;
    this.#hash = event.hash;
    this.#judge(event);
  }

  #takeChanges(event: Extract<RestingEvent, { kind: 'changes' }>): void {
    for (const { side, price, size } of event.changes) {
      const index: LadderIndex = side === 'bid' ? 0 : 1;
      const rung = rungOf(index, price);
      const level = size === 0n ? this.#ladders[index].find(rung) : this.#ladders[index].at(rung);
      if (level !== undefined) this.#resize(index, level, size, event.venueTimeMs);
    }
    this.#hash = null;
    this.#judge(event);
  }

  /** Sets a level's size. In a live book, what left was printed or cancelled (F5), and what came joined behind (F6). */
  #resize(index: LadderIndex, level: Level, size: bigint, venueTimeMs: number): void {
    const before = level.size;
    if (this.#state !== 'live') {
      level.printed = 0n;
      level.shrunk = 0n;
    } else if (size < before) {
      const explained = least(level.printed, before - size);
      // An update not newer than the print may show only a part of it.
      level.printed = venueTimeMs > level.printedAtMs ? 0n : level.printed - explained;
      if (level.entries.length > 0 || before - size > explained) shrink(level, size, explained, venueTimeMs);
    } else {
      if (venueTimeMs > level.printedAtMs) level.printed = 0n;
      if (size > before) this.#quotes.grow(otherOf(index), level.rung, this.#nowMs);
    }
    if (size !== before) this.#ladders[index].display(level, size);
  }

  /** Judges the book after a change of it (A2), and which orders its quotes cross. */
  #judge({ sequence, venueTimeMs }: { sequence: number | null; venueTimeMs: number }): void {
    this.#sequence = sequence;
    this.#venueTimeMs = venueTimeMs;
    this.#receivedAtMs = this.#nowMs;
    if (!this.#isKnown) return;
    const [yes, no] = this.#ladders;
    if (yes.best !== NO_RUNG && no.best !== NO_RUNG && yes.best + no.best >= MEETING_SUM) {
      return this.#suspend('recovering', CROSSED);
    }
    if (this.#state !== 'live') {
      this.#state = 'live';
      this.#reason = null;
      this.#evidenceFromMs = venueTimeMs;
      this.#recap();
    }
    this.#watchQuotes();
  }

  /** A5: nobody stands ahead that is not displayed. */
  #recap(): void {
    for (const entry of this.#entries.values()) {
      entry.cut = 0n;
      this.#queue(entry);
    }
  }

  #watchQuotes(): void {
    this.#quotes.watch(0, this.#nowMs);
    this.#quotes.watch(1, this.#nowMs);
  }

  /** The book cannot be believed until the next snapshot. */
  #lose(state: BookState, reason: string): void {
    if (this.#closedBecause !== null) return;
    this.#isKnown = false;
    this.#suspend(state, reason);
  }

  #suspend(state: BookState, reason: string): void {
    this.#state = state;
    this.#reason = reason;
    this.#quotes.clear();
  }

  #takePrint(print: Print): void {
    const key = printKey(this.conditionId, print);
    if (!this.#prints.admit(key, print.venueTimeMs)) return;
    if (this.#state !== 'live' || print.venueTimeMs <= this.#evidenceFromMs) return;
    const index: LadderIndex = print.aggressor === 'sell' ? 0 : 1;
    const ladder = this.#ladders[index];
    const rung = rungOf(index, print.price);
    const level = ladder.find(rung);
    const shown = level === undefined ? 0n : notePrint(level, print);
    this.#printNumber += 1;
    for (let position = ladder.rested.length - 1; position >= 0; position -= 1) {
      const rested = ladder.rested[position] ?? NO_RUNG;
      if (rested < rung) return;
      const { entries } = ladder.at(rested);
      let at = 0;
      for (let entry = entries[at]; entry !== undefined; entry = entries[at]) {
        this.#meet(entry, print, key, rested > rung, shown);
        // One that filled has left.
        if (entries[at] === entry) at += 1;
      }
    }
  }

  /**
   * F1 to F4 for one order. The budget is the print's size less what filled the portfolio's orders before this one.
   * @param shown how much of the print an earlier shrink of the level has shown
   */
  #meet(entry: Entry, print: Print, key: string, isThrough: boolean, shown: bigint): void {
    const { order, sharer } = entry;
    const queueAhead = entry.ahead;
    if (queueAhead === null || print.venueTimeMs <= order.restingSinceMs) return;
    const budget = sharer.printNumber === this.#printNumber ? sharer.budget : print.size;
    let left: bigint = budget;
    if (order.profile === 'ideal') {
      left = entry.remaining;
    } else if (isThrough) {
      entry.ahead = 0n;
    } else {
      const taken = least(least(entry.cut, shown), left);
      const absorbed = least(queueAhead, left - taken);
      entry.cut -= taken;
      entry.ahead = queueAhead - absorbed;
      left -= taken + absorbed;
    }
    const quantity = least(entry.remaining, left);
    if (quantity === 0n) return;
    sharer.printNumber = this.#printNumber;
    sharer.budget = budget - quantity;
    this.#fill(entry, quantity, {
      rule: isThrough ? 'F1' : 'F2',
      print,
      printKey: key,
      queueAhead,
      crossed: [],
      tradedAtMs: print.venueTimeMs,
      decidedAtMs: this.#nowMs,
    });
  }

  /** F7: a quote crossed the order long enough. Its portfolio uses what is displayed once. */
  #fillFromQuote(entry: Entry, dueMs: number): void {
    const { order } = entry;
    const index = otherOf(entry.ladder);
    const ladder = this.#ladders[index];
    const crossed: CrossedLevel[] = [];
    let left = entry.remaining;
    for (let position = ladder.displayed.length - 1; position >= 0 && left > 0n; position -= 1) {
      const rung = ladder.displayed[position] ?? NO_RUNG;
      if (rung + entry.rung < MEETING_SUM) break;
      const level = ladder.at(rung);
      const quantity = order.profile === 'ideal' ? left : least(unused(level, order.portfolioId), left);
      if (quantity === 0n) continue;
      left -= quantity;
      if (order.profile === 'ideal') continue;
      use(level, order.portfolioId, quantity);
      crossed.push({
        side: index === 0 ? 'bid' : 'ask',
        price: priceAt(index, rung),
        quantity: microShares(quantity),
        displayed: microShares(level.size),
      });
    }
    if (left === entry.remaining) return;
    this.#fill(entry, entry.remaining - left, {
      rule: 'F7',
      print: null,
      printKey: null,
      queueAhead: entry.ahead ?? 0n,
      crossed,
      tradedAtMs: dueMs,
      decidedAtMs: dueMs,
    });
  }

  #countTaken(portfolioId: string, levels: readonly TakenLevel[]): void {
    for (const { side, price, quantity } of levels) {
      const index: LadderIndex = side === 'bid' ? 0 : 1;
      const level = this.#ladders[index].find(rungOf(index, price));
      if (level !== undefined) use(level, portfolioId, quantity);
    }
  }

  #countConsumed(portfolioId: string, levels: readonly Omit<ConsumedLevel, 'at'>[]): void {
    for (const { side, price, taken, displayed } of levels) {
      const index: LadderIndex = side === 'bid' ? 0 : 1;
      const level = this.#ladders[index].find(rungOf(index, price));
      if (level === undefined) continue;
      const left = taken - (displayed > level.size ? displayed - level.size : 0n);
      const missing = left - (level.used?.get(portfolioId) ?? 0n);
      if (missing > 0n) use(level, portfolioId, missing);
    }
  }

  #check({ orderId, outcomeIndex, price, quantity, filledQuantity }: RestingOrder): void {
    if (outcomeIndex !== 0 && outcomeIndex !== 1) {
      throw new RangeError(`order ${orderId}: outcome index ${outcomeIndex} is neither 0 nor 1`);
    }
    if (price <= 0n || price >= MICRO) throw new RangeError(`order ${orderId}: price ${price} is not between 0 and 1`);
    if (filledQuantity < 0n || filledQuantity >= quantity) {
      throw new RangeError(`order ${orderId}: ${filledQuantity} of ${quantity} filled leaves nothing to rest`);
    }
    if (this.#entries.has(orderId)) throw new Error(`order ${orderId} rests already`);
  }

  /** @param refusal why the order cannot rest after all; null when it can */
  #place(order: RestingOrder, refusal: string | null): void {
    if (refusal !== null) {
      const remaining = order.quantity - order.filledQuantity;
      return this.#tellEnd(order, 'cancelled', refusal, remaining, this.#nowMs);
    }
    const entry = this.#admit(order, this.#nextNumber);
    this.#nextNumber += 1;
    if (this.#state !== 'live') return;
    this.#queue(entry);
    this.#quotes.add(entry, this.#nowMs);
  }

  /** F9. An order that filled or ended meanwhile is not replaced: its owner did not mean to trade twice. */
  #replace(orderId: string, order: RestingOrder): void {
    const isThere = this.#entries.has(orderId);
    this.#end(orderId, 'cancelled', `replaced by order ${order.orderId}`, this.#nowMs);
    this.#place(order, isThere ? this.#closedBecause : `order ${orderId}, which it was to replace, is not in the book`);
  }

  #admit(order: RestingOrder, number: number): Entry {
    let sharer = this.#sharers.get(order.portfolioId);
    if (sharer === undefined) {
      sharer = { id: order.portfolioId, orders: 0, printNumber: 0, budget: 0n };
      this.#sharers.set(sharer.id, sharer);
    }
    sharer.orders += 1;
    const entry: Entry = {
      order,
      sharer,
      ...placeOf(order),
      number,
      stopsAtMs: order.expiresAtMs === null ? NEVER : order.expiresAtMs - this.#settings.gtdStopsBeforeMs,
      remaining: order.quantity - order.filledQuantity,
      ahead: order.queueAhead,
      aheadAtEntry: order.queueAheadAtEntry ?? order.queueAhead,
      arrivalMidpoint: order.arrivalMidpoint,
      cut: 0n,
      crossedSinceMs: NOT_CROSSED,
    };
    this.#entries.set(order.orderId, entry);
    this.#ladders[entry.ladder].add(entry);
    this.#nextStopMs = Math.min(this.#nextStopMs, entry.stopsAtMs);
    return entry;
  }

  #restoreOrder(state: RestingOrderState): void {
    const entry = this.#admit(restingOrder(state), state.number);
    entry.cut = BigInt(state.cut);
    if (state.crossedSinceMs === null) return;
    this.#quotes.restore(entry, state.crossedSinceMs === 'used_up' ? USED_UP : state.crossedSinceMs);
  }

  /** Puts an order behind all that is displayed at its price (E5), or caps what it stands behind by it (A5). */
  #queue(entry: Entry): void {
    const { order } = entry;
    const displayed = this.#ladders[entry.ladder].at(entry.rung).size;
    if (entry.ahead !== null) {
      entry.ahead = least(entry.ahead, displayed);
      return;
    }
    entry.ahead = order.profile === 'ideal' ? 0n : displayed;
    entry.aheadAtEntry ??= entry.ahead;
    entry.arrivalMidpoint ??= this.#midpoint(order.outcomeIndex);
    this.#outcomes.push({
      kind: 'queued',
      orderId: order.orderId,
      portfolioId: order.portfolioId,
      queueAhead: microShares(entry.ahead),
      arrivalMidpoint: entry.arrivalMidpoint,
      atMs: this.#nowMs,
    });
  }

  #drop(entry: Entry): void {
    this.#entries.delete(entry.order.orderId);
    this.#ladders[entry.ladder].remove(entry);
    this.#quotes.remove(entry);
    entry.sharer.orders -= 1;
    if (entry.sharer.orders === 0) this.#sharers.delete(entry.sharer.id);
  }

  /** An order that is gone already (it filled, or was cancelled twice) stays so. */
  #end(orderId: string, status: OrderEnded['status'], reason: string, atMs: number): void {
    const entry = this.#entries.get(orderId);
    if (entry === undefined) return;
    this.#drop(entry);
    this.#tellEnd(entry.order, status, reason, entry.remaining, atMs);
  }

  #tellEnd(order: RestingOrder, status: OrderEnded['status'], reason: string, remaining: bigint, atMs: number): void {
    const { orderId, portfolioId } = order;
    this.#outcomes.push({
      kind: 'ended',
      orderId,
      portfolioId,
      status,
      reason,
      remaining: microShares(remaining),
      atMs,
    });
  }

  #close(reason: string): void {
    this.#lose('halted', reason);
    this.#closedBecause ??= reason;
    for (const orderId of [...this.#entries.keys()]) this.#end(orderId, 'cancelled', reason, this.#nowMs);
  }

  #stop(dueMs: number): void {
    const due = [...this.#entries.values()].filter(({ stopsAtMs }) => stopsAtMs <= dueMs);
    due.sort((a, b) => a.stopsAtMs - b.stopsAtMs || a.number - b.number);
    for (const { order, stopsAtMs } of due) {
      const expiry = new Date(order.expiresAtMs ?? stopsAtMs).toISOString();
      const lead = this.#settings.gtdStopsBeforeMs / 1_000;
      this.#end(order.orderId, 'expired', `good until ${expiry}, it stopped resting ${lead} s before`, stopsAtMs);
    }
    this.#nextStopMs = NEVER;
    for (const { stopsAtMs } of this.#entries.values()) this.#nextStopMs = Math.min(this.#nextStopMs, stopsAtMs);
  }

  #fill(entry: Entry, quantity: bigint, evidence: FillEvidence): void {
    const { order } = entry;
    entry.remaining -= quantity;
    this.#outcomes.push({
      kind: 'fill',
      orderId: order.orderId,
      portfolioId: order.portfolioId,
      outcomeIndex: order.outcomeIndex,
      side: order.side,
      price: order.price,
      quantity: microShares(quantity),
      remaining: microShares(entry.remaining),
      rule: evidence.rule,
      grade: evidence.rule === 'F1' ? 'B' : 'C',
      profile: order.profile,
      printKey: evidence.printKey,
      printSize: evidence.print?.size ?? null,
      queueAheadAtEntry: microShares(entry.aheadAtEntry ?? evidence.queueAhead),
      queueAheadAtFill: microShares(evidence.queueAhead),
      crossed: evidence.crossed,
      arrivalMidpoint: entry.arrivalMidpoint,
      midpointAtFill: this.#midpoint(order.outcomeIndex),
      bookSequence: this.#sequence,
      bookHash: this.#hash,
      bookVenueTimeMs: this.#venueTimeMs,
      bookReceivedAtMs: this.#receivedAtMs,
      tradedAtMs: evidence.tradedAtMs,
      decidedAtMs: evidence.decidedAtMs,
    });
    if (entry.remaining === 0n) this.#drop(entry);
  }

  /** Half-way between an outcome's best bid and ask, rounded down; null when a side is empty. */
  #midpoint(outcomeIndex: number): MicroPrice | null {
    const index: LadderIndex = outcomeIndex === 0 ? 0 : 1;
    const bid = this.#ladders[index].best;
    const opposite = this.#ladders[otherOf(index)].best;
    if (bid === NO_RUNG || opposite === NO_RUNG) return null;
    return microPrice(BigInt(Math.floor((bid + MEETING_SUM - opposite) / 2)));
  }
}

function least(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}

/** A canonical price as a rung of the half it belongs to, and back. */
function rungOf(index: LadderIndex, price: MicroPrice): number {
  return index === 0 ? Number(price) : MEETING_SUM - Number(price);
}

function priceAt(index: LadderIndex, rung: number): MicroPrice {
  return microPrice(BigInt(index === 0 ? rung : MEETING_SUM - rung));
}

/** F5: prints explain a part of what leaves a level; the rest was cancelled, in front of each order and behind it. */
function shrink(level: Level, size: bigint, explained: bigint, venueTimeMs: number): void {
  const standing = level.size - explained;
  const cancelled = standing - size;
  const isSameUpdate = venueTimeMs === level.shrunkAtMs;
  for (const entry of level.entries) {
    const before = entry.ahead ?? 0n;
    let ahead = before;
    if (cancelled > 0n && entry.order.profile === 'realistic') {
      ahead -= cancelledAhead(cancelled, ahead, standing > ahead ? standing - ahead : 0n);
    }
    entry.ahead = least(ahead, size);
    if (cancelled > 0n) entry.cut = (isSameUpdate ? entry.cut : 0n) + least(before - entry.ahead, cancelled);
  }
  if (cancelled === 0n) return;
  level.shrunk = isSameUpdate ? level.shrunk + cancelled : cancelled;
  level.shrunkAtMs = venueTimeMs;
}

/** Counts a print at its level, and tells how much of it a shrink has shown already: the venue's times say which came first. */
function notePrint(level: Level, { size, venueTimeMs }: Print): bigint {
  const shown = venueTimeMs <= level.shrunkAtMs ? least(size, level.shrunk) : 0n;
  level.shrunk -= shown;
  level.printed += size - shown;
  level.printedAtMs = Math.max(level.printedAtMs, venueTimeMs);
  return shown;
}
