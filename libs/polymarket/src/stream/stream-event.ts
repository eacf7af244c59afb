import { Clock } from '@app/platform';
import { MarketChannelMessage } from './market-channel';
import { MarketFrame, UnreadablePart } from './market-frame';

/** Names nothing of what was found: the reason is shown to users. */
const UNREADABLE = 'its stream sent what could not be read';

/**
 * What is heard on the market socket, and when. `tokenIds` are those the event is about; `reason` is the end of a sentence such as "The order book is stale: ...".
 * `unreadable` comes where a book or a trade of these tokens may have been lost.
 */
export type StreamEvent = { atMs: number } &
  /** Subscribed to, on a new connection or anew: a whole book of each follows. */
  (
    | { kind: 'connected'; tokenIds: readonly string[] }
    | { kind: 'disconnected'; tokenIds: readonly string[]; reason: string }
    /** The venue answered a ping on the connection of these tokens. */
    | { kind: 'ponged'; tokenIds: readonly string[] }
    | { kind: 'message'; message: MarketChannelMessage }
    | { kind: 'unreadable'; reason: string; tokenIds: readonly string[] }
  );

/** Told of everything that arrives, before anybody else, so that it can be played again. Connections are numbered from 1. */
export interface StreamRecorder {
  frame(connection: number, frame: string, atMs: number): void;
  connected(connection: number, tokenIds: readonly string[], atMs: number): void;
  /** `null` for all tokens of the connection. */
  disconnected(connection: number, tokenIds: readonly string[] | null, reason: string, atMs: number): void;
}

export interface MarketStreamOptions {
  /** Address of the market channel. */
  url: string;
  clock: Clock;
  /** Draws from [0, 1): processes that lost the venue together do not return together. */
  random: () => number;
  /** Most tokens of one connection; 200 unless told. */
  assetsPerConnection?: number;
  /** Time between pings, ms; 10,000 unless told. A connection that answers none for two of them is given up. */
  pingIntervalMs?: number;
  /** First and largest upper bound of the random wait before connecting again, ms; 500 and 30,000 unless told. */
  backoff?: { baseMs: number; capMs: number };
  /** Longest a connection may take to open, ms; 10,000 unless told. */
  openTimeoutMs?: number;
  /** Longest frame; a connection that sends a longer one is given up. 16 MiB unless told. */
  maxFrameBytes?: number;
  recorder?: StreamRecorder | null;
}

/** What was counted since the start. */
export interface StreamCounts {
  frames: number;
  messages: number;
  /** Messages of a kind that is not known. */
  unknownKinds: number;
  /** Frames and messages that were not understood. */
  unreadable: number;
  /** Operations of ours that the venue did not understand. */
  invalidOperations: number;
  /** Connections opened again after they were lost. */
  reconnects: number;
}

export interface StreamStats extends StreamCounts {
  /** Open now. */
  connections: number;
  /** Wanted now. */
  tokens: number;
}

/** What a frame tells the subscriber of some tokens. */
export function streamEventsOf(frame: MarketFrame, subscribed: ReadonlySet<string>, atMs: number): StreamEvent[] {
  if (frame.kind === 'pong') return [{ atMs, kind: 'ponged', tokenIds: [...subscribed] }];
  if (frame.kind !== 'messages') return [];
  const events: StreamEvent[] = [];
  for (const part of frame.parts) {
    if (part.kind === 'message') events.push({ atMs, kind: 'message', message: part.message });
    if (part.kind !== 'unreadable') continue;
    const tokenIds = lostTokens(part, subscribed);
    if (tokenIds.length > 0) events.push({ atMs, kind: 'unreadable', reason: UNREADABLE, tokenIds });
  }
  return events;
}

/** The tokens that something unreadable may have told of: those it names, or any. */
function lostTokens(part: UnreadablePart, subscribed: ReadonlySet<string>): string[] {
  if (!part.loses) return [];
  return part.tokenIds.length === 0 ? [...subscribed] : part.tokenIds.filter((tokenId) => subscribed.has(tokenId));
}
