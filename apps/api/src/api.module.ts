import { LiveDataModule, LiveFeedsModule } from '@app/live-data';
import { MarketsModule } from '@app/markets';
import { HTTP_PROVIDERS } from '@app/platform';
import { PortfoliosModule } from '@app/trading';
import { type DynamicModule, Module } from '@nestjs/common';
import { AuditController } from './admin/audit.controller';
import { RateLimitsController } from './admin/rate-limits.controller';
import { SettingsController } from './admin/settings.controller';
import { UsersController } from './admin/users.controller';
import type { AccessTokenOptions } from './auth/access-token.module';
import { AuthController } from './auth/auth.controller';
import { AuthModule } from './auth/auth.module';
import { HealthController } from './health/health.controller';
import { API_VERSION, HealthService } from './health/health.service';
import type { LiveOptions } from './live/live.options';
import { LiveModule } from './live/live.module';
import { MarketStreamController } from './market-stream/market-stream.controller';
import { MarketStreamService } from './market-stream/market-stream.service';
import { DisplayedBooks } from './markets/displayed-books';
import { MarketRefreshController } from './markets/market-refresh.controller';
import { MarketsController } from './markets/markets.controller';
import { LedgerController } from './portfolios/ledger.controller';
import { OrderBatchController } from './portfolios/order-batch.controller';
import { OrdersController } from './portfolios/orders.controller';
import { PerformanceController } from './portfolios/performance.controller';
import { PortfoliosController } from './portfolios/portfolios.controller';
import { PositionsController } from './portfolios/positions.controller';
import { SetsController } from './portfolios/sets.controller';
import { TradesController } from './portfolios/trades.controller';
import { ThrottlingModule } from './throttling/throttling.module';

export interface ApiOptions {
  auth: AccessTokenOptions;
  /** Version told by /health and the OpenAPI document. */
  version: string;
  /** How connections of /ws/live are kept, where it is not as usual. */
  live?: Partial<LiveOptions>;
}

/**
 * Every route of the api. Stands on what its composition root makes global: the platform, persistence, accounts and trading modules and
 * a `PolymarketClient`.
 */
@Module({})
export class ApiModule {
  static forRoot(options: ApiOptions): DynamicModule {
    const auth = AuthModule.forRoot(options.auth);
    const throttling = ThrottlingModule.forRoot(auth);
    return {
      module: ApiModule,
      imports: [
        MarketsModule,
        PortfoliosModule,
        LiveDataModule,
        LiveFeedsModule,
        auth,
        throttling,
        LiveModule.forRoot(auth, throttling, options.live),
      ],
      controllers: [
        HealthController,
        AuthController,
        UsersController,
        SettingsController,
        RateLimitsController,
        AuditController,
        // The refresh routes come first: their fixed paths must not be taken for a slug or an id.
        MarketRefreshController,
        MarketsController,
        MarketStreamController,
        PortfoliosController,
        PositionsController,
        LedgerController,
        SetsController,
        OrdersController,
        OrderBatchController,
        TradesController,
        PerformanceController,
      ],
      providers: [
        ...HTTP_PROVIDERS,
        HealthService,
        MarketStreamService,
        DisplayedBooks,
        { provide: API_VERSION, useValue: options.version },
      ],
    };
  }
}
