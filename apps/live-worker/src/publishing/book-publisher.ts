import { encodeLiveBook, encodeMarketMessage, marketChannel, type MarketMessage } from '@app/contracts';
import { BookStore, Clock, MessageBus, type StoredBook } from '@app/platform';
import { Injectable, Logger } from '@nestjs/common';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { MarketFollower } from '../following/market-follower';

/** How long a book is kept for readers that nobody wrote again, ms. */
const KEPT_MS = 30_000;
/** A book is written again after this time even unchanged, so that it is kept and a late write of its former owner does not stay, ms. */
const WRITTEN_AGAIN_MS = 10_000;
const MOST_AT_ONCE = 200;

/**
 * Gives books to others: every message on the bus at once, and the newest whole book in the store. However fast a book changes, one write is under way at a time, and it
 * carries what is newest when it begins.
 */
@Injectable()
export class BookPublisher {
  private readonly logger = new Logger('BookPublisher');
  private readonly dirty = new Set<MarketFollower>();
  /** When each book was written last. */
  private readonly writtenAtMs = new Map<MarketFollower, number>();
  private writing: Promise<void> | null = null;
  /** Settles with the write to the store that is under way. Never rejects. */
  private putting: Promise<void> = Promise.resolve();
  private isStoreAway = false;

  constructor(
    private readonly bus: MessageBus,
    private readonly books: BookStore,
    private readonly clock: Clock,
  ) {}

  publish(conditionId: string, message: MarketMessage): void {
    this.bus.publish(marketChannel(conditionId), encodeMarketMessage(message));
  }

  /** A book changed: it is written soon. */
  changed(follower: MarketFollower): void {
    this.dirty.add(follower);
    if (!this.isStoreAway) this.write();
  }

  /** Writes again what was not written for long, and what could not be. */
  refresh(): void {
    const dueMs = this.clock.now().getTime() - WRITTEN_AGAIN_MS;
    for (const [follower, atMs] of this.writtenAtMs) if (atMs <= dueMs) this.dirty.add(follower);
    if (this.dirty.size > 0) this.write();
  }

  /** Forgets markets that are another's to write now. */
  forget(followers: readonly MarketFollower[]): void {
    for (const follower of followers) {
      this.dirty.delete(follower);
      this.writtenAtMs.delete(follower);
    }
  }

  /**
   * Forgets markets that ended here. Of those still held, readers are told that nobody follows them: the book as it ended stays a while, for its numbers to be gone on
   * from, or is removed. Never rejects.
   */
  async conclude(followers: readonly MarketFollower[], stays: (conditionId: string) => boolean): Promise<void> {
    this.forget(followers);
    // A write under way may carry an older state of them.
    await this.putting;
    this.forget(followers);
    const staying = followers.filter(({ market }) => stays(market.conditionId));
    const gone = followers.filter(({ market }) => !stays(market.conditionId));
    try {
      await this.books.put(staying.flatMap(storedBook), KEPT_MS);
      await this.books.remove(gone.map(({ market }) => market.conditionId));
    } catch (err) {
      this.lose(err);
    }
  }

  private write(): void {
    this.writing ??= this.writeAll().finally(() => {
      this.writing = null;
    });
  }

  private async writeAll(): Promise<void> {
    while (this.dirty.size > 0) {
      // What is received together is written once.
      await nextTurn();
      const atMs = this.clock.now().getTime();
      const batch = [...this.dirty].slice(0, MOST_AT_ONCE);
      for (const follower of batch) this.dirty.delete(follower);
      const written = batch.filter((follower) => follower.isHeld(atMs));
      try {
        const put = this.books.put(written.flatMap(storedBook), KEPT_MS);
        this.putting = put.catch(() => undefined);
        await put;
      } catch (err) {
        for (const follower of written) this.dirty.add(follower);
        this.lose(err);
        return;
      }
      for (const follower of written) this.writtenAtMs.set(follower, atMs);
      for (const follower of batch) if (!follower.isHeld(atMs)) this.writtenAtMs.delete(follower);
      this.recover();
    }
  }

  private lose(err: unknown): void {
    if (!this.isStoreAway) this.logger.warn({ msg: 'Books cannot be written for others', err });
    this.isStoreAway = true;
  }

  private recover(): void {
    if (this.isStoreAway) this.logger.log({ msg: 'Books are written for others again' });
    this.isStoreAway = false;
  }
}

function storedBook(follower: MarketFollower): StoredBook[] {
  const book = follower.liveBook();
  return book === null ? [] : [{ conditionId: book.conditionId, text: encodeLiveBook(book) }];
}
