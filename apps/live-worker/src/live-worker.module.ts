import { LiveDataModule } from '@app/live-data';
import { MarketsModule } from '@app/markets';
import { type DynamicModule, Module } from '@nestjs/common';
import { Comparisons } from './following/comparisons';
import { LiveBooks } from './following/live-books';
import { RestingAttendant } from './following/resting-attendant';
import { LiveHealth } from './live-health';
import { LiveMetrics } from './live-metrics';
import { LiveReport } from './live-report';
import { LiveRunner } from './live-runner';
import { LIVE_WORKER_OPTIONS, type LiveWorkerOptions } from './live-worker.options';
import { BookPublisher } from './publishing/book-publisher';
import { recordingProvider } from './recorder/recording';
import { AnnouncedResults } from './settlement/announced-results';
import { WantedMarkets } from './wanted/wanted-markets';

/**
 * Follows the books of wanted markets and lets resting orders meet them; it begins when the application has started. Stands on what its composition root makes global: the
 * platform, persistence and trading modules and a `PolymarketClient`.
 */
@Module({})
export class LiveWorkerModule {
  static forRoot(options: LiveWorkerOptions): DynamicModule {
    return {
      module: LiveWorkerModule,
      imports: [MarketsModule, LiveDataModule],
      providers: [
        { provide: LIVE_WORKER_OPTIONS, useValue: options },
        recordingProvider,
        LiveMetrics,
        BookPublisher,
        LiveBooks,
        Comparisons,
        WantedMarkets,
        RestingAttendant,
        AnnouncedResults,
        LiveRunner,
        LiveReport,
        LiveHealth,
      ],
    };
  }
}
