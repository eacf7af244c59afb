import { DomainError, Market } from '@app/domain';
import { OrderBookSnapshot } from '@app/exchange';
import { Clock } from '@app/platform';
import { PolymarketClient } from '@app/polymarket';
import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { MarketCatalogue } from '../catalogue/market-catalogue';
import { getOutcome } from '../catalogue/market-outcome';
import { SingleFlight } from '../single-flight';
import { venueCall } from '../venue-call';

/** How long a book asked for over REST is given again, milliseconds. */
export const BOOK_KEPT_MS = 1_000;
const BOOKS_KEPT = 2_000;

/** An order book and how it was come by. */
export interface ReadOrderBook {
  book: OrderBookSnapshot;
  source: 'rest';
  /** Milliseconds since it was received. */
  ageMs: number;
}

/** Order books asked for over REST; many askers of one book within a second make one call. */
@Injectable()
export class OrderBookReader {
  private readonly kept: LRUCache<string, { book: OrderBookSnapshot | null; receivedAt: Date }>;
  private readonly asks = new SingleFlight<{ book: OrderBookSnapshot | null; receivedAt: Date }>();

  constructor(
    private readonly catalogue: MarketCatalogue,
    private readonly venue: PolymarketClient,
    private readonly clock: Clock,
  ) {
    const perf = { now: (): number => clock.now().getTime() };
    this.kept = new LRUCache({ max: BOOKS_KEPT, ttl: BOOK_KEPT_MS, perf, ttlResolution: 0 });
  }

  /**
   * @throws DomainError `MARKET.NOT_FOUND`, `MARKET.OUTCOME_NOT_FOUND`, `MARKET.NO_ORDER_BOOK` saying why there is none, or a `VENUE.*`
   * one: a book older than a second is never answered in place of one that cannot be had.
   */
  async getBook(slug: string, outcomeIndex: number): Promise<ReadOrderBook> {
    const { market } = await this.catalogue.getBySlug(slug);
    const { tokenId } = getOutcome(market, outcomeIndex);
    if (tokenId === null) throw noBook(market);
    const { book, receivedAt } = this.kept.get(tokenId) ?? (await this.asks.run(tokenId, () => this.ask(tokenId)));
    if (book === null) throw noBook(market);
    return { book, source: 'rest', ageMs: Math.max(0, this.clock.now().getTime() - receivedAt.getTime()) };
  }

  private async ask(tokenId: string): Promise<{ book: OrderBookSnapshot | null; receivedAt: Date }> {
    const book = await venueCall(() => this.venue.clob.getBook(tokenId, { priority: 'interactive' }));
    const answer = { book, receivedAt: this.clock.now() };
    this.kept.set(tokenId, answer);
    return answer;
  }
}

function noBook(market: Market): DomainError {
  const why = market.closed
    ? 'it is closed'
    : market.clobTokenIds.length === 0
      ? 'it was never tradable in one'
      : market.enableOrderBook
        ? 'Polymarket has opened none yet'
        : 'Polymarket has not enabled one';
  return new DomainError('MARKET.NO_ORDER_BOOK', `Market ${market.slug} has no order book: ${why}.`);
}
