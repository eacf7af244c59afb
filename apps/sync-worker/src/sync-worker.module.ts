import { MarketSyncModule } from '@app/markets';
import { DynamicModule, Module } from '@nestjs/common';
import { ScheduleModule } from '@nestjs/schedule';
import { SyncRunner } from './sync-runner';
import { SYNC_WORKER_OPTIONS, SyncWorkerOptions } from './sync-worker.options';
import { RefreshJobTask } from './tasks/refresh-job.task';
import { SettlementTask } from './tasks/settlement.task';
import { SyncTask } from './tasks/sync.task';
import { tradingTasks } from './tasks/trading-tasks';
import { TradingRunner } from './trading-runner';

/**
 * The scheduled syncs, the jobs on demand and the tasks of trading; they begin when the application has started. Stands on what its composition root makes
 * global: the platform, persistence and trading modules and a `PolymarketClient`.
 */
@Module({})
export class SyncWorkerModule {
  static forRoot(options: SyncWorkerOptions): DynamicModule {
    return {
      module: SyncWorkerModule,
      imports: [ScheduleModule.forRoot(), MarketSyncModule],
      providers: [
        { provide: SYNC_WORKER_OPTIONS, useValue: options },
        SyncTask,
        RefreshJobTask,
        SyncRunner,
        SettlementTask,
        tradingTasks,
        TradingRunner,
      ],
    };
  }
}
