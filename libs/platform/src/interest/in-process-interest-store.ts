import type { Clock } from '../clock';
import { ExpiringMap } from '../expiring-map';
import { type Interest, interestError, InterestStore } from './interest-store';

/** How often holders are looked for whose interests all expired, milliseconds. */
const SWEEP_EVERY_MS = 10_000;

/** What is wanted by holders that share this process. */
export class InProcessInterestStore extends InterestStore {
  private readonly byHolder = new Map<string, ExpiringMap<true>>();
  private sweptAtMs = 0;

  constructor(private readonly clock: Clock) {
    super();
  }

  override add(interests: readonly Interest[], ttlMs: number): Promise<void> {
    const refusal = interestError(interests);
    if (refusal !== null) return Promise.reject(refusal);
    const nowMs = this.clock.now().getTime();
    this.sweep(nowMs);
    const expiresAtMs = nowMs + ttlMs;
    for (const { subject, holder } of interests) {
      const subjects = this.byHolder.get(holder) ?? new ExpiringMap<true>(this.clock);
      this.byHolder.set(holder, subjects);
      if ((subjects.expiryOf(subject) ?? 0) < expiresAtMs) subjects.set(subject, true, ttlMs);
    }
    return Promise.resolve();
  }

  override prolong(interests: readonly Interest[], ttlMs: number): Promise<void> {
    const expiresAtMs = this.clock.now().getTime() + ttlMs;
    for (const { subject, holder } of interests) {
      const subjects = this.byHolder.get(holder);
      if ((subjects?.expiryOf(subject) ?? expiresAtMs) < expiresAtMs) subjects?.keep(subject, ttlMs);
    }
    return Promise.resolve();
  }

  override remove(interests: readonly Interest[]): Promise<void> {
    for (const { subject, holder } of interests) this.byHolder.get(holder)?.delete(subject);
    return Promise.resolve();
  }

  override removeAll(holder: string): Promise<string[]> {
    const subjects = this.subjectsOf(holder);
    this.byHolder.delete(holder);
    return Promise.resolve(subjects);
  }

  override list(): Promise<Interest[]> {
    const wanted = [...this.byHolder.keys()].flatMap((holder) =>
      this.subjectsOf(holder).map((subject) => ({ subject, holder })),
    );
    return Promise.resolve(wanted);
  }

  override listOf(holder: string): Promise<string[]> {
    return Promise.resolve(this.subjectsOf(holder));
  }

  /** How many holders are remembered. */
  get holderCount(): number {
    return this.byHolder.size;
  }

  private sweep(nowMs: number): void {
    if (Math.abs(nowMs - this.sweptAtMs) < SWEEP_EVERY_MS) return;
    this.sweptAtMs = nowMs;
    for (const holder of this.byHolder.keys()) {
      if (this.subjectsOf(holder).length === 0) this.byHolder.delete(holder);
    }
  }

  private subjectsOf(holder: string): string[] {
    return (this.byHolder.get(holder)?.keys() ?? []).sort();
  }
}
