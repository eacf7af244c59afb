import { decodeLiveBook, INTEREST_CHANNEL } from '@app/contracts';
import { DomainError, type Market } from '@app/domain';
import { forEachLimited, MarketCatalogue } from '@app/markets';
import { MarketRepository } from '@app/persistence';
import { BookStore, Clock, Leases, Locks, MessageBus, newId, type Unsubscribe } from '@app/platform';
import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { hostname } from 'node:os';
import { Comparisons } from './following/comparisons';
import { followedMarket, haltOf } from './following/followed-market';
import { LiveBooks } from './following/live-books';
import { RestingAttendant } from './following/resting-attendant';
import { LIVE_WORKER_OPTIONS, type LiveWorkerOptions } from './live-worker.options';
import { OwnedMarkets } from './ownership/owned-markets';
import { BookPublisher } from './publishing/book-publisher';
import { type Pace, Repetition } from './repetition';
import { AnnouncedResults } from './settlement/announced-results';
import { WantedMarkets } from './wanted/wanted-markets';

/** How long a market that cannot be followed is not looked at again, ms. */
const UNFOLLOWABLE_MS = 60_000;
const LOADED_AT_ONCE = 4;
const MARKETS_AT_ONCE = 500;
/** Least time between two looks or rounds, however often they are asked for, ms. */
const SOONEST_MS = 50;

/**
 * Decides what this instance follows, and drives it, until it is stopped.
 *
 * Invariants: nothing that may take long, such as a question to the venue or to a database, stands between two renewals of what is held; a market is given up only after its
 * orders are written and readers are told, and only then its lock is freed; what is not renewed in time ends by itself.
 */
@Injectable()
export class LiveRunner implements OnApplicationBootstrap, OnModuleDestroy {
  readonly instance = `${hostname()}:${process.pid}:${newId().slice(-8)}`;
  private readonly logger = new Logger('LiveRunner');
  private readonly owned: OwnedMarkets;
  private readonly stopping = new AbortController();
  private readonly looks: Repetition;
  private readonly rounds: Repetition;
  private readonly repetitions: readonly Repetition[];
  /** Work that no loop waits for. */
  private readonly background = new Set<Promise<void>>();
  private wantedNow: ReadonlySet<string> = new Set();
  private readonly leaving = new Set<string>();
  private readonly unfollowableUntilMs = new Map<string, number>();
  private interestHeard: Unsubscribe | null = null;
  private gapsHeard: (() => void) | null = null;
  private isRenewing = true;
  private canBegin = true;

  constructor(
    leases: Leases,
    locks: Locks,
    private readonly clock: Clock,
    private readonly bus: MessageBus,
    private readonly stored: BookStore,
    private readonly markets: MarketRepository,
    private readonly catalogue: MarketCatalogue,
    private readonly wanted: WantedMarkets,
    private readonly books: LiveBooks,
    private readonly publisher: BookPublisher,
    private readonly comparisons: Comparisons,
    private readonly resting: RestingAttendant,
    private readonly announced: AnnouncedResults,
    @Inject(LIVE_WORKER_OPTIONS) { timing }: LiveWorkerOptions,
  ) {
    this.owned = new OwnedMarkets(this.instance, leases, locks, clock, timing.leaseMs);
    const often = (what: string, everyMs: number, run: () => Promise<void> | void): Repetition => {
      const pace: Pace = { everyMs, leastMs: Math.min(everyMs, SOONEST_MS) };
      return new Repetition(
        pace,
        async () => run(),
        (err) => this.reportFailure(what, err),
      );
    };
    this.looks = often('wanted', Math.min(timing.interestMs, timing.durableMs), () => this.look());
    this.rounds = often('round', timing.roundMs, () => this.round());
    this.repetitions = [
      this.looks,
      this.rounds,
      often('clock', timing.clockMs, () => this.pass()),
      often('orders', timing.durableMs, () => this.resting.look()),
      often('markets', timing.marketsMs, () => this.lookAtMarkets()),
      often('announcements', timing.roundMs, () => this.announced.settleDue(this.books, this.stopping.signal)),
    ];
  }

  /** Whether lease and locks could be renewed at the last try. */
  get isInContact(): boolean {
    return this.isRenewing;
  }

  onApplicationBootstrap(): void {
    this.gapsHeard = this.bus.onGap(() => this.afterGap());
    for (const repetition of this.repetitions) repetition.start();
  }

  /** Gives every market to the others, once what its orders did is written. */
  async onModuleDestroy(): Promise<void> {
    this.stopping.abort(new Error('the worker is stopping'));
    this.gapsHeard?.();
    await this.interestHeard?.();
    await Promise.all(this.repetitions.map((repetition) => repetition.stop()));
    await Promise.all(this.background);
    await this.giveUp(this.books.conditionIds, () => true);
    await this.owned.leave().catch((err: unknown) => this.logger.warn({ msg: 'The lease was not given back', err }));
    await this.books.close();
    await this.comparisons.settled();
  }

  /** Reads what is wanted. */
  private async look(): Promise<void> {
    await this.listenForInterest();
    const before = this.wantedNow;
    this.wantedNow = await this.wanted.look();
    for (const conditionId of this.wantedNow) {
      if (before.has(conditionId)) continue;
      this.rounds.wake();
      return;
    }
  }

  /** Renews what is held, takes and gives up what changed. */
  private async round(): Promise<void> {
    const ended = [...this.books.all].filter(({ isEnded }) => isEnded).map(({ market }) => market.conditionId);
    this.owned.dropOverdue();
    // Also what a round lost that failed later.
    this.inBackground(this.letGo(this.books.conditionIds.filter((id) => this.owned.heldUntil(id) === 0)));
    this.giveUpSoon(ended.filter((conditionId) => this.owned.heldUntil(conditionId) > 0));
    try {
      const change = await this.owned.renew(this.followable());
      for (const follower of this.books.all) follower.hold(this.owned.heldUntil(follower.market.conditionId));
      this.inBackground(this.letGo(change.lost));
      this.giveUpSoon(change.surplus);
      if (change.gained.length > 0) this.inBackground(this.begin(change.gained));
      if (!this.isRenewing) this.logger.log({ msg: 'What this process follows can be renewed again' });
      this.isRenewing = true;
    } catch (err) {
      if (this.isRenewing) this.logger.warn({ msg: 'What this process follows cannot be renewed', err });
      this.isRenewing = false;
    }
    this.publisher.refresh();
  }

  private pass(): void {
    this.books.pass();
    this.comparisons.begin(this.books.all, this.stopping.signal);
  }

  /** The wanted markets without those that cannot be followed. */
  private followable(): ReadonlySet<string> {
    const nowMs = this.clock.now().getTime();
    for (const [conditionId, untilMs] of this.unfollowableUntilMs) {
      if (untilMs <= nowMs) this.unfollowableUntilMs.delete(conditionId);
    }
    return new Set([...this.wantedNow].filter((conditionId) => !this.unfollowableUntilMs.has(conditionId)));
  }

  /** Begins to follow markets that are this instance's now; what cannot be begun is freed, and tried again. */
  private async begin(conditionIds: readonly string[]): Promise<void> {
    try {
      const known = new Map(
        (await this.markets.findManyByConditionIds(conditionIds)).map((one) => [one.conditionId, one]),
      );
      const sequences = await this.lastSequences(conditionIds);
      await forEachLimited(conditionIds, LOADED_AT_ONCE, async (conditionId) => {
        const market = known.get(conditionId) ?? (await this.load(conditionId));
        await this.beginOne(conditionId, market, sequences.get(conditionId) ?? 0);
      });
      if (!this.canBegin) this.logger.log({ msg: 'Markets can be followed again' });
      this.canBegin = true;
    } catch (err) {
      if (this.canBegin) this.logger.warn({ msg: 'Markets cannot be followed yet', count: conditionIds.length, err });
      this.canBegin = false;
      await this.free(conditionIds.filter((conditionId) => this.books.find(conditionId) === null));
    }
  }

  private async beginOne(conditionId: string, market: Market | null, sequence: number): Promise<void> {
    const followed = market === null ? null : followedMarket(market);
    if (market === null || followed === null) {
      this.unfollowableUntilMs.set(conditionId, this.clock.now().getTime() + UNFOLLOWABLE_MS);
      await this.free([conditionId]);
      return;
    }
    const heldUntilMs = this.owned.heldUntil(conditionId);
    const isFollowed = this.books.find(conditionId) !== null;
    if (heldUntilMs === 0 || isFollowed || this.stopping.signal.aborted) return;
    const follower = this.books.add(followed, this.instance, heldUntilMs, sequence);
    this.noteHalt(conditionId, market);
    // First the orders, then the stream: a book that is live meets all of them.
    await this.resting.attend(follower);
    this.books.subscribe(follower);
  }

  /** A market nobody has stored is asked of the venue; null when it is not known there, or the venue is away. */
  private async load(conditionId: string): Promise<Market | null> {
    try {
      return (await this.catalogue.getByConditionId(conditionId)).market;
    } catch (err) {
      if (err instanceof DomainError && err.code !== 'STORE.UNAVAILABLE') return null;
      throw err;
    }
  }

  /** The numbers that were published last by whoever followed the markets before; of those nobody did, none. */
  private async lastSequences(conditionIds: readonly string[]): Promise<Map<string, number>> {
    try {
      const texts = await this.stored.get(conditionIds);
      const books = texts.flatMap((text) => (text === null ? [] : (decodeLiveBook(text) ?? [])));
      return new Map(books.map(({ conditionId, sequence }) => [conditionId, sequence]));
    } catch (err) {
      // A new epoch begins all the same; only its numbers begin anew as well.
      this.logger.debug({ msg: 'Books of former followers cannot be read', err });
      return new Map();
    }
  }

  /** Gives markets up in order: no more events, orders written, readers told, lock freed. What is another's to write by then is not written. */
  private giveUpSoon(conditionIds: readonly string[]): void {
    const fresh = conditionIds.filter((conditionId) => !this.leaving.has(conditionId));
    if (fresh.length > 0) this.inBackground(this.giveUp(fresh, (conditionId) => this.wantedNow.has(conditionId)));
  }

  private async giveUp(conditionIds: readonly string[], stays: (conditionId: string) => boolean): Promise<void> {
    for (const conditionId of conditionIds) this.leaving.add(conditionId);
    const followers = this.books.drop(conditionIds);
    await this.resting.leave(followers);
    const nowMs = this.clock.now().getTime();
    const held = followers.filter(({ market }) => this.owned.heldUntil(market.conditionId) > nowMs);
    this.publisher.forget(followers);
    await this.publisher.conclude(held, stays);
    await this.free(conditionIds);
    for (const conditionId of conditionIds) this.leaving.delete(conditionId);
  }

  /** Ends what is no longer this instance's. Its book is another's to write. */
  private async letGo(conditionIds: readonly string[]): Promise<void> {
    const followers = this.books.drop(conditionIds);
    if (followers.length > 0) this.logger.warn({ msg: 'Markets are held no more', count: followers.length });
    await this.resting.leave(followers);
    this.publisher.forget(followers);
  }

  private async free(conditionIds: readonly string[]): Promise<void> {
    try {
      await this.owned.release(conditionIds);
    } catch (err) {
      // They run out by themselves.
      this.logger.debug({ msg: 'Locks were not freed', err });
    }
  }

  /** Looks whether the followed markets still take orders. */
  private async lookAtMarkets(): Promise<void> {
    const followed = this.books.conditionIds;
    for (let from = 0; from < followed.length; from += MARKETS_AT_ONCE) {
      const markets = await this.markets.findManyByConditionIds(followed.slice(from, from + MARKETS_AT_ONCE));
      for (const market of markets) if (market.conditionId !== null) this.noteHalt(market.conditionId, market);
    }
  }

  private noteHalt(conditionId: string, market: Market): void {
    const follower = this.books.find(conditionId);
    if (follower === null) return;
    const atMs = this.clock.now().getTime();
    const isOver = followedMarket(market) === null;
    const reason = isOver ? 'it is closed' : haltOf(market);
    follower.setHalt(reason, atMs);
    if (!isOver) return;
    this.unfollowableUntilMs.set(conditionId, atMs + UNFOLLOWABLE_MS);
    this.giveUpSoon([conditionId]);
  }

  private afterGap(): void {
    this.books.tellAgain();
    this.resting.look();
    this.interestMayHaveChanged();
  }

  private async listenForInterest(): Promise<void> {
    if (this.interestHeard !== null) return;
    try {
      this.interestHeard = await this.bus.subscribe(INTEREST_CHANNEL, () => this.interestMayHaveChanged());
    } catch (err) {
      this.logger.debug({ msg: 'Changes of interest are not heard', err });
    }
  }

  private interestMayHaveChanged(): void {
    this.wanted.interestChanged();
    this.looks.wake();
  }

  private reportFailure(what: string, err: unknown): void {
    const isStoreAway = err instanceof DomainError && err.code === 'STORE.UNAVAILABLE';
    if (isStoreAway) this.logger.warn({ msg: 'The store does not answer', what, err });
    else this.logger.error({ msg: 'The worker failed at something', what, err });
  }

  private inBackground(work: Promise<void>): void {
    const done = work
      .catch((err: unknown) => this.logger.error({ msg: 'The worker failed at something', err }))
      .finally(() => this.background.delete(done));
    this.background.add(done);
  }
}
