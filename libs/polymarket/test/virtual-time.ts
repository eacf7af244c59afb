import { setImmediate as turn } from 'node:timers/promises';
import type { Clock } from '@app/platform';

/** A clock and a sleep that only move when the test says so, or by themselves when `flowing`: every sleep then ends at once. */
export class VirtualTime {
  nowMs = Date.UTC(2026, 5, 1);
  /** Every sleep asked for, ms. */
  readonly slept: number[] = [];
  private sleepers: { wakeAt: number; wake: () => void }[] = [];

  constructor(private readonly flowing = false) {}

  readonly clock: Clock = { now: () => new Date(this.nowMs) };

  readonly sleep = (ms: number, signal?: AbortSignal): Promise<void> => {
    this.slept.push(ms);
    if (signal?.aborted === true) return Promise.resolve();
    if (this.flowing) {
      this.nowMs += ms;
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      const sleeper = { wakeAt: this.nowMs + ms, wake: resolve };
      this.sleepers.push(sleeper);
      signal?.addEventListener('abort', () => {
        this.sleepers = this.sleepers.filter((other) => other !== sleeper);
        resolve();
      });
    });
  };

  /** Moves on, waking each sleeper at its own moment and letting it act before the next. */
  async advance(ms: number): Promise<void> {
    const end = this.nowMs + ms;
    for (;;) {
      await settle();
      const next = this.sleepers.reduce((least, { wakeAt }) => Math.min(least, wakeAt), Infinity);
      if (next > end) break;
      this.nowMs = next;
      const due = this.sleepers.filter(({ wakeAt }) => wakeAt <= next);
      this.sleepers = this.sleepers.filter(({ wakeAt }) => wakeAt > next);
      for (const { wake } of due) wake();
    }
    this.nowMs = end;
    await settle();
  }
}

/** Lets every promise that can go on do so. */
export async function settle(): Promise<void> {
  for (let count = 0; count < 3; count += 1) await turn();
}
