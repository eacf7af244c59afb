import { effect, type ReadonlySignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { simulated } from '../api/client';
import { session } from '../api/session';
import type { LiveBook } from './live-book';
import { LiveConnection } from './live-connection';
import { type LivePrice, LiveStore } from './live-store';
import type { ServerMessage, ServerMessageOf } from './messages';

export type { LivePrice };
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
  after,
  random: Math.random,
});

const store = new LiveStore({
  after,
  isWatched: (marketId, channel) => live.isWatched(marketId, channel),
  askAnew: (marketId) => live.refresh(marketId),
});

effect(() => live.use(session.value?.token ?? null));
effect(() => store.connection(live.state.value));
live.listen((message) => {
  if (message.type === 'connected' && message.market_data === 'simulated') simulated.value = true;
  store.hear(message);
});
window.addEventListener('online', () => live.hurry());
document.addEventListener('visibilitychange', () => {
  if (document.visibilityState === 'visible') live.hurry();
});

/** The book of an outcome as it is now, by token id; null until it was told. */
export function bookSignal(tokenId: string): ReadonlySignal<LiveBook | null> {
  return store.book(tokenId);
}

/** The price of an outcome of a market as it is now; null until it was told. */
export function priceSignal(marketId: string, outcomeIndex: number): ReadonlySignal<LivePrice | null> {
  return store.price(marketId, outcomeIndex);
}

/** Why a market is not told of live; undefined while nothing is in the way. */
export function refusalOf(marketId: string): string | undefined {
  return live.refusals.value.get(marketId);
}

/** Follows the book of a market's outcomes while the component is there; nothing while `isOpen` is false. */
export function useLiveBooks(marketId: string, isOpen = true): void {
  useEffect(() => (isOpen ? live.watchMarket(marketId, 'book') : undefined), [marketId, isOpen]);
}

/** Follows the prices of markets while the component is there. */
export function useLivePrices(marketIds: readonly string[]): void {
  const key = marketIds.join(' ');
  useEffect(() => {
    const ends = key === '' ? [] : key.split(' ').map((marketId) => live.watchMarket(marketId, 'price'));
    return () => ends.forEach((end) => end());
  }, [key]);
}

/**
 * Hears every public trade of a market while the component is there, in the prices of each outcome: the same trade once for each.
 * `missed` is called when some were not told: how many, null when nobody knows.
 */
export function useLiveTrades(
  marketId: string,
  hear: (trade: LiveTrade) => void,
  missed: (count: number | null) => void,
): void {
  useEffect(() => {
    const end = live.watchMarket(marketId, 'trades');
    const deafen = live.listen((message) => {
      if (message.type === 'trade' && message.market_id === marketId) hear(message);
      else if (message.type === 'resync' && message.market_id === marketId && message.outcome_index === 0) {
        if (message.trades_missed > 0) missed(message.trades_missed);
      } else if (message.type === 'subscribed' && message.channels.includes('trades')) {
        if (message.market_ids.includes(marketId)) missed(null);
      }
    });
    return () => {
      deafen();
      end();
    };
  }, [marketId, hear, missed]);
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

function after(ms: number, action: () => void): () => void {
  const timer = setTimeout(action, ms);
  return () => clearTimeout(timer);
}
