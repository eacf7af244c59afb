/** Counts what a client sends: so many messages in a window, then no more. */
export class MessageBudget {
  private startedAtMs = 0;
  private taken = 0;

  constructor(
    private readonly allowed: number,
    private readonly windowMs: number,
  ) {}

  /** Counts one message. Answers whether it is within the budget. */
  take(nowMs: number): boolean {
    if (nowMs - this.startedAtMs >= this.windowMs) {
      this.startedAtMs = nowMs;
      this.taken = 0;
    }
    this.taken += 1;
    return this.taken <= this.allowed;
  }
}
