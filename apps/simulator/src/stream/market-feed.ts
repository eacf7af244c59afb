import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { z } from 'zod';
import { parseBody } from '../http/answer';
import { bookText, type Frame, type StreamSource } from './frame';
import { Outbox } from './outbox';
import {
  type ConnectionFault,
  garbage,
  isMessageFault,
  type MessageFault,
  MessageFaults,
  type StreamFault,
} from './stream-faults';

const CLIENT_MESSAGE_MAX_BYTES = 4_000_000;

const INVALID = 'INVALID OPERATION';
const NOTHING_NEW = 'NO NEW ASSETS';

const features = {
  assets_ids: z.array(z.string()),
  custom_feature_enabled: z.boolean().optional(),
  initial_dump: z.boolean().optional(),
  /** How deep books are; every depth gets whole books here. */
  level: z.number().int().min(1).max(3).optional(),
};

const requestSchema = z.union([
  z.object({ type: z.string().regex(/^market$/i), ...features }).transform((request) => ({
    ...request,
    operation: 'subscribe' as const,
  })),
  z.object({ operation: z.enum(['subscribe', 'unsubscribe']), ...features }),
]);

/** A client, and what it gets. */
class Connection {
  readonly tokenIds = new Set<string>();
  /** Dropped by a fault: the market goes on, unheard. */
  readonly dropped: string[] = [];
  hasCustomFeatures = false;
  frozen: { pings: boolean } | null = null;
  thaw: NodeJS.Timeout | null = null;
  readonly outbox: Outbox;

  constructor(
    readonly number: number,
    readonly socket: WebSocket,
  ) {
    this.outbox = new Outbox(socket);
  }

  /** Nothing gets through while it is frozen, and nothing comes later. */
  send(content: string | Buffer, isBinary = false): void {
    if (this.frozen === null) this.outbox.send(content, isBinary);
  }

  freeze(pings: boolean, ms: number | undefined): void {
    if (this.thaw !== null) clearTimeout(this.thaw);
    this.frozen = { pings };
    this.thaw = ms === undefined ? null : setTimeout(() => (this.frozen = null), ms);
  }

  heal(): void {
    if (this.thaw !== null) clearTimeout(this.thaw);
    this.thaw = null;
    this.frozen = null;
    this.outbox.heal();
  }

  close(): void {
    if (this.thaw !== null) clearTimeout(this.thaw);
    this.outbox.close();
  }
}

/** What the market channel did so far. */
export interface StreamReport {
  connections: {
    connection: number;
    tokens: number;
    custom_features: boolean;
    frozen: boolean;
    unread_bytes: number;
  }[];
  /** Connections accepted since the start. */
  accepted: number;
  /** Messages told, by kind, however many clients heard them. */
  told: Record<string, number>;
  faults: readonly MessageFault[];
  /** Connection attempts still to be refused. */
  refusing: number;
}

/** The venue's market channel: who is connected, what they subscribed to, what they are sent and what goes wrong. Source: its AsyncAPI of May 2026. */
export class MarketFeed {
  private readonly server = new WebSocketServer({
    noServer: true,
    maxPayload: CLIENT_MESSAGE_MAX_BYTES,
    perMessageDeflate: false,
    autoPong: false,
  });
  private readonly connections = new Set<Connection>();
  private readonly byToken = new Map<string, Set<Connection>>();
  private readonly faults = new MessageFaults();
  private readonly told = new Map<string, number>();
  private accepted = 0;
  private refusing: { times: number; status: number } | null = null;

  constructor(private readonly source: StreamSource) {
    source.listen((frames) => this.tell(frames));
  }

  /** Takes over a connection that wants to become a socket. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const refusing = this.refusing;
    if (refusing !== null) {
      refusing.times -= 1;
      if (refusing.times === 0) this.refusing = null;
      return refuseUpgrade(socket, refusing.status);
    }
    this.server.handleUpgrade(request, socket, head, (client) => this.accept(client));
  }

  /** @returns how many connections or waiting faults it concerns */
  disturb(fault: StreamFault): number {
    if (fault.kind === 'refuse') {
      this.refusing = { times: fault.times, status: fault.status };
      return fault.times;
    }
    if (isMessageFault(fault)) {
      this.faults.add(fault);
      return this.faults.list().length;
    }
    const hit = [...this.connections].filter(
      ({ number }) => fault.connection === undefined || fault.connection === number,
    );
    for (const connection of hit) this.disturbOne(connection, fault);
    return hit.length;
  }

  /** Ends every fault; connections that were cut stay cut. */
  heal(): void {
    this.faults.clear();
    this.refusing = null;
    for (const connection of this.connections) connection.heal();
  }

  report(): StreamReport {
    return {
      connections: [...this.connections].map(({ number, tokenIds, hasCustomFeatures, frozen, outbox }) => ({
        connection: number,
        tokens: tokenIds.size,
        custom_features: hasCustomFeatures,
        frozen: frozen !== null,
        unread_bytes: outbox.unreadBytes,
      })),
      accepted: this.accepted,
      told: Object.fromEntries(this.told),
      faults: this.faults.list(),
      refusing: this.refusing?.times ?? 0,
    };
  }

  stop(): void {
    for (const { socket } of this.connections) socket.terminate();
    this.server.close();
  }

  private accept(client: WebSocket): void {
    this.accepted += 1;
    const connection = new Connection(this.accepted, client);
    this.connections.add(connection);
    client.on('message', (content, isBinary) => {
      if (isBinary) connection.send(INVALID);
      else this.hear(connection, (content as Buffer).toString());
    });
    client.on('ping', (content) => {
      if (connection.frozen?.pings !== false) client.pong(content);
    });
    // A client that breaks the protocol is closed by ws itself.
    client.on('error', () => undefined);
    client.on('close', () => {
      connection.close();
      this.connections.delete(connection);
      for (const tokenId of [...connection.tokenIds]) this.unsubscribe(connection, tokenId);
      for (const tokenId of connection.dropped) this.source.unfollow(tokenId);
    });
  }

  private hear(connection: Connection, text: string): void {
    if (text === 'PING') {
      if (connection.frozen?.pings === true) connection.outbox.send('PONG');
      else connection.send('PONG');
      return;
    }
    if (connection.frozen !== null) return;
    const request = requestSchema.safeParse(parseBody(text));
    if (!request.success) return connection.send(INVALID);
    const { operation, assets_ids, custom_feature_enabled, initial_dump } = request.data;
    if (custom_feature_enabled !== undefined) connection.hasCustomFeatures = custom_feature_enabled;
    if (operation === 'subscribe') return this.subscribe(connection, assets_ids, initial_dump !== false);
    for (const tokenId of assets_ids) this.unsubscribe(connection, tokenId);
  }

  private subscribe(connection: Connection, asked: readonly string[], wantsBooks: boolean): void {
    const added = [...new Set(asked)].filter((tokenId) => !connection.tokenIds.has(tokenId));
    if (asked.length > 0 && added.length === 0) return connection.send(NOTHING_NEW);
    const books = added.map((tokenId) => this.source.follow(tokenId));
    for (const tokenId of added) {
      connection.tokenIds.add(tokenId);
      const listeners = this.byToken.get(tokenId) ?? new Set();
      this.byToken.set(tokenId, listeners.add(connection));
    }
    if (!wantsBooks) return;
    connection.send(
      `[${books
        .filter((book) => book !== null)
        .map(bookText)
        .join(',')}]`,
    );
  }

  private unsubscribe(connection: Connection, tokenId: string): void {
    if (this.forget(connection, tokenId)) this.source.unfollow(tokenId);
  }

  private forget(connection: Connection, tokenId: string): boolean {
    const listeners = this.byToken.get(tokenId);
    listeners?.delete(connection);
    if (listeners?.size === 0) this.byToken.delete(tokenId);
    return connection.tokenIds.delete(tokenId);
  }

  private tell(frames: readonly Frame[]): void {
    for (const { event } of frames) this.told.set(event, (this.told.get(event) ?? 0) + 1);
    for (const frame of this.faults.apply(frames)) this.send(frame);
  }

  private send({ tokenIds, isCustom, text }: Frame): void {
    const content = Buffer.from(text);
    if (tokenIds === null) {
      for (const connection of this.connections) if (connection.hasCustomFeatures) connection.send(content);
      return;
    }
    for (const [place, tokenId] of tokenIds.entries()) {
      for (const connection of this.byToken.get(tokenId) ?? []) {
        if (isCustom && !connection.hasCustomFeatures) continue;
        // Both tokens of a market share a message: whoever follows both gets it once.
        if (tokenIds.slice(0, place).some((earlier) => connection.tokenIds.has(earlier))) continue;
        connection.send(content);
      }
    }
  }

  private disturbOne(connection: Connection, fault: ConnectionFault): void {
    const { socket, outbox } = connection;
    switch (fault.kind) {
      case 'freeze':
        return connection.freeze(fault.pings, fault.ms);
      case 'latency':
        return outbox.delay(fault.ms);
      case 'slow_drip':
        return outbox.dripBy({ bytes: fault.bytes, everyMs: fault.every_ms });
      case 'disconnect':
        return fault.code === undefined ? socket.terminate() : socket.close(fault.code, 'simulated fault');
      case 'drop_asset':
        connection.dropped.push(...fault.token_ids.filter((tokenId) => this.forget(connection, tokenId)));
        return;
      case 'garbage': {
        const content = garbage(fault.content, [...connection.tokenIds][0] ?? '1');
        return connection.send(content, typeof content !== 'string');
      }
      case 'send':
        return connection.send(fault.text);
    }
  }
}

/** Answers an upgrade that is not wanted, and hangs up without waiting for the other side to do the same. */
export function refuseUpgrade(socket: Duplex, status: number): void {
  socket.on('error', () => undefined);
  socket.once('finish', () => socket.destroy());
  socket.end(`HTTP/1.1 ${status} Simulated\r\nconnection: close\r\ncontent-length: 0\r\nx-simulated: true\r\n\r\n`);
}
