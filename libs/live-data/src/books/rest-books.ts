import type { LiveBook } from '@app/contracts';
import { OrderBookReader } from '@app/markets';
import { Injectable, Logger } from '@nestjs/common';
import type { FeedMarket } from '../feed/market-feed';

const BEGINNING = 'its stream is only beginning';

/** Books of markets nobody follows yet, asked for over REST. */
@Injectable()
export class RestBooks {
  private readonly logger = new Logger('RestBooks');

  constructor(private readonly books: OrderBookReader) {}

  /** Returns a market's canonical book as it was at most a second ago, not live and without a number; null when there is none to be had. Never rejects. */
  async ask(market: FeedMarket): Promise<LiveBook | null> {
    try {
      const read = await this.books.findBook(market.tokenIds[0]);
      if (read === null) return null;
      const { book, receivedAt } = read;
      return {
        ...market,
        owner: '',
        epoch: '',
        sequence: 0,
        state: 'recovering',
        reason: BEGINNING,
        stateSinceMs: receivedAt.getTime(),
        bids: book.bids,
        asks: book.asks,
        tickSize: book.tickSize,
        minOrderSize: book.minOrderSize,
        negRisk: book.negRisk,
        lastTradePrice: book.lastTradePrice,
        hash: book.hash,
        venueTimeMs: book.venueTime.getTime(),
        receivedAtMs: receivedAt.getTime(),
      };
    } catch (err) {
      this.logger.debug({ err, msg: 'A book for a market whose stream is only beginning cannot be had' });
      return null;
    }
  }
}
