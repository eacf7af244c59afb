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
  /** When the answer had been received. */
  receivedAt: Date;
  /** Milliseconds since then. */
  ageMs: number;
}

/** One answer to the question for a token's book; `book` is null when the venue keeps none. */
interface BookAnswer {
  book: OrderBookSnapshot | null;
  askedAt: Date;
  receivedAt: Date;
}

/** Order books asked for over REST; many askers of one book within a second make one call. */
@Injectable()
export class OrderBookReader {
  private readonly kept: LRUCache<string, BookAnswer>;
  private readonly asks = new SingleFlight<BookAnswer>();

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
    const read = tokenId === null ? null : await this.findBook(tokenId);
    if (read === null) throw noBook(market);
    return read;
  }

  /**
   * Returns a token's book as it was at most a second ago, and not asked for before a moment, not in the future, when one is given; null
   * when the venue keeps none.
   * @throws DomainError `VENUE.*`
   */
  async findBook(tokenId: string, notBefore: Date | null = null): Promise<ReadOrderBook | null> {
    const isLateEnough = (answer: BookAnswer): boolean => notBefore === null || answer.askedAt >= notBefore;
    const ask = (): Promise<BookAnswer> => this.asks.run(tokenId, () => this.ask(tokenId));
    let answer = this.kept.get(tokenId);
    // The call that is joined may have begun too early; the next one begins after this moment.
    if (answer === undefined || !isLateEnough(answer)) answer = await ask();
    if (!isLateEnough(answer)) answer = await ask();
    const { book, receivedAt } = answer;
    if (book === null) return null;
    return { book, source: 'rest', receivedAt, ageMs: Math.max(0, this.clock.now().getTime() - receivedAt.getTime()) };
  }

  private async ask(tokenId: string): Promise<BookAnswer> {
    const askedAt = this.clock.now();
    const book = await venueCall(() => this.venue.clob.getBook(tokenId, { priority: 'interactive' }));
    const answer = { book, askedAt, receivedAt: this.clock.now() };
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
