/**
 * The venue's published limits, requests per 10 s and address, by what is asked.
 * Source: docs.polymarket.com/api-reference/rate-limits, read July to September 2026; the `other` ones are kept far below theirs.
 */
export const VENUE_RATE_BUDGETS = {
  'gamma:markets': 300,
  'gamma:other': 300,
  'clob:book': 1_500,
  'clob:prices-history': 1_000,
  'clob:other': 1_000,
  'data:other': 600,
} as const;

export type RateBudget = keyof typeof VENUE_RATE_BUDGETS;

/** Budgets are spent by the second, so that no caller waits long behind a burst. */
export const RATE_WINDOW_MS = 1_000;

/** The part of a budget background work keeps to: five sixths, at least one request. */
export function backgroundShareOf(limit: number): number {
  return Math.max(1, Math.floor((limit * 5) / 6));
}
