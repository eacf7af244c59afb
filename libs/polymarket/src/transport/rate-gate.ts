import { Clock, RateWindow } from '@app/platform';
import { VenueBusyError, VenueFamily } from './venue-errors';

/** Who waits: a person for a lazy load, or a worker that has all day. */
export type VenuePriority = 'interactive' | 'background';

/** Resolves after `ms`, or at once when the signal aborts; never rejects. */
export type Sleep = (ms: number, signal?: AbortSignal) => Promise<void>;

export interface RateGateLimits {
  /** Length of the shared window in ms. */
  windowMs: number;
  /** Requests per window that all callers together may make. */
  limit: number;
  /** The part of `limit` background work keeps to, so that a lazy load finds room at once. */
  backgroundLimit: number;
  /** Callers of each priority that may wait at a time; one more is refused as busy. */
  maxWaiting: number;
}

/** Grants in a row that may go to interactive callers while background ones wait. */
const INTERACTIVE_IN_A_ROW = 8;

interface Waiter {
  grant: () => void;
  refuse: (error: unknown) => void;
}

/** Stops all gates of one family until a moment, after the venue said 429. */
export class FamilyPause {
  private until = 0;
  private readonly listeners = new Set<() => void>();

  constructor(private readonly clock: Clock) {}

  remainingMs(): number {
    return Math.max(0, this.until - this.clock.now().getTime());
  }

  /** Extends the pause to `ms` from now; never shortens it. */
  extend(ms: number): void {
    this.until = Math.max(this.until, this.clock.now().getTime() + ms);
    for (const listener of this.listeners) listener();
  }

  onExtended(listener: () => void): void {
    this.listeners.add(listener);
  }
}

/**
 * The queue in front of one request budget of the venue.
 *
 * Invariants: a caller passes only after taking one place of the window that all processes share; interactive callers pass before background
 * ones, in order of arrival within each, yet of nine passes one goes to background work while it waits; an aborted caller leaves the queue and
 * takes no place; each queue is bounded.
 */
export class RateGate {
  private readonly waiting: Record<VenuePriority, Waiter[]> = { interactive: [], background: [] };
  private interactiveInARow = 0;
  private pumping = false;
  private nap: AbortController | null = null;
  /** Something changed since the pump last looked, so it must look again before it rests. */
  private stirred = false;

  constructor(
    private readonly family: VenueFamily,
    private readonly key: string,
    private readonly limits: RateGateLimits,
    private readonly pause: FamilyPause,
    private readonly window: RateWindow,
    private readonly sleep: Sleep,
  ) {
    pause.onExtended(() => this.stir());
  }

  /** Callers waiting now. */
  get waitingCount(): number {
    return this.waiting.interactive.length + this.waiting.background.length;
  }

  /** How long a caller of this priority would wait about, in ms. */
  estimateWaitMs(priority: VenuePriority): number {
    const ahead = priority === 'interactive' ? this.waiting.interactive.length : this.waitingCount;
    const limit = priority === 'interactive' ? this.limits.limit : this.limits.backgroundLimit;
    return this.pause.remainingMs() + Math.ceil((ahead + 1) / limit) * this.limits.windowMs;
  }

  /**
   * Resolves when the caller may send one request.
   * @throws VenueBusyError when too many wait already; the signal's reason when it aborts first.
   */
  pass(priority: VenuePriority, signal: AbortSignal): Promise<void> {
    const queue = this.waiting[priority];
    if (queue.length >= this.limits.maxWaiting) {
      return Promise.reject(new VenueBusyError(this.estimateWaitMs(priority), { family: this.family }));
    }
    return new Promise<void>((resolve, reject) => {
      const leave = (): void => {
        const index = queue.indexOf(waiter);
        if (index !== -1) queue.splice(index, 1);
        if (this.waitingCount === 0) this.stir();
        waiter.refuse(signal.reason);
      };
      const waiter: Waiter = {
        grant: () => {
          signal.removeEventListener('abort', leave);
          resolve();
        },
        refuse: (error) => {
          signal.removeEventListener('abort', leave);
          reject(error instanceof Error ? error : new Error(String(error)));
        },
      };
      if (signal.aborted) {
        waiter.refuse(signal.reason);
        return;
      }
      signal.addEventListener('abort', leave);
      queue.push(waiter);
      // An interactive caller may pass where the background one the pump waits for may not yet.
      if (priority === 'interactive' && queue.length === 1) this.stir();
      if (!this.pumping) void this.pump();
    });
  }

  private async pump(): Promise<void> {
    this.pumping = true;
    try {
      while (this.waitingCount > 0) {
        this.stirred = false;
        const waitMs = this.pause.remainingMs() || (await this.grantNext());
        if (waitMs > 0) await this.rest(waitMs);
      }
    } finally {
      this.pumping = false;
    }
  }

  /** Lets the next caller pass, or answers how long to wait before asking again. */
  private async grantNext(): Promise<number> {
    const overdue = this.waiting.background.length > 0 && this.interactiveInARow >= INTERACTIVE_IN_A_ROW;
    const priority = this.waiting.interactive.length > 0 && !overdue ? 'interactive' : 'background';
    const limit = priority === 'interactive' || overdue ? this.limits.limit : this.limits.backgroundLimit;
    let waitMs: number;
    try {
      waitMs = await this.window.take(this.key, limit, this.limits.windowMs);
    } catch (error) {
      this.waiting[priority].shift()?.refuse(error);
      return 0;
    }
    if (waitMs > 0) return waitMs;
    // Those in line may have left, or a more urgent one arrived, while the place was being taken.
    const passing = overdue && this.waiting.background.length > 0 ? 'background' : this.mostUrgent();
    if (passing === null) return 0;
    this.interactiveInARow = passing === 'interactive' ? this.interactiveInARow + 1 : 0;
    this.waiting[passing].shift()?.grant();
    return 0;
  }

  private mostUrgent(): VenuePriority | null {
    if (this.waiting.interactive.length > 0) return 'interactive';
    return this.waiting.background.length > 0 ? 'background' : null;
  }

  private stir(): void {
    this.stirred = true;
    this.nap?.abort();
  }

  private async rest(ms: number): Promise<void> {
    if (this.stirred) return;
    this.nap = new AbortController();
    await this.sleep(ms, this.nap.signal);
    this.nap = null;
  }
}
