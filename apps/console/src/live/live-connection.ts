import { type ReadonlySignal, signal } from '@preact/signals';
import { type ClientMessage, type LiveChannel, parseServerMessage, type ServerMessage } from './messages';

/** `off`: nobody is signed in. `lost`: it was there, and is tried again. `refused`: the server does not want it, and says why. */
export type ConnectionState = 'off' | 'connecting' | 'live' | 'lost' | 'refused';

/** What a WebSocket is used for. */
export interface LiveSocket {
  send(text: string): void;
  /** Ends it; nothing is heard of it any more. */
  leave(): void;
}

export interface LiveSurroundings {
  open(token: string, heard: { message(frame: unknown): void; closed(code: number, reason: string): void }): LiveSocket;
  after(ms: number, action: () => void): () => void;
  /** From 0 to 1. */
  random(): number;
}

type Listener = (message: ServerMessage) => void;

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 15_000;
/** Nothing came for so long although it was asked: the line is dead, whatever the browser thinks. */
const SILENCE_MS = 15_000;
const PING_EVERY_MS = 10_000;
const POLICY = 1008;

/**
 * One connection to `/ws/live`, kept while somebody is signed in: what is watched is counted, asked for once, and asked for again
 * whenever the connection was lost, so that fresh snapshots follow.
 */
export class LiveConnection {
  readonly state: ReadonlySignal<ConnectionState>;
  /** Why it is lost or refused, as far as is known; null otherwise. */
  readonly reason: ReadonlySignal<string | null>;

  private readonly stateNow = signal<ConnectionState>('off');
  private readonly reasonNow = signal<string | null>(null);
  private readonly markets = new Map<string, number>();
  private readonly portfolios = new Map<string, number>();
  private readonly listeners = new Set<Listener>();
  private socket: LiveSocket | null = null;
  private token: string | null = null;
  private failures = 0;
  private heard = false;
  private cancelWait: () => void = () => undefined;

  constructor(private readonly surroundings: LiveSurroundings) {
    this.state = this.stateNow;
    this.reason = this.reasonNow;
  }

  /** Connects with a token, again with every other one; ends with null. */
  use(token: string | null): void {
    if (token === this.token) return;
    this.token = token;
    this.failures = 0;
    this.drop();
    this.reasonNow.value = null;
    if (token === null) this.stateNow.value = 'off';
    else this.connect('connecting');
  }

  /** Hears every message until the returned function is called. */
  listen(listener: Listener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Watches a channel of a market until the returned function is called. */
  watchMarket(marketId: string, channel: LiveChannel): () => void {
    return this.count(this.markets, `${channel} ${marketId}`);
  }

  /** Watches one of the own portfolios until the returned function is called. */
  watchPortfolio(portfolioId: string): () => void {
    return this.count(this.portfolios, portfolioId);
  }

  /** Asks for everything about a market anew, after something was missed. */
  refresh(marketId: string): void {
    const channels = [...this.markets.keys()].map(subjectOf).filter((subject) => subject.marketId === marketId);
    for (const { channel } of channels) {
      this.send({ action: 'unsubscribe', market_ids: [marketId], channels: [channel] });
      this.send({ action: 'subscribe', market_ids: [marketId], channels: [channel] });
    }
  }

  private count(counts: Map<string, number>, key: string): () => void {
    const before = counts.get(key) ?? 0;
    counts.set(key, before + 1);
    if (before === 0) this.tell('subscribe', counts, key);
    let watching = true;
    return () => {
      if (!watching) return;
      watching = false;
      const left = (counts.get(key) ?? 0) - 1;
      if (left > 0) return void counts.set(key, left);
      counts.delete(key);
      this.tell('unsubscribe', counts, key);
    };
  }

  private tell(action: 'subscribe' | 'unsubscribe', counts: Map<string, number>, key: string): void {
    if (counts === this.portfolios) return this.send({ action, portfolio_ids: [key] });
    const { marketId, channel } = subjectOf(key);
    this.send({ action, market_ids: [marketId], channels: [channel] });
  }

  private send(message: ClientMessage): void {
    if (this.stateNow.value === 'live') this.socket?.send(JSON.stringify(message));
  }

  private connect(state: 'connecting' | 'lost'): void {
    if (this.token === null) return;
    this.stateNow.value = state;
    this.socket = this.surroundings.open(this.token, {
      message: (frame) => this.receive(frame),
      closed: (code, reason) => this.closed(code, reason),
    });
    this.heard = true;
    this.watchSilence(SILENCE_MS);
  }

  /** Looks again and again whether the server still speaks. */
  private watchSilence(ms: number): void {
    this.cancelWait = this.surroundings.after(ms, () => {
      if (!this.heard) {
        this.drop();
        return this.closed(0, 'nothing came any more');
      }
      this.heard = false;
      this.send({ action: 'ping' });
      this.watchSilence(PING_EVERY_MS);
    });
  }

  private receive(data: unknown): void {
    this.heard = true;
    const message = parseServerMessage(data);
    if (message === null) return;
    if (message.type === 'connected') {
      this.failures = 0;
      this.stateNow.value = 'live';
      this.reasonNow.value = null;
      this.subscribeAll();
    }
    for (const listener of this.listeners) listener(message);
  }

  private subscribeAll(): void {
    const byChannel = new Map<LiveChannel, string[]>();
    for (const { marketId, channel } of [...this.markets.keys()].map(subjectOf)) {
      byChannel.set(channel, [...(byChannel.get(channel) ?? []), marketId]);
    }
    for (const [channel, ids] of byChannel) this.send({ action: 'subscribe', market_ids: ids, channels: [channel] });
    const portfolioIds = [...this.portfolios.keys()];
    if (portfolioIds.length > 0) this.send({ action: 'subscribe', portfolio_ids: portfolioIds });
  }

  private closed(code: number, reason: string): void {
    this.drop();
    this.reasonNow.value = reason === '' ? null : reason;
    if (code === POLICY) {
      this.stateNow.value = 'refused';
    } else {
      this.stateNow.value = 'lost';
    }
    // A refusal may pass as well: a limit of connections does, when another tab is closed.
    const longest = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** this.failures);
    this.failures += 1;
    const wait = code === POLICY ? LONGEST_WAIT_MS : longest * (0.5 + this.surroundings.random() / 2);
    this.cancelWait = this.surroundings.after(wait, () => this.connect('lost'));
  }

  private drop(): void {
    this.cancelWait();
    this.socket?.leave();
    this.socket = null;
  }
}

function subjectOf(key: string): { channel: LiveChannel; marketId: string } {
  const at = key.indexOf(' ');
  return { channel: key.slice(0, at) as LiveChannel, marketId: key.slice(at + 1) };
}
