/**
 * Counted places in a sliding window: in any stretch of `windowMs` at most `limit` takes of one key succeed, over all
 * callers of the same window (the process, or every process on the same Redis). This is how the venue counts its own
 * limits, so a caller that asks first is never counted over.
 */
export abstract class RateWindow {
  /**
   * Takes one place and returns 0, or takes nothing and returns how many milliseconds (at least 1) to wait before asking again.
   * A key and a length name one window; its callers may pass different limits, each judged against the places taken by all.
   * Rejects with a RangeError for a limit or a window below 1.
   * @param limit places in the window, at least 1   @param windowMs length of the window, at least 1
   */
  abstract take(key: string, limit: number, windowMs: number): Promise<number>;
}

/** Returns why a limit or a window could never let anyone through, or null. */
export function windowError(limit: number, windowMs: number): RangeError | null {
  if (!Number.isInteger(limit) || limit < 1)
    return new RangeError(`limit must be a whole number from 1, found ${limit}`);
  return windowMs >= 1 ? null : new RangeError(`windowMs must be at least 1, found ${windowMs}`);
}
