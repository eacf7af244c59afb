/** Lets one writer in at a time, in the order they came. */
export class WriteQueue {
  #isTaken = false;
  readonly #waiting: (() => void)[] = [];

  get hasWaiters(): boolean {
    return this.#waiting.length > 0;
  }

  /** Waits until the caller is the only writer; {@link leave} must follow. */
  async enter(): Promise<void> {
    if (!this.#isTaken) {
      this.#isTaken = true;
      return;
    }
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  leave(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#isTaken = false;
    else next();
  }
}
