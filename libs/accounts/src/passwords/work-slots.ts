/** Lets so much work run at once and so much more wait; the rest is turned away at the door. */
export class WorkSlots {
  private running = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(
    private readonly atOnce: number,
    private readonly maxWaiting: number,
  ) {}

  /** Runs work when it is its turn. @returns null when too much is waiting already */
  async run<T>(work: () => Promise<T>): Promise<{ result: T } | null> {
    if (this.running >= this.atOnce) {
      if (this.waiting.length >= this.maxWaiting) return null;
      await new Promise<void>((resolve) => this.waiting.push(resolve));
    } else {
      this.running += 1;
    }
    try {
      return { result: await work() };
    } finally {
      const next = this.waiting.shift();
      if (next === undefined) this.running -= 1;
      else next();
    }
  }
}
