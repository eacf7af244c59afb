/**
 * Counted places in a sliding window: in any stretch of `windowMs` at most `limit` takes of one key succeed, over all
 * callers of the same window (the process, or every process on the same Redis). This is how the venue counts its own
 * limits, so a caller that asks first is never counted over.
 */
export abstract class RateWindow {
  /**
   * Takes one place and returns 0, or takes nothing and returns how many milliseconds (at least 1) to wait before asking again.
   * A key and a length name one window; its callers may pass different limits, each judged against the places taken by all.
   * @param limit places in the window, at least 1   @param windowMs length of the window, at least 1
   */
  abstract take(key: string, limit: number, windowMs: number): Promise<number>;
}

/** @throws RangeError for a limit or a window below 1, which could never let anyone through */
export function assertWindow(limit: number, windowMs: number): void {
  if (!Number.isInteger(limit) || limit < 1)
    throw new RangeError(`limit must be a whole number from 1, found ${limit}`);
  if (!(windowMs >= 1)) throw new RangeError(`windowMs must be at least 1, found ${windowMs}`);
}
