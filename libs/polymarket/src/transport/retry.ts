import { VenuePriority } from './rate-gate';

/** How often and how patiently a call is repeated. */
export interface RetryPolicy {
  /** Tries in all. */
  attempts: number;
  /** First and largest upper bound of the random wait, ms. */
  baseMs: number;
  capMs: number;
  /** Time for the whole call with all waits and tries, ms. */
  deadlineMs: number;
}

export const RETRY_POLICIES: Readonly<Record<VenuePriority, RetryPolicy>> = {
  interactive: { attempts: 3, baseMs: 200, capMs: 1_000, deadlineMs: 8_000 },
  background: { attempts: 6, baseMs: 500, capMs: 15_000, deadlineMs: 120_000 },
};

/** What the venue asks for is believed up to an hour. */
const MAX_RETRY_AFTER_MS = 3_600_000;

/** A wait drawn evenly from 0 to the bound, which doubles with every try: callers that failed together do not return together. */
export function fullJitter(
  policy: Pick<RetryPolicy, 'baseMs' | 'capMs'>,
  failedAttempts: number,
  random: () => number,
): number {
  return Math.floor(random() * Math.min(policy.capMs, policy.baseMs * 2 ** (failedAttempts - 1)));
}

/** The wait a `Retry-After` header asks for in ms, from seconds or an HTTP date; null when absent or unreadable. */
export function retryAfterMs(header: string | null, now: Date): number | null {
  if (header === null) return null;
  const text = header.trim();
  const waitMs = /^\d{1,9}(\.\d{1,3})?$/.test(text) ? Number(text) * 1_000 : Date.parse(text) - now.getTime();
  return Number.isNaN(waitMs) ? null : Math.min(MAX_RETRY_AFTER_MS, Math.max(0, waitMs));
}

/** Statuses after which a request that changes nothing may be repeated. 425 is the venue's order engine restarting. */
export function isRetryable(status: number): boolean {
  return status === 425 || status === 429 || status >= 500;
}
