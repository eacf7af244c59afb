import type { MarketMessage } from '@app/contracts';
import { BOOK_STATES, type BookState } from '@app/exchange';
import { Clock } from '@app/platform';
import { type MarketChannelMessage, MarketStream, type StreamEvent, type StreamStats } from '@app/polymarket';
import { TRADING_OPTIONS, type TradingOptions } from '@app/trading';
import { Inject, Injectable, Logger, Optional } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import { LiveMetrics } from '../live-metrics';
import { LIVE_WORKER_OPTIONS, type LiveWorkerOptions } from '../live-worker.options';
import { BookPublisher } from '../publishing/book-publisher';
import { RECORDING } from '../recorder/recording';
import type { RecordingStats, StreamRecording } from '../recorder/stream-recording';
import type { FollowedMarket } from './followed-market';
import { ENDED_BY_OWNER, MarketFollower } from './market-follower';
import { bookFeedOf, printOf, tokensOf, venueTimeOf } from './stream-feed';

/** A result the venue announced on its stream. */
export interface Announcement {
  conditionId: string;
  winningTokenId: string;
}

const FAILED = 'the process that follows it failed at it';

/** The followers of this process over the one stream, and the way of every message to those it concerns. */
@Injectable()
export class LiveBooks {
  private readonly logger = new Logger('LiveBooks');
  private readonly stream: MarketStream;
  private readonly followers = new Map<string, MarketFollower>();
  private readonly byToken = new Map<string, MarketFollower>();
  private readonly announcements: Announcement[] = [];

  constructor(
    private readonly clock: Clock,
    private readonly publisher: BookPublisher,
    private readonly metrics: LiveMetrics,
    @Inject(TRADING_OPTIONS) private readonly trading: TradingOptions,
    @Inject(LIVE_WORKER_OPTIONS) private readonly options: LiveWorkerOptions,
    @Optional() @Inject(RECORDING) private readonly recording: StreamRecording | null,
  ) {
    const { pingIntervalMs } = trading.exchange;
    this.stream = new MarketStream(
      { url: options.streamUrl, clock, random: Math.random, pingIntervalMs, recorder: recording },
      (event) => this.hear(event),
    );
  }

  get all(): Iterable<MarketFollower> {
    return this.followers.values();
  }

  get conditionIds(): string[] {
    return [...this.followers.keys()];
  }

  find(conditionId: string): MarketFollower | null {
    return this.followers.get(conditionId) ?? null;
  }

  /** Takes up a market that is this instance's until a moment. Nothing is heard of it before {@link subscribe}. */
  add(market: FollowedMarket, owner: string, heldUntilMs: number, startSequence: number): MarketFollower {
    const { conditionId, tokenIds } = market;
    const follower = new MarketFollower(
      market,
      {
        owner,
        epoch: randomUUID(),
        startSequence,
        settings: this.trading.exchange,
        silenceMs: this.options.timing.silenceMs,
      },
      {
        publish: (message: MarketMessage) => this.publisher.publish(conditionId, message),
        changed: () => this.publisher.changed(follower),
        resubscribe: () => {
          this.metrics.resubscribed();
          this.stream.resubscribe(tokenIds);
        },
      },
    );
    follower.hold(heldUntilMs);
    this.recording?.follow(conditionId, tokenIds, this.clock.now().getTime());
    this.followers.set(conditionId, follower);
    for (const tokenId of tokenIds) this.byToken.set(tokenId, follower);
    return follower;
  }

  /** Begins to listen to what the venue says of a market. */
  subscribe(follower: MarketFollower): void {
    if (this.followers.get(follower.market.conditionId) === follower) this.stream.subscribe(follower.market.tokenIds);
  }

  /** Follows markets no more: what comes of them from now on counts for nothing. Returns their followers. */
  drop(conditionIds: readonly string[]): MarketFollower[] {
    const atMs = this.clock.now().getTime();
    const dropped: MarketFollower[] = [];
    for (const conditionId of conditionIds) {
      const follower = this.followers.get(conditionId);
      if (follower === undefined) continue;
      follower.end(ENDED_BY_OWNER, atMs);
      this.followers.delete(conditionId);
      for (const tokenId of follower.market.tokenIds) this.byToken.delete(tokenId);
      this.stream.unsubscribe(follower.market.tokenIds);
      this.recording?.unfollow(conditionId);
      dropped.push(follower);
    }
    return dropped;
  }

  /** Lets time pass for every market. */
  pass(): void {
    const atMs = this.clock.now().getTime();
    for (const follower of this.followers.values()) this.safely(follower, atMs, () => follower.pass(atMs));
  }

  /** Tells anew how every market stands. */
  tellAgain(): void {
    const atMs = this.clock.now().getTime();
    for (const follower of this.followers.values()) follower.tellAgain(atMs);
  }

  /** Returns the results announced since the last call. */
  takeAnnouncements(): Announcement[] {
    return this.announcements.splice(0);
  }

  countStates(): Record<BookState, number> {
    const counts = Object.fromEntries(BOOK_STATES.map((state) => [state, 0])) as Record<BookState, number>;
    for (const { state } of this.followers.values()) counts[state] += 1;
    return counts;
  }

  /** Returns books that are not live, and why; at most so many. */
  listNotLive(most: number): { market_id: string; state: BookState; reason: string | null }[] {
    const found: { market_id: string; state: BookState; reason: string | null }[] = [];
    for (const { market, state, reason } of this.followers.values()) {
      if (found.length >= most) break;
      if (state !== 'live') found.push({ market_id: market.marketId, state, reason });
    }
    return found;
  }

  get restingOrders(): number {
    let count = 0;
    for (const { resting } of this.followers.values()) count += resting?.orderCount ?? 0;
    return count;
  }

  streamStats(): StreamStats {
    return this.stream.stats();
  }

  /** What was recorded; null when nothing is. */
  recordingStats(): RecordingStats | null {
    return this.recording?.stats() ?? null;
  }

  /** Closes the stream, and the recording of it. */
  async close(): Promise<void> {
    await this.stream.close();
    await this.recording?.close();
  }

  private hear(event: StreamEvent): void {
    const { atMs } = event;
    if (event.kind === 'message') {
      this.hearMessage(event.message, atMs);
      return;
    }
    for (const follower of this.followersOf(event.tokenIds)) {
      this.safely(follower, atMs, () => {
        switch (event.kind) {
          case 'connected':
            follower.hear({ kind: 'connected', atMs });
            return;
          case 'disconnected':
            follower.hear({ kind: 'disconnected', reason: event.reason, atMs });
            return;
          case 'ponged':
            follower.hear({ kind: 'ponged', atMs });
            return;
          case 'unreadable':
            follower.hear({ kind: 'lost', reason: event.reason, atMs });
            return;
        }
      });
    }
  }

  private hearMessage(message: MarketChannelMessage, atMs: number): void {
    this.metrics.heardMessage(message.type, atMs - venueTimeOf(message));
    for (const follower of this.followersOf(tokensOf(message))) {
      this.safely(follower, atMs, () => this.tell(follower, message, atMs));
    }
  }

  private tell(follower: MarketFollower, message: MarketChannelMessage, atMs: number): void {
    const { tokenIds, conditionId } = follower.market;
    switch (message.type) {
      case 'last_trade_price': {
        const print = printOf(message, tokenIds, atMs);
        if (print === null) this.metrics.heardPrint('unusable');
        else this.metrics.heardPrint(follower.hearPrint(print, atMs) ? 'new' : 'repeated');
        return;
      }
      case 'market_resolved':
        follower.hearResult(atMs);
        this.announcements.push({ conditionId, winningTokenId: message.winningTokenId });
        return;
      default: {
        const feed = bookFeedOf(message, tokenIds, atMs);
        if (feed !== null) follower.hear(feed);
      }
    }
  }

  /** Each once. */
  private followersOf(tokenIds: readonly string[]): Set<MarketFollower> {
    const found = new Set<MarketFollower>();
    for (const tokenId of tokenIds) {
      const follower = this.byToken.get(tokenId);
      if (follower !== undefined) found.add(follower);
    }
    return found;
  }

  /** One market that cannot be followed must not end the others: it ends, and is begun anew. */
  private safely(follower: MarketFollower, atMs: number, work: () => void): void {
    try {
      work();
    } catch (err) {
      this.logger.error({ msg: 'A market could not be followed on', market: follower.market.marketId, err });
      follower.end(FAILED, atMs);
    }
  }
}
