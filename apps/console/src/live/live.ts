import { effect, type ReadonlySignal, signal, type Signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { simulated } from '../api/client';
import { session } from '../api/session';
import { bookInState, bookOf, changedBook, type LiveBook } from './live-book';
import { LiveConnection } from './live-connection';
import type { ServerMessage, ServerMessageOf } from './messages';

export type LivePrice = ServerMessageOf<'price'>;
export type LiveTrade = ServerMessageOf<'trade'>;
/** What is told of portfolios. */
export type PortfolioMessage = Extract<ServerMessage, { portfolio_id: string; version: number }>;

/** The connection of this tab to `/ws/live`. */
export const live = new LiveConnection({
  open: (token, heard) => {
    const scheme = window.location.protocol === 'https:' ? 'wss' : 'ws';
    const socket = new WebSocket(`${scheme}://${window.location.host}/ws/live?token=${encodeURIComponent(token)}`);
    socket.onmessage = ({ data }) => heard.message(data);
    socket.onclose = ({ code, reason }) => heard.closed(code, reason);
    return {
      send: (text) => socket.send(text),
      leave: () => {
        socket.onmessage = null;
        socket.onclose = null;
        socket.close();
      },
    };
  },
  after: (ms, action) => {
    const timer = setTimeout(action, ms);
    return () => clearTimeout(timer);
  },
  random: Math.random,
});

const books = new Map<string, Signal<LiveBook | null>>();
const prices = new Map<string, Signal<LivePrice | null>>();

effect(() => live.use(session.value?.token ?? null));
live.listen(keep);

/** The book of an outcome as it is now, by token id; null until it was told. */
export function bookSignal(tokenId: string): ReadonlySignal<LiveBook | null> {
  return kept(books, tokenId);
}

/** The price of an outcome of a market as it is now; null until it was told. */
export function priceSignal(marketId: string, outcomeIndex: number): ReadonlySignal<LivePrice | null> {
  return kept(prices, priceKey(marketId, outcomeIndex));
}

/** Follows the book of a market's outcomes while the component is there. */
export function useLiveBooks(marketId: string): void {
  useEffect(() => live.watchMarket(marketId, 'book'), [marketId]);
}

/** Follows the prices of markets while the component is there. */
export function useLivePrices(marketIds: readonly string[]): void {
  const key = marketIds.join(' ');
  useEffect(() => {
    const ends = key === '' ? [] : key.split(' ').map((marketId) => live.watchMarket(marketId, 'price'));
    return () => ends.forEach((end) => end());
  }, [key]);
}

/** Hears every public trade of a market while the component is there. */
export function useLiveTrades(marketId: string, hear: (trade: LiveTrade) => void): void {
  useEffect(() => {
    const end = live.watchMarket(marketId, 'trades');
    const deafen = live.listen((message) => {
      if (message.type === 'trade' && message.market_id === marketId) hear(message);
    });
    return () => {
      deafen();
      end();
    };
  }, [marketId, hear]);
}

/**
 * Hears what happens to a portfolio while the component is there. `missed` is called when something may have been: after the
 * connection was lost, and when the server says so; REST has everything.
 */
export function useLivePortfolio(
  portfolioId: string,
  hear: (message: PortfolioMessage) => void,
  missed: () => void,
): void {
  useEffect(() => {
    const end = live.watchPortfolio(portfolioId);
    const deafen = live.listen((message) => {
      if (message.type === 'resync' && message.portfolio_id === portfolioId) missed();
      else if (message.type === 'subscribed' && message.portfolio_ids.includes(portfolioId)) missed();
      else if ('version' in message && message.portfolio_id === portfolioId) hear(message);
    });
    return () => {
      deafen();
      end();
    };
  }, [portfolioId, hear, missed]);
}

function keep(message: ServerMessage): void {
  switch (message.type) {
    case 'connected':
      if (message.market_data === 'simulated') simulated.value = true;
      break;
    case 'orderbook':
      kept(books, message.token_id).value = bookOf(message);
      break;
    case 'book_delta':
      change(message);
      break;
    case 'book_state': {
      const book = kept(books, message.token_id);
      if (book.value !== null) book.value = bookInState(book.value, message);
      break;
    }
    case 'price':
      kept(prices, priceKey(message.market_id, message.outcome_index)).value = message;
      break;
    case 'resync':
      if (message.token_id !== undefined) kept(books, message.token_id).value = null;
      break;
    default:
      break;
  }
}

function change(message: ServerMessageOf<'book_delta'>): void {
  const book = kept(books, message.token_id);
  if (book.value === null) return;
  book.value = changedBook(book.value, message);
  if (book.value === null) live.refresh(message.market_id);
}

function priceKey(marketId: string, outcomeIndex: number): string {
  return `${marketId} ${outcomeIndex}`;
}

function kept<T>(signals: Map<string, Signal<T | null>>, key: string): Signal<T | null> {
  const found = signals.get(key) ?? signal<T | null>(null);
  signals.set(key, found);
  return found;
}
