/** The venue's limits, requests per sliding 10 s, as published between July and September 2026. */
export const WINDOW_MS = 10_000;

/** Over a limit requests are slowed up to here; a longer wait is refused with 429. */
export const SLOWED_AT_MOST_MS = 2_000;

interface Rule {
  name: string;
  limit: number;
  covers: (family: string, path: string) => boolean;
}

function under(family: string, ...paths: string[]): Rule['covers'] {
  return (asked, path) => asked === family && paths.some((start) => path === start || path.startsWith(`${start}/`));
}

export const RULES: readonly Rule[] = [
  { name: 'all', limit: 15_000, covers: () => true },
  { name: 'gamma', limit: 4_000, covers: (family) => family === 'gamma' },
  { name: 'gamma markets', limit: 300, covers: under('gamma', '/markets') },
  { name: 'gamma events', limit: 500, covers: under('gamma', '/events') },
  { name: 'gamma lists', limit: 900, covers: under('gamma', '/markets', '/events') },
  { name: 'gamma tags', limit: 200, covers: under('gamma', '/tags') },
  { name: 'gamma search', limit: 350, covers: under('gamma', '/public-search') },
  { name: 'clob', limit: 9_000, covers: (family) => family === 'clob' },
  { name: 'clob ok', limit: 100, covers: under('clob', '/ok') },
  { name: 'clob book', limit: 1_500, covers: under('clob', '/book') },
  { name: 'clob price', limit: 1_500, covers: under('clob', '/price') },
  { name: 'clob midpoint', limit: 1_500, covers: under('clob', '/midpoint') },
  { name: 'clob books', limit: 500, covers: under('clob', '/books') },
  { name: 'clob history', limit: 1_000, covers: under('clob', '/prices-history', '/batch-prices-history') },
  { name: 'clob tick size', limit: 200, covers: under('clob', '/tick-size') },
  { name: 'data', limit: 1_000, covers: (family, path) => family === 'data' && !path.startsWith('/v2/') },
  { name: 'data trades', limit: 200, covers: under('data', '/trades') },
  { name: 'data v2', limit: 800, covers: under('data', '/v2') },
  { name: 'data v2 history', limit: 200, covers: under('data', '/v2/prices-history') },
];

/** The last `limit` admissions of one rule: a request may pass one window after the one `limit` places before it. */
class Window {
  private readonly admitted: Float64Array;
  private oldest = 0;

  constructor(limit: number) {
    this.admitted = new Float64Array(limit).fill(-Infinity);
  }

  freeAt(): number {
    return (this.admitted[this.oldest] ?? -Infinity) + WINDOW_MS;
  }

  admit(at: number): void {
    this.admitted[this.oldest] = at;
    this.oldest = (this.oldest + 1) % this.admitted.length;
  }
}

export type Admission = { admitted: true; waitMs: number } | { admitted: false; retryAfterSeconds: number };

/** Keeps the venue's limits for everyone together. */
export class RateLimits {
  private readonly windows = RULES.map((rule) => ({ rule, window: new Window(rule.limit) }));

  /** @param now milliseconds of a steady clock */
  admit(family: string, path: string, now: number): Admission {
    const windows = this.windows.filter(({ rule }) => rule.covers(family, path)).map(({ window }) => window);
    const at = windows.reduce((latest, window) => Math.max(latest, window.freeAt()), now);
    if (at - now > SLOWED_AT_MOST_MS) return { admitted: false, retryAfterSeconds: Math.ceil((at - now) / 1000) };
    for (const window of windows) window.admit(at);
    return { admitted: true, waitMs: at - now };
  }
}
