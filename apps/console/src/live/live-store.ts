import { batch, type ReadonlySignal } from '@preact/signals';
import { type BookState, bookInState, bookOf, changedBook, type LiveBook } from './live-book';
import type { ConnectionState } from './live-connection';
import type { LiveChannel, ServerMessage, ServerMessageOf } from './messages';
import { SignalMap } from './signal-map';

/** A price for display, and whether the book it is of can be believed. */
export type LivePrice = ServerMessageOf<'price'> & {
  state: BookState;
  /** Why it is not live; null when it is. */
  reason: string | null;
};

export interface LiveStoreSurroundings {
  after(ms: number, action: () => void): () => void;
  /** Whether somebody still watches a channel of a market. */
  isWatched: (marketId: string, channel: LiveChannel) => boolean;
  /** A change of a market's book was missed: it is asked for anew. */
  askAnew: (marketId: string) => void;
}

interface Standing {
  state: BookState;
  reason: string | null;
}

interface ToldStanding extends Standing {
  marketId: string;
}

/** Books change more often than anybody can see. */
const PUBLISH_EVERY_MS = 100;
const LIVE: Standing = { state: 'live', reason: null };
const DISCONNECTED: Standing = { state: 'stale', reason: 'the connection to the server is lost' };
const HOLE: Standing = { state: 'recovering', reason: 'a change was missed; the book is asked for anew' };

/**
 * The books and prices the server told of, as they stand. What can be believed says so: a book after a missed change, or while there
 * is no connection, stays to be seen but is not live.
 */
export class LiveStore {
  private readonly books = new SignalMap<LiveBook>(() => this.soon());
  private readonly prices = new SignalMap<LivePrice>(() => this.soon());
  /** How good the book of an outcome is, of which only the price may be told. */
  private readonly standings = new Map<string, ToldStanding>();
  /** Token ids of books that have every change up to their sequence. */
  private readonly whole = new Set<string>();
  private publishing = false;

  constructor(private readonly surroundings: LiveStoreSurroundings) {}

  /** The book of an outcome, by token id; null until it was told. */
  book(tokenId: string): ReadonlySignal<LiveBook | null> {
    return this.books.signalOf(tokenId);
  }

  /** The price of an outcome; null until it was told. */
  price(marketId: string, outcomeIndex: number): ReadonlySignal<LivePrice | null> {
    return this.prices.signalOf(outcomeKey(marketId, outcomeIndex));
  }

  /** Takes in how the connection stands: without it nothing is live, and with nobody signed in nothing is kept. */
  connection(state: ConnectionState): void {
    if (state === 'live') return;
    this.whole.clear();
    this.standings.clear();
    if (state === 'off') return this.forget(() => true);
    for (const [tokenId, book] of this.books.entries()) this.books.set(tokenId, { ...book, ...DISCONNECTED });
    for (const [key, price] of this.prices.entries()) this.prices.set(key, { ...price, ...DISCONNECTED });
  }

  hear(message: ServerMessage): void {
    switch (message.type) {
      case 'connected':
        return this.forget((marketId, channel) => !this.surroundings.isWatched(marketId, channel));
      case 'unsubscribed':
        return this.forget(
          (marketId, channel) => message.channels.includes(channel) && message.market_ids.includes(marketId),
        );
      case 'orderbook':
        this.whole.add(message.token_id);
        this.books.set(message.token_id, bookOf(message));
        return this.stand(message);
      case 'book_delta':
        return this.change(message);
      case 'book_state':
        return this.bookState(message);
      case 'price': {
        const key = outcomeKey(message.market_id, message.outcome_index);
        const { state, reason } = this.standings.get(key) ?? LIVE;
        return this.prices.set(key, { ...message, state, reason });
      }
      case 'resync':
        if (message.token_id !== undefined)
          this.lose(message.token_id, { state: 'recovering', reason: message.message });
        return;
      default:
        return;
    }
  }

  private change(message: ServerMessageOf<'book_delta'>): void {
    const book = this.books.get(message.token_id);
    // What follows a missed change says nothing: the whole book is on its way.
    if (book === null || !this.whole.has(message.token_id)) return;
    const changed = changedBook(book, message);
    if (changed !== null) return this.books.set(message.token_id, changed);
    this.lose(message.token_id, HOLE);
    this.surroundings.askAnew(message.market_id);
  }

  private lose(tokenId: string, standing: Standing): void {
    this.whole.delete(tokenId);
    const book = this.books.get(tokenId);
    if (book !== null) this.books.set(tokenId, { ...book, ...standing });
  }

  private bookState(message: ServerMessageOf<'book_state'>): void {
    const book = this.books.get(message.token_id);
    if (book !== null) this.books.set(message.token_id, bookInState(book, message));
    this.stand(message);
  }

  /** Notes how good the book of an outcome is, for the price that is of it. */
  private stand(told: { market_id: string; outcome_index: number } & Standing): void {
    const key = outcomeKey(told.market_id, told.outcome_index);
    const standing = { state: told.state, reason: told.reason };
    this.standings.set(key, { ...standing, marketId: told.market_id });
    const price = this.prices.get(key);
    if (price !== null) this.prices.set(key, { ...price, ...standing });
  }

  private forget(isPast: (marketId: string, channel: LiveChannel) => boolean): void {
    for (const [tokenId, { marketId }] of this.books.entries()) {
      if (!isPast(marketId, 'book')) continue;
      this.books.set(tokenId, null);
      this.whole.delete(tokenId);
    }
    for (const [key, { market_id }] of this.prices.entries()) {
      if (!isPast(market_id, 'price')) continue;
      this.prices.set(key, null);
    }
    const { isWatched } = this.surroundings;
    for (const [key, { marketId }] of this.standings) {
      if (!isWatched(marketId, 'book') && !isWatched(marketId, 'price')) this.standings.delete(key);
    }
  }

  private soon(): void {
    if (this.publishing) return;
    this.publishing = true;
    this.surroundings.after(PUBLISH_EVERY_MS, () => {
      this.publishing = false;
      batch(() => {
        this.books.publish();
        this.prices.publish();
      });
    });
  }
}

function outcomeKey(marketId: string, outcomeIndex: number): string {
  return `${marketId} ${outcomeIndex}`;
}
