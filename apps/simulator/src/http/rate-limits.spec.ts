import { RateLimits, SLOWED_AT_MOST_MS, WINDOW_MS } from './rate-limits';

describe('RateLimits', () => {
  function take(limits: RateLimits, count: number, now: number): ReturnType<RateLimits['admit']>[] {
    return Array.from({ length: count }, () => limits.admit('gamma', '/markets/keyset', now));
  }

  it('lets 300 market requests pass at once and refuses the next until the window has passed', () => {
    const limits = new RateLimits();
    expect(take(limits, 300, 1_000).every((admission) => admission.admitted && admission.waitMs === 0)).toBe(true);
    expect(limits.admit('gamma', '/markets/keyset', 1_000)).toEqual({ admitted: false, retryAfterSeconds: 10 });
    expect(limits.admit('gamma', '/markets', 1_000 + WINDOW_MS)).toEqual({ admitted: true, waitMs: 0 });
  });

  it('slows requests that are close to the end of the window', () => {
    const limits = new RateLimits();
    take(limits, 300, 0);
    expect(limits.admit('gamma', '/markets', WINDOW_MS - SLOWED_AT_MOST_MS)).toEqual({
      admitted: true,
      waitMs: SLOWED_AT_MOST_MS,
    });
  });

  it('slides: places come free one by one', () => {
    const limits = new RateLimits();
    take(limits, 299, 0);
    take(limits, 1, 4_000);
    take(limits, 299, WINDOW_MS);
    expect(limits.admit('gamma', '/markets', WINDOW_MS)).toEqual({ admitted: false, retryAfterSeconds: 4 });
  });

  it('keeps other families and other paths apart', () => {
    const limits = new RateLimits();
    take(limits, 300, 0);
    expect(limits.admit('gamma', '/events', 0)).toEqual({ admitted: true, waitMs: 0 });
    expect(limits.admit('clob', '/markets', 0)).toEqual({ admitted: true, waitMs: 0 });
  });

  it('counts market and event lists together', () => {
    const limits = new RateLimits();
    take(limits, 300, 0);
    for (let request = 0; request < 500; request += 1) limits.admit('gamma', '/events', 0);
    expect(limits.admit('gamma', '/events', 0)).toEqual({ admitted: false, retryAfterSeconds: 10 });
  });
});
