import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import type { Engine } from '../commands/request';
import type { CommandShape } from '../shapes/command-shape';
import { ByteBudget } from './byte-budget';
import { Connection, type ConnectionContext } from './connection';
import { LargeAnswers } from '../commands/large-answers';

/** Commands that make an answer of more than a megabyte at one time. */
const LARGE_ANSWERS = 2;

/**
 * Connections that may wait to be accepted while the process is busy; the system may keep fewer. Who finds it full is heard of seconds later,
 * when the system tries again.
 */
const BACKLOG = 4_096;

/** What clients may take of the process. */
export interface WireLimits {
  /** Connections at one time; further ones are hung up on. */
  readonly connections: number;
  /** Bytes of unfinished messages and unread answers, of all connections together. */
  readonly bufferedBytes: number;
  /** How long half a message may stay half. */
  readonly frameIdleMs: number;
  /** How long an answer may stay unread. */
  readonly unreadReplyMs: number;
  /** How often the two are looked at. */
  readonly lookMs: number;
}

const DEFAULT_LIMITS: WireLimits = {
  connections: 5_000,
  bufferedBytes: 256 * 1024 * 1024,
  frameIdleMs: 60_000,
  unreadReplyMs: 600_000,
  lookMs: 5_000,
};

export interface ListenerOptions {
  readonly limits?: Partial<WireLimits> | undefined;
  readonly now?: (() => number) | undefined;
  readonly observe?: ((shape: CommandShape) => void) | undefined;
}

/** The server socket and the clients on it. */
export class Listener {
  readonly #server: Server = createServer();
  readonly #connections = new Map<Socket, Connection>();
  readonly #limits: WireLimits;
  readonly #budget: ByteBudget;
  #lastConnection = 0;
  #isRefusing = false;
  #look: NodeJS.Timeout | null = null;

  constructor(private readonly options: ListenerOptions = {}) {
    this.#limits = { ...DEFAULT_LIMITS, ...options.limits };
    this.#budget = new ByteBudget(this.#limits.bufferedBytes);
  }

  get size(): number {
    return this.#connections.size;
  }

  /** Binds the address; returns the port. {@link serve} must follow at once. */
  async listen(host: string, port: number): Promise<number> {
    this.#server.listen({ host, port, backlog: BACKLOG });
    await once(this.#server, 'listening');
    return (this.#server.address() as AddressInfo).port;
  }

  serve(engine: Engine): void {
    const context: ConnectionContext = {
      engine,
      budget: this.#budget,
      largeAnswers: new LargeAnswers(LARGE_ANSWERS),
      unread: new Set(),
      now: this.options.now ?? (() => performance.now()),
      observe: this.options.observe,
    };
    this.#server.on('connection', (socket) => this.#accept(context, socket));
    this.#look = setInterval(() => {
      for (const connection of this.#connections.values()) connection.hangUpIfStalled(this.#limits);
    }, this.#limits.lookMs);
    this.#look.unref();
  }

  #accept(context: ConnectionContext, socket: Socket): void {
    const { connections: limit } = this.#limits;
    if (this.#connections.size >= limit) {
      // One line for a flood, not one for each of its connections.
      if (!this.#isRefusing) context.engine.logger.error({ limit }, 'too many connections; further ones are refused');
      this.#isRefusing = true;
      socket.destroy();
      return;
    }
    this.#isRefusing = false;
    this.#lastConnection += 1;
    const id = this.#lastConnection;
    this.#connections.set(socket, new Connection(context, socket, id));
    const { transactions } = context.engine;
    transactions.connectionOpened(id);
    socket.once('close', () => {
      this.#connections.delete(socket);
      transactions.connectionClosed(id);
    });
  }

  /** Hangs up on all clients and takes no more. */
  async close(): Promise<void> {
    if (this.#look !== null) clearInterval(this.#look);
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const socket of this.#connections.keys()) socket.destroy();
    await closed;
  }
}
