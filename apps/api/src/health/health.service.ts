import type { ComponentHealthBody, HealthBody, UpstreamHealthBody } from '@app/contracts';
import { DATABASE_NAMES } from '@app/persistence';
import { Clock, type HealthReport, HealthRegistry, HeartbeatStore, type Heartbeat } from '@app/platform';
import { type FamilyStatus, PolymarketClient } from '@app/polymarket';
import { Inject, Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';

export const API_VERSION = Symbol('API_VERSION');

/** A worker that has not been heard of for this long is not alive, milliseconds. */
const HEARTBEAT_ALIVE_MS = 60_000;
/** The venue is asked again when no call has told how it is for this long, milliseconds. */
const UPSTREAM_KNOWN_MS = 30_000;

const REDIS = 'redis';
const UNCHECKED: ComponentHealthBody = { status: 'down', latency_ms: null, detail: 'not checked' };

/** What the process says about itself and what it depends on. */
@Injectable()
export class HealthService implements OnApplicationBootstrap {
  private readonly logger = new Logger('Health');
  private underway: Promise<HealthBody> | null = null;
  private probing = false;

  constructor(
    private readonly registry: HealthRegistry,
    private readonly heartbeats: HeartbeatStore,
    private readonly venue: PolymarketClient,
    private readonly clock: Clock,
    @Inject(API_VERSION) private readonly version: string,
  ) {}

  /** Finds out early where market data comes from, so that the first answers can say so. */
  onApplicationBootstrap(): void {
    this.probeVenue();
  }

  /** Checks everything at once; never rejects. Concurrent asks share one check. */
  check(): Promise<HealthBody> {
    this.underway ??= this.checkNow().finally(() => (this.underway = null));
    return this.underway;
  }

  /** Whether traffic may come here; otherwise the sentence that says why not. */
  async findUnreadiness(): Promise<string | null> {
    const { isReady, checks } = await this.registry.check();
    if (isReady) return null;
    const down = Object.keys(checks).filter((name) => checks[name]?.status === 'down');
    return down.length === 0 ? 'The server is stopping.' : `Cannot be reached: ${down.join(', ')}. See /health.`;
  }

  private async checkNow(): Promise<HealthBody> {
    const now = this.clock.now();
    this.probeVenueWhenUnknown(now);
    const [registered, beats] = await Promise.all([this.registry.check(), this.listHeartbeats()]);
    const components = Object.entries(registered.checks).map(([name, report]) => [name, toComponent(report)] as const);
    const isDatabase = (name: string): boolean => DATABASE_NAMES.some((database) => database === name);
    const workers = beats.map((beat) => toWorker(beat, now));
    const { gamma, clob, data } = this.venue.venue.families;
    const upstream = { gamma: toUpstream(gamma), clob: toUpstream(clob), data: toUpstream(data) };
    const isAmiss =
      workers.some(({ alive }) => !alive) || Object.values(upstream).some(({ status }) => status === 'down');
    return {
      status: registered.status === 'healthy' && isAmiss ? 'degraded' : registered.status,
      version: this.version,
      uptime_s: Math.round(process.uptime() * 10) / 10,
      checked_at: now.toISOString(),
      databases: Object.fromEntries(components.filter(([name]) => isDatabase(name))),
      redis: components.find(([name]) => name === REDIS)?.[1] ?? UNCHECKED,
      components: Object.fromEntries(components.filter(([name]) => name !== REDIS && !isDatabase(name))),
      workers,
      upstream: { venue: this.venueName(), ...upstream },
    };
  }

  private venueName(): 'polymarket' | 'simulated' | null {
    const { simulated } = this.venue.venue;
    if (simulated === null) return null;
    return simulated ? 'simulated' : 'polymarket';
  }

  private async listHeartbeats(): Promise<Heartbeat[]> {
    try {
      return await this.heartbeats.list();
    } catch (err) {
      this.logger.debug({ err, msg: 'Heartbeats cannot be read' });
      return [];
    }
  }

  private probeVenueWhenUnknown(now: Date): void {
    const known = Object.values(this.venue.venue.families).every((family) => {
      const last = Math.max(family.lastSuccessAt?.getTime() ?? 0, family.lastFailureAt?.getTime() ?? 0);
      return now.getTime() - last < UPSTREAM_KNOWN_MS;
    });
    if (!known) this.probeVenue();
  }

  /** Not awaited: a venue that hangs must not hold up the health answer. */
  private probeVenue(): void {
    if (this.probing) return;
    this.probing = true;
    this.venue.venue
      .probe()
      .catch((err: unknown) => this.logger.debug({ err, msg: 'The venue could not be probed' }))
      .finally(() => (this.probing = false));
  }
}

function toComponent(report: HealthReport): ComponentHealthBody {
  return { status: report.status, latency_ms: Math.round(report.latencyMs * 100) / 100, detail: report.detail ?? null };
}

function toWorker(beat: Heartbeat, now: Date): HealthBody['workers'][number] {
  const ageMs = Math.max(0, now.getTime() - beat.at.getTime());
  return {
    process: beat.process,
    last_heartbeat: beat.at.toISOString(),
    age_s: Math.round(ageMs / 100) / 10,
    alive: ageMs < HEARTBEAT_ALIVE_MS,
    detail: beat.detail,
  };
}

function toUpstream(family: FamilyStatus): UpstreamHealthBody {
  const { lastSuccessAt, lastFailureAt, lastError } = family;
  const isDown = lastFailureAt !== null && (lastSuccessAt === null || lastFailureAt > lastSuccessAt);
  return {
    status: isDown ? 'down' : lastSuccessAt === null ? 'unknown' : 'up',
    last_success_at: lastSuccessAt?.toISOString() ?? null,
    last_failure_at: lastFailureAt?.toISOString() ?? null,
    last_error: lastError,
  };
}
