import type { ThrottlerStorage } from '@nestjs/throttler';
import type { RateCounter, WhenLost } from './rate-counter';

/** What `@nestjs/throttler` is told of a hit; times in whole seconds, rounded up. */
export interface CountedHits {
  /** Counted hits in the window. A refused one is not among them. */
  totalHits: number;
  /** The limit the hit was judged by. */
  limit: number;
  timeToExpire: number;
  isBlocked: boolean;
  timeToBlockExpire: number;
}

/**
 * Lets `@nestjs/throttler` count through a `RateCounter`. There is no block duration: a refused hit is not counted, so the block ends
 * as soon as the window has room.
 */
export class CountedThrottlerStorage implements ThrottlerStorage {
  /** @param whenLost by the throttler's name, what is wanted while the shared count is lost */
  constructor(
    private readonly counter: RateCounter,
    private readonly whenLost: (throttlerName: string) => WhenLost,
  ) {}

  async increment(
    key: string,
    ttl: number,
    limit: number,
    _blockDuration: number,
    throttlerName: string,
  ): Promise<CountedHits> {
    const hit = await this.counter.hit(key, limit, ttl, this.whenLost(throttlerName));
    const seconds = Math.ceil(hit.resetMs / 1000);
    return {
      totalHits: hit.count,
      limit: hit.limit,
      timeToExpire: seconds,
      isBlocked: !hit.allowed,
      timeToBlockExpire: hit.allowed ? 0 : seconds,
    };
  }
}
