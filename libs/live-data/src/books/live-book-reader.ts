import { decodeLiveBook, type LiveBook } from '@app/contracts';
import { BookStore, Clock, Leases } from '@app/platform';
import { Injectable, Logger } from '@nestjs/common';

/** Role under which live-workers hold their leases. */
export const LIVE_WORKER_ROLE = 'live-worker';

/** Why a book is stale whose follower is gone. */
const OWNER_SILENT = 'the process that follows it does not answer';

/** After the store failed to answer, it is not asked for so long: one that hangs is not waited for with every order. */
const ASK_AGAIN_AFTER_MS = 1_000;

/** Books as the live-workers keep them. */
@Injectable()
export class LiveBookReader {
  private readonly logger = new Logger('LiveBookReader');
  private askAgainAtMs = 0;
  private isStoreLost = false;

  constructor(
    private readonly store: BookStore,
    private readonly leases: Leases,
    private readonly clock: Clock,
  ) {}

  /**
   * Returns a market's book; null when nobody follows it, or while the store of the books does not answer, when nobody can. A book whose follower is gone is `stale`,
   * whatever it was.
   */
  async read(conditionId: string): Promise<LiveBook | null> {
    const [book = null] = await this.readMany([conditionId]);
    return book;
  }

  /** As {@link read}, of several markets in their order, in one round trip. */
  async readMany(conditionIds: readonly string[]): Promise<(LiveBook | null)[]> {
    const nothing = conditionIds.map(() => null);
    if (conditionIds.length === 0 || this.clock.now().getTime() < this.askAgainAtMs) return nothing;
    try {
      const [texts, owners] = await Promise.all([this.store.get(conditionIds), this.leases.list(LIVE_WORKER_ROLE)]);
      this.isStoreLost = false;
      const alive = new Set(owners);
      return conditionIds.map((conditionId, index) => this.bookOf(conditionId, texts[index] ?? null, alive));
    } catch (err) {
      this.askAgainAtMs = this.clock.now().getTime() + ASK_AGAIN_AFTER_MS;
      if (!this.isStoreLost) this.logger.warn({ err, msg: 'The followed books cannot be read' });
      this.isStoreLost = true;
      return nothing;
    }
  }

  private bookOf(conditionId: string, text: string | null, alive: ReadonlySet<string>): LiveBook | null {
    if (text === null) return null;
    const book = decodeLiveBook(text);
    if (book?.conditionId !== conditionId) {
      this.logger.error({ conditionId, msg: 'A followed book is not readable' });
      return null;
    }
    if (alive.has(book.owner)) return book;
    // Since it was last heard of: when the lease ended is not known.
    const stateSinceMs = Math.max(book.stateSinceMs, book.receivedAtMs);
    return { ...book, state: 'stale', reason: OWNER_SILENT, stateSinceMs };
  }
}
