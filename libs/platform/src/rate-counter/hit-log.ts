import type { RateHit } from './rate-counter';

const COMPACT_ABOVE = 512;

/** The counted hits on one key, oldest first. Holds the counting rule: no stretch of the window ever has more counted hits than the limit. */
export class HitLog {
  /** Unix ms; those before `head` have left the window. */
  private readonly times: number[] = [];
  private head = 0;
  private windowMs = 0;

  /** Counts a hit at `now`, or refuses it and counts nothing. @param now Unix ms */
  hit(now: number, limit: number, windowMs: number): RateHit {
    this.windowMs = windowMs;
    this.turnBackTo(now);
    this.forgetUntil(now - windowMs);
    const held = this.times.length - this.head;
    const allowed = held < limit;
    if (allowed) this.times.push(now);
    // Refused, there is room again once the hit that fills the limit leaves; allowed, once the oldest does.
    const leaving = this.times[allowed ? this.head : this.times.length - limit] ?? now;
    return { allowed, limit, count: allowed ? held + 1 : held, resetMs: leaving + windowMs - now };
  }

  /** Tells whether nothing is left in the window at `now`. */
  isIdle(now: number): boolean {
    return (this.times.at(-1) ?? 0) <= now - this.windowMs;
  }

  /** A clock set back must not make anyone wait longer than a window: hits of the future happened now. */
  private turnBackTo(now: number): void {
    for (let index = this.times.length - 1; index >= this.head && (this.times[index] ?? 0) > now; index -= 1) {
      this.times[index] = now;
    }
  }

  private forgetUntil(end: number): void {
    while (this.head < this.times.length && (this.times[this.head] ?? 0) <= end) this.head += 1;
    if (this.head === this.times.length || (this.head > COMPACT_ABOVE && this.head * 2 > this.times.length)) {
      this.times.splice(0, this.head);
      this.head = 0;
    }
  }
}

const FEWEST_KEPT = 1024;

/** Logs by name. Idle ones are forgotten whenever their number has doubled, so memory follows current use. */
export class HitLogs {
  private readonly logs = new Map<string, HitLog>();
  private sweepAbove = FEWEST_KEPT;

  /** Returns the log of a name, a new one when it has none. @param now Unix ms */
  logOf(name: string, now: number): HitLog {
    const known = this.logs.get(name);
    if (known !== undefined) return known;
    if (this.logs.size >= this.sweepAbove) this.sweep(now);
    const log = new HitLog();
    this.logs.set(name, log);
    return log;
  }

  /** How many names are held. */
  get size(): number {
    return this.logs.size;
  }

  private sweep(now: number): void {
    for (const [name, log] of this.logs) if (log.isIdle(now)) this.logs.delete(name);
    this.sweepAbove = Math.max(FEWEST_KEPT, this.logs.size * 2);
  }
}
