/** A value kept in the store and shared by all processes: read at start and again every so often, so that each learns what others changed. */
export class Polled<T> {
  private current: T | undefined;
  private reads: Promise<void> = Promise.resolve();
  private timer: NodeJS.Timeout | undefined;
  private failing = false;

  /** @param onFailure told of the first failure of a row; the value read last stays in use meanwhile */
  constructor(
    private readonly read: () => Promise<T>,
    private readonly everyMs: number,
    private readonly onFailure: (err: unknown) => void,
  ) {}

  /** The value read last. @throws Error before `start` */
  get value(): T {
    if (this.current === undefined) throw new Error('the value was asked for before it was read');
    return this.current;
  }

  /** Reads the value for the first time, and goes on reading it. */
  async start(): Promise<void> {
    await this.refresh();
    this.schedule();
  }

  /** Reads the value now; what was written before this call is in it. */
  async refresh(): Promise<T> {
    const read = this.reads.then(async () => {
      this.current = await this.read();
    });
    this.reads = read.catch(() => undefined);
    await read;
    return this.value;
  }

  async stop(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    await this.reads;
  }

  private schedule(): void {
    this.timer = setTimeout(() => void this.poll(), this.everyMs).unref();
  }

  private async poll(): Promise<void> {
    try {
      await this.refresh();
      this.failing = false;
    } catch (err) {
      if (!this.failing) this.onFailure(err);
      this.failing = true;
    }
    if (this.timer !== undefined) this.schedule();
  }
}
