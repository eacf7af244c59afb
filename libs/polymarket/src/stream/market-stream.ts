import { MarketStreamOptions, StreamCounts, StreamEvent, StreamStats } from './stream-event';
import { StreamConnection } from './stream-connection';

/**
 * The venue's market channel, for any number of tokens over as many connections as they need. Tokens subscribed to by one call share a connection (up to its limit), so that
 * both outcomes of a market are heard in one order.
 *
 * Invariants: each token is on one connection; whatever arrives, no frame throws; a lost connection comes back with all its tokens, after a wait that grows with every failure;
 * nothing is told after {@link close} was called.
 */
export class MarketStream {
  private readonly connections = new Set<StreamConnection>();
  private readonly connectionOf = new Map<string, StreamConnection>();
  private readonly closing = new Set<Promise<void>>();
  private readonly counts: StreamCounts = {
    frames: 0,
    messages: 0,
    unknownKinds: 0,
    unreadable: 0,
    invalidOperations: 0,
    reconnects: 0,
  };
  private readonly assetsPerConnection: number;
  private isClosed = false;
  private opened = 0;

  /** @param sink told of every event in order; it must not throw */
  constructor(
    private readonly options: MarketStreamOptions,
    private readonly sink: (event: StreamEvent) => void,
  ) {
    this.assetsPerConnection = options.assetsPerConnection ?? 200;
  }

  /** Wants tokens from now on; those wanted already stay as they are. */
  subscribe(tokenIds: readonly string[]): void {
    if (this.isClosed) return;
    const fresh = [...new Set(tokenIds)].filter((tokenId) => !this.connectionOf.has(tokenId));
    for (let from = 0; from < fresh.length; from += this.assetsPerConnection) {
      this.place(fresh.slice(from, from + this.assetsPerConnection));
    }
  }

  /** Wants tokens no more. A connection without any is closed. */
  unsubscribe(tokenIds: readonly string[]): void {
    for (const [connection, tokens] of this.byConnection(tokenIds)) {
      for (const tokenId of tokens) this.connectionOf.delete(tokenId);
      connection.remove(tokens);
      if (connection.size === 0) this.retire(connection);
    }
  }

  /** Ends the subscription of tokens and begins it anew, for a fresh book of each. Where a connection is being opened they come with it. */
  resubscribe(tokenIds: readonly string[]): void {
    for (const [connection, tokens] of this.byConnection(tokenIds)) connection.renew(tokens);
  }

  stats(): StreamStats {
    const connections = [...this.connections].filter(({ isOpen }) => isOpen).length;
    return { connections, tokens: this.connectionOf.size, ...this.counts };
  }

  /** Closes every connection. Resolves when they are closed. */
  async close(): Promise<void> {
    this.isClosed = true;
    for (const connection of this.connections) this.retire(connection);
    this.connectionOf.clear();
    await Promise.all(this.closing);
  }

  private place(tokenIds: readonly string[]): void {
    const connection = this.roomFor(tokenIds.length) ?? this.open();
    for (const tokenId of tokenIds) this.connectionOf.set(tokenId, connection);
    connection.add(tokenIds);
  }

  /** The fullest connection with room for so many, so that emptier ones may run empty. */
  private roomFor(count: number): StreamConnection | null {
    let fullest: StreamConnection | null = null;
    for (const connection of this.connections) {
      if (connection.size + count > this.assetsPerConnection) continue;
      if (fullest === null || connection.size > fullest.size) fullest = connection;
    }
    return fullest;
  }

  private open(): StreamConnection {
    this.opened += 1;
    const connection = new StreamConnection(this.opened, this.options, this.counts, this.sink);
    this.connections.add(connection);
    return connection;
  }

  private retire(connection: StreamConnection): void {
    this.connections.delete(connection);
    const closing = connection.close().finally(() => this.closing.delete(closing));
    this.closing.add(closing);
  }

  private byConnection(tokenIds: readonly string[]): Map<StreamConnection, string[]> {
    const grouped = new Map<StreamConnection, string[]>();
    for (const tokenId of new Set(tokenIds)) {
      const connection = this.connectionOf.get(tokenId);
      if (connection === undefined) continue;
      const tokens = grouped.get(connection);
      if (tokens === undefined) grouped.set(connection, [tokenId]);
      else tokens.push(tokenId);
    }
    return grouped;
  }
}
