import { DomainError, formatMicro } from '@app/domain';
import { type BookEvidence, type MarketTerms, topOfBook } from '@app/exchange';
import { OrderBookReader } from '@app/markets';
import { Injectable } from '@nestjs/common';
import { BookSource } from './book-source';

/** Books asked for over REST, each at most a second old. Their hash is verified as they are received. */
@Injectable()
export class RestBookSource extends BookSource {
  constructor(private readonly books: OrderBookReader) {
    super();
  }

  override async read(terms: MarketTerms, outcomeIndex: number, notBefore: Date | null): Promise<BookEvidence> {
    const tokenId = terms.tokenIds[outcomeIndex];
    const found = tokenId === undefined ? null : await this.books.findBook(tokenId, notBefore);
    if (found === null) {
      const message = `Market ${terms.marketId} has no order book: Polymarket keeps none for ${terms.outcomes[outcomeIndex] ?? `outcome ${outcomeIndex}`}.`;
      throw new DomainError('MARKET.NO_ORDER_BOOK', message);
    }
    const { book, receivedAt } = found;
    const { bestBid, bestAsk, spread } = topOfBook(book);
    // A2: a book that crosses itself is not the whole truth; a later snapshot mends it.
    const isCrossed = bestBid !== null && bestAsk !== null && spread !== null && spread <= 0n;
    const reason = isCrossed
      ? `its best bid ${formatMicro(bestBid)} is not below its best ask ${formatMicro(bestAsk)}`
      : null;
    const state = isCrossed ? 'recovering' : 'live';
    return { state, reason, book, source: 'rest', sequence: null, hash: book.hash, receivedAt };
  }
}
