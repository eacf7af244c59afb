import { LiveFeedsModule } from '@app/live-data';
import { MarketsModule } from '@app/markets';
import { PortfoliosModule } from '@app/trading';
import { type DynamicModule, Module } from '@nestjs/common';
import { DEFAULT_LIVE_OPTIONS, LIVE_OPTIONS, type LiveOptions } from './live.options';
import { LiveGateway } from './live.gateway';
import { LiveMetrics } from './live-metrics';
import { LiveSessions } from './live-sessions';
import { SessionServices } from './session-services';
import { WatchedMarkets } from './watched-markets';

/**
 * Live data over WebSockets.
 * @param auth the module that exports `RequestAuthenticator`
 * @param throttling the module that exports `AccountRequests`
 */
@Module({})
export class LiveModule {
  static forRoot(auth: DynamicModule, throttling: DynamicModule, options: Partial<LiveOptions> = {}): DynamicModule {
    return {
      module: LiveModule,
      imports: [auth, throttling, LiveFeedsModule, MarketsModule, PortfoliosModule],
      providers: [
        { provide: LIVE_OPTIONS, useValue: { ...DEFAULT_LIVE_OPTIONS, ...options } },
        WatchedMarkets,
        SessionServices,
        LiveMetrics,
        LiveSessions,
        LiveGateway,
      ],
      exports: [WatchedMarkets],
    };
  }
}
