import { CountedThrottlerStorage } from './counted-throttler-storage';
import { RateCounter, type RateHit, type WhenLost } from './rate-counter';

/** Answers what it was given, and keeps what it was asked. */
class GivenCounter extends RateCounter {
  asked: unknown[] = [];

  constructor(private readonly answer: RateHit) {
    super();
  }

  override hit(...asked: [string, number, number, WhenLost?]): Promise<RateHit> {
    this.asked = asked;
    return Promise.resolve(this.answer);
  }
}

describe('CountedThrottlerStorage', () => {
  it('counts by key, limit and window, as the throttler of that name wants it while the count is lost', async () => {
    const counter = new GivenCounter({ allowed: true, limit: 5, count: 2, resetMs: 1 });
    const storage = new CountedThrottlerStorage(counter, (name) => (name === 'login' ? 'stricter' : 'alone'));
    await storage.increment('k', 60_000, 5, 0, 'login');
    expect(counter.asked).toEqual(['k', 5, 60_000, 'stricter']);
    await storage.increment('k', 60_000, 5, 0, 'api');
    expect(counter.asked).toEqual(['k', 5, 60_000, 'alone']);
  });

  it.each([
    [
      { allowed: true, limit: 5, count: 2, resetMs: 1 },
      { totalHits: 2, limit: 5, timeToExpire: 1, isBlocked: false, timeToBlockExpire: 0 },
    ],
    [
      { allowed: false, limit: 1, count: 1, resetMs: 30_001 },
      { totalHits: 1, limit: 1, timeToExpire: 31, isBlocked: true, timeToBlockExpire: 31 },
    ],
  ])('tells %o as %o', async (hit, told) => {
    const storage = new CountedThrottlerStorage(new GivenCounter(hit), () => 'alone');
    expect(await storage.increment('k', 60_000, 5, 0, 'api')).toEqual(told);
  });
});
