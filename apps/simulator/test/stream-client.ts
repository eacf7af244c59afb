import { once } from 'node:events';
import { waitFor } from '@app/testing';
import { WebSocket } from 'ws';
import type { BookAnswer } from '../src';

export interface StreamMessage {
  event_type: string;
  asset_id?: string;
  market?: string;
  timestamp: string;
  price_changes?: LevelChangeRow[];
  [field: string]: unknown;
}

export interface LevelChangeRow {
  asset_id: string;
  price: string;
  size: string;
  side: 'BUY' | 'SELL';
  hash: string;
  best_bid: string;
  best_ask: string;
}

/** A client of the market channel that keeps what it heard. */
export class StreamClient {
  /** Texts as they came. */
  readonly frames: string[] = [];
  readonly binary: Buffer[] = [];
  /** Objects of all JSON frames, those of arrays one by one. */
  readonly messages: StreamMessage[] = [];
  closedWith: number | null = null;

  private constructor(readonly socket: WebSocket) {
    socket.on('message', (content, isBinary) => {
      if (isBinary) this.binary.push(content as Buffer);
      else this.hear((content as Buffer).toString());
    });
    socket.on('close', (code) => (this.closedWith = code));
    socket.on('error', () => undefined);
  }

  static async connect(url: string): Promise<StreamClient> {
    const client = new StreamClient(new WebSocket(url));
    await once(client.socket, 'open');
    return client;
  }

  /** Subscribes with custom features and waits for the books. */
  static async following(url: string, tokenIds: readonly string[]): Promise<StreamClient> {
    const client = await StreamClient.connect(url);
    await client.ask({ assets_ids: tokenIds, type: 'market', custom_feature_enabled: true });
    return client;
  }

  /** Sends and waits for the next frame. */
  async ask(message: unknown): Promise<string> {
    const before = this.frames.length;
    this.say(message);
    await waitFor(() => this.frames.length > before, { what: 'an answer on the market channel' });
    return this.frames[before] ?? '';
  }

  say(message: unknown): void {
    this.socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  }

  /** Waits until everything sent so far is here. */
  async settled(): Promise<void> {
    const before = this.count('PONG');
    this.say('PING');
    await waitFor(() => this.count('PONG') > before, { what: 'a PONG' });
  }

  count(text: string): number {
    return this.frames.filter((frame) => frame === text).length;
  }

  of(eventType: string): StreamMessage[] {
    return this.messages.filter((message) => message.event_type === eventType);
  }

  forget(): void {
    this.frames.length = 0;
    this.messages.length = 0;
  }

  async close(): Promise<void> {
    if (this.socket.readyState === WebSocket.CLOSED) return;
    this.socket.terminate();
    await waitFor(() => this.socket.readyState === WebSocket.CLOSED, { what: 'the socket to close' });
  }

  /** A token's book as it is for somebody who believes every message, in the order they came: price to size by side. */
  book(tokenId: string): HeardBook {
    const book: HeardBook = { bids: {}, asks: {} };
    for (const message of this.messages) {
      if (message.event_type === 'book' && message.asset_id === tokenId) {
        const whole = message as unknown as BookAnswer;
        Object.assign(book, bookOf(whole));
      }
      for (const change of message.price_changes ?? []) if (change.asset_id === tokenId) apply(book, change);
    }
    return book;
  }

  private hear(text: string): void {
    this.frames.push(text);
    let parsed: unknown;
    try {
      parsed = JSON.parse(text);
    } catch {
      return;
    }
    this.messages.push(...((Array.isArray(parsed) ? parsed : [parsed]) as StreamMessage[]));
  }
}

/** Sizes by price, both as they were written. */
export interface HeardBook {
  bids: Record<string, string>;
  asks: Record<string, string>;
}

export function bookOf(book: BookAnswer): HeardBook {
  const sizes = (levels: { price: string; size: string }[]): Record<string, string> =>
    Object.fromEntries(levels.map(({ price, size }) => [price, size]));
  return { bids: sizes(book.bids), asks: sizes(book.asks) };
}

function apply(book: HeardBook, { side, price, size }: LevelChangeRow): void {
  const levels = side === 'BUY' ? book.bids : book.asks;
  if (size === '0') delete levels[price];
  else levels[price] = size;
}
