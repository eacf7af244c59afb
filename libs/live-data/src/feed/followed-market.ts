import { decodeMarketMessage, type LiveBook, type MarketMessage } from '@app/contracts';
import { FeedFrames } from './feed-frames';
import { type FeedMarket, type FeedNews, MarketFeed } from './market-feed';

/** Told of a market's news, in order, at once. */
export type FeedListener = (news: FeedNews) => void;

/** What a followed market stands on. */
export interface FollowedMarketSources {
  /** The book its follower keeps; null when nobody follows it, or that cannot be told. */
  readBook(conditionId: string): Promise<LiveBook | null>;
  /** A book asked for over REST; null when there is none to be had. */
  askBook(market: FeedMarket): Promise<LiveBook | null>;
  nowMs(): number;
  /** Lets so many milliseconds pass. */
  pause(ms: number): Promise<void>;
  /** A listener threw, or a message could not be told. */
  onFailure(err: unknown): void;
}

/** Messages kept while the book is read; the oldest go first, since a stored book that is newer covers them. */
const MOST_WAITING = 1_000;
/** How often the stored book is read again when it is older than what was missed: it is written a moment later than messages are sent. */
const READ_AGAIN_MS = [10, 20, 40, 80, 160, 320];
/** A book asked for over REST is asked for again after this long without a follower. */
const ASK_AGAIN_MS = 60_000;
/** A market that said something this lately needs no look at what is stored of it. */
const QUIET_MS = 1_000;

const LOST = 'changes of it were lost on the way here';
const NOBODY = 'nobody is heard of who follows it';

/** One market that clients of this process watch: the messages of its follower, holes healed from the stored book. */
export class FollowedMarket {
  readonly feed: MarketFeed;
  readonly frames: FeedFrames;
  readonly listeners = new Set<FeedListener>();
  private waiting: MarketMessage[] | null = null;
  private heardAtMs = 0;
  private askedAtMs = 0;
  private isAsking = false;
  private isEnded = false;

  constructor(
    readonly market: FeedMarket,
    private readonly sources: FollowedMarketSources,
  ) {
    this.feed = new MarketFeed(market, sources.nowMs());
    this.frames = new FeedFrames(this.feed);
  }

  /** Takes in a text of the market's channel; one that cannot be read shows as a hole by the next. */
  receive(text: string): void {
    const message = decodeMarketMessage(text);
    if (message === null || this.isEnded) return;
    this.heardAtMs = this.sources.nowMs();
    // A trade has no number: nothing it could be behind of.
    if (this.waiting === null || message.kind === 'print') this.take(message);
    else if (this.waiting.push(message) > MOST_WAITING) this.waiting.shift();
  }

  /** Reads the stored book, and goes on from there; several at once are one. */
  async load(): Promise<void> {
    if (this.waiting !== null || this.isEnded) return;
    this.waiting = [];
    try {
      for (const pauseMs of [...READ_AGAIN_MS, null]) {
        const stored = await this.sources.readBook(this.market.conditionId);
        if (this.isEnded) return;
        if (stored !== null && this.isNewer(stored)) this.tell([this.feed.adopt(stored, 'stream')]);
        if (this.replay()) break;
        if (pauseMs === null) this.giveUp();
        else await this.sources.pause(pauseMs);
      }
    } finally {
      this.waiting = null;
    }
    if (this.feed.source === 'none') void this.askRest();
  }

  /** Compares with what is stored: a follower that fell silent, a message nobody will follow up on. */
  check(stored: LiveBook | null): void {
    const nowMs = this.sources.nowMs();
    if (this.isEnded || this.waiting !== null || nowMs - this.heardAtMs < QUIET_MS) return;
    if (stored === null) {
      // Nobody goes on following a market that has ended: it stays as halted as it was.
      if (this.feed.source === 'stream' && this.feed.state === 'halted') return;
      if (this.feed.source === 'stream') this.tell(this.feed.restate('stale', NOBODY, nowMs));
      else if (nowMs - this.askedAtMs >= ASK_AGAIN_MS) void this.askRest();
    } else if (this.isNewer(stored)) {
      this.tell([this.feed.adopt(stored, 'stream')]);
    } else if (stored.sequence === this.feed.sequence || stored.state === 'stale') {
      // What is stored may be older than what was told; that nobody follows it any more is true of both.
      this.tell(this.feed.restate(stored.state, stored.reason, stored.stateSinceMs));
    }
  }

  end(): void {
    this.isEnded = true;
    this.listeners.clear();
  }

  private take(message: MarketMessage): void {
    const news = this.feed.accept(message);
    if (news !== 'behind') return this.tell(news);
    void this.load().catch((err: unknown) => this.sources.onFailure(err));
    this.waiting?.push(message);
  }

  /** Takes in what waits. Answers whether nothing is missing any more. */
  private replay(): boolean {
    const messages = this.waiting ?? [];
    for (let next = messages.shift(); next !== undefined; next = messages.shift()) {
      const news = this.feed.accept(next);
      if (news !== 'behind') this.tell(news);
      else if (next.kind === 'changes' && (next.epoch === this.feed.epoch || this.feed.source !== 'stream')) {
        messages.unshift(next);
        return false;
      }
      // Anything else of another epoch is what a follower says that is none any more, or what the stored book has already.
    }
    return true;
  }

  private giveUp(): void {
    this.tell(this.feed.restate('recovering', LOST, this.sources.nowMs()));
  }

  private isNewer(stored: LiveBook): boolean {
    const { source, epoch, sequence } = this.feed;
    return source !== 'stream' || stored.epoch !== epoch || stored.sequence > sequence;
  }

  private async askRest(): Promise<void> {
    // Its follower may speak while the book is on its way; asking again would tell the same book twice.
    if (this.isAsking) return;
    this.isAsking = true;
    this.askedAtMs = this.sources.nowMs();
    const book = await this.sources.askBook(this.market);
    this.isAsking = false;
    if (book !== null && !this.isEnded && this.feed.source !== 'stream') this.tell([this.feed.adopt(book, 'rest')]);
  }

  private tell(news: readonly FeedNews[]): void {
    for (const one of news) {
      this.frames.forget();
      for (const listener of this.listeners) {
        try {
          listener(one);
        } catch (err) {
          this.sources.onFailure(err);
        }
      }
    }
  }
}
