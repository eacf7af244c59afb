import type { LiveBooks } from './live-books';

/** How often moves that are due are made. */
const INTERVAL_MS = 20;
/** Moves of a longer standstill are left out. */
const BEHIND_MAX_MS = 1_000;

/** Lets the followed markets move at a pace, so many moves a second in each of them; at 0 they move by the control port alone. */
export class Flow {
  private readonly due = new Map<number, number>();
  private timer: NodeJS.Timeout | null = null;
  private lastMs = 0;

  constructor(
    private readonly books: LiveBooks,
    private perSecond: number,
  ) {
    this.setPace(perSecond);
  }

  get pace(): number {
    return this.perSecond;
  }

  /** @param perSecond moves a second in each followed market; 0 stops them */
  setPace(perSecond: number): void {
    this.perSecond = perSecond;
    this.stop();
    if (perSecond === 0) return;
    this.lastMs = performance.now();
    this.timer = setInterval(() => this.move(), INTERVAL_MS);
  }

  stop(): void {
    if (this.timer !== null) clearInterval(this.timer);
    this.timer = null;
    this.due.clear();
  }

  private move(): void {
    const nowMs = performance.now();
    const passedMs = Math.min(BEHIND_MAX_MS, nowMs - this.lastMs);
    this.lastMs = nowMs;
    const gained = (passedMs / 1000) * this.perSecond;
    for (const live of this.books.followed()) {
      const { index, seed } = live.market;
      // Markets do not move all at once.
      const due = (this.due.get(index) ?? (seed % 1000) / 1000) + gained;
      const moves = Math.floor(due);
      this.due.set(index, due - moves);
      this.books.step(live, moves);
    }
    this.books.refresh();
  }
}
