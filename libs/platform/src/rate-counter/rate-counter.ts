/** What became of one hit. */
export interface RateHit {
  /** False: it was over the limit and has not been counted. */
  allowed: boolean;
  /** The limit it was judged by: the caller's, or less while the shared count cannot be reached. */
  limit: number;
  /** Counted hits in the window, this one included when it was allowed. */
  count: number;
  /** Milliseconds, from 1 to the window's length, until the next counted hit leaves the window and makes room. */
  resetMs: number;
}

/**
 * What a caller wants while the count shared by all processes cannot be reached, and this process counts by itself: a quarter of the
 * limit, for what must stay closed to guessing, or the whole limit.
 */
export type WhenLost = 'stricter' | 'alone';

/**
 * Counts hits in a sliding window and refuses those over the limit: in any stretch of `windowMs` at most `limit` hits of one key are
 * allowed, over all callers of the same counter (the process, or every process on the same Redis). A refused hit leaves no trace, so
 * who keeps knocking does not wait longer. Unlike a `RateWindow`, which paces what this process sends, it answers what is left.
 */
export abstract class RateCounter {
  /**
   * Counts one hit. Limit and window may change from call to call; each call is judged against what earlier ones left in its window.
   * Never rejects because the shared count is lost. Rejects with a RangeError for a limit or a window below 1.
   * @param limit hits in the window, at least 1   @param windowMs length of the window, at least 1
   * @param whenLost `stricter` when left out
   */
  abstract hit(key: string, limit: number, windowMs: number, whenLost?: WhenLost): Promise<RateHit>;
}
