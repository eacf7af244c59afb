import { MarketsModule } from '@app/markets';
import { type DynamicModule, Module } from '@nestjs/common';
import { TRADING_OPTIONS, type TradingOptions } from './trading.options';

/**
 * What decides about orders and keeps portfolios, in the api and in workers. Stands on the global persistence and platform modules and a
 * `PolymarketClient`. Global: imported once, by the composition root, because a process has one memory of portfolios and one queue for each.
 */
@Module({})
export class TradingModule {
  static forRoot(options: TradingOptions): DynamicModule {
    return {
      module: TradingModule,
      global: true,
      imports: [MarketsModule],
      providers: [{ provide: TRADING_OPTIONS, useValue: options }],
      exports: [],
    };
  }
}
