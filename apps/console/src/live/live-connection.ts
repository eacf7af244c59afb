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
/** What is watched of one market, or a portfolio. */
type Topic = LiveChannel | 'portfolio';
type Action = 'subscribe' | 'unsubscribe';

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 15_000;
/** Nothing came for so long although it was asked: the line is dead, whatever the browser thinks. */
const SILENCE_MS = 15_000;
const PING_EVERY_MS = 10_000;
/** What is watched and let go within this time, as when a page follows another, makes one message. */
const GATHER_MS = 50;
/** A whole book is not asked for more often. */
const ANEW_EVERY_MS = 2_000;
/** A limit may be kept to again when another tab is closed. */
const REFUSAL_RETRY_MS = 30_000;
/** What one message may name. */
const MOST_SUBJECTS = 100;
const POLICY = 1008;
const TRY_LATER = 1013;
const NOTHING: ReadonlyMap<string, string> = new Map();

/**
 * One connection to `/ws/live`, kept while somebody is signed in: what is watched is counted, asked for once, and asked for again
 * whenever the connection was lost, so that fresh snapshots follow.
 */
export class LiveConnection {
  readonly state: ReadonlySignal<ConnectionState>;
  /** Why it is lost or refused, as far as is known; null otherwise. */
  readonly reason: ReadonlySignal<string | null>;
  /** Why markets and portfolios are not told of, by id: a sentence. */
  readonly refusals: ReadonlySignal<ReadonlyMap<string, string>>;

  private readonly stateNow = signal<ConnectionState>('off');
  private readonly reasonNow = signal<string | null>(null);
  private readonly refusalsNow = signal(NOTHING);
  /** How often each subject is watched, by key. */
  private readonly wanted = new Map<string, number>();
  /** Keys the server was asked for. */
  private readonly asked = new Set<string>();
  /** Keys of `asked` that are to be asked for again. */
  private readonly again = new Set<string>();
  private readonly listeners = new Set<Listener>();
  private socket: LiveSocket | null = null;
  private token: string | null = null;
  private failures = 0;
  private heard = false;
  private cancelWait = nothing;
  private readonly gathering = new Timer();
  private readonly askingAnew = new Timer();
  private readonly retrying = new Timer();

  constructor(private readonly surroundings: LiveSurroundings) {
    this.state = this.stateNow;
    this.reason = this.reasonNow;
    this.refusals = this.refusalsNow;
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

  /** Tries at once what would be tried later: the network may be back. */
  hurry(): void {
    if (this.stateNow.value !== 'lost' || this.socket !== null) return;
    this.drop();
    this.connect('lost');
  }

  /** Hears every message until the returned function is called. */
  listen(listener: Listener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Watches a channel of a market until the returned function is called. */
  watchMarket(marketId: string, channel: LiveChannel): () => void {
    return this.watch(keyOf(channel, marketId));
  }

  /** Watches one of the own portfolios until the returned function is called. */
  watchPortfolio(portfolioId: string): () => void {
    return this.watch(keyOf('portfolio', portfolioId));
  }

  /** Whether somebody watches a channel of a market. */
  isWatched(marketId: string, channel: LiveChannel): boolean {
    return this.wanted.has(keyOf(channel, marketId));
  }

  /** Asks for the whole book of a market, after a change of it was missed. */
  refresh(marketId: string): void {
    this.again.add(keyOf('book', marketId));
    this.askingAnew.begin(this.surroundings, ANEW_EVERY_MS, () => this.flush());
  }

  private watch(key: string): () => void {
    this.wanted.set(key, (this.wanted.get(key) ?? 0) + 1);
    this.gather();
    let watching = true;
    return () => {
      if (!watching) return;
      watching = false;
      const left = (this.wanted.get(key) ?? 0) - 1;
      if (left > 0) this.wanted.set(key, left);
      else this.wanted.delete(key);
      this.gather();
    };
  }

  private gather(): void {
    this.gathering.begin(this.surroundings, GATHER_MS, () => this.flush());
  }

  /** Tells the server what is watched now and was not, and the other way round: first what ends, so that limits are kept to. */
  private flush(): void {
    if (this.stateNow.value !== 'live') return;
    const ended = [...this.asked].filter((key) => !this.wanted.has(key) || this.again.has(key));
    this.again.clear();
    ended.forEach((key) => this.asked.delete(key));
    const begun = [...this.wanted.keys()].filter((key) => !this.asked.has(key));
    begun.forEach((key) => this.asked.add(key));
    this.sayAll('unsubscribe', ended);
    this.sayAll('subscribe', begun);
    const ids = new Set([...this.asked].map((key) => subjectOf(key).id));
    this.forgetRefusals((id) => !ids.has(id));
  }

  private sayAll(action: Action, keys: readonly string[]): void {
    const idsOf = new Map<Topic, string[]>();
    for (const { topic, id } of keys.map(subjectOf)) idsOf.set(topic, [...(idsOf.get(topic) ?? []), id]);
    for (const [topic, ids] of idsOf) {
      for (let at = 0; at < ids.length; at += MOST_SUBJECTS) {
        const some = ids.slice(at, at + MOST_SUBJECTS);
        if (topic === 'portfolio') this.say({ action, portfolio_ids: some });
        else this.say({ action, market_ids: some, channels: [topic] });
      }
    }
  }

  private say(message: ClientMessage): void {
    this.socket?.send(JSON.stringify(message));
  }

  private connect(state: 'connecting' | 'lost' | 'refused'): void {
    if (this.token === null) return;
    this.stateNow.value = state;
    this.socket = this.surroundings.open(this.token, {
      message: (frame) => this.receive(frame),
      closed: (code, reason) => this.closed(code, reason),
    });
    this.heard = false;
    this.watchSilence(SILENCE_MS);
  }

  /** Looks again and again whether the server still speaks. */
  private watchSilence(ms: number): void {
    this.cancelWait = this.surroundings.after(ms, () => {
      if (!this.heard) return this.closed(0, 'Nothing came from the server any more');
      // It holds: what went wrong before is past.
      this.failures = 0;
      this.heard = false;
      this.say({ action: 'ping' });
      this.watchSilence(PING_EVERY_MS);
    });
  }

  private receive(frame: unknown): void {
    this.heard = true;
    const message = parseServerMessage(frame);
    if (message === null) return;
    if (message.type === 'connected') {
      this.stateNow.value = 'live';
      this.reasonNow.value = null;
      this.flush();
    } else if (message.type === 'error') {
      this.refused(message.market_id ?? message.portfolio_id, message.message, message.code);
    } else if (message.type === 'subscribed') {
      const ids = [...message.market_ids, ...message.portfolio_ids];
      this.forgetRefusals((id) => ids.includes(id));
    }
    for (const listener of this.listeners) listener(message);
  }

  private refused(id: string | undefined, sentence: string, code: string | undefined): void {
    if (id === undefined) return;
    this.refusalsNow.value = new Map(this.refusalsNow.value).set(id, sentence);
    if (!mayPass(code)) return;
    for (const key of this.asked) if (subjectOf(key).id === id) this.again.add(key);
    this.retrying.begin(this.surroundings, REFUSAL_RETRY_MS, () => this.flush());
  }

  private forgetRefusals(isPast: (id: string) => boolean): void {
    const left = [...this.refusalsNow.value].filter(([id]) => !isPast(id));
    if (left.length < this.refusalsNow.value.size) this.refusalsNow.value = new Map(left);
  }

  private closed(code: number, reason: string): void {
    this.drop();
    this.reasonNow.value = reason === '' ? null : reason.replace(/\.$/, '');
    const state = code === POLICY ? 'refused' : 'lost';
    this.stateNow.value = state;
    this.cancelWait = this.surroundings.after(this.waitAfter(code), () => this.connect(state));
    this.failures += 1;
  }

  private waitAfter(code: number): number {
    // A refusal may pass as well: a limit of connections does, when another tab is closed.
    if (code === POLICY) return LONGEST_WAIT_MS;
    const longest = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** this.failures);
    return (code === TRY_LATER ? LONGEST_WAIT_MS : longest) * (0.5 + this.surroundings.random() / 2);
  }

  private drop(): void {
    this.cancelWait();
    this.cancelWait = nothing;
    for (const timer of [this.gathering, this.askingAnew, this.retrying]) timer.cancel();
    this.asked.clear();
    this.again.clear();
    this.refusalsNow.value = NOTHING;
    this.socket?.leave();
    this.socket = null;
  }
}

/** Something to be done once, soon. */
class Timer {
  private stop: (() => void) | null = null;

  /** Does nothing while it runs. */
  begin(surroundings: LiveSurroundings, ms: number, action: () => void): void {
    this.stop ??= surroundings.after(ms, () => {
      this.stop = null;
      action();
    });
  }

  cancel(): void {
    this.stop?.();
    this.stop = null;
  }
}

function nothing(): void {
  // Nothing waits.
}

/** Whether asking again later may be answered otherwise. */
function mayPass(code: string | undefined): boolean {
  return (
    code === undefined || code === 'SUBSCRIPTION.LIMIT' || code === 'REQUEST.TOO_MANY' || code.startsWith('VENUE.')
  );
}

function keyOf(topic: Topic, id: string): string {
  return `${topic} ${id}`;
}

function subjectOf(key: string): { topic: Topic; id: string } {
  const at = key.indexOf(' ');
  return { topic: key.slice(0, at) as Topic, id: key.slice(at + 1) };
}
