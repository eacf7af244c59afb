import { marketChannel } from '@app/contracts';
import { Clock, MessageBus, newId, type Unsubscribe } from '@app/platform';
import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { setTimeout as wait } from 'node:timers/promises';
import { LiveBookReader } from '../books/live-book-reader';
import { RestBooks } from '../books/rest-books';
import { gatewayHolder } from '../interest/interest-holder';
import { INTEREST_TTL_MS, InterestRegistry } from '../interest/interest-registry';
import type { WatchedToken } from '../interest/watched-token';
import { reached } from '../reached';
import { type FeedListener, FollowedMarket } from './followed-market';
import type { FeedMarket } from './market-feed';

/** Every followed market is compared with what is stored of it about this often, milliseconds; a few of them at each look. */
const CHECK_MS = 3_000;
const LOOK_MS = 250;
const RENEW_MS = INTEREST_TTL_MS / 3;

/** A watched market, until it is let go. */
export interface Following {
  readonly followed: FollowedMarket;
  /** Ends it; the last one ends the interest of this process in the market. */
  stop(): void;
}

interface Entry {
  followed: FollowedMarket;
  opened: Promise<Unsubscribe>;
}

/**
 * The markets that clients of this process watch, each followed once however many watch it: one subscription of the bus, one interest, one book. Any process serves any
 * client so. A market is compared with its stored book now and then, so that no message lost, the last one neither, stays lost.
 */
@Injectable()
export class MarketFeeds implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger('MarketFeeds');
  private readonly holder = gatewayHolder(newId());
  private readonly entries = new Map<string, Entry>();
  private readonly timers: NodeJS.Timeout[] = [];
  private endGapWatch: () => void = () => undefined;
  private nextLooked = 0;
  private isLooking = false;

  constructor(
    private readonly bus: MessageBus,
    private readonly reader: LiveBookReader,
    private readonly interests: InterestRegistry,
    private readonly restBooks: RestBooks,
    private readonly clock: Clock,
  ) {}

  onApplicationBootstrap(): void {
    this.endGapWatch = this.bus.onGap(() => this.loadAll());
    this.timers.push(
      setInterval(() => void this.look(), LOOK_MS).unref(),
      setInterval(() => void this.renew(), RENEW_MS).unref(),
    );
  }

  async onModuleDestroy(): Promise<void> {
    this.timers.forEach(clearInterval);
    this.endGapWatch();
    const entries = [...this.entries.values()];
    this.entries.clear();
    await this.interests.withdrawAll(this.holder).catch(() => undefined);
    await Promise.allSettled(entries.map((entry) => this.close(entry)));
  }

  /** How many markets are followed. */
  get size(): number {
    return this.entries.size;
  }

  /** Whether a market is followed for a client of this process. */
  isFollowed(conditionId: string): boolean {
    return this.entries.has(conditionId);
  }

  /**
   * Watches a market. The listener hears everything after this resolves; the book as it stands is in `followed`.
   * @throws DomainError `STORE.UNAVAILABLE` when live data cannot be reached
   */
  async follow(market: FeedMarket, listener: FeedListener): Promise<Following> {
    const entry = this.entries.get(market.conditionId) ?? this.open(market);
    const { followed } = entry;
    followed.listeners.add(listener);
    const stop = (): void => {
      followed.listeners.delete(listener);
      this.letGo(entry);
    };
    try {
      await reached(entry.opened);
    } catch (err) {
      stop();
      throw err;
    }
    return { followed, stop };
  }

  private open(market: FeedMarket): Entry {
    const followed = new FollowedMarket(market, {
      readBook: (conditionId) => this.reader.read(conditionId),
      askBook: (asked) => this.restBooks.ask(asked),
      nowMs: () => this.clock.now().getTime(),
      pause: (ms) => wait(ms),
      onFailure: (err) => this.logger.error({ err, market: market.marketId, msg: 'A live message could not be told' }),
    });
    const entry = { followed, opened: this.begin(followed) };
    this.entries.set(market.conditionId, entry);
    return entry;
  }

  private async begin(followed: FollowedMarket): Promise<Unsubscribe> {
    const channel = marketChannel(followed.market.conditionId);
    const unsubscribe = await this.bus.subscribe(channel, (text) => followed.receive(text));
    try {
      await this.interests.add(this.holder, [tokenOf(followed)]);
    } catch (err) {
      await unsubscribe();
      throw err;
    }
    await followed.load();
    return unsubscribe;
  }

  private letGo(entry: Entry): void {
    const { conditionId } = entry.followed.market;
    if (entry.followed.listeners.size > 0 || this.entries.get(conditionId) !== entry) return;
    this.entries.delete(conditionId);
    void this.close(entry).catch(() => undefined);
    void this.interests
      .withdraw(this.holder, [tokenOf(entry.followed)])
      // Somebody may watch it again meanwhile, and then it is wanted.
      .then(() =>
        this.entries.has(conditionId) ? this.interests.add(this.holder, [tokenOf(entry.followed)]) : undefined,
      )
      .catch((err: unknown) => this.logger.debug({ err, msg: 'An interest could not be withdrawn; it expires' }));
  }

  private async close(entry: Entry): Promise<void> {
    entry.followed.end();
    const unsubscribe = await entry.opened;
    await unsubscribe();
  }

  private loadAll(): void {
    for (const { followed } of this.entries.values()) {
      void followed.load().catch((err: unknown) => this.logger.error({ err, msg: 'A live book could not be read' }));
    }
  }

  /** Compares the next few markets with what is stored of them. */
  private async look(): Promise<void> {
    if (this.isLooking || this.entries.size === 0) return;
    this.isLooking = true;
    try {
      const all = [...this.entries.values()];
      const count = Math.ceil((all.length * LOOK_MS) / CHECK_MS);
      if (this.nextLooked >= all.length) this.nextLooked = 0;
      const some = all.slice(this.nextLooked, this.nextLooked + count);
      this.nextLooked += count;
      const stored = await this.reader.readMany(some.map(({ followed }) => followed.market.conditionId));
      some.forEach(({ followed }, index) => followed.check(stored[index] ?? null));
    } finally {
      this.isLooking = false;
    }
  }

  private async renew(): Promise<void> {
    const tokens = [...this.entries.values()].map(({ followed }) => tokenOf(followed));
    if (tokens.length === 0) return;
    try {
      await this.interests.renew([{ holder: this.holder, tokens }]);
    } catch (err) {
      this.logger.warn({ err, msg: 'Interests could not be renewed; tried again in half a minute' });
    }
  }
}

/** One of a market's tokens stands for both. */
function tokenOf({ market }: FollowedMarket): WatchedToken {
  return { conditionId: market.conditionId, tokenId: market.tokenIds[0] };
}
