import { SettingsService } from '@app/accounts';
import { MarketFeeds } from '@app/live-data';
import { Clock, MessageBus } from '@app/platform';
import { PortfoliosService } from '@app/trading';
import { Injectable } from '@nestjs/common';
import { AccountRequests } from '../throttling/account-requests';
import { WatchedMarkets } from './watched-markets';

/** What every connection stands on. */
@Injectable()
export class SessionServices {
  constructor(
    readonly markets: WatchedMarkets,
    readonly feeds: MarketFeeds,
    readonly portfolios: PortfoliosService,
    readonly settings: SettingsService,
    readonly requests: AccountRequests,
    readonly bus: MessageBus,
    readonly clock: Clock,
  ) {}
}
