import { MarketsModule } from '@app/markets';
import { Module } from '@nestjs/common';
import { RestBooks } from '../books/rest-books';
import { LiveDataModule } from '../live-data.module';
import { MarketFeeds } from './market-feeds';

/** The markets that clients of this process watch. Stands on the global platform, persistence and venue modules. */
@Module({
  imports: [LiveDataModule, MarketsModule],
  providers: [RestBooks, MarketFeeds],
  exports: [RestBooks, MarketFeeds],
})
export class LiveFeedsModule {}
