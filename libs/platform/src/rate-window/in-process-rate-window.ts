import type { Clock } from '../clock';
import { RateWindow, windowError } from './rate-window';

interface Places {
  /** Unix ms of the places taken, oldest first; those before `head` have left the window. */
  takenAt: number[];
  head: number;
  windowMs: number;
}

const SWEEP_EVERY_TAKES = 1024;
const COMPACT_ABOVE = 512;

/** A window for the callers of one process. Windows nobody uses any more are forgotten, so memory follows current use. */
export class InProcessRateWindow extends RateWindow {
  private readonly windows = new Map<string, Places>();
  private takes = 0;

  constructor(private readonly clock: Clock) {
    super();
  }

  override take(key: string, limit: number, windowMs: number): Promise<number> {
    const refusal = windowError(limit, windowMs);
    if (refusal !== null) return Promise.reject(refusal);
    const now = this.clock.now().getTime();
    this.takes += 1;
    if (this.takes % SWEEP_EVERY_TAKES === 0) this.forgetIdle(now);
    const places = this.placesOf(`${windowMs}:${key}`, windowMs);
    const { takenAt } = places;
    while (places.head < takenAt.length && (takenAt[places.head] ?? 0) <= now - windowMs) places.head += 1;
    if (places.head > COMPACT_ABOVE && places.head * 2 > takenAt.length) {
      takenAt.splice(0, places.head);
      places.head = 0;
    }
    const blockingIndex = takenAt.length - limit;
    if (blockingIndex < places.head) {
      takenAt.push(now);
      return Promise.resolve(0);
    }
    // A clock set back must not make anyone wait longer than a whole window.
    const waitMs = Math.ceil((takenAt[blockingIndex] ?? now) + windowMs - now);
    return Promise.resolve(Math.min(windowMs, Math.max(1, waitMs)));
  }

  private placesOf(name: string, windowMs: number): Places {
    let places = this.windows.get(name);
    if (places === undefined) {
      places = { takenAt: [], head: 0, windowMs };
      this.windows.set(name, places);
    }
    return places;
  }

  private forgetIdle(now: number): void {
    for (const [name, places] of this.windows) {
      if ((places.takenAt.at(-1) ?? 0) <= now - places.windowMs) this.windows.delete(name);
    }
  }
}
