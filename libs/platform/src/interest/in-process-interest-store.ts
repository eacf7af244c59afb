import type { Clock } from '../clock';
import { ExpiringMap } from '../expiring-map';
import { type Interest, interestError, InterestStore } from './interest-store';

/** What is wanted by holders that share this process. */
export class InProcessInterestStore extends InterestStore {
  private readonly byHolder = new Map<string, ExpiringMap<true>>();

  constructor(private readonly clock: Clock) {
    super();
  }

  override add(interests: readonly Interest[], ttlMs: number): Promise<void> {
    const refusal = interestError(interests);
    if (refusal !== null) return Promise.reject(refusal);
    const expiresAtMs = this.clock.now().getTime() + ttlMs;
    for (const { subject, holder } of interests) {
      const subjects = this.byHolder.get(holder) ?? new ExpiringMap<true>(this.clock);
      this.byHolder.set(holder, subjects);
      if ((subjects.expiryOf(subject) ?? 0) < expiresAtMs) subjects.set(subject, true, ttlMs);
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
    const wanted: Interest[] = [];
    for (const holder of this.byHolder.keys()) {
      const subjects = this.subjectsOf(holder);
      if (subjects.length === 0) this.byHolder.delete(holder);
      for (const subject of subjects) wanted.push({ subject, holder });
    }
    return Promise.resolve(wanted);
  }

  override listOf(holder: string): Promise<string[]> {
    return Promise.resolve(this.subjectsOf(holder));
  }

  private subjectsOf(holder: string): string[] {
    return (this.byHolder.get(holder)?.keys() ?? []).sort();
  }
}
