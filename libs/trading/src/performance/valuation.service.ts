import {
  DomainError,
  type FeeSchedule,
  type Mark,
  type MarketOutcomeRef,
  type Portfolio,
  type Position,
  type TokenQuote,
  type Valuation,
  valuePortfolio,
} from '@app/domain';
import { type BookEvidence, type BookLevel, isChargeable, type MarketTerms, topOfBook } from '@app/exchange';
import { forEachLimited, MarketCatalogue, SingleFlight } from '@app/markets';
import { Clock } from '@app/platform';
import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { BookSource } from '../books/book-source';
import { TermsReader } from '../terms/terms-reader';
import { liquidate } from './liquidation';
import { venueQuote } from './venue-quote';

/** How long what was read of a token's price is given again, milliseconds. */
export const QUOTE_REMEMBERED_MS = 5_000;
const QUOTES_REMEMBERED = 5_000;
const TOKENS_AT_ONCE = 8;

/** What is known of a token, whatever is held of it. */
interface ReadToken {
  mark: Mark | null;
  unpricedBecause: string | null;
  /** Null when the book could not be read, or a sale's fee not computed. */
  exit: { bids: readonly BookLevel[]; fees: FeeSchedule | null } | null;
}

/**
 * What portfolios are worth now.
 *
 * Sources of a mark, in this order: the midpoint of the token's order book, while the book is live and has both sides; the quote the venue publishes with the market
 * (best bid and ask, else its price), an hour old at most; none: the position is flagged and in no value. A fill price or a last trade is never a mark.
 * What a sale would bring is known only with a live book, and walks its bids.
 */
@Injectable()
export class ValuationService {
  private readonly remembered: LRUCache<string, ReadToken>;
  private readonly reads = new SingleFlight<ReadToken>();

  constructor(
    private readonly catalogue: MarketCatalogue,
    private readonly terms: TermsReader,
    private readonly books: BookSource,
    private readonly clock: Clock,
  ) {
    this.remembered = new LRUCache({
      max: QUOTES_REMEMBERED,
      ttl: QUOTE_REMEMBERED_MS,
      perf: { now: (): number => clock.now().getTime() },
      ttlResolution: 0,
    });
  }

  /**
   * Values a portfolio with the positions of its run. Marks may be some seconds old. While the venue is away its markets' quotes stand in, and what has none is
   * unpriced: nothing is thrown for that.
   */
  async value(portfolio: Portfolio, positions: Iterable<Position>): Promise<Valuation> {
    const all = [...positions];
    const held = all.filter(({ quantity }) => quantity > 0n);
    const tokens = new Map<string, ReadToken>();
    await forEachLimited(held, TOKENS_AT_ONCE, async (position) => {
      tokens.set(position.tokenId, await this.readToken(position));
    });
    return valuePortfolio(
      portfolio,
      all,
      (position) => quoteOf(position, tokens.get(position.tokenId)),
      this.clock.now(),
    );
  }

  private async readToken(ref: MarketOutcomeRef): Promise<ReadToken> {
    const known = this.remembered.get(ref.tokenId);
    if (known !== undefined) return known;
    return this.reads.run(ref.tokenId, async () => {
      const read = await this.askToken(ref);
      this.remembered.set(ref.tokenId, read);
      return read;
    });
  }

  private async askToken(ref: MarketOutcomeRef): Promise<ReadToken> {
    try {
      const terms = await this.terms.getTerms({ slug: ref.marketId });
      const evidence = terms.tradable === true ? await this.findBook(terms, ref.outcomeIndex) : null;
      const exit = evidence === null || !canCharge(terms.fees) ? null : { bids: evidence.book.bids, fees: terms.fees };
      const price = evidence === null ? null : topOfBook(evidence.book).midpoint;
      if (evidence !== null && price !== null) {
        return { mark: { price, source: 'book', at: evidence.receivedAt }, unpricedBecause: null, exit };
      }
      const { market } = await this.catalogue.getBySlug(ref.marketId);
      return { ...venueQuote(market, ref.outcomeIndex, this.clock.now()), exit };
    } catch (error) {
      if (!(error instanceof DomainError) || error.code === 'STORE.UNAVAILABLE') throw error;
      return { mark: null, unpricedBecause: error.message, exit: null };
    }
  }

  /** Returns the book while it is live; null otherwise, and when it cannot be had. */
  private async findBook(terms: MarketTerms, outcomeIndex: number): Promise<BookEvidence | null> {
    try {
      const evidence = await this.books.read(terms, outcomeIndex, null);
      return evidence.state === 'live' ? evidence : null;
    } catch (error) {
      if (!(error instanceof DomainError) || error.code === 'STORE.UNAVAILABLE') throw error;
      return null;
    }
  }
}

function canCharge(fees: FeeSchedule | null): boolean {
  return fees === null || isChargeable(fees);
}

function quoteOf({ quantity }: Position, token: ReadToken | undefined): TokenQuote {
  if (token === undefined) return { mark: null, unpricedBecause: null, liquidation: null };
  const { mark, unpricedBecause, exit } = token;
  return { mark, unpricedBecause, liquidation: exit === null ? null : liquidate(quantity, exit.bids, exit.fees) };
}
