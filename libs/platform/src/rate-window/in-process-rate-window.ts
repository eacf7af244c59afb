import type { Clock } from '../clock';
import { HitLogs } from '../rate-counter/hit-log';
import { RateWindow, windowError } from './rate-window';

/** A window for the callers of one process. */
export class InProcessRateWindow extends RateWindow {
  private readonly logs = new HitLogs();

  constructor(private readonly clock: Clock) {
    super();
  }

  override take(key: string, limit: number, windowMs: number): Promise<number> {
    const refusal = windowError(limit, windowMs);
    if (refusal !== null) return Promise.reject(refusal);
    const now = this.clock.now().getTime();
    const { allowed, resetMs } = this.logs.logOf(`${windowMs}:${key}`, now).hit(now, limit, windowMs);
    return Promise.resolve(allowed ? 0 : Math.min(windowMs, Math.max(1, Math.ceil(resetMs))));
  }
}
