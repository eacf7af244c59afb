import type { LiveChannel, OutcomeIndex, ResyncReason } from '@app/contracts';
import type { FeedNews, FollowedMarket, Following } from '@app/live-data';
import type { Outbox } from './outbox';

/** What is told of one outcome, and what the client knows of it. */
interface OutcomeWatch {
  readonly channels: Set<LiveChannel>;
  /** Number of the book the client has; null before the first. */
  sequence: number | null;
  /** What a client that was behind has to be told still. */
  missed: { book: boolean; price: boolean; trades: number } | null;
}

const INDEXES: readonly OutcomeIndex[] = [0, 1];

/**
 * One market that one client watches.
 *
 * Invariants: the numbers a client is told for an outcome have no holes, or a `resync` and a whole book come before the next; nothing waits here for a client that is
 * behind but the fact that it is, so that it costs the same however long it stays so.
 */
export class MarketWatch {
  private readonly outcomes: [OutcomeWatch | null, OutcomeWatch | null] = [null, null];
  private following: Following | null = null;
  /** Settles when the market is followed, or cannot be. */
  opened: Promise<void> = Promise.resolve();

  /** @param onMissed told when the client has to be caught up later   @param onResync told of each book told anew */
  constructor(
    private readonly outbox: Outbox,
    private readonly onMissed: (watch: MarketWatch) => void,
    private readonly onResync: (reason: ResyncReason) => void,
  ) {}

  /** Whether anything is told. */
  get isEmpty(): boolean {
    return this.outcomes[0] === null && this.outcomes[1] === null;
  }

  get followed(): FollowedMarket | null {
    return this.following?.followed ?? null;
  }

  /** Tells through a followed market from now on. */
  attach(following: Following): void {
    this.following = following;
  }

  /** Ends it. */
  stop(): void {
    this.following?.stop();
    this.following = null;
  }

  /** Begins to tell an outcome's channels, with how they stand. Those that are told already go on. */
  begin(index: OutcomeIndex, channels: readonly LiveChannel[]): void {
    const watch = (this.outcomes[index] ??= { channels: new Set(), sequence: null, missed: null });
    const added = channels.filter((channel) => !watch.channels.has(channel));
    added.forEach((channel) => watch.channels.add(channel));
    if (added.includes('book')) {
      watch.sequence = null;
      this.tellBook(watch, index, null);
    }
    if (!added.includes('price')) return;
    this.tellState(watch, index);
    this.tellPrice(watch, index);
  }

  /** Ceases to tell some channels of an outcome. */
  end(index: OutcomeIndex, channels: readonly LiveChannel[]): void {
    const watch = this.outcomes[index];
    channels.forEach((channel) => watch?.channels.delete(channel));
    if (watch?.channels.size === 0) this.outcomes[index] = null;
  }

  /** Tells the client the market's news, or notes that it has to be told later. */
  hear(news: FeedNews): void {
    for (const index of INDEXES) {
      const watch = this.outcomes[index];
      if (watch !== null) this.tell(watch, index, news);
    }
  }

  /** Tells what was missed, as it stands now, until the client is behind again. Answers whether nothing is left. */
  catchUp(): boolean {
    for (const index of INDEXES) {
      const watch = this.outcomes[index];
      const missed = watch?.missed;
      if (watch == null || missed == null) continue;
      if (this.outbox.isBehind) return false;
      watch.missed = null;
      const { frames } = this.requireFollowed();
      // Whoever has a book drops it at a resync, so that one of trades brings it anew as well.
      const isBookDue = missed.book || (missed.trades > 0 && watch.sequence !== null);
      if (isBookDue && watch.channels.has('book')) this.tellBook(watch, index, 'slow', missed.trades);
      else if (missed.trades > 0) this.outbox.send(frames.resync(index, 'slow', missed.trades));
      if (!missed.price || !watch.channels.has('price')) continue;
      this.tellState(watch, index);
      this.tellPrice(watch, index);
    }
    return this.outcomes.every((watch) => watch?.missed == null);
  }

  private tell(watch: OutcomeWatch, index: OutcomeIndex, news: FeedNews): void {
    const { frames } = this.requireFollowed();
    const hasBook = watch.channels.has('book');
    switch (news.kind) {
      case 'book':
        if (hasBook) this.tellBook(watch, index, news.anewBecause);
        else this.tellState(watch, index);
        break;
      case 'changes':
        if (!hasBook) break;
        if (this.mustWait(watch)) this.miss(watch, 'book');
        else if (watch.sequence !== news.sequence - 1) this.tellBook(watch, index, 'gap');
        else {
          watch.sequence = news.sequence;
          this.outbox.send(frames.delta(news, index));
        }
        break;
      case 'state':
        if (!hasBook) this.tellState(watch, index);
        else if (this.mustWait(watch)) this.miss(watch, 'book');
        else this.outbox.send(frames.state(index));
        break;
      case 'print':
        if (!watch.channels.has('trades')) break;
        if (this.mustWait(watch)) this.miss(watch, 'trades');
        else this.outbox.send(frames.trade(news, index));
        break;
    }
    if (news.isPriceMoved && watch.channels.has('price')) this.tellPrice(watch, index);
  }

  private tellBook(watch: OutcomeWatch, index: OutcomeIndex, anewBecause: ResyncReason | null, tradesMissed = 0): void {
    if (this.mustWait(watch)) return this.miss(watch, 'book');
    const { feed, frames } = this.requireFollowed();
    if (feed.source === 'none') return this.outbox.send(frames.state(index));
    if (anewBecause !== null && (watch.sequence !== null || tradesMissed > 0)) {
      this.outbox.send(frames.resync(index, anewBecause, tradesMissed));
      this.onResync(anewBecause);
    }
    this.outbox.send(frames.orderbook(index));
    watch.sequence = feed.sequence;
  }

  /** A price is as good as the book it is of: who has no book is told how good that is. */
  private tellState(watch: OutcomeWatch, index: OutcomeIndex): void {
    if (watch.channels.has('book') || !watch.channels.has('price')) return;
    if (this.mustWait(watch)) this.miss(watch, 'price');
    else this.outbox.send(this.requireFollowed().frames.state(index));
  }

  private tellPrice(watch: OutcomeWatch, index: OutcomeIndex): void {
    const { feed, frames } = this.requireFollowed();
    if (feed.source === 'none') return;
    if (this.mustWait(watch)) this.miss(watch, 'price');
    else this.outbox.send(frames.price(index));
  }

  /** A client that has missed something is told nothing else before it. */
  private mustWait({ missed }: OutcomeWatch): boolean {
    return missed !== null || this.outbox.isBehind;
  }

  private miss(watch: OutcomeWatch, what: 'book' | 'price' | 'trades'): void {
    watch.missed ??= { book: false, price: false, trades: 0 };
    if (what === 'trades') watch.missed.trades += 1;
    else watch.missed[what] = true;
    this.onMissed(this);
  }

  private requireFollowed(): FollowedMarket {
    if (this.following === null) throw new Error('a market is told that is not followed');
    return this.following.followed;
  }
}
