import { Clock, RateWindow } from '@app/platform';
import { DynamicModule, Module } from '@nestjs/common';
import { PolymarketClient } from './polymarket.client';
import { VenueOptions } from './transport/venue-transport';

/** Provides {@link PolymarketClient}; `Clock` and `RateWindow` come from the platform's global modules. */
@Module({})
export class PolymarketModule {
  static forRoot(options: VenueOptions): DynamicModule {
    return {
      module: PolymarketModule,
      providers: [
        {
          provide: PolymarketClient,
          useFactory: (clock: Clock, rateWindow: RateWindow) => new PolymarketClient(options, { clock, rateWindow }),
          inject: [Clock, RateWindow],
        },
      ],
      exports: [PolymarketClient],
    };
  }
}
