import type { Clock } from '../clock';
import { windowError } from '../rate-window/rate-window';
import { HitLogs } from './hit-log';
import { RateCounter, type RateHit } from './rate-counter';

/** Counts the hits of one process. */
export class InProcessRateCounter extends RateCounter {
  private readonly logs = new HitLogs();

  constructor(private readonly clock: Clock) {
    super();
  }

  override hit(key: string, limit: number, windowMs: number): Promise<RateHit> {
    const refusal = windowError(limit, windowMs);
    if (refusal !== null) return Promise.reject(refusal);
    const now = this.clock.now().getTime();
    return Promise.resolve(this.logs.logOf(key, now).hit(now, limit, windowMs));
  }
}
