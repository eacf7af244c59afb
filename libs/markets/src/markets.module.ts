import { Module } from '@nestjs/common';
import { MarketCatalogue } from './catalogue/market-catalogue';
import { MarketIntake } from './catalogue/market-intake';
import { OpenInterestService } from './open-interest/open-interest.service';
import { OrderBookReader } from './order-book/order-book-reader';
import { PriceHistoryService } from './price-history/price-history.service';
import { MarketRefreshService } from './refresh/market-refresh.service';
import { VenueResults } from './results/venue-results';

/** What clients can ask about markets. Stands on the global persistence, platform and venue modules. */
@Module({
  providers: [
    MarketIntake,
    MarketCatalogue,
    PriceHistoryService,
    OrderBookReader,
    OpenInterestService,
    MarketRefreshService,
    VenueResults,
  ],
  exports: [
    MarketCatalogue,
    PriceHistoryService,
    OrderBookReader,
    OpenInterestService,
    MarketRefreshService,
    VenueResults,
  ],
})
export class MarketsModule {}
