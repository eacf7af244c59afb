import { BookTracker, DEFAULT_EXCHANGE_SETTINGS, type FeedEvent, type RestingEvent } from '@app/exchange';
import { readMarketFrame, type StreamEvent, streamEventsOf } from '@app/polymarket';
import type { Tape } from '../../../libs/exchange/test/tape';
import { bookFeedOf, printOf, tokensOf } from '../src/following/stream-feed';
import { readRecording } from '../src/recorder/read-recording';
import type { RecordedLine } from '../src/recorder/recorded-line';

/** Between two looks at the clock, as often as the live-worker looks. */
const CLOCK_MS = 250;

interface RecordedMarket {
  tokenIds: readonly [string, string];
  tracker: BookTracker;
  events: RestingEvent[];
}

/**
 * Plays recordings to the code that heard the stream: files of one process in order of their days. Answers a tape for each market, of what its resting orders would have
 * been told.
 */
export async function tapesOf(paths: readonly string[]): Promise<Map<string, Tape>> {
  const replay = new RecordingReplay();
  for (const path of paths) {
    for await (const line of readRecording(path)) replay.take(line);
  }
  return replay.tapes();
}

class RecordingReplay {
  private readonly markets = new Map<string, RecordedMarket>();
  private readonly byToken = new Map<string, RecordedMarket>();
  private readonly connections = new Map<number, Set<string>>();
  private nowMs: number | null = null;

  tapes(): Map<string, Tape> {
    return new Map([...this.markets].map(([conditionId, { events }]) => [conditionId, { conditionId, events }]));
  }

  take(line: RecordedLine): void {
    const { atMs } = line;
    this.pass(atMs);
    switch (line.kind) {
      case 'market':
        this.follow(line.conditionId, line.tokenIds);
        return;
      case 'connected':
        for (const tokenId of line.tokenIds) this.tokensOn(line.connection).add(tokenId);
        this.hear({ kind: 'connected', atMs, tokenIds: line.tokenIds });
        return;
      case 'continues': {
        const known = this.tokensOn(line.connection);
        const fresh = line.tokenIds.filter((tokenId) => !known.has(tokenId));
        this.connections.set(line.connection, new Set(line.tokenIds));
        if (fresh.length > 0) this.hear({ kind: 'connected', atMs, tokenIds: fresh });
        return;
      }
      case 'disconnected': {
        const tokens = this.tokensOn(line.connection);
        const tokenIds = line.tokenIds ?? [...tokens];
        for (const tokenId of tokenIds) tokens.delete(tokenId);
        this.hear({ kind: 'disconnected', atMs, tokenIds, reason: line.reason });
        return;
      }
      case 'frame':
        for (const event of streamEventsOf(readMarketFrame(line.frame), this.tokensOn(line.connection), atMs)) {
          this.hear(event);
        }
        return;
      case 'book': {
        const { book } = line;
        const market = this.byToken.get(book.tokenId);
        const outcomeIndex = market?.tokenIds.indexOf(book.tokenId) ?? 0;
        if (market !== undefined) tell(market, { kind: 'reconciled', atMs, outcomeIndex, book });
        return;
      }
      case 'no_book': {
        const market = this.byToken.get(line.tokenId);
        if (market !== undefined) tell(market, { kind: 'lost', atMs, reason: 'the venue keeps no book of it' });
        return;
      }
      case 'lost':
        for (const market of this.markets.values()) {
          tell(market, { kind: 'lost', atMs, reason: 'a part of what was recorded of it is missing' });
        }
    }
  }

  private follow(conditionId: string, tokenIds: readonly [string, string]): void {
    if (this.markets.has(conditionId)) return;
    const tracker = new BookTracker({ conditionId, tokenIds }, DEFAULT_EXCHANGE_SETTINGS);
    const market: RecordedMarket = { tokenIds, tracker, events: [] };
    this.markets.set(conditionId, market);
    for (const tokenId of tokenIds) this.byToken.set(tokenId, market);
  }

  private hear(event: StreamEvent): void {
    const { atMs } = event;
    const tokenIds = event.kind === 'message' ? tokensOf(event.message) : event.tokenIds;
    const concerned = new Set(tokenIds.flatMap((tokenId) => this.byToken.get(tokenId) ?? []));
    for (const market of concerned) {
      switch (event.kind) {
        case 'connected':
        case 'ponged':
          tell(market, { kind: event.kind, atMs });
          break;
        case 'disconnected':
          tell(market, { kind: 'disconnected', atMs, reason: event.reason });
          break;
        case 'unreadable':
          tell(market, { kind: 'lost', atMs, reason: event.reason });
          break;
        case 'message':
          hearMessage(market, event);
      }
    }
  }

  private pass(untilMs: number): void {
    this.nowMs ??= untilMs;
    for (; this.nowMs + CLOCK_MS < untilMs; this.nowMs += CLOCK_MS) {
      for (const market of this.markets.values()) {
        tell(market, { kind: 'clock', atMs: this.nowMs });
        market.events.push({ kind: 'clock', atMs: this.nowMs });
      }
    }
  }

  private tokensOn(connection: number): Set<string> {
    let tokens = this.connections.get(connection);
    if (tokens === undefined) {
      tokens = new Set();
      this.connections.set(connection, tokens);
    }
    return tokens;
  }
}

function tell({ tracker, events }: RecordedMarket, event: FeedEvent): void {
  events.push(...tracker.apply(event));
}

function hearMessage(market: RecordedMarket, { message, atMs }: Extract<StreamEvent, { kind: 'message' }>): void {
  if (message.type === 'last_trade_price') {
    const print = printOf(message, market.tokenIds, atMs);
    if (print !== null) market.events.push({ kind: 'print', atMs, ...print });
    return;
  }
  if (message.type === 'market_resolved') {
    market.events.push({ kind: 'close', atMs, reason: 'the market resolved' });
    return;
  }
  const feed = bookFeedOf(message, market.tokenIds, atMs);
  if (feed !== null) tell(market, feed);
}
