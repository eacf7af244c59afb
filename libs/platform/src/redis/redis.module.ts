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
import { BookStore } from '../book-store/book-store';
import { InProcessBookStore } from '../book-store/in-process-book-store';
import { RedisBookStore } from '../book-store/redis-book-store';
import { InProcessMessageBus } from '../bus/in-process-message-bus';
import { MessageBus } from '../bus/message-bus';
import { RedisMessageBus } from '../bus/redis-message-bus';
import { Clock } from '../clock';
import { HealthIndicator, type HealthReport } from '../health/health-indicator';
import { HealthRegistry } from '../health/health-registry';
import { HeartbeatStore } from '../heartbeat/heartbeat-store';
import { InProcessHeartbeatStore } from '../heartbeat/in-process-heartbeat-store';
import { RedisHeartbeatStore } from '../heartbeat/redis-heartbeat-store';
import { InProcessInterestStore } from '../interest/in-process-interest-store';
import { InterestStore } from '../interest/interest-store';
import { RedisInterestStore } from '../interest/redis-interest-store';
import { InProcessLeases } from '../leases/in-process-leases';
import { Leases } from '../leases/leases';
import { RedisLeases } from '../leases/redis-leases';
import { InProcessLocks } from '../locks/in-process-locks';
import { Locks } from '../locks/locks';
import { RedisLocks } from '../locks/redis-locks';
import { Metrics } from '../metrics/metrics';
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
        {
          provide: MessageBus,
          useFactory: (redis: Redis | null, metrics: Metrics): MessageBus | Promise<MessageBus> =>
            redis === null ? new InProcessMessageBus() : RedisMessageBus.open(redis, metrics.registry),
          inject: [REDIS, Metrics],
        },
        {
          provide: BookStore,
          useFactory: (redis: Redis | null, clock: Clock): BookStore =>
            redis === null ? new InProcessBookStore(clock) : new RedisBookStore(redis),
          inject: [REDIS, Clock],
        },
        {
          provide: Leases,
          useFactory: (redis: Redis | null, clock: Clock): Leases =>
            redis === null ? new InProcessLeases(clock) : new RedisLeases(redis),
          inject: [REDIS, Clock],
        },
        {
          provide: Locks,
          useFactory: (redis: Redis | null, clock: Clock): Locks =>
            redis === null ? new InProcessLocks(clock) : new RedisLocks(redis),
          inject: [REDIS, Clock],
        },
        {
          provide: InterestStore,
          useFactory: (redis: Redis | null, clock: Clock): InterestStore =>
            redis === null ? new InProcessInterestStore(clock) : new RedisInterestStore(redis),
          inject: [REDIS, Clock],
        },
        RedisHealth,
      ],
      exports: [RateWindow, RateCounter, HeartbeatStore, MessageBus, BookStore, Leases, Locks, InterestStore],
    };
  }
}
