import { type DynamicModule, Module, type Provider } from '@nestjs/common';
import { APP_FILTER, APP_PIPE } from '@nestjs/core';
import { Clock, SystemClock } from './clock';
import { HealthRegistry } from './health/health-registry';
import { LoggingModule, type LoggingConfig } from './logging/logging.module';
import { Metrics } from './metrics/metrics';
import { ProblemDetailsFilter } from './problems/problem-details.filter';
import { RequestSchemaPipe } from './problems/request-schema.pipe';
import type { RedisConfig } from './redis/redis-connection';
import { RedisModule } from './redis/redis.module';

/** Binds the exception filter and the request schema pipe of an HTTP app; spread into its root module's providers. */
export const HTTP_PROVIDERS: readonly Provider[] = [
  { provide: APP_FILTER, useClass: ProblemDetailsFilter },
  { provide: APP_PIPE, useClass: RequestSchemaPipe },
];

/** What every process stands on: clock, logs, metrics, health and the ports on Redis. Global: imported once, by the composition root. */
@Module({})
export class PlatformModule {
  static forRoot(config: { logging: LoggingConfig; redis: RedisConfig }): DynamicModule {
    return {
      module: PlatformModule,
      global: true,
      imports: [LoggingModule.forRoot(config.logging), RedisModule.forRoot(config.redis)],
      providers: [{ provide: Clock, useClass: SystemClock }, HealthRegistry, Metrics],
      exports: [Clock, HealthRegistry, Metrics],
    };
  }
}
