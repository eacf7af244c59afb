import WebSocket from 'ws';
import { fullJitter } from '../transport/retry';
import { MarketFrame, readMarketFrame } from './market-frame';
import { MarketStreamOptions, StreamCounts, StreamEvent, streamEventsOf } from './stream-event';

const PING_INTERVAL_MS = 10_000;
const OPEN_TIMEOUT_MS = 10_000;
const BACKOFF = { baseMs: 500, capMs: 30_000 };
const MAX_FRAME_BYTES = 16 * 2 ** 20;
/** Pings that may be without an answer when the next one is due. */
const UNANSWERED_PINGS = 2;
/** How long a closing handshake may take. */
const CLOSE_GRACE_MS = 1_000;
const NORMAL_CLOSURE = 1_000;

const NO_ANSWER = 'its stream does not answer';

/** One connection to the market channel: opened again whenever it is lost, and subscribed to all its tokens each time. */
export class StreamConnection {
  private readonly tokens = new Set<string>();
  private readonly pingIntervalMs: number;
  private readonly backoff: { baseMs: number; capMs: number };
  private socket: WebSocket | null = null;
  private pinging: NodeJS.Timeout | null = null;
  private waiting: NodeJS.Timeout | null = null;
  private unansweredPings = 0;
  /** Failures since the venue last answered a ping. */
  private failures = 0;
  private wasOpen = false;
  private isClosed = false;

  constructor(
    readonly number: number,
    private readonly options: MarketStreamOptions,
    private readonly counts: StreamCounts,
    private readonly sink: (event: StreamEvent) => void,
  ) {
    this.pingIntervalMs = options.pingIntervalMs ?? PING_INTERVAL_MS;
    this.backoff = options.backoff ?? BACKOFF;
    this.open();
  }

  /** Tokens wanted on this connection. */
  get size(): number {
    return this.tokens.size;
  }

  get isOpen(): boolean {
    return this.socket?.readyState === WebSocket.OPEN;
  }

  add(tokenIds: readonly string[]): void {
    for (const tokenId of tokenIds) this.tokens.add(tokenId);
    if (!this.isOpen) return;
    this.operate('subscribe', tokenIds);
    this.tellConnected(tokenIds);
  }

  remove(tokenIds: readonly string[]): void {
    for (const tokenId of tokenIds) this.tokens.delete(tokenId);
    if (!this.isOpen) return;
    this.operate('unsubscribe', tokenIds);
    this.options.recorder?.disconnected(this.number, tokenIds, 'nobody follows it', this.now());
  }

  renew(tokenIds: readonly string[]): void {
    if (!this.isOpen) return;
    this.operate('unsubscribe', tokenIds);
    this.operate('subscribe', tokenIds);
    this.tellConnected(tokenIds);
  }

  /** Ends the connection for good. Resolves when it is closed. */
  close(): Promise<void> {
    this.isClosed = true;
    this.stopTimers();
    const { socket } = this;
    this.socket = null;
    if (socket === null || socket.readyState === WebSocket.CLOSED) return Promise.resolve();
    return new Promise((resolve) => {
      const cut = setTimeout(() => socket.terminate(), CLOSE_GRACE_MS);
      socket.once('close', () => {
        clearTimeout(cut);
        resolve();
      });
      if (socket.readyState === WebSocket.CONNECTING) socket.terminate();
      else socket.close(NORMAL_CLOSURE);
    });
  }

  private open(): void {
    this.waiting = null;
    const socket = new WebSocket(this.options.url, {
      handshakeTimeout: this.options.openTimeoutMs ?? OPEN_TIMEOUT_MS,
      maxPayload: this.options.maxFrameBytes ?? MAX_FRAME_BYTES,
      // Compression would hold a window of memory for each connection, and a frame that unfolds to many times its size.
      perMessageDeflate: false,
    });
    this.socket = socket;
    socket.on('open', () => this.greet(socket));
    socket.on('message', (data) => {
      // Text or binary, it comes as one buffer.
      if (socket === this.socket) this.read((data as Buffer).toString('utf8'));
    });
    // Who sent a frame too long or malformed need not answer a closing handshake, so it is not waited for.
    socket.on('error', ({ code }: NodeJS.ErrnoException) => {
      if (socket === this.socket)
        this.lose(code === undefined ? 'its stream failed' : `its stream failed with ${code}`);
    });
    socket.on('close', (code) => {
      if (socket === this.socket) this.lose(`its stream closed with code ${code}`);
    });
  }

  private greet(socket: WebSocket): void {
    if (socket !== this.socket) return;
    if (this.wasOpen) this.counts.reconnects += 1;
    this.wasOpen = true;
    this.unansweredPings = 0;
    this.pinging = setInterval(() => this.ping(), this.pingIntervalMs);
    const tokenIds = [...this.tokens];
    this.send({
      assets_ids: tokenIds,
      type: 'market',
      custom_feature_enabled: true,
      initial_dump: true,
      level: 2,
    });
    this.tellConnected(tokenIds);
  }

  private ping(): void {
    if (this.unansweredPings >= UNANSWERED_PINGS) {
      this.lose(NO_ANSWER);
      return;
    }
    this.unansweredPings += 1;
    this.socket?.send('PING');
  }

  private read(frame: string): void {
    const atMs = this.now();
    this.options.recorder?.frame(this.number, frame, atMs);
    const said = readMarketFrame(frame);
    this.count(said);
    if (said.kind === 'pong') {
      this.unansweredPings = 0;
      this.failures = 0;
    }
    for (const event of streamEventsOf(said, this.tokens, atMs)) {
      // The sink may end this connection in the middle of a frame.
      if (!this.isClosed) this.sink(event);
    }
  }

  private count(frame: MarketFrame): void {
    this.counts.frames += 1;
    if (frame.kind === 'invalid_operation') this.counts.invalidOperations += 1;
    if (frame.kind !== 'messages') return;
    for (const { kind } of frame.parts) {
      if (kind === 'message') this.counts.messages += 1;
      else if (kind === 'unknown') this.counts.unknownKinds += 1;
      else this.counts.unreadable += 1;
    }
  }

  /** Gives the socket up, tells so, and opens another after a while. */
  private lose(reason: string): void {
    const atMs = this.now();
    const { socket } = this;
    this.socket = null;
    this.stopTimers();
    socket?.terminate();
    this.failures += 1;
    const waitMs = fullJitter(this.backoff, this.failures, this.options.random);
    this.waiting = setTimeout(() => this.open(), waitMs);
    this.options.recorder?.disconnected(this.number, null, reason, atMs);
    this.sink({ atMs, kind: 'disconnected', tokenIds: [...this.tokens], reason });
  }

  private tellConnected(tokenIds: readonly string[]): void {
    const atMs = this.now();
    this.options.recorder?.connected(this.number, tokenIds, atMs);
    this.sink({ atMs, kind: 'connected', tokenIds });
  }

  private operate(operation: 'subscribe' | 'unsubscribe', tokenIds: readonly string[]): void {
    this.send({ operation, assets_ids: tokenIds, custom_feature_enabled: true });
  }

  private send(message: object): void {
    this.socket?.send(JSON.stringify(message));
  }

  private stopTimers(): void {
    if (this.pinging !== null) clearInterval(this.pinging);
    if (this.waiting !== null) clearTimeout(this.waiting);
    this.pinging = null;
    this.waiting = null;
  }

  private now(): number {
    return this.options.clock.now().getTime();
  }
}
