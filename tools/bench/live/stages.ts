import { decodeMarketMessage, encodeMarketMessage } from '@app/contracts';
import { BookTracker, DEFAULT_EXCHANGE_SETTINGS } from '@app/exchange';
import { type MarketChannelMessage, readMarketFrame } from '@app/polymarket';
import { bookFeedOf } from '../../../apps/live-worker/src/following/stream-feed';
import type { MovingLevel } from './moving-level';

/** How many deltas a second each stage does alone, in one process without sockets. */
export interface StageRates {
  decode: number;
  decodeAndBook: number;
  encodeAndDecode: number;
}

/** @param books the first frames of both tokens' books */
export function measureStages(level: MovingLevel, books: string, count: number): StageRates {
  const frames = Array.from({ length: count }, (_, index) => level.frame(1 + index));
  const { market } = level;
  const messages = (): MarketChannelMessage[] => frames.flatMap(messagesOf);
  messages();
  const decode = rate(count, messages);

  const tracker = new BookTracker(market, DEFAULT_EXCHANGE_SETTINGS);
  const hear = (message: MarketChannelMessage, atMs: number) => {
    const feed = bookFeedOf(message, market.tokenIds, atMs);
    return feed === null ? [] : tracker.apply(feed);
  };
  tracker.apply({ kind: 'connected', atMs: 0 });
  for (const message of messagesOf(books)) {
    hear(message, 0);
    if (message.type === 'book') {
      const outcomeIndex = market.tokenIds.indexOf(message.book.tokenId);
      tracker.apply({ kind: 'reconciled', outcomeIndex, book: message.book, atMs: 0 });
    }
  }
  const encoded: string[] = [];
  const decodeAndBook = rate(count, () => {
    for (const frame of frames) {
      for (const message of messagesOf(frame)) {
        for (const event of hear(message, 1)) {
          if (event.kind !== 'changes') throw new Error(`the book answered a change with ${event.kind}`);
          const { sequence, venueTimeMs, atMs, changes } = event;
          encoded.push(
            encodeMarketMessage({
              kind: 'changes',
              epoch: 'bench',
              sequence: sequence ?? 0,
              venueTimeMs,
              atMs,
              changes,
            }),
          );
        }
      }
    }
  });
  if (encoded.length !== count) throw new Error(`of ${count} changes ${encoded.length} came out of the book`);
  const encodeAndDecode = rate(count, () => {
    for (const text of encoded) if (decodeMarketMessage(text) === null) throw new Error(`unreadable: ${text}`);
  });
  return { decode, decodeAndBook, encodeAndDecode };
}

function messagesOf(frame: string): MarketChannelMessage[] {
  const read = readMarketFrame(frame);
  if (read.kind !== 'messages') throw new Error(`found ${read.kind}, expected messages`);
  return read.parts.map((part) => {
    if (part.kind === 'message') return part.message;
    throw new Error(part.kind === 'unreadable' ? part.reason : 'a message of no known kind');
  });
}

function rate(count: number, work: () => void): number {
  const startedAt = performance.now();
  work();
  return (count * 1_000) / (performance.now() - startedAt);
}
