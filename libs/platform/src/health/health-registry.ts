import { Injectable } from '@nestjs/common';
import type { HealthIndicator, HealthReport } from './health-indicator';

export type HealthStatus = 'healthy' | 'degraded' | 'unhealthy';

export interface Health {
  status: HealthStatus;
  /** True when traffic may come here: nothing essential is down and the process is not stopping. */
  isReady: boolean;
  /** By indicator name. */
  checks: Record<string, HealthReport>;
}

/** Longest a single check may take before it counts as down, milliseconds. */
export const HEALTH_CHECK_TIMEOUT_MS = 2_000;

/** Everything this process can say about the health of what it stands on. */
@Injectable()
export class HealthRegistry {
  private readonly indicators = new Map<string, HealthIndicator>();
  private isStopping = false;

  /** @throws Error when another indicator has the same name */
  register(indicator: HealthIndicator): void {
    if (this.indicators.has(indicator.name)) throw new Error(`two health indicators are named ${indicator.name}`);
    this.indicators.set(indicator.name, indicator);
  }

  /** From now on the process is not ready, so that balancers send nothing new while it stops. */
  beginStopping(): void {
    this.isStopping = true;
  }

  /** Asks every indicator at once. Never rejects: a check that throws or hangs is down. */
  async check(): Promise<Health> {
    const indicators = [...this.indicators.values()];
    const reports = await Promise.all(indicators.map((indicator) => checkWithin(indicator, HEALTH_CHECK_TIMEOUT_MS)));
    const isEssentialDown = indicators.some((one, index) => one.isEssential && reports[index]?.status === 'down');
    const isAllUp = reports.every((report) => report.status === 'up');
    return {
      status: isEssentialDown ? 'unhealthy' : isAllUp ? 'healthy' : 'degraded',
      isReady: !isEssentialDown && !this.isStopping,
      checks: Object.fromEntries(indicators.map((one, index) => [one.name, reports[index] as HealthReport])),
    };
  }
}

async function checkWithin(indicator: HealthIndicator, timeoutMs: number): Promise<HealthReport> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<HealthReport>((resolve) => {
    const report: HealthReport = { status: 'down', latencyMs: timeoutMs, detail: `no answer within ${timeoutMs} ms` };
    timer = setTimeout(resolve, timeoutMs, report);
  });
  const startedAt = performance.now();
  try {
    return await Promise.race([indicator.check(), timeout]);
  } catch (err) {
    return { status: 'down', latencyMs: performance.now() - startedAt, detail: (err as Error).message };
  } finally {
    clearTimeout(timer);
  }
}
