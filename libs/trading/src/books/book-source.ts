import type { BookEvidence, MarketTerms } from '@app/exchange';

/** Where the books come from that orders meet. */
export abstract class BookSource {
  /**
   * Returns the book of one outcome and how far it can be believed.
   * @param notBefore the book must not be older than this moment, which is not in the future; null when one of a second ago will do
   * @throws DomainError `MARKET.NO_ORDER_BOOK`, `VENUE.*`
   */
  abstract read(terms: MarketTerms, outcomeIndex: number, notBefore: Date | null): Promise<BookEvidence>;
}
