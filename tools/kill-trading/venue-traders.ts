import type { TestSimulator } from '@app/testing';
import { setTimeout as wait } from 'node:timers/promises';

const PAUSE_MS = 50;
const PRINTS_AT_ONCE = 3;
const MOST_SHARES = 100;

/** Others at the venue: they move its books and trade there, so that resting orders fill. */
export class VenueTraders {
  private isTrading = false;
  private isStopped = false;
  private readonly working: Promise<void>;

  constructor(
    private readonly venue: TestSimulator,
    /** Slugs of the markets they trade in. */
    private readonly markets: readonly string[],
    private readonly random: () => number,
  ) {
    this.working = this.work();
  }

  /** Lets them trade while something else is done. */
  async during<Value>(work: () => Promise<Value>): Promise<Value> {
    this.isTrading = true;
    try {
      return await work();
    } finally {
      this.isTrading = false;
    }
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    await this.working;
  }

  private async work(): Promise<void> {
    while (!this.isStopped) {
      if (this.isTrading) await this.trade();
      await wait(PAUSE_MS);
    }
  }

  private async trade(): Promise<void> {
    await this.venue.step(1);
    await Promise.all(Array.from({ length: PRINTS_AT_ONCE }, () => this.print()));
  }

  private async print(): Promise<void> {
    const { random } = this;
    const slug = this.markets[Math.floor(random() * this.markets.length)] ?? '';
    const isBuy = random() < 0.5;
    // Far through the book, so that it reaches most of the orders on that side.
    const cents = 1 + Math.floor(random() * 50);
    const trade = {
      outcome: random() < 0.5 ? 0 : 1,
      side: isBuy ? 'BUY' : 'SELL',
      size: String(1 + Math.floor(random() * MOST_SHARES)),
      price: ((isBuy ? 100 - cents : cents) / 100).toFixed(2),
    } as const;
    // A market that ends meanwhile has no book any more.
    await this.venue.print(slug, trade).catch(() => undefined);
  }
}
