import { MarketsModule } from '@app/markets';
import { type DynamicModule, Module } from '@nestjs/common';
import { AccountDecisions } from './account/account-decisions';
import { BookSource } from './books/book-source';
import { RestBookSource } from './books/rest-book-source';
import { OrderExecution } from './orders/order-execution';
import { OrderUpkeep } from './orders/order-upkeep';
import { TermsReader } from './terms/terms-reader';
import { TRADING_OPTIONS, type TradingOptions } from './trading.options';
import { TimerWaiting, Waiting } from './waiting';

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
      providers: [
        { provide: TRADING_OPTIONS, useValue: options },
        { provide: Waiting, useClass: TimerWaiting },
        { provide: BookSource, useClass: RestBookSource },
        TermsReader,
        AccountDecisions,
        OrderExecution,
        OrderUpkeep,
      ],
      exports: [TRADING_OPTIONS, Waiting, BookSource, TermsReader, AccountDecisions, OrderExecution, OrderUpkeep],
    };
  }
}
