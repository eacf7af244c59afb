import { TradingRepository } from '@app/persistence';
import { Clock } from '@app/platform';
import { Inject, Injectable } from '@nestjs/common';
import { AccountDecisions } from '../account/account-decisions';
import { TRADING_OPTIONS, type TradingOptions } from '../trading.options';
import { Waiting } from '../waiting';
import { RestingMarket, type RestingMarketRef } from './resting-market';
import { RestingMetrics } from './resting-metrics';

/** Keeps the resting orders of markets, for whoever follows their books. */
@Injectable()
export class RestingOrders {
  constructor(
    private readonly decisions: AccountDecisions,
    private readonly repository: TradingRepository,
    private readonly waiting: Waiting,
    private readonly clock: Clock,
    @Inject(TRADING_OPTIONS) private readonly options: TradingOptions,
    private readonly metrics: RestingMetrics,
  ) {}

  /**
   * Takes over the resting orders of a market as they are stored. Nothing fills until a whole book of it comes.
   * @throws DomainError `STORE.UNAVAILABLE`
   */
  async open(market: RestingMarketRef): Promise<RestingMarket> {
    const { decisions, repository, waiting, clock, options, metrics } = this;
    const opened = new RestingMarket(market, { decisions, repository, waiting, clock, options, metrics });
    try {
      await opened.refresh();
    } catch (error) {
      await opened.stop();
      throw error;
    }
    return opened;
  }
}
