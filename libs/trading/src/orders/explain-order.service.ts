import { DomainError, isWorking, type Order } from '@app/domain';
import { type ExplainContext, explainOrder } from '@app/exchange';
import { Clock } from '@app/platform';
import { Inject, Injectable } from '@nestjs/common';
import { BookSource } from '../books/book-source';
import { TermsReader } from '../terms/terms-reader';
import { TRADING_OPTIONS, type TradingOptions } from '../trading.options';
import type { ExplainedOrder, OrderWithTrades } from './order-request';

type MarketNow = Pick<ExplainContext, 'evidence' | 'tradable'>;

const UNKNOWN: MarketNow = { evidence: null, tradable: null };

/** Tells why orders filled, what they wait for, or why they ended. */
@Injectable()
export class ExplainOrderService {
  constructor(
    private readonly termsReader: TermsReader,
    private readonly books: BookSource,
    private readonly clock: Clock,
    @Inject(TRADING_OPTIONS) private readonly options: TradingOptions,
  ) {}

  async explain({ order, trades }: OrderWithTrades): Promise<ExplainedOrder> {
    const market = isWorking(order) ? await this.readMarket(order) : UNKNOWN;
    const context = { ...market, now: this.clock.now(), resting: null, settings: this.options.exchange };
    return { order, trades, ...explainOrder(order, trades, context) };
  }

  /** What cannot be read is told as not known. */
  private async readMarket(order: Order): Promise<MarketNow> {
    let tradable: ExplainContext['tradable'] = null;
    try {
      const terms = await this.termsReader.getTerms({ tokenId: order.tokenId });
      tradable = terms.tradable;
      return { tradable, evidence: await this.books.read(terms, order.outcomeIndex, null) };
    } catch (error) {
      if (!(error instanceof DomainError) || error.code === 'STORE.UNAVAILABLE') throw error;
      return { tradable, evidence: null };
    }
  }
}
