import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';

interface Listener {
  socket: WebSocket;
  upstream: WebSocket;
  tokens: Set<string>;
}

/** Unsent bytes of a listener above which more is held back. */
const MOST_UNSENT_BYTES = 1_000_000;

/** Stands before a venue's market channel: passes everything on both ways, and can say something of its own at a known moment. */
export class VenueRelay {
  private readonly listeners = new Set<Listener>();

  private constructor(
    private readonly server: WebSocketServer,
    private readonly upstreamUrl: string,
  ) {
    server.on('connection', (socket) => this.accept(socket));
  }

  static async start(upstreamUrl: string): Promise<VenueRelay> {
    const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false });
    await once(server, 'listening');
    return new VenueRelay(server, upstreamUrl);
  }

  get url(): string {
    return `ws://127.0.0.1:${(this.server.address() as AddressInfo).port}/ws/market`;
  }

  /** Whether somebody is subscribed to a token. */
  isHeard(tokenId: string): boolean {
    return [...this.listeners].some(({ tokens }) => tokens.has(tokenId));
  }

  /** Sends a frame to who is subscribed to a token. */
  say(tokenId: string, frame: string): void {
    for (const { socket, tokens } of this.listeners) if (tokens.has(tokenId)) socket.send(frame);
  }

  /** Resolves when those who listen have taken in most of what was sent. */
  async drained(): Promise<void> {
    while ([...this.listeners].some(({ socket }) => socket.bufferedAmount > MOST_UNSENT_BYTES)) {
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  async stop(): Promise<void> {
    for (const { socket, upstream } of this.listeners) {
      socket.terminate();
      upstream.terminate();
    }
    await new Promise((resolve) => this.server.close(resolve));
  }

  private accept(socket: WebSocket): void {
    const upstream = new WebSocket(this.upstreamUrl, { perMessageDeflate: false });
    const listener: Listener = { socket, upstream, tokens: new Set() };
    const waiting: string[] = [];
    this.listeners.add(listener);
    socket.on('message', (data: Buffer) => {
      const text = data.toString();
      note(listener.tokens, text);
      if (upstream.readyState === WebSocket.OPEN) upstream.send(text);
      else waiting.push(text);
    });
    upstream.on('open', () => {
      for (const text of waiting) upstream.send(text);
    });
    upstream.on('message', (data: Buffer) => socket.send(data, { binary: false }));
    const end = (): void => {
      this.listeners.delete(listener);
      socket.terminate();
      upstream.terminate();
    };
    for (const one of [socket, upstream]) one.on('close', end).on('error', end);
  }
}

/** Keeps count of what is subscribed to. */
function note(tokens: Set<string>, text: string): void {
  if (text === 'PING') return;
  const { operation, assets_ids: tokenIds } = JSON.parse(text) as { operation?: string; assets_ids: string[] };
  for (const tokenId of tokenIds) {
    if (operation === 'unsubscribe') tokens.delete(tokenId);
    else tokens.add(tokenId);
  }
}
