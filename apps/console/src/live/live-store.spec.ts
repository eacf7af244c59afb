import { effect } from '@preact/signals';
import { LiveStore } from './live-store';
import type { LiveChannel, ServerMessage } from './messages';

const YES = '71321045679252212594';
const WHO = { market_id: 'rain', outcome: 'Yes', outcome_index: 0, token_id: YES };
const AT = '2026-02-07T09:30:00.000Z';
const LOST = { state: 'stale', reason: 'the connection to the server is lost' };

const book = (sequence: number, size: number): ServerMessage => ({
  type: 'orderbook',
  ...WHO,
  sequence,
  state: 'live',
  reason: null,
  source: 'stream',
  timestamp: AT,
  tick_size: 0.01,
  min_order_size: 5,
  data: { bids: [{ price: 0.45, size }], asks: [] },
});
const delta = (sequence: number, size: number): ServerMessage => ({
  type: 'book_delta',
  ...WHO,
  sequence,
  timestamp: AT,
  changes: [{ side: 'bid', price: 0.45, size }],
});
const price = (value: number): ServerMessage => ({
  type: 'price',
  ...WHO,
  price: value,
  best_bid: null,
  best_ask: null,
  timestamp: AT,
});
const unsubscribed = (channel: LiveChannel): ServerMessage => ({
  type: 'unsubscribed',
  market_ids: ['rain'],
  channels: [channel],
  portfolio_ids: [],
});
const CONNECTED: ServerMessage = { type: 'connected', user_id: 'u', token_expires_at: AT };

class World {
  readonly watched = new Set<string>(['rain book', 'rain price']);
  readonly anew: string[] = [];
  private readonly due: (() => void)[] = [];
  readonly store = new LiveStore({
    after: (_ms, action) => {
      this.due.push(action);
      return () => undefined;
    },
    isWatched: (marketId, channel) => this.watched.has(`${marketId} ${channel}`),
    askAnew: (marketId) => this.anew.push(marketId),
  });

  hear(...messages: ServerMessage[]): void {
    messages.forEach((message) => this.store.hear(message));
    this.publish();
  }

  /** Lets what is due happen. */
  publish(): number {
    const due = this.due.splice(0);
    due.forEach((action) => action());
    return due.length;
  }

  get book(): unknown {
    return this.store.book(YES).value;
  }

  get price(): unknown {
    return this.store.price('rain', 0).value;
  }
}

describe('live books', () => {
  it('are shown after each round of changes, not after each change', () => {
    const world = new World();
    const seen: (number | undefined)[] = [];
    const end = effect(() => void seen.push(world.store.book(YES).value?.sequence));
    for (const message of [book(7, 10), delta(8, 9), delta(9, 8)]) world.store.hear(message);
    expect(seen).toEqual([undefined]);
    expect(world.publish()).toBe(1);
    expect(seen).toEqual([undefined, 9]);
    end();
    expect(world.book).toMatchObject({ sequence: 9, bids: [{ price: 0.45, size: 8 }] });
  });

  it('are asked for anew after a missed change, seen but not live until then', () => {
    const world = new World();
    world.hear(book(7, 10), delta(9, 8), delta(10, 7));
    expect(world.book).toMatchObject({ sequence: 7, state: 'recovering', bids: [{ size: 10 }] });
    expect(world.anew).toEqual(['rain']);
    world.hear(book(10, 7), delta(11, 6));
    expect(world.book).toMatchObject({ sequence: 11, state: 'live', reason: null, bids: [{ size: 6 }] });
  });

  it('wait for the whole book after a resync', () => {
    const world = new World();
    world.hear(book(7, 10), {
      type: 'resync',
      ...WHO,
      reason: 'restart',
      trades_missed: 0,
      message: 'The numbers begin anew.',
    });
    expect(world.book).toMatchObject({ state: 'recovering', reason: 'The numbers begin anew.' });
    world.hear(delta(8, 1));
    expect(world.book).toMatchObject({ bids: [{ size: 10 }] });
    world.hear(book(1, 3));
    expect(world.book).toMatchObject({ sequence: 1, state: 'live', bids: [{ size: 3 }] });
    expect(world.anew).toEqual([]);
  });

  it('are not live while the connection is lost, nor by changes after it, until they are told anew', () => {
    const world = new World();
    world.hear(book(7, 10), price(0.4));
    world.store.connection('lost');
    world.publish();
    expect(world.book).toMatchObject({ ...LOST, bids: [{ size: 10 }] });
    expect(world.price).toMatchObject({ ...LOST, price: 0.4 });
    world.store.connection('live');
    world.hear(CONNECTED, delta(8, 1));
    expect(world.book).toMatchObject({ ...LOST, sequence: 7 });
    world.hear(book(12, 4), price(0.5));
    expect(world.book).toMatchObject({ state: 'live', reason: null, sequence: 12 });
    expect(world.price).toMatchObject({ state: 'live', reason: null, price: 0.5 });
  });

  it('and prices are kept while they are told of, and no longer', () => {
    const world = new World();
    world.hear(book(7, 10), price(0.4), unsubscribed('trades'));
    expect([world.book, world.price]).not.toContain(null);
    world.hear(unsubscribed('book'));
    expect(world.book).toBeNull();
    expect(world.price).not.toBeNull();
    world.hear(unsubscribed('price'));
    expect(world.price).toBeNull();

    world.hear(book(7, 10), price(0.4));
    world.watched.delete('rain price');
    world.hear(CONNECTED);
    expect(world.price).toBeNull();
    expect(world.book).not.toBeNull();
    world.store.connection('off');
    world.publish();
    expect(world.book).toBeNull();
  });
});

describe('live prices', () => {
  it.each([
    ['before', true],
    ['after', false],
  ])('say how good the book they are of is, told %s them', (_when, isBefore) => {
    const world = new World();
    const state: ServerMessage = { type: 'book_state', ...WHO, state: 'stale', reason: 'nothing came', timestamp: AT };
    world.hear(...(isBefore ? [state, price(0.4)] : [price(0.4), state]));
    expect(world.price).toMatchObject({ price: 0.4, state: 'stale', reason: 'nothing came' });
    world.hear(book(7, 10));
    expect(world.price).toMatchObject({ price: 0.4, state: 'live', reason: null });
  });
});
