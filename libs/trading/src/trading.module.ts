import { LiveDataModule } from '@app/live-data';
import { MarketsModule } from '@app/markets';
import { type DynamicModule, Module } from '@nestjs/common';
import { AccountDecisions } from './account/account-decisions';
import { AccountAnnouncer } from './announcing/account-announcer';
import { BookSource } from './books/book-source';
import { LiveBookSource } from './books/live-book-source';
import { RestBookSource } from './books/rest-book-source';
import { OrderExecution } from './orders/order-execution';
import { OrderUpkeep } from './orders/order-upkeep';
import { EquitySnapshotService } from './performance/equity-snapshot.service';
import { PerformanceService } from './performance/performance.service';
import { PriceSeriesReader } from './performance/price-series.reader';
import { RunMemory } from './performance/run-memory';
import { RunReader } from './performance/run-reader';
import { ValuationService } from './performance/valuation.service';
import { RestingMetrics } from './resting/resting-metrics';
import { RestingOrders } from './resting/resting-orders';
import { SettlementService } from './settlement/settlement.service';
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
      imports: [MarketsModule, LiveDataModule],
      providers: [
        { provide: TRADING_OPTIONS, useValue: options },
        { provide: Waiting, useClass: TimerWaiting },
        RestBookSource,
        { provide: BookSource, useClass: LiveBookSource },
        TermsReader,
        AccountAnnouncer,
        AccountDecisions,
        OrderExecution,
        OrderUpkeep,
        RestingMetrics,
        RestingOrders,
        SettlementService,
        ValuationService,
        EquitySnapshotService,
        PriceSeriesReader,
        RunMemory,
        RunReader,
        PerformanceService,
      ],
      exports: [
        TRADING_OPTIONS,
        Waiting,
        BookSource,
        TermsReader,
        AccountDecisions,
        OrderExecution,
        OrderUpkeep,
        RestingOrders,
        SettlementService,
        ValuationService,
        EquitySnapshotService,
        PerformanceService,
      ],
    };
  }
}
