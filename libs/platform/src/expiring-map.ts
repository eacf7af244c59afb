import type { Clock } from './clock';

/** How often expired entries that nobody asks for are looked for, milliseconds. */
const SWEEP_EVERY_MS = 10_000;

/** Values by key, each until its time is over. What has expired is as good as gone, and is gone within ten seconds of use. */
export class ExpiringMap<Value> {
  private readonly kept = new Map<string, { value: Value; expiresAtMs: number }>();
  private sweptAtMs = 0;

  constructor(private readonly clock: Clock) {}

  /** How many entries are held, those included that have expired and were not swept yet. */
  get size(): number {
    return this.kept.size;
  }

  set(key: string, value: Value, ttlMs: number): void {
    const nowMs = this.clock.now().getTime();
    this.sweep(nowMs);
    this.kept.set(key, { value, expiresAtMs: nowMs + ttlMs });
  }

  get(key: string): Value | undefined {
    return this.alive(key)?.value;
  }

  /** Keeps an entry for `ttlMs` from now. Returns whether it is still there. */
  keep(key: string, ttlMs: number): boolean {
    const entry = this.alive(key);
    if (entry === undefined) return false;
    entry.expiresAtMs = this.clock.now().getTime() + ttlMs;
    return true;
  }

  /** When an entry expires, as Unix milliseconds; undefined when it is gone. */
  expiryOf(key: string): number | undefined {
    return this.alive(key)?.expiresAtMs;
  }

  delete(key: string): void {
    this.kept.delete(key);
  }

  keys(): string[] {
    const nowMs = this.clock.now().getTime();
    return [...this.kept].filter(([, { expiresAtMs }]) => expiresAtMs > nowMs).map(([key]) => key);
  }

  private alive(key: string): { value: Value; expiresAtMs: number } | undefined {
    const entry = this.kept.get(key);
    if (entry === undefined || entry.expiresAtMs > this.clock.now().getTime()) return entry;
    this.kept.delete(key);
    return undefined;
  }

  private sweep(nowMs: number): void {
    if (Math.abs(nowMs - this.sweptAtMs) < SWEEP_EVERY_MS) return;
    this.sweptAtMs = nowMs;
    for (const [key, { expiresAtMs }] of this.kept) if (expiresAtMs <= nowMs) this.kept.delete(key);
  }
}
