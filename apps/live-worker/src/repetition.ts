import { setTimeout as wait } from 'node:timers/promises';

/** How often something is repeated. */
export interface Pace {
  /** Between the end of one time and the next, ms. */
  everyMs: number;
  /** The least of that when it is woken, ms. */
  leastMs: number;
}

/** Something that is done again and again, never beside itself, and at once when woken. */
export class Repetition {
  private isWoken = false;
  private nap: AbortController | null = null;
  /** Whether a wake ends the nap; a stop always does. */
  private mayBeWoken = false;
  private isEnded = false;
  private ended: Promise<void> | null = null;

  constructor(
    private readonly pace: Pace,
    private readonly work: () => Promise<void>,
    private readonly onFailure: (err: unknown) => void,
  ) {}

  start(): void {
    this.ended ??= this.repeat();
  }

  /** Does it again as soon as may be: a wake in the middle of it counts for the time after. */
  wake(): void {
    this.isWoken = true;
    if (this.mayBeWoken) this.nap?.abort();
  }

  /** Ends it. Resolves when what was being done is done. */
  async stop(): Promise<void> {
    this.isEnded = true;
    this.nap?.abort();
    await this.ended;
  }

  private async repeat(): Promise<void> {
    while (!this.isEnded) {
      this.isWoken = false;
      try {
        await this.work();
      } catch (err) {
        if (!this.isEnded) this.onFailure(err);
      }
      const { everyMs, leastMs } = this.pace;
      await this.rest(leastMs, false);
      if (!this.isWoken) await this.rest(everyMs - leastMs, true);
    }
  }

  private async rest(ms: number, mayBeWoken: boolean): Promise<void> {
    if (this.isEnded || ms <= 0) return;
    const nap = new AbortController();
    const { signal } = nap;
    this.nap = nap;
    this.mayBeWoken = mayBeWoken;
    await wait(ms, undefined, { signal }).catch(() => undefined);
    this.nap = null;
  }
}
