import { type ServerMessage, type ServerMessageOf, type ServerMessageType, serverMessageSchema } from '@app/contracts';
import { waitFor } from '@app/testing';
import { WebSocket } from 'ws';

/** A client of `/ws/live` that keeps everything it was told, and takes no message that is not of the published shape. */
export class LiveClient {
  readonly messages: ServerMessage[] = [];
  /** How the connection ended. */
  closed: { code: number; reason: string } | null = null;
  pings = 0;
  private read = 0;
  private readonly problems: string[] = [];

  private constructor(
    readonly socket: WebSocket,
    private readonly isTrusting: boolean,
  ) {
    socket.on('message', (data: Buffer) => this.take(data.toString('utf8')));
    socket.on('ping', () => (this.pings += 1));
    socket.on('close', (code, reason) => (this.closed = { code, reason: reason.toString('utf8') }));
    socket.on('error', () => undefined);
  }

  /** Connects without waiting for anything. A trusting client takes every message for one of the published shape, which is quicker. */
  static open(
    url: string,
    token: string | null,
    { isTrusting = false, ...options }: { autoPong?: boolean; isTrusting?: boolean } = {},
  ): LiveClient {
    const query = token === null ? '' : `?token=${encodeURIComponent(token)}`;
    return new LiveClient(new WebSocket(`${url.replace('http', 'ws')}/ws/live${query}`, options), isTrusting);
  }

  /** Connects, and waits to be greeted. */
  static async connect(url: string, token: string, options: { isTrusting?: boolean } = {}): Promise<LiveClient> {
    const client = LiveClient.open(url, token, options);
    await client.next('connected');
    return client;
  }

  send(message: unknown): void {
    this.socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  }

  /** Subscribes, and waits until that is confirmed. */
  async subscribe(request: Record<string, unknown>): Promise<ServerMessageOf<'subscribed'>> {
    this.send({ action: 'subscribe', ...request });
    return this.next('subscribed');
  }

  /** Waits for the next message of a type after those waited for before; what comes between is passed over. */
  async next<T extends ServerMessageType>(
    type: T,
    matches: (message: ServerMessageOf<T>) => boolean = () => true,
  ): Promise<ServerMessageOf<T>> {
    const isIt = (message: ServerMessage): message is ServerMessageOf<T> =>
      message.type === type && matches(message as ServerMessageOf<T>);
    let at = -1;
    await waitFor(
      () => {
        if (this.problems.length > 0) return true;
        at = this.messages.findIndex((message, index) => index >= this.read && isIt(message));
        return at >= 0;
      },
      { what: `${type} (told so far: ${this.messages.map((message) => message.type).join(', ')})` },
    );
    if (this.problems.length > 0) throw new Error(this.problems.join('\n'));
    this.read = at + 1;
    return this.messages[at] as ServerMessageOf<T>;
  }

  /** Asks for a sign that everything sent before has been handled, and waits for it. */
  async settle(): Promise<void> {
    this.send({ action: 'ping' });
    await this.next('pong');
  }

  /** Messages of a type, of all that was told. */
  all<T extends ServerMessageType>(type: T): ServerMessageOf<T>[] {
    return this.messages.filter((message): message is ServerMessageOf<T> => message.type === type);
  }

  /** Number of the book told last, of whatever token. */
  get lastSequence(): number | null {
    const last = this.messages.findLast((message) => 'sequence' in message);
    return last !== undefined && 'sequence' in last ? last.sequence : null;
  }

  /** Waits until the connection ended. */
  ended(): Promise<{ code: number; reason: string }> {
    return waitFor(() => this.closed, { what: 'the end of the connection' });
  }

  async close(): Promise<void> {
    this.socket.close();
    await this.ended();
  }

  private take(text: string): void {
    const message: unknown = JSON.parse(text);
    if (this.isTrusting) {
      this.messages.push(message as ServerMessage);
      return;
    }
    const parsed = serverMessageSchema.safeParse(message);
    if (parsed.success) this.messages.push(parsed.data);
    else this.problems.push(`${text.slice(0, 500)}: ${parsed.error.message}`);
  }
}

/** One token's book as a client puts it together, which fails at the first number that does not follow. */
export class ClientBook {
  sequence: number | null = null;
  state: string | null = null;
  resyncs = 0;
  private isAnew = true;
  private readonly levels = { bid: new Map<number, number>(), ask: new Map<number, number>() };

  /** @param tokenId whose book it is; messages of others are passed over */
  constructor(readonly tokenId: string) {}

  static of(client: LiveClient, tokenId: string): ClientBook {
    const book = new ClientBook(tokenId);
    client.messages.forEach((message) => book.take(message));
    return book;
  }

  take(message: ServerMessage): void {
    if (!('token_id' in message) || message.token_id !== this.tokenId) return;
    switch (message.type) {
      case 'resync':
        this.resyncs += 1;
        this.isAnew = true;
        break;
      case 'orderbook':
        if (!this.isAnew) this.follow(message.sequence);
        this.isAnew = false;
        this.sequence = message.sequence;
        this.state = message.state;
        this.levels.bid = new Map(message.data.bids.map(({ price, size }) => [price, size]));
        this.levels.ask = new Map(message.data.asks.map(({ price, size }) => [price, size]));
        break;
      case 'book_delta':
        this.follow(message.sequence);
        this.sequence = message.sequence;
        for (const { side, price, size } of message.changes) {
          if (size === 0) this.levels[side].delete(price);
          else this.levels[side].set(price, size);
        }
        break;
      case 'book_state':
        this.state = message.state;
        break;
      default:
        break;
    }
  }

  /** Levels of a side, best first. */
  side(side: 'bid' | 'ask'): [number, number][] {
    const levels = [...this.levels[side]];
    return levels.sort(([one], [other]) => (side === 'bid' ? other - one : one - other));
  }

  private follow(sequence: number): void {
    if (this.isAnew || this.sequence === null) throw new Error(`${sequence} came without a whole book before it`);
    if (sequence !== this.sequence + 1) throw new Error(`${sequence} follows ${this.sequence}`);
  }
}
