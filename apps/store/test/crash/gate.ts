import { setImmediate as nextTurn } from 'node:timers/promises';

/** Lets workers through while it is open, and knows when none is inside. */
export class Gate {
  #inside = 0;
  #isOpen = true;
  #isEnded = false;
  #done = 0;
  readonly #waiting = new Set<() => void>();

  /** How many turns have ended well. */
  get done(): number {
    return this.#done;
  }

  #wake(): void {
    for (const wake of [...this.#waiting]) wake();
  }

  async #until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          this.#waiting.delete(wake);
          resolve();
        };
        this.#waiting.add(wake);
      });
    }
  }

  /** Runs a worker's turns, one after the other, until the gate ends. A turn that fails ends the worker. */
  async work(turn: () => Promise<void>): Promise<void> {
    for (;;) {
      await this.#until(() => this.#isOpen || this.#isEnded);
      if (this.#isEnded) return;
      this.#inside += 1;
      try {
        await turn();
        this.#done += 1;
        // A turn that found nothing to do must leave room for the others.
        await nextTurn();
      } finally {
        this.#inside -= 1;
        this.#wake();
      }
    }
  }

  open(): void {
    this.#isOpen = true;
    this.#wake();
  }

  /** Lets nobody in any more and waits until everybody is out. */
  async close(): Promise<void> {
    this.#isOpen = false;
    await this.#until(() => this.#inside === 0);
  }

  end(): void {
    this.#isEnded = true;
    this.#wake();
  }

  /** Waits until so many more turns have ended well. */
  async turns(count: number): Promise<void> {
    const goal = this.#done + count;
    await this.#until(() => this.#done >= goal || this.#isEnded);
  }
}
