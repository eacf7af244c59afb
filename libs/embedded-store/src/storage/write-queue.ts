/** Lets one writer in at a time, in the order they came. */
export class WriteQueue {
  #isTaken = false;
  readonly #waiting: (() => void)[] = [];

  get hasWaiters(): boolean {
    return this.#waiting.length > 0;
  }

  /** Makes the caller the only writer if nobody is; then {@link leave} must follow. */
  tryEnter(): boolean {
    if (this.#isTaken) return false;
    this.#isTaken = true;
    return true;
  }

  /** Waits until the caller is the only writer; {@link leave} must follow. */
  async enter(): Promise<void> {
    if (this.tryEnter()) return;
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  leave(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#isTaken = false;
    else next();
  }
}
