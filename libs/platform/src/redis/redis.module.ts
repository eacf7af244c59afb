import {
  type DynamicModule,
  Inject,
  Injectable,
  Logger,
  Module,
  type OnApplicationShutdown,
  Optional,
} from '@nestjs/common';
import type { Redis } from 'ioredis';
import { Clock } from '../clock';
import { HealthIndicator, type HealthReport } from '../health/health-indicator';
import { HealthRegistry } from '../health/health-registry';
import { HeartbeatStore } from '../heartbeat/heartbeat-store';
import { InProcessHeartbeatStore } from '../heartbeat/in-process-heartbeat-store';
import { RedisHeartbeatStore } from '../heartbeat/redis-heartbeat-store';
import { InProcessRateCounter } from '../rate-counter/in-process-rate-counter';
import { RateCounter } from '../rate-counter/rate-counter';
import { RedisRateCounter } from '../rate-counter/redis-rate-counter';
import { InProcessRateWindow } from '../rate-window/in-process-rate-window';
import { RateWindow } from '../rate-window/rate-window';
import { RedisRateWindow } from '../rate-window/redis-rate-window';
import { connectRedis, type RedisConfig } from './redis-connection';

const REDIS = Symbol('REDIS');

/** Reports Redis; without one the ports live in this process, which is as healthy as the process itself. */
@Injectable()
class RedisHealth extends HealthIndicator implements OnApplicationShutdown {
  override readonly name = 'redis';
  override readonly isEssential = false;

  constructor(
    @Optional() @Inject(REDIS) private readonly redis: Redis | null,
    registry: HealthRegistry,
  ) {
    super();
    registry.register(this);
  }

  override async check(): Promise<HealthReport> {
    if (this.redis === null) return { status: 'up', latencyMs: 0, detail: 'in_process' };
    const startedAt = performance.now();
    try {
      await this.redis.ping();
      return { status: 'up', latencyMs: performance.now() - startedAt };
    } catch (err) {
      return { status: 'down', latencyMs: performance.now() - startedAt, detail: (err as Error).message };
    }
  }

  onApplicationShutdown(): void {
    this.redis?.disconnect();
  }
}

/**
 * Binds the ports that several processes share to one Redis when one is configured, otherwise to adapters inside this process.
 * Global: imported once, by the composition root.
 */
@Module({})
export class RedisModule {
  static forRoot(config: RedisConfig): DynamicModule {
    return {
      module: RedisModule,
      global: true,
      providers: [
        {
          provide: REDIS,
          useFactory: () => {
            const logger = new Logger('Redis');
            return connectRedis(config, (err) => logger.debug({ err, msg: 'Redis connection error' }));
          },
        },
        {
          provide: RateWindow,
          useFactory: (redis: Redis | null, clock: Clock): RateWindow => {
            const alone = new InProcessRateWindow(clock);
            return redis === null ? alone : new RedisRateWindow(redis, alone);
          },
          inject: [REDIS, Clock],
        },
        {
          provide: RateCounter,
          useFactory: (redis: Redis | null, clock: Clock): RateCounter => {
            const alone = new InProcessRateCounter(clock);
            return redis === null ? alone : new RedisRateCounter(redis, alone);
          },
          inject: [REDIS, Clock],
        },
        {
          provide: HeartbeatStore,
          useFactory: (redis: Redis | null, clock: Clock): HeartbeatStore =>
            redis === null ? new InProcessHeartbeatStore(clock) : new RedisHeartbeatStore(redis),
          inject: [REDIS, Clock],
        },
        RedisHealth,
      ],
      exports: [RateWindow, RateCounter, HeartbeatStore],
    };
  }
}
