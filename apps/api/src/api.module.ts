import { MarketsModule } from '@app/markets';
import { HTTP_PROVIDERS } from '@app/platform';
import { type DynamicModule, Module } from '@nestjs/common';
import { AuthModule, type AuthOptions } from './auth/auth.module';
import { HealthController } from './health/health.controller';
import { API_VERSION, HealthService } from './health/health.service';
import { MarketRefreshController } from './markets/market-refresh.controller';
import { MarketsController } from './markets/markets.controller';

export interface ApiOptions {
  auth: AuthOptions;
  /** Version told by /health and the OpenAPI document. */
  version: string;
}

/**
 * Every route of the api. Stands on what its composition root makes global: the platform and persistence modules and a
 * `PolymarketClient`.
 */
@Module({})
export class ApiModule {
  static forRoot(options: ApiOptions): DynamicModule {
    return {
      module: ApiModule,
      imports: [MarketsModule, AuthModule.forRoot(options.auth)],
      // The refresh routes come first: their fixed paths must not be taken for a slug or an id.
      controllers: [HealthController, MarketRefreshController, MarketsController],
      providers: [...HTTP_PROVIDERS, HealthService, { provide: API_VERSION, useValue: options.version }],
    };
  }
}
