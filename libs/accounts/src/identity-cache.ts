import type { UserRecord } from '@app/persistence';
import { LRUCache } from 'lru-cache';

const MAX_USERS = 10_000;

/** Users as they were a moment ago, so that not every request asks the store who makes it. */
export class IdentityCache {
  private readonly reads = new LRUCache<string, { at: number; user: Promise<UserRecord | null> }>({ max: MAX_USERS });

  constructor(
    private readonly find: (id: string) => Promise<UserRecord | null>,
    private readonly maxAgeMs: number,
  ) {}

  /**
   * Returns a user as it was at most `maxAgeMs` before; those who ask while it is being read share the answer. What was read at a later
   * time than now, by a clock that was set back since, is read again.
   */
  async get(id: string, now: Date): Promise<UserRecord | null> {
    const known = this.reads.get(id);
    const ageMs = known === undefined ? NaN : now.getTime() - known.at;
    if (known !== undefined && ageMs >= 0 && ageMs < this.maxAgeMs) return known.user;
    const read = { at: now.getTime(), user: this.find(id) };
    this.reads.set(id, read);
    try {
      return await read.user;
    } catch (err) {
      if (this.reads.peek(id) === read) this.reads.delete(id);
      throw err;
    }
  }

  /** Forgets a user that was changed. */
  drop(id: string): void {
    this.reads.delete(id);
  }
}
