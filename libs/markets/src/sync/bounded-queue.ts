/** A queue between producers and one consumer: a producer waits while it is full, so memory stays bounded. */
export class BoundedQueue<T> {
  private readonly items: T[] = [];
  private readonly waitingProducers: (() => void)[] = [];
  private wakeConsumer: (() => void) | null = null;
  private closed = false;
  private failure: { error: unknown } | null = null;

  /** @param capacity items kept before producers wait, at least 1 */
  constructor(private readonly capacity: number) {}

  get isFull(): boolean {
    return this.items.length >= this.capacity;
  }

  /** Adds an item, once there is room. Rejects with the failure once the queue has failed. */
  async push(item: T): Promise<void> {
    while (this.isFull && this.failure === null) {
      await new Promise<void>((resolve) => this.waitingProducers.push(resolve));
    }
    if (this.failure !== null) throw this.failure.error;
    this.items.push(item);
    this.wake();
  }

  /** Takes the next item, waiting for one; null when the queue is closed and empty. Rejects once it has failed. */
  async take(): Promise<T | null> {
    for (;;) {
      if (this.failure !== null) throw this.failure.error;
      const item = this.items.shift();
      if (item !== undefined) {
        this.waitingProducers.shift()?.();
        return item;
      }
      if (this.closed) return null;
      await new Promise<void>((resolve) => (this.wakeConsumer = resolve));
    }
  }

  /** No more items will come. */
  close(): void {
    this.closed = true;
    this.wake();
  }

  /** Ends both sides with this error; what is queued is dropped. */
  fail(error: unknown): void {
    this.failure ??= { error };
    this.items.length = 0;
    for (const resume of this.waitingProducers.splice(0)) resume();
    this.wake();
  }

  private wake(): void {
    const wake = this.wakeConsumer;
    this.wakeConsumer = null;
    wake?.();
  }
}
