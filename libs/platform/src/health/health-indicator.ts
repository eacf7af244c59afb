export type HealthState = 'up' | 'degraded' | 'down';

export interface HealthReport {
  status: HealthState;
  /** How long the check took, milliseconds. */
  latencyMs: number;
  /** What is wrong or worth knowing, one sentence without addresses that carry passwords. */
  detail?: string;
}

/** Something whose health this process reports. It registers itself with the `HealthRegistry`. */
export abstract class HealthIndicator {
  /** Unique name in the health answer, snake_case. */
  abstract readonly name: string;
  /** While an essential one is down the process is unhealthy and not ready for traffic. */
  abstract readonly isEssential: boolean;
  abstract check(): Promise<HealthReport>;
}
