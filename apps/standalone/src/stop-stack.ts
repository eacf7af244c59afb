/** What was started, in order, to be stopped in the opposite order. */
export class StopStack {
  private readonly stops: (() => Promise<void> | void)[] = [];

  push(stop: () => Promise<void> | void): void {
    this.stops.push(stop);
  }

  /** Stops everything, the last started first; goes on when one fails, and rejects with the first failure at the end. */
  async stop(): Promise<void> {
    const failures: unknown[] = [];
    for (let last = this.stops.pop(); last !== undefined; last = this.stops.pop()) {
      try {
        await last();
      } catch (err) {
        failures.push(err);
      }
    }
    if (failures.length > 0) throw failures[0];
  }
}
